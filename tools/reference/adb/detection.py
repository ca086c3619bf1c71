"""The section *detection*: how a model's outputs become boxes. `boxes.py` makes them."""

from dataclasses import dataclass
from typing import Any, List

import numpy as np

from . import limits
from .context import Context
from .layout import Record
from .structures import ELEMENT_NAMES, I32

TABLE_ENTRIES = 1025


class DetectionHeader(Record, kw_only=True):
    """What all levels have in common. `table` is u16 [1025]."""

    CHECKS_FIELDS = False
    FIELDS = [
        ("fractionBits", "u8", 1, 8),
        ("overlap", "u8"),
        ("candidateLimit", "u16", 1, limits.CANDIDATES),
        ("boxLimit", "u16"),
        ("reserved", "u16"),
        ("tableOffset", "constant"),
        ("scoreThreshold", "f32"),
    ]

    def check(self, at, context):
        at.within_range("fractionBits")
        height, width = context.image.height, context.image.width
        if max(height, width) << self.fraction_bits > limits.COORDINATE:
            raise at.error(
                "fractionBits", f"fractionBits is {self.fraction_bits}, expected a number for which"
                f" the input's {height} x {width} pixels are at most {limits.COORDINATE} units")
        at.within_range("candidateLimit")
        at.within("boxLimit", 1, self.candidate_limit)
        at.expect("reserved", 0)

    def load(self, at, context):
        self.table = context.constants.array(
            at, "tableOffset", TABLE_ENTRIES, np.dtype("<u2"), examined=False)
        if not 0 < self.score_threshold < 1:
            raise at.error(
                "scoreThreshold", f"scoreThreshold is {self.score_threshold}, expected a number"
                " above 0 and below 1")


class DetectionLevel(Record, kw_only=True):
    """The three outputs of one level, and what their integers mean."""

    CHECKS_FIELDS = False
    FIELDS = [
        ("classes", "tensor"),
        ("distances", "tensor"),
        ("centerness", "tensor"),
        ("threshold", "i32"),
        ("strideShift", "u8", 0, limits.STRIDE_SHIFT),
        ("classShift", "i8", *limits.RESCALE_SHIFTS),
        ("distanceShift", "i8", *limits.RESCALE_SHIFTS),
        ("centernessShift", "i8", *limits.RESCALE_SHIFTS),
    ]

    def check(self, at, context):
        at.within_range("strideShift")
        for name, channels in (
                ("classes", context.class_count), ("distances", 4), ("centerness", 1)):
            self._check_output(at, name, channels, context)
        for name in ("classShift", "distanceShift", "centernessShift"):
            at.within_range(name)

    def _check_output(self, at, name, channels, context):
        """The tensor in the field `name` has `channels`, or at most so many classes if None."""
        index = at[name]
        at.within(name, 0, len(context.tensors) - 1)
        if index not in context.outputs:
            raise at.error(name, f"{name} is tensor {index}, expected an output")
        tensor = context.tensors[index]
        if tensor.element_type != I32:
            raise at.error(
                name, f"tensor {index} is {ELEMENT_NAMES[tensor.element_type]}, expected i32")
        if tensor.zero_point != 0:
            raise at.error(
                name, f"tensor {index} has the zero point {tensor.zero_point}, expected 0")
        stride = 2**self.stride_shift
        extent = [-(-size // stride) for size in (context.image.height, context.image.width)]
        if [tensor.height, tensor.width] != extent:
            raise at.error(
                name, f"tensor {index} has {tensor.height} x {tensor.width} positions, expected"
                f" {extent[0]} x {extent[1]}")
        expected = channels or min(tensor.channels, limits.CLASSES)
        if tensor.channels != expected:
            raise at.error(
                name, f"tensor {index} has {tensor.channels} channels, expected {expected}")


@dataclass
class Detection:
    header: DetectionHeader
    levels: List[DetectionLevel]


@dataclass
class DetectionContext(Context):
    """`image` is the tensor of the first input; `class_count` is None before the first level."""

    image: Any = None
    outputs: Any = None
    class_count: Any = None


def detection_byte_count(level_count):
    return DetectionHeader.layout.byte_count + level_count * DetectionLevel.layout.byte_count


def decode_detection(reader, offset, level_count, model, constants):
    """The section at `offset`, whose bytes lie in the file."""
    context = DetectionContext(
        model.tensors, constants, image=model.tensors[model.inputs[0]], outputs=model.outputs)
    at = DetectionHeader.layout.read(reader, offset)
    detection = Detection(DetectionHeader.decode(at, context), [])
    for _ in range(level_count):
        at = DetectionLevel.layout.read(reader, at.end)
        level = DetectionLevel.decode(at, context)
        detection.levels.append(level)
        context.class_count = model.tensors[level.classes].channels
    return detection


def encode_detection(detection, context):
    """The bytes of the section; `context.constants` receives the table."""
    return b"".join(
        record.encode(context) for record in (detection.header, *detection.levels))
