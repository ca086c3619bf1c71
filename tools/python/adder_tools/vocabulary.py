"""The operations of graph files (docs/graph-format.md), and what each computes, in numpy.

Values are arrays [N, C, H, W] of doubles, vectors [N, C, 1, 1]. `OPERATIONS` is the one table of
what adderc knows: a new operation is one function here and, if PyTorch has it, one in translate.py.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Attributes = Mapping[str, Any]
Parameters = Mapping[str, Array]
Evaluation = Callable[[Sequence[Array], Attributes, Parameters], Array]

OPERATIONS: dict[str, Evaluation] = {}

#: The elements of the patches that are laid out at once.
LARGEST_PATCHES = 1 << 24


def _operation(evaluate: Evaluation) -> Evaluation:
    OPERATIONS[evaluate.__name__] = evaluate
    return evaluate


def pair(value: Any) -> tuple[int, int]:
    """(height, width) of an integer or a pair."""
    first, second = (value, value) if np.isscalar(value) else value
    return int(first), int(second)  # type: ignore[arg-type]


def padding(attributes: Attributes) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) of the attribute `padding` in any of its three forms."""
    value = attributes.get("padding", 0)
    if np.isscalar(value) or len(value) == 2:
        height, width = pair(value)
        return height, width, height, width
    top, left, bottom, right = value
    return top, left, bottom, right


