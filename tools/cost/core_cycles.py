"""What instructions take on the cores of tools/rtl: measured, fitted and written to targets."""

import json
import sys

import numpy as np

from classes import CLASSES
from counts import read_counts, read_samples
from features import KERNELS

REPEATS = 16  # of instructions.c
DIGITS = 2
MEMORY = "memory that answers in the next cycle"
EXACT = f"tools/cost/cycles: each kind alone in RTL simulation; {MEMORY}"
FITTED = f"tools/cost/cycles: fitted to operations in RTL simulation, within its kinds; {MEMORY}"


def instruction_cycles(path):
    """For each class the cycles (low, high), from the lines of instructions.c."""
    found = {}
    for line in path.read_text().splitlines():
        name, steps, *groups = line.split()
        found.setdefault(name, []).append((int(steps), int("".join(groups)) / REPEATS))
    # A shift by no step, and what each step adds.
    unshifted = min(cycles for steps, cycles in found["shift"] if steps == 0)
    found["shift_steps"] = [
        (0, (cycles - unshifted) / steps) for steps, cycles in found["shift"] if steps > 0]
    return {name: (min(seen), max(seen)) for name, seen in (
        (name, [cycles for steps, cycles in lines if steps == 0])
        for name, lines in found.items())}


def bounded_least_squares(matrix, target, low, high):
    """The x of low...high that minimizes |matrix x - target|, one coordinate after the other."""
    x = (low + high) / 2
    squares = (matrix**2).sum(axis=0)
    for _ in range(10_000):
        for index in np.flatnonzero(squares):
            rest = target - matrix @ x + matrix[:, index] * x[index]
            x[index] = np.clip(matrix[:, index] @ rest / squares[index], low[index], high[index])
    return x


def fit(folder, core):
    """For each class the cycles (value, low, high), of a folder that tools/cost/measure and
    tools/cost/simulate have counted."""
    bounds = instruction_cycles(folder / f"{core}.instructions")
    names = list(bounds)
    counted = {(sample.model, sample.index): sample.counts
               for sample in read_counts(folder, "rv32i")}
    samples = read_samples(folder / f"{core}.cycles", KERNELS["rv32i"])
    counts = np.array([counted[sample.model, sample.index] for sample in samples], float)
    unknown = [name for name, column in zip(CLASSES, counts.T)
               if column.any() and name not in bounds]
    if unknown:
        sys.exit(f"cycles: instructions.c has none of {', '.join(unknown)}")
    # Errors relative to an operation's cycles, so that each weighs alike.
    weights = 1 / np.array([sample.counts[0] for sample in samples], float)
    matrix = counts[:, [CLASSES.index(name) for name in names]] * weights[:, None]
    low, high = (np.array([bounds[name][side] for name in names], float) for side in (0, 1))
    values = bounded_least_squares(matrix, np.ones(len(samples)), low, high)
    errors = 100 * (matrix @ values - 1)
    print(f"{core}: {len(samples)} operations, root mean square {rms(errors):.2f} %, the worst"
          f" {max(errors, key=abs):+.2f} %; fitted are"
          f" {', '.join(name for name in names if bounds[name][0] < bounds[name][1]) or 'none'}")
    return {name: (round(float(value), DIGITS), *bounds[name])
            for name, value in zip(names, values)}


def rms(errors):
    return float(np.sqrt((np.asarray(errors) ** 2).mean()))


def write_target(path, cycles):
    """Replaces the cycles of classes in a target, in the order of CLASSES."""
    content = json.loads(path.read_text())
    kept = {name: quantity for name, quantity in content["constants"].items()
            if not name.startswith("cycles_") or name == "cycles_multiply_accumulate"}
    number = lambda value: int(value) if value == int(value) else value  # noqa: E731
    measured = {}
    for name in CLASSES:
        if name in cycles:
            value, low, high = map(number, cycles[name])
            measured[f"cycles_{name}"] = {
                "value": value, "low": low, "high": high, "unit": "cycles",
                "source": EXACT if low == high else FITTED, "quality": "measured"}
    content["constants"] = measured | kept
    path.write_text(target_text(content))


def target_text(content):
    """JSON with a line for each constant's number and one for its source."""
    lines = []
    for name, value in content.items():
        if name != "constants":
            lines.append(f"  {json.dumps(name)}: {json.dumps(value)}")
            continue
        rows = []
        for constant, quantity in value.items():
            first, second = (", ".join(
                f"{json.dumps(key)}: {json.dumps(quantity[key], ensure_ascii=False)}"
                for key in keys) for keys in (("value", "low", "high", "unit"),
                                              ("source", "quality")))
            rows.append(f'    "{constant}": {{{first},\n      {second}}}')
        lines.append('  "constants": {\n' + ",\n".join(rows) + "\n  }")
    return "{\n" + ",\n".join(lines) + "\n}\n"
