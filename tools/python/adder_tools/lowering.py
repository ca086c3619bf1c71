"""From operations of PyTorch to a graph file.

The traced network is run on the example, operation by operation; beside each tensor stands what it
is in the graph (`Value`), so that sizes, conditions and constants are plain numbers.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from .errors import Finding
from .graph import Graph, Node
from .movement import resolve_movement
from .tracing import Trace, adder_weight, is_whole_module, place
from .values import Poisoned, Shape, Unsupported, Value, graph_shape, map_values, values_in

#: What asks a tensor for its extents and type.
QUERIES = {
    "size", "dim", "ndimension", "numel", "nelement", "getattr", "is_floating_point", "stride",
    "len", "sym_size", "get_device", "is_contiguous", "element_size", "storage_offset",
}
RANDOM = {"rand", "randn", "randint", "bernoulli", "normal", "multinomial", "rand_like", "randn_like"}


class Lowering:
    """One walk over a traced network."""

    def __init__(
        self, trace: Trace, model: nn.Module, graph: Graph, examples: Sequence[torch.Tensor],
        adder_classes: tuple[type, ...],
    ) -> None:
        self.trace = trace
        self.graph = graph
        self.adder_classes = adder_classes
        self.findings: list[Finding] = []
        self._found: set[Finding] = set()
        self.notes: list[str] = []
        #: What the network itself gave for a node: to find the first that differs.
        self.results: dict[str, torch.Tensor] = {}
        #: Where each node came from.
        self.places: dict[str, tuple[str, str]] = {}
        self.batch = int(examples[0].shape[0])
        self.examples = examples
        self.state: dict[tuple[int, ...], str] = {}
        named = [*model.named_parameters(remove_duplicate=False)] if _has_flag(model) else [
            *model.named_parameters()]
        for name, tensor in [*named, *model.named_buffers()]:
            self.state.setdefault(_identity(tensor), name)
        self._state_names = set(self.state.values())
        self._counts: dict[str, int] = {}
        self.parameters = [tensor for _, tensor in named]
        self.values: dict[fx.Node, Any] = {}
        self.outputs: list[Value] = []
        self._node: fx.Node
        self._result: Any = None

    # The walk.

    def run(self) -> None:
        """Fills the graph, `findings` and `notes`."""
        live = self._live_nodes()
        examples = iter(zip(self.graph.inputs, self.examples, strict=True))
        for node in self.trace.graph.nodes:
            self._node = node
            if node.op == "placeholder":
                given, tensor = next(examples)
                tensor = tensor.clone()
                self.values[node] = Value(tensor, given["name"], graph_shape(tensor))
            elif node.op == "output":
                self._finish(fx.node.map_arg(node.args[0], lambda n: self.values[n]))
            elif node in live:
                self.values[node] = self._step(node)

    def _live_nodes(self) -> set[fx.Node]:
        """The nodes that an output depends on, and those that write to what they read."""
        live: set[fx.Node] = set()
        for node in reversed(self.trace.graph.nodes):
            self._node = node
            kept = node.op in ("output", "placeholder") or _writes(node, self.module())
            if node in live or kept:
                live.add(node)
                live.update(node.all_input_nodes)
        return live

    def _finish(self, result: Any) -> None:
        for value in values_in(result):
            self._attempt(partial(self._output, value))
        if not values_in(result):
            self.find("the network's output does not depend on its input")

    def _output(self, value: Value) -> None:
        name = self.resolve(value)[0]
        if name in self.graph.outputs:
            raise Unsupported(
                "one value is returned twice, or once more as it is; return each value once")
        self.graph.outputs.append(name)
        self.outputs.append(value)

    def _attempt(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except Unsupported as error:
            self.find(str(error))
        except Poisoned:
            pass
        return None

    def find(self, text: str) -> None:
        """Notes what cannot be expressed at this place."""
        finding = Finding(*place(self._node), text)
        if finding not in self._found:
            self._found.add(finding)
            self.findings.append(finding)

    def _step(self, node: fx.Node) -> Any:
        args: Any = fx.node.map_arg(node.args, lambda n: self.values[n])
        kwargs: Any = fx.node.map_arg(node.kwargs, lambda n: self.values[n])
        if self.name() == "getitem" and args and not isinstance(args[0], (Value, torch.Tensor)):
            return args[0][args[1]]
        given = values_in((args, kwargs))
        self._result = self.compute((args, kwargs), lambda value: value.tensor)
        if not given:
            if self.name() in RANDOM:
                self.find(f"{self.name()}: random numbers, which a model file cannot make")
            return self._result
        if not _tensors_in(self._result):
            if self.name() not in QUERIES:
                self.find(f"{self.name()}: what the network does depends on values of the image")
            return self._result
        value = self._attempt(lambda: self._translate(args, kwargs))
        if value is None:
            value = _poisoned(self._result)
        if _writes(node, self.module()) and isinstance(value, Value):
            given[0].become(value)
            return given[0]
        return value

    def _translate(self, args: Any, kwargs: Any) -> Any:
        from .modules import translate_module
        from .registry import FUNCTIONS, unknown

        if self._node.op == "call_module":
            return translate_module(self, self.module(), args, kwargs)
        function = FUNCTIONS.get(self.name())
        if function is None:
            raise unknown(self.name())
        return self.call(function, args, kwargs)

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Calls a translation with the arguments of PyTorch."""
        try:
            bound = inspect.signature(function).bind(self, *args, **kwargs)
        except TypeError as error:
            raise Unsupported(f"{self.name()}: arguments that are not known here ({error})") from None
        return function(*bound.args, **bound.kwargs)

    # The operation at hand.

    @property
    def node(self) -> fx.Node:
        """The operation at hand."""
        return self._node

    def module(self) -> nn.Module | None:
        """The module that the operation calls, if it does."""
        if self._node.op != "call_module":
            return None
        found: Any = self.trace.root
        for part in str(self._node.target).split("."):
            found = getattr(found, part)
        return found if isinstance(found, nn.Module) else None

    def name(self) -> str:
        """The operation's name, one for PyTorch's functions, methods and ATen's operations."""
        from .registry import operation_name

        return operation_name(self._node.target) if self._node.op != "call_module" else ""

    @property
    def result(self) -> torch.Tensor:
        """What the operation gives for the example."""
        if not isinstance(self._result, torch.Tensor):
            raise Unsupported(f"{self.name()}: several results, of which adderc knows none")
        return self._result

    def compute(self, arguments: Any, tensor_of: Callable[[Value], torch.Tensor]) -> Any:
        """What PyTorch gives for the operation with tensors in the place of values."""
        args, kwargs = map_values(arguments, tensor_of)
        node = self._node
        if node.op == "call_function":
            return node.target(*args, **kwargs)  # type: ignore[operator]
        if node.op == "call_method":
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        if node.op == "get_attr":
            found: Any = self.trace.root
            for part in str(node.target).split("."):
                found = getattr(found, part)
            return found
        module = self.module()
        assert module is not None
        return module(*args, **kwargs)

    # What translations make.

    def emit(
        self, op: str, inputs: Sequence[str], shape: Shape, tensor: torch.Tensor | None = None,
        attributes: dict[str, Any] | None = None, parameters: dict[str, str] | None = None,
        name: str | None = None,
    ) -> str:
        """Adds a node to the graph, and returns its name.

        Args:
            tensor: what the network gives for it on the example, where that is known.
            name: the wanted name, by default that of the operation in the module whose code runs.
        """
        path = place(self._node)
        name = self.graph.free_name(name or self._beside(op))
        defaults = {"padding": 0, "dilation": 1, "groups": 1}
        kept = {
            key: _plain(value) for key, value in (attributes or {}).items()
            if key not in defaults or _plain(value) != defaults[key]
        }
        self.graph.nodes.append(Node(name, op, list(inputs), kept, dict(parameters or {})))
        self.places[name] = path
        if tensor is not None:
            self.results[name] = tensor.detach().clone()
        return name

    def make(
        self, op: str, values: Sequence[Value], attributes: dict[str, Any] | None = None,
        parameters: dict[str, str] | None = None,
    ) -> Value:
        """The operation at hand as one node on values."""
        names = [self.resolve(value)[0] for value in values]
        shape = graph_shape(self.result)
        wanted = self.layer_name(op, parameters or {})
        name = self.emit(op, names, shape, self.result, attributes, parameters, wanted)
        return Value(self.result, name, shape)

    def _beside(self, op: str) -> str:
        """A name for an operation of the module whose code runs."""
        path = place(self._node)[0]
        if is_whole_module(self._node):
            path = path.rpartition(".")[0]
        return f"{path}.{op}" if path else op

    def layer_name(self, op: str, parameters: dict[str, str]) -> str:
        """A name for the operation at hand: that of the module that it is or whose tensors it has."""
        if is_whole_module(self._node):
            return place(self._node)[0] or op
        for role in ("weight", "running_mean"):
            owner = parameters.get(role, "").rpartition(".")[0]
            if owner:
                return owner
        return self._beside(op)

    def constant(self, value: Any, role: str) -> str:
        """The name of a tensor of the file that holds a constant.

        Args:
            role: what it is to the operation at hand, for the name where it is no parameter.
        """
        if isinstance(value, Value):
            raise Unsupported(f"the {role} depends on the image, and a model file has fixed ones")
        tensor = torch.as_tensor(value).detach()
        name = self.state.get(_identity(tensor))
        if name is None:
            path = str(self._node.target) if self._node.op == "call_module" else (
                place(self._node)[0])
            base = f"{path}.{role}" if path else role
            count = self._counts.get(base, 1)
            name = base if count == 1 else f"{base}_{count}"
            while name in self._state_names or name in self.graph.tensors:
                count += 1
                name = f"{base}_{count}"
            self._counts[base] = count
        array = np.ascontiguousarray(tensor.to(torch.float32).numpy())
        broken = int(array.size - np.isfinite(array).sum())
        if broken:
            raise Unsupported(
                f"the tensor '{name}' has {broken} values that are NaN or infinite, of {array.size}; "
                "train it again from the last sane checkpoint")
        self.graph.tensors[name] = array
        return name

    def resolve(self, value: Value) -> tuple[str, Shape]:
        """The value of the graph that has the elements of `value` in their own places.

        Adds the nodes that bring them there.
        """
        if value.part is not None:
            from .adders import make_part

            make_part(self, value)
        if value.name is None:
            if value.windows is not None or value.difference is not None:
                raise Unsupported(
                    "windows or differences that do not become an adder layer, which is "
                    "-(x - w).abs().sum() or -cdist(x, w, p=1) of unfolded windows and its filters")
            raise Poisoned
        if value.is_negated:
            turned = self.affine(value.like(is_negated=False, tensor=-value.tensor), -1, 0)
            value.become(turned.like(tensor=value.tensor))
        here, self._node = self._node, value.origin or self._node
        try:
            return resolve_movement(self, value)
        except Unsupported as error:
            self.find(str(error))
            value.name = None
            raise Poisoned from None
        finally:
            self._node = here

    def affine(self, value: Value, scale: Any, shift: Any) -> Value:
        """scale·x + shift with constants for each channel."""
        name, shape = self.resolve(value)
        channels = []
        for constant, role in ((scale, "scale"), (shift, "shift")):
            assert not isinstance(constant, Value)
            tensor = torch.as_tensor(constant, dtype=torch.float32)
            try:
                whole = tensor.expand(value.tensor.shape)
            except RuntimeError:
                raise Unsupported(
                    f"a constant of shape {list(tensor.shape)} makes the value larger") from None
            rows = whole.reshape(self.batch, shape[0], -1)
            each = rows[0, :, 0]
            if not torch.equal(rows, each.reshape(1, -1, 1).expand_as(rows)):
                raise Unsupported(
                    f"the {role} differs from place to place; adderc takes one for each channel")
            channels.append(each)
        parameters = {}
        for role, tensor, identity in (("weight", channels[0], 1), ("bias", channels[1], 0)):
            if bool((tensor != identity).any()):
                parameters[role] = self.constant(tensor, f"affine.{role}")
        if parameters:
            name = self.emit("affine", [name], shape, None, {}, parameters)
        return value.like(name=name)


