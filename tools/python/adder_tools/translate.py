"""PyTorch's operations as operations of graph files.

Each function translates the operations of the names that torch, torch.nn.functional, methods of tensors
and ATen give it; its arguments are PyTorch's.

To add an operation that adderc has learnt: its numbers in vocabulary.py, a function here, and a row in
modules.py if it is a module.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from . import adders
from .lowering import Lowering
from .movement import move, same
from .registry import FUNCTIONS, translates, unknown
from .values import Poisoned, Unsupported, Value, graph_shape
from .vocabulary import pair

# Layers.


@translates("conv2d")
def _conv2d(
    t: Lowering, input: Value, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Value:
    parameters = {"weight": t.constant(weight, "weight")}
    if bias is not None:
        parameters["bias"] = t.constant(bias, "bias")
    if input.tensor.dim() != 4:
        raise Unsupported(f"conv2d of a tensor of shape {list(input.tensor.shape)}, expected 4")
    (pads,) = adders._paddings(padding, list(weight.shape[2:]), dilation)
    attributes = {
        "stride": stride, "padding": list(pads), "dilation": dilation, "groups": groups}
    return t.make("conv2d", [input], attributes, parameters)


@translates("convolution")
def _convolution(
    t: Lowering, input: Value, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    transposed: bool, output_padding: Any, groups: int,
) -> Value:
    if transposed:
        raise unknown("conv_transpose2d")
    return _conv2d(t, input, weight, bias, stride, padding, dilation, groups)


@translates("linear")
def _linear(t: Lowering, input: Value, weight: Any, bias: Any = None) -> Value:
    if input.tensor.dim() != 2:
        raise Unsupported(
            f"a linear layer on the last dimension of {list(input.tensor.shape)}; it takes vectors "
            "[N, F], such as flatten(1) makes")
    parameters = {"weight": t.constant(weight, "weight")}
    if bias is not None:
        parameters["bias"] = t.constant(bias, "bias")
    return t.make("linear", [input], {}, parameters)


@translates("matmul", "mm")
def _matmul(t: Lowering, input: Any, other: Any) -> Value:
    if not isinstance(input, Value) or not isinstance(other, torch.Tensor) or other.dim() != 2:
        raise Unsupported("a product of matrices other than vectors [N, F] by a fixed matrix")
    return _linear(t, input, other.t())


@translates("addmm")
def _addmm(t: Lowering, input: Any, mat1: Value, mat2: Any) -> Value:
    return _linear(t, mat1, mat2.t(), input)


@translates("functional_batch_norm")
def _functional_batch_norm(
    t: Lowering, input: Value, running_mean: Any, running_var: Any, weight: Any = None,
    bias: Any = None, training: bool = False, momentum: Any = None, eps: float = 1e-5,
) -> Value:
    if training or running_mean is None or running_var is None:
        raise Unsupported(
            "batch norm by the statistics of the batch; a model file has fixed ones: train with "
            "track_running_stats=True and call model.eval()")
    given = {
        "weight": weight, "bias": bias, "running_mean": running_mean, "running_var": running_var}
    parameters = {role: t.constant(x, role) for role, x in given.items() if x is not None}
    return t.make("batch_norm", [input], {"epsilon": float(eps)}, parameters)


@translates("batch_norm")
def _batch_norm(
    t: Lowering, input: Value, weight: Any, bias: Any, running_mean: Any, running_var: Any,
    training: bool, momentum: Any, eps: float, cudnn_enabled: Any = None,
) -> Value:
    return _functional_batch_norm(
        t, input, running_mean, running_var, weight, bias, training, momentum, eps)


# Arithmetic.


@translates("add")
def _add(t: Lowering, input: Any, other: Any, *, alpha: Any = 1) -> Value:
    if not isinstance(input, Value):
        return t.affine(other, alpha, input).like(tensor=t.result)
    if not isinstance(other, Value):
        return t.affine(input, 1, _scaled(other, alpha)).like(tensor=t.result)
    if input.tensor.shape != other.tensor.shape:
        raise Unsupported(
            f"a sum of {list(input.tensor.shape)} and {list(other.tensor.shape)}; adderc adds "
            "values of one shape")
    if alpha != 1:
        other = t.affine(other, alpha, 0)
    return t.make("add", [input, other])


def _scaled(constant: Any, factor: Any) -> Any:
    return constant if factor == 1 else constant * factor


@translates("sub", "subtract")
def _sub(t: Lowering, input: Any, other: Any, *, alpha: Any = 1) -> Value:
    if isinstance(input, Value) and isinstance(other, Value):
        return _add(t, input, t.affine(other, -1, 0), alpha=alpha)
    value, constant = (input, other) if isinstance(input, Value) else (other, input)
    makes_more = t.result.numel() > value.tensor.numel()
    if isinstance(constant, torch.Tensor) and (value.windows is not None or makes_more):
        return adders.difference(t, value, constant)
    if value is input:
        return t.affine(value, 1, -1 * _scaled(constant, alpha)).like(tensor=t.result)
    return t.affine(value, -alpha, constant).like(tensor=t.result)


@translates("rsub")
def _rsub(t: Lowering, input: Value, other: Any, alpha: Any = 1) -> Value:
    return _sub(t, other, input, alpha=alpha)


@translates("mul", "multiply")
def _mul(t: Lowering, input: Any, other: Any) -> Value:
    if isinstance(input, Value) and isinstance(other, Value):
        raise Unsupported("two values of the network are multiplied; adderc has no product")
    value, constant = (input, other) if isinstance(input, Value) else (other, input)
    if value.is_negated and isinstance(constant, (int, float)) and constant == -1:
        return _neg(t, value)
    return t.affine(value, constant, 0).like(tensor=t.result)


@translates("div", "divide", "true_divide")
def _div(t: Lowering, input: Any, other: Any, *, rounding_mode: Any = None) -> Value:
    if not isinstance(input, Value) or isinstance(other, Value) or rounding_mode is not None:
        raise Unsupported("a division other than by a constant")
    return t.affine(input, 1 / torch.as_tensor(other), 0).like(tensor=t.result)


@translates("neg", "negative")
def _neg(t: Lowering, input: Value) -> Value:
    if input.is_poisoned:
        raise Poisoned
    if input.is_negated:
        return input.like(tensor=t.result, is_negated=False)
    return t.affine(input, -1, 0).like(tensor=t.result)


FUNCTIONS.update(
    abs=adders.absolute, sum=adders.total, cdist=adders.cdist, im2col=adders.im2col)


# What does nothing at inference.


@translates("dropout", "dropout1d", "dropout2d", "feature_dropout", "alpha_dropout")
def _dropout(
    t: Lowering, input: Value, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Value:
    if training and p > 0:
        raise Unsupported(
            f"{t.name()} that drops at inference, too; pass training=self.training")
    return same(t, input)


# Pools.


def _pool(
    t: Lowering, op: str, input: Value, kernel: Any, stride: Any, padding: Any, dilation: Any,
    ceil_mode: bool, **others: Any,
) -> Value:
    step = kernel if stride is None or (not isinstance(stride, int) and not len(stride)) else stride
    attributes = {"kernel": kernel, "stride": step, "padding": padding, "dilation": dilation}
    floors = [
        (size + 2 * pad - d * (k - 1) - 1) // s + 1
        for size, pad, d, k, s in zip(
            input.tensor.shape[2:], pair(padding), pair(dilation), pair(kernel), pair(step))
    ]
    if ceil_mode and floors != list(t.result.shape[2:]):
        attributes["ceil_mode"] = True
    return t.make(op, [input], {**attributes, **others})


@translates("max_pool2d", "max_pool2d_with_indices")
def _max_pool2d(
    t: Lowering, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0,
    dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Value:
    if return_indices:
        raise Unsupported("max_pool2d with return_indices=True; adderc gives the values alone")
    return _pool(t, "max_pool", input, kernel_size, stride, padding, dilation, ceil_mode)


@translates("avg_pool2d")
def _avg_pool2d(
    t: Lowering, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
) -> Value:
    height, width = pair(kernel_size)
    if divisor_override is not None and (ceil_mode or divisor_override != height * width):
        raise Unsupported(
            f"avg_pool2d that divides by {divisor_override}"
            + (" and rounds extents up" if ceil_mode else ", not by its window"))
    others: dict[str, Any] = {}
    if not count_include_pad and divisor_override is None and pair(padding) != (0, 0):
        others["count_include_pad"] = False
    return _pool(t, "average_pool", input, kernel_size, stride, padding, 1, ceil_mode, **others)


def _adaptive(t: Lowering, op: str, input: Value, output_size: Any) -> Value:
    rows, columns = input.tensor.shape[2:]
    wanted = t.result.shape[2:]
    if tuple(wanted) == (1, 1) and op == "average_pool":
        return t.make("global_average_pool", [input])
    if (rows, columns) == tuple(wanted):
        return same(t, input)
    if not rows % wanted[0] and not columns % wanted[1]:
        return t.make(op, [input], {"kernel": [rows // wanted[0], columns // wanted[1]]})
    # Two windows are alike, though they may overlap; smaller inputs are repeated.
    alike = all(n <= e and (n <= 2 or e % n == 0) for e, n in zip((rows, columns), wanted))
    repeats = not wanted[0] % rows and not wanted[1] % columns
    if op != "average_pool" or not (alike or repeats):
        raise Unsupported(
            f"an adaptive pool of {[rows, columns]} to {list(wanted)}, whose windows differ; choose "
            "extents that divide")
    return t.make("adaptive_average_pool", [input], {"output": [int(n) for n in wanted]})


@translates("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(t: Lowering, input: Value, output_size: Any) -> Value:
    return _adaptive(t, "average_pool", input, output_size)


@translates("adaptive_max_pool2d")
def _adaptive_max_pool2d(
    t: Lowering, input: Value, output_size: Any, return_indices: bool = False
) -> Value:
    if return_indices:
        raise Unsupported("adaptive_max_pool2d with return_indices=True")
    return _adaptive(t, "max_pool", input, output_size)


def _spatial(t: Lowering, input: Value, dim: Any) -> tuple[bool, bool]:
    """Whether a reduction goes over rows and columns; refuses others."""
    rank = input.tensor.dim()
    dims = {int(d) % rank for d in ([dim] if isinstance(dim, int) else dim or range(rank))}
    if rank == 4 and dims and dims <= {2, 3}:
        return 2 in dims, 3 in dims
    if rank == 3 and dims == {2}:
        return True, True
    raise Unsupported(
        f"{t.name()} over the dimensions {sorted(dims)} of {list(input.tensor.shape)}; adderc "
        "reduces rows and columns, such as mean((2, 3))")


@translates("mean")
def _mean(
    t: Lowering, input: Value, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Value:
    rows, columns = _spatial(t, input, dim)
    if rows and columns:
        return _reduced(t, input, "global_average_pool", {})
    return _reduced(t, input, "average_pool", _line(t, input, rows))


@translates("amax")
def _amax(t: Lowering, input: Value, dim: Any = None, keepdim: bool = False) -> Value:
    rows, columns = _spatial(t, input, dim)
    _, (_, height, width) = t.resolve(input)
    kernel = {"kernel": [height, width]} if rows and columns else _line(t, input, rows)
    return _reduced(t, input, "max_pool", kernel)


def _line(t: Lowering, input: Value, rows: bool) -> dict[str, Any]:
    _, (_, height, width) = t.resolve(input)
    return {"kernel": [height, 1] if rows else [1, width]}


def _reduced(t: Lowering, input: Value, op: str, attributes: dict[str, Any]) -> Value:
    name, (c, h, w) = t.resolve(input)
    kernel = attributes.get("kernel", [h, w])
    shape = (c, h // kernel[0], w // kernel[1])
    node = t.emit(op, [name], shape, t.result, attributes, {}, t.layer_name(op, {}))
    return Value(t.result, node, shape)


# What joins and moves.


@translates("cat", "concat", "concatenate")
def _cat(t: Lowering, tensors: Sequence[Any], dim: int = 0, *, axis: Any = None) -> Value:
    if any(not isinstance(value, Value) for value in tensors):
        raise Unsupported("concat with a constant; adderc joins values that depend on the image")
    rank = t.result.dim()
    if (dim if axis is None else axis) % rank != 1:
        raise Unsupported(f"concat along dimension {dim} of {rank}; adderc joins channels, dim=1")
    if len(tensors) == 1:
        return same(t, tensors[0])
    joined = adders.join_groups(t, tensors)
    if joined is not None:
        return joined
    shapes = {t.resolve(value)[1][1:] for value in tensors}
    if len(shapes) != 1:
        raise Unsupported(f"concat of values of the extents {sorted(shapes)}")
    names = [t.resolve(value)[0] for value in tensors]
    shape = (graph_shape(t.result)[0], *shapes.pop())
    node = t.emit("concat", names, shape, t.result, {}, {}, t.layer_name("concat", {}))
    return Value(t.result, node, shape)


@translates("interpolate", "upsample", "upsample_nearest", "upsample_nearest2d")
def _interpolate(
    t: Lowering, input: Value, size: Any = None, scale_factor: Any = None, mode: Any = "nearest",
    align_corners: Any = None, recompute_scale_factor: Any = None, antialias: bool = False,
) -> Value:
    if isinstance(mode, str) and not mode.startswith("nearest"):
        raise Unsupported(f"interpolation '{mode}'; adderc repeats rows and columns: mode='nearest'")
    (rows, columns), wanted = input.tensor.shape[2:], t.result.shape[2:]
    if wanted[0] % rows or wanted[1] % columns:
        raise Unsupported(f"interpolation of {[rows, columns]} to {list(wanted)}, by no integer")
    factor = [wanted[0] // rows, wanted[1] // columns]
    if factor == [1, 1]:
        return same(t, input)
    return t.make("upsample_nearest", [input], {"factor": factor})


@translates("pad", "constant_pad_nd")
def _pad(
    t: Lowering, input: Value, pad: Sequence[int], mode: Any = "constant", value: Any = None
) -> Value:
    if mode not in ("constant", 0) or value not in (None, 0) or (
        t.name() == "constant_pad_nd" and mode != 0 and mode != "constant"
    ):
        raise Unsupported(f"padding by other values than zeros ({mode}); adderc pads with zeros")
    moved = F.pad(input.places(), list(pad), value=-1)
    return input.like(tensor=t.result, index=moved, origin=t._node)


for _name in (
    "view", "reshape", "flatten", "ravel", "permute", "transpose", "swapaxes", "swapdims",
    "movedim", "moveaxis", "t", "squeeze", "unsqueeze", "expand", "expand_as", "view_as",
    "reshape_as", "unflatten", "contiguous", "clone", "detach", "alias", "pixel_shuffle",
    "channel_shuffle", "native_channel_shuffle", "chunk", "split", "split_with_sizes",
    "tensor_split", "unbind", "narrow", "select", "slice", "getitem", "index_select",
    "repeat_interleave", "repeat", "tile", "flip", "roll", "_unsafe_view", "unsafe_chunk",
    "unsafe_split", "lift_fresh_copy", "pixel_unshuffle", "index",
):
    FUNCTIONS[_name] = move
for _name in ("float", "half", "bfloat16", "to", "type_as", "_to_copy", "identity", "cpu", "double"):
    FUNCTIONS[_name] = same
