"""Decodes a whole `.adb` file and refuses everything docs/adb-format.md does not allow."""

import math
import struct
import zlib

from . import limits, structures as s
from .checks import check_arena_extent, check_data_flow, check_sharing
from .context import Constants, Context
from .detection import decode_detection, detection_byte_count
from .operations import decode_operation
from .reader import FormatError, Reader


def decode(data):
    """Returns the `Model` in the bytes of a file, or raises `FormatError`."""
    reader = Reader(data)
    header = _header(reader)
    sections = _section_table(reader, header)
    tensors = _tensors(reader, sections)
    operations, offsets = _operations(reader, sections, tensors)
    inputs, outputs = _bindings(reader, sections, tensors)
    model = s.Model(tensors, operations, inputs, outputs, header["arenaByteCount"])
    if s.NORMALIZATION in sections:
        model.normalization = _normalization(reader, sections, tensors, inputs)
    if s.NAMES in sections:
        model.names = _strings(reader, sections, s.NAMES, 1 + len(tensors) + len(operations))
    if s.CLASS_NAMES in sections:
        model.class_names = _strings(
            reader, sections, s.CLASS_NAMES, tensors[outputs[0]].channels)
    check_data_flow(model, offsets, sections[s.TENSORS]["offset"], sections[s.BINDINGS]["offset"])
    check_sharing(model, offsets)
    check_arena_extent(model, header)
    if s.DETECTION in sections:
        model.detection = _detection(reader, sections, model)
    return model


def _header(reader):
    reader.require(0, s.HEADER.byte_count, "header")
    if reader.data[:4] != s.MAGIC:
        raise FormatError(0, f"magic is {reader.data[:4].hex()}, expected {s.MAGIC.hex()}")
    at = s.HEADER.read(reader, 0)
    at.expect("fileByteCount", len(reader.data))
    at.expect_multiple("fileByteCount", 16)
    computed = zlib.crc32(reader.data[16:])
    if at["checksum"] != computed:
        raise at.error("checksum", f"checksum is {at['checksum']:08x}, expected {computed:08x}")
    at.expect_multiple("arenaByteCount", 4)
    return at


def _rounded_up(offset):
    return (offset + 15) // 16 * 16


def _section_table(reader, header):
    """The records of the table by kind."""
    sections = {}
    record, previous_kind = s.HEADER.byte_count, 0
    end = record + s.SECTION.byte_count * header["sectionCount"]
    for _ in range(header["sectionCount"]):
        at = s.SECTION.read(reader, record)
        kind = at["kind"]
        if kind <= previous_kind:
            raise at.error("kind", f"section kind {kind} follows kind {previous_kind}")
        at.expect("offset", _rounded_up(end))
        reader.require(at["offset"], at["byteCount"], f"section '{s.SECTION_NAMES[kind]}'")
        reader.zeros(end, at["offset"] - end, "padding before a section")
        sections[kind] = at
        previous_kind = kind
        record = at.end
        end = at["offset"] + at["byteCount"]
    for kind in (s.TENSORS, s.OPERATIONS, s.CONSTANTS, s.BINDINGS):
        if kind not in sections:
            raise FormatError(
                s.HEADER.byte_count, f"section '{s.SECTION_NAMES[kind]}' is missing")
    header.expect("fileByteCount", _rounded_up(end))
    reader.zeros(end, len(reader.data) - end, "padding after the last section")
    sections[s.CONSTANTS].expect("entryCount", 0)
    return sections


def _expect(section, kind, name, low, high=None):
    """Refuses another number in a section's record, with the section's name."""
    if not low <= section[name] <= (low if high is None else high):
        expected = low if high is None else f"{low}...{high}"
        raise section.error(
            name, f"{s.SECTION_NAMES[kind]}: {name} is {section[name]}, expected {expected}")


def _records(sections, kind, layout, highest_count):
    """Offsets of the records of a section whose records have one length."""
    section = sections[kind]
    _expect(section, kind, "entryCount", 1, highest_count)
    _expect(section, kind, "byteCount", section["entryCount"] * layout.byte_count)
    start = section["offset"]
    return range(start, start + section["byteCount"], layout.byte_count)


