"""Cases of channelShuffle."""

from adb import structures as s
from adb.operations import ChannelShuffle
from ..network import TYPES, Network


def cases():
    for element_type in TYPES:
        for groups, channels in ((1, 3), (3, 3), (2, 6), (3, 6), (4, 16), (8, 40)):
            network = Network(
                f"{groups} groups, {channels} channels, {s.ELEMENT_NAMES[element_type]}")
            x = network.typed_input(element_type, 3, 2, channels)
            yield network.case(network.copy(ChannelShuffle, x, groups, channels // groups))
    network = Network("64 groups of one position")
    yield network.case(network.copy(ChannelShuffle, network.input(1, 1, 4096), 64, 64))


def draw(network, x, options):
    channels = network.shape(x)[2]
    groups = network.random.choice([g for g in range(1, channels + 1) if channels % g == 0])
    network.copy(ChannelShuffle, x, groups, channels // groups)
