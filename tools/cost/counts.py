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
    counts: list  # one for each class, or the cycles alone


def read_samples(path, kernels, last_only=False, sees_inputs=False):
    """The samples in a file of lines `NAME INDEX COUNT...` beside their models: all operations, or
    each model's last. With `sees_inputs` their features are those of the bytes in NAME.input, where
    a model has one input; otherwise, of all that it may be."""
    samples, models = [], {}
    for line in path.read_text().splitlines():
        name, index, *counts = line.split()
        if name not in models:
            models[name] = decode((path.parent / f"{name}.adb").read_bytes())
        model, index = models[name], int(index)
        if last_only and index < len(model.operations) - 1:
            continue
        operation = model.operations[index]
        inputs_are_seven_bit = None
        if sees_inputs and operation.reads[:1] == model.inputs:
            inputs_are_seven_bit = max(path.with_name(f"{name}.input").read_bytes()) <= 127
        features = Features(model, operation, kernels, inputs_are_seven_bit)
        key = operation.name
        if hasattr(features, "plan"):
            plan = features.plan
            key += f" {plan.gathering} {plan.sums} {plan.scaling}"
        samples.append(Sample(name, index, key, dict(features), [int(count) for count in counts]))
    return samples


def read_counts(folder, core, last_only=False):
    """The samples of a folder that tools/cost/measure has counted on a core."""
    return read_samples(folder / f"{core}.counts", KERNELS[core], last_only)


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
