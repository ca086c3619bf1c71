"""Cases of requantize and add."""

from adb import structures as s
from adb.structures import Entry
from .network import Network

TYPES = (s.U8, s.I16, s.I32)


def of_type(network, image, element_type):
    """A tensor of any type out of a raw input; i32 values reach beyond i16."""
    if element_type == s.U8:
        return network.map(image, s.U8, [(1, 0)])
    if element_type == s.I16:
        return network.spread(image)
    return network.map(image, s.I32, [(1, 23), (-1, 4)], bias=-2**30)


def requantize_cases():
    for source in TYPES:
        for target in TYPES:
            for per_channel in (False, True):
                for wide in (False, True):
                    network = Network(
                        f"{s.ELEMENT_NAMES[source]} to {s.ELEMENT_NAMES[target]}"
                        f"{', per channel' if per_channel else ''}{', wide' if wide else ''}")
                    x = of_type(network, network.input(3, 4, 5), source)
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


def add_cases():
    for first_type in TYPES:
        for second_type in TYPES:
            for target in TYPES:
                for wide in (False, True):
                    network = Network(
                        f"{s.ELEMENT_NAMES[first_type]} and {s.ELEMENT_NAMES[second_type]} to"
                        f" {s.ELEMENT_NAMES[target]}{', wide' if wide else ''}")
                    first = of_type(network, network.input(2, 3, 3), first_type)
                    second = of_type(network, network.input(2, 3, 3), second_type)
                    i32 = s.I32 in (first_type, second_type)
                    yield network.case(
                        network.add(first, second, target, wide=wide,
                                    shift=16 if i32 else None),
                        share=True)
    for term_count in range(9):
        network = Network(f"{term_count} terms")
        first = network.spread(network.input(3, 3, 3))
        second = network.spread(network.input(3, 3, 3))
        yield network.case(
            network.add(first, second, s.I16, term_count=term_count, shift=14),
            network.add(first, second, s.I16, term_count=term_count, shift=50, wide=True))
    for wide, shifts in ((False, (0, 1, 16, 31)), (True, (0, 1, 32, 62))):
        for shift in shifts:
            network = Network(f"shift {shift}{', wide' if wide else ''}")
            first = network.spread(network.input(2, 2, 5))
            second = network.map(network.input(2, 2, 5), s.U8, [(1, 0)])
            yield network.case(network.add(first, second, s.I16, shift=shift, wide=wide))
    for bits in (4, 5, 6, 7, 8, 16):
        network = Network(f"{bits} bits")
        first = network.with_bits(network.input(3, 3, 3), bits)
        second = network.with_bits(network.input(3, 3, 3), bits)
        bounds = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        entry = Entry(0, 0, [(1, 6)])
        yield network.case(network.add(
            first, second, s.I16 if bits == 16 else s.U8, bounds=bounds, shift=7,
            entries=[Entry(0, 64, [(1, 6)])], second_entry=entry))
    network = Network("a tensor and itself, in place")
    x = network.map(network.input(3, 3, 3), s.U8, [(1, 0)])
    yield network.case(
        network.add(x, x, shift=4, entries=[Entry(9, 8, [(1, 4), (1, 2)])],
                    second_entry=Entry(200, 0, [(-1, 3)])), share=True)
    network = Network("in place of an i16 input")
    stream = network.spread(network.input(3, 3, 3))
    other = network.map(network.input(3, 3, 3), s.U8, [(1, 0)])
    yield network.case(network.add(other, stream, s.I16), share=True)
    for fill in ("zeros", "full", "extremes"):
        network = Network(f"images of {fill} saturate at both ends")
        first = network.spread(network.input(2, 2, 3))
        second = network.spread(network.input(2, 2, 3))
        yield network.case(*[
            network.add(first, second, target, shift=shift,
                        entries=[Entry(0, 0, [(first_sign, 1)])],
                        second_entry=Entry(0, 0, [(second_sign, 2)]))
            for target, shift in ((s.I16, 0), (s.U8, 8), (s.I32, 0))
            for first_sign, second_sign in ((1, 1), (-1, -1), (1, -1))], fill=fill)
    network = Network("ties")
    first = network.map(network.input(16, 16, 1), s.I16, [(1, 0)], centre=128)
    second = network.map(network.input(16, 16, 1), s.U8, [(1, 0)], shift=7)
    yield network.case(
        network.add(first, second, s.I16, shift=1, entries=[Entry(0, 1, [(1, 0)])],
                    second_entry=Entry(0, 0, [(1, 0)])), fill="ramp")
    for wide in (False, True):
        network = Network(f"sums wrap{', wide' if wide else ''}")
        first, second = network.input(3, 3, 2), network.input(3, 3, 2)
        power, limit = (55, 2**63 - 1) if wide else (23, 2**31 - 1)
        yield network.case(network.add(
            first, second, s.I32, shift=33 if wide else 2, wide=wide,
            entries=[Entry(-limit, limit, [(1, power), (-1, 5)])],
            second_entry=Entry(limit, -limit, [(1, power)])))
