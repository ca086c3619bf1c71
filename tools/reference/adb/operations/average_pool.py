"""averagePool: the sum of a window, requantized."""

import numpy as np

from ..arithmetic import integers, modular, requantize, signed, taps
from ..groups import Requantizer
from .operation import Pool


class AveragePool(Pool):
    """`pad_values` has one element of the input's type for each channel."""

    name = "averagePool"
    FIELDS = Pool.FIELDS + [("requantizer", Requantizer), ("padValuesOffset", "constant")]

    def load(self, at, context):
        self.pad_values = context.pad_values(at, context.source.element_type)

    def evaluate(self, x):
        wide = self.requantizer.wide
        acc = np.zeros((), integers(wide)[0])
        for elements in taps(x, self.window, self.pad_values):
            acc = acc + modular(elements, wide)
        return requantize(signed(acc), self.requantizer)
