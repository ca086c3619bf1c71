"""`adder_tools.export`."""

import contextlib
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import nn

from .detection import DETECTION_KEY, Detection
from .errors import AdderWarning, ExportError
from .files import write_whole
from .graph import METADATA_KEY, Graph, execute
from .lowering import Lowering
from .registry import known_operations
from .tracing import Trace, from_program, trace

Numbers = Sequence[float]

# Of docs/graph-format.md.
LARGEST_NODE_COUNT = 10_000
LARGEST_EXTENT = 65_536


@dataclass(frozen=True)
class Exported:
    """What `export` wrote and found."""

    #: The safetensors file.
    path: Path
    #: The graph file in it, docs/graph-format.md.
    graph: dict[str, Any]
    #: The largest difference between the module's outputs and the graph's, of the largest output.
    difference: float
    #: What was assumed, or expressed in another way than written.
    notes: list[str] = field(default_factory=list)
    #: What it was compared with, for messages.
    compared_with: str = "the module"
    #: The description of a detector in it, docs/graph-format.md.
    detection: dict[str, Any] | None = None

    def __str__(self) -> str:
        lines = [
            f"{self.path}: {len(self.graph['nodes'])} nodes; the graph gives what "
            f"{self.compared_with} gives on the example, to {self.difference:.1e} of the largest output"
        ]
        if self.detection is not None:
            lines.append(
                f"a detector of strides {', '.join(map(str, self.detection['strides']))}: at most "
                f"{self.detection['boxes']} boxes of the best {self.detection['candidates']} candidates")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def export(
    model: nn.Module | Any,
    example_input: torch.Tensor | Sequence[torch.Tensor],
    path: str | os.PathLike[str],
    *,
    mean: Numbers | Sequence[Numbers] | None = None,
    std: Numbers | Sequence[Numbers] | None = None,
    adder_classes: Sequence[type[nn.Module]] = (),
    name: str | None = None,
    tolerance: float = 1e-4,
    detection: Detection | None = None,
) -> Exported:
    """Writes a module as a file that `adderc compile` takes as it is.

    The network is traced by torch.fx, with adder layers as leaves, or by torch.export where that
    does not succeed, and run on the example; then the graph that is written is run in doubles with
    numpy alone, and compared. Nothing of the module is changed.

    Args:
        model: the module, in evaluation mode, on the CPU, in single precision; or the program that
            torch.export made of it. Modules that own a tensor `adder` are adder layers,
            −Σ|x − w| + bias, by their attributes `stride`, `padding`, `dilation` and `groups`.
        example_input: what the module takes, images [N, C, H, W] or vectors [N, F], normalized; for
            several inputs a sequence of them. Their extents become those of the model file.
        path: the safetensors file to write.
        mean, std: of the training pixels in 0...1, one for each channel: the model file takes bytes,
            and the network sees (byte/255 − mean)/std; without them byte/255. For several inputs,
            a sequence of them for each.
        adder_classes: further classes of adder layers, with their filters in `adder` or `weight`.
        name: the network's name, by default that of the class.
        tolerance: how far an output may be from the module's, of the largest output.
        detection: how the outputs of a detector become boxes; the model file then finds them.

    Raises: ExportError for what cannot be exported; its `findings` are everything of the network
        that cannot be expressed, each with the path of its module and the line of its source.
    """
    examples = _examples(example_input)
    if detection is not None and not isinstance(detection, Detection):
        raise ExportError(
            f"a detection that is a {type(detection).__name__}, expected an adder_tools.Detection")
    program = None if isinstance(model, nn.Module) else model
    if program is not None and not hasattr(program, "graph_signature"):
        raise ExportError(
            f"a {type(model).__name__}, expected a torch.nn.Module; for a checkpoint, make the "
            "module and call load_state_dict")
    traced: Trace | None = None
    if program is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced = from_program(program)
        module = traced.root
    else:
        module = _unwrapped(model)
        _check_module(module)
    classes = (adder_classes,) if isinstance(adder_classes, type) else tuple(adder_classes)
    with torch.no_grad(), one_thread():
        expected = _run(module, examples)
        if detection is not None:
            detection.check([e.shape for e in examples], [tensor.shape for tensor in expected])
        names = _input_names(module, len(examples), traced)
        if traced is None:
            traced = trace(module, examples, names, classes)
        graph = Graph(re.sub(r"[^A-Za-z0-9_./:-]", "_", name or type(module).__name__)[:255])
        for index, (given, tensor) in enumerate(zip(names, examples)):
            graph.inputs.append(describe_input(given, tensor, mean, std, index, len(examples)))
        lowering = Lowering(traced, module, graph, examples, classes)
        lowering.run()
    return finish(
        lowering, path, expected, tolerance, "the module",
        ". An adder layer that computes more than -sum |x - w| + bias, or reads other attributes than "
        "stride, padding, dilation and groups, is the usual reason; a forward hook is another (traced "
        f"by {traced.how})", detection)


