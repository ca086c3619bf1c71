"""Each field of each operation's record, one number beyond what its layout allows."""

import struct
import unittest

from adb.encode import with_checksum
from adb.format import decode
from adb.layout import CODES
from adb.operations import OPERATIONS
from adb.reader import FormatError
from make_vectors import DEFAULT_FOLDER
from vectors.container import read_container
from .test_format import sections_of


def places(layout, base):
    """(offset, field) of each number, those of groups included."""
    for field in layout.fields:
        if field.group:
            yield from places(field.group.layout, base + field.offset)
        else:
            yield base + field.offset, field


def numbers_beyond(field, tensor_count, value):
    if field.type in ("tensor", "tensor?"):
        return [tensor_count]
    if field.range:
        low, high = field.range
        return [low - 1, high + 1] if low or field.code in "hi" else [high + 1]
    if field.name == "reserved":
        return [1]
    return [value + 1, value - 1] if field.follows and value else []


class FieldTests(unittest.TestCase):
    def record(self, kind):
        """A file of golden vectors and the place of a record of this kind in it."""
        cases = read_container((DEFAULT_FOLDER / f"{kind.name}.vectors").read_bytes())
        data = next(cases)[1]
        offset = sections_of(data)[2][0]
        for operation in decode(data).operations:
            if type(operation) is kind:
                return data, offset
            offset += struct.unpack_from("<H", data, offset + 2)[0]
        return self.fail(f"no {kind.name} in its first case")

    def test_a_number_beyond_is_refused_at_its_place(self):
        for kind in OPERATIONS.values():
            data, base = self.record(kind)
            tensor_count, = struct.unpack_from("<I", data, sections_of(data)[1][2] + 12)
            for offset, field in places(kind.layout, base):
                code = "<" + CODES[field.type]
                value, = struct.unpack_from(code, data, offset)
                for number in numbers_beyond(field, tensor_count, value):
                    with self.subTest(operation=kind.name, field=field.name, number=number):
                        wrong = bytearray(data)
                        struct.pack_into(code, wrong, offset, number)
                        with self.assertRaises(FormatError) as caught:
                            decode(with_checksum(bytes(wrong)))
                        self.assertEqual(caught.exception.offset, offset)
