"""ONNX files that the tests make of a few lines of text."""

import warnings
from pathlib import Path
from typing import Any

import adder_tools
import numpy as np
import onnx
import onnx.parser
from adder_tools import AdderWarning, Exported
from onnx import numpy_helper

NEWEST = onnx.defs.onnx_opset_version()


def model(
    body: str, opset: int = 18, *, x: str = "float[N,4,8,8]", y: str = "float[]",
    weights: dict[str, Any] | None = None,
) -> onnx.ModelProto:
    """A network from `x` to `y`, both of which `body` names.

    Args:
        body: nodes as onnx.parser reads them.
        weights: arrays by name, or shapes, which get random numbers.
    """
    made: onnx.ModelProto = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}, "ai.addernet" : 1]>'
        f"net ({x} x) => ({y} y) {{ {body} }}")
    generator = np.random.default_rng(5)
    for name, value in (weights or {}).items():
        if isinstance(value, (tuple, list)):
            value = generator.standard_normal(value).astype(np.float32)
        made.graph.initializer.append(numpy_helper.from_array(value, name))
    return made


def convert(made: onnx.ModelProto | bytes, folder: Path, **options: Any) -> Exported:
    """Imports a network that is saved in a folder."""
    path = folder / "net.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    with warnings.catch_warnings():
        warnings.simplefilter("error", AdderWarning)
        return adder_tools.onnx.import_onnx(path, folder / "net.safetensors", **options)
