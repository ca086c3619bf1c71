"""Operations that move elements: what a chain of views, permutations and pads amounts to.

Such a chain is not followed: it is applied to the numbers of the places, and the result compared
with what operations of the graph do to them.
"""

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .values import Poisoned, Shape, Unsupported, Value
from .vocabulary import OPERATIONS

if TYPE_CHECKING:
    from .lowering import Lowering


def move(lowering: "Lowering", *args: Any, **kwargs: Any) -> Any:
    """Translates any operation of PyTorch that only moves the elements of its first argument."""
    source = args[0]
    if not isinstance(source, Value):
        raise Unsupported(f"{lowering.name()}: places that depend on values of the image")
    if source.is_poisoned:
        raise Poisoned
    moved = None
    if source.name is not None or source.part is not None:
        moved = lowering.compute((args, kwargs), lambda value: value.places())
    result = lowering._result
    if isinstance(result, torch.Tensor):
        return source.like(tensor=result, index=moved, origin=lowering._node)
    return tuple(
        source.like(
            tensor=tensor, index=None if moved is None else moved[i], origin=lowering._node)
        for i, tensor in enumerate(result)
    )


def same(lowering: "Lowering", input: Value, *args: Any, **kwargs: Any) -> Value:
    """Translates what leaves the numbers as they are, such as dropout at inference."""
    if lowering.result.dtype in (torch.float16, torch.bfloat16):
        raise Unsupported("half precision inside the network; export it in single precision")
    return input.like(tensor=lowering.result)


def is_in_order(value: Value, batch: int) -> bool:
    """Whether a tensor has all elements of its value, in the value's order."""
    if value.index is None:
        return True
    count = batch * value.shape[0] * value.shape[1] * value.shape[2]
    flat = value.index.reshape(-1)
    return flat.numel() == count and torch.equal(flat, torch.arange(count))


def first_channel(value: Value, batch: int) -> int | None:
    """The first of the channels, one after the other, that a tensor [N, C, H, W] has all of."""
    index, (c, h, w) = value.index, value.shape
    if index is None or index.dim() != 4 or index.shape[0] != batch or index.shape[1] >= c:
        return None
    first = int(index[0, 0, 0, 0]) // (h * w)
    whole = torch.arange(batch * c * h * w).reshape(batch, c, h, w)
    part = whole[:, max(first, 0) : max(first, 0) + index.shape[1]]
    return first if first >= 0 and torch.equal(part, index) else None


def resolve_movement(lowering: "Lowering", value: Value) -> tuple[str, Shape]:
    """`Lowering.resolve` for what has a value of the graph."""
    assert value.name is not None
    batch = lowering.batch
    if not is_in_order(value, batch):
        _rearrange(lowering, value)
    value.index = None
    c, h, w = value.shape
    extents = tuple(value.tensor.shape)
    if extents in ((batch, c, h, w), (batch, c, h * w)):
        return value.name, value.shape
    if extents in ((batch, c * h * w), (batch, c * h * w, 1), (batch, c * h * w, 1, 1)):
        if h * w != 1:
            shape = (c * h * w, 1, 1)
            value.name = lowering.emit("flatten", [value.name], shape, value.tensor)
            value.shape = shape
        return value.name, value.shape
    raise _misshapen(lowering, value)


def _misshapen(lowering: "Lowering", value: Value) -> Unsupported:
    return Unsupported(
        f"a tensor of shape {list(value.tensor.shape)} made of {[lowering.batch, *value.shape]}: "
        "values keep the batch as first dimension and are images [N, C, H, W] or vectors [N, F]; "
        "use flatten(1) for vectors")


