"""Writes a `Model` as the bytes of an `.adb` file.

Nothing is checked here, so that tests can write files a reader must refuse. Constants are laid
out in the order of the operations, each at a multiple of 4.
"""

import struct
import zlib

import numpy as np

from . import structures as s

NONE = 0xFFFFFFFF


def encode(model):
    """Returns the bytes of the file; derived fields are computed from the model."""
    constants = bytearray()
    operations = b"".join(
        _operation(operation, model.tensors, constants) for operation in model.operations)
    sections = [
        (1, b"".join(map(_tensor, model.tensors)), len(model.tensors)),
        (2, operations, len(model.operations)),
        (3, bytes(constants), 0),
        (4, b"".join(
            [struct.pack("<II", index, 0) for index in model.inputs]
            + [struct.pack("<II", index, 1) for index in model.outputs]),
         len(model.inputs) + len(model.outputs)),
    ]
    if model.normalization is not None:
        sections.append((5, b"".join(
            struct.pack(f"<I{len(mean)}f{len(std)}f", len(mean), *mean, *std)
            for mean, std in model.normalization), len(model.normalization)))
    if model.names is not None:
        sections.append((6, _strings(model.names), len(model.names)))
    if model.class_names is not None:
        sections.append((7, _strings(model.class_names), len(model.class_names)))
    return assemble(sections, model.arena_byte_count)


def assemble(sections, arena_byte_count):
    """A file out of sections (kind, bytes, entryCount)."""
    table = b""
    body = b""
    start = 32 + 16 * len(sections)
    for kind, content, entry_count in sections:
        table += struct.pack("<IIII", kind, start + len(body), len(content), entry_count)
        body += content + bytes(-len(content) % 16)
    after_checksum = struct.pack("<IIII", arena_byte_count, 0, 0, 0) + table + body
    return struct.pack(
        "<4sHHII", b"ADB\x1A", 1, len(sections), 16 + len(after_checksum),
        zlib.crc32(after_checksum)) + after_checksum


def with_checksum(data):
    """The file with its checksum computed anew."""
    return data[:12] + struct.pack("<I", zlib.crc32(data[16:])) + data[16:]


def _strings(strings):
    encoded = [text.encode("utf-8") for text in strings]
    return b"".join(struct.pack("<H", len(text)) + text for text in encoded)


def _tensor(tensor):
    return struct.pack(
        "<IIIIIB3xif", tensor.arena_offset, tensor.byte_count, *tensor.shape,
        tensor.element_type, tensor.zero_point, tensor.scale)


def _constant(constants, content):
    """Appends a constant and returns its offset."""
    constants += bytes(-len(constants) % 4)
    offset = len(constants)
    constants += content
    return offset


def _entry(entry, wide):
    terms = bytes(shift | (0x80 if sign < 0 else 0) for sign, shift in entry.terms)
    return struct.pack(
        "<qq8s" if wide else "<ii8s", entry.centre, entry.bias, terms.ljust(8, b"\xFF"))


def _window(window, source):
    row, column = source.width * source.channels, source.channels
    return struct.pack(
        "<10H4Ii", window.kernel_height, window.kernel_width, window.stride_height,
        window.stride_width, window.pad_top, window.pad_left, window.pad_bottom,
        window.pad_right, window.dilation_height, window.dilation_width,
        window.stride_height * row, window.stride_width * column, window.dilation_height * row,
        window.dilation_width * column, -(window.pad_top * row + window.pad_left * column))


def _requantizer(requantizer, constants):
    table = b"".join(_entry(entry, requantizer.wide) for entry in requantizer.entries)
    return struct.pack(
        "<IIIBBHii", NONE if requantizer.residual is None else requantizer.residual,
        _constant(constants, table), len(requantizer.entries), requantizer.shift,
        int(requantizer.wide), 0, requantizer.output_min, requantizer.output_max)


def _pad_values(pad_values, element_type, constants):
    return _constant(
        constants, np.asarray(pad_values).astype(s.ELEMENT_DTYPES[element_type]).tobytes())


def _patch(patch, window, constants):
    return struct.pack(
        "<IIIBBBBiiiIIIIII", patch.groups, patch.input_channels, patch.output_channels,
        patch.element_type, int(patch.converts), patch.input_shift, 0, patch.input_offset,
        patch.patch_min, patch.patch_max, patch.element_count(window), patch.word_count(window),
        _pad_values(patch.pad_values, patch.element_type, constants), patch.scratch_offset,
        patch.scratch_byte_count(window), 0)


def _filters(filters, patch, window):
    """Pairs of filters: the sum of each, then their words interleaved."""
    word_bytes = 4 * patch.word_count(window)
    dtype = s.ELEMENT_DTYPES[patch.element_type]
    result = b""
    for group in filters:
        rows = [f.astype(dtype).tobytes().ljust(word_bytes, b"\0") for f in group]
        sums = [int(f.sum(dtype=np.int64)) % 2**32 for f in group]
        if len(rows) % 2:
            rows.append(bytes(word_bytes))
            sums.append(0)
        for pair in range(0, len(rows), 2):
            result += struct.pack("<II", *sums[pair:pair + 2])
            first, second = rows[pair:pair + 2]
            for start in range(0, word_bytes, 4):
                result += first[start:start + 4] + second[start:start + 4]
    return result


def _digits(planes_of_channels):
    digits = []
    for planes in planes_of_channels:
        digits.append(len(planes))
        for added, subtracted in planes:
            digits += [len(added), len(subtracted), *added, *subtracted]
    return struct.pack(f"<{len(digits)}H", *digits)


def _operation(operation, tensors, constants):
    fields = b"".join(_fields(operation, tensors, constants))
    return struct.pack("<HH", s.OPCODES[type(operation)], 4 + len(fields)) + fields


def _fields(operation, tensors, constants):
    kind = type(operation)
    if kind is s.Concat:
        yield struct.pack("<II", operation.output, len(operation.inputs))
        yield struct.pack(f"<{len(operation.inputs)}I", *operation.inputs)
        return
    if kind is s.Add:
        yield struct.pack("<III", operation.first, operation.second, operation.output)
        yield _requantizer(operation.requantizer, constants)
        yield struct.pack("<I", _constant(
            constants, _entry(operation.second_entry, operation.requantizer.wide)))
        return
    yield struct.pack("<II", operation.input, operation.output)
    source = tensors[operation.input]
    if hasattr(operation, "window"):
        yield _window(operation.window, source)
    if hasattr(operation, "requantizer"):
        yield _requantizer(operation.requantizer, constants)
    if hasattr(operation, "patch"):
        yield _patch(operation.patch, operation.window, constants)
    if kind is s.Adder2D:
        yield struct.pack("<Ii", _constant(
            constants, _filters(operation.filters, operation.patch, operation.window)),
            operation.filters.max())
    elif kind is s.Conv2D:
        digits = _digits(operation.planes)
        yield struct.pack("<II", _constant(constants, digits), len(digits))
    elif kind is s.UpsampleNearest:
        yield struct.pack("<HH", operation.factor_height, operation.factor_width)
    elif kind is s.Pad:
        yield struct.pack(
            "<4H", operation.pad_top, operation.pad_left, operation.pad_bottom,
            operation.pad_right)
    if kind in (s.AveragePool, s.Pad):
        yield struct.pack(
            "<I", _pad_values(operation.pad_values, source.element_type, constants))
