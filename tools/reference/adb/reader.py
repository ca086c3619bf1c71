"""Typed, bounds-checked and range-checked reads from the bytes of a file."""

import struct

import numpy as np

_CODES = {
    "u8": "<B", "u16": "<H", "u32": "<I", "i16": "<h", "i32": "<i", "i64": "<q", "f32": "<f",
}


class FormatError(Exception):
    """A file is not what docs/adb-format.md says; `offset` is the byte of the field."""

    def __init__(self, offset, message):
        super().__init__(f"byte {offset}: {message}")
        self.offset = offset


class Reader:
    def __init__(self, data):
        self.data = bytes(data)

    def require(self, offset, byte_count, what, start=0, end=None):
        """Refuses a span that is not within [start, end)."""
        end = len(self.data) if end is None else end
        if offset < start or byte_count < 0 or offset + byte_count > end:
            raise FormatError(
                offset, f"{what} takes {byte_count} bytes, expected to end by byte {end}")

    def number(self, kind, offset, name, low=None, high=None):
        """Reads one number and refuses it outside [low, high]."""
        code = _CODES[kind]
        self.require(offset, struct.calcsize(code), name)
        value = struct.unpack_from(code, self.data, offset)[0]
        if low is not None and value < low or high is not None and value > high:
            raise FormatError(offset, f"{name} is {value}, expected {low}...{high}")
        return value

    def expect(self, kind, offset, name, expected):
        """Reads one number and refuses any but one value."""
        value = self.number(kind, offset, name)
        if value != expected:
            raise FormatError(offset, f"{name} is {value}, expected {expected}")
        return value

    def zeros(self, offset, byte_count, name):
        """Refuses bytes that are not zero."""
        self.require(offset, byte_count, name)
        for index in range(offset, offset + byte_count):
            if self.data[index]:
                raise FormatError(index, f"{name} is {self.data[index]}, expected 0")

    def array(self, dtype, offset, count, name):
        """Copies `count` elements."""
        self.require(offset, count * dtype.itemsize, name)
        return np.frombuffer(self.data, dtype, count, offset).copy()

    def text(self, offset, byte_count, name):
        self.require(offset, byte_count, name)
        try:
            return self.data[offset:offset + byte_count].decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(offset + error.start, f"{name} is not UTF-8") from None
