"""Prints measurements, and writes and compares the file of them."""

import json
import pathlib
import subprocess
import sys

from energy import PARTS
from netlist import STYLES
from simulate import SIZE

SOURCE = "tools/gates/run"
QUALITY = "simulated gates"
MAIN_STYLE = next(iter(STYLES))
# Rows of a report: operations on a layer's own filters, on its twins' weights, and on the weights
# of a layer that is a convolution.
ROWS = {"sad": "abs(x - w)", "twin": "x * w", "trained": "x * w, trained"}


def row_of(m):
    return {"adder": "sad", "trained": "trained"}.get(m.weights, "twin")


def select(found, style, row):
    return [m for m in found if m.netlist.style == style and row_of(m) == row]


def cumulative(parts):
    """Energy with one part, two and so on."""
    return [sum(parts[part] for part in PARTS[:count + 1]) for count in range(len(PARTS))]


def mean(measurements, value):
    """Over layers by their number of operations; twins of a layer count alike."""
    weights = [m.layer.operation_count for m in measurements]
    return sum(weight * value(m) for weight, m in zip(weights, measurements)) / sum(weights)


def mean_parts(measurements):
    return {part: mean(measurements, lambda m: m.parts[part]) for part in PARTS}


def interval(values):
    return f"{min(values):.2f} to {max(values):.2f}"


def show(title, found, still):
    print(f"\n{title}: pJ an operation, mean over the layers\n")
    print("| sums of | operation | area, µm² | arithmetic | and accumulator | and operands |")
    print("|---|---|---|---|---|---|")
    for style in dict.fromkeys(m.netlist.style for m in found):
        selected = {row: select(found, style, row) for row in ROWS}
        values = {
            row: [measurements[0].netlist.area, *cumulative(mean_parts(measurements))]
            for row, measurements in selected.items() if measurements}
        for row, (area, *energies) in values.items():
            print_row(style, ROWS[row], f"{area:.0f}", *(f"{e:.1f}" for e in energies))
        if "sad" in values:
            ratios = zip(values["sad"], values["twin"])
            print_row(style, "ratio", *(f"{m / s:.2f}" for s, m in ratios))
            own = {m.layer: cumulative(m.parts) for m in selected["sad"]}
            every = ([m / s for s, m in zip(own[twin.layer], cumulative(twin.parts))]
                     for twin in selected["twin"])
            print_row(style, "ratio, layers and twins", "", *map(interval, zip(*every)))
    show_layers(found)
    for m in still:
        moving = next(other for other in found if (other.netlist, other.layer, other.weights) == (
            m.netlist, m.layer, m.weights))
        share = 1 - m.parts["arithmetic"] / moving.parts["arithmetic"]
        print(f"glitches in {m.layer.name}: {share:.0%} of the arithmetic of {ROWS[row_of(m)]}")


def show_layers(found):
    twins = list(dict.fromkeys(m.weights for m in found if m.netlist.kind == "mac"))
    print(f"\nby layer, {MAIN_STYLE}: pJ, and the ratio to the layer's own absolute differences\n")
    print_row("layer", "K", ROWS["sad"], *(f"x * w, {twin}" for twin in twins))
    print_row(*["---"] * (3 + len(twins)))
    measured = {(m.layer.name, m.weights): m for m in found if m.netlist.style == MAIN_STYLE}
    for layer in dict.fromkeys(m.layer for m in found):
        own = measured.get((layer.name, "adder"))
        cells = [f"{own.total:.1f}" if own else ""]
        for twin in twins:
            m = measured.get((layer.name, twin))
            ratio = f" ({m.total / own.total:.2f})" if m and own else ""
            cells.append(f"{m.total:.1f}{ratio}" if m else "")
        print_row(layer.name, len(layer.patches), *cells)
    print()


def print_row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def left_out(title, chosen, bits):
    names = ", ".join(layer.name for layer in chosen)
    print(f"\n{title}: left out of the {bits}-bit operations: {names}")


def number(value, unit, low=None, high=None):
    rounded = [float(f"{v:.4g}") for v in
               (value, value if low is None else low, value if high is None else high)]
    return dict(zip(("value", "low", "high"), rounded), unit=unit, source=SOURCE, quality=QUALITY)


def operations(found):
    """Entries of the file: means in the main style, intervals over layers, twins, styles."""
    entries = {}
    for kind, row in (("sad", "sad"), ("mac", "twin")):
        main = select(found, MAIN_STYLE, row)
        every = [m for style in STYLES for m in select(found, style, row)]
        areas, totals = [m.netlist.area for m in every], [m.total for m in every]
        netlist = main[0].netlist
        entries[f"{kind}{netlist.bits}"] = {
            "lanes": number(1, "1"), "cycles": number(1, "cycles"),
            "accumulator": number(netlist.accumulator, "bits"),
            "area": number(netlist.area, "um2", min(areas), max(areas)),
            "energy": number(mean(main, lambda m: m.total), "pJ", min(totals), max(totals)),
            "parts": {
                part: number(value, "pJ", min(m.parts[part] for m in every),
                             max(m.parts[part] for m in every))
                for part, value in mean_parts(main).items()}}
    return entries


def tools():
    """Of these programs' versions the numbers depend."""
    versions = (subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
                for command in (["yosys", "-V"], ["iverilog", "-V"]))
    return [" ".join(version.split(" (")[0].split()) for version in versions]


def write_target(path, entries, library, period):
    target = {
        "name": "osu018-gates", "kind": "array", "quality": QUALITY,
        "source": f"{SOURCE}: {library.name}, 180 nm, typical; no wires, clock tree or memories",
        "tools": tools(),
        "clock": number(1e12 / period, "Hz"), "vdd": number(library.voltage, "V"),
        "array": {"rows": number(SIZE, "1"), "columns": number(SIZE, "1")},
        "op": entries, "memory": []}
    pathlib.Path(path).write_text(json.dumps(target, indent=2) + "\n")
    print(f"\n{path}: written")


ENERGY_TOLERANCE = 0.01


def compare(path, entries):
    """Exits with 1 where the file says something else.

    Operands are a compiled model's integers. Another compiler may choose a few otherwise, which
    moves energies by parts in a thousand; areas are of the synthesis alone.
    """
    expected = json.loads(pathlib.Path(path).read_text())
    if expected["tools"] != tools():
        print(f"{path}: NOT compared, it is of {expected['tools']}, here are {tools()}")
        return
    for name, entry in entries.items():
        for key in ("area", "energy"):
            found, want = entry[key]["value"], expected["op"][name][key]["value"]
            if abs(found - want) > (ENERGY_TOLERANCE * want if key == "energy" else 0):
                sys.exit(f"tools/gates/run: {path}: {name} has the {key} {want}, found {found}")
    print(f"{path}: equal areas of {', '.join(entries)}, energies within {ENERGY_TOLERANCE:.0%}")
