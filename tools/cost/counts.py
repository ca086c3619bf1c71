"""What was counted, beside the features of each operation."""

import json
import pathlib
import sys
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))


from adb.format import decode  # noqa: E402
from classes import CLASSES  # noqa: E402
from features import KERNELS, Features  # noqa: E402


@dataclass
class Sample:
    """An operation of a model."""

    model: str
    index: int
    key: str  # the operation and what its plan chooses
    features: dict
    counts: list  # one for each class


def read_counts(folder, core, last_only=False):
    """The samples of a folder that tools/cost/measure has counted on a core: all operations, or
    each model's last."""
    samples, models = [], {}
    for line in (folder / f"{core}.counts").read_text().splitlines():
        name, index, *counts = line.split()
        if name not in models:
            models[name] = decode((folder / f"{name}.adb").read_bytes())
        model, index = models[name], int(index)
        if last_only and index < len(model.operations) - 1:
            continue
        operation = model.operations[index]
        features = Features(model, operation, KERNELS[core])
        key = operation.name
        if hasattr(features, "plan"):
            plan = features.plan
            key += f" {plan.gathering} {plan.sums} {plan.scaling}"
        samples.append(Sample(name, index, key, dict(features), [int(count) for count in counts]))
    return samples


def read_costs(path):
    """For each feature in the resource of a core, what it costs of each class."""
    return {name: [costs.get(kind, 0) for kind in CLASSES]
            for name, costs in json.loads(path.read_text())["features"].items()}


def predicted(sample, costs):
    """Counts as the costs of an operation's features."""
    totals = [0.0] * len(CLASSES)
    for name, count in sample.features.items():
        for index, cost in enumerate(costs[name]):
            totals[index] += cost * count
    return totals