def finish(
    lowering: Lowering, path: str | os.PathLike[str], expected: list[torch.Tensor],
    tolerance: float, what: str, advice: str, detection: Detection | None = None,
) -> Exported:
    """Checks a graph that a lowering made, and writes it.

    Args:
        lowering: after its run.
        expected: what the network gives for its examples.
        what: the network, in messages.
        advice: what to say where it gives something else.
        detection: how its outputs become boxes; checked against them.

    Raises: ExportError with the lowering's findings, or for what the check finds.
    """
    graph = lowering.graph
    if lowering.findings:
        count = len(lowering.findings)
        raise ExportError(
            f"{count} {'thing' if count == 1 else 'things'} of the network cannot be expressed; "
            f"adderc knows "
            f"{known_operations()}:", tuple(lowering.findings))
    graph.drop_unused()
    _keep_names(graph)
    unread = [x["name"] for x in graph.inputs
              if not any(x["name"] in n.inputs for n in graph.nodes) and x["name"] not in graph.outputs]
    if unread:
        raise ExportError(f"no output depends on the inputs {', '.join(unread)}; leave them out")
    if not 1 <= len(graph.nodes) <= LARGEST_NODE_COUNT:
        raise ExportError(
            f"{len(graph.nodes)} operations, expected 1 to {LARGEST_NODE_COUNT}; a network that only "
            "passes its input on needs no model file")
    difference = _check_itself(lowering, expected, tolerance, what, advice)
    metadata = {METADATA_KEY: graph.text()}
    if detection is not None:
        metadata[DETECTION_KEY] = detection.text()
    write_whole(Path(path), save(graph.tensors, metadata=metadata))
    return Exported(
        Path(path), graph.document(), difference, lowering.notes, what,
        None if detection is None else detection.document())


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Weight norm's sums over the last dimension depend on the number of threads; adderc folds them as
    one thread does."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(count)


def _examples(given: Any) -> list[torch.Tensor]:
    examples = [given] if isinstance(given, torch.Tensor) else list(given)
    for example in examples:
        if not isinstance(example, torch.Tensor):
            raise ExportError(
                f"the example holds a {type(example).__name__}, expected tensors; give one for each "
                "input of 'forward'")
        found = f"an example of {list(example.shape)} {str(example.dtype).removeprefix('torch.')}"
        if example.device.type != "cpu":
            raise ExportError(f"{found} on {example.device}; give example.cpu()")
        if example.dtype in (torch.float16, torch.bfloat16):
            raise ExportError(f"{found}, half precision; give example.float()")
        if not example.is_floating_point():
            raise ExportError(
                f"{found}; give what the network takes, floating-point and normalized, such as "
                "(pixels.float() / 255 - mean) / std")
        if example.dim() not in (2, 4) or 0 in example.shape:
            raise ExportError(
                f"{found}, expected images [N, C, H, W] or vectors [N, F]; for one image, add "
                "the batch: example.unsqueeze(0)")
        if example.shape[0] != examples[0].shape[0]:
            raise ExportError("the examples of the inputs are batches of different sizes")
        if not bool(torch.isfinite(example).all()):
            raise ExportError("the example holds NaN or infinite values")
    if not examples:
        raise ExportError("no example; give a tensor for each input of 'forward'")
    return examples


