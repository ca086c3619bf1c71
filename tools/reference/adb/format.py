"""Decodes a whole `.adb` file and refuses everything docs/adb-format.md does not allow."""

import math
import struct
import zlib

from . import structures as s
from .checks import check_arena_extent, check_data_flow, check_sharing
from .constants import Constants
from .reader import FormatError, Reader
from .records import RecordDecoder

MAGIC = b"\x41\x44\x42\x1A"
HEADER_BYTE_COUNT = 32
TENSORS, OPERATIONS, CONSTANTS, BINDINGS, NORMALIZATION, NAMES, CLASS_NAMES = range(1, 8)
SECTION_NAMES = {
    TENSORS: "tensors", OPERATIONS: "operations", CONSTANTS: "constants", BINDINGS: "bindings",
    NORMALIZATION: "normalization", NAMES: "names", CLASS_NAMES: "class names",
}


def decode(data):
    """Returns the `Model` in the bytes of a file, or raises `FormatError`."""
    reader = Reader(data)
    section_count, arena_byte_count = _header(reader)
    sections = _section_table(reader, section_count)
    tensors = _tensors(reader, sections)
    constants = Constants(reader, sections[CONSTANTS][0], sections[CONSTANTS][1])
    operations, offsets = _operations(reader, sections, tensors, constants)
    inputs, outputs = _bindings(reader, sections, tensors)
    model = s.Model(tensors, operations, inputs, outputs, arena_byte_count)
    if NORMALIZATION in sections:
        model.normalization = _normalization(reader, sections, tensors, inputs)
    if NAMES in sections:
        model.names = _strings(reader, sections, NAMES, 1 + len(tensors) + len(operations))
    if CLASS_NAMES in sections:
        model.class_names = _strings(
            reader, sections, CLASS_NAMES, tensors[outputs[0]].channels)
    check_data_flow(model, offsets, sections[TENSORS][0], sections[BINDINGS][0])
    check_sharing(model, offsets)
    check_arena_extent(model, offset=16)
    return model


def _header(reader):
    reader.require(0, HEADER_BYTE_COUNT, "header")
    if reader.data[:4] != MAGIC:
        raise FormatError(0, f"magic is {reader.data[:4].hex()}, expected {MAGIC.hex()}")
    reader.expect("u16", 4, "version", 1)
    section_count = reader.number("u16", 6, "sectionCount", 4, 7)
    file_byte_count = reader.expect("u32", 8, "fileByteCount", len(reader.data))
    if file_byte_count % 16:
        raise FormatError(8, f"fileByteCount is {file_byte_count}, expected a multiple of 16")
    checksum = reader.number("u32", 12, "checksum")
    computed = zlib.crc32(reader.data[16:])
    if checksum != computed:
        raise FormatError(12, f"checksum is {checksum:08x}, expected {computed:08x}")
    arena_byte_count = reader.number("u32", 16, "arenaByteCount")
    if arena_byte_count % 4:
        raise FormatError(16, f"arenaByteCount is {arena_byte_count}, expected a multiple of 4")
    reader.zeros(20, 12, "reserved byte of the header")
    return section_count, arena_byte_count


def _rounded_up(offset):
    return (offset + 15) // 16 * 16


def _section_table(reader, section_count):
    """Sections by kind: (offset, byteCount, entryCount, offset of the table's record)."""
    sections = {}
    end = HEADER_BYTE_COUNT + 16 * section_count
    reader.require(HEADER_BYTE_COUNT, 16 * section_count, "section table")
    previous_kind = 0
    for record in range(HEADER_BYTE_COUNT, HEADER_BYTE_COUNT + 16 * section_count, 16):
        kind = reader.number("u32", record, "section kind", 1, CLASS_NAMES)
        if kind <= previous_kind:
            raise FormatError(record, f"section kind {kind} follows kind {previous_kind}")
        offset = reader.expect("u32", record + 4, "section offset", _rounded_up(end))
        byte_count = reader.number("u32", record + 8, "section byteCount")
        reader.require(offset, byte_count, f"section of kind {kind}")
        entry_count = reader.number("u32", record + 12, "section entryCount")
        reader.zeros(end, offset - end, "padding before a section")
        sections[kind] = (offset, byte_count, entry_count, record)
        previous_kind = kind
        end = offset + byte_count
    for kind in (TENSORS, OPERATIONS, CONSTANTS, BINDINGS):
        if kind not in sections:
            raise FormatError(HEADER_BYTE_COUNT, f"section '{SECTION_NAMES[kind]}' is missing")
    if _rounded_up(end) != len(reader.data):
        raise FormatError(
            8, f"fileByteCount is {len(reader.data)}, expected {_rounded_up(end)}")
    reader.zeros(end, len(reader.data) - end, "padding after the last section")
    constants_record = sections[CONSTANTS][3]
    reader.expect("u32", constants_record + 12, "entryCount of the constants", 0)
    return sections


