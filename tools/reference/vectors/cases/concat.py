"""Cases of concat."""

from adb import structures as s
from ..network import TYPES, Network


def cases():
    for element_type in TYPES:
        name = s.ELEMENT_NAMES[element_type]
        for count in (2, 3, 4, 5):
            network = Network(f"{count} of {name}")
            inputs = [
                network.typed_input(element_type, 2, 3, channels)
                for channels in (3, 1, 5, 7, 2)[:count]]
            yield network.case(network.concat(*inputs))
        network = Network(f"a tensor with itself, {name}")
        x = network.typed_input(element_type, 3, 2, 3)
        yield network.case(network.concat(x, x, x))
        network = Network(f"chained, {name}")
        x = network.typed_input(element_type, 3, 1, 3)
        y = network.typed_input(element_type, 3, 1, 17)
        yield network.case(network.concat(y, network.concat(x, y)))
    network = Network("64 inputs")
    x = network.input(1, 2, 1)
    yield network.case(network.concat(*[x] * 64))


def draw(network, x, options):
    others = [
        index for index in range(len(network.tensors))
        if network.shape(index)[:2] == network.shape(x)[:2]
        and network.type(index) == network.type(x)]
    if network.element_count(x) <= 300:
        network.concat(
            x, *[network.random.choice(others) for _ in range(network.random.integer(1, 3))])
