"""Layouts: the fields of a record, in their order.

A layout is a list of rows (name, type[, low, high][, FOLLOWS]), with the names of
docs/adb-format.md. Bytes, places, attributes and the names in error messages follow from
it. Types are numbers (`u8`, `i32`, `f32`…), `bool` (a u8), `tensor` (the u32 index of one),
`tensor?` (FFFFFFFF for none), `constant` (a u32 offset in the constants), `constant?`, subclasses of
`Record`, and lists of numbers such as `u8[4]` or `u32[inputCount]`. Fields named `reserved` are zero.
"""

import re
import struct
from dataclasses import dataclass
from typing import Any

from .reader import FormatError

CODES = {
    "u8": "B", "i8": "b", "u16": "H", "u32": "I", "i32": "i", "i64": "q", "f32": "f", "bool": "B",
    "tensor": "I", "tensor?": "I", "constant": "I", "constant?": "I",
}
CONSTANTS = "constant", "constant?"
NONE = 0xFFFFFFFF
FOLLOWS = object()  # other fields give the number: see `Record.following`


class Field:
    def __init__(self, offset, name, kind, *options):
        self.offset, self.name = offset, name
        self.follows = FOLLOWS in options
        self.range = (0, 1) if kind == "bool" else options[:2] if len(options) > 1 else None
        self.group, self.is_list, self.count = kind, False, 1
        if isinstance(kind, str):
            self.group = None
            kind, self.is_list, count = kind.rstrip("]").partition("[")
            self.count = int(count) if count.isdigit() else count or 1
            self.code = CODES[kind]
            self.item_byte_count = struct.calcsize("<" + self.code)
        self.type = kind
        # In memory a constant's field holds its contents.
        name = name.removesuffix("Offset") if kind in CONSTANTS else name
        self.attribute = re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)

    @property
    def byte_count(self):
        """0 for a list whose length another field gives."""
        if self.group:
            return self.group.layout.byte_count - self.group.layout.start
        return self.item_byte_count * self.count if isinstance(self.count, int) else 0


class Layout:
    """`start` bytes precede the first field; `byte_count` includes them.

    Reading checks each number, unless the rules have an order of their own and `checks_fields` is
    false.
    """

    def __init__(self, rows, start=0, checks_fields=True):
        self.start = self.byte_count = start
        self.checks_fields = checks_fields
        self.fields = []
        for row in rows:
            self.fields.append(Field(self.byte_count, *row))
            self.byte_count += self.fields[-1].byte_count
        self.by_name = {field.name: field for field in self.fields}

    def read(self, reader, base, ranges=None, end=None):
        """`ranges` are those that only the file knows, by the name or the type of a field."""
        return Fields(reader, self, base, ranges or {}, end)

    def pack(self, values):
        """The bytes of numbers, lists and packed groups, by field."""
        result = b""
        for field in self.fields:
            value = values.get(field.name, [0] * field.count if field.name == "reserved" else None)
            if not isinstance(value, bytes):
                numbers = value if isinstance(value, list) else [value]
                value = struct.pack(f"<{len(numbers)}{field.code}", *numbers)
            result += value
        return result


