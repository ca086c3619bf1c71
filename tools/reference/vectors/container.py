"""Writes and reads `.vectors` files, whose form golden/README.md has: models, their inputs, and the
outputs and boxes that this reference gives."""

import struct

import numpy as np

from adb.boxes import BOX, detect
from adb.checks import live_range_conflicts
from adb.encode import encode
from adb.format import decode
from adb.interpreter import run

MAGIC = 0x43455641  # "AVEC"
MAGIC_OF_BOXES = 0x54454441  # "ADET"
COUNTS_OF_BOXES = struct.Struct("<IIII")


def case_bytes(name, model, image, capacities=()):
    """One case; `image` holds one u8 array [H, W, C] for each input.

    With capacities, it goes on with the boxes for each.
    """
    file = encode(model)
    decoded = decode(file)
    conflicts = live_range_conflicts(decoded)
    if conflicts:
        raise AssertionError(f"{name}: {conflicts}")
    batch = [values[np.newaxis] for values in image]
    outputs = run(decoded, batch)
    for separate, shared in zip(outputs, run(decoded, batch, arena=True)):
        if not np.array_equal(separate, shared):
            raise AssertionError(f"{name}: the arena gives other values")
    text = name.encode("utf-8")
    pixels = b"".join(values.tobytes() for values in image)
    values = np.concatenate([output.reshape(-1) for output in outputs]).astype("<i4")
    return (
        struct.pack("<H", len(text)) + text
        + struct.pack("<I", len(file)) + file
        + struct.pack("<I", len(pixels)) + pixels
        + struct.pack("<I", len(values)) + values.tobytes()
        + _detections_bytes(decoded, outputs, capacities))


def _detections_bytes(model, outputs, capacities):
    if not capacities:
        return b""
    content = struct.pack("<I", len(capacities))
    for capacity in capacities:
        found, = detect(model, outputs, capacity)
        content += COUNTS_OF_BOXES.pack(
            capacity, found.candidate_count, found.dropped_count, len(found.boxes))
        content += found.boxes.tobytes()
    return content


def container_bytes(cases):
    """A whole file out of (name, model, image), or of (name, model, image, capacities)."""
    cases = list(cases)
    encoded = [case_bytes(*case) for case in cases]
    magic = MAGIC_OF_BOXES if len(cases[0]) == 4 else MAGIC
    return struct.pack("<II", magic, len(encoded)) + b"".join(encoded)


def read_container(data, magic=MAGIC):
    """Yields (name, file, input bytes, output values), of a file with MAGIC_OF_BOXES also a list of
    (capacity, candidate count, dropped count, boxes)."""
    found, count = struct.unpack_from("<II", data, 0)
    if found != magic:
        raise ValueError(f"magic is {found:08x}, expected {magic:08x}")
    offset = 8

    def block(code, item_bytes):
        nonlocal offset
        length, = struct.unpack_from(code, data, offset)
        start = offset + struct.calcsize(code)
        offset = start + length * item_bytes
        return data[start:offset]

    for _ in range(count):
        name = block("<H", 1).decode("utf-8")
        file, pixels = block("<I", 1), block("<I", 1)
        case = name, file, pixels, np.frombuffer(block("<I", 4), "<i4")
        if magic == MAGIC:
            yield case
            continue
        detections = []
        detection_count, = struct.unpack_from("<I", data, offset)
        offset += 4
        for _ in range(detection_count):
            *counts, box_count = COUNTS_OF_BOXES.unpack_from(data, offset)
            offset += COUNTS_OF_BOXES.size
            end = offset + box_count * BOX.itemsize
            detections.append((*counts, np.frombuffer(data[offset:end], BOX)))
            offset = end
        yield *case, detections
    if offset != len(data):
        raise ValueError(f"{len(data) - offset} bytes follow the last case")
