"""Cases that chain operations: hand-made networks and random graphs."""

from adb import structures as s
from adb.structures import Window
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


def random_cases(count=200):
    for index in range(count):
        yield _random_graph(f"random {index}")


def _random_graph(name):
    network = Network(name)
    random = network.random
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        network.input(random.integer(1, 7), random.integer(1, 7), random.integer(1, 5))
    unread = set(network.inputs)
    for _ in range(random.integer(2, 7)):
        before = len(network.operations)
        while len(network.operations) == before:
            # Recent tensors first, so that chains grow long.
            x = max(random.integer(0, len(network.tensors) - 1) for _ in range(2))
            _random_operation(network, x)
        operation = network.operations[-1]
        unread -= set(s.tensors_read(operation)) | {s.residual_of(operation)}
        unread.add(operation.output)
    outputs = sorted(unread - set(network.inputs)) or [len(network.tensors) - 1]
    return network.case(
        *outputs, share=random.chance(0.5), named=random.chance(0.1),
        normalized=random.chance(0.1), fill=random.choice(("random",) * 4 + ("extremes",)))


def _random_window(random, shape, pool):
    """A window that fits, or None."""
    kernel = [random.choice((1, 2, 3, 3, 5, 7)) for _ in range(2)]
    dilation = [random.choice((1, 1, 1, 2, 3)) for _ in range(2)]
    extent = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
    padding = [random.integer(0, min(3, extent[axis] // 2) if pool else 3)
               for axis in (0, 1, 0, 1)]
    window = Window(*kernel, random.integer(1, 3), random.integer(1, 3), *padding, *dilation)
    height, width = window.output_extent(*shape[:2])
    return window if min(height, width) >= 1 and max(height, width) <= 9 else None


def _random_operation(network, x):
    """Appends one operation that reads `x`, or nothing if the choice does not fit."""
    random = network.random
    shape, element_type = network.shape(x), network.type(x)
    count = shape[0] * shape[1] * shape[2]
    output_type = random.choice((s.U8, s.U8, s.U8, s.I16, s.I16, s.I32))
    common = {
        "output_type": output_type, "wide": random.chance(0.25),
        "term_count": random.choice((0, 1, 2, 3, 3, 4, 5, 8))}
    kind = random.choice((
        "adder2d", "adder2d", "adder2d", "conv2d", "conv2d", "requantize", "add", "maxPool",
        "averagePool", "concat", "upsample", "pad", "flatten"))
    if kind in ("adder2d", "conv2d") and element_type != s.I32:
        window = _random_window(random, shape, False)
        groups = random.choice([g for g in (1, 1, 1, 2, 3, shape[2]) if shape[2] % g == 0])
        channels = groups * random.integer(1, max(1, 5 // groups))
        element_count = 0 if window is None else (
            window.kernel_height * window.kernel_width * shape[2] // groups)
        if window is None or element_count * channels > 600:
            return
        bits, conversion = (16 if element_type == s.I16 else 8), None
        if element_type == s.I16 and random.chance(0.6):
            bits = random.choice((8, 8, 7, 16))
            low, high = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
            conversion = (random.integer(0, 15), random.integer(-20, 200), low, high)
        output_shape = (*window.output_extent(*shape[:2]), channels)
        residuals = [
            index for index in range(len(network.tensors))
            if network.shape(index) == output_shape and network.type(index) != s.I32]
        if residuals and random.chance(0.7):
            common["residual"] = random.choice(residuals)
        if kind == "adder2d":
            network.adder2d(
                x, channels, window, groups=groups, bits=bits, conversion=conversion,
                per_channel=random.chance(0.7), **common)
        else:
            network.conv2d(
                x, channels, window, groups=groups, bits=bits, conversion=conversion,
                weight_bits=random.integer(2, 8), per_channel=random.chance(0.7), **common)
    elif kind == "requantize":
        network.requantize(x, per_channel=random.chance(0.5), **common)
    elif kind == "add":
        network.add(x, random.choice([
            index for index in range(len(network.tensors)) if network.shape(index) == shape]),
            **common)
    elif kind in ("maxPool", "averagePool"):
        window = _random_window(random, shape, kind == "maxPool")
        if window is not None and kind == "maxPool":
            network.max_pool(x, window)
        elif window is not None:
            network.average_pool(x, window, per_channel=random.chance(0.5), **common)
    elif kind == "concat":
        others = [
            index for index in range(len(network.tensors))
            if network.shape(index)[:2] == shape[:2] and network.type(index) == element_type]
        if count <= 300:
            network.concat(x, *[random.choice(others) for _ in range(random.integer(1, 3))])
    elif kind == "upsample" and count <= 100:
        network.upsample_nearest(x, random.integer(1, 3), random.integer(1, 3))
    elif kind == "pad" and count <= 200:
        network.pad(x, *(random.integer(0, 3) for _ in range(4)))
    elif kind == "flatten":
        network.flatten(x)
