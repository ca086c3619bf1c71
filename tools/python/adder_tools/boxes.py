"""What a detector finds in an image, over the runtime's C API."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import AdderError

#: `adder_box`.
BOX = np.dtype([
    ("left", np.uint16), ("top", np.uint16), ("right", np.uint16), ("bottom", np.uint16),
    ("label", np.uint16), ("level", np.uint16), ("score", np.int32), ("place", np.uint32)])


class CDetection(ctypes.Structure):
    """`adder_detection`."""

    _fields_ = [(name, ctypes.c_uint32) for name in (
        "fraction_bits", "candidate_limit", "box_limit", "class_count", "level_count")]


class CDetections(ctypes.Structure):
    """`adder_detections`."""

    _fields_ = [(name, ctypes.c_uint32) for name in (
        "box_count", "candidate_count", "dropped_count")]


@dataclass(frozen=True)
class Boxes:
    """The boxes of one image, in falling order of scores."""

    #: float64 [n, 4]: left, top, right and bottom, in pixels of the input.
    sides: NDArray[np.float64]
    #: float64 [n]: √(σ(class)·σ(centerness)).
    scores: NDArray[np.float64]
    #: int64 [n]: the channel of the logits.
    labels: NDArray[np.int64]
    #: The integers of `adder_box`, [n].
    integers: NDArray[Any]
    #: How many elements of classes are at or above the threshold.
    candidate_count: int
    #: How many of the candidates that the model allows had no room in `capacity`.
    dropped_count: int

    def __len__(self) -> int:
        return len(self.integers)


def declare_detection(library: ctypes.CDLL, path: str) -> None:
    """Says what the library's functions of detection take.

    Raises: AdderError where it has none.
    """
    pointer, out = ctypes.c_void_p, ctypes.POINTER
    try:
        for name, arguments in (
            ("adder_get_detection", [pointer, out(CDetection)]),
            ("adder_detect", [pointer, pointer, ctypes.c_uint32, out(CDetections)]),
        ):
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, ctypes.c_int32
    except AttributeError:
        raise AdderError(
            f"{path}: a library without detection (adder_detect); build it again: "
            "tools/embedded/build") from None


def boxes_of(memory: NDArray[Any], found: CDetections, fraction_bits: int) -> Boxes:
    """What a call of `adder_detect` left in its memory, an array of BOX."""
    integers = memory[: found.box_count].copy()
    sides = np.stack(
        [integers[name].astype(np.float64) for name in ("left", "top", "right", "bottom")], axis=1)
    return Boxes(
        sides / 2.0**fraction_bits, np.exp(integers["score"] / 2.0**17),
        integers["label"].astype(np.int64), integers, int(found.candidate_count),
        int(found.dropped_count))
