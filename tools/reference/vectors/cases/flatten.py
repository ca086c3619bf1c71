"""Cases of flatten."""

from adb import structures as s
from ..network import TYPES, Network


def cases():
    shapes = [
        (1, 1, 1), (1, 1, 33), (1, 5, 1), (7, 1, 1), (2, 3, 5), (3, 3, 1), (5, 1, 7), (1, 3, 17),
        (4, 4, 3)]
    for element_type in TYPES:
        for shape in shapes:
            network = Network(
                f"{'x'.join(map(str, shape))}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, *shape)
            yield network.case(network.flatten(x))
    network = Network("twice, two outputs")
    x = network.flatten(network.input(2, 3, 3))
    yield network.case(network.flatten(x), x, named=True)



def draw(network, x, options):
    network.flatten(x)
