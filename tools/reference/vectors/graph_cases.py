"""Cases that chain operations: hand-made networks and random graphs."""

from adb import structures as s
from adb.groups import Window
from .cases import CASES
from .network import Network


def network_cases():
    for share in (False, True):
        for bits in (4, 8, 16):
            yield _every_operation(bits, share)
    yield _residual_stream(share=False)
    yield _residual_stream(share=True)
    network = Network("the output is an input")
    x = network.input(2, 2, 3)
    yield network.case(x, network.flatten(x))
    network = Network("an input and a tensor that nothing reads")
    x, _ = network.input(2, 2, 3), network.input(3, 1, 2)
    network.requantize(x, s.I32)
    yield network.case(network.flatten(x), normalized=True)


def _every_operation(bits, share):
    network = Network(f"every operation, {bits} bits{', in place' if share else ''}")
    element_type, bounds = (
        (s.I16, (-32768, 32767)) if bits == 16 else (s.U8, (0, 2**bits - 1)))
    common = {"output_type": element_type, "bounds": bounds}
    x = network.with_bits(network.input(8, 8, 3), bits)
    y = network.conv2d(x, 4, Window(3, 3, 1, 1, 1, 1, 1, 1), bits=bits, **common)
    z = network.adder2d(y, 4, Window(3, 3, 1, 1, 1, 1, 1, 1), bits=bits, residual=y, **common)
    z = network.requantize(z, **common)
    z = network.add(z, y, **common)
    small = network.max_pool(z, Window(2, 2, 2, 2))
    large = network.upsample_nearest(small, 2, 2)
    joined = network.concat(large, z, x)
    padded = network.pad(joined, 1, 0, 0, 1)
    pooled = network.average_pool(padded, Window(3, 3, 3, 3), **common)
    flat = network.flatten(pooled)
    logits = network.conv2d(
        flat, 5, Window(1, 1), bits=bits, weight_bits=4, output_type=s.I32, shift=0, wide=True)
    return network.case(logits, small, share=share, named=True, normalized=True)


def _residual_stream(share):
    """Blocks on an i16 stream that each layer converts to u8, as the compiler writes them."""
    network = Network(f"residual stream{', in place' if share else ''}")
    plain = Window(3, 3, 1, 1, 1, 1, 1, 1)
    stream = network.conv2d(network.input(8, 8, 3), 4, plain, output_type=s.I16)
    for block in range(3):
        channels, window, groups = ((4, plain, 1), (6, Window(3, 3, 2, 2, 1, 1, 1, 1), 1),
                                    (6, plain, 3))[block]
        conversion = (8 - block, 128 + block, 0, 255)
        inner = network.adder2d(
            stream, channels, window, conversion=conversion, groups=groups, sign=-1)
        shortcut = stream
        if block == 1:
            shortcut = network.adder2d(
                stream, channels, Window(1, 1, 2, 2), conversion=conversion,
                output_type=s.I16, sign=-1)
        stream = network.adder2d(
            inner, channels, plain, output_type=s.I16, residual=shortcut, sign=-1,
            groups=groups)
    pooled = network.average_pool(stream, Window(4, 4), s.I16)
    logits = network.adder2d(
        pooled, 10, Window(1, 1), bits=16, output_type=s.I32, shift=0, wide=True, sign=-1)
    return network.case(logits, share=share, named=True)


def random_cases():
    """200 graphs of the first ten operations and 20 more for each later one and those before it,
    so that a new operation leaves the cases as they are."""
    for index in range(200 + 20 * (len(CASES) - 10)):
        yield _random_graph(f"random {index}", CASES[:10 + max(0, index - 180) // 20])


def _random_graph(name, modules):
    network = Network(name)
    random = network.random
    modules = [module for module in modules for _ in range(getattr(module, "WEIGHT", 1))]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        network.input(random.integer(1, 7), random.integer(1, 7), random.integer(1, 5))
    unread = set(network.inputs)
    for _ in range(random.integer(2, 7)):
        before = len(network.operations)
        while len(network.operations) == before:
            # Recent tensors first, so that chains grow long.
            x = max(random.integer(0, len(network.tensors) - 1) for _ in range(2))
            options = {
                "output_type": random.choice((s.U8, s.U8, s.U8, s.I16, s.I16, s.I32)),
                "wide": random.chance(0.25),
                "term_count": random.choice((0, 1, 2, 3, 3, 4, 5, 8))}
            # May append nothing, if its choice does not fit.
            random.choice(modules).draw(network, x, options)
        operation = network.operations[-1]
        unread -= set(operation.reads)
        unread.add(operation.output)
    outputs = sorted(unread - set(network.inputs)) or [len(network.tensors) - 1]
    return network.case(
        *outputs, share=random.chance(0.5), named=random.chance(0.1),
        normalized=random.chance(0.1), fill=random.choice(("random",) * 4 + ("extremes",)))
