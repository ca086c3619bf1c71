"""What the rules of a record refer to: tensors, constants, and the operation it is part of."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import limits
from .structures import ELEMENT_DTYPES


@dataclass
class Context:
    """`constants` are read by a decoder and appended to by an encoder."""

    tensors: list
    constants: Any = None
    operation: Any = None

    @property
    def source(self):
        return self.tensors[self.operation.input]

    @property
    def output(self):
        return self.tensors[self.operation.output]

    def append_constant(self, content):
        """Returns its offset."""
        self.constants += bytes(-len(self.constants) % 4)
        self.constants += content
        return len(self.constants) - len(content)

    # Rules; `name` is the field of the record `at` that is in the wrong

    def expect_shape(self, at, name, tensor, expected):
        shape = self.tensors[tensor].shape
        if shape != tuple(expected):
            raise at.error(
                name, f"tensor {tensor} has the shape {list(shape)}, expected {list(expected)}")

    def expect_same_type(self, at, name, first, second):
        if self.tensors[first].element_type != self.tensors[second].element_type:
            raise at.error(name, f"tensors {first} and {second} differ in element type")

    def pad_values(self, at, element_type):
        """One element for each channel of the input."""
        return self.constants.array(
            at, "padValuesOffset", self.source.channels, ELEMENT_DTYPES[element_type],
            examined=False)


class Constants:
    """The constants section of a file; the offsets in records are relative to its start."""

    def __init__(self, reader, start, byte_count):
        self.data = reader.data
        self.start = start
        self.end = start + byte_count
        self.examined = 0

    def place(self, at, name, byte_count, examined=True):
        """The absolute offset of a constant, after checks of alignment and bounds.

        Its relative offset is in the field `name` of the record `at`. Examined bytes count.
        """
        at.expect_multiple(name, 4)
        absolute = self.start + at[name]
        if absolute + byte_count > self.end:
            raise at.error(
                name, f"{name} is {at[name]}, its {byte_count} bytes end past the"
                f" {self.end - self.start} bytes of the constants")
        self.examined += byte_count if examined else 0
        if self.examined > limits.EXAMINED_BYTES:
            raise at.error(
                name, f"{self.examined} bytes of constants to examine, expected at most"
                f" {limits.EXAMINED_BYTES}")
        return absolute

    def array(self, at, name, count, dtype, examined=True):
        base = self.place(at, name, count * dtype.itemsize, examined)
        return np.frombuffer(self.data, dtype, count, base).copy()
