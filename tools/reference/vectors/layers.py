"""Cases of adder2d and conv2d."""

from adb import structures as s
from adb.structures import Entry, Window
from .layer_cases import layer_cases
from .network import Network
from .windows import PLAIN


def adder2d_cases():
    yield from layer_cases(Network.adder2d)
    for bits, low, high in ((8, 0, 255), (16, -32768, 32767)):
        for image, filters in (("zeros", high), ("full", low), ("zeros", low), ("full", high)):
            # The largest sum, 255 or 65535 a tap, and the smallest, 0.
            network = Network(f"{image} against filters of {filters}, {bits} bits")
            x = network.with_bits(network.input(3, 3, 5), bits)
            y = network.adder2d(
                x, 3, PLAIN, bits=bits, filters=[filters] * (3 * 45), pad_values=[low] * 5,
                output_type=s.I32, shift=0, entries=[Entry(0, 0, [(-1, 0)])])
            yield network.case(y, fill=image)
    # 33000 differences of 65535 pass 2^31: the sum enters the requantizer negative.
    for wide in (False, True):
        network = Network(f"sum above 2^31{', wide' if wide else ''}")
        x = network.spread(network.input(30, 32, 35))
        y = network.adder2d(
            x, 1, Window(30, 32), bits=16, filters=[32767] * 33600, output_type=s.I32,
            shift=0, wide=wide, entries=[Entry(0, 1, [(1, 0)])])
        yield network.case(y, fill="zeros")


def conv2d_cases():
    yield from layer_cases(Network.conv2d)
    for weight_bits in (2, 3, 4, 5, 6, 7, 9, 12, 16, 24, 31):
        for wide in (False, True):
            network = Network(f"weights of {weight_bits} bits{', wide' if wide else ''}")
            x = network.input(3, 3, 5)
            yield network.case(network.conv2d(
                x, 3, Window(2, 2), weight_bits=weight_bits, wide=wide,
                shift=40 if wide else 8))
    everything = list(range(12))
    planes = [
        [],
        [([], [])],
        [([], []), ([], []), ([3], [])],
        [([], [0]), ([], []), ([], [])],
        [(everything, [])],
        [([], everything)],
        [(everything, everything)],
        [([0, 11], [5]), ([], []), ([5], [0, 11])],
        [([], [])] * 31,
        [([position % 12], [(position + 5) % 12]) for position in range(31)],
        [([0], [])] + [([], [])] * 30,
        [([], [0, 1])] + [(everything[2:], [])] * 30,
    ]
    for bits in (8, 16):
        for wide in (False, True):
            network = Network(f"0...31 planes, {bits} bits{', wide' if wide else ''}")
            x = network.with_bits(network.input(3, 4, 3), bits)
            y = network.conv2d(
                x, len(planes), Window(2, 2), bits=bits, planes=planes, output_type=s.I32,
                shift=4, wide=wide, entries=[Entry(0, 8, [(1, 0)])])
            yield network.case(y)
    network = Network("wide sum beyond 2^32")
    x = network.spread(network.input(2, 2, 3))
    y = network.conv2d(
        x, 2, Window(2, 2), bits=16, weight_bits=30, output_type=s.I32, shift=20, wide=True,
        entries=[Entry(12345678901, 1 << 19, [(1, 0)]), Entry(-12345678901, 0, [(-1, 1)])])
    yield network.case(y, fill="full")
    network = Network("linear")
    x = network.flatten(network.input(3, 3, 4))
    yield network.case(network.conv2d(
        x, 10, Window(1, 1), weight_bits=8, output_type=s.I16, shift=9), named=True)
