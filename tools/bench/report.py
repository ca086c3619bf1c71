"""What was measured as Markdown tables, with the bounds that it is compared with."""

from statistics import median

from measure import geometric_mean
from peers import INTEGER_AND_FLOAT, PEERS

KERNELS = {"avx512": "AVX-512", "avx2": "AVX2", "sse2": "SSE2", "neon": "NEON"}


def title(key):
    return PEERS[key][2] if key in PEERS else KERNELS.get(key, key)


def number(value, unit=1e-6):
    """Microseconds with three digits that count."""
    if value is None:
        return "–"
    value /= unit
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}".replace(",", " ")


def table(headings, rows):
    lines = ["| " + " | ".join(headings) + " |", "|---" * len(headings) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def shown(value):
    """A ratio."""
    return f"{value:.0f}" if value >= 20 else f"{value:.2f}"


def ratio(entry, key):
    value = entry["ratios"].get(key)
    if value is None:
        return "failed" if key in entry["failures"] else "–"
    return shown(value)


def layer_table(result):
    kernels = result["kernels"]
    headings = ["layer"]
    for kernel in kernels:
        headings += [f"{title(kernel)}, µs", "Gop/s", "of ceiling"]
    headings += [f"{title(key)}, µs" for key in PEERS]
    rows = []
    for layer in result["layers"]:
        seconds, row = layer["seconds"], [layer["title"]]
        for kernel in kernels:
            own, share = seconds.get(kernel), layer["ceiling_shares"].get(kernel)
            row += [number(own), f"{layer['operations'] / own / 1e9:.0f}" if own else "–",
                    f"{100 * share:.0f} %" if share else "–"]
        row += [number(seconds.get(key)) for key in PEERS]
        rows.append(row)
    return table(headings, rows)


def ratio_table(result):
    """A peer's time divided by ours, and geometric means over layers."""
    rows = [[layer["title"]] + [ratio(layer, key) for key in PEERS] for layer in result["layers"]]
    means = [ratios(result["layers"], key) for key in PEERS]
    rows.append(["geometric mean"] + [
        shown(geometric_mean(values)) if values else "–" for values in means])
    return table(["÷ ours"] + [title(key) for key in PEERS], rows)


def network_table(result):
    kernels, peers = result["kernels"], INTEGER_AND_FLOAT
    headings = ["network", "batch", "threads"]
    headings += [f"{title(key)}, µs" for key in (*kernels, *peers)]
    headings += [f"÷ {title(key)}" for key in peers]
    rows = []
    for entry in result["networks"]:
        times = entry["seconds" if entry["threads"] == 1 else "elapsed"]
        rows.append([entry["title"], str(entry["batch"]), str(entry["threads"])]
                    + [number(times.get(key)) for key in (*kernels, *peers)]
                    + [ratio(entry, key) for key in peers])
    return table(headings, rows)


def ratios(layers, key, group=None):
    return [layer["ratios"][key] for layer in layers
            if key in layer["ratios"] and group in (None, layer["group"])]


def speedup(result, name, batch):
    """How many times as many images pass on two threads as on one, by elapsed times."""
    times = {entry["threads"]: entry["elapsed"].get(result["kernels"][0])
             for entry in result["networks"] if (entry["title"], entry["batch"]) == (name, batch)}
    return times[1] / times[2] if times.get(1) and times.get(2) else None


def bounds(result):
    """What the table is compared with: a sentence, what was found, the least that it should be."""
    layers, rows = result["layers"], []

    def add(sentence, values, bound, of=min):
        if values:
            rows.append((sentence, of(values), bound))

    first = [entry["ratios"]["onnxruntime-int8"] for entry in result["networks"]
             if (entry["title"], entry["batch"], entry["threads"]) == ("ResNet-20", 1, 1)
             and "onnxruntime-int8" in entry["ratios"]]
    add("ResNet-20, one image, one thread, ÷ ORT int8", first, 1.4)
    cifar = ratios(layers, "onnxruntime-int8", "cifar")
    add("CIFAR shapes ÷ ORT int8, the least", cifar, 1.0)
    add("CIFAR shapes ÷ ORT int8, geometric mean", cifar, 1.25, geometric_mean)
    large = ratios(layers, "onnxruntime-int8", "large")
    add("large shapes ÷ ORT int8, the least", large, 0.92)
    add("large shapes ÷ ORT int8, geometric mean", large, None, geometric_mean)
    add("all shapes ÷ LiteRT int8, geometric mean", ratios(layers, "litert-int8"), 1.0,
        geometric_mean)
    add("all shapes ÷ ORT fp32, geometric mean", ratios(layers, "onnxruntime-fp32"), None,
        geometric_mean)
    add("÷ the authors' PyTorch layer, the least", ratios(layers, "torch-authors"), 200)
    add("÷ PyTorch cdist, the least", ratios(layers, "torch-cdist"), None)
    for kernel, bound in (("avx2", 0.85), ("avx512", 0.80)):
        add(f"{title(kernel)} of its ceiling, from 32 channels on, the least",
            [layer["ceiling_shares"][kernel] for layer in layers
             if layer["channels"] >= 32 and kernel in layer["ceiling_shares"]], bound)
    for name in dict.fromkeys(entry["title"] for entry in result["networks"]):
        value = speedup(result, name, 32)
        add(f"{name}, batch 32, two threads to one", [value] if value else [], 1.85)
    return rows


def is_loaded(result):
    """Whether other programs had so much of the machine that threads did not have a core each."""
    return result["machine"]["load_before"] > 0.5 * result["machine"]["cores"]


def bounds_table(result):
    def verdict(sentence, value, bound):
        if bound is None:
            return ""
        if "two threads" in sentence and is_loaded(result):
            return f"{bound:g}, machine loaded"
        return f"{bound:g}, {'met' if value >= bound else 'missed'}"

    return table(["", "found", "bound"], [
        [sentence, shown(value), verdict(sentence, value, bound)]
        for sentence, value, bound in bounds(result)])


def ceiling(result):
    """The median over layers of the differences of a second that registers alone allow, by kernel."""
    found = {kernel: [layer["operations"] / layer["seconds"][f"ceiling-{kernel}"]
                      for layer in result["layers"] if f"ceiling-{kernel}" in layer["seconds"]]
             for kernel in result["kernels"]}
    return {kernel: median(values) for kernel, values in found.items() if values}


def notes(result):
    machine = result["machine"]
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, load "
             f"{machine['load_before']:.1f}; {', '.join(result['versions'].values())}."]
    ceilings = [f"{title(kernel)} {value / 1e9:.0f}" for kernel, value in ceiling(result).items()]
    if ceilings:
        lines.append(f"Ceilings, G differences a second: {', '.join(ceilings)}.")
    lines += [f"Missing: {title(key)} ({reason})." for key, reason in result["missing"].items()]
    if is_loaded(result) and result["networks"]:
        lines.append("Other programs had the cores, too: times on two threads, which are elapsed "
                     "times, say little.")
    for entry in (*result["layers"], *result["networks"]):
        for key, failure in entry["failures"].items():
            lines.append(f"Failed: {title(key)} on {entry['title']} ({failure}).")
    return "\n".join(dict.fromkeys(lines))


def text(result):
    parts = [notes(result)]
    if result["layers"]:
        parts += [layer_table(result), ratio_table(result)]
    if result["networks"]:
        parts.append(network_table(result))
    parts.append(bounds_table(result))
    return "\n\n".join(parts)
