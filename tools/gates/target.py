#!/usr/bin/env python3
"""Writes the target of adderc estimate that follows from measured gates.

    tools/gates/target.py [MEASURED.json [TARGET.json]]

MEASURED.json is what tools/gates/run -o writes, by default tools/gates/osu018-gates.json, and
TARGET.json the built-in target of that name. The same file always gives the same bytes.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEASURED = ROOT / "tools/gates/osu018-gates.json"
TARGET = ROOT / "Sources/AdderCostModel/Resources/targets/osu018-gates.json"
BITS = 8
ABOUT = "docs/gates.md, LeNet-5 of 8 bits"
MEANS = f"{ABOUT}, full adders; bounds: layers, twins, both kinds of adders"


def target(measured):
    """The target: its constants' sums have the measured means and bounds.

    An absolute difference is counted as subtract + absolute + accumulate, a product as multiply +
    accumulate, digits, residuals and pools as accumulate alone. What was measured are the bounds of
    whole elements and of their parts, each over layers, twins and both kinds of adders. Parts do
    not take their least, or most, at the same time: to be right alone, accumulate has the sums of
    its parts' bounds, and subtract and multiply, which are never counted without it, what is left
    of the wholes' bounds.
    """
    difference, product = (measured["op"][f"{kind}{BITS}"] for kind in ("sad", "mac"))
    accumulate = total(difference["parts"], ("accumulator", "operands"))
    wholes = [{"value": total(op["parts"], op["parts"])["value"],
               "low": op["energy"]["low"], "high": op["energy"]["high"]}
              for op in (difference, product)]
    subtract, multiply = (
        {key: round(whole[key] - accumulate[key], 4) for key in accumulate} for whole in wholes)
    alone = difference["parts"]["arithmetic"]
    quality = measured["quality"]
    rows, columns = (int(measured["array"][key]["value"]) for key in ("rows", "columns"))
    left = "bounds: the whole element's less those of accumulate_energy"
    return {
        "schema": "adder-target-1", "name": measured["name"], "kind": measured["kind"],
        "summary": f"{rows} x {columns} elements of 180 nm cells, simulated; no memories",
        "energy_unit": "pJ",
        "constants": {
            "subtract_energy": quantity(
                subtract, "pJ", quality, f"{MEANS}: the arithmetic of |x - w|, all of it; {left}; "
                f"alone {alone['low']:.1f} to {alone['high']:.1f}"),
            "absolute_energy": exactly(0, "pJ", f"{ABOUT}: in subtract_energy"),
            "accumulate_energy": quantity(
                accumulate, "pJ", quality, f"{MEANS}: accumulator and operand registers of an "
                "absolute difference, with their clock pins"),
            "multiply_energy": quantity(
                multiply, "pJ", quality, f"{MEANS}: a product's element less accumulate_energy, so "
                f"with what its wider accumulator takes more; {left}"),
            "elements": exactly(rows * columns, "count", f"{ABOUT}: the array that was simulated"),
            "utilization": exactly(1, "count", f"{ABOUT}: every element works in every cycle"),
            "clock": exactly(measured["clock"]["value"], "Hz",
                             f"{ABOUT}: every netlist settles in its period"),
        }}


def total(parts, names):
    """Sums of parts' values and of their bounds."""
    return {key: round(sum(parts[name][key] for name in names), 4)
            for key in ("value", "low", "high")}


def quantity(interval, unit, quality, source):
    return {**interval, "unit": unit, "source": source, "quality": quality}


def exactly(value, unit, source):
    return quantity({key: value for key in ("value", "low", "high")}, unit, "definition", source)


def text(document):
    """The document as the built-in targets are written: a constant takes two lines."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in document.items()
             if key != "constants"]
    constants = []
    for name, constant in document["constants"].items():
        members = [f'"{key}": {json.dumps(value)}' for key, value in constant.items()]
        constants.append(
            f'    "{name}": {{{", ".join(members[:4])},\n      {", ".join(members[4:])}}}')
    return "\n".join(["{", *lines, '  "constants": {', ",\n".join(constants), "  }", "}"]) + "\n"


def main():
    if len(sys.argv) > 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    measured = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else MEASURED
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    try:
        path.write_text(text(target(json.loads(measured.read_text()))))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"tools/gates/target.py: {measured}: {error}")
    print(f"{path}: written")


if __name__ == "__main__":
    main()
