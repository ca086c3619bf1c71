"""What is known of a tensor of PyTorch in terms of a graph file."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import fx

Shape = tuple[int, int, int]


class Unsupported(Exception):
    """What the network does cannot be expressed; the text says what and, if known, what to do."""


class Poisoned(Exception):
    """What the network does is done to a value that has a finding already."""


@dataclass(frozen=True)
class Source:
    """What a layer reads: a value of the graph, or windows of it as im2col lays them out."""

    name: str
    shape: Shape
    #: Its elements for the example, [N, C, H, W].
    tensor: torch.Tensor
    #: kernel, dilation, padding and stride; none for a vector.
    window: dict[str, list[int]] | None = None
    #: Where this is some channels of a value: the value as it is read, and the first of them.
    value: "Value | None" = None
    first: int = 0


@dataclass(frozen=True)
class Difference:
    """x − w for all filters at once, as `-(x - w).abs().sum()` computes it on its way."""

    source: Source
    weight: torch.Tensor
    is_absolute: bool = False


@dataclass(frozen=True)
class Part:
    """An adder layer that reads some channels of a value: perhaps one group of a layer."""

    source: Source
    attributes: dict[str, Any]
    #: [out, in, height, width]
    weight: torch.Tensor
    #: What it gives, [N, C, H, W].
    result: torch.Tensor


@dataclass(eq=False)
class Value:
    """A tensor that depends on the network's input.

    It holds elements of one value of the graph, which has the shape [channels, height, width] for
    each image, in an order of its own.
    """

    #: The tensor for the example.
    tensor: torch.Tensor
    #: The graph's value; none after a finding.
    name: str | None
    shape: Shape = (0, 0, 0)
    #: For each element its place in the value, [N, C, H, W] counted through, −1 for a zero that
    #: was added; none where each is in its own place.
    index: torch.Tensor | None = None
    #: The operation that moved them last.
    origin: fx.Node | None = None
    #: Whether these are the value's elements times −1.
    is_negated: bool = False
    #: For values that are none of the graph, windows or differences.
    windows: Source | None = None
    difference: Difference | None = None
    part: Part | None = None

    @property
    def is_poisoned(self) -> bool:
        """Whether this is the result of something that has a finding."""
        return self.name is None and not (self.windows or self.difference or self.part)

    def places(self) -> torch.Tensor:
        """`index`, made where it is none."""
        if self.index is not None:
            return self.index
        return torch.arange(self.tensor.numel()).reshape(self.tensor.shape)

    def like(self, **changes: Any) -> "Value":
        """The value with changes."""
        return replace(self, **changes)

    def become(self, other: "Value") -> None:
        """Takes the place of this value, which was written to."""
        self.__dict__.update(other.__dict__)


def graph_shape(tensor: torch.Tensor) -> Shape:
    """[channels, height, width] of a tensor [N, C, H, W], [N, C, L] or [N, F]."""
    extents = [*tensor.shape[1:], 1, 1, 1][:3]
    return int(extents[0]), int(extents[1]), int(extents[2])


def map_values(tree: Any, change: Any) -> Any:
    """A nested argument with each `Value` changed."""
    if isinstance(tree, Value):
        return change(tree)
    if isinstance(tree, (list, tuple)):
        items = [map_values(item, change) for item in tree]
        if isinstance(tree, tuple) and hasattr(tree, "_fields"):
            return type(tree)(*items)
        return tuple(items) if isinstance(tree, tuple) else items
    if isinstance(tree, dict):
        return {key: map_values(item, change) for key, item in tree.items()}
    if isinstance(tree, slice):
        return slice(*(map_values(s, change) for s in (tree.start, tree.stop, tree.step)))
    return tree


def values_in(tree: Any) -> list[Value]:
    """Each `Value` of a nested argument."""
    found: list[Value] = []
    map_values(tree, found.append)
    return found
