"""Cases of upsampleNearest."""

from adb import structures as s
from ..network import TYPES, Network


def cases():
    for element_type in TYPES:
        for factors in ((1, 1), (2, 2), (3, 3), (1, 2), (3, 1), (2, 5), (4, 4)):
            network = Network(
                f"{factors[0]}x{factors[1]}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, 3, 2, 3)
            yield network.case(network.upsample_nearest(x, *factors))
    for channels in (1, 5, 17, 33):
        network = Network(f"{channels} channels")
        yield network.case(network.upsample_nearest(network.input(2, 3, channels), 2, 2))
    network = Network("64x64 of one position")
    yield network.case(network.upsample_nearest(network.input(1, 1, 1), 64, 64))


def draw(network, x, options):
    if network.element_count(x) <= 100:
        network.upsample_nearest(
            x, network.random.integer(1, 3), network.random.integer(1, 3))
