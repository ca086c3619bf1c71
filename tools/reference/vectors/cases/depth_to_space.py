"""Cases of depthToSpace."""

from adb import structures as s
from adb.operations import DepthToSpace
from ..network import TYPES, Network


def cases():
    for element_type in TYPES:
        for size, channels in ((1, 3), (2, 4), (2, 12), (3, 9), (4, 16), (5, 50)):
            network = Network(f"block {size}, {channels} channels, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, 3, 2, channels)
            yield network.case(network.copy(DepthToSpace, x, size))
    network = Network("block 64 of one position")
    yield network.case(network.copy(DepthToSpace, network.input(1, 1, 4096), 64))


def draw(network, x, options):
    if network.shape(x)[2] % 4 == 0 and network.element_count(x) <= 400:
        network.copy(DepthToSpace, x, 2)
