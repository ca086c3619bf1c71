"""The golden vectors against the element-by-element loops, and their container."""

import pathlib
import unittest

from adb.checks import live_range_conflicts
from adb.encode import encode
from adb.format import decode
from make_vectors import DEFAULT_FOLDER, FILES, FILES_OF_BOXES
from vectors.container import MAGIC_OF_BOXES, container_bytes, read_container
from .loops import Loops
from .loops_of_boxes import detections


def loops_outputs(model, pixels):
    """The elements of each output."""
    inputs, start = [], 0
    for index in model.inputs:
        end = start + model.tensors[index].byte_count
        inputs.append(list(pixels[start:end]))
        start = end
    return Loops(model).run(inputs)


def joined(lists):
    return [value for values in lists for value in values]


def cases_of_boxes():
    """(file, case) of all files with boxes."""
    for file in FILES_OF_BOXES:
        data = (DEFAULT_FOLDER / f"{file}.vectors").read_bytes()
        for case in read_container(data, MAGIC_OF_BOXES):
            yield file, case


class VectorsTests(unittest.TestCase):
    def test_every_case_equals_the_loops_and_survives_a_round_trip(self):
        for file in FILES:
            for name, data, pixels, outputs in read_container(
                    (DEFAULT_FOLDER / f"{file}.vectors").read_bytes()):
                with self.subTest(file=file, case=name):
                    model = decode(data)
                    self.assertEqual(encode(model), data)
                    self.assertEqual(live_range_conflicts(model), [])
                    self.assertEqual(joined(loops_outputs(model, pixels)), outputs.tolist())

    def test_every_case_of_boxes_equals_the_loops_and_survives_a_round_trip(self):
        for file, (name, data, pixels, outputs, found) in cases_of_boxes():
            with self.subTest(file=file, case=name):
                model = decode(data)
                self.assertEqual(encode(model), data)
                self.assertEqual(live_range_conflicts(model), [])
                values = loops_outputs(model, pixels)
                self.assertEqual(joined(values), outputs.tolist())
                for capacity, candidate_count, dropped_count, boxes in found:
                    self.assertEqual(
                        (candidate_count, dropped_count, boxes.tolist()),
                        detections(model, values, capacity))

    def test_outputs_of_cases_of_boxes_are_bytes_of_their_inputs(self):
        for file, (name, data, pixels, outputs, _) in cases_of_boxes():
            with self.subTest(file=file, case=name):
                model = decode(data)
                image = model.tensors[model.inputs[0]].byte_count
                self.assertEqual(pixels[:image], bytes(image))
                if name != "outputs in another order, and one more":
                    count = len(pixels[image:]) // 4
                    self.assertEqual(pixels[image:], outputs[:count].tobytes())

    def test_the_generator_writes_the_files_in_golden(self):
        for file, cases in (FILES | FILES_OF_BOXES).items():
            with self.subTest(file=file):
                self.assertEqual(
                    container_bytes(cases()),
                    (DEFAULT_FOLDER / f"{file}.vectors").read_bytes())

    def test_each_case_has_its_own_name(self):
        for file in FILES:
            names = [case[0] for case in read_container(
                (DEFAULT_FOLDER / f"{file}.vectors").read_bytes())]
            self.assertEqual(len(names), len(set(names)), file)
        names = [(file, case[0]) for file, case in cases_of_boxes()]
        self.assertEqual(len(names), len(set(names)))

    def test_all_files_stay_below_three_megabytes(self):
        total = sum(path.stat().st_size for path in pathlib.Path(DEFAULT_FOLDER).iterdir())
        self.assertLess(total, 3_000_000)
