"""Adder layers: convolutions and linear layers of negated absolute differences (Chen et al., 2020)."""

from __future__ import annotations

from typing import Sequence

import torch
from torch import Tensor, nn

from .functional import INPUT_GRADIENTS, adder2d, adder_sums


def _pair(value: int | Sequence[int], name: str, least: int) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or any(not isinstance(v, int) or v < least for v in pair):
        raise ValueError(f"{name}: expected one or two integers of at least {least}, found {value!r}")
    return pair[0], pair[1]


def _borders(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Top, left, bottom and right, as graph files have them."""
    sides = (padding,) * 4 if isinstance(padding, int) else tuple(padding)
    if len(sides) == 2:
        sides = sides * 2
    if len(sides) != 4 or any(not isinstance(v, int) or v < 0 for v in sides):
        raise ValueError(
            f"padding: expected an integer, (height, width) or (top, left, bottom, right), none"
            f" negative, found {padding!r}")
    return sides[0], sides[1], sides[2], sides[3]


class Adder2d(nn.Module):
    """y[n, o, i, j] = −Σ |x − f| over the window and the channels of o's group, plus a bias.

    As `torch.nn.Conv2d`, with absolute differences in place of products. Padding counts as x = 0, and
    so adds −|f|. Its parameter is `adder`, [out_channels, in_channels / groups, height, width], drawn
    from the standard normal distribution; by that name exporter and compiler know the layer.

    Args:
        padding: an integer, (height, width) or (top, left, bottom, right).
        bias: whether there is a parameter `bias`, [out_channels].
        input_gradient: "clip" or "sign", as in `adder_sums`.

    Attributes:
        power: that of the differences, 1 to 2, which `PowerSchedule` lets fall to 1.
        unit: beyond which the gradient of x clips differences, with power 1.
    """

    def __init__(
            self, in_channels: int, out_channels: int, kernel_size: int | Sequence[int],
            stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0,
            dilation: int | Sequence[int] = 1, groups: int = 1, bias: bool = False,
            input_gradient: str = "clip") -> None:
        super().__init__()
        if input_gradient not in INPUT_GRADIENTS:
            raise ValueError(
                f"input_gradient: expected one of {INPUT_GRADIENTS}, found {input_gradient!r}")
        self.input_gradient = input_gradient
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"groups: {groups} does not divide {in_channels} input and {out_channels} output"
                " channels")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = _pair(kernel_size, "kernel_size", 1)
        self.stride, self.dilation = _pair(stride, "stride", 1), _pair(dilation, "dilation", 1)
        self.padding = _borders(padding)
        self.power, self.unit = 1.0, 1.0
        self.adder = nn.Parameter(
            torch.randn(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, images: Tensor) -> Tensor:
        """Maps [N, in_channels, H, W] to [N, out_channels, H′, W′]."""
        if images.dim() != 4 or images.shape[1] != self.in_channels:
            raise ValueError(
                f"expected [N, {self.in_channels}, H, W], found {list(images.shape)}")
        return adder2d(
            images, self.adder, self.bias, self.stride, self.padding, self.dilation, self.groups,
            self.power, self.unit, self.input_gradient)

    def extra_repr(self) -> str:
        return (f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size},"
                f" stride={self.stride}, padding={self.padding}, dilation={self.dilation},"
                f" groups={self.groups}, bias={self.bias is not None}")


class AdderLinear(nn.Module):
    """y[n, o] = −Σₖ |x[n, k] − f[o, k]|, plus a bias: `torch.nn.Linear` with differences.

    Its parameter is `adder`, [out_features, in_features]; `power` and `unit` are as those of `Adder2d`.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = False) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.power, self.unit = 1.0, 1.0
        self.adder = nn.Parameter(torch.randn(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, vectors: Tensor) -> Tensor:
        """Maps [..., in_features] to [..., out_features]."""
        if vectors.shape[-1] != self.in_features:
            raise ValueError(f"expected [..., {self.in_features}], found {list(vectors.shape)}")
        rows = vectors.reshape(-1, self.in_features)
        y = adder_sums(rows.t(), self.adder, self.power, self.unit).t()
        y = y.reshape(*vectors.shape[:-1], self.out_features)
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"{self.in_features}, {self.out_features}, bias={self.bias is not None}"


def adder_layers(model: nn.Module) -> list[Adder2d | AdderLinear]:
    """The adder layers of a model, in the order of its modules."""
    return [module for module in model.modules() if isinstance(module, (Adder2d, AdderLinear))]
