"""Cases of maxPool."""

from adb import structures as s
from adb.groups import Window
from ..network import TYPES, Network
from ..windows import POOLS, random_window


def cases():
    for element_type in TYPES:
        for name, shape, window in POOLS:
            network = Network(f"{name}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, *shape)
            yield network.case(network.max_pool(x, window))
        for fill in ("zeros", "full", "extremes"):
            network = Network(f"image of {fill}, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, 4, 4, 3)
            yield network.case(
                network.max_pool(x, Window(3, 3, 2, 2, 1, 1, 1, 1)), fill=fill)
        network = Network(f"windows mostly in padding, {s.ELEMENT_NAMES[element_type]}")
        x = network.typed_input(element_type, 6, 5, 3)
        yield network.case(network.max_pool(x, Window(3, 3, 3, 2, 2, 1, 2, 2)))
    network = Network("two inputs and outputs")
    first, second = network.input(4, 4, 3), network.input(3, 3, 1)
    yield network.case(
        network.max_pool(second, Window(2, 2)), network.max_pool(first, Window(2, 2, 2, 2)),
        network.max_pool(first, Window(4, 4)), named=True)


def draw(network, x, options):
    window = random_window(network.random, network.shape(x), pool=True)
    if window is not None:
        network.max_pool(x, window)
