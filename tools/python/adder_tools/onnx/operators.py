"""ONNX's operators as calls of PyTorch's functions.

Each function takes the node's inputs and, by name, its attributes. To add an operator that adderc has
learnt: a line in `_SAME` if PyTorch's function has its arguments, else a function here; what it is in
graph files is in translate.py.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from ..registry import REMEDIES
from ..values import Unsupported
from .building import Builder, Dynamic, Operand, UnknownOperator
from .definitions import DOMAIN
from .functions import padded_avg_pool2d, padded_conv2d, padded_max_pool2d

OPERATORS: dict[tuple[str, str], Callable[..., Any]] = {}

#: Operators without attributes that PyTorch's functions compute as they are.
_SAME: dict[str, Callable[..., Any]] = {
    "Relu": F.relu, "Neg": torch.neg, "Abs": torch.abs, "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh, "HardSwish": F.hardswish, "Add": torch.add, "Sub": torch.sub,
    "Div": torch.div, "MatMul": torch.matmul,
}
_HALF = "train with PyTorch and export the float network; adderc quantizes it itself"
_CONTROL = "export it with the condition as a constant, or with the loop written out"
#: What to do instead of operators that adderc has not.
_REMEDIES = {
    "Softmax": REMEDIES["softmax"], "LogSoftmax": REMEDIES["log_softmax"],
    "ConvTranspose": REMEDIES["conv_transpose2d"],
    "LayerNormalization": REMEDIES["layer_norm"], "GroupNormalization": REMEDIES["group_norm"],
    "InstanceNormalization": REMEDIES["instance_norm"],
    **dict.fromkeys(
        ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
         "QLinearMatMul", "ConvInteger", "MatMulInteger"), _HALF),
    **dict.fromkeys(("If", "Loop", "Scan"), _CONTROL),
}


def unknown_operator(domain: str, name: str) -> UnknownOperator:
    """An operator that the table has not."""
    shown = f"{domain}::{name}" if domain else name
    remedy = _REMEDIES.get(name, "") if not domain else ""
    return UnknownOperator(
        f"{shown}: adderc has no such operation" + (f"; {remedy}" if remedy else ""))


def operator(*names: str, domain: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function for operators."""
    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            OPERATORS[domain, name] = function
        return function

    return add


def constant(operand: Operand, what: str) -> torch.Tensor:
    """A constant input.

    Raises: Unsupported where it depends on the network's input, or is not there.
    """
    if isinstance(operand, torch.Tensor):
        return operand
    raise Unsupported(
        f"{what} that depends on the image; a model file has fixed ones" if operand is not None
        else f"{what} is missing")


def integers(operand: Operand, what: str) -> list[int]:
    """A constant list of integers."""
    return [int(number) for number in constant(operand, what).reshape(-1).tolist()]


