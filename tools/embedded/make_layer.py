#!/usr/bin/env python3
"""Writes a model of one adder layer, to measure kernels on a core.

    tools/embedded/make_layer.py LAYER.adb IMAGES.npy --size 16 --channels 32 --filters 32 --bits 7

The layer has uint8 elements, stride 1 and padding that keeps the size. Its filters and images are
random; its requantizer is of the kind the compiler emits: for each channel another factor of eight
significant bits, so about three signed powers of two, that spreads the sums over the output's
range. Equal arguments write equal bytes. `adderrun` and `tools/embedded/run CORE` take both files.
"""

import argparse
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from adb import structures as s  # noqa: E402
from adb.encode import encode  # noqa: E402
from adb.groups import Entry, Patch, Requantizer, Window  # noqa: E402
from adb.operations import Adder2D  # noqa: E402
from adb.planning import plan  # noqa: E402
from vectors.digits import signed_digits  # noqa: E402
from vectors.random_numbers import SplitMix64  # noqa: E402

MANTISSA_BITS = 8
# A patch has fewer elements than 2^16.
MOST_ELEMENTS = 65535


def rounded_to_mantissa(value):
    """The nearest integer with at most `MANTISSA_BITS` significant bits."""
    unit = 2 ** max(0, math.floor(math.log2(value)) - MANTISSA_BITS + 1)
    return round(value / unit) * unit


def requantizer(random, channels, highest, count):
    """Spreads the sums of each channel, with another factor, over the range of the output."""
    # |x - f| of two even numbers in 0...R has the mean R/3 and the deviation R/sqrt(18).
    mean, deviation = highest * count / 3, highest * math.sqrt(count / 18)
    slopes = [random.real(0.7, 1.4) * 256 / (6 * deviation) for _ in range(channels)]
    # As the compiler does: the largest shift for which no product leaves 32 bits.
    shift = min(24, math.floor(math.log2(2**31 / (max(slopes) * highest * count + 512))))
    bias = (128 << shift) + (1 << shift >> 1)
    entries = []
    for slope in slopes:
        centre = round(mean + random.real(-1, 1) * deviation)
        # The minus sign of an adder layer.
        factor = -rounded_to_mantissa(slope * 2**shift)
        entries.append(Entry(centre, bias, signed_digits(factor)))
    return Requantizer(table=entries, shift=shift, output_min=0, output_max=255)


def layer(size, channels, filters, kernel, bits, seed):
    """The model; `bits` bounds the elements of input, pad values and filters."""
    random = SplitMix64(seed)
    highest = 2**bits - 1
    padding = kernel // 2
    window = Window(kernel, kernel, 1, 1, padding, padding, padding, padding)
    count = kernel * kernel * channels
    scale = float(np.float32(1 / 255))
    tensors = [
        s.Tensor(height=size, width=size, channels=channels, element_type=s.U8, scale=scale),
        s.Tensor(height=size, width=size, channels=filters, element_type=s.U8, zero_point=128),
    ]
    patch = Patch(
        groups=1, input_channels=channels, output_channels=filters, element_type=s.U8,
        pad_values=np.array(random.integers(channels, 0, highest), np.uint8))
    operation = Adder2D(
        input=0, output=1, window=window, patch=patch,
        requantizer=requantizer(random, filters, highest, count),
        filters=np.array(random.integers(filters * count, 0, highest), np.uint8).reshape(
            1, filters, count))
    # The largest filter element decides which kernel runs.
    operation.filters[0, 0, 0] = highest
    names = [f"layer {size}x{size}x{channels}->{filters}", "image", "output", "layer"]
    return plan(s.Model(tensors, [operation], [0], [1], names=names))


def images(size, channels, bits, count, seed):
    """uint8 [N, C, H, W]; every image has the largest element."""
    random = SplitMix64(seed + 1)
    shape = (count, channels, size, size)
    values = np.array(random.integers(math.prod(shape), 0, 2**bits - 1), np.uint8).reshape(shape)
    values[:, 0, 0, 0] = 2**bits - 1
    return values


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive")
    return value


def odd(text):
    value = positive(text)
    if value % 2 == 0:
        raise argparse.ArgumentTypeError(f"{value} is even: padding could not keep the size")
    return value


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="LAYER.adb", type=pathlib.Path)
    parser.add_argument("images", metavar="IMAGES.npy", type=pathlib.Path)
    parser.add_argument(
        "--size", type=positive, default=16, help="height and width (default: 16)")
    parser.add_argument(
        "--channels", type=positive, default=32, help="of the input (default: 32)")
    parser.add_argument(
        "--filters", type=positive, default=32, help="channels of the output (default: 32)")
    parser.add_argument(
        "--kernel", type=odd, default=3, help="height and width, odd (default: 3)")
    parser.add_argument(
        "--bits", type=int, choices=(7, 8), default=8,
        help="elements are at most 127 or 255 (default: 8)")
    parser.add_argument("--count", type=positive, default=4, help="images (default: 4)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default: 1)")
    a = parser.parse_args()
    if a.kernel * a.kernel * a.channels > MOST_ELEMENTS:
        parser.error(
            f"{a.kernel}x{a.kernel}x{a.channels} elements in a patch, at most {MOST_ELEMENTS}:"
            " take a smaller kernel or fewer channels")
    try:
        a.model.write_bytes(encode(
            layer(a.size, a.channels, a.filters, a.kernel, a.bits, a.seed)))
        np.save(a.images, images(a.size, a.channels, a.bits, a.count, a.seed))
    except OSError as error:
        print(f"make_layer: {error}", file=sys.stderr)
        return 73
    differences = a.size * a.size * a.filters * a.kernel * a.kernel * a.channels
    print(f"{a.model}: {differences} differences an image, padded taps included")
    return 0


if __name__ == "__main__":
    sys.exit(main())