def _rearrange(lowering: "Lowering", value: Value) -> None:
    """Adds the operations that bring the elements of `value` where its index says."""
    assert value.name is not None and value.index is not None
    batch, (c, h, w) = lowering.batch, value.shape
    index = value.index
    if index.dim() == 2 and index.shape[0] == batch and h * w == 1:
        index = index.reshape(*index.shape, 1, 1)
    if index.shape[0] != batch or index.dim() not in (2, 4):
        raise _misshapen(lowering, value)
    if index.dim() == 2:
        raise Unsupported(
            f"the elements of {[batch, c, h, w]} in another order, as {list(index.shape)}: "
            "adderc flattens in the order channels, rows, columns alone")
    base = torch.arange(batch * c * h * w).reshape(batch, c, h, w)
    _, c2, h2, w2 = index.shape
    found: tuple[str, dict[str, Any]] | None = None
    if (c2 * h2 * w2, h2 % h, w2 % w) == (c * h * w, 0, 0) and h2 // h == w2 // w > 1:
        block = h2 // h
        inner = F.pixel_unshuffle(index, block)
        order = torch.div(inner[0, :, 0, 0], h * w, rounding_mode="floor")
        if torch.equal(base[:, order], inner):
            if not torch.equal(base, inner):
                _select(lowering, value, inner, base)
            found = "depth_to_space", {"block": block}
    elif (c2, h2 % h, w2 % w) == (c, 0, 0) and (h2, w2) != (h, w):
        factor = [h2 // h, w2 // w]
        larger = base.repeat_interleave(factor[0], 2).repeat_interleave(factor[1], 3)
        if torch.equal(larger, index):
            found = "upsample_nearest", {"factor": factor}
    elif (c2, h2, w2) == (c, h, w) and "channel_shuffle" in OPERATIONS:
        for groups in (g for g in range(2, c) if c % g == 0):
            parts = base.reshape(batch, groups, c // groups, h, w)
            if torch.equal(parts.transpose(1, 2).reshape(index.shape), index):
                found = "channel_shuffle", {"groups": groups}
    if found is None and c2 == c and h2 >= h and w2 >= w:
        row, column = _corner(index[0, 0])
        pads = [row, column, h2 - h - row, w2 - w - column]
        if min(pads) >= 0 and torch.equal(
            F.pad(base, (pads[1], pads[3], pads[0], pads[2]), value=-1), index):
            found = "zero_pad", {"padding": pads}
    if found is not None:
        name, shape = found[0], (int(c2), int(h2), int(w2))
        tensor = value.tensor if value.tensor.dim() == 4 else None
        value.name = lowering.emit(name, [value.name], shape, tensor, found[1])
        value.shape = shape
        return
    _select(lowering, value, index, base)


def _corner(plane: torch.Tensor) -> tuple[int, int]:
    """Where the first element that is none of the padding lies."""
    inside = torch.nonzero(plane >= 0)
    return (int(inside[0, 0]), int(inside[0, 1])) if len(inside) else (0, 0)


def _select(
    lowering: "Lowering", value: Value, index: torch.Tensor, base: torch.Tensor
) -> None:
    """Takes channels, in any order and with zeros among them, and every n-th row and column.

    The latter is a pool of windows of one element, the former a convolution by zeros and ones.
    """
    assert value.name is not None
    batch, (c, h, w) = lowering.batch, value.shape
    _, c2, h2, w2 = index.shape
    stride = [-(-h // int(h2)), -(-w // int(w2))]
    grid = base[:, :, :: stride[0], :: stride[1]]
    first = torch.div(index[0, :, 0, 0], h * w, rounding_mode="floor")  # −1 stays −1
    if grid.shape[2:] == index.shape[2:]:
        expected = grid[:, first.clamp(min=0)]
        expected = torch.where(first.reshape(1, -1, 1, 1) < 0, torch.tensor(-1), expected)
        if torch.equal(expected, index):
            if stride != [1, 1]:
                shape = (c, int(h2), int(w2))
                value.name = lowering.emit(
                    "max_pool", [value.name], shape, None, {"kernel": 1, "stride": stride})
                value.shape = shape
            if not torch.equal(first, torch.arange(c)):
                weight = torch.zeros(int(c2), c, 1, 1)
                weight[torch.arange(int(c2)), first.clamp(min=0), 0, 0] = (first >= 0).float()
                tensor = lowering.constant(weight, "select.weight")
                shape = (int(c2), int(h2), int(w2))
                value.name = lowering.emit(
                    "conv2d", [value.name], shape, None, {}, {"weight": tensor})
                value.shape = shape
                lowering.notes.append(
                    f"'{value.name}' takes {c2} channels of {c} by a convolution with zeros and "
                    "ones, as adderc has no operation that takes parts")
            return
    raise Unsupported(
        f"elements of {[batch, c, h, w]} are taken or put in another order, as "
        f"{list(index.shape)}; of such operations adderc knows flatten, depth_to_space, "
        "upsample_nearest, zero_pad, steps of rows and columns, and choices of channels")
