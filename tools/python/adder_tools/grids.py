"""The numbers that the layers of a compiled model compute on."""

import os
from dataclasses import dataclass

from .library import json_report


@dataclass(frozen=True)
class Grid:
    """The numbers that a layer's receptive fields hold: multiples of `step`, `lowest` to `highest`.

    Filters of an adder layer are multiples of the same step, or beyond the limits.
    """

    step: float
    lowest: float
    highest: float


def patch_grids(
    path: str | os.PathLike[str], adderc: str | os.PathLike[str] | None = None
) -> dict[str, Grid]:
    """The grid of each layer of a model with filters, by its name: `adderc inspect --layers --json`.

    Layers that read the model's inputs are left out, as their integers are those of images.

    Args:
        path: the .adb file, with names.
        adderc: the program; by default $ADDERC, on the PATH, or of the checkout.
    """
    found = json_report("adderc", adderc, ["inspect", os.fspath(path), "--layers", "--tensors"])
    images = {tensor["name"] for tensor in found["inputs"]}
    return {
        layer["name"]: Grid(layer["patch_step"], layer["patch_lowest"], layer["patch_highest"])
        for layer in found["layers"]
        if layer["patch_step"] is not None
        and found["tensors"][layer["inputs"][0]]["name"] not in images}
