"""ONNX's operators that move elements, as calls of PyTorch's functions."""

import math
import operator as python
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from ..values import Unsupported
from .building import Builder, Dynamic, Operand
from .operators import constant, integers, operator


@operator("Identity", "Dropout")
def _identity(
    b: Builder, x: Any, ratio: Operand = None, training_mode: Operand = None, **attributes: Any
) -> Any:
    if training_mode is not None and bool(constant(training_mode, "the mode").any()):
        raise Unsupported("Dropout that drops at inference, too; export the model in evaluation mode")
    return x


@operator("Cast", "CastLike")
def _cast(b: Builder, x: Dynamic, like: Operand = None, *, to: int = 1, **attributes: Any) -> Any:
    # FLOAT, FLOAT16, DOUBLE and BFLOAT16: the network is in single precision.
    if to not in (1, 10, 11, 16):
        raise Unsupported("a cast of a value to integers or booleans")
    return x


@operator("Shape")
def _shape(b: Builder, x: Dynamic, *, start: int = 0, end: int | None = None) -> Any:
    return torch.tensor(x.shape[start:end], dtype=torch.int64)


@operator("Size")
def _size(b: Builder, x: Dynamic) -> Any:
    return torch.tensor(math.prod(x.shape))


def _reshaped(b: Builder, x: Dynamic, shape: Sequence[int]) -> Any:
    return x if list(shape) == x.shape else b.call(torch.reshape, x, list(shape))


@operator("Flatten")
def _flatten(b: Builder, x: Dynamic, *, axis: int = 1) -> Any:
    axis = axis % len(x.shape) if axis < 0 else axis
    return _reshaped(b, x, [math.prod(x.shape[:axis]), math.prod(x.shape[axis:])])


@operator("Reshape")
def _reshape(b: Builder, x: Dynamic, shape: Operand, *, allowzero: int = 0) -> Any:
    wanted = integers(shape, "the shape")
    if not allowzero:
        if any(n == 0 and i >= len(x.shape) for i, n in enumerate(wanted)):
            raise Unsupported(f"Reshape of {x.shape} to {wanted}")
        wanted = [x.shape[i] if n == 0 else n for i, n in enumerate(wanted)]
    return _reshaped(b, x, wanted)


@operator("Transpose")
def _transpose(b: Builder, x: Dynamic, *, perm: Any = None) -> Any:
    return b.call(torch.permute, x, list(perm or reversed(range(len(x.shape)))))


@operator("Squeeze")
def _squeeze(b: Builder, x: Dynamic, axes_input: Operand = None, *, axes: Any = None) -> Any:
    dims = integers(axes_input, "the axes") if axes_input is not None else axes
    if dims is None:
        dims = [i for i, n in enumerate(x.shape) if n == 1]
    left = {d % len(x.shape) for d in dims}
    if any(x.shape[d] != 1 for d in left):
        raise Unsupported(f"Squeeze of the dimensions {sorted(left)} of {x.shape}")
    return _reshaped(b, x, [n for i, n in enumerate(x.shape) if i not in left])


@operator("Unsqueeze")
def _unsqueeze(b: Builder, x: Dynamic, axes_input: Operand = None, *, axes: Any = None) -> Any:
    dims = integers(axes_input, "the axes") if axes_input is not None else list(axes or [])
    rank = len(x.shape) + len(dims)
    if rank > 64 or any(not -rank <= d < rank for d in dims):
        raise Unsupported(f"Unsqueeze of {x.shape} by the dimensions {dims[:9]}")
    extents = iter(x.shape)
    added = {d % rank for d in dims}
    return _reshaped(b, x, [1 if i in added else next(extents, 1) for i in range(rank)])


@operator("Expand")
def _expand(b: Builder, x: Dynamic, shape: Operand) -> Any:
    try:
        wanted = list(np.broadcast_shapes(x.shape, tuple(integers(shape, "the shape"))))
    except ValueError as error:
        raise Unsupported(f"Expand: {error}") from None
    return x if wanted == x.shape else b.call(torch.Tensor.expand, x, wanted)


@operator("Concat")
def _concat(b: Builder, *values: Any, axis: int) -> Any:
    return b.call(torch.cat, list(values), axis)


