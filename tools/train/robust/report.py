"""A table and a figure of what measure.py wrote: means over seeds, and intervals that hold the mean of
95 of 100 such sets of seeds (Student's t)."""

import argparse
import json
import math
from pathlib import Path

from network import KINDS

# Student's t of 95 %, two-sided, by degrees of freedom.
T95 = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def interval(values):
    """The mean and half the width of its interval; 0 for one value."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return mean, T95[min(9, len(values) - 1)] * deviation / math.sqrt(len(values))


def cell(values, scale=1.0, digits=1, sign=""):
    if not values:
        return ""
    mean, half = interval([scale * v for v in values])
    return f"{mean:{sign}.{digits}f}" + (f" ± {half:.{digits}f}" if len(values) > 1 else "")


def differences(records, value):
    """By seed: of normalized filters from plain ones."""
    of = {(r["kind"], r["seed"]): value(r) for r in records}
    return [of[kind, seed] - of["adder", seed] for kind, seed in sorted(of)
            if kind == "normalized" and ("adder", seed) in of]


def table(records):
    kinds = [kind for kind in KINDS if any(r["kind"] == kind for r in records)]
    of = {kind: [r for r in records if r["kind"] == kind] for kind in kinds}
    attacks = [key for key in records[0]["attacked"] if key not in ("count", "clean")]
    lines = ["| | " + " | ".join(KINDS[kind] for kind in kinds) + " | normalized less plain, by seed |",
             "|---" * (2 + len(kinds)) + "|"]

    def row(title, value, **format_):
        lines.append(f"| {title} | " + " | ".join(
            cell([value(r) for r in of[kind]], **format_) for kind in kinds)
            + f" | {cell(differences(records, value), sign='+', **format_)} |")

    for network in ("float", "integers"):
        row(f"clean, {network}, %", lambda r: r["clean"][network], scale=100, digits=2)
    for key in attacks:
        name, epsilon = key.split("-")
        for network in ("float", "integers"):
            row(f"{name.upper()}, ε = {epsilon}/255, {network}, %",
                lambda r: r["attacked"][key][network], scale=100)
    for index in range(4):
        row(f"layer {index + 1}: variance of filters", lambda r: r["layers"][index]["filters"], digits=3)
        row(f"layer {index + 1}: variance of outputs", lambda r: r["layers"][index]["outputs"], digits=2)
        row(f"layer {index + 1}: drift of running means, of a deviation, %",
            lambda r: r["drift"][index]["mean"], scale=100, digits=2)
        row(f"layer {index + 1}: drift of running variances, %",
            lambda r: r["drift"][index]["variance"], scale=100, digits=2)
    return "\n".join(lines) + "\n"


def draw(records, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for axis, name in zip(axes, ("fgsm", "pgd")):
        keys = ["clean"] + [key for key in records[0]["attacked"] if key.startswith(name + "-")]
        for place, (kind, title) in enumerate(KINDS.items()):
            chosen = [r["attacked"] for r in records if r["kind"] == kind]
            if not chosen:
                continue
            at = [group + 0.2 * (place - 1.5) for group in range(len(keys))]
            bars = [interval([100 * r[key]["integers"] for r in chosen]) for key in keys]
            axis.bar(at, [mean for mean, _ in bars], 0.18, yerr=[half for _, half in bars], capsize=2,
                     color=f"C{place}", label=title, error_kw={"elinewidth": 1})
            axis.plot(at, [interval([100 * r[key]["float"] for r in chosen])[0] for key in keys], "k_",
                      markersize=9, label="float networks, means" if place == 3 else None)
        axis.set_xticks(range(len(keys)), [
            "no attack" if key == "clean" else f"ε = {key.split('-')[1]}/255" for key in keys])
        axis.set_title(name.upper())
        axis.grid(True, axis="y", alpha=0.3)
        axis.set_axisbelow(True)
    axes[0].set_ylim(0, 100)
    axes[0].set_ylabel("accuracy of compiled integers, %")
    axes[1].legend(fontsize=8, loc="upper right")
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measured", type=Path, help="the JSON file of measure.py")
    parser.add_argument("--figure", type=Path, help="draw it, .png or .svg")
    options = parser.parse_args()
    records = json.loads(options.measured.read_text())
    print(table(records), end="")
    if options.figure:
        draw(records, options.figure)


if __name__ == "__main__":
    main()
