"""Cases of add."""

from adb import structures as s
from adb.groups import Entry
from ..network import TYPES, Network


def cases():
    for first_type in TYPES:
        for second_type in TYPES:
            for target in TYPES:
                for wide in (False, True):
                    network = Network(
                        f"{s.ELEMENT_NAMES[first_type]} and {s.ELEMENT_NAMES[second_type]} to"
                        f" {s.ELEMENT_NAMES[target]}{', wide' if wide else ''}")
                    first = network.typed_input(first_type, 2, 3, 3)
                    second = network.typed_input(second_type, 2, 3, 3)
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



def draw(network, x, options):
    network.add(x, network.random.choice([
        index for index in range(len(network.tensors))
        if network.shape(index) == network.shape(x)]), **options)
