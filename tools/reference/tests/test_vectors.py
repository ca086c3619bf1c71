"""The golden vectors against the element-by-element loops, and their container."""

import pathlib
import unittest

from adb.checks import live_range_conflicts
from adb.encode import encode
from adb.format import decode
from make_vectors import DEFAULT_FOLDER, FILES
from vectors.container import container_bytes, read_container
from .loops import Loops


def loops_outputs(model, pixels):
    inputs, start = [], 0
    for index in model.inputs:
        end = start + model.tensors[index].byte_count
        inputs.append(list(pixels[start:end]))
        start = end
    return [value for output in Loops(model).run(inputs) for value in output]


class VectorsTests(unittest.TestCase):
    def test_every_case_equals_the_loops_and_survives_a_round_trip(self):
        for file in FILES:
            for name, data, pixels, outputs in read_container(
                    (DEFAULT_FOLDER / f"{file}.vectors").read_bytes()):
                with self.subTest(file=file, case=name):
                    model = decode(data)
                    self.assertEqual(encode(model), data)
                    self.assertEqual(live_range_conflicts(model), [])
                    self.assertEqual(loops_outputs(model, pixels), outputs.tolist())

    def test_the_generator_writes_the_files_in_golden(self):
        for file, cases in FILES.items():
            with self.subTest(file=file):
                self.assertEqual(
                    container_bytes(cases()),
                    (DEFAULT_FOLDER / f"{file}.vectors").read_bytes())

    def test_each_case_has_its_own_name(self):
        for file in FILES:
            names = [case[0] for case in read_container(
                (DEFAULT_FOLDER / f"{file}.vectors").read_bytes())]
            self.assertEqual(len(names), len(set(names)), file)

    def test_all_files_stay_below_three_megabytes(self):
        total = sum(path.stat().st_size for path in pathlib.Path(DEFAULT_FOLDER).iterdir())
        self.assertLess(total, 3_000_000)
