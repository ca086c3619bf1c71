"""pad: a border of one value a channel."""

from .. import limits
from ..arithmetic import padded
from .operation import Copy


class Pad(Copy):
    """`pad_values` has one element of the input's type for each channel."""

    name = "pad"
    FIELDS = Copy.FIELDS + [
        ("padTop", "u16", 0, limits.PADDING),
        ("padLeft", "u16", 0, limits.PADDING),
        ("padBottom", "u16", 0, limits.PADDING),
        ("padRight", "u16", 0, limits.PADDING),
        ("padValuesOffset", "constant"),
    ]

    def output_shape(self, height, width, channels):
        return (height + self.pad_top + self.pad_bottom, width + self.pad_left + self.pad_right,
                channels)

    def load(self, at, context):
        self.pad_values = context.pad_values(at, context.source.element_type)

    def evaluate(self, x):
        return padded(
            x, self.pad_top, self.pad_left, self.pad_bottom, self.pad_right, self.pad_values)
