"""An ONNX graph as operations of PyTorch, in a torch.fx graph that lowering.py takes.

Shapes are computed on the meta device, without memory; what depends on constants alone is folded.
"""

import inspect
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import fx, nn

from ..values import Unsupported
from .folding import Folding
from .functions import unsupported
from .places import place_of, printable
from .reading import OnnxFile


#: What a network may take on the example: the elements of all values, calls, and products or differences.
LARGEST_VALUES = 1 << 28
LARGEST_CALL_COUNT = 20_000
LARGEST_WORK = 1 << 38


@dataclass(eq=False)
class Dynamic:
    """A value that depends on the network's input."""

    node: fx.Node
    #: Its shape and type, without its elements.
    meta: torch.Tensor
    #: Whether it is made of something that has a finding.
    is_poisoned: bool = False

    @property
    def shape(self) -> list[int]:
        return list(self.meta.shape)


Operand = Dynamic | torch.Tensor | None
_Function = Callable[..., Any]


class UnknownOperator(Unsupported):
    """An operator that adderc has not, whatever it reads."""


class _Constants(nn.Module):
    """The tensors of the file, by the names that they have there."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}

    def named_parameters(  # type: ignore[override]
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, torch.Tensor]]:
        for attribute, name in self.names.items():
            yield name, getattr(self, attribute)


class Builder:
    """One walk over an ONNX graph."""

    def __init__(self, file: OnnxFile) -> None:
        self.file = file
        self.graph = fx.Graph()
        self.root = _Constants()
        self.values: dict[str, Operand] = {}
        self.folding = Folding(file.byte_count, file.opset or onnx.defs.onnx_opset_version())
        self._attributes: dict[int, tuple[fx.Node, torch.Tensor]] = {}
        self._elements = self._calls = self._work = 0
        self._node = onnx.NodeProto()
        self._index = 0
        #: The indices of the nodes on which an output depends.
        self.live = self._live_nodes()
        self._read = {name for node in file.graph.node for name in node.input}
        self._read |= {value.name for value in file.graph.output}
        self._shapes = {
            value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
            for value in [*file.graph.value_info, *file.graph.output]
        }

    # The walk.

    def run(self, inputs: Sequence[tuple[str, str, tuple[int, ...]]]) -> fx.Graph:
        """Builds the graph.

        Args:
            inputs: for each input its name in the file, its new name and its shape.
        """
        for name, new_name, shape in inputs:
            self._elements += math.prod(shape)
            meta = torch.empty(shape, device="meta")
            self.values[name] = Dynamic(self.graph.placeholder(new_name), meta)
        for index, node in enumerate(self.file.graph.node):
            if index in self.live:
                self._node, self._index = node, index
                self._step()
        results = []
        for value in self.file.graph.output:
            operand = self._operand(value.name)
            if not isinstance(operand, Dynamic):
                raise self.file.error(
                    f"the output '{printable(value.name)}' does not depend on an input; leave it out")
            results.append(operand.node)
        self.graph.output(tuple(results))
        return self.graph

    def _live_nodes(self) -> set[int]:
        wanted = {value.name for value in self.file.graph.output}
        live = set()
        for index in range(len(self.file.graph.node) - 1, -1, -1):
            node = self.file.graph.node[index]
            if wanted.intersection(node.output):
                live.add(index)
                wanted.update(node.input)
        return live

    def _step(self) -> None:
        node = self._node
        operands = [self._operand(name) if name else None for name in node.input]
        is_poisoned = any(isinstance(o, Dynamic) and o.is_poisoned for o in operands)
        try:
            results = self._evaluate(operands)
            for name in node.output[len(results):]:
                if name in self._read:
                    raise Unsupported(
                        f"{node.op_type}: its result '{printable(name)}' is read; adderc has the first "
                        "alone")
        except UnknownOperator as error:
            results = [self._find(operands, str(error))]
        except Unsupported as error:
            # What reads a guessed shape is not to blame.
            results = [self._find(operands, "" if is_poisoned else str(error))]
        for name, value in zip(node.output, results):
            if isinstance(value, Dynamic):
                value.is_poisoned = value.is_poisoned or is_poisoned
            self.values[name] = value
        for name in node.output[len(results):]:
            self.values[name] = results[0]

    def _evaluate(self, operands: list[Operand]) -> list[Any]:
        from .operators import OPERATORS, unknown_operator

        node = self._node
        domain = "" if node.domain == "ai.onnx" else node.domain
        constants = [o for o in operands if not isinstance(o, Dynamic)]
        if len(constants) == len(operands) and domain == "" and node.op_type != "Dropout":
            return self._fold(operands)
        function = OPERATORS.get((domain, node.op_type))
        if function is None:
            raise unknown_operator(domain, node.op_type)
        attributes = {a.name: _attribute(a, self.file) for a in node.attribute}
        try:
            bound = inspect.signature(function).bind(self, *operands, **attributes)
        except TypeError as error:
            raise Unsupported(f"{node.op_type}: arguments that are not known here ({error})") from None
        try:
            result = function(*bound.args, **bound.kwargs)
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            # An attribute or a shape that no sound file has; PyTorch's own refusals are among these.
            raise Unsupported(
                f"{node.op_type} that does not fit its inputs: {first_line(error)}") from None
        return list(result) if isinstance(result, (list, tuple)) else [result]

    def _fold(self, operands: list[Operand]) -> list[Any]:
        arrays = [o.numpy() if isinstance(o, torch.Tensor) else None for o in operands]
        node = self._node
        if node.op_type == "Constant" and node.attribute and node.attribute[0].name == "value":
            return [self._tensor(self.file.array(node.attribute[0].t, node.output[0]))]
        return [self._tensor(array) for array in self.folding.run(node, arrays)]

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        if array.dtype.kind not in "fiub":
            raise Unsupported(f"a constant of the type {array.dtype}")
        if array.dtype in (np.uint16, np.uint32, np.uint64):
            array = array.astype(np.int64)
        return torch.from_numpy(np.array(array, order="C"))

    def _operand(self, name: str) -> Operand:
        """A value, which an initializer becomes when it is first read."""
        if name not in self.values and name in self.file.initializers:
            tensor = self._tensor(self.file.array(self.file.initializers[name], name))
            self.values[name] = tensor
            self._attribute(tensor, name)
        return self.values.get(name)

    # What operators use.

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators."""
        return self.file.opset

    @property
    def output_count(self) -> int:
        """How many results the node at hand has."""
        return len(self._node.output)

    def call(self, function: _Function, *args: Any, **kwargs: Any) -> Any:
        """Adds a call of a function of PyTorch, with the shape that it gives."""
        arguments = (args, kwargs)
        meta = _mapped(arguments, lambda v: v.meta, lambda t: t.to("meta"))
        result = function(*meta[0], **meta[1])
        nodes = _mapped(arguments, lambda v: v.node, lambda t: self._attribute(t, "")[0])
        made = self.graph.call_function(function, *nodes)
        made.meta["adder_place"] = self._place()
        self._spend(sum(
            t.numel() for t in ([result] if isinstance(result, torch.Tensor) else result)))
        if isinstance(result, torch.Tensor):
            return Dynamic(made, result)
        parts = []
        for index, meta_tensor in enumerate(result):
            part = self.graph.call_function(operator.getitem, (made, index))
            part.meta["adder_place"] = made.meta["adder_place"]
            parts.append(Dynamic(part, meta_tensor))
        return parts

    def _spend(self, elements: int) -> None:
        """Adds to what the network takes on the example, all values and all operations at once.

        Raises: AdderError beyond what an ordinary network takes.
        """
        self._elements += elements
        self._calls += 1
        if self._elements > LARGEST_VALUES or self._calls > LARGEST_CALL_COUNT:
            raise self.file.error(
                f"{self._place().line}: here the network has {self._elements} elements of values and "
                f"{self._calls} operations on the example, expected at most {LARGEST_VALUES} and "
                f"{LARGEST_CALL_COUNT}; export it with a smaller batch or for smaller images", 69)

    def work(self, result: Dynamic, per_element: int) -> Dynamic:
        """Counts what each element of a layer's or a pool's result is made of.

        Raises: AdderError beyond what is computed here in minutes.
        """
        self._work += result.meta.numel() * per_element
        if self._work > LARGEST_WORK:
            raise self.file.error(
                f"{self._place().line}: here the network has taken {self._work} steps, expected at most "
                f"{LARGEST_WORK}; export it with a smaller batch or for smaller images", 69)
        return result

    def _place(self) -> Any:
        weight = self._node.input[1] if len(self._node.input) > 1 and self._node.op_type in (
            "Conv", "Gemm", "Adder2d", "AdderLinear", "BatchNormalization") else ""
        return place_of(
            self._node, self._index, weight if weight in self.file.initializers else "")

    def _attribute(self, tensor: torch.Tensor, name: str) -> tuple[fx.Node, torch.Tensor]:
        """The node that gives a constant."""
        if id(tensor) not in self._attributes:
            attribute = f"c{len(self._attributes)}"
            self.root.register_buffer(attribute, tensor)
            if name:
                self.root.names[attribute] = name
            self._attributes[id(tensor)] = self.graph.get_attr(attribute), tensor
        return self._attributes[id(tensor)]

    def _find(self, operands: list[Operand], text: str) -> Dynamic:
        """Puts in the place of a node one that makes a finding, of the shape that the file tells, or of
        its input's."""
        given = [o for o in operands if isinstance(o, Dynamic)] or [
            o for o in self.values.values() if isinstance(o, Dynamic)]
        source = next((o for o in given if o.is_poisoned), given[0])
        told = self._shapes.get(self._node.output[0], [])
        shape = [source.shape[0], *told[1:]] if told and min([1, *told[1:]]) > 0 else source.shape
        self._spend(math.prod(shape))
        made = self.graph.call_function(unsupported, (source.node, shape, text))
        made.meta["adder_place"] = self._place()
        return Dynamic(made, torch.empty(shape, device="meta"), is_poisoned=True)


