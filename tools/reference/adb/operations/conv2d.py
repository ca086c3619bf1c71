"""conv2d: sums of patch elements, plane by plane."""

import struct

import numpy as np

from .. import limits
from ..arithmetic import integers
from ..layout import FOLLOWS
from ..reader import FormatError
from .layer import Layer


class Conv2D(Layer):
    """`digits` holds each output channel's planes, the most significant first: pairs of lists,
    the taps to add and the taps to subtract."""

    name = "conv2d"
    FIELDS = Layer.FIELDS + [("digitsOffset", "constant"), ("digitsByteCount", "u32", FOLLOWS)]

    def following(self, context):
        return {"digitsByteCount": len(self.contents()["digitsOffset"])}

    def contents(self):
        values = []
        for planes in self.digits:
            values.append(len(planes))
            for added, subtracted in planes:
                values += [len(added), len(subtracted), *added, *subtracted]
        return {"digitsOffset": struct.pack(f"<{len(values)}H", *values)}

    def check(self, at, context):
        super().check(at, context)
        at.expect_multiple("digitsByteCount", 2)

    def load(self, at, context):
        element_count = self.patch.element_count(self.window)
        base = context.constants.place(at, "digitsOffset", at["digitsByteCount"])
        digits = _Digits(at.reader, base, base + at["digitsByteCount"], element_count)
        self.digits = []
        for _ in range(context.output.channels):
            planes = []
            for _ in range(digits.next("number of planes", limits.PLANES)):
                added_count = digits.next("number of added taps", element_count)
                subtracted_count = digits.next("number of subtracted taps", element_count)
                planes.append((digits.taps(added_count), digits.taps(subtracted_count)))
            self.digits.append(planes)
        if digits.offset != digits.end:
            raise FormatError(
                digits.offset, f"digits go on to byte {digits.end}, expected their end")

    def dtype(self):
        return integers(self.requantizer.wide)[1]

    def sums(self, x, group):
        unsigned = integers(self.requantizer.wide)[0]
        elements = x.view(unsigned)
        first = group * self.patch.output_channels
        sums = []
        for planes in self.digits[first:first + self.patch.output_channels]:
            acc = np.zeros(x.shape[1], unsigned)
            for added, subtracted in planes:
                acc = acc << unsigned(1)
                for i in added:
                    acc += elements[i]
                for i in subtracted:
                    acc -= elements[i]
            sums.append(acc)
        return np.stack(sums)


class _Digits:
    """Walks over the u16 values of a conv2d."""

    def __init__(self, reader, offset, end, element_count):
        self.reader = reader
        self.offset = offset
        self.end = end
        self.element_count = element_count

    def next(self, name, high):
        if self.offset >= self.end:
            raise FormatError(self.offset, f"digits end before the {name}")
        value, = self.reader.numbers("H", 1, self.offset)
        if value > high:
            raise FormatError(self.offset, f"{name} is {value}, expected 0...{high}")
        self.offset += 2
        return value

    def taps(self, count):
        taps = []
        for _ in range(count):
            tap = self.next("tap", self.element_count - 1)
            if taps and tap <= taps[-1]:
                raise FormatError(
                    self.offset - 2, f"tap {tap} follows tap {taps[-1]}, expected ascending")
            taps.append(tap)
        return taps
