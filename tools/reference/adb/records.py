"""Decodes operation records."""

from . import structures as s
from .reader import FormatError

NONE = 0xFFFFFFFF


class RecordDecoder:
    def __init__(self, reader, tensors, constants):
        self.reader = reader
        self.tensors = tensors
        self.constants = constants
        self.by_opcode = {
            1: (self.adder2d, 136), 2: (self.conv2d, 136), 3: (self.requantize, 36),
            4: (self.add, 44), 5: (self.max_pool, 52), 6: (self.average_pool, 80),
            7: (self.concat, None), 8: (self.upsample_nearest, 16), 9: (self.pad, 24),
            10: (self.flatten, 12),
        }

    def decode(self, offset, end):
        """Decodes the record at `offset`; returns it and the offset of the next."""
        self.reader.require(offset, 4, "operation record", end=end)
        opcode = self.reader.number("u16", offset, "opcode")
        byte_count = self.reader.number("u16", offset + 2, "recordByteCount")
        if opcode not in self.by_opcode:
            raise FormatError(offset, f"opcode {opcode} is unknown to format version 1")
        decode, expected = self.by_opcode[opcode]
        if expected is None:
            self.reader.require(offset, 12, "concat record", end=end)
            expected = 12 + 4 * self.reader.number("u32", offset + 8, "inputCount", 2, 64)
        if byte_count != expected:
            raise FormatError(
                offset + 2, f"recordByteCount is {byte_count}, expected {expected}")
        self.reader.require(offset, byte_count, "operation record", end=end)
        return decode(offset), offset + byte_count

    # Fields

    def tensor(self, offset, name):
        return self.reader.number("u32", offset, name, 0, len(self.tensors) - 1)

    def input_and_output(self, offset):
        return self.tensor(offset + 4, "input"), self.tensor(offset + 8, "output")

    def same_type(self, offset, first, second):
        if self.tensors[first].element_type != self.tensors[second].element_type:
            raise FormatError(offset, f"tensors {first} and {second} differ in element type")

    def shape(self, offset, tensor, expected):
        if self.tensors[tensor].shape != tuple(expected):
            raise FormatError(
                offset, f"tensor {tensor} has the shape {list(self.tensors[tensor].shape)},"
                f" expected {list(expected)}")

    def window(self, offset, input_index, output_index, output_field):
        """A window, checked against both tensors; channels are left to the operation."""
        number = self.reader.number
        window = s.Window(
            kernel_height=number("u16", offset, "kernelHeight", 1, 4096),
            kernel_width=number("u16", offset + 2, "kernelWidth", 1, 4096),
            stride_height=number("u16", offset + 4, "strideHeight", 1, 4096),
            stride_width=number("u16", offset + 6, "strideWidth", 1, 4096),
            pad_top=number("u16", offset + 8, "padTop", 0, 255),
            pad_left=number("u16", offset + 10, "padLeft", 0, 255),
            pad_bottom=number("u16", offset + 12, "padBottom", 0, 255),
            pad_right=number("u16", offset + 14, "padRight", 0, 255),
            dilation_height=number("u16", offset + 16, "dilationHeight", 1, 4096),
            dilation_width=number("u16", offset + 18, "dilationWidth", 1, 4096))
        source = self.tensors[input_index]
        row, column = source.width * source.channels, source.channels
        expect = self.reader.expect
        expect("u32", offset + 20, "windowRowStep", window.stride_height * row)
        expect("u32", offset + 24, "windowColumnStep", window.stride_width * column)
        expect("u32", offset + 28, "tapRowStep", window.dilation_height * row)
        expect("u32", offset + 32, "tapColumnStep", window.dilation_width * column)
        expect("i32", offset + 36, "originOffset",
               -(window.pad_top * row + window.pad_left * column))
        extent = window.output_extent(source.height, source.width)
        if min(extent) < 1:
            raise FormatError(offset, f"the window gives an output of {list(extent)}")
        output = self.tensors[output_index]
        if (output.height, output.width) != extent:
            raise FormatError(
                output_field, f"tensor {output_index} has {output.height} x {output.width}"
                f" positions, expected {extent[0]} x {extent[1]}")
        return window

    def requantizer(self, offset, output_index, takes_residual=False, single_entry=False):
        number = self.reader.number
        output = self.tensors[output_index]
        residual = number("u32", offset, "residual")
        if residual == NONE:
            residual = None
        elif not takes_residual:
            raise FormatError(offset, f"residual is {residual}, expected none (4294967295)")
        else:
            self.tensor(offset, "residual")
            self.shape(offset, residual, output.shape)
            if self.tensors[residual].element_type not in (s.U8, s.I16):
                raise FormatError(offset, "the residual's element type is not u8 or i16")
        entry_count = number("u32", offset + 8, "entryCount")
        if entry_count != 1 and (single_entry or entry_count != output.channels):
            expected = "1" if single_entry else f"1 or {output.channels}"
            raise FormatError(
                offset + 8, f"entryCount is {entry_count}, expected {expected}")
        wide = bool(number("u8", offset + 13, "wide", 0, 1))
        shift = number("u8", offset + 12, "shift", 0, 62 if wide else 31)
        self.reader.zeros(offset + 14, 2, "reserved byte of the requantizer")
        low, high = s.element_range(output.element_type)
        output_min = number("i32", offset + 16, "outputMin", low, high)
        output_max = number("i32", offset + 20, "outputMax", output_min, high)
        entries = self.constants.table(
            offset + 4, number("u32", offset + 4, "tableOffset"), entry_count, wide,
            "tableOffset")
        return s.Requantizer(shift, output_min, output_max, entries, wide, residual)

    def patch(self, offset, window, input_index, output_index):
        number, expect = self.reader.number, self.reader.expect
        source, output = self.tensors[input_index], self.tensors[output_index]
        groups = number("u32", offset, "groups", 1, min(source.channels, output.channels))
        if source.channels % groups or output.channels % groups:
            raise FormatError(
                offset, f"groups is {groups}, expected a divisor of {source.channels} and of"
                f" {output.channels}")
        patch = s.Patch(
            groups=groups,
            input_channels=expect(
                "u32", offset + 4, "inputChannels", source.channels // groups),
            output_channels=expect(
                "u32", offset + 8, "outputChannels", output.channels // groups),
            element_type=number("u8", offset + 12, "elementType", s.U8, s.I16),
            pad_values=None,
            converts=bool(number("u8", offset + 13, "converts", 0, 1)))
        required = s.I16 if patch.converts else patch.element_type
        if source.element_type != required:
            raise FormatError(
                offset + 13, f"the input is {s.ELEMENT_NAMES[source.element_type]}, expected"
                f" {s.ELEMENT_NAMES[required]}")
        if patch.converts:
            low, high = s.element_range(patch.element_type)
            patch.input_shift = number("u8", offset + 14, "inputShift", 0, 15)
            patch.input_offset = number("i32", offset + 16, "inputOffset", -2**15, 2**15 - 1)
            patch.patch_min = number("i32", offset + 20, "patchMin", low, high)
            patch.patch_max = number("i32", offset + 24, "patchMax", patch.patch_min, high)
        else:
            expect("u8", offset + 14, "inputShift", 0)
            expect("i32", offset + 16, "inputOffset", 0)
            expect("i32", offset + 20, "patchMin", 0)
            expect("i32", offset + 24, "patchMax", 0)
        self.reader.zeros(offset + 15, 1, "reserved byte of the patch")
        element_count = patch.element_count(window)
        if element_count > 65535:
            raise FormatError(
                offset + 28, f"a patch has {element_count} elements, expected at most 65535")
        expect("u32", offset + 28, "elementCount", element_count)
        expect("u32", offset + 32, "wordCount", patch.word_count(window))
        patch.pad_values = self.constants.pad_values(
            offset + 36, number("u32", offset + 36, "padValuesOffset"), source.channels,
            patch.element_type)
        patch.scratch_offset = number("u32", offset + 40, "scratchOffset")
        if patch.scratch_offset % 4:
            raise FormatError(
                offset + 40, f"scratchOffset is {patch.scratch_offset}, expected a multiple of 4")
        expect("u32", offset + 44, "scratchByteCount", patch.scratch_byte_count(window))
        self.reader.zeros(offset + 48, 4, "reserved byte of the patch")
        return patch

    # Operations

    def _layer(self, offset):
        source, output = self.input_and_output(offset)
        window = self.window(offset + 12, source, output, offset + 8)
        requantizer = self.requantizer(offset + 52, output, takes_residual=True)
        return source, output, window, requantizer, self.patch(offset + 76, window, source, output)

    def adder2d(self, offset):
        layer = self._layer(offset)
        window, patch = layer[2], layer[4]
        filters = self.constants.filters(
            offset + 128, self.reader.number("u32", offset + 128, "filtersOffset"), patch, window)
        self.reader.expect("i32", offset + 132, "filterMaximum", int(filters.max()))
        return s.Adder2D(*layer, filters=filters)

    def conv2d(self, offset):
        layer = self._layer(offset)
        return s.Conv2D(*layer, planes=self.constants.planes(
            offset + 128, self.reader.number("u32", offset + 128, "digitsOffset"),
            self.reader.number("u32", offset + 132, "digitsByteCount"),
            self.tensors[layer[1]].channels, layer[4].element_count(layer[2])))

    def requantize(self, offset):
        source, output = self.input_and_output(offset)
        self.shape(offset + 8, output, self.tensors[source].shape)
        return s.Requantize(source, output, self.requantizer(offset + 12, output))

    def add(self, offset):
        first, second = self.tensor(offset + 4, "first"), self.tensor(offset + 8, "second")
        output = self.tensor(offset + 12, "output")
        self.shape(offset + 8, second, self.tensors[first].shape)
        self.shape(offset + 12, output, self.tensors[first].shape)
        requantizer = self.requantizer(offset + 16, output, single_entry=True)
        table_offset = self.reader.number("u32", offset + 40, "secondTableOffset")
        entry, = self.constants.table(
            offset + 40, table_offset, 1, requantizer.wide, "secondTableOffset")
        return s.Add(first, second, output, requantizer, entry)

    def _pool(self, offset):
        source, output = self.input_and_output(offset)
        window = self.window(offset + 12, source, output, offset + 8)
        if self.tensors[output].channels != self.tensors[source].channels:
            raise FormatError(
                offset + 8, f"tensor {output} has {self.tensors[output].channels} channels,"
                f" expected {self.tensors[source].channels}")
        return source, output, window

    def max_pool(self, offset):
        source, output, window = self._pool(offset)
        self.same_type(offset + 8, source, output)
        height = window.dilation_height * (window.kernel_height - 1) + 1
        width = window.dilation_width * (window.kernel_width - 1) + 1
        for index, (name, padding, extent) in enumerate([
                ("padTop", window.pad_top, height), ("padLeft", window.pad_left, width),
                ("padBottom", window.pad_bottom, height), ("padRight", window.pad_right, width)]):
            if 2 * padding > extent:
                raise FormatError(
                    offset + 20 + 2 * index,
                    f"{name} is {padding}, expected at most half of the extent {extent}")
        return s.MaxPool(source, output, window)

    def average_pool(self, offset):
        source, output, window = self._pool(offset)
        requantizer = self.requantizer(offset + 52, output)
        pad_values = self._pad_values(offset + 76, source)
        return s.AveragePool(source, output, window, requantizer, pad_values)

    def _pad_values(self, field_offset, source):
        return self.constants.pad_values(
            field_offset, self.reader.number("u32", field_offset, "padValuesOffset"),
            self.tensors[source].channels, self.tensors[source].element_type)

    def concat(self, offset):
        output = self.tensor(offset + 4, "output")
        target = self.tensors[output]
        inputs = []
        for field in range(offset + 12,
                           offset + 12 + 4 * self.reader.number("u32", offset + 8, ""), 4):
            index = self.tensor(field, "input")
            inputs.append(index)
            self.same_type(field, index, output)
            channels = self.tensors[index].channels
            self.shape(field, index, (target.height, target.width, channels))
        total = sum(self.tensors[index].channels for index in inputs)
        if total != target.channels:
            raise FormatError(
                offset + 4, f"tensor {output} has {target.channels} channels, expected {total}")
        return s.Concat(inputs, output)

    def upsample_nearest(self, offset):
        source, output = self.input_and_output(offset)
        self.same_type(offset + 8, source, output)
        height = self.reader.number("u16", offset + 12, "factorHeight", 1, 64)
        width = self.reader.number("u16", offset + 14, "factorWidth", 1, 64)
        shape = self.tensors[source].shape
        self.shape(offset + 8, output, (shape[0] * height, shape[1] * width, shape[2]))
        return s.UpsampleNearest(source, output, height, width)

    def pad(self, offset):
        source, output = self.input_and_output(offset)
        self.same_type(offset + 8, source, output)
        top, left, bottom, right = (
            self.reader.number("u16", offset + 12 + 2 * index, name, 0, 255)
            for index, name in enumerate(("padTop", "padLeft", "padBottom", "padRight")))
        height, width, channels = self.tensors[source].shape
        self.shape(
            offset + 8, output, (height + top + bottom, width + left + right, channels))
        return s.Pad(source, output, top, left, bottom, right,
                     self._pad_values(offset + 20, source))

    def flatten(self, offset):
        source, output = self.input_and_output(offset)
        self.same_type(offset + 8, source, output)
        height, width, channels = self.tensors[source].shape
        self.shape(offset + 8, output, (1, 1, height * width * channels))
        return s.Flatten(source, output)
