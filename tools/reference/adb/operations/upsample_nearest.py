"""upsampleNearest: each element repeated over a rectangle."""

import numpy as np

from .. import limits
from .operation import Copy


class UpsampleNearest(Copy):
    name = "upsampleNearest"
    FIELDS = Copy.FIELDS + [
        ("factorHeight", "u16", 1, limits.FACTOR),
        ("factorWidth", "u16", 1, limits.FACTOR),
    ]

    def output_shape(self, height, width, channels):
        return height * self.factor_height, width * self.factor_width, channels

    def evaluate(self, x):
        rows = np.arange(x.shape[1] * self.factor_height) // self.factor_height
        columns = np.arange(x.shape[2] * self.factor_width) // self.factor_width
        return x[:, rows][:, :, columns]
