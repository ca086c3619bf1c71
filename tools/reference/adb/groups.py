"""The groups of fields that return in several operations, and the entries of channel tables."""

from dataclasses import replace

from . import limits
from .layout import FOLLOWS, Layout, Record
from .structures import ELEMENT_DTYPES, ELEMENT_NAMES, I16, U8, element_range


class Window(Record):
    FIELDS = [
        ("kernelHeight", "u16", 1, limits.WINDOW_EXTENT),
        ("kernelWidth", "u16", 1, limits.WINDOW_EXTENT),
        ("strideHeight", "u16", 1, limits.WINDOW_EXTENT),
        ("strideWidth", "u16", 1, limits.WINDOW_EXTENT),
        ("padTop", "u16", 0, limits.PADDING),
        ("padLeft", "u16", 0, limits.PADDING),
        ("padBottom", "u16", 0, limits.PADDING),
        ("padRight", "u16", 0, limits.PADDING),
        ("dilationHeight", "u16", 1, limits.WINDOW_EXTENT),
        ("dilationWidth", "u16", 1, limits.WINDOW_EXTENT),
        ("windowRowStep", "u32", FOLLOWS),
        ("windowColumnStep", "u32", FOLLOWS),
        ("tapRowStep", "u32", FOLLOWS),
        ("tapColumnStep", "u32", FOLLOWS),
        ("originOffset", "i32", FOLLOWS),
    ]
    stride_height = stride_width = dilation_height = dilation_width = 1
    pad_top = pad_left = pad_bottom = pad_right = 0

    @property
    def extent(self):
        """Rows and columns from the first tap to the last."""
        return (self.dilation_height * (self.kernel_height - 1) + 1,
                self.dilation_width * (self.kernel_width - 1) + 1)

    def output_extent(self, height, width):
        """Height and width of the output; below 1 if the window does not fit."""
        rows, columns = self.extent
        return ((height + self.pad_top + self.pad_bottom - rows) // self.stride_height + 1,
                (width + self.pad_left + self.pad_right - columns) // self.stride_width + 1)

    def following(self, context):
        row, column = context.source.width * context.source.channels, context.source.channels
        return {
            "windowRowStep": self.stride_height * row,
            "windowColumnStep": self.stride_width * column,
            "tapRowStep": self.dilation_height * row,
            "tapColumnStep": self.dilation_width * column,
            "originOffset": -(self.pad_top * row + self.pad_left * column)}


def _entry_fields(number):
    return [("centre", number), ("bias", number), ("terms", f"u8[{limits.TERMS}]")]


class Entry(Record):
    """One channel of a requantizer: terms are pairs (sign, left shift)."""

    FIELDS = _entry_fields("i32")
    layouts = Layout(_entry_fields("i32")), Layout(_entry_fields("i64"))  # narrow and wide

    def bytes(self, wide):
        terms = bytes(shift | (0x80 if sign < 0 else 0) for sign, shift in self.terms)
        return self.layouts[wide].pack({
            "centre": self.centre, "bias": self.bias, "terms": terms.ljust(8, b"\xFF")})

    @classmethod
    def table(cls, at, name, count, wide, context):
        """The entries whose offset is in a field of the record `at`."""
        layout = cls.layouts[wide]
        base = context.constants.place(at, name, count * layout.byte_count)
        return [
            cls._decoded(layout.read(at.reader, base + index * layout.byte_count), wide)
            for index in range(count)]

    @classmethod
    def _decoded(cls, at, wide):
        highest = limits.WIDE_SHIFT if wide else limits.SHIFT
        terms, ended = [], False
        for position, byte in enumerate(at["terms"]):
            name = f"terms[{position}]"
            if byte == 0xFF:
                ended = True
            elif ended:
                raise at.error(name, f"term is {byte}, expected 255 after the list's end")
            elif byte & 0x40:
                raise at.error(name, f"term is {byte}, expected zero in bit 6")
            elif byte & 0x3F > highest:
                raise at.error(name, f"term shifts by {byte & 0x3F}, expected at most {highest}")
            else:
                terms.append((-1 if byte & 0x80 else 1, byte & 0x3F))
        return cls(at["centre"], at["bias"], terms)


class Requantizer(Record, kw_only=True):
    FIELDS = [
        ("residual", "tensor?"),
        ("tableOffset", "constant"),
        ("entryCount", "u32", FOLLOWS),
        ("shift", "u8", 0, limits.WIDE_SHIFT),
        ("wide", "bool"),
        ("reserved", "u16"),
        ("outputMin", "i32"),
        ("outputMax", "i32"),
    ]
    residual = None
    wide = False

    def following(self, context):
        return {"entryCount": len(self.table)}

    def contents(self):
        return {"tableOffset": b"".join(entry.bytes(self.wide) for entry in self.table)}

    def check(self, at, context):
        output = context.output
        if self.residual is not None:
            if not context.operation.TAKES_RESIDUAL:
                raise at.error(
                    "residual", f"residual is {self.residual}, expected none (4294967295)")
            context.expect_shape(at, "residual", self.residual, output.shape)
            if context.tensors[self.residual].element_type not in (U8, I16):
                raise at.error("residual", "the residual's element type is not u8 or i16")
        allowed = context.operation.entry_counts(output)
        if at["entryCount"] not in allowed:
            raise at.error(
                "entryCount", f"entryCount is {at['entryCount']},"
                f" expected {' or '.join(map(str, allowed))}")
        at.within("shift", 0, limits.WIDE_SHIFT if self.wide else limits.SHIFT)
        low, high = element_range(output.element_type)
        at.within("outputMin", low, high)
        at.within("outputMax", self.output_min, high)

    def sharing(self, index):
        """The same with one entry for all channels."""
        return replace(self, table=[self.table[index]])

    def load(self, at, context):
        self.table = Entry.table(at, "tableOffset", at["entryCount"], self.wide, context)


class Patch(Record, kw_only=True):
    FIELDS = [
        ("groups", "u32"),
        ("inputChannels", "u32"),
        ("outputChannels", "u32"),
        ("elementType", "u8", U8, I16),
        ("converts", "bool"),
        ("inputShift", "u8", 0, limits.INPUT_SHIFT),
        ("reserved", "u8"),
        ("inputOffset", "i32", -2**15, 2**15 - 1),
        ("patchMin", "i32"),
        ("patchMax", "i32"),
        ("elementCount", "u32", FOLLOWS),
        ("wordCount", "u32", FOLLOWS),
        ("padValuesOffset", "constant"),
        ("scratchOffset", "u32"),
        ("scratchByteCount", "u32", FOLLOWS),
        ("reserved", "u32"),
    ]
    converts = False
    input_shift = input_offset = patch_min = patch_max = scratch_offset = 0

    def element_count(self, window):
        return window.kernel_height * window.kernel_width * self.input_channels

    def word_count(self, window):
        byte_count = self.element_count(window) * ELEMENT_DTYPES[self.element_type].itemsize
        return (byte_count + 3) // 4

    def scratch_byte_count(self, window):
        return 8 * self.word_count(window)

    def following(self, context):
        window = context.operation.window
        return {
            "elementCount": self.element_count(window), "wordCount": self.word_count(window),
            "scratchByteCount": self.scratch_byte_count(window)}

    def check(self, at, context):
        source, output = context.source, context.output
        at.within("groups", 1, min(source.channels, output.channels))
        if source.channels % self.groups or output.channels % self.groups:
            raise at.error(
                "groups", f"groups is {self.groups}, expected a divisor of {source.channels} and"
                f" of {output.channels}")
        at.expect("inputChannels", source.channels // self.groups)
        at.expect("outputChannels", output.channels // self.groups)
        required = I16 if self.converts else self.element_type
        if source.element_type != required:
            raise at.error(
                "converts", f"the input is {ELEMENT_NAMES[source.element_type]}, expected"
                f" {ELEMENT_NAMES[required]}")
        if self.converts:
            low, high = element_range(self.element_type)
            at.within("patchMin", low, high)
            at.within("patchMax", self.patch_min, high)
        else:
            for name in ("inputShift", "inputOffset", "patchMin", "patchMax"):
                at.expect(name, 0)
        element_count = self.element_count(context.operation.window)
        if element_count > limits.PATCH_ELEMENTS:
            raise at.error(
                "elementCount", f"a patch has {element_count} elements, expected at most"
                f" {limits.PATCH_ELEMENTS}")
        at.expect_multiple("scratchOffset", 4)

    def load(self, at, context):
        self.pad_values = context.pad_values(at, self.element_type)
