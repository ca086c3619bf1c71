"""The structure of a compiled model as an ONNX file, for viewers such as Netron."""

import os
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from ..errors import AdderError
from ..files import write_whole
from ..library import json_report
from .definitions import DOMAIN, VERSION

_TYPES = {"u8": TensorProto.UINT8, "i16": TensorProto.INT16, "i32": TensorProto.INT32}
#: What is said of each operation, as `adderc inspect --json --layers` has it.
_FACTS = (
    "patch_bits", "filter_bytes", "absolute_differences", "additions", "arena_offset", "arena_bytes",
    "scratch_bytes",
)


def export_structure(
    model: str | os.PathLike[str], path: str | os.PathLike[str],
    *, adderc: str | os.PathLike[str] | None = None,
) -> int:
    """Writes what a compiled model consists of as an ONNX file, without its weights.

    Each operation is a node of the domain `ai.addernet`, `Integer` and its name, with bits, bytes of
    filters and place in the arena; each value has its shape, [1, C, H, W], and element type. Viewers
    show it and onnx's checker takes it; no runtime runs it.

    Args:
        model: the .adb file.
        path: the ONNX file to write.
        adderc: the program that reads the model; by default $ADDERC, on the PATH, or of the checkout.

    Returns: the number of operations.

    Raises: AdderError for a file that is no model, or that cannot be written.
    """
    report = _inspect(Path(model), adderc)
    names = _unique([tensor["name"] for tensor in report["tensors"]])
    values = [
        helper.make_tensor_value_info(name, _TYPES[tensor["type"]], [1, *tensor["shape"]])
        for name, tensor in zip(names, report["tensors"])]
    for value, tensor in zip(values, report["tensors"]):
        value.doc_string = f"(integer - {tensor['zero_point']}) * {tensor['scale']:.9g}"
    nodes = []
    for name, layer in zip(_unique([layer["name"] for layer in report["layers"]]), report["layers"]):
        output = report["tensors"][layer["output"]]
        facts = {key: layer[key] for key in _FACTS if layer.get(key) is not None}
        kind = layer["operation"]
        nodes.append(helper.make_node(
            f"Integer{kind[:1].upper()}{kind[1:]}", [names[i] for i in layer["inputs"]],
            [names[layer["output"]]], name=name, domain=DOMAIN,
            output_scale=float(output["scale"]), output_zero_point=int(output["zero_point"]), **facts))
    made = {node.output[0] for node in nodes}
    # Inputs and outputs are named as values are.
    inputs = [value for value in values if value.name not in made]
    ends = [_value_of(tensor, report["tensors"]) for tensor in report["outputs"]]
    outputs = [values[index] for index in ends]
    inner = [v for v in values if v not in inputs and v not in outputs]
    graph = helper.make_graph(
        nodes, report["name"] or Path(model).stem, inputs, outputs, value_info=inner)
    result = helper.make_model(
        graph, producer_name="adder-tools", ir_version=8,
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(DOMAIN, VERSION)])
    result.doc_string = "The structure of a compiled model, without weights."
    facts = {key: str(report[key]) for key in (
        "checksum", "flash_bytes", "arena_bytes", "absolute_differences", "additions")}
    for tensor in report["inputs"]:
        if "mean" in tensor:
            facts[f"normalization of {tensor['name']}"] = (
                f"(byte/255 - {tensor['mean']}) / {tensor['std']}")
    helper.set_model_props(result, facts)
    data = result.SerializeToString()
    write_whole(Path(path), data)
    return len(nodes)


def _inspect(model: Path, adderc: str | os.PathLike[str] | None) -> dict[str, Any]:
    report = json_report("adderc", adderc, ["inspect", str(model.absolute()), "--layers", "--tensors"])
    if report.get("kind") != "model":
        raise AdderError(f"{model}: no compiled model, expected what adderc compile wrote")
    return report


def _unique(names: list[str]) -> list[str]:
    """The names, numbered where they are missing or there twice."""
    taken: set[str] = set()
    result = []
    for index, name in enumerate(names):
        unlike = name or f"value_{index}"
        while unlike in taken:
            unlike = f"{unlike}_{index}"
        taken.add(unlike)
        result.append(unlike)
    return result


def _value_of(binding: dict[str, Any], tensors: list[dict[str, Any]]) -> int:
    """The index of the value that leaves by a binding."""
    keys = ("name", "shape", "type", "scale", "zero_point", "arena_offset")
    return next(
        i for i in range(len(tensors) - 1, -1, -1)
        if all(tensors[i].get(key) == binding.get(key) for key in keys))
