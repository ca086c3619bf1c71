"""Published measurements of layers on a Cortex-M4 at 84 MHz, and cycles by the classes they name.

The file is CSV with the columns DSP, Layer type, Kernel size, Latency (s), Total_Instructions and
shares of the instructions, Load_Ratio, Store_Ratio, Branch_Ratio and MAC_Ratio; others are ignored.
"""

import csv
import math

HERTZ = 84e6
# Arm Cortex-M4 Technical Reference Manual, table 3-1: a load takes 2, a store 1, a product that is
# accumulated 1, a taken branch 1 + P, P of 1 to 3 to refill the pipeline, here the most; others 1.
CYCLES = {"Load": 2, "Store": 1, "Branch": 4, "MAC": 1}
OTHER = 1
BRANCHES = (2, 3, 4)  # all the manual allows
TEXTS = ["DSP", "Layer type", "Kernel size"]
NUMBERS = ["Latency (s)", "Total_Instructions", *(f"{name}_Ratio" for name in CYCLES)]


class BadFile(ValueError):
    """What is wrong, in one line with the file and the row."""


class Layer:
    """A row: what it is, cycles measured, instructions of each class and of no class."""

    def __init__(self, texts, numbers):
        self.name, self.kind = " ".join(texts), texts[1]
        seconds, total, *shares = numbers
        self.measured = seconds * HERTZ
        self.counts = {name: share * total for name, share in zip(CYCLES, shares)}
        self.others = total - sum(self.counts.values())

    def error(self, branch=CYCLES["Branch"], other=OTHER):
        """How far the rule is from what was measured, in percent of that."""
        return 100 * (self.cycles(branch, other) / self.measured - 1)

    def cycles(self, branch=CYCLES["Branch"], other=OTHER):
        rule = CYCLES | {"Branch": branch}
        return sum(rule[name] * count for name, count in self.counts.items()) + other * self.others


def number(text, place):
    """A finite number above 0, of shares 0 and 1 and between."""
    is_share = place.endswith("_Ratio")
    expected = "a number of 0 to 1" if is_share else "a finite number above 0"
    try:
        value = float(text)
    except (TypeError, ValueError):
        found = repr(text) if text else "nothing"
        raise BadFile(f"{place}: {found}, expected {expected}") from None
    if not (0 <= value <= 1 if is_share else 0 < value < math.inf):
        raise BadFile(f"{place}: {text}, expected {expected}")
    return value


def read(path):
    """The layers of a file.

    Raises BadFile for one that has none, lacks columns, or whose numbers are no times or shares.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            layers = [layer(row, f"{path}: row {rows.line_num}")
                      for row in checked(rows, path)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: {error}, expected CSV in UTF-8") from None
    if not layers:
        raise BadFile(f"{path}: row 2: nothing, expected a row for each layer")
    return layers


def checked(rows, path):
    """The rows of a reader whose columns are as expected."""
    columns = TEXTS + NUMBERS
    if rows.fieldnames is None:
        raise BadFile(f"{path}: row 1: nothing, expected the columns {', '.join(columns)}")
    missing = [column for column in columns if column not in rows.fieldnames]
    if missing:
        raise BadFile(f"{path}: row 1: the columns {', '.join(rows.fieldnames)}, expected "
                      f"{', '.join(missing)}, too")
    return rows


def layer(row, place):
    if row.get(None):
        raise BadFile(f"{place}: more cells than columns, the first {row[None][0]!r}")
    numbers = [number(row[column], f"{place}: {column}") for column in NUMBERS]
    if sum(numbers[2:]) > 1 + 1e-9:
        raise BadFile(f"{place}: shares that sum to {sum(numbers[2:]):g}, expected at most 1")
    return Layer([row[column] or "" for column in TEXTS], numbers)


def mean(layers, branch=CYCLES["Branch"], other=OTHER):
    """The mean of the errors' amounts."""
    return sum(abs(layer.error(branch, other)) for layer in layers) / len(layers)


def fitted(layers, branch):
    """Cycles of other instructions: least squares of the relative errors."""
    shares = [layer.others / layer.measured for layer in layers]
    rests = [1 - layer.cycles(branch, 0) / layer.measured for layer in layers]
    return sum(s * r for s, r in zip(shares, rests)) / sum(s * s for s in shares)


def cross_validated(layers, branch):
    """The mean error where the layers of each type are predicted from those of other types.

    Also the least and the most cycles that other instructions were fitted to. None if there is but
    one type, or if only layers without other instructions are left.
    """
    errors, cycles = [], []
    for kind in sorted({layer.kind for layer in layers}):
        others = [layer for layer in layers if layer.kind != kind]
        if not any(layer.others > 0 for layer in others):
            return None
        cycles.append(fitted(others, branch))
        errors += [abs(layer.error(branch, cycles[-1])) for layer in layers if layer.kind == kind]
    return sum(errors) / len(errors), min(cycles), max(cycles)


def show(layers):
    """Prints each layer and the rules; returns the mean error of the rule that is judged."""
    print("measured and computed cycles, load 2, store 1, branch 4, multiply-accumulate 1, other 1")
    for layer in layers:
        print(f"{layer.name:28} {layer.measured:14.0f} {layer.cycles():14.0f}"
              f" {layer.error():+7.2f} %")
    worst = max((layer.error() for layer in layers), key=abs)
    print(f"{len(layers)} layers: {mean(layers):.2f} % off on average, the worst {worst:+.2f} %")
    for branch in BRANCHES:
        held_out = cross_validated(layers, branch)
        text = "" if held_out is None else (
            "; {:.2f} % with other {:.2f} to {:.2f}, fitted on the other types".format(*held_out))
        print(f"with branch {branch}: {mean(layers, branch):.2f} %{text}")
    return mean(layers)