def _tensors(reader, sections):
    layout = s.Tensor.layout
    return [
        s.Tensor.decode(layout.read(reader, offset), Context([]))
        for offset in _records(sections, s.TENSORS, layout, limits.TENSORS)]


def _operations(reader, sections, tensors):
    section, constants = sections[s.OPERATIONS], sections[s.CONSTANTS]
    _expect(section, s.OPERATIONS, "entryCount", 0, limits.OPERATIONS)
    context = Context(
        tensors, Constants(reader, constants["offset"], constants["byteCount"]))
    operations, offsets = [], []
    offset = section["offset"]
    end = offset + section["byteCount"]
    for _ in range(section["entryCount"]):
        offsets.append(offset)
        operation, offset = decode_operation(reader, offset, end, context)
        operations.append(operation)
    _expect(section, s.OPERATIONS, "byteCount", offset - section["offset"])
    return operations, offsets


def _bindings(reader, sections, tensors):
    inputs, outputs = [], []
    for offset in _records(sections, s.BINDINGS, s.BINDING, limits.BINDINGS):
        at = s.BINDING.read(reader, offset, {"tensor": (0, len(tensors) - 1)})
        index = at["tensor"]
        if at["direction"]:
            outputs.append(index)
            continue
        if outputs:
            raise at.error("direction", "an input follows an output")
        tensor = tensors[index]
        if tensor.element_type != s.U8:
            raise at.error("tensor", f"input tensor {index} is not of type u8")
        if tensor.zero_point != 0 or tensor.scale != _as_f32(1 / 255):
            raise at.error(
                "tensor", f"input tensor {index} has the scale {tensor.scale} and the zero point"
                f" {tensor.zero_point}, expected 1/255 and 0")
        inputs.append(index)
    if not inputs or not outputs:
        raise sections[s.BINDINGS].error(
            "entryCount", "bindings need at least one input and one output")
    return inputs, outputs


def _as_f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def _varying(reader, sections, kind, layout, ranges):
    """The records of a section whose records differ in length; `ranges` has one dict for each."""
    section = sections[kind]
    _expect(section, kind, "entryCount", len(ranges))
    offset = section["offset"]
    end = offset + section["byteCount"]
    for ranges_of_record in ranges:
        at = layout.read(reader, offset, ranges_of_record, end)
        offset = at.end
        yield at
    if offset != end:
        raise FormatError(
            offset, f"{s.SECTION_NAMES[kind]} go on to byte {end}, expected their end")


def _normalization(reader, sections, tensors, inputs):
    records = []
    channels = [{"channels": (tensors[index].channels,) * 2} for index in inputs]
    for at in _varying(
            reader, sections, s.NORMALIZATION, s.NORMALIZATION_RECORD, channels):
        for name in ("mean", "std"):
            for position, value in enumerate(at[name]):
                if not math.isfinite(value) or (name == "std" and value <= 0):
                    raise at.error(
                        f"{name}[{position}]", f"{name} is {value}, expected a finite number, and"
                        " a positive one for std")
        records.append((at["mean"], at["std"]))
    return records


def _detection(reader, sections, model):
    section, constants = sections[s.DETECTION], sections[s.CONSTANTS]
    _expect(section, s.DETECTION, "entryCount", 1, limits.LEVELS)
    _expect(section, s.DETECTION, "byteCount", detection_byte_count(section["entryCount"]))
    return decode_detection(
        reader, section["offset"], section["entryCount"], model,
        Constants(reader, constants["offset"], constants["byteCount"]))


def _strings(reader, sections, kind, expected_count):
    strings = []
    for at in _varying(reader, sections, kind, s.STRING, [{}] * expected_count):
        try:
            strings.append(bytes(at["text"]).decode("utf-8"))
        except UnicodeDecodeError as error:
            raise FormatError(
                at.offsets["text"] + error.start, "string is not UTF-8") from None
    return strings
