"""From PyTorch modules to the model files of Adder, and these on images.

    import adder_tools
    adder_tools.export(model, example, "net.safetensors", mean=[...], std=[...])
    # adderc compile net.safetensors -o net.adb
    scores = adder_tools.Model("net.adb")(images)
"""

from typing import TYPE_CHECKING, Any

from .detection import Detection
from .errors import AdderError, AdderWarning, ExportError, Finding
from .grids import Grid, patch_grids

if TYPE_CHECKING:
    from . import onnx
    from ._export import Exported, export
    from .boxes import Boxes
    from .onnx import register_onnx
    from .run import Model

__all__ = [
    "AdderError", "AdderWarning", "Boxes", "Detection", "ExportError", "Exported", "Finding", "Grid",
    "Model", "export", "onnx", "patch_grids", "register_onnx",
]


def __getattr__(name: str) -> Any:
    # PyTorch takes a second to import, which running a model does without.
    if name in ("export", "Exported"):
        from .errors import require

        require("torch", "")
        from . import _export

        return getattr(_export, name)
    if name in ("Boxes", "Model"):
        from . import run

        return getattr(run, name)
    if name == "onnx":
        from importlib import import_module

        return import_module("adder_tools.onnx")
    if name == "register_onnx":
        from .onnx import register_onnx

        return register_onnx
    raise AttributeError(f"module 'adder_tools' has no attribute {name!r}")
