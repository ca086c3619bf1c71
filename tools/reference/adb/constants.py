"""Decodes constants: channel tables, pad values, filters and digits."""

import numpy as np

from .reader import FormatError
from .structures import ELEMENT_DTYPES, Entry


class Constants:
    """The constants section: offsets passed in are relative to its start."""

    def __init__(self, reader, start, byte_count):
        self.reader = reader
        self.start = start
        self.end = start + byte_count

    def place(self, field_offset, relative_offset, byte_count, name):
        """The absolute offset of a constant, after checks of alignment and bounds."""
        if relative_offset % 4:
            raise FormatError(
                field_offset, f"{name} is {relative_offset}, expected a multiple of 4")
        absolute = self.start + relative_offset
        if absolute + byte_count > self.end:
            raise FormatError(
                field_offset,
                f"{name} is {relative_offset}, its {byte_count} bytes end past the"
                f" {self.end - self.start} bytes of the constants")
        return absolute

    def table(self, field_offset, relative_offset, entry_count, wide, name):
        """Channel entries of a requantizer."""
        entry_bytes = 24 if wide else 16
        base = self.place(field_offset, relative_offset, entry_count * entry_bytes, name)
        return [self._entry(base + index * entry_bytes, wide) for index in range(entry_count)]

    def _entry(self, offset, wide):
        kind, number_bytes, highest_shift = ("i64", 8, 62) if wide else ("i32", 4, 31)
        centre = self.reader.number(kind, offset, "centre")
        bias = self.reader.number(kind, offset + number_bytes, "bias")
        terms_offset = offset + 2 * number_bytes
        terms = []
        ended = False
        for index in range(terms_offset, terms_offset + 8):
            byte = self.reader.number("u8", index, "term")
            if byte == 0xFF:
                ended = True
            elif ended:
                raise FormatError(index, f"term is {byte}, expected 255 after the list's end")
            elif byte & 0x40:
                raise FormatError(index, f"term is {byte}, expected zero in bit 6")
            elif byte & 0x3F > highest_shift:
                raise FormatError(
                    index, f"term shifts by {byte & 0x3F}, expected at most {highest_shift}")
            else:
                terms.append((-1 if byte & 0x80 else 1, byte & 0x3F))
        return Entry(centre, bias, terms)

    def pad_values(self, field_offset, relative_offset, count, element_type):
        """One element a channel."""
        dtype = ELEMENT_DTYPES[element_type]
        base = self.place(
            field_offset, relative_offset, count * dtype.itemsize, "padValuesOffset")
        return self.reader.array(dtype, base, count, "pad values")

    def filters(self, field_offset, relative_offset, patch, window):
        """Filters [groups, output_channels, K] out of their interleaved pairs."""
        dtype = ELEMENT_DTYPES[patch.element_type]
        element_count = patch.element_count(window)
        word_count = patch.word_count(window)
        pair_count = (patch.output_channels + 1) // 2
        byte_count = patch.groups * pair_count * (8 + word_count * 8)
        base = self.place(field_offset, relative_offset, byte_count, "filtersOffset")
        words = self.reader.array(np.dtype("<u4"), base, byte_count // 4, "filters")
        # [groups, pairs, sums and words, filter of the pair] -> [groups, filters, elements]
        words = words.reshape(patch.groups, pair_count, 1 + word_count, 2)
        sums = words[:, :, 0].reshape(-1)
        words = words[:, :, 1:].transpose(0, 1, 3, 2)
        elements = np.ascontiguousarray(words).view(dtype)
        elements = elements.reshape(patch.groups, 2 * pair_count, -1)
        if elements[:, :, element_count:].any():
            raise FormatError(base, "a filter's last word is not filled up with zeros")
        if elements[:, patch.output_channels:].any():
            raise FormatError(base, "the second filter of an odd group's last pair is not zero")
        expected = elements.sum(2, np.int64).reshape(-1) % 2**32
        for index in np.flatnonzero(sums != expected):
            pair, filter_of_pair = divmod(int(index), 2)
            raise FormatError(
                base + pair * (8 + word_count * 8) + 4 * filter_of_pair,
                f"the sum of a filter is {sums[index]}, expected {expected[index]}")
        return elements[:, :patch.output_channels, :element_count].copy()

    def planes(self, field_offset, relative_offset, byte_count, channel_count, element_count):
        """The planes of each output channel of a conv2d."""
        if byte_count % 2:
            raise FormatError(
                field_offset + 4, f"digitsByteCount is {byte_count}, expected a multiple of 2")
        base = self.place(field_offset, relative_offset, byte_count, "digitsOffset")
        digits = _Digits(self.reader, base, byte_count, element_count)
        channels = []
        for _ in range(channel_count):
            planes = []
            for _ in range(digits.next("number of planes", 31)):
                added_count = digits.next("number of added taps", element_count)
                subtracted_count = digits.next("number of subtracted taps", element_count)
                planes.append((digits.taps(added_count), digits.taps(subtracted_count)))
            channels.append(planes)
        if digits.offset != digits.end:
            raise FormatError(
                digits.offset, f"digits go on to byte {digits.end}, expected their end")
        return channels


class _Digits:
    """Walks over the u16 values of a conv2d."""

    def __init__(self, reader, offset, byte_count, element_count):
        self.reader = reader
        self.offset = offset
        self.end = offset + byte_count
        self.element_count = element_count

    def next(self, name, high):
        if self.offset >= self.end:
            raise FormatError(self.offset, f"digits end before the {name}")
        value = self.reader.number("u16", self.offset, name, 0, high)
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
