"""Cases of adder2d."""

from adb import structures as s
from adb.groups import Entry, Window
from ..layers import draw_layer, layer_cases
from ..network import Network
from ..windows import PLAIN


def cases():
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


WEIGHT = 3  # in random graphs


def draw(network, x, options):
    draw_layer(network, x, Network.adder2d, options)
