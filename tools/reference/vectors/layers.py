"""Cases adder2d and conv2d share: windows, patches, requantizers and residuals."""

from adb import structures as s
from adb.groups import Entry, Window
from .network import Network
from .windows import LAYERS, PLAIN, random_window

OUTPUT_TYPES = (s.U8, s.I16, s.I32)


def layer_cases(layer):
    """`layer` is the method of Network: Network.adder2d or Network.conv2d."""
    for name, shape, channels, groups, window in LAYERS:
        for bits in (8, 16):
            network = Network(f"{name}, {'u8' if bits == 8 else 'i16'}")
            x = network.with_bits(network.input(*shape), bits)
            y = layer(network, x, channels, window, groups=groups, bits=bits,
                      output_type=s.U8 if bits == 8 else s.I16)
            yield network.case(y)
    yield from _bit_widths(layer)
    yield from _conversions(layer)
    yield from _residuals(layer)
    yield from _requantizers(layer)
    yield from _inputs_and_outputs(layer)


def _bit_widths(layer):
    for bits in (4, 5, 6, 7, 8, 16):
        network = Network(f"{bits} bits")
        x = network.with_bits(network.input(4, 4, 3), bits)
        bounds = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        yield network.case(layer(
            network, x, 3, PLAIN, bits=bits, bounds=bounds,
            output_type=s.I16 if bits == 16 else s.U8))


def _conversions(layer):
    for shift in range(16):
        bits = (4, 5, 6, 7, 8, 16)[shift % 6]
        if bits == 16:
            conversion = (shift, -3 * shift, -30000 + shift, 30000)
        else:
            conversion = (shift, 2**(bits - 1) + shift, 0, 2**bits - 1)
        network = Network(f"converts with input shift {shift} to {bits} bits")
        x = network.spread(network.input(3, 3, 5))
        yield network.case(layer(
            network, x, 2, PLAIN, bits=bits, conversion=conversion,
            output_type=s.I16 if bits == 16 else s.U8))
    for name, bits, conversion in (
            ("the largest offset", 8, (0, 32767, 0, 255)),
            ("the smallest offset", 8, (0, -32768, 0, 255)),
            ("the largest offset and shift", 16, (15, 32767, -32768, 32767)),
            ("the smallest offset, the largest shift", 16, (15, -32768, -32768, 32767)),
            ("one value", 8, (3, 5, 9, 9)),
            ("pad value outside the clamp", 8, (8, 128, 100, 140))):
        network = Network(f"converts: {name}")
        x = network.spread(network.input(3, 3, 3))
        yield network.case(layer(
            network, x, 2, PLAIN, bits=bits, conversion=conversion, pad_values=[0, 128, 255]))


def _residuals(layer):
    for in_place in (False, True):
        for residual_type in (s.U8, s.I16):
            for output_type in OUTPUT_TYPES:
                if in_place and residual_type != output_type:
                    continue
                for wide in (False, True):
                    network = Network(
                        f"residual {s.ELEMENT_NAMES[residual_type]} to"
                        f" {s.ELEMENT_NAMES[output_type]}{', wide' if wide else ''}"
                        f"{', in place' if in_place else ''}")
                    image = network.input(4, 4, 3)
                    x = network.map(image, s.U8, [(1, 0)])
                    residual = network.requantize(image, residual_type, term_count=2)
                    yield network.case(layer(
                        network, x, 3, PLAIN, output_type=output_type, residual=residual,
                        wide=wide), share=in_place)
    network = Network("residual is the input")
    x = network.input(4, 4, 3)
    yield network.case(layer(network, x, 3, PLAIN, residual=x))
    network = Network("residual added to the largest sum wraps")
    x = network.spread(network.input(2, 3, 2))
    entries = [Entry(0, 2**31 - 1 - 5, []), Entry(0, -2**31 + 5, [])]
    yield network.case(layer(
        network, x, 2, PLAIN, bits=16, residual=x, shift=0, entries=entries,
        output_type=s.I32))


