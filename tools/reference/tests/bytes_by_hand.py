"""A file written field by field, without `adb.encode`, after docs/adb-format.md."""

import struct
import zlib

NONE = 0xFFFFFFFF

# Sections of the file below, in bytes from its start.
TENSORS, OPERATIONS, CONSTANTS, BINDINGS = 96, 160, 304, 384


def adder_layer():
    """An adder2d of three 1 x 2 filters over u8 [1, 3, 3], and its sums for an image.

    The patch has 6 elements, so 2 words; three filters make two pairs.
    """
    tensors = struct.pack("<IIIIIBBBBif", 0, 9, 1, 3, 3, 1, 0, 0, 0, 0, 1 / 255)
    tensors += struct.pack("<IIIIIBBBBif", 12, 24, 1, 2, 3, 3, 0, 0, 0, -7, 0.5)
    window = struct.pack(
        "<HHHHHHHHHHIIIIi", 1, 2, 1, 1, 0, 0, 0, 0, 1, 1, 9, 3, 9, 3, 0)
    requantizer = struct.pack("<IIIBBHii", NONE, 0, 1, 1, 0, 0, -2**31, 2**31 - 1)
    patch = struct.pack(
        "<IIIBBBBiiiIIIIIIIi", 1, 3, 3, 1, 0, 0, 0, 0, 0, 0, 6, 2, 16, 36, 16, 0,
        20, 255)  # filtersOffset, filterMaximum
    operations = struct.pack("<HHII", 1, 136, 0, 1) + window + requantizer + patch
    table = struct.pack("<ii", 3, 1) + bytes([0x80 | 1, 0x00]) + b"\xFF" * 6  # M = -1
    pad_values = bytes([1, 2, 3, 0])
    filters = bytes([
        21, 0, 0, 0, 81, 0, 0, 0,  # sums
        1, 2, 3, 4, 11, 12, 13, 14, 5, 6, 0, 0, 15, 16, 0, 0,
        253, 2, 0, 0, 0, 0, 0, 0,  # sums
        255, 0, 255, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0])
    constants = table + pad_values + filters
    bindings = struct.pack("<IIII", 0, 0, 1, 1)
    table, body = b"", b""
    for kind, content, count in (
            (1, tensors, 2), (2, operations, 1), (3, constants, 0), (4, bindings, 2)):
        table += struct.pack("<IIII", kind, 96 + len(body), len(content), count)
        body += content.ljust((len(content) + 15) // 16 * 16, b"\0")
    rest = struct.pack("<IIII", 52, 0, 0, 0) + table + body
    return struct.pack("<4sHHII", b"ADB\x1A", 1, 4, 16 + len(rest), zlib.crc32(rest)) + rest


IMAGE = [[[0, 5, 250], [10, 20, 30], [255, 1, 4]]]
# Position 0: [0, 5, 250, 10, 20, 30] against [1..6], [11..16] and [255, 0, 255, 0, 255, 0].
SUMS = [
    [1 + 3 + 247 + 6 + 15 + 24, 11 + 7 + 237 + 4 + 5 + 14, 255 + 5 + 5 + 10 + 235 + 30],
    [9 + 18 + 27 + 251 + 4 + 2, 1 + 8 + 17 + 241 + 14 + 12, 245 + 20 + 225 + 255 + 254 + 4]]
OUTPUTS = [[(-(acc - 3) + 1) // 2 for acc in position] for position in SUMS]
