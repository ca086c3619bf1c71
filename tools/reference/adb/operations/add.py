"""add: the sum of two tensors, each scaled."""

from ..arithmetic import clamp, scaled, shifted_right
from ..groups import Entry, Requantizer
from .operation import Operation


class Add(Operation):
    """`second_table` holds the one entry of the second input."""

    name = "add"
    shareable = Operation.reads
    FIELDS = [
        ("first", "tensor"),
        ("second", "tensor"),
        ("output", "tensor"),
        ("requantizer", Requantizer),
        ("secondTableOffset", "constant"),
    ]

    def contents(self):
        entry, = self.second_table
        return {"secondTableOffset": entry.bytes(self.requantizer.wide)}

    def check(self, at, context):
        shape = context.tensors[self.first].shape
        context.expect_shape(at, "second", self.second, shape)
        context.expect_shape(at, "output", self.output, shape)
        at["requantizer"].expect("entryCount", 1)

    def load(self, at, context):
        self.second_table = Entry.table(
            at, "secondTableOffset", 1, self.requantizer.wide, context)

    def evaluate(self, first, second):
        requantizer = self.requantizer
        total = (scaled(first, requantizer.table, requantizer.wide)
                 + scaled(second, self.second_table, requantizer.wide))
        return clamp(
            shifted_right(total, requantizer.shift), requantizer.output_min,
            requantizer.output_max)
