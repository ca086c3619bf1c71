"""From PyTorch modules to the model files of Adder, and these on images.

    import adder_tools
    adder_tools.export(model, example, "net.safetensors", mean=[...], std=[...])
    # adderc compile net.safetensors -o net.adb
    scores = adder_tools.Model("net.adb")(images)
"""

from typing import TYPE_CHECKING, Any

from .errors import AdderError, AdderWarning, ExportError, Finding

if TYPE_CHECKING:
    from ._export import Exported, export
    from .run import Model

__all__ = [
    "AdderError", "AdderWarning", "ExportError", "Exported", "Finding", "Model", "export",
]


def __getattr__(name: str) -> Any:
    # PyTorch takes a second to import, which running a model does without.
    if name in ("export", "Exported"):
        from .errors import require

        require("torch", "")
        from . import _export

        return getattr(_export, name)
    if name == "Model":
        from .run import Model

        return Model
    raise AttributeError(f"module 'adder_tools' has no attribute {name!r}")
