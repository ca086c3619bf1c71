"""The operations of docs/arithmetic.md. Each takes the images of a batch, [N, H, W, C]."""

import numpy as np

from . import structures as s
from .arithmetic import (
    clamp, integers, modular, padded, patches, requantize as requantize_sums, scaled,
    shifted_right, signed, taps)

# So many absolute differences fit in the type that sums them: 255 in an i16, 65535 in an i32.
RUN_LENGTHS = {s.U8: 128, s.I16: 32768}


def _positions_last_to_image(sums, images, window, x):
    """Sums [channels, N * oh * ow] as [N, oh, ow, channels]."""
    height, width = window.output_extent(x.shape[1], x.shape[2])
    return np.ascontiguousarray(sums.reshape(-1, images, height, width).transpose(1, 2, 3, 0))


def sums_of_absolute_differences(x, filters, element_type):
    """acc[o, position] = sum of |x[k, position] - f[o, k]| modulo 2^32, as u32."""
    element_count, position_count = x.shape
    acc = np.zeros((len(filters), position_count), np.uint32)
    difference = np.empty(position_count, x.dtype)
    run_length = RUN_LENGTHS[element_type]
    partial = np.empty(position_count, x.dtype)
    for o, f in enumerate(filters.astype(x.dtype)):
        for start in range(0, element_count, run_length):
            partial.fill(0)
            for k in range(start, min(start + run_length, element_count)):
                np.subtract(x[k], f[k], out=difference)
                np.absolute(difference, out=difference)
                np.add(partial, difference, out=partial)
            acc[o] += partial.astype(np.uint32)
    return acc


def adder2d(operation, x, residual):
    patch, window = operation.patch, operation.window
    # Wide enough for a difference: 9 bits for u8, 17 for i16.
    dtype = np.int16 if patch.element_type == s.U8 else np.int32
    acc = np.concatenate([
        sums_of_absolute_differences(
            patches(x, window, patch, group, dtype), operation.filters[group],
            patch.element_type)
        for group in range(patch.groups)])
    acc = signed(_positions_last_to_image(acc, len(x), window, x))
    return requantize_sums(acc, operation.requantizer, residual)


def conv2d(operation, x, residual):
    patch, window, wide = operation.patch, operation.window, operation.requantizer.wide
    unsigned, signed_dtype = integers(wide)
    sums = []
    for group in range(patch.groups):
        elements = patches(x, window, patch, group, signed_dtype).view(unsigned)
        first = group * patch.output_channels
        for planes in operation.planes[first:first + patch.output_channels]:
            acc = np.zeros(elements.shape[1], unsigned)
            for added, subtracted in planes:
                acc = acc << unsigned(1)
                for i in added:
                    acc += elements[i]
                for i in subtracted:
                    acc -= elements[i]
            sums.append(acc)
    acc = signed(_positions_last_to_image(np.stack(sums), len(x), window, x))
    return requantize_sums(acc, operation.requantizer, residual)


def requantize(operation, x):
    return requantize_sums(x, operation.requantizer)


def add(operation, first, second):
    requantizer = operation.requantizer
    total = (scaled(first, requantizer.entries, requantizer.wide)
             + scaled(second, [operation.second_entry], requantizer.wide))
    return clamp(
        shifted_right(total, requantizer.shift), requantizer.output_min, requantizer.output_max)


def max_pool(operation, x):
    # A padded tap takes the lowest value of the type: it is never larger than a tap inside, and
    # a window without one gives that value, as the text asks.
    lowest = np.iinfo(x.dtype).min
    return np.maximum.reduce(list(taps(x, operation.window, lowest)))


def average_pool(operation, x):
    wide = operation.requantizer.wide
    acc = np.zeros((), integers(wide)[0])
    for elements in taps(x, operation.window, operation.pad_values):
        acc = acc + modular(elements, wide)
    return requantize_sums(signed(acc), operation.requantizer)


def concat(operation, *inputs):
    return np.concatenate(inputs, axis=3)


def upsample_nearest(operation, x):
    rows = np.arange(x.shape[1] * operation.factor_height) // operation.factor_height
    columns = np.arange(x.shape[2] * operation.factor_width) // operation.factor_width
    return x[:, rows][:, :, columns]


def pad(operation, x):
    return padded(
        x, operation.pad_top, operation.pad_left, operation.pad_bottom, operation.pad_right,
        operation.pad_values)


def flatten(operation, x):
    # Channel, row, column.
    return x.transpose(0, 3, 1, 2).reshape(len(x), 1, 1, -1)


FUNCTIONS = {
    s.Adder2D: adder2d, s.Conv2D: conv2d, s.Requantize: requantize, s.Add: add,
    s.MaxPool: max_pool, s.AveragePool: average_pool, s.Concat: concat,
    s.UpsampleNearest: upsample_nearest, s.Pad: pad, s.Flatten: flatten,
}
