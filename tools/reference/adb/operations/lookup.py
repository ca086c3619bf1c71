"""lookup: a function of each element, by tables."""

import numpy as np

from .. import limits
from ..arithmetic import modular, signed
from ..layout import FOLLOWS
from ..structures import ELEMENT_DTYPES, I16, I32, U8, element_range
from .operation import Operation


class Lookup(Operation):
    """`tables` are [tables, entries], of the output's type for u8 inputs, of i32 for i16 ones."""

    name = "lookup"
    shareable = Operation.reads
    FIELDS = [
        ("input", "tensor"), ("output", "tensor"), ("tablesOffset", "constant"),
        ("tableCount", "u32", FOLLOWS),
        ("segmentShift", "u8", 0, limits.SEGMENT_SHIFT),
        ("shift", "u8", 0, limits.SHIFT),
        ("reserved", "u16"),
        ("outputMin", "i32"), ("outputMax", "i32"),
    ]

    def following(self, context):
        return {"tableCount": len(self.tables)}

    def check(self, at, context):
        source, output = context.source, context.output
        context.expect_shape(at, "output", self.output, source.shape)
        if at["tableCount"] not in (1, output.channels):
            raise at.error(
                "tableCount",
                f"tableCount is {at['tableCount']}, expected 1 or {output.channels}")
        if source.element_type == I16:
            at.within("segmentShift", 1, limits.SEGMENT_SHIFT)
        elif source.element_type == U8:
            at.expect("segmentShift", 0)
            at.expect("shift", 0)
        else:
            raise at.error("input", "the input's element type is not u8 or i16")
        low, high = element_range(output.element_type)
        at.within("outputMin", low, high)
        at.within("outputMax", self.output_min, high)

    def load(self, at, context):
        count = at["tableCount"]
        entries = entry_count(self.segment_shift)
        kind = I32 if self.segment_shift else context.output.element_type
        # Any entry will do, so that none is examined.
        self.tables = context.constants.array(
            at, "tablesOffset", count * entries, ELEMENT_DTYPES[kind], examined=False
        ).reshape(count, entries)

    def evaluate(self, x):
        rows = np.arange(x.shape[3]) if len(self.tables) > 1 else 0
        tables = self.tables.astype(np.int64)
        if self.segment_shift == 0:
            values = tables[rows, x.astype(np.int64)]
        else:
            size = np.int64(2**self.segment_shift)
            entry, rest = np.divmod(x.astype(np.int64) + 2**15, size)
            first, second = tables[rows, entry], tables[rows, entry + 1]
            total = first * size + rest * (second - first) + 2**self.shift // 2
            values = signed(modular(total % 2**32, False)).astype(np.int64) >> self.shift
        return np.clip(values, self.output_min, self.output_max)


def entry_count(segment_shift):
    """A byte has an entry for each number, an i16 one every 2^segment_shift and one behind."""
    return 2**(16 - segment_shift) + 1 if segment_shift else 2**8
