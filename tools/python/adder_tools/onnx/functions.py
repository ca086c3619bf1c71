"""What ONNX computes and PyTorch has no one function for, with translations to graph files.

`torch.ops.adder_tools.adder2d` and `adder_linear` are adder layers as single operations, which
torch.export keeps as they are.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..lowering import Lowering
from ..nn import functional
from ..registry import translates
from ..values import Poisoned, Unsupported, Value


@torch.library.custom_op("adder_tools::adder2d", mutates_args=())
def adder2d(
    x: Tensor, weight: Tensor, bias: Tensor | None, strides: list[int], pads: list[int],
    dilations: list[int], group: int,
) -> Tensor:
    """−Σ|x − w| + bias; pads are top, left, bottom and right."""
    return functional.adder2d(x, weight, bias, strides, pads, dilations, group).contiguous()


@torch.library.custom_op("adder_tools::adder_linear", mutates_args=())
def adder_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """−Σ|x − w| + bias of vectors [N, K]."""
    return functional.adder_linear(x, weight, bias).contiguous()


@adder2d.register_fake
def _adder2d_shape(
    x: Tensor, weight: Tensor, bias: Tensor | None, strides: list[int], pads: list[int],
    dilations: list[int], group: int,
) -> Tensor:
    extents = [
        (x.shape[2 + i] + pads[i] + pads[2 + i] - dilations[i] * (weight.shape[2 + i] - 1) - 1)
        // strides[i] + 1 for i in range(2)]
    return x.new_empty(x.shape[0], weight.shape[0], *extents)


@adder_linear.register_fake
def _adder_linear_shape(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[0])


def _layer(
    t: Lowering, op: str, x: Value, attributes: dict[str, Any], weight: Any, bias: Any, role: str
) -> Value:
    parameters = {"weight": t.constant(weight, role)}
    if bias is not None:
        parameters["bias"] = t.constant(bias, "bias")
    return t.make(op, [x], attributes, parameters)


@translates("adder2d")
def _adder2d(
    t: Lowering, x: Value, weight: Any, bias: Any, strides: Any, pads: Any, dilations: Any,
    group: int,
) -> Value:
    attributes = {"stride": strides, "padding": pads, "dilation": dilations, "groups": group}
    return _layer(t, "adder2d", x, attributes, weight, bias, "adder")


@translates("adder_linear")
def _adder_linear(t: Lowering, x: Value, weight: Any, bias: Any) -> Value:
    return _layer(t, "adder_linear", x, {}, weight, bias, "adder")


def padded_conv2d(
    x: Tensor, weight: Tensor, bias: Tensor | None, strides: Sequence[int], pads: Sequence[int],
    dilations: Sequence[int], group: int,
) -> Tensor:
    """A convolution with padding at top, left, bottom and right."""
    top, left, bottom, right = pads
    padded = F.pad(x, (left, right, top, bottom)) if any(pads) else x
    return F.conv2d(padded, weight, bias, tuple(strides), 0, tuple(dilations), group)


@translates("padded_conv2d")
def _padded_conv2d(
    t: Lowering, x: Value, weight: Any, bias: Any, strides: Any, pads: Any, dilations: Any,
    group: int,
) -> Value:
    attributes = {"stride": strides, "padding": pads, "dilation": dilations, "groups": group}
    return _layer(t, "conv2d", x, attributes, weight, bias, "weight")


def padded_max_pool2d(
    x: Tensor, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int],
    dilations: Sequence[int],
) -> Tensor:
    """A pool with padding, which never wins, at top, left, bottom and right."""
    top, left, bottom, right = pads
    padded = F.pad(x, (left, right, top, bottom), value=float("-inf"))
    return F.max_pool2d(padded, tuple(kernel), tuple(strides), 0, tuple(dilations))


@translates("padded_max_pool2d")
def _padded_max_pool2d(
    t: Lowering, x: Value, kernel: Any, strides: Any, pads: Any, dilations: Any
) -> Value:
    attributes = {"kernel": kernel, "stride": strides, "padding": pads, "dilation": dilations}
    return t.make("max_pool", [x], attributes)


def padded_avg_pool2d(
    x: Tensor, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int], counts: bool,
) -> Tensor:
    """A mean with padding at top, left, bottom and right, which counts as zeros or not at all."""
    top, left, bottom, right = pads
    borders = (left, right, top, bottom)
    means = F.avg_pool2d(F.pad(x, borders), tuple(kernel), tuple(strides))
    if counts:
        return means
    inside = F.pad(torch.ones_like(x[:1, :1]), borders)
    return means / F.avg_pool2d(inside, tuple(kernel), tuple(strides))


@translates("padded_avg_pool2d")
def _padded_avg_pool2d(
    t: Lowering, x: Value, kernel: Any, strides: Any, pads: Any, counts: bool
) -> Value:
    attributes = {
        "kernel": kernel, "stride": strides, "padding": pads, "count_include_pad": counts}
    return t.make("average_pool", [x], attributes)


def unsupported(x: Tensor, shape: Sequence[int], text: str) -> Tensor:
    """In the place of what cannot be expressed; without a text it follows from something else."""
    return x.new_zeros(tuple(shape))


@translates("unsupported")
def _unsupported(t: Lowering, x: Value, shape: Sequence[int], text: str) -> Value:
    if not text:
        raise Poisoned
    raise Unsupported(text)
