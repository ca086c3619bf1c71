"""Sums of absolute differences with gradients to train by."""

from __future__ import annotations

from typing import Any

import torch
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


def adder_sums(x: Tensor, f: Tensor, power: float = 1.0) -> Tensor:
    """y[o, p] = −Σₖ |x[k, p] − f[o, k]|ᵖᵒʷᵉʳ.

    With power 1 the gradients are those of Chen et al. (CVPR 2020, section 3.2): x − f for f, and
    clip(f − x, −1, 1) for x. With a power above 1 they are the derivatives.

    Args:
        x: receptive fields, one a column, [K, P].
        f: filters, one a row, [O, K].
        power: 1 to 2; the compiler takes networks of power 1 alone.

    Returns:
        [O, P].
    """
    return _AdderSums.apply(x, f, power)  # type: ignore[no-any-return]
