#!/usr/bin/env python3
"""Tests of what predicts instructions. $ADDERC names the compiler that plans are compared with."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

from cases import SMALL, Case, cases, copied
from classes import CLASSES, instructions
from core_cycles import bounded_least_squares, instruction_cycles, target_text
from counts import read_costs
from features import KERNELS, Features

from adb.encode import encode
from adb.format import decode
from adb.groups import Window

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDERC = os.environ.get("ADDERC") or ROOT / ".build/release/adderc"
SUMS = {"8 bits": "bytes", "7 bits": "sevenBits", "16 bits": "halves"}
SCALINGS = {
    "pairs to u8": "byte", "pairs to 0...127": "sevenBits", "pairs to 0...32767": "positiveHalf",
    "pairs to part of u8": "partOfByte", "pairs to part of i16": "partOfHalf", "singly": "narrow",
    "singly, 64 bits": "wide"}


def module(name):
    """A program without a suffix, as a module."""
    path = str(pathlib.Path(__file__).resolve().parent / name)
    loader = importlib.machinery.SourceFileLoader(name, path)
    result = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(result)
    return result


def models(count):
    for name, case in cases(seed=3, count=count):
        yield name, case.case(case.operations[-1].output)[1]


class ClassesTests(unittest.TestCase):
    def assert_classes(self, is_arm, lines):
        for text, name, more in lines:
            listing = f"     2ca4: {text}"
            self.assertEqual([(0x2CA4, name, more)], list(instructions(listing, is_arm)), text)

    def test_arm_instructions_have_the_class_of_their_mnemonic(self):
        self.assert_classes(True, [
            ("pop.w\t{r0, r1, r4-r7, pc}", "call_return", 7),
            ("push\t{r4, r5, r7, lr}", "store_multiple", 4),
            ("ldrd\tr5, r4, [r3]", "load_multiple", 2),
            ("ldm\tr0!, {r3, r4, r5, r6}", "load_multiple", 4),
            ("ldrsh.w\tr0, [r1]", "load", 0), ("strb\tr0, [r1], #1", "store", 0),
            ("bl\t0x466e <f>", "call_return", 0), ("bx\tlr", "call_return", 0),
            ("blo\t0x2cdc <f>", "branch_taken", 0), ("b\t0x2cdc <f>", "branch_taken", 0),
            ("cbz\tr5, 0x2ce8 <f>", "branch_taken", 0), ("bic.w\tr7, r12, r5", "alu", 0),
            ("usada8\tr0, r1, r2, r0", "simd", 0), ("lsls\tr1, r1, #0x1f", "shift", 0),
            ("add.w\tr4, r5, r4, lsl #3", "alu", 0), ("muls\tr0, r1, r0", "multiply", 0),
            ("movlt\tr0, r7", "alu", 0)])

    def test_riscv_instructions_have_the_class_of_their_mnemonic(self):
        self.assert_classes(False, [
            ("ret", "call_return", 0), ("jal\t0x80 <f>", "jump", 0),
            ("j\t0x80 <f>", "jump", 0), ("bnez\ta0, 0x80 <f>", "branch_taken", 0),
            ("jr\ta0", "call_return", 0), ("jalr\ta0", "call_return", 0),
            ("lbu\ta0, 0(a1)", "load", 0), ("sw\ta0, 0(a1)", "store", 0),
            ("srai\ta0, a0, 31", "shift", 10), ("slli\ta0, a0, 0x8", "shift", 2),
            ("sll\ta0, a0, a1", "shift_register", 0), ("sltu\ta0, a0, a1", "alu", 0),
            ("mulhu\ta0, a0, a1", "multiply", 0)])


class PlanTests(unittest.TestCase):
    def test_layers_are_planned_as_the_runtime_plans_them(self):
        planned = 0
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.adb"
            for name, model in models(40):
                filter_layers = [operation for operation in model.operations
                                 if operation.name in ("adder2d", "conv2d")]
                if not filter_layers:
                    continue
                path.write_bytes(encode(model))
                for kernels in KERNELS.values():
                    rows = json.loads(subprocess.run(
                        [ADDERC, "inspect", path, "--plan", "--json", "--kernel", kernels],
                        check=True, capture_output=True).stdout)["plan"]
                    for row, operation in zip(rows, filter_layers, strict=True):
                        self.assert_planned(name, row, Features(model, operation, kernels).plan)
                        planned += 1
        self.assertGreater(planned, 100)

    def assert_planned(self, name, row, plan):
        self.assertEqual(row["gathering"], plan.gathering, name)
        self.assertEqual(row["shared_taps"], plan.shared_taps, name)
        self.assertEqual(row["conversion"] == "words", plan.converts_words, name)
        self.assertEqual(SCALINGS[row["scaling"]], plan.scaling, name)
        if row["operation"] == "adder2d":
            if row["sums"] == "7 or 8 bits":
                self.assertTrue(plan.examines_input, name)
            else:
                self.assertEqual(SUMS[row["sums"]], plan.sums, name)


class FeaturesTests(unittest.TestCase):
    def test_a_padded_layer_has_the_counts_of_its_loops(self):
        case = Case("by hand")
        case.adder2d(case.input(4, 4, 16), 5, Window(3, 3, 1, 1, 1, 1, 1, 1), bounds=(0, 255))
        model = case.case(case.operations[-1].output)[1]
        found = Features(model, model.operations[0], "dsp")
        # 16 positions in 8 tiles; 2 pairs of filters and one more; 144 bytes, 36 words, a patch.
        expected = {
            "walk.tiles": 8, "walk.rows": 4, "walk.cleared_words": 72, "bytes.fast_tiles": 8,
            "bytes.double.calls": 16, "bytes.double.eights": 64, "bytes.double.fours": 16,
            "bytes.double.no_tails": 16, "bytes.lone_filters": 8, "bytes.single.calls": 16,
            "bytes.single.word_pairs": 288, "pairs.byte": 16, "store.calls": 8,
            "gather.block_patches": 4, "gather.run_patches": 12,
            # Corners lack 5 taps, other borders 3: whole rows, or one of three.
            "gather.padded_taps": 4 * 5 + 8 * 3, "gather.padded_rows": 8,
            # 4 patches inside of 3 rows of 3 taps, and the taps of the others.
            "copy.blocks": 144}
        self.assertEqual(expected, {name: found[name] for name in expected})


class ResourceTests(unittest.TestCase):
    def test_every_feature_has_costs_on_every_core(self):
        for core, kernels in KERNELS.items():
            path = ROOT / f"Sources/AdderCostModel/Resources/kernels/{core}.json"
            content = json.loads(path.read_text())
            self.assertEqual([core, kernels, list(CLASSES)],
                             [content[name] for name in ("core", "kernels", "classes")])
            for name, model in models(16):
                for operation in model.operations:
                    unknown = set(Features(model, operation, kernels)) - set(content["features"])
                    self.assertEqual(set(), unknown, name)

    def test_no_kernel_multiplies(self):
        for core in KERNELS:
            path = ROOT / f"Sources/AdderCostModel/Resources/kernels/{core}.json"
            self.assertNotIn('"multiply": ', path.read_text())


class EstimateTests(unittest.TestCase):
    def test_adderc_estimates_the_instructions_that_are_predicted_here(self):
        # Other cycles for each class, so that none is taken for another.
        cycles = {kind: 1 + index / 8 for index, kind in enumerate(CLASSES)}
        constants = {f"cycles_{kind}": {
            "value": value, "low": value, "high": value, "unit": "cycles", "source": "made up",
            "quality": "guess"} for kind, value in cycles.items()}
        estimated = set()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.adb"
            for core, kernels in KERNELS.items():
                target = pathlib.Path(folder) / f"{core}.json"
                target.write_text(json.dumps({
                    "schema": "adder-target-1", "name": core, "kind": "core", "summary": "made up",
                    "energy_unit": "pJ", "kernels": core, "constants": constants}))
                costs = read_costs(ROOT / f"Sources/AdderCostModel/Resources/kernels/{core}.json")
                for name, model in models(24):
                    path.write_bytes(encode(model))
                    report = json.loads(subprocess.run(
                        [ADDERC, "estimate", path, "--target", target, "--json"],
                        check=True, capture_output=True).stdout)
                    for layer, operation in zip(
                            report["targets"][0]["layers"], model.operations, strict=True):
                        expected = sum(
                            count * cost * cycles[kind]
                            for feature, count in Features(model, operation, kernels).items()
                            for kind, cost in zip(CLASSES, costs[feature]))
                        self.assertAlmostEqual(
                            1, layer["cycles"]["value"] / expected, 6, f"{core} {name}")
                        estimated.add(operation.name)
        self.assertEqual(len(SMALL) + 2, len(estimated))

    def test_estimates_take_no_longer_for_what_is_copied_over_and_over(self):
        case = copied(30)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.adb"
            path.write_bytes(encode(case.case(case.operations[-1].output)[1]))
            subprocess.run([ADDERC, "estimate", path, "--target", "ibex"], check=True,
                           capture_output=True, timeout=60)


class CyclesTests(unittest.TestCase):
    def test_cycles_of_shifts_are_those_of_no_step_and_of_each_step(self):
        lines = "shift 0 64\nshift 10 224\nshift 2 96\nalu 0 48\nalu 0 1 104\n"
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "core.instructions"
            for more, per_step in (("", (1, 1)), ("shift 2 64\n", (0, 1))):
                path.write_text(lines + more)
                self.assertEqual({"shift": (4, 4), "shift_steps": per_step, "alu": (3, 69)},
                                 instruction_cycles(path))

    def test_fitted_cycles_are_within_their_bounds(self):
        matrix = np.random.default_rng(2).integers(1, 50, (40, 3)).astype(float)
        low, high = np.array([3.0, 4.0, 0.0]), np.array([3.0, 14.0, 6.0])
        for cycles, expected in (([3, 7.5, 2], [3, 7.5, 2]), ([3, 7.5, 8], [3, None, 6])):
            found = bounded_least_squares(matrix, matrix @ np.array(cycles, float), low, high)
            for value, wanted in zip(found, expected):
                if wanted is not None:
                    self.assertAlmostEqual(wanted, value, 6)

    def test_targets_have_cycles_of_every_class_that_kernels_execute(self):
        resources = ROOT / "Sources/AdderCostModel/Resources"
        executed = {kind for costs in json.loads(
            (resources / "kernels/rv32i.json").read_text())["features"].values() for kind in costs}
        for core in ("picorv32", "picorv32-barrel", "ibex", "serv"):
            path = resources / f"targets/{core}.json"
            content = json.loads(path.read_text())
            self.assertEqual(executed | {"multiply_accumulate"}, {
                name.removeprefix("cycles_") for name in content["constants"]}, core)
            self.assertEqual(target_text(content), path.read_text())


class LayerTests(unittest.TestCase):
    def test_a_layer_to_measure_is_a_model_with_its_image(self):
        with tempfile.TemporaryDirectory() as folder:
            model, images = (pathlib.Path(folder) / name for name in ("layer.adb", "images.npy"))
            subprocess.run([sys.executable, ROOT / "tools/embedded/make_layer.py", model, images,
                            "--size", "4", "--channels", "8", "--filters", "2", "--bits", "7"],
                           check=True, capture_output=True)
            operation, = decode(model.read_bytes()).operations
            self.assertEqual((1, 2, 72), operation.filters.shape)
            self.assertEqual(127, operation.filters.max())
            self.assertEqual((4, 8, 4, 4), np.load(images).shape)


class FitTests(unittest.TestCase):
    def test_costs_of_loops_are_found_and_none_is_negative(self):
        random = np.random.default_rng(1)
        matrix = random.integers(0, 50, (60, 5)).astype(float)
        costs = np.array([3, 0, 7, 1.25, 2])
        coefficients = module("fit").coefficients
        self.assertEqual(costs.tolist(), coefficients(matrix, matrix @ costs).tolist())
        self.assertEqual(0, coefficients(matrix, matrix @ np.array([3, -1, 7, 1, 2]))[1])


if __name__ == "__main__":
    unittest.main()
