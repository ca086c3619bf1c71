#!/usr/bin/env python3
"""How often the parts of an operation's code run: the features of docs/kernel-costs.md.

    tools/cost/features.py MODEL.adb CORE

prints those of each operation as JSON.
"""

import json
import pathlib
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

from adb import structures as s  # noqa: E402
from adb.format import decode  # noqa: E402
from gathering import add_gathering  # noqa: E402
from moving import MOVING  # noqa: E402
from plan import KERNELS, plan  # noqa: E402
from scaling import TYPES, add_pairs, add_single_terms, add_stores, wide_shift  # noqa: E402

BYTES_PER_DRAIN, SEVEN_BITS_PER_DRAIN = 128, 510  # words


def quotient(dividend, divisor):
    """Rounded up."""
    return -(-dividend // divisor)


class Features(Counter):
    """Of one operation; names are `PART.WHAT`."""

    def __init__(self, model, operation, kernels, inputs_are_seven_bit=None):
        super().__init__()
        self.model, self.operation, self.kernels = model, operation, kernels
        self.output = model.tensors[operation.output]
        self.name = operation.name
        self[f"{self.name}.layers"] = 1
        if self.name in ("adder2d", "conv2d"):
            self.plan = plan(model, operation, kernels, inputs_are_seven_bit)
            self.add_filter_layer()
        elif self.name in MOVING:
            MOVING[self.name](self)
        else:
            getattr(self, "add_" + self.name)()
        for name in [name for name, count in self.items() if count == 0]:
            del self[name]

    def add(self, part, times, **counts):
        for name, count in counts.items():
            self[f"{part}.{name}"] += times * count

    # Filter layers

    def add_filter_layer(self):
        operation, patch = self.operation, self.operation.patch
        rows, width = self.output.height, self.output.width
        words = patch.word_count(operation.window)
        tiles, lone = rows * (width // 2), rows * (width % 2)
        two, one = tiles * patch.groups, lone * patch.groups
        self.add("walk", 1, cleared_words=2 * words, rows=rows, tiles=tiles, lone_tiles=lone,
                 groups=two + one)
        add_gathering(self, self.plan)
        if self.name == "conv2d":
            self.add_digits(two + one)
        else:
            self.add_differences(two, one, words)

    def add_differences(self, two, one, words):
        """`two` tiles have two positions, `one` tiles one; each counts once a group."""
        patch, sums = self.operation.patch, self.plan.sums
        if self.plan.examines_input:
            source = self.model.tensors[self.operation.input]
            self.add("adder2d", 1, examined_words=source.byte_count // 4, examinations=1)
        pairs, lone_filters = patch.output_channels // 2, patch.output_channels % 2
        if self.kernels != "dsp":
            self.add(sums, 2 * two + one, prepared_patches=1, prepared_words=words)
            if sums == "bytes":
                self.add(sums, 2 * two + one, prepared_drains=quotient(words, BYTES_PER_DRAIN))
        are_bytes = sums != "halves"
        is_fast = are_bytes and self.plan.scaling not in ("wide", "narrow")
        fast_tiles = two if is_fast else 0
        if pairs:
            self.add(sums, 1, fast_tiles=fast_tiles, slow_tiles=two + one - fast_tiles)
        else:
            self.add(sums, two + one, tiles_of_a_filter=1)
        if is_fast:
            self.add_sums("double", two * pairs, words)
            add_pairs(self, self.plan.scaling, two, range(pairs * 2))
        # Pairs of filters at tiles of two positions and of one, then the last filter at these.
        for kind, tiles, filters, is_double in (
                ("pairs", two - fast_tiles, pairs, True), ("pairs", one, pairs, False),
                ("lone_filters", two, lone_filters, True),
                ("lone_filters", one, lone_filters, False)):
            self.add(sums, tiles * filters, **{
                kind: 1, "double_totals" if is_double else "single_totals": 1})
            if is_double and not are_bytes:
                self.add_sums("double", tiles * filters, words)
            else:
                self.add_sums("single", tiles * filters * (1 + is_double), words)
        channels = range(pairs * 2)
        add_stores(self, two + one - fast_tiles, channels, is_widened=True)
        if lone_filters:
            add_stores(self, two + one, range(pairs * 2, pairs * 2 + 1), is_widened=True)

    def add_sums(self, kind, times, words):
        """Calls of the sums of a pair of filters and two patches, or one."""
        part = f"{self.plan.sums}.{kind}"
        odd = words % 2
        if self.plan.sums == "sevenBits":
            drains = max(1, quotient(words - odd, SEVEN_BITS_PER_DRAIN))
            parts = {"word_pairs": words // 2, "odd_words": odd, "drains": drains}
        elif self.plan.sums == "halves":
            parts = {"words": words}
        elif self.kernels != "dsp":
            parts = {"words": words, "drains": quotient(words, BYTES_PER_DRAIN)}
        elif kind == "single":
            parts = {"word_pairs": words // 2, "odd_words": odd}
        else:
            fours, twos = words // 4 % 2, words // 2 % 2
            tails = int(words % 4 > 0)
            parts = {"eights": words // 8, "fours": fours, "no_fours": 1 - fours, "twos": twos,
                     "no_twos": tails - twos, "odd_words": odd, "no_odd_words": tails - odd,
                     "no_tails": 1 - tails}
        if self.plan.sums != "halves" or kind == "single":
            parts["calls"] = 1
        self.add(part, times, **parts)

    def add_digits(self, tiles):
        """`tiles` counts once a group."""
        operation, patch = self.operation, self.operation.patch
        per_group = patch.output_channels
        is_wide = operation.requantizer.wide
        part = f"digits.{self.plan.sums}" + (".wide" if is_wide else "")
        self.add("digits", tiles, tiles=1)
        for planes in operation.digits:
            self.add(part, tiles // patch.groups, channels=1)
            for sign, digits in zip(("added", "subtracted"), zip(*planes)):
                counts = [len(taps) for taps in digits]
                self.add(part, tiles // patch.groups, **{
                    f"{sign}_pairs": sum(count // 2 for count in counts),
                    f"{sign}_odd": sum(count % 2 for count in counts),
                    f"{sign}_even": sum(1 - count % 2 for count in counts)})
        paired = 0
        if self.plan.scaling not in ("wide", "narrow"):
            paired = per_group // 2 * 2
            self.add("digits", tiles, pairs=paired // 2)
            add_pairs(self, self.plan.scaling, tiles, range(paired))
        self.add("digits", tiles, stores=per_group - paired)
        add_stores(self, tiles, range(paired, per_group))

    # Operations that requantize

    def add_requantize(self):
        source = self.model.tensors[self.operation.input]
        steps = quotient(source.height * source.width, 2)
        self.add("requantize", steps, steps=1,
                 **{"reads_" + TYPES[source.element_type]: 2 * source.channels})
        add_stores(self, steps, range(source.channels), is_widened=True)

    def add_add(self):
        operation, requantizer = self.operation, self.operation.requantizer
        part = "add.wide" if requantizer.wide else "add"
        count = self.output.height * self.output.width * self.output.channels
        self.add(
            part, count, elements=1, **(wide_shift(requantizer) if requantizer.wide else {}))
        for role, tensor in (("reads", operation.first), ("reads", operation.second),
                             ("stores", operation.output)):
            kind = TYPES[self.model.tensors[tensor].element_type]
            self.add("add", count, **{f"{role}_{kind}": 1})
        for table in (requantizer.table, operation.second_table):
            add_single_terms(self, part, count, table[0], requantizer.wide)

    def add_lookup(self):
        source = self.model.tensors[self.operation.input]
        part = "lookup." + TYPES[source.element_type]
        positions = source.height * source.width
        self.add(part, positions, positions=1)
        self.add(part, positions * source.channels, elements=1,
                 bits=self.operation.segment_shift,
                 **{"stores_" + TYPES[self.output.element_type]: 1})

    def add_averagePool(self):
        operation = self.operation
        channels = self.output.channels
        taps_in_window = operation.window.kernel_height * operation.window.kernel_width
        kind = TYPES[self.model.tensors[operation.input].element_type]
        leaves_out = operation.pad_values is None
        for rows, columns in self.pool_windows("averagePool"):
            self.add("averagePool", channels, channels=1, rows=rows,
                     pads=0 if leaves_out else taps_in_window - rows * columns,
                     **{"taps_" + kind: rows * columns, "pad_values_" + kind: 1})
            self.add("averagePool", 1, repeated_rows=rows)
            if leaves_out:
                add_stores(self, 1, range(channels), shared_entry=rows * columns)
        if not leaves_out:
            add_stores(self, self.output.height * self.output.width, range(channels))

    def add_maxPool(self):
        channels = self.output.channels
        kind = TYPES[self.output.element_type]
        for rows, columns in self.pool_windows("maxPool"):
            if (rows, columns) == (2, 2):
                self.add("maxPool", channels, **{"squares_" + kind: 1})
            else:
                self.add("maxPool", channels, **{
                    "elements_" + kind: 1, "rows_" + kind: rows, "taps_" + kind: rows * columns})

    def pool_windows(self, part):
        """Adds what each window takes before its channels; yields rows and columns inside."""
        window, source = self.operation.window, self.model.tensors[self.operation.input]
        self.add(part, self.output.height, output_rows=1)
        for row in range(self.output.height):
            for column in range(self.output.width):
                inside = [0, 0]
                for axis, (first, kernel, step, extent) in enumerate((
                        (row * window.stride_height - window.pad_top, window.kernel_height,
                         window.dilation_height, source.height),
                        (column * window.stride_width - window.pad_left, window.kernel_width,
                         window.dilation_width, source.width))):
                    places = [first + step * tap for tap in range(kernel)]
                    inside[axis] = sum(0 <= place < extent for place in places)
                    self.add(part, 1, taps_before=sum(place < 0 for place in places),
                             taps_inside=inside[axis],
                             taps_behind=sum(place >= extent for place in places))
                self.add(part, 1, windows=1)
                yield inside


def main():
    path, core = sys.argv[1:]
    model = decode(pathlib.Path(path).read_bytes())
    print(json.dumps(
        [dict(sorted(Features(model, operation, KERNELS[core]).items()))
         for operation in model.operations], indent=1))


if __name__ == "__main__":
    main()
