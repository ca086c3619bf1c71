"""`adder_tools.register_onnx`: adder layers as `ai.addernet::Adder2d` in `torch.onnx.export`."""

import contextlib
import functools
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import onnx
import onnxscript
import torch
from torch import nn

from ..errors import AdderError, ExportError, require
from ..graph import Graph, Node, execute
from ..lowering import Lowering
from ..tracing import adder_weight, trace
from ..values import graph_shape
from ..vocabulary import pair, padding
from .. import modules  # noqa: F401  It registers what lowering.py calls.
from . import functions  # noqa: F401  It makes torch.ops.adder_tools.
from .definitions import DOMAIN, VERSION, missing_bodies, register_schemas

#: How far a layer may be from what its module computes, of the largest value.
TOLERANCE = 1e-4


class AdderLayer(nn.Module):
    """An adder layer in the place of a module that computes one: one operation of ONNX."""

    def __init__(self, node: Node, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self.adder = nn.Parameter(weight, requires_grad=False)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        self.is_linear = node.op == "adder_linear"
        self.stride = list(pair(node.attributes.get("stride", 1)))
        self.pads = list(padding(node.attributes))
        self.dilation = list(pair(node.attributes.get("dilation", 1)))
        self.groups = int(node.attributes.get("groups", 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.is_linear:
            return torch.ops.adder_tools.adder_linear(x, self.adder, self.bias)  # type: ignore
        return torch.ops.adder_tools.adder2d(  # type: ignore[no-any-return]
            x, self.adder, self.bias, self.stride, self.pads, self.dilation, self.groups)


def register_onnx(*, adder_classes: Sequence[type[nn.Module]] = ()) -> None:
    """Makes `torch.onnx.export(…, dynamo=True)` write adder layers as single operators.

    From here on it puts `ai.addernet::Adder2d` and `AdderLinear` (docs/onnx.md) in the place of
    modules that own a tensor `adder`, and adds the operators' bodies in plain ONNX, so that any
    runtime runs the file. For that it runs the model once on the arguments, in evaluation mode, and
    compares each such layer with −Σ|x − w| + bias. The model is as it was afterwards. Further calls
    add classes.

    Args:
        adder_classes: further classes of adder layers, as for `adder_tools.export`.

    Raises: AdderError where PyTorch or onnxscript are too old or missing; `torch.onnx.export` then
        raises ExportError for a layer that is none.
    """
    for package in ("onnx", "onnxscript"):
        require(package, "onnx")
    register_schemas()
    present: Any = torch.onnx.export
    classes = {*getattr(present, "adder_classes", ()), *adder_classes}
    original = getattr(present, "__wrapped__", present) if hasattr(
        present, "adder_classes") else present

    @functools.wraps(original)
    def export(model: Any, args: Any = (), f: Any = None, **options: Any) -> Any:
        return _export(original, tuple(classes), model, args, f, options)

    export.adder_classes = classes  # type: ignore[attr-defined]
    torch.onnx.export = export


def _export(
    original: Callable[..., Any], classes: tuple[type[nn.Module], ...], model: Any, args: Any,
    f: Any, options: dict[str, Any],
) -> Any:
    layers = _adder_layers(model, classes) if isinstance(model, nn.Module) else []
    if options.get("dynamo", True) is False:
        if layers:
            raise AdderError(
                "adder layers need the exporter with dynamo=True; the older one has no operator for "
                "them")
        return original(model, args, f, **options)
    options = {**options, "dynamo": True}
    table = dict(options.pop("custom_translation_table", None) or {})
    options["custom_translation_table"] = {**_translations(), **table}
    save = {key: options.pop(key) for key in ("external_data",) if key in options}
    parameters = options.get("export_params", True)
    keep = options.get("keep_initializers_as_inputs", False)
    arguments = (args,) if isinstance(args, torch.Tensor) else tuple(args)
    with _replaced(model, layers, classes, arguments, options.get("kwargs") or {}) as replaced:
        program = original(replaced, args, None, **options)
    _add_bodies(program)
    if isinstance(f, io.BytesIO):
        onnx.save(program.model_proto, f)
    elif f is not None:
        program.save(
            f, include_initializers=parameters, keep_initializers_as_inputs=keep,
            external_data=save.get("external_data", True))
    return program


def _translations() -> dict[Any, Callable[..., Any]]:
    opset = onnxscript.values.Opset(DOMAIN, VERSION)

    def adder2d(
        x: Any, weight: Any, bias: Any, strides: Any, pads: Any, dilations: Any, group: int
    ) -> Any:
        return opset.Adder2d(
            x, weight, bias, strides=strides, pads=pads, dilations=dilations, group=group)

    def adder_linear(x: Any, weight: Any, bias: Any) -> Any:
        return opset.AdderLinear(x, weight, bias)

    operations = torch.ops.adder_tools
    return {
        operations.adder2d.default: adder2d, operations.adder_linear.default: adder_linear}


def _add_bodies(program: Any) -> None:
    """Adds the functions of adder layers to what the exporter made."""
    import onnx_ir

    nodes = [
        onnx.NodeProto(op_type=node.op_type, domain=node.domain) for node in program.model.graph]
    opset = program.model.opset_imports.get("", 0)
    for function in missing_bodies(nodes, (), opset):
        made = onnx_ir.serde.deserialize_function(function)
        program.model.functions[made.identifier()] = made
    if any(node.domain == DOMAIN for node in nodes):
        program.model.opset_imports[DOMAIN] = VERSION


def _adder_layers(model: nn.Module, classes: tuple[type[nn.Module], ...]) -> list[
    tuple[str, nn.Module]
]:
    return [
        (name, module) for name, module in model.named_modules(remove_duplicate=False)
        if isinstance(module, classes) or adder_weight(module) is not None]


@contextlib.contextmanager
def _replaced(
    model: Any, layers: list[tuple[str, nn.Module]], classes: tuple[type[nn.Module], ...],
    args: tuple[Any, ...], kwargs: dict[str, Any],
) -> Iterator[Any]:
    """The model with single operations in the place of its adder layers, for a while."""
    if not layers:
        yield model
        return
    made = {
        module: _as_layer(name, module, classes, *seen)
        for module, (name, seen) in _observe(model, layers, args, kwargs).items()}
    places: list[tuple[nn.Module, str, nn.Module]] = []
    try:
        for name, module in layers:
            if name and module in made:
                parent = model.get_submodule(name.rpartition(".")[0])
                places.append((parent, name.rpartition(".")[2], module))
                parent._modules[places[-1][1]] = made[module]
        yield made.get(model, model)
    finally:
        for parent, attribute, module in places:
            parent._modules[attribute] = module


def _observe(
    model: nn.Module, layers: list[tuple[str, nn.Module]], args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[nn.Module, tuple[str, tuple[torch.Tensor, torch.Tensor]]]:
    """What each layer takes and gives when the model runs."""
    seen: dict[nn.Module, tuple[str, tuple[torch.Tensor, torch.Tensor]]] = {}

    def hook(name: str) -> Callable[..., None]:
        def keep(module: nn.Module, given: tuple[Any, ...], result: Any) -> None:
            if len(given) != 1 or not isinstance(result, torch.Tensor):
                raise ExportError(
                    f"{name}: an adder layer that takes or gives something else than one tensor")
            seen.setdefault(module, (name, (given[0].detach().clone(), result.detach().clone())))

        return keep

    training = [module for module in model.modules() if module.training]
    hooks = [module.register_forward_hook(hook(name)) for name, module in {
        module: (name, module) for name, module in reversed(layers)}.values()]
    try:
        model.eval()
        with torch.no_grad():
            model(*args, **kwargs)
    finally:
        for handle in hooks:
            handle.remove()
        for module in training:
            module.training = True
    return seen


def _as_layer(
    name: str, module: nn.Module, classes: tuple[type[nn.Module], ...], x: torch.Tensor,
    y: torch.Tensor,
) -> AdderLayer:
    """A module as a single operation, by the attributes that `adder_tools.export` reads.

    Raises: ExportError where that operation gives something else.
    """
    place = name or "the module"
    graph = Graph("layer", [{"name": "x", "shape": list(graph_shape(x))}])
    examples = [x.cpu().float()]
    lowering = Lowering(trace(module, examples, ["x"], classes), module, graph, examples, classes)
    with torch.no_grad():
        lowering.run()
    nodes = [node for node in graph.nodes if node.op in ("adder2d", "adder_linear")]
    if lowering.findings or len(nodes) != 1 or len(graph.nodes) != 1:
        raise ExportError(
            f"{place}: no adder layer as ONNX's operators have it",
            tuple(lowering.findings) or ())
    array = examples[0].numpy().reshape(len(x), *graph.inputs[0]["shape"])
    *_, (_, _, result) = execute(graph, [array])
    scale = float(y.abs().max()) or 1.0
    difference = float((torch.from_numpy(result).reshape(y.shape) - y.cpu()).abs().max()) / scale
    if not difference <= TOLERANCE:
        raise ExportError(
            f"{place}: it does not give -sum |x - w| + bias, but differs by {difference:.1e} of the "
            "largest value; move what else it computes out of the module")
    node = nodes[0]
    tensors = {
        role: torch.from_numpy(graph.tensors[tensor]).to(y.device, y.dtype)
        for role, tensor in node.parameters.items()}
    weight = tensors["weight"]
    if weight.dim() == 3:
        side = round(weight.shape[2] ** 0.5)
        weight = weight.reshape(*weight.shape[:2], side, side)
    return AdderLayer(node, weight, tensors.get("bias")).train(module.training)
