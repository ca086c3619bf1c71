#!/usr/bin/env python3
"""Tests that files and reports are as the JSON Schemas in docs say, and no number lacks bounds.

Needs jsonschema and adderc: $ADDERC, or the project's own, which is built if it is not yet.
"""

import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = sorted((ROOT / "Sources/AdderCostModel/Resources/targets").glob("*.json"))
GRAPHS = sorted(path for folder in ("graphs", "checkpoints") for path in (ROOT / "golden" / folder).glob("*.json"))
EXACT = {"memory", "work", "traffic_bytes", "operand_reuse"}  # counted, with nothing to bound
OBSERVED = {"accuracy", "measured"}  # of the file that they name
INTERVAL = {"value", "low", "high"}


def schema(name, definition=None):
    """The validator of a schema in docs, or of one of its definitions."""
    document = json.loads((ROOT / f"docs/{name}.schema.json").read_text())
    Draft202012Validator.check_schema(document)
    if definition:
        document = {"$ref": f"#/$defs/{definition}", "$defs": document["$defs"]}
    return Draft202012Validator(document)


def finding(validator, document):
    """What is wrong with a document, the most telling of all, or None."""
    error = best_match(validator.iter_errors(document))
    return error and f"{error.json_path}: {error.message[:300]}"


def numbers(value, path=()):
    """Each number of a document with its path and the object that it is a member of."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        if isinstance(member, (dict, list)):
            yield from numbers(member, (*path, key))
        elif isinstance(member, (int, float)) and not isinstance(member, bool):
            yield (*path, key), member, value


def unbounded(document):
    """Paths of numbers that are neither exact counts nor within bounds, and how many there are.

    A number is bounded in an object with its value, low and high in this order, and has a source
    there, or is an estimate beside the target's constants, which have theirs.
    """
    found, count = [], 0
    for path, number, parent in numbers(document):
        count += 1
        if OBSERVED & {*path}:
            continue
        if EXACT & {*path} and isinstance(number, int):
            continue
        is_bounded = isinstance(parent, dict) and parent.keys() >= INTERVAL and (
            path[-1] in INTERVAL and parent["low"] <= parent["value"] <= parent["high"])
        if is_bounded and "constants" in path:
            is_bounded = bool(parent.get("source")) and bool(parent.get("quality"))
        elif is_bounded:
            is_bounded = bool(document["targets"][path[path.index("targets") + 1]]["constants"])
        if not is_bounded:
            found.append(".".join(map(str, path)))
    return found, count


def adderc():
    """The path of the compiler."""
    if "ADDERC" in os.environ:
        return os.environ["ADDERC"]
    build = ["swift", "build", "-c", "release", "--package-path", ROOT]
    folder = subprocess.run([*build, "--show-bin-path"], capture_output=True, text=True, check=True)
    program = pathlib.Path(folder.stdout.strip()) / "adderc"
    if not program.exists():
        subprocess.run([*build, "--product", "adderc"], check=True)
    return program


class Files(unittest.TestCase):
    def assert_all_valid(self, validator, paths):
        for path in paths:
            with self.subTest(path.name):
                self.assertIsNone(finding(validator, json.loads(path.read_text())))

    def test_built_in_targets_are_as_their_schema_says(self):
        self.assertGreaterEqual(len(TARGETS), 16)
        self.assert_all_valid(schema("target"), TARGETS)

    def test_golden_graphs_are_as_their_schema_says(self):
        self.assertGreaterEqual(len(GRAPHS), 14)
        self.assert_all_valid(schema("graph"), GRAPHS)

    def test_what_lacks_a_source_or_has_more_is_refused(self):
        target = json.loads(TARGETS[0].read_text())
        constant = next(iter(target["constants"]))
        graph = json.loads(GRAPHS[0].read_text())
        for name, document, change in [
                ("target", target, lambda d: d["constants"][constant].pop("source")),
                ("target", target, lambda d: d["constants"][constant].pop("high")),
                ("target", target, lambda d: d["constants"].update(cycle_alu={})),
                ("target", target, lambda d: d.update(comment="")),
                ("graph", graph, lambda d: d["nodes"][0].pop("inputs")),
                ("graph", graph, lambda d: d["nodes"][0].update(comment=""))]:
            changed = copy.deepcopy(document)
            change(changed)
            self.assertIsNotNone(finding(schema(name), changed))


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = adderc()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.model = f"{folder.name}/lenet5.adb"
        images = ROOT / "golden/images/fashion-calibration-256.npy"
        nameless = f"{folder.name}/nameless.adb"
        for model, *options in [(cls.model, "--calibrate", images), (nameless, "--strip-names")]:
            cls.run_adderc("compile", ROOT / "golden/models/fashion-lenet5.pt", "-o", model,
                           "--mean", ".2860", "--std", ".3530", *options, "--quiet")
        cls.targets = json.loads(cls.run_adderc("targets", "--json"))
        graph = ROOT / "golden/graphs/resnet20-cifar.json"
        cls.reports = {
            "model": cls.estimate(cls.model), "model without names": cls.estimate(nameless),
            "model and CNN": cls.estimate(cls.model, "--compare-cnn"),
            "graph and CNN": cls.estimate(graph, "--compare-cnn", kinds=("paper", "array"))}

    @classmethod
    def run_adderc(cls, *arguments):
        run = subprocess.run([cls.program, *arguments], capture_output=True, text=True, check=False)
        if run.returncode:
            raise AssertionError(f"adderc {arguments[0]}: {run.stderr}")
        return run.stdout

    @classmethod
    def estimate(cls, file, *options, kinds=("paper", "array", "core")):
        names = [target["name"] for target in cls.targets["targets"] if target["kind"] in kinds]
        options = [*options, *(word for name in names for word in ("--target", name))]
        return json.loads(cls.run_adderc("estimate", file, "--json", *options))

    def test_the_list_of_targets_is_as_its_schema_says(self):
        self.assertIsNone(finding(schema("estimate", "targets"), self.targets))
        self.assertEqual({target["name"] for target in self.targets["targets"]},
                         {path.stem for path in TARGETS})

    def test_estimates_on_all_targets_are_as_their_schema_says(self):
        for name, report in self.reports.items():
            with self.subTest(name):
                self.assertIsNone(finding(schema("estimate"), report))
        self.assertEqual(len(self.reports["model and CNN"]["targets"]), len(TARGETS))

    def test_no_number_lacks_bounds_or_a_source(self):
        documents = [self.targets, *self.reports.values()]
        results = [unbounded(document) for document in documents]
        found = [path for paths, _ in results for path in paths]
        print(f"{sum(count for _, count in results)} numbers in {len(documents)} reports;"
              f" numbers without source and interval: {len(found)}")
        self.assertEqual(found[:10], [])

    def test_a_number_without_bounds_is_found(self):
        for change in [lambda t: t.update(cycles=5.0), lambda t: t["seconds"].pop("low"),
                       lambda t: t["seconds"].update(low=t["seconds"]["high"] + 1),
                       lambda t: t["constants"][0].pop("source"),
                       lambda t: t["constants"][0].update(quality=""),
                       lambda t: t.update(constants=[])]:
            report = copy.deepcopy(self.reports["model"])
            change(next(t for t in report["targets"] if t["name"] == "stm32f401"))
            self.assertNotEqual(unbounded(report)[0], [])

    def test_reports_with_more_or_less_are_refused(self):
        validator = schema("estimate")
        for change in [lambda d: d.update(comment=""), lambda d: d["work"].update(pads=1),
                       lambda d: d["work"].pop("taps"),
                       lambda d: d["targets"][0].update(comment=""),
                       lambda d: d["targets"][0].pop("constants"),
                       lambda d: d["targets"][0]["constants"][0].pop("source"),
                       lambda d: d["targets"][0]["layers"][0].update(cycles=5),
                       lambda d: d["targets"][0]["layers"][0].update(comment="")]:
            report = copy.deepcopy(self.reports["model and CNN"])
            change(report)
            self.assertIsNotNone(finding(validator, report))


if __name__ == "__main__":
    unittest.main()
