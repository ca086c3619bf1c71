"""averagePool: the sum of a window, requantized."""

import numpy as np

from ..arithmetic import integers, modular, requantize, signed, taps
from ..groups import Requantizer
from .operation import Pool


class AveragePool(Pool):
    """`pad_values` has one element of the input's type for each channel, or is None: then padded taps
    do not count, and entry n of the requantizer is for n taps inside the input."""

    name = "averagePool"
    FIELDS = Pool.FIELDS + [("requantizer", Requantizer), ("padValuesOffset", "constant?")]

    def entry_counts(self, output):
        if self.pad_values is None:
            return (self.window.kernel_height * self.window.kernel_width + 1,)
        return super().entry_counts(output)

    def load(self, at, context):
        if self.pad_values is not None:
            self.pad_values = context.pad_values(at, context.source.element_type)

    def evaluate(self, x):
        wide = self.requantizer.wide
        acc = np.zeros((), integers(wide)[0])
        for elements in taps(x, self.window, 0 if self.pad_values is None else self.pad_values):
            acc = acc + modular(elements, wide)
        if self.pad_values is not None:
            return requantize(signed(acc), self.requantizer)
        inside = sum(taps(np.ones((1, *x.shape[1:3], 1), np.int64), self.window, 0))[0, ..., 0]
        result = np.empty(acc.shape, np.int64)
        for count in np.unique(inside):
            shared = self.requantizer.sharing(int(count))
            result[:, inside == count] = requantize(signed(acc[:, inside == count]), shared)
        return result