def _windows(x: Array, attributes: Attributes, kernel: tuple[int, int], fill: float) -> Array:
    """Views [N, C, rows, columns, kernel height, kernel width] of the padded x."""
    top, left, bottom, right = padding(attributes)
    stride = pair(attributes.get("stride", 1))
    dilation = pair(attributes.get("dilation", 1))
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation))
    views = np.lib.stride_tricks.sliding_window_view(x, extents, axis=(2, 3))
    return views[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def _pool_windows(x: Array, attributes: Attributes, fill: float) -> Array:
    kernel = pair(attributes["kernel"])
    return _windows(x, {"stride": kernel, **attributes}, kernel, fill)


def _weight4(weight: Array) -> Array:
    """A weight [out, in, k·k] or [out, in] as [out, in, height, width]."""
    if weight.ndim == 3:
        side = round(weight.shape[2] ** 0.5)
        return weight.reshape(*weight.shape[:2], side, side)
    return weight.reshape(*weight.shape, *(1,) * (4 - weight.ndim))


def _layer(
    x: Array, attributes: Attributes, parameters: Parameters,
    combine: Callable[[Array, Array], Array],
) -> Array:
    """A layer of filters: `combine` of patches [P, K] and filters [out, K] for each group."""
    weight = _weight4(parameters["weight"])
    groups = attributes.get("groups", 1)
    windows = _windows(x, attributes, (weight.shape[2], weight.shape[3]), 0)
    count, channels, rows, columns = windows.shape[:4]
    y = np.empty((count, len(weight), rows, columns))
    inputs, outputs = channels // groups, len(weight) // groups
    # A few rows at a time: patches take as many bytes as the kernel has elements.
    step = max(1, LARGEST_PATCHES // max(1, count * columns * weight[0].size))
    for group in range(groups):
        part = windows[:, group * inputs : (group + 1) * inputs]
        filters = weight[group * outputs : (group + 1) * outputs].reshape(outputs, -1)
        for row in range(0, rows, step):
            patches = part[:, :, row : row + step].transpose(0, 2, 3, 1, 4, 5)
            sums = combine(patches.reshape(-1, filters.shape[1]), filters)
            y[:, group * outputs : (group + 1) * outputs, row : row + step] = sums.reshape(
                count, -1, columns, outputs).transpose(0, 3, 1, 2)
    return y + parameters["bias"].reshape(1, -1, 1, 1) if "bias" in parameters else y


def _differences(patches: Array, filters: Array) -> Array:
    return np.stack([-np.abs(patches - one).sum(1) for one in filters], axis=1)


def _products(patches: Array, filters: Array) -> Array:
    return patches @ filters.T


@_operation
def adder2d(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return _layer(x[0], a, p, _differences)


@_operation
def conv2d(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return _layer(x[0], a, p, _products)


@_operation
def linear(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return _layer(x[0], a, p, _products)


@_operation
def adder_linear(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return _layer(x[0], a, p, _differences)


@_operation
def batch_norm(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    scale = p.get("weight", np.array(1.0)) / np.sqrt(p["running_var"] + a.get("epsilon", 1e-5))
    shift = p.get("bias", np.array(0.0)) - scale * p["running_mean"]
    y: Array = x[0] * scale.reshape(1, -1, 1, 1) + shift.reshape(1, -1, 1, 1)
    return y


@_operation
def affine(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y = x[0]
    if "weight" in p:
        y = y * p["weight"].reshape(1, -1, 1, 1)
    return y + p["bias"].reshape(1, -1, 1, 1) if "bias" in p else y


@_operation
def relu(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.maximum(x[0], 0)


@_operation
def relu6(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.clip(x[0], 0, 6)


@_operation
def leaky_relu(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.where(x[0] >= 0, x[0], x[0] * a.get("slope", 0.01))


@_operation
def prelu(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.where(x[0] >= 0, x[0], x[0] * p["weight"].reshape(1, -1, 1, 1))


@_operation
def hard_sigmoid(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.clip(x[0] + 3, 0, 6) / 6


@_operation
def hard_swish(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return x[0] * np.clip(x[0] + 3, 0, 6) / 6


@_operation
def sigmoid(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y: Array = (1 + np.tanh(x[0] / 2)) / 2
    return y


@_operation
def tanh(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y: Array = np.tanh(x[0])
    return y


@_operation
def silu(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y: Array = x[0] * (1 + np.tanh(x[0] / 2)) / 2
    return y


_erf = np.vectorize(math.erf, otypes=[np.float64])


@_operation
def gelu(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    if a.get("approximate", "none") == "tanh":
        gate = np.tanh(np.sqrt(2 / np.pi) * (x[0] + 0.044715 * x[0] ** 3))
    else:
        gate = _erf(x[0] / np.sqrt(2))
    y: Array = x[0] / 2 * (1 + gate)
    return y


@_operation
def add(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return x[0] + x[1]


@_operation
def concat(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return np.concatenate(list(x), axis=1)


def _rounded_up(x: Array, a: Attributes) -> Attributes:
    """The attributes with the padding that `ceil_mode` adds for one more window."""
    kernel, amounts = pair(a["kernel"]), list(padding(a))
    strides, dilations = pair(a.get("stride", kernel)), pair(a.get("dilation", 1))
    for axis in range(2 if a.get("ceil_mode") else 0):
        extent, stride = x.shape[2 + axis], strides[axis]
        free = (extent + amounts[axis] + amounts[2 + axis]
                - dilations[axis] * (kernel[axis] - 1) - 1)
        if free % stride and (free // stride + 1) * stride < extent + amounts[axis]:
            amounts[2 + axis] += stride - free % stride
    return {**a, "padding": amounts}


@_operation
def max_pool(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y: Array = np.max(_pool_windows(x[0], _rounded_up(x[0], a), -np.inf), axis=(4, 5))
    return y


@_operation
def average_pool(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    rounded = _rounded_up(x[0], a)
    top, left, bottom, right = padding(a)
    ones = np.pad(
        np.ones((1, 1, *x[0].shape[2:])), ((0, 0), (0, 0), (top, bottom), (left, right)),
        constant_values=float(a.get("count_include_pad", True)))
    # What ceil_mode adds to the padding does not count.
    added = {**a, "padding": [0, 0, rounded["padding"][2] - bottom, rounded["padding"][3] - right]}
    y: Array = (
        np.sum(_pool_windows(x[0], rounded, 0), axis=(4, 5))
        / np.sum(_pool_windows(ones, added, 0), axis=(4, 5)))
    return y


@_operation
def adaptive_average_pool(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y = x[0]
    for axis, count in zip((2, 3), pair(a["output"])):
        extent = y.shape[axis]
        y = np.concatenate([
            y.take(range(i * extent // count, -(-(i + 1) * extent // count)), axis).mean(
                axis, keepdims=True) for i in range(count)], axis)
    return y


@_operation
def global_average_pool(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    y: Array = np.mean(x[0], axis=(2, 3), keepdims=True)
    return y


@_operation
def flatten(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    return x[0].reshape(len(x[0]), -1, 1, 1)


@_operation
def upsample_nearest(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    height, width = pair(a["factor"])
    return x[0].repeat(height, axis=2).repeat(width, axis=3)


@_operation
def channel_shuffle(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    groups = x[0].reshape(len(x[0]), a["groups"], -1, *x[0].shape[2:])
    return groups.swapaxes(1, 2).reshape(x[0].shape)


@_operation
def depth_to_space(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    block = a["block"]
    count, channels, rows, columns = x[0].shape
    blocks = x[0].reshape(count, channels // block**2, block, block, rows, columns)
    return blocks.transpose(0, 1, 4, 2, 5, 3).reshape(count, -1, rows * block, columns * block)


@_operation
def zero_pad(x: Sequence[Array], a: Attributes, p: Parameters) -> Array:
    top, left, bottom, right = padding(a)
    return np.pad(x[0], ((0, 0), (0, 0), (top, bottom), (left, right)))
