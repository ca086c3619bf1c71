"""adder2d: sums of absolute differences of patches and filters."""

import struct

import numpy as np

from ..layout import FOLLOWS
from ..reader import FormatError
from ..structures import ELEMENT_DTYPES, I16, U8
from .layer import Layer

# So many absolute differences fit in the type that sums them: 255 in an i16, 65535 in an i32.
RUN_LENGTHS = {U8: 128, I16: 32768}


class Adder2D(Layer):
    """`filters` is [groups, outputChannels of a group, K], of the patch's type."""

    name = "adder2d"
    FIELDS = Layer.FIELDS + [("filtersOffset", "constant"), ("filterMaximum", "i32", FOLLOWS)]

    def following(self, context):
        return {"filterMaximum": int(self.filters.max())}

    def contents(self):
        """Pairs of filters: the sum of each, then their words interleaved."""
        word_bytes = 4 * self.patch.word_count(self.window)
        result = b""
        for group in self.filters:
            rows = [f.tobytes().ljust(word_bytes, b"\0") for f in group]
            sums = [int(f.sum(dtype=np.int64)) % 2**32 for f in group]
            if len(rows) % 2:
                rows.append(bytes(word_bytes))
                sums.append(0)
            for pair in range(0, len(rows), 2):
                result += struct.pack("<II", *sums[pair:pair + 2])
                first, second = rows[pair:pair + 2]
                for start in range(0, word_bytes, 4):
                    result += first[start:start + 4] + second[start:start + 4]
        return {"filtersOffset": result}

    def load(self, at, context):
        patch, word_count = self.patch, self.patch.word_count(self.window)
        element_count = patch.element_count(self.window)
        pair_count = (patch.output_channels + 1) // 2
        words = context.constants.array(
            at, "filtersOffset", patch.groups * pair_count * (2 + word_count * 2),
            np.dtype("<u4"))
        base = context.constants.start + at["filtersOffset"]
        # [groups, pairs, sums and words, filter of the pair] -> [groups, filters, elements]
        words = words.reshape(patch.groups, pair_count, 1 + word_count, 2)
        sums = words[:, :, 0].reshape(-1)
        words = words[:, :, 1:].transpose(0, 1, 3, 2)
        elements = np.ascontiguousarray(words).view(ELEMENT_DTYPES[patch.element_type])
        elements = elements.reshape(patch.groups, 2 * pair_count, -1)
        if elements[:, :, element_count:].any():
            raise FormatError(base, "a filter's last word is not filled up with zeros")
        if elements[:, patch.output_channels:].any():
            raise FormatError(base, "the second filter of an odd group's last pair is not zero")
        expected = elements.sum(2, np.int64).reshape(-1) % 2**32
        for index in np.flatnonzero(sums != expected):
            pair, filter_of_pair = divmod(int(index), 2)
            raise FormatError(
                base + pair * (8 + word_count * 8) + 4 * filter_of_pair,
                f"the sum of a filter is {sums[index]}, expected {expected[index]}")
        self.filters = elements[:, :patch.output_channels, :element_count].copy()

    def dtype(self):
        # Wide enough for a difference: 9 bits for u8, 17 for i16.
        return np.int16 if self.patch.element_type == U8 else np.int32

    def sums(self, x, group):
        return sums_of_absolute_differences(x, self.filters[group], self.patch.element_type)


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
