"""Cases of lookup."""

import math

import numpy as np

from adb import structures as s
from adb.operations import Lookup
from adb.operations.lookup import entry_count
from ..network import Network


def cases():
    for source in (s.U8, s.I16):
        for target in (s.U8, s.I16, s.I32):
            for per_channel in (False, True):
                for segment_shift in (0,) if source == s.U8 else (5, 9, 15):
                    network = Network(
                        f"{s.ELEMENT_NAMES[source]} to {s.ELEMENT_NAMES[target]}"
                        f"{', per channel' if per_channel else ''}, segments {segment_shift}")
                    # Of several tables of 2049 lines only few channels.
                    channels = 2 if per_channel and segment_shift == 5 else 5
                    x = network.typed_input(source, 3, 4, channels)
                    y = random_lookup(network, x, target, segment_shift, per_channel)
                    yield network.case(y, share=per_channel)
    for segment_shift in (4, 6, 7, 8, 10, 11, 12, 13, 14):
        network = Network(f"a sigmoid, segments {segment_shift}")
        x = network.spread(network.input(16, 16, 1))
        yield network.case(append(network, x, s.I16, [sigmoid(segment_shift, 2**-11, 2**15, 6)],
                                  segment_shift, segment_shift + 6, (0, 32767)), fill="ramp")
    for bits in (4, 5, 6, 7, 8):
        network = Network(f"a sigmoid of {bits} bits")
        x = network.input(16, 16, 1)
        levels = 2**bits - 1
        table = [round(levels / (1 + math.exp(-(q - 128) / 20))) for q in range(256)]
        yield network.case(append(network, x, s.U8, [table], 0, 0, (0, levels)), fill="ramp")
    for shift in (0, 1, 14, 15, 16, 30, 31):
        network = Network(f"two lines, shift {shift}")
        x = network.spread(network.input(16, 16, 1))
        yield network.case(append(network, x, s.I32, [[-3000, 0, 32768]], 15, shift, None),
                           fill="ramp")
    for shift in (0, 1):
        network = Network(f"entries that pass 32 bits, shift {shift}")
        x = network.spread(network.input(4, 4, 4))
        ends = [-2**31, 2**31 - 1, -2**31]
        yield network.case(append(network, x, s.I32, [ends], 15, shift, None))
    network = Network("a clamp of bytes")
    x = network.input(16, 16, 1)
    yield network.case(append(network, x, s.U8, [list(range(256))], 0, 0, (17, 99)), fill="ramp")
    network = Network("a table a channel of one position")
    yield network.case(random_lookup(network, network.input(1, 1, 37), s.U8, 0, True))


def sigmoid(segment_shift, step, levels, digits):
    return [round(levels * 2**digits / (1 + math.exp(-x * step)))
            for x in range(-2**15, 2**15 + 1, 2**segment_shift)]


def append(network, x, output_type, tables, segment_shift, shift, bounds):
    low, high = bounds or s.element_range(output_type)
    kind = s.I32 if segment_shift else output_type
    output = network.tensor(network.shape(x), output_type)
    return network.append(Lookup(
        x, output, np.array(tables).astype(s.ELEMENT_DTYPES[kind]), segment_shift, shift, low,
        high))


def random_lookup(network, x, output_type, segment_shift, per_channel):
    """Entries that pass the clamp now and then."""
    random = network.random
    low, high = s.element_range(output_type)
    if output_type == s.I32:
        low, high = -2**20, 2**20
    count = network.shape(x)[2] if per_channel else 1
    shift = random.integer(segment_shift, segment_shift + 3) if segment_shift else 0
    scale = 2**(shift - segment_shift)
    entries = [random.integers(entry_count(segment_shift), low * scale, high * scale)
               for _ in range(count)]
    margin = (high - low) // 10
    return append(network, x, output_type, entries, segment_shift, shift,
                  (low + margin, high - margin))


def draw(network, x, options):
    if network.type(x) == s.I32:
        return
    target = options["output_type"]
    is_byte = network.type(x) == s.U8
    random_lookup(network, x, target, 0 if is_byte else network.random.integer(9, 15),
                  network.random.chance(0.3))
