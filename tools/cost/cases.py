#!/usr/bin/env python3
"""Writes the models that kernels are measured on: random ones of every operation.

    tools/cost/cases.py FOLDER [--seed N] [--count N]

Each has inputs in NAME.input. Equal arguments write equal bytes.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from adb import structures as s  # noqa: E402
from adb.encode import encode  # noqa: E402
from adb.groups import Window  # noqa: E402
from adb.operations import ChannelShuffle, DepthToSpace  # noqa: E402
from vectors.cases.lookup import random_lookup  # noqa: E402
from vectors.network import Network  # noqa: E402

# The work of a layer, to keep emulation short.
MOST_DIFFERENCES, MOST_FILTER_ELEMENTS = 250_000, 12_000
# Conversions of an int16 input: shift, offset, and limits of a patch.
CONVERSIONS = {
    8: [(8, 128, 0, 255), (8, 128, 0, 255), (7, 100, 0, 255), (8, 128, 1, 250), (0, 0, 0, 255)],
    7: [(9, 64, 0, 127), (9, 64, 0, 127), (9, 64, 2, 126)],
    16: [None, None, (2, 5, -30000, 30000)],
}


class Case(Network):
    """A model in the making."""

    def typed(self, element_type, shape, bits=16):
        """A tensor with elements of the given type and of so many bits, out of a raw input."""
        x = self.input(*shape)
        if element_type == s.I16:
            return self.spread(x)
        if element_type == s.I32:
            return self.map(x, s.I32, [(1, 7), (-1, 2)], bias=-15000)
        return self.map(x, s.U8, [(1, 0)], shift=1, bounds=(0, 127)) if bits == 7 else x

    def layer(self, make, is_convolution):
        """A filter layer, of a kind that the compiler emits or, less often, another."""
        random = self.random
        bits = random.choice((8, 8, 7, 7, 16))
        converts = random.chance(0.5)
        channels = random.choice((1, 2, 3, 4, 5, 6, 8, 12, 16, 16, 16, 24, 32, 32, 48, 64))
        kernel = random.choice(((1, 1), (2, 2), (3, 3), (3, 3), (3, 3), (4, 4), (5, 5), (7, 7),
                                (2, 3), (3, 1), (1, 5)))
        stride = random.choice((1, 1, 1, 2))
        dilation = random.choice((1, 1, 1, 1, 1, 2))
        groups = random.choice([g for g in (1, 1, 1, 1, 1, 1, 2, channels) if channels % g == 0])
        paddings = [kernel[axis] // 2 for axis in (0, 1, 0, 1)]
        if random.chance(0.4):
            paddings = [random.integer(0, 3) for _ in range(4)] if max(kernel) > 1 else [0] * 4
        outputs = groups * random.choice((1, 2, 3, 4, 7, 8, 10, 16, 16, 32))
        if random.chance(0.08):  # a layer over a vector, of more words than a drain
            channels, outputs = random.integer(100, 4000), random.integer(1, 3)
            kernel, stride, dilation, groups, paddings = (1, 1), 1, 1, 1, [0] * 4
        extents = [(kernel[axis] - 1) * dilation + random.integer(1, 11) for axis in (0, 1)]
        if channels > 64:
            extents = [1, random.integer(1, 3)]
        window = Window(*kernel, stride, stride, *paddings, dilation, dilation)
        count = kernel[0] * kernel[1] * channels // groups
        if count * outputs > MOST_FILTER_ELEMENTS or is_convolution and outputs * count > 3000:
            return False
        positions = window.output_extent(*extents)
        if positions[0] * positions[1] * count * outputs > MOST_DIFFERENCES:
            return False
        conversion = None
        if converts or bits == 16:
            conversion = random.choice(CONVERSIONS[bits])
        is_half = bits == 16 or conversion is not None
        x = self.typed(s.I16 if is_half else s.U8, (*extents, channels), bits)
        options = self.requantizer_options((*positions, outputs))
        largest = 32767 if bits == 16 else 2**bits - 1
        if not is_convolution:
            lowest = -32768 if bits == 16 else 0
            options["filters"] = random.integers(count * outputs, lowest, largest)
        pads = random.integers(channels, 0, largest)
        make(self, x, outputs, window, groups=groups, bits=16 if bits == 16 else 8,
             conversion=conversion, pad_values=pads, **options)
        return True

    def requantizer_options(self, shape):
        random = self.random
        output_type = random.choice((s.U8, s.U8, s.I16, s.I16, s.I16, s.I32))
        options = {"output_type": output_type, "wide": random.chance(0.12),
                   "term_count": random.choice((2, 3, 3, 4, 4, 5, 6)),
                   "per_channel": random.chance(0.9)}
        if options["wide"]:
            options["shift"] = random.choice((0, 20, 24, 30, 33, 36))
        bounds = {s.U8: ((0, 255), (0, 255), (0, 127), (3, 250)),
                  s.I16: ((0, 32767), (0, 32767), (-32768, 32767)), s.I32: (None,)}
        options["bounds"] = random.choice(bounds[output_type])
        if random.chance(0.3):
            kind = s.I16 if random.chance(0.8) else s.U8
            options["residual"] = self.requantize(self.input(*shape), kind, term_count=2)
        return options

    def shape_of(self, most_channels=33):
        random = self.random
        return [random.integer(2, 9), random.integer(2, 9), random.integer(1, most_channels)]

    def simple_options(self):
        wide = self.random.chance(0.25)
        return {"term_count": self.random.choice((1, 2, 3, 4, 6)), "wide": wide,
                "shift": self.random.choice((0, 20, 30, 34)) if wide else None,
                "output_type": self.random.choice((s.U8, s.I16, s.I32))}

    def any_typed(self, shape):
        return self.typed(self.random.choice((s.U8, s.I16, s.I32)), shape)

    def pool_window(self, shape, is_average):
        random = self.random
        kernel = [random.integer(1, min(4, extent)) for extent in shape[:2]]
        if random.chance(0.5):
            kernel = [2, 2]
        if is_average and random.chance(0.3):
            kernel = list(shape[:2])
        pads = [random.integer(0, kernel[axis] // 2) for axis in (0, 1, 0, 1)]
        pads = pads if random.chance(0.4) else [0, 0, 0, 0]
        return Window(*kernel, random.integer(1, 2), random.integer(1, 2), *pads)

    def small(self, kind):
        """An operation that is no filter layer."""
        random, shape = self.random, self.shape_of()
        if kind == "requantize":
            self.requantize(self.any_typed(shape), **self.simple_options())
        elif kind == "add":
            self.add(self.any_typed(shape), self.any_typed(shape), **self.simple_options())
        elif kind == "max_pool":
            self.max_pool(self.any_typed(shape), self.pool_window(shape, False))
        elif kind == "average_pool":
            self.average_pool(
                self.any_typed(shape), self.pool_window(shape, True),
                leaves_out_padding=random.chance(0.3), **self.simple_options())
        elif kind == "concat":
            element_type = random.choice((s.U8, s.I16, s.I32))
            self.concat(*[self.typed(element_type, (*shape[:2], random.integer(1, 33)))
                          for _ in range(random.integer(2, 4))])
        elif kind == "upsample_nearest":
            self.upsample_nearest(
                self.any_typed(shape), random.integer(1, 3), random.integer(1, 3))
        elif kind == "pad":
            self.pad(self.any_typed(shape), *[random.integer(0, 3) for _ in range(4)])
        elif kind == "flatten":
            self.flatten(self.any_typed(shape))
        elif kind == "lookup":
            kind = random.choice((s.U8, s.I16))
            segment_shift = 0 if kind == s.U8 else random.integer(8, 15)
            random_lookup(self, self.typed(kind, shape), random.choice((s.U8, s.I16, s.I32)),
                          segment_shift, random.chance(0.3))
        elif kind == "channel_shuffle":
            groups, channels = random.integer(1, 8), random.integer(1, 9)
            shape[2] = groups * channels
            self.copy(ChannelShuffle, self.any_typed(shape), groups, channels)
        else:
            size = random.integer(1, 3)
            shape[2] = size**2 * random.integer(1, 9)
            self.copy(DepthToSpace, self.any_typed(shape), size)


SMALL = ("requantize", "add", "max_pool", "average_pool", "concat", "upsample_nearest", "pad",
         "flatten", "depth_to_space", "lookup", "channel_shuffle")


def cases(seed, count):
    """Models named after what they hold: `count` adder layers, half as many convolutions, and an
    eighth of that of each other operation."""
    for kind, wanted in ([("adder2d", count), ("conv2d", count // 2)]
                         + [(kind, count // 8) for kind in SMALL]):
        made = number = 0
        while made < wanted:
            case = Case(f"{kind} {seed} {number}")
            number += 1
            if kind in SMALL:
                case.small(kind)
            elif not case.layer(getattr(Network, kind), kind == "conv2d"):
                continue
            made += 1
            yield f"{kind}-{number:04}", case


def copied(levels):
    """An adder layer over values of 7 bits that reach it on 4 ** `levels` ways of copies alone."""
    case = Case("copies")
    x = case.typed(s.U8, (4, 4, 1), 7)
    for _ in range(levels):
        x = case.copy(DepthToSpace, case.concat(x, x, x, x), 2)
        x = case.max_pool(x, Window(2, 2, 2, 2))
    case.adder2d(x, 2, Window(3, 3), filters=[100] * 18, pad_values=[0])
    return case


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default: 1)")
    parser.add_argument("--count", type=int, default=600, help="adder layers (default: 600)")
    a = parser.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    for name, case in cases(a.seed, a.count):
        _, model, images = case.case(case.operations[-1].output)
        (a.folder / f"{name}.adb").write_bytes(encode(model))
        (a.folder / f"{name}.input").write_bytes(b"".join(image.tobytes() for image in images))


if __name__ == "__main__":
    main()
