"""`adder_tools.onnx.import_onnx`."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import modules  # noqa: F401  It registers what lowering.py calls.
from .._export import Exported, describe_input, finish, one_thread
from ..errors import ExportError
from ..graph import Graph
from ..lowering import Lowering
from ..tracing import Trace, place
from . import operators, shapes  # noqa: F401  They fill OPERATORS.
from .building import Builder, first_line
from .checking import outputs_of
from .reading import LARGEST_VALUE, OnnxFile, input_shape, read

Numbers = Sequence[float]

# Of docs/graph-format.md.
LARGEST_INPUT_COUNT = 64


def import_onnx(
    model: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    mean: Numbers | Sequence[Numbers] | None = None,
    std: Numbers | Sequence[Numbers] | None = None,
    input_shapes: Mapping[str, Sequence[int]] | Sequence[int] | None = None,
    name: str | None = None,
    tolerance: float = 1e-4,
) -> Exported:
    """Writes an ONNX file as a safetensors file that `adderc compile` takes as it is.

    The graph is run in doubles with numpy alone on a random image, and compared with what PyTorch
    gives for ONNX's operators and, where they run the file, with onnxruntime or onnx.

    Args:
        model: the ONNX file, opset 11 or later, with weights inside or beside it.
        path: the safetensors file to write.
        mean, std: of the training pixels in 0...1, one for each channel, as for `adder_tools.export`;
            for several inputs, a sequence of them for each.
        input_shapes: extents without the batch in the place of those that the file leaves open, for
            the one input or by the names of inputs.
        name: the network's name, by default that of the file.
        tolerance: how far an output may be from the file's, of the largest output.

    Raises: AdderError for a file that cannot be read; ExportError for what cannot be expressed, with
        the module, the node and its index for each of its `findings`.
    """
    file = read(model)
    given = [value for value in file.graph.input if value.name not in file.initializers]
    if not 1 <= len(given) <= LARGEST_INPUT_COUNT:
        raise file.error(f"it has {len(given)} inputs, expected 1 to {LARGEST_INPUT_COUNT}", 69)
    if isinstance(input_shapes, Mapping):
        unknown = set(input_shapes) - {value.name for value in given}
        if unknown:
            raise file.error(
                f"there is no input '{min(unknown)}'; it has {', '.join(v.name for v in given)}", 64)
    elif input_shapes is not None:
        input_shapes = {value.name: input_shapes for value in given}
    graph = Graph(re.sub(r"[^A-Za-z0-9_./:-]", "_", name or Path(model).stem)[:255] or "network")
    examples = []
    generator = np.random.default_rng(1)
    inputs = []
    for index, value in enumerate(given):
        shape = input_shape(file, value, (input_shapes or {}).get(value.name))
        new_name = graph.free_name(value.name)
        # mean and std are checked on an example of one value.
        described = describe_input(new_name, torch.zeros(shape[1:])[None], mean, std, index, len(given))
        graph.inputs.append(described)
        examples.append(_example(described, shape, generator))
        inputs.append((value.name, new_name, shape))
        if sum(example.numel() for example in examples) > LARGEST_VALUE:
            raise file.error(f"its inputs have more than {LARGEST_VALUE} elements")
    if len({shape[0] for _, _, shape in inputs}) != 1:
        raise file.error("its inputs have batches of different sizes", 69)
    builder = Builder(file)
    with torch.no_grad(), one_thread():
        trace = Trace(builder.run(inputs), builder.root, "onnx")
        lowering = Lowering(trace, builder.root, graph, examples, ())
        try:
            lowering.run()
        except RuntimeError as error:  # What the shapes alone do not tell.
            raise file.error(
                f"{place(lowering.node)[1]}: PyTorch refuses it: {first_line(error)}") from None
    lowering.notes[:0] = file.notes
    if mean is None:
        lowering.notes.append(
            "without mean and std the model file gives the network byte/255, 0 to 1")
    expected, what = [value.tensor for value in lowering.outputs], "PyTorch for ONNX's operators"
    if not lowering.findings:
        expected, what = _compare(file, lowering, inputs, builder.live, expected, what)
        if not all(bool(torch.isfinite(tensor).all()) for tensor in expected):
            raise file.error("it gives NaN or infinite outputs for random pixels")
    return finish(
        lowering, path, expected, tolerance, what,
        ". Where onnxruntime or onnx gives other numbers than PyTorch for the same file, please report it")


def _example(described: dict[str, Any], shape: Sequence[int], generator: Any) -> torch.Tensor:
    """Random pixels as the network sees them."""
    pixels = generator.integers(0, 256, size=shape).astype(np.float64) / 255
    if "mean" in described:
        shift, scale = (
            np.asarray(described[key]).reshape(1, -1, *(1,) * (len(shape) - 2))
            for key in ("mean", "std"))
        pixels = (pixels - shift) / scale
    return torch.from_numpy(pixels.astype(np.float32))


def _compare(
    file: OnnxFile, lowering: Lowering, inputs: Sequence[tuple[str, str, Any]], live: set[int],
    expected: list[torch.Tensor], what: str,
) -> tuple[list[torch.Tensor], str]:
    """What the file gives elsewhere, in the place of what PyTorch gives."""
    feeds = {
        name: example.numpy() for (name, _, _), example in zip(inputs, lowering.examples)}
    found, who = outputs_of(file, feeds, live)
    if found is None:
        lowering.notes.append(f"the file was not run by onnxruntime or onnx: {who}")
        return expected, what
    if len(found) != len(expected) or any(
        array.size != tensor.numel() for array, tensor in zip(found, expected)
    ):
        raise ExportError(
            f"{file.path}: {who} gives {[list(a.shape) for a in found]}, expected "
            f"{[list(t.shape) for t in expected]}")
    return [torch.from_numpy(np.array(array, dtype=np.float32)) for array in found], who
