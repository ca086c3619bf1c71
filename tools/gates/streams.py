"""Operands of a compiled model's layers, and of convolutions of the same shapes."""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from adb.arithmetic import patches  # noqa: E402
from adb.format import decode  # noqa: E402
from simulate import SIZE  # noqa: E402

WIDTHS = (4, 6, 8, 16)
LONGEST_SUM = 1024  # operations, the accumulators' guard bits


class Stream:
    """Operands of SIZE rows and SIZE columns, [cycles, SIZE], and where sums start."""

    def __init__(self, x, w, first):
        self.x, self.w, self.first = x, w, first

    @property
    def cycles(self):
        return len(self.x)

    def sums(self, kind):
        """What each accumulator holds after each cycle, [cycles, SIZE, SIZE]."""
        x, w = self.x[:, :, None], self.w[:, None, :]
        terms = x * w if kind == "mac" else abs(x - w)
        total = np.cumsum(terms, 0)
        starts = np.flatnonzero(self.first[:, 0])
        before = np.repeat(
            (total - terms)[starts], np.diff(np.append(starts, self.cycles)), axis=0)
        return total - before


class Layer:
    """`patches` [K, positions] are unsigned. `weights` [filters, K] by name: the layer's own, under
    "adder", unsigned; those of convolutions signed, of twins or, under "trained", its own."""

    def __init__(self, name, bits, layer_patches, weights):
        self.name, self.bits, self.patches, self.weights = name, bits, layer_patches, weights
        self.operation_count = layer_patches.size * len(next(iter(weights.values())))

    def stream(self, name, cycles):
        """Whole sums, at least one, in at most `cycles` cycles: SIZE neighbouring positions against
        SIZE neighbouring filters, from places that are spread over the layer."""
        weights = self.weights[name]
        length = min(len(self.patches), LONGEST_SUM)
        count = max(1, cycles // length)
        position_count = self.patches.shape[1]
        x, w = [], []
        for tile in range(count):
            position = (position_count - SIZE) * (2 * tile + 1) // (2 * count)
            columns = np.arange(position, position + SIZE)
            rows = (SIZE * tile + np.arange(SIZE)) % len(weights)
            x.append(self.patches[:length, columns])
            w.append(weights[rows, :length].T)
        first = np.zeros((count * length, SIZE), np.int64)
        first[::length] = 1
        return Stream(np.concatenate(x), np.concatenate(w), first)


def layers(model_path, dumps, images):
    """The layers of a model that sum; of groups the first.

    `dumps` are folders of `adderrun --dump-layers`, one for each of `images` [N, C, H, W].
    """
    model = decode(pathlib.Path(model_path).read_bytes())
    names = model.names or [""] * (1 + len(model.tensors) + len(model.operations))
    producers = {operation.output: place for place, operation in enumerate(model.operations)}
    found = []
    for place, operation in enumerate(model.operations):
        if operation.name not in ("adder2d", "conv2d"):
            continue
        name = names[1 + len(model.tensors) + place] or f"operation {place}"
        if operation.input in producers:
            x = [_dumped(dump, producers[operation.input]) for dump in dumps]
        else:
            x = list(images)
        x = np.stack(x).transpose(0, 2, 3, 1)
        layer_patches = patches(x, operation.window, operation.patch, 0, np.int64)
        if layer_patches.shape[1] < SIZE:
            raise ValueError(f"{name}: {layer_patches.shape[1]} positions, expected {SIZE} or more;"
                             " give more images")
        if operation.name == "adder2d":
            layer = _adder_layer(name, layer_patches, operation.filters[0].astype(np.int64))
        else:
            layer = _convolution_layer(name, layer_patches, operation)
        found.append(layer)
    return found


def _dumped(folder, place):
    path, = pathlib.Path(folder).glob(f"{place:03}-*.npy")
    return np.load(path)


def _adder_layer(name, layer_patches, filters):
    # i16 in offset binary: the differences are the same, and so are the edges.
    offset = 32768 if min(layer_patches.min(), filters.min()) < 0 else 0
    layer_patches, filters = layer_patches + offset, filters + offset
    bits = _width(max(layer_patches.max(), filters.max()))
    generator = np.random.Generator(np.random.PCG64(0))
    twins = {
        "filters": filters - filters.mean(),
        "laplace": generator.laplace(size=filters.shape),
        "normal": generator.normal(size=filters.shape)}
    weights = {twin: symmetric(values, bits) for twin, values in twins.items()}
    return Layer(name, bits, layer_patches, {"adder": filters, **weights})


def _convolution_layer(name, layer_patches, operation):
    count = len(layer_patches)
    dtype = operation.dtype()
    weights = operation.sums(np.eye(count, dtype=dtype), 0).view(dtype).astype(np.int64)
    layer_patches = layer_patches + (32768 if layer_patches.min() < 0 else 0)
    bits = _width(layer_patches.max())
    return Layer(name, bits, layer_patches, {"trained": symmetric(weights, bits)})


def _width(highest):
    return next(bits for bits in WIDTHS if highest < 1 << bits)


def symmetric(values, bits):
    """Rounded to `bits` bits, zero at zero, the largest magnitude at the end of the range."""
    highest = (1 << bits - 1) - 1
    return np.rint(values * (highest / np.abs(values).max())).astype(np.int64)
