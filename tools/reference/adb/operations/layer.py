"""What adder2d and conv2d have in common: patches, and a requantizer with a residual."""

import numpy as np

from ..arithmetic import patches, requantize, signed
from ..groups import Patch, Requantizer
from .operation import Windowed

# Positions of one layer's patches held at once: they take K times the memory of the input.
POSITIONS_PER_STEP = 16384


class Layer(Windowed):
    """Subclasses have `sums`, from the patches [K, positions] of a group to [outputChannels,
    positions], and `dtype`, the type of the elements it takes."""

    TAKES_RESIDUAL = True
    FIELDS = Windowed.FIELDS + [("requantizer", Requantizer), ("patch", Patch)]

    @property
    def reads(self):
        residual = self.requantizer.residual
        return [self.input] + ([] if residual is None else [residual])

    @property
    def shareable(self):
        return [index for index in self.reads if index != self.input]

    @property
    def scratch(self):
        start = self.patch.scratch_offset
        return start, start + self.patch.scratch_byte_count(self.window)

    def evaluate(self, x, residual=None):
        height, width = self.window.output_extent(x.shape[1], x.shape[2])
        step = max(1, POSITIONS_PER_STEP // (height * width))
        return np.concatenate([
            self._evaluate(
                x[start:start + step], (height, width),
                None if residual is None else residual[start:start + step])
            for start in range(0, len(x), step)])

    def _evaluate(self, x, extent, residual):
        acc = np.concatenate([
            self.sums(patches(x, self.window, self.patch, group, self.dtype()), group)
            for group in range(self.patch.groups)])
        acc = np.ascontiguousarray(acc.reshape(-1, len(x), *extent).transpose(1, 2, 3, 0))
        return requantize(signed(acc), self.requantizer, residual)
