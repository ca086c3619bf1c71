"""A graph file in memory, and its float execution."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .vocabulary import OPERATIONS, Array

#: The key of a safetensors file's `__metadata__` that holds a graph.
METADATA_KEY = "adder.graph"


@dataclass
class Node:
    """An operation: reads values, names tensors of the file, and gives the value `name`."""

    name: str
    op: str
    inputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    #: The tensor of each parameter.
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class Graph:
    """A network of docs/graph-format.md, with its tensors.

    Nodes are in an order in which each reads values of those before it.
    """

    name: str
    inputs: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    #: Tensors by the names that nodes call them, in single precision.
    tensors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    #: The names that `free_name` gave, and how many for each wanted one.
    _given: set[str] = field(default_factory=set, repr=False, compare=False)
    _counts: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def free_name(self, wanted: str) -> str:
        """The wanted name with what graph files do not allow replaced, unlike those of inputs and all
        that were given before."""
        base = re.sub(r"[^A-Za-z0-9_./:-]", "_", wanted)[:240] or "value"
        self._given.update(value["name"] for value in self.inputs)
        count = self._counts.get(base, 1)
        name = base if count == 1 else f"{base}_{count}"
        while name in self._given:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count
        self._given.add(name)
        return name

    def document(self) -> dict[str, Any]:
        """The graph file as a JSON value."""
        return {
            "schema": "adder-graph-1",
            "name": self.name,
            "inputs": self.inputs,
            "nodes": [
                {
                    "name": node.name, "op": node.op, "inputs": node.inputs, **node.attributes,
                    **({"parameters": node.parameters} if node.parameters else {}),
                }
                for node in self.nodes
            ],
            "outputs": self.outputs,
        }

    def text(self) -> str:
        """The graph file's text."""
        return json.dumps(self.document(), separators=(",", ":"))

    def drop_unused(self) -> None:
        """Removes nodes and tensors on which no output depends."""
        used = set(self.outputs)
        for node in reversed(self.nodes):
            if node.name in used:
                used.update(node.inputs)
        self.nodes = [node for node in self.nodes if node.name in used]
        named = {tensor for node in self.nodes for tensor in node.parameters.values()}
        self.tensors = {name: self.tensors[name] for name in self.tensors if name in named}


def execute(
    graph: Graph, inputs: Sequence[NDArray[np.floating[Any]]]
) -> Iterator[tuple[Node | None, str, Array]]:
    """Computes a graph in doubles, with numpy alone.

    Args:
        graph: the network.
        inputs: an array [N, C, H, W] for each input, as the network sees it: normalized.

    Yields each value as it is computed: its node (None for an input), its name, and an array
    [N, C, H, W]; a value is forgotten when all that read it are computed.
    """
    readers: dict[str, int] = {}
    for node in graph.nodes:
        for name in node.inputs:
            readers[name] = readers.get(name, 0) + 1
    values: dict[str, Array] = {}
    for given, array in zip(graph.inputs, inputs, strict=True):
        values[given["name"]] = np.asarray(array, dtype=np.float64)
        yield None, given["name"], values[given["name"]]
    for node in graph.nodes:
        value = evaluate(node, [values[name] for name in node.inputs], graph.tensors)
        values[node.name] = value
        yield node, node.name, value
        for name in node.inputs:
            readers[name] -= 1
            if readers[name] == 0:
                del values[name]


def evaluate(
    node: Node, inputs: Sequence[Array], tensors: Mapping[str, NDArray[np.float32]]
) -> Array:
    """What a node gives for values [N, C, H, W] of its inputs."""
    parameters = {
        role: tensors[name].astype(np.float64) for role, name in node.parameters.items()
    }
    return OPERATIONS[node.op](inputs, node.attributes, parameters)