def _requantizers(layer):
    window = Window(2, 2)
    for term_count in range(9):
        for wide in (False, True):
            network = Network(f"{term_count} terms{', wide' if wide else ''}")
            x = network.input(4, 4, 3)
            yield network.case(layer(
                network, x, 5, window, term_count=term_count, wide=wide,
                shift=30 if wide else 12))
    for wide, shifts in ((False, (0, 1, 15, 30, 31)), (True, (0, 1, 31, 32, 33, 61, 62))):
        for shift in shifts:
            for output_type in (s.U8, s.I16):
                network = Network(
                    f"shift {shift} to {s.ELEMENT_NAMES[output_type]}"
                    f"{', wide' if wide else ''}")
                x = network.input(3, 4, 3)
                yield network.case(layer(
                    network, x, 3, window, shift=shift, wide=wide, output_type=output_type))
    for sign in (-1, 1):
        network = Network(f"one entry, {'negative' if sign < 0 else 'positive'} slope")
        x = network.input(4, 4, 3)
        yield network.case(layer(network, x, 5, window, per_channel=False, sign=sign))
    entries = [
        Entry(0, 0, []), Entry(0, 17 << 4, []), Entry(700, 100 << 4, [(-1, 4)]),
        Entry(700, 100 << 4, [(1, 4)]), Entry(0, 2**31 - 1, [(1, 0)]),
        Entry(-2**31, -2**31, [(-1, 31), (1, 31), (1, 0)])]
    network = Network("zero, unit and extreme slopes")
    x = network.input(4, 4, 3)
    yield network.case(layer(network, x, 6, window, entries=entries, shift=4))
    network = Network("narrow arithmetic wraps")
    x = network.input(4, 4, 3)
    entries = [
        Entry(-2**31, 7, [(1, 0)]), Entry(2**31 - 1, -9, [(1, 20), (-1, 3)]),
        Entry(5, 2**31 - 1, [(1, 10)]), Entry(0, 0, [(1, 31), (-1, 30), (1, 29), (1, 25)])]
    yield network.case(layer(
        network, x, 4, window, entries=entries, shift=3, output_type=s.I32))
    network = Network("wide arithmetic wraps")
    x = network.input(4, 4, 3)
    entries = [
        Entry(-2**63, 7, [(1, 0)]), Entry(2**63 - 1, -9, [(1, 60), (-1, 52)]),
        Entry(5, 2**63 - 1, [(1, 55)]), Entry(0, 0, [(1, 62), (-1, 61), (1, 58), (1, 55)])]
    yield network.case(layer(
        network, x, 4, window, entries=entries, shift=33, wide=True, output_type=s.I32))
    for bounds in ((7, 7), (100, 101), (0, 0), (255, 255)):
        network = Network(f"clamp to {bounds[0]}...{bounds[1]}")
        x = network.input(3, 3, 3)
        yield network.case(layer(network, x, 3, window, bounds=bounds))


def _inputs_and_outputs(layer):
    for fill in ("zeros", "full", "extremes"):
        for bits in (8, 16):
            low, high = (-32768, 32767) if bits == 16 else (0, 255)
            network = Network(f"image of {fill}, {'u8' if bits == 8 else 'i16'}")
            x = network.with_bits(network.input(4, 4, 3), bits)
            yield network.case(
                layer(network, x, 3, PLAIN, bits=bits, pad_values=[low, high, 0],
                      output_type=s.I32, shift=0),
                fill=fill)
    network = Network("two layers of one input, two outputs")
    x = network.input(4, 4, 3)
    first = layer(network, x, 2, PLAIN, output_type=s.I16)
    second = layer(network, x, 3, Window(2, 2, 2, 2), output_type=s.I32)
    yield network.case(second, first, named=True, normalized=True)
    network = Network("two inputs")
    first, second = network.input(3, 3, 3), network.input(2, 2, 1)
    yield network.case(
        layer(network, first, 2, PLAIN), layer(network, second, 3, Window(2, 2)),
        normalized=True)


def draw_layer(network, x, layer, options, more_options=dict):
    """Appends a random layer over `x` if it is small enough."""
    random, shape = network.random, network.shape(x)
    if network.type(x) == s.I32:
        return
    window = random_window(random, shape, pool=False)
    groups = random.choice([g for g in (1, 1, 1, 2, 3, shape[2]) if shape[2] % g == 0])
    channels = groups * random.integer(1, max(1, 5 // groups))
    if window is None or (
            window.kernel_height * window.kernel_width * shape[2] // groups * channels > 600):
        return
    bits, conversion = (16 if network.type(x) == s.I16 else 8), None
    if network.type(x) == s.I16 and random.chance(0.6):
        bits = random.choice((8, 8, 7, 16))
        low, high = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        conversion = (random.integer(0, 15), random.integer(-20, 200), low, high)
    output_shape = (*window.output_extent(*shape[:2]), channels)
    residuals = [
        index for index in range(len(network.tensors))
        if network.shape(index) == output_shape and network.type(index) != s.I32]
    if residuals and random.chance(0.7):
        options["residual"] = random.choice(residuals)
    options.update(more_options())
    layer(network, x, channels, window, groups=groups, bits=bits, conversion=conversion,
          per_channel=random.chance(0.7), **options)
