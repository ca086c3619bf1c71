"""Sums of absolute differences with gradients to train by."""

from __future__ import annotations

from typing import Any

import torch
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


def adder_sums(x: Tensor, f: Tensor, power: float = 1.0, input_gradient: str = "clip") -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|ᵖᵒʷᵉʳ.

    With power 1 the gradients are those of Chen et al. (CVPR 2020, section 3.2): x − f for f, and
    clip(f − x, −1, 1) for x. With a power above 1 they are the derivatives.

    Args:
        x: receptive fields, one a column, [K, P].
        f: filters, one a row, [O, K].
        power: 1 to 2; the compiler takes networks of power 1 alone.
        input_gradient: one of `INPUT_GRADIENTS`: "sign" takes 1 where f ≥ x and −1 elsewhere
            for x.

    Returns:
        [O, P].
    """
    return _AdderSums.apply(x, f, power, input_gradient)  # type: ignore[no-any-return]


def adder_windows(
        images: Tensor, filters: Tensor, windows: kernels.Windows,
        input_gradient: str = "clip") -> Tensor:
    """y[n, o, i, j] = −Σ |x − f| over the window and the channels of o's group, as `adder_sums` of
    power 1.

    Args:
        images: padded, [N, C, H, W].
        filters: [O, C / groups, height, width].
    """
    return _AdderWindows.apply(  # type: ignore[no-any-return]
        images, filters, windows, input_gradient)