class Fields:
    """One record in the bytes of a file: its numbers, each within its range, and their places."""

    def __init__(self, reader, layout, base, ranges, end):
        self.reader, self.layout = reader, layout
        self.values, self.offsets = {}, {}
        offset = base + layout.start
        for field in layout.fields:
            self.offsets[field.name] = offset
            if field.group:
                value = field.group.layout.read(reader, offset, ranges, end)
                offset = value.end
            else:
                count = self.values[field.count] if field.count in self.values else field.count
                byte_count = count * field.item_byte_count
                reader.require(offset, byte_count, field.name, end)
                if field.name == "reserved" and layout.checks_fields:
                    reader.zeros(offset, byte_count, "reserved byte")
                numbers = reader.numbers(field.code, count, offset)
                value = self._checked(field, numbers, ranges)
                offset += byte_count
            self.values[field.name] = value
        self.end = offset

    def _checked(self, field, numbers, ranges):
        if field.type in ("tensor?", "constant?") and numbers[0] == NONE:
            return None
        allowed = self.layout.checks_fields and (
            field.range or ranges.get(field.name) or ranges.get(field.type.rstrip("?")))
        for position, number in enumerate(numbers if allowed else ()):
            name = f"{field.name}[{position}]" if field.is_list else field.name
            self._within(name, number, *allowed)
        if field.is_list:
            return list(numbers)
        return bool(numbers[0]) if field.type == "bool" else numbers[0]

    def __getitem__(self, name):
        return self.values[name]

    def error(self, name, message):
        """`name` is that of a field, or `name[position]` for one number of a list."""
        name, _, position = name.rstrip("]").partition("[")
        item = self.layout.by_name[name].item_byte_count if position else 0
        return FormatError(self.offsets[name] + item * int(position or 0), message)

    def within(self, name, low, high):
        """Refuses a number outside [low, high]."""
        self._within(name, self.values[name], low, high)

    def within_range(self, name):
        """Refuses a number outside the field's own range."""
        self.within(name, *self.layout.by_name[name].range)

    def _within(self, name, number, low, high):
        if not low <= number <= high:
            expected = low if low == high else f"{low}...{high}"
            raise self.error(name, f"{name} is {number}, expected {expected}")

    def expect(self, name, expected):
        self.within(name, expected, expected)

    def expect_multiple(self, name, divisor):
        if self.values[name] % divisor:
            raise self.error(
                name, f"{name} is {self.values[name]}, expected a multiple of {divisor}")


class Record:
    """A dataclass of the fields in FIELDS, without those that follow from others.

    `following` computes those for the encoder, and the decoder expects no other numbers. Class
    attributes are default values.
    """

    FIELDS = ()
    START = 0
    CHECKS_FIELDS = True

    def __init_subclass__(cls, **options):
        cls.layout = Layout(cls.FIELDS, cls.START, cls.CHECKS_FIELDS)
        cls.__annotations__ = {
            field.attribute: Any for field in cls.layout.fields
            if field.name != "reserved" and not field.follows}
        dataclass(**options)(cls)

    def following(self, context):
        """Numbers by the names of their fields."""
        return {}

    def contents(self):
        """Bytes of constants, unless they are those of an array, by the names of their fields."""
        return {}

    def check(self, at, context):
        """Refuses numbers that contradict each other or the tensors; constants come later."""

    def load(self, at, context):
        """Decodes constants."""

    # Decoding and encoding

    @classmethod
    def decode(cls, at, context):
        record = context.operation = cls._of(at)
        parts = list(record._parts(at))
        for part, place in parts:
            part.check(place, context)
        for part, place in parts:
            part.load(place, context)
        for part, place in parts:
            for name, number in part.following(context).items():
                place.expect(name, number)
        return record

    @classmethod
    def _of(cls, at):
        return cls(**{
            field.attribute: field.group._of(at[field.name]) if field.group else at[field.name]
            for field in cls.layout.fields if field.attribute in cls.__dataclass_fields__})

    def _parts(self, at):
        """This record and the groups of fields in it, each with its place."""
        yield self, at
        for field in self.layout.fields:
            if field.group:
                yield from getattr(self, field.attribute)._parts(at[field.name])

    def encode(self, context):
        contents, values = self.contents(), self.following(context)
        for field in self.layout.fields:
            if field.follows or field.name == "reserved":
                continue
            value = getattr(self, field.attribute)
            if field.group:
                value = value.encode(context)
            elif field.type in CONSTANTS and value is not None:
                content = contents.get(field.name, value)
                value = context.append_constant(bytes(content))
            values[field.name] = NONE if value is None else value
        return self.layout.pack(values)
