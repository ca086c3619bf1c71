"""Bounds-checked reads from the bytes of a file."""

import struct


class FormatError(Exception):
    """A file is not what docs/adb-format.md says; `offset` is the byte of the field."""

    def __init__(self, offset, message):
        super().__init__(f"byte {offset}: {message}")
        self.offset = offset


class Reader:
    def __init__(self, data):
        self.data = bytes(data)

    def require(self, offset, byte_count, what, end=None):
        """Refuses a span that does not end by `end`, or by the end of the file."""
        end = len(self.data) if end is None else end
        if offset + byte_count > end:
            raise FormatError(
                offset, f"{what} takes {byte_count} bytes, expected to end by byte {end}")

    def numbers(self, code, count, offset):
        """Numbers of a `struct` code, which lie in the file."""
        return struct.unpack_from(f"<{count}{code}", self.data, offset)

    def zeros(self, offset, byte_count, name):
        """Refuses bytes that are not zero."""
        for index, byte in enumerate(self.data[offset:offset + byte_count], offset):
            if byte:
                raise FormatError(index, f"{name} is {byte}, expected 0")
