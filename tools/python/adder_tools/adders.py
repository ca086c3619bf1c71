"""Adder layers: modules that are one, and operations of PyTorch that amount to one.

What such operations compute is known by its result: −Σ|x − w| of the windows and filters that take
part is computed and compared.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import nn

from .graph import Node, evaluate
from .lowering import Lowering
from .movement import first_channel, is_in_order
from .tracing import adder_weight
from .values import Difference, Part, Poisoned, Source, Unsupported, Value, graph_shape
from .vocabulary import pair

#: How far a recognised layer may be from what the network computes, of the largest value.
TOLERANCE = 1e-4


def adder_module(lowering: Lowering, module: nn.Module, value: Value) -> Value:
    """Translates a module that is an adder layer, from its attributes.

    Reads `adder` (or `pat`, or `weight` in a class that the user named), `b` or `bias` if it is a
    tensor, and `stride`, `padding`, `dilation` and `groups`.
    """
    kind = type(module).__name__
    weight = adder_weight(module)
    for name in ("pat", "weight"):
        if weight is None and isinstance(getattr(module, name, None), torch.Tensor):
            weight = getattr(module, name)
    if weight is None:
        raise Unsupported(f"{kind} is named in adder_classes, but has no tensor 'adder' or 'weight'")
    parameters = {"weight": lowering.constant(weight, "adder")}
    for name in ("bias", "b"):
        bias = getattr(module, name, None)
        if isinstance(bias, torch.Tensor) and "bias" not in parameters:
            parameters["bias"] = lowering.constant(bias.reshape(-1) if bias.dim() > 1 else bias, name)
    if weight.dim() == 2:
        return lowering.make("adder_linear", [value], {}, parameters)
    if weight.dim() not in (3, 4):
        raise Unsupported(
            f"{kind}: filters of shape {list(weight.shape)}, expected [out, in / groups, height, "
            "width] or [out, in]")
    attributes: dict[str, Any] = {}
    for name, default in (("stride", 1), ("dilation", 1), ("groups", 1)):
        attributes[name] = getattr(module, name, default)
    name, shape = lowering.resolve(value)
    kernel = list(weight.shape[2:]) if weight.dim() == 4 else [round(weight.shape[2] ** 0.5)] * 2
    fitting = []
    for pads in _paddings(getattr(module, "padding", 0), kernel, attributes["dilation"]):
        extents = [
            (length + before + after - pair(attributes["dilation"])[i] * (kernel[i] - 1) - 1)
            // pair(attributes["stride"])[i] + 1
            for i, (length, before, after) in enumerate(
                ((shape[1], pads[0], pads[2]), (shape[2], pads[1], pads[3])))
        ]
        if extents == list(lowering.result.shape[2:]):
            fitting.append(pads)
    if not fitting:
        raise Unsupported(
            f"{kind}: from {list(value.tensor.shape)} it makes {list(lowering.result.shape)}, which "
            f"does not follow from its kernel {kernel} and its attributes stride, padding and "
            f"dilation ({attributes['stride']}, {getattr(module, 'padding', 0)}, "
            f"{attributes['dilation']}); give it attributes of these names")
    if len(fitting) > 1:
        fitting.sort(key=lambda pads: _distance(lowering, value, attributes, pads, parameters))
        lowering.notes.append(
            f"'{lowering.layer_name('', {})}': padding {tuple(module.padding)} "  # type: ignore
            f"taken for top, left, bottom, right {fitting[0]}, which gives what the module gives")
    return lowering.make("adder2d", [value], {**attributes, "padding": list(fitting[0])}, parameters)


def _paddings(given: Any, kernel: list[int], dilation: Any) -> list[tuple[int, int, int, int]]:
    """What a module's `padding` may mean, as (top, left, bottom, right)."""
    if given == "valid":
        given = 0
    if given == "same":
        totals = [d * (k - 1) for d, k in zip(pair(dilation), kernel)]
        top, left = totals[0] // 2, totals[1] // 2
        return [(top, left, totals[0] - top, totals[1] - left)]
    if isinstance(given, (tuple, list)) and len(given) == 4:
        a, b, c, d = (int(pad) for pad in given)
        # Top, left, bottom, right, as graph files have it, or left, right, top, bottom, as F.pad.
        return list(dict.fromkeys([(a, b, c, d), (c, a, d, b)]))
    if isinstance(given, str):
        raise Unsupported(f"padding '{given}', expected numbers, 'same' or 'valid'")
    height, width = pair(given)
    return [(height, width, height, width)]


