"""Cases of concat, upsampleNearest, pad and flatten."""

from adb import structures as s
from .element_cases import TYPES, of_type
from .network import Network


def concat_cases():
    for element_type in TYPES:
        name = s.ELEMENT_NAMES[element_type]
        for count in (2, 3, 4, 5):
            network = Network(f"{count} of {name}")
            inputs = [
                of_type(network, network.input(2, 3, channels), element_type)
                for channels in (3, 1, 5, 7, 2)[:count]]
            yield network.case(network.concat(*inputs))
        network = Network(f"a tensor with itself, {name}")
        x = of_type(network, network.input(3, 2, 3), element_type)
        yield network.case(network.concat(x, x, x))
        network = Network(f"chained, {name}")
        x = of_type(network, network.input(3, 1, 3), element_type)
        y = of_type(network, network.input(3, 1, 17), element_type)
        yield network.case(network.concat(y, network.concat(x, y)))
    network = Network("64 inputs")
    x = network.input(1, 2, 1)
    yield network.case(network.concat(*[x] * 64))


def upsample_nearest_cases():
    for element_type in TYPES:
        for factors in ((1, 1), (2, 2), (3, 3), (1, 2), (3, 1), (2, 5), (4, 4)):
            network = Network(
                f"{factors[0]}x{factors[1]}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(3, 2, 3), element_type)
            yield network.case(network.upsample_nearest(x, *factors))
    for channels in (1, 5, 17, 33):
        network = Network(f"{channels} channels")
        yield network.case(network.upsample_nearest(network.input(2, 3, channels), 2, 2))
    network = Network("64x64 of one position")
    yield network.case(network.upsample_nearest(network.input(1, 1, 1), 64, 64))


def pad_cases():
    paddings = [
        (0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (1, 0, 0, 0), (0, 1, 0, 0),
        (0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 2, 3), (3, 2, 1, 0)]
    for element_type in TYPES:
        for padding in paddings:
            network = Network(
                f"{' '.join(map(str, padding))}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(2, 3, 3), element_type)
            yield network.case(network.pad(x, *padding))
        low, high = s.element_range(element_type)
        network = Network(f"extreme values, {s.ELEMENT_NAMES[element_type]}")
        x = of_type(network, network.input(1, 2, 3), element_type)
        yield network.case(network.pad(x, 1, 2, 1, 0, pad_values=[low, high, 0]))
    network = Network("255 rows and columns")
    yield network.case(network.pad(network.input(1, 1, 1), 255, 0, 0, 7))
    for channels in (1, 5, 7, 17, 33):
        network = Network(f"{channels} channels")
        yield network.case(network.pad(network.input(2, 2, channels), 1, 2, 0, 1))


def flatten_cases():
    shapes = [
        (1, 1, 1), (1, 1, 33), (1, 5, 1), (7, 1, 1), (2, 3, 5), (3, 3, 1), (5, 1, 7), (1, 3, 17),
        (4, 4, 3)]
    for element_type in TYPES:
        for shape in shapes:
            network = Network(
                f"{'x'.join(map(str, shape))}, {s.ELEMENT_NAMES[element_type]}")
            x = of_type(network, network.input(*shape), element_type)
            yield network.case(network.flatten(x))
    network = Network("twice, two outputs")
    x = network.flatten(network.input(2, 3, 3))
    yield network.case(network.flatten(x), x, named=True)