@operator("Split")
def _split(
    b: Builder, x: Dynamic, sizes_input: Operand = None, *, axis: int = 0, split: Any = None,
    num_outputs: int | None = None,
) -> Any:
    sizes = integers(sizes_input, "the sizes") if sizes_input is not None else split
    if sizes is None:
        count = num_outputs or b.output_count
        size = -(-x.shape[axis] // count)
        sizes = [min(size, x.shape[axis] - i * size) for i in range(count)]
    return b.call(torch.split, x, list(sizes), axis)


@operator("Slice")
def _slice(
    b: Builder, x: Dynamic, starts: Operand, ends: Operand, axes: Operand = None,
    steps: Operand = None,
) -> Any:
    first, last = integers(starts, "the starts"), integers(ends, "the ends")
    dims = list(range(len(first))) if axes is None else integers(axes, "the axes")
    by = [1] * len(first) if steps is None else integers(steps, "the steps")
    if not len(first) == len(last) == len(dims) == len(by) or any(
        not -len(x.shape) <= d < len(x.shape) for d in dims
    ):
        raise Unsupported(f"Slice with the starts {first[:9]} of {x.shape}")
    if min(by, default=1) < 1:
        raise Unsupported("Slice with negative steps; adderc has no operation that mirrors")
    slices = [slice(None)] * len(x.shape)
    for d, start, end, step in zip(dims, first, last, by):
        slices[d] = slice(start, end, step)
    return b.call(python.getitem, x, tuple(slices))


@operator("Gather")
def _gather(b: Builder, x: Dynamic, indices: Operand, *, axis: int = 0) -> Any:
    places = constant(indices, "indices")
    axis %= len(x.shape)
    places = torch.where(places < 0, places + x.shape[axis], places)
    if bool(((places < 0) | (places >= x.shape[axis])).any()):
        raise Unsupported(f"Gather beyond the {x.shape[axis]} elements of dimension {axis}")
    taken = b.call(torch.index_select, x, axis, places.reshape(-1))
    return _reshaped(b, taken, [*x.shape[:axis], *places.shape, *x.shape[axis + 1:]])


@operator("Pad")
def _pad(
    b: Builder, x: Dynamic, pads: Operand, value: Operand = None, axes: Operand = None, *,
    mode: str = "constant",
) -> Any:
    amounts = integers(pads, "the pads")
    rank = len(x.shape)
    dims = list(range(rank)) if axes is None else [d % rank for d in integers(axes, "the axes")]
    if len(amounts) != 2 * len(dims):
        raise Unsupported(f"Pad of {x.shape} with {len(amounts)} pads")
    if not any(amounts):
        return x
    fill = 0.0 if value is None else float(constant(value, "the value").reshape(-1)[0])
    if mode != "constant" or fill:
        shown = mode if mode != "constant" else f"the value {fill}"
        raise Unsupported(f"padding by other values than zeros ({shown}); adderc pads with zeros")
    order = [0, 0] * rank
    for i, d in enumerate(dims):
        order[2 * (rank - 1 - d)] = amounts[i]
        order[2 * (rank - 1 - d) + 1] = amounts[len(dims) + i]
    while order and order[-2:] == [0, 0]:
        order = order[:-2]
    return b.call(F.pad, x, order)


@operator("DepthToSpace")
def _depth_to_space(b: Builder, x: Dynamic, *, blocksize: int, mode: str = "DCR") -> Any:
    if mode != "CRD" and len(x.shape) == 4 and blocksize > 0 and x.shape[1] % blocksize**2 == 0:
        # The channels in CRD's order.
        order = torch.arange(x.shape[1]).reshape(blocksize**2, -1).t().reshape(-1)
        if not torch.equal(order, torch.arange(x.shape[1])):
            x = b.call(torch.index_select, x, 1, order)
    return b.call(F.pixel_shuffle, x, blocksize)


@operator("SpaceToDepth")
def _space_to_depth(b: Builder, x: Dynamic, *, blocksize: int) -> Any:
    moved = b.call(F.pixel_unshuffle, x, blocksize)
    order = torch.arange(moved.shape[1]).reshape(-1, blocksize**2).t().reshape(-1)
    return b.call(torch.index_select, moved, 1, order)


@operator("Resize")
def _resize(
    b: Builder, x: Dynamic, roi: Operand = None, scales: Operand = None, sizes: Operand = None, *,
    mode: str = "nearest", coordinate_transformation_mode: str = "half_pixel",
    nearest_mode: str = "round_prefer_floor", axes: Any = None, **attributes: Any,
) -> Any:
    rank = len(x.shape)
    dims = [d % rank for d in axes] if axes else list(range(rank))
    if sizes is not None and constant(sizes, "the sizes").numel():
        wanted = integers(sizes, "the sizes")
    else:
        factors = constant(scales, "the scales").reshape(-1).tolist()
        wanted = [math.floor(x.shape[d] * f) for d, f in zip(dims, factors)]
    target = list(x.shape)
    for d, size in zip(dims, wanted):
        target[d] = size
    if mode != "nearest":
        raise Unsupported(f"Resize by '{mode}'; adderc repeats rows and columns: mode 'nearest'")
    if rank != 4 or target[:2] != x.shape[:2] or min(target) < 1 or max(target) > 1 << 20:
        raise Unsupported(f"Resize of {x.shape} to {target}, expected other rows and columns alone")
    for size, new in zip(x.shape[2:], target[2:]):
        if new % size or not np.array_equal(
            _nearest(size, new, coordinate_transformation_mode, nearest_mode),
            np.arange(new) // (new // size),
        ):
            raise Unsupported(
                f"Resize of {size} to {new} by '{coordinate_transformation_mode}' and "
                f"'{nearest_mode}', which does not repeat each element equally often")
    return x if target == x.shape else b.call(F.interpolate, x, target[2:], None, "nearest")


def _nearest(size: int, new: int, transformation: str, rounding: str) -> Any:
    """Where each element comes from, as ONNX defines Resize."""
    out = np.arange(new, dtype=np.float64)
    scale = new / size
    if transformation == "asymmetric":
        place = out / scale
    elif transformation in ("half_pixel", "half_pixel_symmetric") or (
        transformation == "pytorch_half_pixel" and new > 1
    ):
        place = (out + 0.5) / scale - 0.5
    elif transformation == "pytorch_half_pixel":
        place = out * 0
    elif transformation == "align_corners":
        place = out * (size - 1) / max(new - 1, 1)
    else:
        raise Unsupported(f"Resize by '{transformation}'")
    rounded = {
        "floor": np.floor(place), "ceil": np.ceil(place),
        "round_prefer_floor": np.ceil(place - 0.5), "round_prefer_ceil": np.floor(place + 0.5),
    }.get(rounding)
    if rounded is None:
        raise Unsupported(f"Resize with nearest_mode '{rounding}'")
    return np.clip(rounded, 0, size - 1).astype(np.int64)
