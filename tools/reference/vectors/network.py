"""Builds small models for the golden vectors."""

import zlib

import numpy as np

from adb import structures as s
from adb.groups import Entry, Patch, Requantizer
from adb.operations import (
    Add, Adder2D, AveragePool, Concat, Conv2D, Flatten, MaxPool, Pad, Requantize, UpsampleNearest)
from adb.planning import plan, shareable_pairs
from .digits import planes_of_weights
from .entries import random_entry
from .random_numbers import SplitMix64

TYPES = (s.U8, s.I16, s.I32)


class Network:
    """A model in the making. `name` seeds its random numbers, so cases do not affect others."""

    def __init__(self, name):
        self.name = name
        self.random = SplitMix64(zlib.crc32(name.encode()))
        self.tensors = []
        self.operations = []
        self.inputs = []
        self.in_place = []

    # Tensors

    def tensor(self, shape, element_type):
        low, high = s.element_range(element_type)
        height, width, channels = shape
        self.tensors.append(s.Tensor(
            height=height, width=width, channels=channels, element_type=element_type,
            zero_point=self.random.integer(max(low, -99), min(high, 99)),
            scale=float(np.float32(self.random.real(0.001, 2)))))
        return len(self.tensors) - 1

    def input(self, height, width, channels):
        self.tensors.append(s.Tensor(
            height=height, width=width, channels=channels, element_type=s.U8,
            scale=float(np.float32(1 / 255))))
        self.inputs.append(len(self.tensors) - 1)
        return self.inputs[-1]

    def typed_input(self, element_type, *shape):
        """A tensor of any type out of a raw input; i32 values reach beyond i16."""
        x = self.input(*shape)
        if element_type == s.U8:
            return self.map(x, s.U8, [(1, 0)])
        if element_type == s.I16:
            return self.spread(x)
        return self.map(x, s.I32, [(1, 23), (-1, 4)], bias=-2**30)

    def shape(self, index):
        return self.tensors[index].shape

    def type(self, index):
        return self.tensors[index].element_type

    def element_count(self, index):
        return int(np.prod(self.shape(index)))

    def range_of(self, index):
        return s.element_range(self.type(index))

    # Requantizers

    def requantizer(self, output, centre, spread, per_channel=True, wide=False, shift=None,
                    term_count=3, bounds=None, residual=None, entries=None, sign=0,
                    entry_count=None):
        low, high = self.range_of(output)
        if bounds is None:
            bounds = (low, high)
        if shift is None:
            shift = self.random.integer(*{s.U8: (4, 14), s.I16: (0, 13), s.I32: (0, 3)}[
                self.type(output)])
        if entries is None:
            # An i32 output keeps the magnitude of its sums.
            count = entry_count or (self.shape(output)[2] if per_channel else 1)
            centres = centre if isinstance(centre, list) else [centre] * count
            spreads = spread if isinstance(spread, list) else [spread] * count
            entries = []
            for c in range(count):
                target = bounds if self.type(output) != s.I32 else (-2 * spreads[c], 2 * spreads[c])
                entries.append(random_entry(
                    self.random, centres[c], spreads[c], *target, shift, term_count, wide, sign))
        return Requantizer(
            residual=residual, table=entries, shift=shift, wide=wide, output_min=bounds[0],
            output_max=bounds[1])

    # Operations

    def append(self, operation):
        self.operations.append(operation)
        return operation.output

    def map(self, x, element_type, terms, bias=0, centre=0, shift=0, bounds=None, wide=False):
        """requantize with one entry for all channels."""
        output = self.tensor(self.shape(x), element_type)
        low, high = bounds or s.element_range(element_type)
        return self.append(Requantize(x, output, Requantizer(
            table=[Entry(centre, bias, terms)], shift=shift, wide=wide, output_min=low,
            output_max=high)))

    def spread(self, x):
        """u8 over the whole range of i16: x * 257 - 32768."""
        return self.map(x, s.I16, [(1, 8), (1, 0)], bias=-32768)

    def with_bits(self, x, bits):
        """An input of the given bit width, out of a raw u8 input."""
        if bits == 16:
            return self.spread(x)
        return x if bits == 8 else self.map(x, s.U8, [(1, 0)], shift=8 - bits)

    def _patch(self, x, window, output_channels, groups, element_type, high, conversion,
               pad_values):
        channels = self.shape(x)[2]
        low = s.element_range(element_type)[0]
        if pad_values is None:
            pad_values = self.random.integers(channels, low, high)
        patch = Patch(
            groups=groups, input_channels=channels // groups,
            output_channels=output_channels // groups, element_type=element_type,
            pad_values=np.array(pad_values).astype(s.ELEMENT_DTYPES[element_type]))
        if conversion is not None:
            patch.converts = True
            patch.input_shift, patch.input_offset, patch.patch_min, patch.patch_max = conversion
        output_shape = (*window.output_extent(*self.shape(x)[:2]), output_channels)
        return patch, output_shape

    def adder2d(self, x, output_channels, window, groups=1, bits=8, output_type=s.U8,
                conversion=None, pad_values=None, filters=None, **requantizer):
        """`conversion` is (inputShift, inputOffset, patchMin, patchMax) for an i16 input."""
        element_type = s.I16 if bits == 16 else s.U8
        low, high = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        patch, shape = self._patch(
            x, window, output_channels, groups, element_type, high, conversion, pad_values)
        count = patch.element_count(window)
        if filters is None:
            filters = self.random.integers(output_channels * count, low, high)
        filters = np.array(filters).astype(s.ELEMENT_DTYPES[element_type])
        # The difference of two even numbers in 0...R has the mean R/3 and the deviation .236 R.
        output = self.tensor(shape, output_type)
        made = self.requantizer(
            output, (high - low) * count / 3, 0.6 * (high - low) * count**0.5, **requantizer)
        return self.append(Adder2D(
            x, output, window, made, patch,
            filters.reshape(groups, patch.output_channels, count)))

    def conv2d(self, x, output_channels, window, groups=1, bits=8, weight_bits=8,
               output_type=s.U8, conversion=None, pad_values=None, planes=None, **requantizer):
        element_type = s.I16 if bits == 16 else s.U8
        low, high = (-32768, 32767) if bits == 16 else (0, 2**bits - 1)
        patch, shape = self._patch(
            x, window, output_channels, groups, element_type, high, conversion, pad_values)
        count = patch.element_count(window)
        largest = 2**(weight_bits - 1) - 1
        centres = [0] * output_channels
        if planes is None:
            weights = [
                self.random.integers(count, -largest, largest) for _ in range(output_channels)]
            planes = [planes_of_weights(row) for row in weights]
            centres = [sum(row) * (low + high) / 2 for row in weights]
        output = self.tensor(shape, output_type)
        made = self.requantizer(
            output, centres, 0.3 * largest * (high - low) * count**0.5, **requantizer)
        return self.append(Conv2D(x, output, window, made, patch, planes))

    def requantize(self, x, output_type=s.U8, **requantizer):
        low, high = self.range_of(x) if self.type(x) != s.I32 else (-30000, 30000)
        output = self.tensor(self.shape(x), output_type)
        return self.append(Requantize(x, output, self.requantizer(
            output, (low + high) / 2, (high - low) / 2, **requantizer)))

    def add(self, first, second, output_type=s.U8, second_entry=None, term_count=3, wide=False,
            **requantizer):
        output = self.tensor(self.shape(first), output_type)
        low, high = self.range_of(first) if self.type(first) != s.I32 else (-30000, 30000)
        made = self.requantizer(
            output, (low + high) / 2, (high - low) / 2, per_channel=False, wide=wide,
            term_count=term_count, **requantizer)
        if second_entry is None:
            low, high = self.range_of(second) if self.type(second) != s.I32 else (-30000, 30000)
            target = (-30000, 30000) if output_type == s.I32 else self.range_of(output)
            second_entry = random_entry(
                self.random, (low + high) / 2, high - low, *target, made.shift, term_count, wide)
        return self.append(Add(first, second, output, made, [second_entry]))

    def max_pool(self, x, window):
        shape = (*window.output_extent(*self.shape(x)[:2]), self.shape(x)[2])
        return self.append(MaxPool(x, self.tensor(shape, self.type(x)), window))

    def average_pool(
            self, x, window, output_type=s.U8, pad_values=None, leaves_out_padding=False,
            **requantizer):
        shape = (*window.output_extent(*self.shape(x)[:2]), self.shape(x)[2])
        low, high = self.range_of(x) if self.type(x) != s.I32 else (-30000, 30000)
        if pad_values is None:
            pad_values = self.random.integers(shape[2], low, high)
        count = window.kernel_height * window.kernel_width
        output = self.tensor(shape, output_type)
        if leaves_out_padding:
            counts = range(count + 1)
            made = self.requantizer(
                output, [n * (low + high) / 2 for n in counts],
                [(high - low) * max(n, 1)**0.5 / 2 for n in counts], entry_count=count + 1,
                **requantizer)
            return self.append(AveragePool(x, output, window, made, None))
        made = self.requantizer(
            output, count * (low + high) / 2, (high - low) * count**0.5 / 2, **requantizer)
        return self.append(AveragePool(
            x, output, window, made,
            np.array(pad_values).astype(s.ELEMENT_DTYPES[self.type(x)])))

    def concat(self, *inputs):
        height, width, _ = self.shape(inputs[0])
        channels = sum(self.shape(x)[2] for x in inputs)
        output = self.tensor((height, width, channels), self.type(inputs[0]))
        return self.append(Concat(output, list(inputs)))

    def copy(self, kind, x, *fields):
        """An operation of one of the classes of `Copy`, whose fields follow `output`."""
        operation = kind(x, None, *fields)
        operation.output = self.tensor(operation.output_shape(*self.shape(x)), self.type(x))
        return self.append(operation)

    def upsample_nearest(self, x, factor_height, factor_width):
        return self.copy(UpsampleNearest, x, factor_height, factor_width)

    def pad(self, x, top, left, bottom, right, pad_values=None):
        if pad_values is None:
            pad_values = self.random.integers(self.shape(x)[2], *self.range_of(x))
        return self.copy(
            Pad, x, top, left, bottom, right,
            np.array(pad_values).astype(s.ELEMENT_DTYPES[self.type(x)]))

    def flatten(self, x):
        return self.copy(Flatten, x)

    # Finishing

    def case(self, *outputs, fill="random", named=False, normalized=False, share=False):
        """(name, model, image). `share` puts outputs in place wherever the rules allow it."""
        model = s.Model(self.tensors, self.operations, self.inputs, list(outputs))
        if named:
            model.names = [self.name]
            model.names += [f"tensor{index}" for index in range(len(self.tensors))]
            model.names += [f"layer.{index} é" for index in range(len(self.operations))]
            model.class_names = [
                f"class {index}" for index in range(self.shape(outputs[0])[2])]
        if normalized:
            model.normalization = [
                ([0.5] * self.shape(x)[2], [0.25] * self.shape(x)[2]) for x in self.inputs]
        in_place = self.in_place + (shareable_pairs(model) if share else [])
        return self.name, plan(model, in_place), [self.image(x, fill) for x in self.inputs]

    def image(self, index, fill):
        shape = self.shape(index)
        count = self.element_count(index)
        values = {
            "random": lambda: self.random.integers(count, 0, 255),
            "zeros": lambda: [0] * count,
            "full": lambda: [255] * count,
            "extremes": lambda: [self.random.choice((0, 255)) for _ in range(count)],
            "ramp": lambda: [position % 256 for position in range(count)],
        }[fill]()
        return np.array(values, np.uint8).reshape(shape)