def _unwrapped(module: nn.Module) -> nn.Module:
    """The network in what training wraps around it."""
    while isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)) or (
        type(module).__name__ == "OptimizedModule" and hasattr(module, "_orig_mod")
    ):
        module = getattr(module, "module", None) or module._orig_mod  # type: ignore[assignment]
    if isinstance(module, torch.jit.ScriptModule):
        raise ExportError(
            "a TorchScript module, which cannot be traced; give the module that it was made of")
    return module


def _check_module(module: nn.Module) -> None:
    training = [name or "the module" for name, m in module.named_modules() if m.training]
    if training:
        raise ExportError(
            f"{_some(training)} in training mode; call model.eval() first, so that batch norm has "
            "fixed statistics and dropout does nothing")
    tensors = [*module.named_parameters(), *module.named_buffers()]
    elsewhere = [f"{name} ({t.device})" for name, t in tensors if t.device.type != "cpu"]
    if elsewhere:
        raise ExportError(f"{_some(elsewhere)} not on the CPU; call model.cpu() first")
    half = [name for name, t in tensors if t.dtype in (torch.float16, torch.bfloat16)]
    if half:
        raise ExportError(f"{_some(half)} in half precision; call model.float() first")
    lazy = [name for name, t in tensors if nn.parameter.is_lazy(t)]
    if lazy:
        raise ExportError(f"{_some(lazy)} not initialized; run the model once first")
    broken = [
        f"{name} ({int((~torch.isfinite(t)).sum())} of {t.numel()} values)" for name, t in tensors
        if t.is_floating_point() and not bool(torch.isfinite(t).all())
    ]
    if broken:
        raise ExportError(
            f"{_some(broken)} NaN or infinite; train again from the last sane checkpoint")


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{shown} {'is' if len(names) == 1 else 'are'}"


def _run(module: nn.Module, examples: list[torch.Tensor]) -> list[torch.Tensor]:
    try:
        result = module(*(example.clone() for example in examples))
    except Exception as error:  # Any: it is the network's own.
        raise ExportError(
            f"the module does not run on the example of {[list(e.shape) for e in examples]}: "
            f"{type(error).__name__}: {error}") from error
    tensors = _flat(result)
    for tensor in tensors:
        if not bool(torch.isfinite(tensor).all()):
            raise ExportError("the module gives NaN or infinite outputs for the example")
    return tensors


