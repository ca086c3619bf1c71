"""What a detector's outputs are, for `export`."""

import json
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ExportError

#: The key of a safetensors file's `__metadata__` that holds a detection.
DETECTION_KEY = "adder.detection"

# Of docs/adb-format.md.
LARGEST_LEVEL_COUNT = 16
LARGEST_STRIDE = 1024
LARGEST_CANDIDATES = 4096
LARGEST_CLASS_COUNT = 65_535
LARGEST_CANVAS = 65_535 >> 1
LARGEST_OVERLAP = 255 / 256

PARTS = ("classes", "distances", "centerness")


@dataclass(frozen=True)
class Detection:
    """How a network's outputs become boxes, docs/arithmetic.md: a level has the logits of classes
    [N, classes, h, w], the distances from each location to the sides of its box [N, 4, h, w], in
    units of the stride, and the logit of centerness [N, 1, h, w].

    h and w are the extents of the image divided by the stride, rounded up.
    """

    #: Pixels from one location of a level to the next, powers of two from 1 to 1024, finest first.
    strides: Sequence[int]
    #: The least σ(class) of a candidate, 10⁻⁶ to 1 − 10⁻⁶.
    score: float = 0.05
    #: The part of their union that two boxes of a class may share, 0 to 255/256.
    overlap: float = 0.5
    #: So many of the best candidates may become boxes, 1 to 4096.
    candidates: int = 200
    #: The most boxes of an image, 1 to `candidates`; by default 100, or `candidates` if that is less.
    boxes: int | None = None
    #: For each level the numbers of the outputs with classes, distances and centerness; by default
    #: the network's in threes.
    outputs: Sequence[Sequence[int]] | None = None

    def document(self) -> dict[str, Any]:
        """The description as a JSON value, docs/graph-format.md.

        Raises: ExportError with the first field that is out of its range.
        """
        strides = _integers("strides", self.strides)
        if not 1 <= len(strides) <= LARGEST_LEVEL_COUNT:
            raise _wrong("strides", self.strides, f"1 to {LARGEST_LEVEL_COUNT}, one for each level")
        for stride in strides:
            if not 1 <= stride <= LARGEST_STRIDE or stride & (stride - 1):
                raise _wrong("strides", self.strides, f"powers of two from 1 to {LARGEST_STRIDE}")
        if strides != sorted(strides):
            raise _wrong("strides", self.strides, "the finest level first")
        candidates = _integer("candidates", self.candidates, LARGEST_CANDIDATES)
        boxes = min(100, candidates) if self.boxes is None else self.boxes
        outputs = [[3 * level + part for part in range(3)] for level in range(len(strides))]
        if self.outputs is not None:
            outputs = [_integers("outputs", level) for level in _list("outputs", self.outputs)]
            if len(outputs) != len(strides) or any(len(level) != 3 for level in outputs):
                raise _wrong(
                    "outputs", self.outputs,
                    f"[classes, distances, centerness] for each of the {len(strides)} strides")
            numbers = [number for level in outputs for number in level]
            if min(numbers) < 0 or len(set(numbers)) < len(numbers):
                raise _wrong("outputs", self.outputs, "numbers of outputs from 0, each once")
        return {
            "strides": strides,
            "score": _number("score", self.score, 1e-6, 1 - 1e-6),
            "overlap": _number("overlap", self.overlap, 0, LARGEST_OVERLAP),
            "candidates": candidates,
            "boxes": _integer("boxes", boxes, candidates),
            "outputs": outputs,
        }

    def text(self) -> str:
        """The description as it stands in the file."""
        return json.dumps(self.document(), separators=(",", ":"))

    def check(
        self, inputs: Sequence[Sequence[int]], outputs: Sequence[Sequence[int]]
    ) -> None:
        """Checks the description against a network.

        Args:
            inputs, outputs: the shapes that it has for its example, batch first.

        Raises: ExportError for the first output that is not as the description says.
        """
        document = self.document()
        advice = "" if self.outputs is not None else (
            "; name them by outputs=, or return classes, distances and centerness of each level")
        if len(inputs) != 1 or len(inputs[0]) != 4:
            raise ExportError(
                f"a detection of a network with the inputs {[list(shape) for shape in inputs]}, "
                "expected one of images [N, C, H, W]")
        canvas = list(inputs[0][2:])
        if max(canvas) > LARGEST_CANVAS:
            raise ExportError(
                f"a detection on images of {canvas[0]}×{canvas[1]}, expected at most "
                f"{LARGEST_CANVAS} rows and columns")
        largest = max(number for level in document["outputs"] for number in level)
        if largest >= len(outputs):
            raise ExportError(
                f"the detection reads output {largest}, and the network has {len(outputs)}, counted "
                f"from 0{advice}")
        if self.outputs is None and len(outputs) > largest + 1:
            raise ExportError(
                f"the network has {len(outputs)} outputs, expected {largest + 1}, three for each "
                f"stride{advice}")
        class_count = 0
        for stride, level in zip(document["strides"], document["outputs"]):
            extent = [-(-size // stride) for size in canvas]
            for part, number in zip(PARTS, level):
                shape = list(outputs[number])
                place = f"output {number}, the {part} of stride {stride}, is {shape}"
                channels = {"classes": class_count, "distances": 4, "centerness": 1}[part]
                if len(shape) != 4 or shape[2:] != extent:
                    raise ExportError(
                        f"{place}, expected {extent[0]} rows and {extent[1]} columns: those of the "
                        f"image, {canvas[0]}×{canvas[1]}, divided by the stride and rounded up{advice}")
                if part == "classes" and class_count == 0:
                    class_count = shape[1]
                    if class_count > LARGEST_CLASS_COUNT:
                        raise ExportError(f"{place}, expected at most {LARGEST_CLASS_COUNT} classes")
                elif shape[1] != channels:
                    reason = {
                        "classes": "those of the first level", "centerness": "a logit",
                        "distances": "left, top, right and bottom"}[part]
                    raise ExportError(
                        f"{place}, expected {channels} channel{'s' if channels > 1 else ''}: {reason}{advice}")


def _wrong(name: str, value: Any, expected: str) -> ExportError:
    return ExportError(f"the detection's {name}: {value!r}, expected {expected}")


def _list(name: str, values: Any) -> list[Any]:
    try:
        return list(values)
    except TypeError:
        raise _wrong(name, values, "a list") from None


def _integers(name: str, values: Any) -> list[int]:
    try:
        return [_index(value) for value in _list(name, values)]
    except TypeError:
        raise _wrong(name, values, "integers") from None


def _integer(name: str, value: Any, largest: int) -> int:
    try:
        number = _index(value)
    except TypeError:
        number = 0
    if not 1 <= number <= largest:
        of = ", the candidates" if name == "boxes" else ""
        raise _wrong(name, value, f"an integer from 1 to {largest}{of}")
    return number


def is_integer(value: Any) -> bool:
    """Whether a value is an integer of Python, NumPy or PyTorch, and no truth value."""
    try:
        _index(value)
    except TypeError:
        return False
    return True


def _index(value: Any) -> int:
    """An integer of Python, NumPy or PyTorch.

    Raises: TypeError for all else, also for truth values.
    """
    if str(getattr(value, "dtype", type(value).__name__)) in ("bool", "torch.bool"):
        raise TypeError
    return operator.index(value)


def _number(name: str, value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        number = math.nan
    if not low <= number <= high:
        raise _wrong(name, value, f"a number from {low:.6g} to {high:.6g}")
    return number
