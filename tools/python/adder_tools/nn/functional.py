"""Sums of absolute differences with gradients to train by."""

from __future__ import annotations

from typing import Any, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from . import kernels


#: Slopes of the input: clip(f − x, −1, 1) (Chen et al. 2020), or the sign of f − x (Chen et al., "An
#: Empirical Study of Adder Neural Networks for Object Detection", NeurIPS 2021).
INPUT_GRADIENTS = ("clip", "sign")


class _AdderSums(torch.autograd.Function):
    """`adder_sums` with the gradients of Chen et al. 2020, or those of a power."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, f: Tensor, power: float, input_gradient: str) -> Tensor:
        ctx.save_for_backward(x, f)
        ctx.power, ctx.input_gradient = power, input_gradient
        return kernels.forward(x, f) if power == 1 else kernels.power_forward(x, f, power)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        x, f = ctx.saved_tensors
        if ctx.power == 1:
            return (*kernels.backward(x, f, grads[0], ctx.input_gradient), None, None)
        return (*kernels.power_backward(x, f, grads[0], ctx.power), None, None)


class _AdderWindows(torch.autograd.Function):
    """The sums of a layer's windows, with the same gradients: columns are never stored."""

    @staticmethod
    def forward(
            ctx: Any, images: Tensor, filters: Tensor, windows: kernels.Windows,
            input_gradient: str) -> Tensor:
        ctx.save_for_backward(images, filters)
        ctx.windows, ctx.input_gradient = windows, input_gradient
        return kernels.windows_forward(images, filters, windows)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        images, filters = ctx.saved_tensors
        grad_x, grad_f = kernels.windows_backward(
            images, filters, grads[0], ctx.windows, ctx.input_gradient, ctx.needs_input_grad[:2])
        return grad_x, grad_f, None, None


def adder_sums(
        x: Tensor, f: Tensor, power: float = 1.0, unit: float = 1.0,
        input_gradient: str = "clip") -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|ᵖᵒʷᵉʳ.

    With power 1 the gradients are those of Chen et al. (CVPR 2020, section 3.2): x − f for f, and
    clip(f − x, −1, 1) for x; with another unit u, (x − f) / u and clip((f − x) / u, −1, 1). With a power
    above 1 they are the derivatives.

    Args:
        x: receptive fields, one a column, [K, P].
        f: filters, one a row, [O, K].
        power: 1 to 2; the compiler takes networks of power 1 alone.
        unit: above 0.
        input_gradient: one of `INPUT_GRADIENTS`: "sign" takes, with power 1, 1 where f ≥ x and −1
            elsewhere for x.

    Returns:
        [O, P].
    """
    if power == 1 and unit != 1:
        return adder_sums(x / unit, f / unit, input_gradient=input_gradient) * unit
    return _AdderSums.apply(x, f, power, input_gradient)  # type: ignore[no-any-return]


def adder2d(
        x: Tensor, f: Tensor, bias: Tensor | None = None, stride: Sequence[int] = (1, 1),
        padding: Sequence[int] = (0, 0, 0, 0), dilation: Sequence[int] = (1, 1), groups: int = 1,
        power: float = 1.0, unit: float = 1.0, input_gradient: str = "clip") -> Tensor:
    """y[n, o, i, j] = −Σ |x − f|ᵖᵒʷᵉʳ over the window and the channels of o's group, plus a bias.

    Args:
        x: images, [N, C, H, W].
        f: filters, [O, C / groups, height, width].
        bias: [O].
        padding: zeros at top, left, bottom and right.
        power, unit, input_gradient: as those of `adder_sums`.

    Returns:
        [N, O, H′, W′].
    """
    top, left, bottom, right = padding
    kernel = f.shape[2], f.shape[3]
    windows = kernels.Windows((stride[0], stride[1]), (dilation[0], dilation[1]), groups)
    extents = windows.extents(x.shape[2] + top + bottom, x.shape[3] + left + right, kernel)
    if min(extents) < 1:
        raise ValueError(
            f"a window of {kernel} does not fit the image of {tuple(x.shape[2:])} padded by"
            f" {tuple(padding)}")
    if power == 1 and kernels.has_loops(x, f):
        images = F.pad(x, (left, right, top, bottom)) if any(padding) else x
        if unit != 1:
            images, f = images / unit, f / unit
        sums: Tensor = _AdderWindows.apply(images, f, windows, input_gradient)
        if unit != 1:
            sums = sums * unit
        return sums if bias is None else sums + bias[:, None, None]
    is_symmetric = (top, left) == (bottom, right)
    padded = x if is_symmetric else F.pad(x, (left, right, top, bottom))
    border = (top, left) if is_symmetric else (0, 0)
    columns = F.unfold(padded, kernel, tuple(dilation), border, tuple(stride))  # [N, K, P]
    parts = [
        adder_sums(part.transpose(0, 1).flatten(1), rows, power, unit, input_gradient)  # [O, N·P]
        for part, rows in zip(columns.chunk(groups, 1), f.flatten(1).chunk(groups))]
    joined = torch.cat(parts) if groups > 1 else parts[0]
    y = joined.view(len(f), len(x), *extents).transpose(0, 1)
    return y if bias is None else y + bias[:, None, None]


def adder_linear(
        x: Tensor, f: Tensor, bias: Tensor | None = None, power: float = 1.0,
        unit: float = 1.0) -> Tensor:
    """y[n, o] = −Σₖ |x[n, k] − f[o, k]|ᵖᵒʷᵉʳ, plus a bias: [N, K] and [O, K] to [N, O]."""
    y = adder_sums(x.t(), f, power, unit).t()
    return y if bias is None else y + bias
