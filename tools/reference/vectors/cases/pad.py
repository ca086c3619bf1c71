"""Cases of pad."""

from adb import structures as s
from ..network import TYPES, Network


def cases():
    paddings = [
        (0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (1, 0, 0, 0), (0, 1, 0, 0),
        (0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 2, 3), (3, 2, 1, 0)]
    for element_type in TYPES:
        for padding in paddings:
            network = Network(
                f"{' '.join(map(str, padding))}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, 2, 3, 3)
            yield network.case(network.pad(x, *padding))
        low, high = s.element_range(element_type)
        network = Network(f"extreme values, {s.ELEMENT_NAMES[element_type]}")
        x = network.typed_input(element_type, 1, 2, 3)
        yield network.case(network.pad(x, 1, 2, 1, 0, pad_values=[low, high, 0]))
    network = Network("255 rows and columns")
    yield network.case(network.pad(network.input(1, 1, 1), 255, 0, 0, 7))
    for channels in (1, 5, 7, 17, 33):
        network = Network(f"{channels} channels")
        yield network.case(network.pad(network.input(2, 2, channels), 1, 2, 0, 1))


def draw(network, x, options):
    if network.element_count(x) <= 200:
        network.pad(x, *(network.random.integer(0, 3) for _ in range(4)))