def _distance(
    lowering: Lowering, value: Value, attributes: dict[str, Any], pads: tuple[int, ...],
    parameters: dict[str, str],
) -> float:
    """How far an adder layer is from what the module gives."""
    node = Node("", "adder2d", [""], {**attributes, "padding": list(pads)}, parameters)
    array = value.tensor.detach().numpy().reshape(lowering.batch, *value.shape)
    result = evaluate(node, [array.astype(np.float64)], lowering.graph.tensors)
    return float(np.abs(result - lowering.result.detach().numpy()).max())


def im2col(
    lowering: Lowering, input: Value, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> Value:
    """Translates F.unfold: the windows that a layer may read."""
    window = {
        "kernel": list(pair(kernel_size)), "dilation": list(pair(dilation)),
        "padding": list(pair(padding)), "stride": list(pair(stride)),
    }
    source = replace(_source(lowering, input), window=window)
    return Value(lowering.result, None, windows=source)


def _source(lowering: Lowering, value: Value) -> Source:
    """A value as what a layer reads, whatever views of it are taken, the batch among the rest."""
    if value.windows is not None:
        return value.windows
    first = first_channel(value, lowering.batch)
    if first is not None and value.name is not None and not value.is_negated:
        shape = graph_shape(value.tensor)
        return Source(value.name, shape, value.tensor.detach(), None, value.like(), first)
    if value.name is None or value.is_negated or not is_in_order(value, lowering.batch):
        lowering.resolve(value)
    assert value.name is not None
    tensor = value.tensor.detach().reshape(lowering.batch, *value.shape)
    return Source(value.name, value.shape, tensor)


def difference(lowering: Lowering, value: Value, weight: torch.Tensor) -> Value:
    """Translates x − w or w − x with filters."""
    found = Difference(_source(lowering, value), weight)
    return Value(lowering.result, None, difference=found)


def absolute(lowering: Lowering, input: Value) -> Value:
    """Translates abs."""
    if input.is_poisoned:
        raise Poisoned
    if input.difference is None:
        raise Unsupported("abs, which adderc knows in adder layers alone: -(x - w).abs().sum()")
    found = Difference(input.difference.source, input.difference.weight, is_absolute=True)
    return Value(lowering.result, None, difference=found)


def total(lowering: Lowering, input: Value, *args: Any, **kwargs: Any) -> Value:
    """Translates sum: of absolute differences."""
    if input.is_poisoned:
        raise Poisoned
    if input.difference is None or not input.difference.is_absolute:
        raise Unsupported(
            "sum, which adderc knows in adder layers alone, -(x - w).abs().sum(); the mean over "
            "rows and columns is mean((2, 3))")
    return _recognise(lowering, input.difference)


def cdist(
    lowering: Lowering, x1: Any, x2: Any, p: float = 2.0, compute_mode: Any = None
) -> Value:
    """Translates cdist(x, w, p=1)."""
    if p != 1:
        raise Unsupported(f"cdist with p={p}; the distance of adder layers is p=1")
    value, weight = (x1, x2) if isinstance(x1, Value) else (x2, x1)
    if not isinstance(weight, torch.Tensor):
        raise Unsupported("cdist of two values of the network; adder layers have fixed filters")
    return _recognise(lowering, Difference(_source(lowering, value), weight, is_absolute=True))


def _recognise(lowering: Lowering, found: Difference) -> Value:
    """An adder layer that gives the operation's result times −1, in some order of dimensions."""
    source, result = found.source, lowering.result.detach()
    batch, (c, h, w) = lowering.batch, source.shape
    if source.window is None:
        op, attributes, taps = "adder_linear", {}, 1
        c, extents = c * h * w, [1, 1]
        array = source.tensor.reshape(batch, c, 1, 1)
    else:
        op, attributes, array = "adder2d", dict(source.window), source.tensor
        kernel = attributes.pop("kernel")
        taps = kernel[0] * kernel[1]
        extents = [
            (length + 2 * pad - d * (k - 1) - 1) // step + 1
            for length, pad, d, k, step in zip(
                (h, w), attributes["padding"], attributes["dilation"], kernel, attributes["stride"])
        ]
    positions = extents[0] * extents[1]
    filters = result.numel() // (batch * positions)
    weight = _without_copies(found.weight).detach()
    if filters * batch * positions == result.numel() and weight.numel() % max(filters, 1) == 0:
        inner = weight.numel() // filters
        groups = c * taps // inner if inner else 0
        shape = [filters, c // max(groups, 1)] + (kernel if source.window is not None else [])
        if groups * inner == c * taps:
            for candidate in (weight.reshape(filters, -1), weight.reshape(-1, filters).t()):
                array_weight = candidate.reshape(shape)
                node = Node("", op, [""], {**attributes, "groups": groups}, {"weight": "w"})
                expected = torch.from_numpy(evaluate(
                    node, [array.double().numpy()],
                    {"w": np.ascontiguousarray(array_weight.float().numpy())}))
                order = _order(expected.reshape(batch, filters, positions), -result)
                if order is None:
                    continue
                return _layer(
                    lowering, source, op, node.attributes, array_weight, expected, order)
    raise Unsupported(
        "a sum of absolute differences that is no adder layer, -Σ|x - w| of the windows of an image "
        "or of a vector and its filters; give the module an attribute 'adder', or name its class in "
        "adder_classes")


def _layer(
    lowering: Lowering, source: Source, op: str, attributes: dict[str, Any], weight: torch.Tensor,
    expected: torch.Tensor, order: torch.Tensor,
) -> Value:
    if source.value is not None and op == "adder2d":
        part = Part(source, attributes, weight, expected.float())
        return Value(
            lowering.result, None, graph_shape(expected), index=order, is_negated=True, part=part)
    tensor = lowering.constant(_known(lowering, weight), "adder")
    name = source.name if source.value is None else lowering.resolve(source.value)[0]
    if op == "adder_linear":
        attributes = {}
        if source.shape[1:] != (1, 1):
            c, h, w = source.shape
            name = lowering.emit("flatten", [name], (c * h * w, 1, 1))
    shape = graph_shape(expected)
    parameters = {"weight": tensor}
    node = lowering.emit(
        op, [name], shape, expected.float(), attributes, parameters,
        lowering.layer_name(op, parameters))
    return Value(lowering.result, node, shape, index=order, is_negated=True)


def make_part(lowering: Lowering, value: Value) -> None:
    """Makes a layer of its own of one that reads some channels."""
    part = value.part
    assert part is not None and part.source.value is not None
    name = lowering.resolve(part.source.value.like())[0]
    parameters = {"weight": lowering.constant(_known(lowering, part.weight), "adder")}
    value.name = lowering.emit(
        "adder2d", [name], value.shape, part.result, part.attributes, parameters)
    value.part = None


def join_groups(lowering: Lowering, values: Sequence[Any]) -> Value | None:
    """One layer of layers that read one group of channels after the other, if they are such."""
    parts = [value.part for value in values]
    if not all(parts) or any(
        value.is_negated or not is_in_order(value, lowering.batch) for value in values
    ):
        return None
    source = parts[0].source
    channels, filters = source.shape[0], len(parts[0].weight)
    for position, part in enumerate(parts):
        if (part.source.name, part.source.first, part.attributes, part.weight.shape) != (
            source.name, position * channels, parts[0].attributes, parts[0].weight.shape
        ):
            return None
    if source.value.shape[0] != channels * len(parts):
        return None
    weight = torch.cat([part.weight for part in parts])
    parameters = {"weight": lowering.constant(_known(lowering, weight), "adder")}
    shape = (filters * len(parts), *values[0].shape[1:])
    name = lowering.emit(
        "adder2d", [source.name], shape, torch.cat([part.result for part in parts], 1),
        {**parts[0].attributes, "groups": len(parts)}, parameters,
        lowering.layer_name("adder2d", parameters))
    return Value(lowering.result, name, shape)


def _without_copies(weight: torch.Tensor) -> torch.Tensor:
    """A tensor without dimensions along which it was expanded."""
    for dimension, (size, step) in enumerate(zip(weight.shape, weight.stride())):
        if size > 1 and step == 0:
            weight = weight.narrow(dimension, 0, 1)
    return weight


def _order(expected: torch.Tensor, result: torch.Tensor) -> torch.Tensor | None:
    """For each element of `result` its place in `expected` [N, O, L], or none if it is another."""
    places = torch.arange(expected.numel()).reshape(expected.shape)
    scale = float(expected.abs().max()) or 1.0
    for axes in permutations(range(3)):
        moved = expected.permute(axes).reshape(result.shape)
        if float((moved - result.double()).abs().max()) <= TOLERANCE * scale:
            return places.permute(axes).reshape(result.shape)
    return None


def _known(lowering: Lowering, weight: torch.Tensor) -> torch.Tensor:
    """The parameter of the network that has these values in this order, or the values."""
    for tensor in lowering.parameters:
        if tensor.numel() == weight.numel() and tensor.shape[0] == weight.shape[0]:
            if torch.equal(tensor.detach().reshape(weight.shape), weight):
                return tensor if tensor.dim() in (2, 3, 4) else weight
    return weight
