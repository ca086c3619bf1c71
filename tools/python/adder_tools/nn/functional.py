"""Sums of absolute differences with gradients to train by."""

from __future__ import annotations

from typing import Any, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from . import kernels


class _AdderSums(torch.autograd.Function):
    """`adder_sums` with the gradients of Chen et al. 2020, or those of a power."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, f: Tensor, power: float) -> Tensor:
        ctx.save_for_backward(x, f)
        ctx.power = power
        return kernels.forward(x, f) if power == 1 else kernels.power_forward(x, f, power)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x, f = ctx.saved_tensors
        if ctx.power == 1:
            return (*kernels.backward(x, f, grads[0]), None)
        return (*kernels.power_backward(x, f, grads[0], ctx.power), None)


def adder_sums(x: Tensor, f: Tensor, power: float = 1.0, unit: float = 1.0) -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|ᵖᵒʷᵉʳ.

    With power 1 the gradients are those of Chen et al. (CVPR 2020, section 3.2): x − f for f, and
    clip(f − x, −1, 1) for x; with another unit u, (x − f) / u and clip((f − x) / u, −1, 1). With a power
    above 1 they are the derivatives.

    Args:
        x: receptive fields, one a column, [K, P].
        f: filters, one a row, [O, K].
        power: 1 to 2; the compiler takes networks of power 1 alone.
        unit: above 0.

    Returns:
        [O, P].
    """
    if power == 1 and unit != 1:
        return _AdderSums.apply(x / unit, f / unit, power) * unit  # type: ignore[no-any-return]
    return _AdderSums.apply(x, f, power)  # type: ignore[no-any-return]


def adder2d(
        x: Tensor, f: Tensor, bias: Tensor | None = None, stride: Sequence[int] = (1, 1),
        padding: Sequence[int] = (0, 0, 0, 0), dilation: Sequence[int] = (1, 1), groups: int = 1,
        power: float = 1.0, unit: float = 1.0) -> Tensor:
    """y[n, o, i, j] = −Σ |x − f|ᵖᵒʷᵉʳ over the window and the channels of o's group, plus a bias.

    Args:
        x: images, [N, C, H, W].
        f: filters, [O, C / groups, height, width].
        bias: [O].
        padding: zeros at top, left, bottom and right.

    Returns:
        [N, O, H′, W′].
    """
    top, left, bottom, right = padding
    is_symmetric = (top, left) == (bottom, right)
    padded = x if is_symmetric else F.pad(x, (left, right, top, bottom))
    border = (top, left) if is_symmetric else (0, 0)
    kernel = tuple(f.shape[2:])
    extents = [
        (size + 2 * edge - step * (length - 1) - 1) // by + 1
        for size, edge, step, length, by in zip(padded.shape[2:], border, dilation, kernel, stride)]
    if min(extents) < 1:
        raise ValueError(
            f"a window of {kernel} does not fit the image of {tuple(x.shape[2:])} padded by"
            f" {tuple(padding)}")
    columns = F.unfold(padded, kernel, tuple(dilation), border, tuple(stride))  # [N, K, P]
    sums = [
        adder_sums(part.transpose(0, 1).flatten(1), rows, power, unit)  # [O, N·P]
        for part, rows in zip(columns.chunk(groups, 1), f.flatten(1).chunk(groups))]
    joined = torch.cat(sums) if groups > 1 else sums[0]
    y = joined.view(len(f), len(x), *extents).transpose(0, 1)
    return y if bias is None else y + bias[:, None, None]


def adder_linear(
        x: Tensor, f: Tensor, bias: Tensor | None = None, power: float = 1.0,
        unit: float = 1.0) -> Tensor:
    """y[n, o] = −Σₖ |x[n, k] − f[o, k]|ᵖᵒʷᵉʳ, plus a bias: [N, K] and [O, K] to [N, O]."""
    y = adder_sums(x.t(), f, power, unit).t()
    return y if bias is None else y + bias
