"""maxPool: the largest element of a window."""

import numpy as np

from ..arithmetic import taps
from .operation import Pool


class MaxPool(Pool):
    name = "maxPool"

    def check(self, at, context):
        super().check(at, context)
        context.expect_same_type(at, "output", self.input, self.output)
        height, width = self.window.extent
        window = at["window"]
        for name, extent in (
                ("padTop", height), ("padLeft", width), ("padBottom", height),
                ("padRight", width)):
            if window[name] >= extent:
                raise window.error(
                    name,
                    f"{name} is {window[name]}, expected less than the extent {extent}")

    def evaluate(self, x):
        # A padded tap takes the lowest value of the type: it is never larger than a tap inside,
        # and a window without one gives that value, as the text asks.
        return np.maximum.reduce(list(taps(x, self.window, np.iinfo(x.dtype).min)))
