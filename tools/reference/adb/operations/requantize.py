"""requantize: one element to one element."""

from ..arithmetic import requantize
from ..groups import Requantizer
from .operation import Operation


class Requantize(Operation):
    name = "requantize"
    shareable = Operation.reads
    FIELDS = [("input", "tensor"), ("output", "tensor"), ("requantizer", Requantizer)]

    def check(self, at, context):
        context.expect_shape(at, "output", self.output, context.source.shape)

    def evaluate(self, x):
        return requantize(x, self.requantizer)
