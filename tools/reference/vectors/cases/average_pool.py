"""Cases of averagePool."""

import zlib

from adb import structures as s
from adb.groups import Entry, Window
from ..network import TYPES, Network
from ..windows import POOLS, random_window


def cases():
    for element_type in TYPES:
        for index, (name, shape, window) in enumerate(POOLS):
            network = Network(f"{name}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, *shape)
            yield network.case(network.average_pool(
                x, window, element_type, per_channel=index % 2 == 0, wide=index % 3 == 2,
                shift=12 if element_type == s.I32 else None))
    for source in TYPES:
        for target in TYPES:
            network = Network(f"{s.ELEMENT_NAMES[source]} to {s.ELEMENT_NAMES[target]}")
            x = network.typed_input(source, 4, 4, 3)
            yield network.case(network.average_pool(
                x, Window(4, 4), target, shift=18 if source == s.I32 else None))
    network = Network("padding beyond the kernel")
    x = network.input(2, 2, 3)
    yield network.case(network.average_pool(
        x, Window(2, 2, 1, 2, 3, 3, 3, 3), pad_values=[0, 128, 255]))
    for wide in (False, True):
        # Sixteen times 2^30 and more: the sum wraps, or not.
        network = Network(f"sum beyond 2^32{', wide' if wide else ''}")
        x = network.map(network.input(4, 4, 2), s.I32, [(1, 23)])
        yield network.case(network.average_pool(
            x, Window(4, 4), s.I32, shift=4, wide=wide, pad_values=[0, 0],
            entries=[Entry(0, 8, [(1, 0)])]), fill="full")
    for fill in ("zeros", "full", "extremes"):
        network = Network(f"image of {fill}")
        x = network.input(4, 4, 3)
        wide_input = network.spread(x)
        yield network.case(
            network.average_pool(x, Window(4, 4)),
            network.average_pool(wide_input, Window(2, 2, 2, 2), s.I16),
            network.average_pool(x, Window(3, 3, 1, 1, 1, 1, 1, 1), s.I32,
                                 pad_values=[0, 128, 255]), fill=fill)
    for bits in (4, 5, 6, 7, 8, 16):
        network = Network(f"{bits} bits")
        x = network.with_bits(network.input(4, 4, 3), bits)
        bounds = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        yield network.case(network.average_pool(
            x, Window(2, 2, 2, 2), s.I16 if bits == 16 else s.U8, bounds=bounds, shift=8,
            per_channel=False, pad_values=[0, 0, 0], entries=[Entry(0, 128, [(1, 6)])]))
    for element_type in TYPES:
        for index, (name, shape, window) in enumerate(POOLS):
            network = Network(f"{name}, {s.ELEMENT_NAMES[element_type]}, taps inside")
            x = network.typed_input(element_type, *shape)
            yield network.case(network.average_pool(
                x, window, TYPES[index % 3], leaves_out_padding=True, wide=index % 4 == 3,
                shift=18 if element_type == s.I32 else None))
    network = Network("padding beyond the kernel, taps inside")
    yield network.case(network.average_pool(
        network.input(2, 2, 3), Window(2, 2, 1, 2, 3, 3, 3, 3), leaves_out_padding=True))
    network = Network("33 channels, taps inside")
    yield network.case(network.average_pool(
        network.input(5, 9, 33), Window(3, 3, 1, 1, 1, 1, 1, 1), leaves_out_padding=True))


def draw(network, x, options):
    window = random_window(network.random, network.shape(x), pool=False)
    if window is None:
        return
    # Of few, and from a number that the other cases' do not follow from.
    if zlib.crc32(f"{network.name} {len(network.operations)}".encode()) % 4 == 0:
        network.average_pool(x, window, leaves_out_padding=True, **options)
    else:
        network.average_pool(x, window, per_channel=network.random.chance(0.5), **options)