def _call(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda b, *inputs: b.call(function, *inputs)


OPERATORS.update((("", name), _call(function)) for name, function in _SAME.items())


# Layers.


def windows(
    x: Dynamic, kernel: Sequence[int], auto_pad: str, dilations: Any, pads: Any, strides: Any
) -> tuple[list[int], list[int], list[int]]:
    """Strides, (top, left, bottom, right) and dilations of windows, as ONNX's attributes say."""
    if len(x.shape) != 4 or len(kernel) != 2:
        raise Unsupported(f"windows over a tensor of shape {x.shape}, expected [N, C, H, W]")
    strides, dilations = list(strides or [1, 1]), list(dilations or [1, 1])
    pads = list(pads or [0, 0, 0, 0])
    if (len(strides), len(dilations), len(pads)) != (2, 2, 4) or min(
        *kernel, *strides, *dilations, *(pad + 1 for pad in pads)
    ) < 1:
        raise Unsupported(
            f"a window of {list(kernel)}, strides {strides}, dilations {dilations}, pads {pads}; "
            "expected two positive numbers each and four pads of at least 0")
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        for size, k, d, s in zip(x.shape[2:], kernel, dilations, strides):
            total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
            small, large = total // 2, total - total // 2
            before.append(small if auto_pad == "SAME_UPPER" else large)
            after.append(large if auto_pad == "SAME_UPPER" else small)
        pads = before + after
    elif auto_pad not in ("NOTSET", "VALID", ""):
        raise Unsupported(f"auto_pad '{auto_pad}'")
    elif auto_pad == "VALID":
        pads = [0, 0, 0, 0]
    return strides, pads, dilations


def _check_weight(x: Dynamic, weight: torch.Tensor, group: int, kernel_shape: Any) -> None:
    if weight.dim() != 4 or list(weight.shape[2:]) != list(kernel_shape or weight.shape[2:]) or (
        group < 1 or len(x.shape) != 4 or x.shape[1] != weight.shape[1] * group
        or weight.shape[0] % group
    ):
        raise Unsupported(
            f"a layer of filters {list(weight.shape)} in {group} groups on {x.shape}, expected "
            "[out, in / groups, height, width] on [N, in, H, W]")


def _check_bias(weight: torch.Tensor, bias: torch.Tensor | None) -> None:
    if bias is not None and tuple(bias.shape) != tuple(weight.shape[:1]):
        raise Unsupported(f"a bias of shape {list(bias.shape)}, expected {list(weight.shape[:1])}")


@operator("Conv")
def _conv(
    b: Builder, x: Dynamic, w: Operand, bias: Operand = None, *, auto_pad: str = "NOTSET",
    dilations: Any = None, group: int = 1, kernel_shape: Any = None, pads: Any = None,
    strides: Any = None, layer: Callable[..., Any] = padded_conv2d,
) -> Any:
    weight = constant(w, "a weight")
    bias = None if bias is None else constant(bias, "a bias")
    _check_weight(x, weight, group, kernel_shape)
    _check_bias(weight, bias)
    steps, borders, distances = windows(
        x, list(weight.shape[2:]), auto_pad, dilations, pads, strides)
    result = b.call(layer, x, weight, bias, steps, borders, distances, group)
    return b.work(result, weight[0].numel())


@operator("Adder2d", domain=DOMAIN)
def _adder2d(
    b: Builder, x: Dynamic, w: Operand, bias: Operand = None, *, dilations: Any = None,
    group: int = 1, pads: Any = None, strides: Any = None,
) -> Any:
    return _conv(
        b, x, w, bias, dilations=dilations, group=group, pads=pads, strides=strides,
        layer=torch.ops.adder_tools.adder2d.default)


@operator("AdderLinear", domain=DOMAIN)
def _adder_linear(b: Builder, x: Dynamic, w: Operand, bias: Operand = None) -> Any:
    weight = constant(w, "a weight")
    bias = None if bias is None else constant(bias, "a bias")
    if len(x.shape) != 2 or weight.dim() != 2 or x.shape[1] != weight.shape[1]:
        raise Unsupported(f"filters {list(weight.shape)} on {x.shape}, expected [out, in] on [N, in]")
    _check_bias(weight, bias)
    return b.work(
        b.call(torch.ops.adder_tools.adder_linear.default, x, weight, bias), weight.shape[1])


@operator("Gemm")
def _gemm(
    b: Builder, x: Operand, w: Operand, c: Operand = None, *, alpha: float = 1.0, beta: float = 1.0,
    transA: int = 0, transB: int = 0,
) -> Any:
    weight = constant(w, "a matrix")
    if not isinstance(x, Dynamic) or transA:
        raise Unsupported("a product of matrices other than vectors [N, F] by a fixed matrix")
    weight = weight if transB else weight.t()
    if alpha != 1:
        weight = weight * alpha
    if c is None:
        return b.call(F.linear, x, weight)
    bias = constant(c, "a bias")
    if bias.dim() > 1 and bias.shape[:-1].numel() != 1:
        raise Unsupported(f"a bias of shape {list(bias.shape)}, which differs from image to image")
    if tuple(bias.shape) != (weight.shape[0],):
        bias = bias.reshape(-1).expand(weight.shape[0]).contiguous()
    return b.call(F.linear, x, weight, bias if beta == 1 else bias * beta)


@operator("BatchNormalization")
def _batch_norm(
    b: Builder, x: Dynamic, scale: Operand, bias: Operand, mean: Operand, variance: Operand, *,
    epsilon: float = 1e-5, momentum: float = 0.9, training_mode: int = 0,
) -> Any:
    if training_mode:
        raise Unsupported(
            "batch norm by the statistics of the batch; a model file has fixed ones: export the model "
            "in evaluation mode")
    given = [constant(o, "a statistic") for o in (mean, variance, scale, bias)]
    if any(list(tensor.shape) != x.shape[1:2] for tensor in given):
        raise Unsupported(
            f"statistics of shapes {[list(tensor.shape) for tensor in given]}, expected one for each "
            f"channel of {x.shape}")
    return b.call(F.batch_norm, x, *given, False, 0.0, epsilon)


# Arithmetic and activations.


@operator("Mul")
def _mul(b: Builder, x: Any, y: Any) -> Any:
    for value, gate in ((x, y), (y, x)):
        if isinstance(value, Dynamic) and isinstance(gate, Dynamic):
            for inner, whole in ((torch.sigmoid, F.silu), (F.hardsigmoid, F.hardswish)):
                if gate.node.target is inner and gate.node.args == (value.node,):
                    return b.call(whole, value)
    return b.call(torch.mul, x, y)


@operator("Sum")
def _sum(b: Builder, *values: Any) -> Any:
    total = values[0]
    for value in values[1:]:
        total = b.call(torch.add, total, value)
    return total


@operator("Clip")
def _clip(b: Builder, x: Dynamic, low: Operand = None, high: Operand = None) -> Any:
    limits = [
        None if o is None else float(constant(o, "a limit").reshape(-1)[0]) for o in (low, high)]
    # Exporters write "no limit" as the largest number.
    return b.call(torch.clamp, x, *(
        None if limit is None or abs(limit) > 3e38 else limit for limit in limits))


@operator("LeakyRelu")
def _leaky_relu(b: Builder, x: Dynamic, *, alpha: float = 0.01) -> Any:
    return b.call(F.leaky_relu, x, alpha)


@operator("PRelu")
def _prelu(b: Builder, x: Dynamic, slope: Operand) -> Any:
    slopes = constant(slope, "a slope")
    if slopes.numel() != max(slopes.shape[-3:-2] or (1,)) and slopes.numel() != 1:
        raise Unsupported(f"slopes of shape {list(slopes.shape)}, expected one for each channel")
    return b.call(F.prelu, x, slopes.reshape(-1))


@operator("HardSigmoid")
def _hard_sigmoid(b: Builder, x: Dynamic, *, alpha: float = 0.2, beta: float = 0.5) -> Any:
    if abs(alpha - 1 / 6) > 1e-6 or beta != 0.5:
        raise Unsupported(f"HardSigmoid of slope {alpha} and offset {beta}, expected 1/6 and 1/2")
    return b.call(F.hardsigmoid, x)


@operator("Gelu")
def _gelu(b: Builder, x: Dynamic, *, approximate: str = "none") -> Any:
    return b.call(F.gelu, x, approximate=approximate)


@operator("Swish")
def _swish(b: Builder, x: Dynamic, *, alpha: float = 1.0) -> Any:
    if alpha != 1:
        raise Unsupported(f"Swish with alpha {alpha}, expected 1")
    return b.call(F.silu, x)


# Pools.


def _symmetric(pads: Sequence[int], kernel: Sequence[int]) -> bool:
    return list(pads[:2]) == list(pads[2:]) and all(2 * p <= k for p, k in zip(pads, kernel))


@operator("MaxPool")
def _max_pool(
    b: Builder, x: Dynamic, *, kernel_shape: Any, auto_pad: str = "NOTSET", ceil_mode: int = 0,
    dilations: Any = None, pads: Any = None, storage_order: int = 0, strides: Any = None,
) -> Any:
    steps, borders, distances = windows(x, kernel_shape, auto_pad, dilations, pads, strides)
    if _symmetric(borders, kernel_shape):
        result = b.call(
            F.max_pool2d, x, kernel_shape, steps, borders[:2], distances, bool(ceil_mode))
    else:
        _check_floor(x, kernel_shape, steps, borders, distances, ceil_mode)
        result = b.call(padded_max_pool2d, x, kernel_shape, steps, borders, distances)
    return b.work(result, math.prod(kernel_shape))


@operator("AveragePool")
def _average_pool(
    b: Builder, x: Dynamic, *, kernel_shape: Any, auto_pad: str = "NOTSET", ceil_mode: int = 0,
    count_include_pad: int = 0, dilations: Any = None, pads: Any = None, strides: Any = None,
) -> Any:
    steps, borders, distances = windows(x, kernel_shape, auto_pad, dilations, pads, strides)
    if distances != [1, 1]:
        raise Unsupported(f"AveragePool with dilations {distances}; adderc has it without")
    if _symmetric(borders, kernel_shape):
        result = b.call(
            F.avg_pool2d, x, kernel_shape, steps, borders[:2], bool(ceil_mode),
            bool(count_include_pad))
    else:
        _check_floor(x, kernel_shape, steps, borders, distances, ceil_mode)
        result = b.call(
            padded_avg_pool2d, x, kernel_shape, steps, borders, bool(count_include_pad))
    return b.work(result, math.prod(kernel_shape))


def _check_floor(
    x: Dynamic, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int],
    dilations: Sequence[int], ceil_mode: int,
) -> None:
    for i in range(2):
        room = x.shape[2 + i] + pads[i] + pads[2 + i] - dilations[i] * (kernel[i] - 1) - 1
        if ceil_mode and room % strides[i]:
            raise Unsupported(
                f"ceil_mode=1 with pads {list(pads)}; choose extents that the windows fill")


@operator("GlobalAveragePool")
def _global_average_pool(b: Builder, x: Dynamic) -> Any:
    return b.call(F.adaptive_avg_pool2d, x, 1)


@operator("GlobalMaxPool")
def _global_max_pool(b: Builder, x: Dynamic) -> Any:
    return b.call(torch.amax, x, [2, 3], True)


def _reduction(function: Callable[..., Any], *, inner: Callable[..., Any] | None = None) -> Any:
    def reduce(
        b: Builder, x: Dynamic, axes_input: Operand = None, *, axes: Any = None, keepdims: int = 1,
        noop_with_empty_axes: int = 0,
    ) -> Any:
        dims = integers(axes_input, "the axes") if axes_input is not None else list(axes or [])
        if not dims and noop_with_empty_axes:
            return x
        value = x if inner is None else b.call(inner, x)
        return b.call(function, value, dims or list(range(len(x.shape))), bool(keepdims))

    return reduce


OPERATORS["", "ReduceMean"] = _reduction(torch.mean)
OPERATORS["", "ReduceMax"] = _reduction(torch.amax)
OPERATORS["", "ReduceSum"] = _reduction(torch.sum)
OPERATORS["", "ReduceL1"] = _reduction(torch.sum, inner=torch.abs)
