"""ONNX files: adder layers in them, networks from them, and the structure of compiled models.

    adder_tools.register_onnx()                      # torch.onnx.export writes ai.addernet::Adder2d
    adder_tools.onnx.import_onnx("net.onnx", "net.safetensors", mean=[...], std=[...])
    adder_tools.onnx.export_structure("net.adb", "net.onnx")   # for Netron

`python -m adder_tools.onnx` does the last two; docs/onnx.md describes the operators.
"""

from typing import TYPE_CHECKING, Any

from ..errors import AdderError, require

if TYPE_CHECKING:
    from .exporting import register_onnx
    from .importing import import_onnx
    from .structure import export_structure

__all__ = ["export_structure", "import_onnx", "register_onnx"]

_MODULES = {
    "export_structure": "structure", "import_onnx": "importing", "register_onnx": "exporting"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'adder_tools.onnx' has no attribute {name!r}")
    from importlib import import_module

    require("onnx", "onnx")
    if name != "export_structure":
        torch = require("torch", "")
        if not hasattr(torch.library, "custom_op"):
            raise AdderError(f"needs PyTorch 2.4 or later, found {torch.__version__}", 69)
    return getattr(import_module(f"adder_tools.onnx.{_MODULES[name]}"), name)