def first_line(error: Exception) -> str:
    """The first line of a message, cut."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _mapped(tree: Any, dynamic: _Function, constant: _Function) -> Any:
    if isinstance(tree, Dynamic):
        return dynamic(tree)
    if isinstance(tree, torch.Tensor):
        return constant(tree)
    if isinstance(tree, (list, tuple)):
        return type(tree)(_mapped(item, dynamic, constant) for item in tree)
    if isinstance(tree, dict):
        return {key: _mapped(item, dynamic, constant) for key, item in tree.items()}
    return tree


def _attribute(attribute: onnx.AttributeProto, file: OnnxFile) -> Any:
    """An attribute as a number, a text, a list of these or an array."""
    kind = attribute.type
    if kind == onnx.AttributeProto.FLOAT:
        return float(str(np.float32(attribute.f)))  # 1e-05, not its nearest single number
    if kind == onnx.AttributeProto.INT:
        return attribute.i
    if kind == onnx.AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == onnx.AttributeProto.FLOATS:
        return [float(str(np.float32(number))) for number in attribute.floats]
    if kind == onnx.AttributeProto.INTS:
        return list(attribute.ints)
    if kind == onnx.AttributeProto.TENSOR:
        return file.array(attribute.t, attribute.name)
    raise Unsupported(f"the attribute '{printable(attribute.name)}' is a graph or a list of them")
