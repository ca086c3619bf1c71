"""Cases of requantize."""

from adb import structures as s
from ..network import TYPES, Network


def cases():
    for source in TYPES:
        for target in TYPES:
            for per_channel in (False, True):
                for wide in (False, True):
                    network = Network(
                        f"{s.ELEMENT_NAMES[source]} to {s.ELEMENT_NAMES[target]}"
                        f"{', per channel' if per_channel else ''}{', wide' if wide else ''}")
                    x = network.typed_input(source, 3, 4, 5)
                    y = network.requantize(
                        x, target, per_channel=per_channel, wide=wide,
                        shift=None if source != s.I32 else 16)
                    yield network.case(y, share=per_channel and source == target)
    for shift in (0, 1, 2, 7, 8, 15, 16, 30, 31):
        network = Network(f"every byte, shift {shift}")
        x = network.input(16, 16, 1)
        bias = 1 << shift >> 1
        yield network.case(
            network.map(x, s.I16, [(1, shift)], bias=bias, shift=shift, centre=128),
            network.map(x, s.I16, [(1, max(0, shift - 1))], bias=bias, shift=shift, centre=128),
            fill="ramp")
    network = Network("ties, positive and negative")
    x = network.input(16, 16, 1)
    yield network.case(
        network.map(x, s.I16, [(1, 0)], bias=1, shift=1, centre=128),
        network.map(x, s.I16, [(-1, 0)], bias=1, shift=1, centre=128),
        network.map(x, s.I16, [(1, 0)], bias=4, shift=3, centre=128),
        network.map(x, s.I16, [(1, 2), (1, 0)], bias=4, shift=3, centre=118), fill="ramp")
    for term_count in range(9):
        for wide in (False, True):
            network = Network(f"{term_count} terms{', wide' if wide else ''}")
            x = network.spread(network.input(3, 3, 4))
            yield network.case(network.requantize(
                x, s.I16, term_count=term_count, wide=wide, shift=45 if wide else 14))
    for shift in (0, 1, 31, 32, 47, 61, 62):
        network = Network(f"wide, shift {shift}")
        x = network.spread(network.input(3, 3, 4))
        yield network.case(network.requantize(x, s.I16, wide=True, shift=shift, term_count=8))
    for bits in (4, 5, 6, 7, 8, 16):
        network = Network(f"{bits} bits")
        image = network.input(4, 4, 3)
        x = network.with_bits(image, bits)
        low, high = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        yield network.case(x, network.requantize(
            x, s.I16 if bits == 16 else s.U8, bounds=(low, high), term_count=4))
    for fill in ("zeros", "full", "extremes"):
        network = Network(f"image of {fill} saturates at both ends")
        x = network.spread(network.input(2, 2, 3))
        yield network.case(
            network.map(x, s.U8, [(1, 0)]), network.map(x, s.U8, [(-1, 0)]),
            network.map(x, s.I16, [(1, 4)]), network.map(x, s.I16, [(-1, 4)]),
            network.map(x, s.U8, [(1, 0)], bounds=(3, 200)),
            network.map(x, s.I32, [(-1, 0)]), fill=fill)
    network = Network("i32 extremes")
    x = network.map(network.input(16, 16, 1), s.I32, [(1, 24)], centre=128)
    yield network.case(
        x, network.map(x, s.I32, [(-1, 0)]), network.map(x, s.I16, [(1, 0)], shift=16),
        network.map(x, s.I32, [(-1, 0)], bias=-1),
        network.map(x, s.I32, [(1, 31)], shift=31, wide=True, bias=-2**31),
        network.map(x, s.I32, [(1, 0)], centre=2**31 - 1, shift=1, wide=True),
        network.map(x, s.I32, [(1, 0)], centre=2**31 - 1, shift=1), fill="ramp")
    for wide in (False, True):
        network = Network(f"every term alone{', wide' if wide else ''}")
        x = network.spread(network.input(1, 4, 1))
        highest = 62 if wide else 31
        yield network.case(*[
            network.map(x, s.I32, [(sign, k)], shift=shift, wide=wide, centre=-3)
            for k in range(highest + 1)
            for sign, shift in ((-1 if k % 2 else 1, max(0, k - 10)),)])
    network = Network("several inputs and outputs, chained in place")
    outputs = []
    for _ in range(3):
        x = network.input(2, 3, 2)
        outputs.append(network.requantize(network.requantize(x, s.U8), s.U8))
    yield network.case(*outputs, share=True, named=True, normalized=True)


def draw(network, x, options):
    network.requantize(x, per_channel=network.random.chance(0.5), **options)
