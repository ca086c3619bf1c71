"""A chart of peers' times divided by ours: a line for each layer and network."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from peers import INTEGER_AND_FLOAT  # noqa: E402
from report import title  # noqa: E402

# Colours that are told apart without green and red, shapes for those who see no colours, and how far
# from the middle of a row, so that equal ratios do not cover each other.
STYLES = {
    "onnxruntime-int8": ("#0b62a4", "o", -0.16),
    "litert-int8": ("#d9730d", "s", 0.16),
    "onnxruntime-fp32": ("#6b6b6b", "D", 0),
}
TICKS = (0.5, 1, 2, 4, 8)


def rows(result):
    """Titles and ratios, networks of one image on one thread first."""
    networks = [entry for entry in result["networks"]
                if (entry["batch"], entry["threads"]) == (1, 1)]
    return [(entry["title"], entry["ratios"]) for entry in (*networks, *result["layers"])]


def draw(result, path):
    entries = rows(result)
    pyplot.rcParams.update({"font.size": 13, "font.family": "DejaVu Sans"})
    figure, axes = pyplot.subplots(figsize=(6.4, 1.6 + 0.36 * len(entries)), dpi=160)
    positions = range(len(entries))
    for key in INTEGER_AND_FLOAT:
        colour, marker, shift = STYLES[key]
        points = [(ratios[key], y + shift) for y, (_, ratios) in zip(positions, entries)
                  if key in ratios]
        axes.scatter(*zip(*points) if points else ([], []), color=colour, marker=marker, s=50,
                     label=title(key), zorder=3)
    axes.axvline(1, color="black", linewidth=1.2, zorder=2)
    axes.set_xscale("log", base=2)
    found = [value for _, ratios in entries for key, value in ratios.items()
             if key in INTEGER_AND_FLOAT]
    axes.set_xticks(TICKS, [f"{tick:g}×" for tick in TICKS])
    axes.set_xlim(min([0.5, *found]) * 0.9, max([4, *found]) * 1.1)
    axes.minorticks_off()
    axes.set_yticks(positions, [name for name, _ in entries])
    axes.invert_yaxis()
    axes.grid(axis="both", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlabel("their time ÷ ours, one image, one thread")
    for x, text, side in ((0.97, "peer is faster ", "right"), (1.03, " Adder is faster", "left")):
        axes.text(x, -0.75, text, ha=side, fontsize=11, color="#444444")
    figure.legend(loc="upper center", ncols=3, frameon=False, handletextpad=0.1,
                  columnspacing=1.0, fontsize=12)
    figure.tight_layout(rect=(0, 0, 1, 0.94))
    figure.savefig(path, metadata={"Software": None})