def is_adder(lowering: Lowering, module: nn.Module) -> bool:
    """Whether a module is an adder layer."""
    return isinstance(module, lowering.adder_classes) or adder_weight(module) is not None


def _writes(node: fx.Node, module: nn.Module | None) -> bool:
    """Whether an operation writes its result to its first argument."""
    if module is not None:
        return bool(getattr(module, "inplace", False))
    if node.op not in ("call_function", "call_method"):
        return False
    if node.kwargs.get("inplace"):
        return True
    name = getattr(node.target, "__name__", str(node.target)).split(".")[0]
    if name in ("iadd", "isub", "imul", "itruediv"):
        return True
    return name.endswith("_") and not name.endswith("__")


def _tensors_in(tree: Any) -> bool:
    if isinstance(tree, (list, tuple)):
        return any(_tensors_in(item) for item in tree)
    return isinstance(tree, torch.Tensor)


def _poisoned(result: Any) -> Any:
    if isinstance(result, (list, tuple)):
        return tuple(_poisoned(item) for item in result)
    return Value(result, None) if isinstance(result, torch.Tensor) else result


def _identity(tensor: torch.Tensor) -> tuple[int, ...]:
    if not isinstance(tensor, torch.Tensor) or tensor.numel() == 0:
        return (-1,)
    return (tensor.data_ptr(), *tensor.shape, -1, *tensor.stride())


def _has_flag(model: nn.Module) -> bool:
    return "remove_duplicate" in inspect.signature(model.named_parameters).parameters


def _plain(value: Any) -> Any:
    """A number, or a list of them; one number where all are equal."""
    if isinstance(value, (list, tuple)):
        numbers = [int(number) for number in value]
        return numbers[0] if len(set(numbers)) == 1 else numbers
    return value
