"""Cases of conv2d."""

from adb import structures as s
from adb.groups import Entry, Window
from ..layers import draw_layer, layer_cases
from ..network import Network


def cases():
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



WEIGHT = 2  # in random graphs


def draw(network, x, options):
    draw_layer(
        network, x, Network.conv2d, options,
        lambda: {"weight_bits": network.random.integer(2, 8)})