def _records(sections, kind, record_bytes, highest_count):
    """Offsets of the records of a section whose records have one length."""
    offset, byte_count, entry_count, record = sections[kind]
    if not 1 <= entry_count <= highest_count:
        raise FormatError(
            record + 12, f"{SECTION_NAMES[kind]}: entryCount is {entry_count}, expected"
            f" 1...{highest_count}")
    if byte_count != entry_count * record_bytes:
        raise FormatError(
            record + 8, f"{SECTION_NAMES[kind]}: byteCount is {byte_count}, expected"
            f" {entry_count * record_bytes}")
    return range(offset, offset + byte_count, record_bytes)


def _tensors(reader, sections):
    tensors = []
    for offset in _records(sections, TENSORS, 32, 4096):
        tensor = s.Tensor(
            arena_offset=reader.number("u32", offset, "arenaOffset"),
            height=reader.number("u32", offset + 8, "height", 1, 2**20),
            width=reader.number("u32", offset + 12, "width", 1, 2**20),
            channels=reader.number("u32", offset + 16, "channels", 1, 2**20),
            element_type=reader.number("u8", offset + 20, "elementType", s.U8, s.I32))
        if tensor.arena_offset % 4:
            raise FormatError(
                offset, f"arenaOffset is {tensor.arena_offset}, expected a multiple of 4")
        reader.number("u32", offset + 4, "byteCount", 0, 2**28)
        reader.expect("u32", offset + 4, "byteCount", tensor.byte_count)
        reader.zeros(offset + 21, 3, "reserved byte of a tensor")
        low, high = s.element_range(tensor.element_type)
        tensor.zero_point = reader.number("i32", offset + 24, "zeroPoint", low, high)
        tensor.scale = reader.number("f32", offset + 28, "scale")
        if not (math.isfinite(tensor.scale) and tensor.scale > 0):
            raise FormatError(
                offset + 28, f"scale is {tensor.scale}, expected a positive finite number")
        tensors.append(tensor)
    return tensors


def _operations(reader, sections, tensors, constants):
    start, byte_count, entry_count, record = sections[OPERATIONS]
    if entry_count > 4096:
        raise FormatError(
            record + 12, f"operations: entryCount is {entry_count}, expected 0...4096")
    decoder = RecordDecoder(reader, tensors, constants)
    operations, offsets = [], []
    offset, end = start, start + byte_count
    for _ in range(entry_count):
        operation, following = decoder.decode(offset, end)
        operations.append(operation)
        offsets.append(offset)
        offset = following
    if offset != end:
        raise FormatError(
            record + 8, f"operations: byteCount is {byte_count}, expected {offset - start}")
    return operations, offsets


def _bindings(reader, sections, tensors):
    inputs, outputs = [], []
    for offset in _records(sections, BINDINGS, 8, 64):
        index = reader.number("u32", offset, "tensor", 0, len(tensors) - 1)
        direction = reader.number("u32", offset + 4, "direction", 0, 1)
        if direction:
            outputs.append(index)
            continue
        if outputs:
            raise FormatError(offset + 4, "an input follows an output")
        tensor = tensors[index]
        if tensor.element_type != s.U8:
            raise FormatError(offset, f"input tensor {index} is not of type u8")
        if tensor.zero_point != 0 or tensor.scale != _as_f32(1 / 255):
            raise FormatError(
                offset, f"input tensor {index} has the scale {tensor.scale} and the zero point"
                f" {tensor.zero_point}, expected 1/255 and 0")
        inputs.append(index)
    if not inputs or not outputs:
        raise FormatError(
            sections[BINDINGS][3] + 12, "bindings need at least one input and one output")
    return inputs, outputs


def _as_f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def _normalization(reader, sections, tensors, inputs):
    offset, byte_count, entry_count, record = sections[NORMALIZATION]
    if entry_count != len(inputs):
        raise FormatError(
            record + 12, f"normalization: entryCount is {entry_count}, expected {len(inputs)}")
    end = offset + byte_count
    records = []
    for index in inputs:
        channels = tensors[index].channels
        reader.require(offset, 4 + 8 * channels, "normalization record", end=end)
        reader.expect("u32", offset, "channels", channels)
        values = [
            reader.number("f32", offset + 4 + 4 * position, "mean or std")
            for position in range(2 * channels)]
        for position, value in enumerate(values):
            if not math.isfinite(value) or (position >= channels and value <= 0):
                raise FormatError(
                    offset + 4 + 4 * position,
                    f"{'std' if position >= channels else 'mean'} is {value}, expected a"
                    " finite number, and a positive one for std")
        records.append((values[:channels], values[channels:]))
        offset += 4 + 8 * channels
    if offset != end:
        raise FormatError(offset, f"normalization goes on to byte {end}, expected its end")
    return records


def _strings(reader, sections, kind, expected_count):
    offset, byte_count, entry_count, record = sections[kind]
    if entry_count != expected_count:
        raise FormatError(
            record + 12, f"{SECTION_NAMES[kind]}: entryCount is {entry_count}, expected"
            f" {expected_count}")
    end = offset + byte_count
    strings = []
    for _ in range(entry_count):
        reader.require(offset, 2, "length of a string", end=end)
        length = reader.number("u16", offset, "length of a string")
        reader.require(offset + 2, length, "string", end=end)
        strings.append(reader.text(offset + 2, length, "string"))
        offset += 2 + length
    if offset != end:
        raise FormatError(
            offset, f"{SECTION_NAMES[kind]} go on to byte {end}, expected their end")
    return strings
