"""The parts of an `.adb` file around its operations, and the decoded model.

Fields that follow from others (steps, counts, offsets of constants) are not kept.
"""

import math
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

import numpy as np

from . import limits
from .layout import FOLLOWS, Layout, Record

U8, I16, I32 = 1, 2, 3
ELEMENT_DTYPES = {U8: np.dtype("<u1"), I16: np.dtype("<i2"), I32: np.dtype("<i4")}
ELEMENT_NAMES = {U8: "u8", I16: "i16", I32: "i32"}


def element_range(element_type):
    """The lowest and highest value of an element type."""
    numbers = np.iinfo(ELEMENT_DTYPES[element_type])
    return int(numbers.min), int(numbers.max)


MAGIC = b"\x41\x44\x42\x1A"
HEADER = Layout([
    ("magic", "u8[4]"),
    ("version", "u16", 1, 1),
    ("sectionCount", "u16", 4, 8),
    ("fileByteCount", "u32"),
    ("checksum", "u32"),
    ("arenaByteCount", "u32"),
    ("reserved", "u32[3]"),
])
SECTION = Layout([
    ("kind", "u32", 1, 8),
    ("offset", "u32"),
    ("byteCount", "u32"),
    ("entryCount", "u32"),
])
TENSORS, OPERATIONS, CONSTANTS, BINDINGS = range(1, 5)
NORMALIZATION, NAMES, CLASS_NAMES, DETECTION = range(5, 9)
SECTION_NAMES = {
    TENSORS: "tensors", OPERATIONS: "operations", CONSTANTS: "constants", BINDINGS: "bindings",
    NORMALIZATION: "normalization", NAMES: "names", CLASS_NAMES: "class names",
    DETECTION: "detection",
}
BINDING = Layout([("tensor", "tensor"), ("direction", "u32", 0, 1)])
NORMALIZATION_RECORD = Layout([
    ("channels", "u32"),
    ("mean", "f32[channels]"),
    ("std", "f32[channels]"),
])
STRING = Layout([("byteCount", "u16"), ("text", "u8[byteCount]")])


class Tensor(Record, kw_only=True):
    FIELDS = [
        ("arenaOffset", "u32"),
        ("byteCount", "u32", FOLLOWS),
        ("height", "u32", 1, limits.TENSOR_EXTENT),
        ("width", "u32", 1, limits.TENSOR_EXTENT),
        ("channels", "u32", 1, limits.TENSOR_EXTENT),
        ("elementType", "u8", U8, I32),
        ("reserved", "u8[3]"),
        ("zeroPoint", "i32"),
        ("scale", "f32"),
    ]
    arena_offset = zero_point = 0
    scale = 1.0

    @property
    def shape(self):
        return (self.height, self.width, self.channels)

    @property
    def element_byte_count(self):
        return ELEMENT_DTYPES[self.element_type].itemsize

    @property
    def byte_count(self):
        return self.height * self.width * self.channels * self.element_byte_count

    def following(self, context):
        return {"byteCount": self.byte_count}

    def check(self, at, context):
        at.expect_multiple("arenaOffset", 4)
        at.within("byteCount", 0, limits.TENSOR_BYTES)
        at.within("zeroPoint", *element_range(self.element_type))
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise at.error("scale", f"scale is {self.scale}, expected a positive finite number")


@dataclass
class Model:
    tensors: List[Tensor]
    operations: list
    inputs: List[int]
    outputs: List[int]
    arena_byte_count: int = 0
    # For each input (means, standard deviations), each with one float a channel.
    normalization: Optional[List[Tuple[List[float], List[float]]]] = None
    names: Optional[List[str]] = None  # the model's, one a tensor, one an operation
    class_names: Optional[List[str]] = None
    detection: Optional[Any] = None  # a `detection.Detection`
