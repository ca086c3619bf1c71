"""Writes a `.vectors` file: models, their inputs and the outputs this reference gives.

    u32 magic 0x43455641 ("AVEC"), u32 case count; for each case:
    u16 length and UTF-8 of its name
    u32 length and bytes of a whole .adb file
    u32 length and bytes of one image of every input, in the order of the bindings
    u32 count and i32 values of every output, in the order of the bindings
"""

import struct

import numpy as np

from adb.checks import live_range_conflicts
from adb.encode import encode
from adb.format import decode
from adb.interpreter import run

MAGIC = 0x43455641


def case_bytes(name, model, image):
    """One case; `image` holds one u8 array [H, W, C] for each input."""
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
        + struct.pack("<I", len(values)) + values.tobytes())


def container_bytes(cases):
    """A whole file out of (name, model, image)."""
    encoded = [case_bytes(*case) for case in cases]
    return struct.pack("<II", MAGIC, len(encoded)) + b"".join(encoded)


def read_container(data):
    """Yields (name, file, input bytes, output values)."""
    magic, count = struct.unpack_from("<II", data, 0)
    if magic != MAGIC:
        raise ValueError(f"magic is {magic:08x}, expected {MAGIC:08x}")
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
        yield name, file, pixels, np.frombuffer(block("<I", 4), "<i4")
    if offset != len(data):
        raise ValueError(f"{len(data) - offset} bytes follow the last case")
