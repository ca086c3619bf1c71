"""concat: the channels of the inputs one after the other."""

import numpy as np

from .. import limits
from ..layout import FOLLOWS
from .operation import Operation


class Concat(Operation):
    name = "concat"
    FIELDS = [
        ("output", "tensor"),
        ("inputCount", "u32", 2, limits.CONCAT_INPUTS, FOLLOWS),
        ("inputs", "tensor[inputCount]"),
    ]

    def following(self, context):
        return {"inputCount": len(self.inputs)}

    def check(self, at, context):
        output = context.output
        for position, index in enumerate(self.inputs):
            name = f"inputs[{position}]"
            context.expect_same_type(at, name, index, self.output)
            channels = context.tensors[index].channels
            context.expect_shape(at, name, index, (output.height, output.width, channels))
        total = sum(context.tensors[index].channels for index in self.inputs)
        if total != output.channels:
            raise at.error(
                "output",
                f"tensor {self.output} has {output.channels} channels, expected {total}")

    def evaluate(self, *inputs):
        return np.concatenate(inputs, axis=3)
