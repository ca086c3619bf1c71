"""Cases of maxPool and averagePool."""

from adb import structures as s
from adb.structures import Entry, Window
from .element_cases import TYPES, of_type
from .network import Network

# (name, input shape, window): paddings are at most half of the kernel's extent.
POOLS = [
    ("kernel 1", (3, 3, 3), Window(1, 1)),
    ("kernel 1 stride 2", (5, 4, 3), Window(1, 1, 2, 2)),
    ("kernel 2 stride 2", (6, 4, 3), Window(2, 2, 2, 2)),
    ("kernel 2 stride 2, odd input", (5, 7, 1), Window(2, 2, 2, 2)),
    ("kernel 2 padding 1", (4, 3, 5), Window(2, 2, 1, 1, 1, 1, 1, 1)),
    ("kernel 3 stride 1 padding 1", (4, 4, 7), Window(3, 3, 1, 1, 1, 1, 1, 1)),
    ("kernel 3 stride 2 padding 1", (5, 6, 3), Window(3, 3, 2, 2, 1, 1, 1, 1)),
    ("kernel 3 stride 3", (9, 8, 2), Window(3, 3, 3, 3)),
    ("kernel 5 padding 2", (5, 5, 1), Window(5, 5, 1, 1, 2, 2, 2, 2)),
    ("kernel 7 padding 3", (5, 4, 1), Window(7, 7, 2, 2, 3, 3, 3, 3)),
    ("kernel 6 padding 0 1 2 3", (6, 7, 1), Window(6, 6, 1, 1, 0, 1, 2, 3)),
    ("kernel 1x3 padding 0x1", (3, 5, 2), Window(1, 3, 1, 1, 0, 1, 0, 1)),
    ("kernel 3x1 stride 2x3", (7, 5, 2), Window(3, 1, 2, 3, 1, 0, 1, 0)),
    ("dilation 2", (6, 6, 2), Window(3, 3, 1, 1, 0, 0, 0, 0, 2, 2)),
    ("dilation 3 padding 2, no tap inside", (2, 1, 3),
     Window(2, 2, 1, 1, 2, 2, 2, 2, 3, 3)),
    ("global 4x4", (4, 4, 17), Window(4, 4)),
    ("global 5x3", (5, 3, 33), Window(5, 3, 1, 1)),
    ("global with stride", (3, 3, 5), Window(3, 3, 3, 3)),
]


def max_pool_cases():
    for element_type in TYPES:
        for name, shape, window in POOLS:
            network = Network(f"{name}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(*shape), element_type)
            yield network.case(network.max_pool(x, window))
        for fill in ("zeros", "full", "extremes"):
            network = Network(f"image of {fill}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(4, 4, 3), element_type)
            yield network.case(
                network.max_pool(x, Window(3, 3, 2, 2, 1, 1, 1, 1)), fill=fill)
    network = Network("two inputs and outputs")
    first, second = network.input(4, 4, 3), network.input(3, 3, 1)
    yield network.case(
        network.max_pool(second, Window(2, 2)), network.max_pool(first, Window(2, 2, 2, 2)),
        network.max_pool(first, Window(4, 4)), named=True)


def average_pool_cases():
    for element_type in TYPES:
        for index, (name, shape, window) in enumerate(POOLS):
            network = Network(f"{name}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(*shape), element_type)
            yield network.case(network.average_pool(
                x, window, element_type, per_channel=index % 2 == 0, wide=index % 3 == 2,
                shift=12 if element_type == s.I32 else None))
    for source in TYPES:
        for target in TYPES:
            network = Network(f"{s.ELEMENT_NAMES[source]} to {s.ELEMENT_NAMES[target]}")
            x = of_type(network, network.input(4, 4, 3), source)
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