def _flat(result: Any) -> list[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        return [result.detach().clone()]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        return [tensor for item in result for tensor in _flat(item)]
    return []


def _input_names(module: nn.Module, count: int, traced: Trace | None) -> list[str]:
    if traced is not None:
        names = [str(n.target) for n in traced.graph.nodes if n.op == "placeholder"]
    else:
        code = getattr(type(module).forward, "__code__", None)
        names = list(code.co_varnames[1 : code.co_argcount]) if code is not None else []
    if traced is not None and len(names) != count:
        raise ExportError(f"the program has {len(names)} inputs, and there are {count} examples")
    return [names[i] if i < len(names) else f"input_{i}" for i in range(count)]


def describe_input(
    name: str, tensor: torch.Tensor, mean: Any, std: Any, index: int, count: int
) -> dict[str, Any]:
    channels, height, width = [*tensor.shape[1:], 1, 1][:3]
    if max(channels, height, width) > LARGEST_EXTENT:
        raise ExportError(
            f"'{name}' has the extents {list(tensor.shape[1:])}, expected at most {LARGEST_EXTENT}")
    given: dict[str, Any] = {"name": name, "shape": [int(channels), int(height), int(width)]}
    if (mean is None) != (std is None):
        raise ExportError("mean and std go together; give both or neither")
    low, high = float(tensor.min()), float(tensor.max())
    if mean is None:
        if low < -1e-6 or high > 1 + 1e-6:
            warnings.warn(
                f"the example of '{name}' has values of {low:.3g} to {high:.3g}, but without mean "
                "and std the model file gives the network byte/255, 0 to 1; give the mean= and "
                "std= that the example was normalized with", AdderWarning, stacklevel=3)
        return given
    for key, value in (("mean", mean), ("std", std)):
        numbers = np.asarray(value[index] if count > 1 else value, dtype=np.float64).reshape(-1)
        if numbers.size == 1:
            numbers = np.repeat(numbers, int(channels))
        if numbers.size != channels:
            raise ExportError(
                f"{key} has {numbers.size} values, and '{name}' has {channels} channels")
        if not np.isfinite(numbers).all() or (key == "std" and (numbers <= 0).any()):
            raise ExportError(f"{key} is {numbers.tolist()}, expected finite numbers"
                              + (" above 0" if key == "std" else ""))
        if (np.abs(numbers) > 1).any():
            raise ExportError(
                f"{key} is {numbers.tolist()}, expected that of pixels in 0...1; divide mean and "
                "std of bytes by 255")
        given[key] = [float(number) for number in numbers]
    return given


def _keep_names(graph: Graph) -> None:
    """Names tensors so that none starts with what adderc strips as a wrapper's prefix."""
    if any(name.startswith(("module.", "model.", "net.", "_orig_mod.")) for name in graph.tensors):
        graph.tensors = {f"network.{name}": array for name, array in graph.tensors.items()}
        for node in graph.nodes:
            node.parameters = {
                role: f"network.{name}" for role, name in node.parameters.items()}


def _check_itself(
    lowering: Lowering, expected: list[torch.Tensor], tolerance: float, what: str, advice: str
) -> float:
    """Runs the graph and compares; returns the largest difference, of the largest output."""
    graph = lowering.graph
    results: dict[str, np.ndarray[Any, Any]] = {}
    first, is_wrong = "", False
    arrays = []
    for given, example in zip(graph.inputs, lowering.examples):
        arrays.append(example.detach().numpy().reshape(len(example), *given["shape"]))
    for node, name, value in execute(graph, arrays):
        if name in graph.outputs:
            results[name] = value
        if node is not None and not first and name in lowering.results:
            reference = lowering.results[name].numpy()
            found = _relative(value, reference)
            # Inside, single precision may cancel; what ReLU or a pool hides is to be found, though.
            is_wrong = is_wrong or found > max(10 * tolerance, 1e-3)
            if not found <= tolerance:
                module, line = lowering.places[name]
                place = ", ".join(part for part in (module, line) if part)
                first = (
                    f"; the first value that differs is '{name}' ({node.op}, {place}), by "
                    f"{found:.1e}")
    if len(expected) != len(graph.outputs):
        raise ExportError(
            f"{what} returns {len(expected)} tensors, of which {len(graph.outputs)} depend on "
            "its input; return those alone")
    worst = max(
        _relative(results[name], reference.numpy())
        for name, reference in zip(graph.outputs, expected)
    )
    if is_wrong or not worst <= tolerance:
        raise ExportError(
            f"the graph does not give what {what} gives: outputs differ by {worst:.1e} of the "
            f"largest, and {tolerance:.1e} is allowed{first}{advice}")
    return worst


def _relative(value: np.ndarray[Any, Any], reference: np.ndarray[Any, Any]) -> float:
    scale = float(np.abs(reference).max()) or 1.0
    return float(np.abs(value.reshape(reference.shape) - reference).max()) / scale
