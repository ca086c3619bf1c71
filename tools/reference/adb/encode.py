"""Writes a `Model` as the bytes of an `.adb` file.

Nothing is checked here, so that tests can write files a reader must refuse. Constants are laid
out in the order of the operations, the table of a detection last, each at a multiple of 4.
"""

import zlib

from . import structures as s
from .context import Context
from .detection import encode_detection
from .operations import encode_operation


def encode(model):
    """Returns the bytes of the file; fields that follow from others are computed."""
    constants = bytearray()
    operations = [
        encode_operation(operation, model.tensors, constants) for operation in model.operations]
    if model.detection is not None:
        detection = encode_detection(model.detection, Context(model.tensors, constants))
    sections = [
        _section(s.TENSORS, [
            tensor.encode(Context(model.tensors)) for tensor in model.tensors]),
        _section(s.OPERATIONS, operations),
        (s.CONSTANTS, bytes(constants), 0),
        _section(s.BINDINGS, [
            s.BINDING.pack({"tensor": index, "direction": direction})
            for direction, tensors in enumerate((model.inputs, model.outputs))
            for index in tensors]),
    ]
    if model.normalization is not None:
        sections.append(_section(s.NORMALIZATION, [
            s.NORMALIZATION_RECORD.pack({"channels": len(mean), "mean": mean, "std": std})
            for mean, std in model.normalization]))
    for kind, strings in ((s.NAMES, model.names), (s.CLASS_NAMES, model.class_names)):
        if strings is not None:
            sections.append(_section(kind, [_string(text.encode("utf-8")) for text in strings]))
    if model.detection is not None:
        sections.append((s.DETECTION, detection, len(model.detection.levels)))
    return assemble(sections, model.arena_byte_count)


def _section(kind, records):
    return kind, b"".join(records), len(records)


def _string(text):
    return s.STRING.pack({"byteCount": len(text), "text": text})


def assemble(sections, arena_byte_count):
    """A file out of sections (kind, bytes, entryCount)."""
    table, body = b"", b""
    start = s.HEADER.byte_count + s.SECTION.byte_count * len(sections)
    for kind, content, entry_count in sections:
        table += s.SECTION.pack({
            "kind": kind, "offset": start + len(body), "byteCount": len(content),
            "entryCount": entry_count})
        body += content + bytes(-len(content) % 16)
    return with_checksum(s.HEADER.pack({
        "magic": s.MAGIC, "version": 1, "sectionCount": len(sections),
        "fileByteCount": start + len(body), "checksum": 0,
        "arenaByteCount": arena_byte_count}) + table + body)


def with_checksum(data):
    """The file with its checksum computed anew."""
    checksum = zlib.crc32(data[16:]).to_bytes(4, "little")
    return data[:12] + checksum + data[16:]
