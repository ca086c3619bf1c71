"""Boxes by hand: each rule of "Detection" in docs/arithmetic.md."""

import unittest

import numpy as np

from adb.boxes import BOX, detect, log_sigmoid, rescale, suppress
from adb.encode import encode
from adb.format import decode
from adb.interpreter import run
from vectors.detectors import TABLE, Detector, put

LOW, HIGH = -2**31, 2**31 - 1
UNIT = 2**16


def boxes(detector, capacity=None):
    """The boxes of a detector, as lists without `place`, and `Detections`."""
    _, model, image, _ = detector.case_of_boxes()
    model = decode(encode(model))
    found, = detect(model, run(model, [values[np.newaxis] for values in image]), capacity)
    return [list(box)[:7] for box in found.boxes.tolist()], found


class RescaleTests(unittest.TestCase):
    def test_a_shift_to_the_right_rounds_ties_up(self):
        self.assertEqual(rescale([-3, -2, -1, 0, 1, 2, 3], 1).tolist(), [-1, -1, 0, 0, 1, 1, 2])
        self.assertEqual(rescale([6, 5, -6, -7], 2).tolist(), [2, 1, -1, -2])

    def test_elements_are_bounded_by_2_to_the_23(self):
        self.assertEqual(rescale([LOW, -2**23 - 1, 2**23, HIGH], 0).tolist(),
                         [-2**23, -2**23, 2**23, 2**23])
        self.assertEqual(rescale([LOW, HIGH], 1).tolist(), [-2**23, 2**23])
        self.assertEqual(rescale([2**22 - 1, 2**22, 2**22 + 1], -1).tolist(),
                         [2**23 - 2, 2**23, 2**23])

    def test_the_largest_shifts(self):
        self.assertEqual(rescale([LOW, -1, 0, 1, HIGH], -23).tolist(),
                         [-2**23, -2**23, 0, 2**23, 2**23])
        # 2^30 bounds the element, so that the constant of rounding leaves 32 bits free.
        self.assertEqual(
            rescale([LOW, -2**29 - 1, -2**29, 2**29 - 1, 2**29, HIGH], 30).tolist(),
            [-1, -1, 0, 0, 1, 1])


class LogSigmoidTests(unittest.TestCase):
    def value(self, x, table=TABLE):
        return log_sigmoid(np.array([x]), table).tolist()[0]

    def test_entries_of_the_table(self):
        self.assertEqual(TABLE[:3].tolist(), [45426, 44916, 44410])
        self.assertEqual(TABLE[[64, 640, 1024]].tolist(), [20530, 3, 0])
        self.assertEqual(self.value(0), -45426)
        self.assertEqual([self.value(64 * 1024), self.value(-64 * 1024)], [-20530, -65536 - 20530])

    def test_between_entries_is_a_line(self):
        # 45426 − (512·510 + 512 >> 10) and 45426 − (1·510 + 512 >> 10).
        self.assertEqual([self.value(512), self.value(1), self.value(2)],
                         [-45171, -45426, -45425])
        self.assertEqual(self.value(-512), -512 - 45171)

    def test_from_2_to_the_20_on_nothing_is_read(self):
        table = np.full(1025, 7, "<u2")
        self.assertEqual(self.value(2**20 - 1, table), -7)
        self.assertEqual([self.value(2**20, table), self.value(2**23, table)], [0, 0])
        self.assertEqual([self.value(-2**20, table), self.value(-2**23, table)], [-2**20, -2**23])
        table[1024] = 1031
        self.assertEqual(self.value(2**20 - 1, table), -7 - 1023)

    def test_a_table_may_rise(self):
        table = np.zeros(1025, "<u2")
        table[1] = 65535
        # 512·(0 − 65535) + 512 >> 10 = −32767: rounded down.
        self.assertEqual(self.value(512, table), -32767)

    def test_each_logit_is_within_a_unit_and_a_half(self):
        x = np.arange(-2**20 - 5, 2**20 + 6)
        exact = -2.0**16 * np.logaddexp(0, -x / 2**16)
        error = log_sigmoid(x, TABLE) - exact
        self.assertLess(np.abs(error).max(), 1.5)


class CandidateTests(unittest.TestCase):
    def test_a_box_by_hand(self):
        detector = Detector("by hand", 20, 30, fraction_bits=4)
        level = detector.level(3, 2, distance_shift=2, class_shift=1, centerness_shift=-1)
        # Row 1, column 2: (20, 12) is (320, 192); 2.5 pixels are 160 / 4.
        put(level, 1, 2, 1, 0, [160, 80, 161, 4000], 0)
        found, result = boxes(detector)
        self.assertEqual(found, [[320 - 40, 192 - 20, 320 + 40, 320, 1, 0, -2 * 45426]])
        self.assertEqual((result.candidate_count, result.dropped_count), (1, 0))
        self.assertEqual(result.boxes["place"].tolist(), [0])

    def test_distances_below_zero_count_as_zero(self):
        detector = Detector("negative", 8, 8)
        put(detector.level(3, 1), 0, 0, 0, 0, [LOW, -1, 5, 0])
        self.assertEqual(boxes(detector)[0], [[64, 64, 69, 64, 0, 0, -2 * 45426]])

    def test_a_location_beyond_the_image_is_cut_to_it(self):
        detector = Detector("beyond", 8, 3, fraction_bits=1)
        put(detector.level(3, 1), 0, 0, 0, 0, [1, 1, 1, 1])
        self.assertEqual(boxes(detector)[0], [[6, 7, 6, 9, 0, 0, -2 * 45426]])

    def test_places_count_all_levels_on(self):
        detector = Detector("places", 8, 8)
        for shift, logit in ((2, 1), (3, 2)):
            detector.level(shift, 2)["classes"][..., 1] = logit * UNIT
        found, result = boxes(detector)
        self.assertEqual(result.boxes["place"].tolist(), [4, 0, 1, 2, 3])
        self.assertEqual(result.boxes["level"].tolist(), [1, 0, 0, 0, 0])


class SelectionTests(unittest.TestCase):
    def row(self, *logits, **options):
        """Small boxes beside each other."""
        detector = Detector(f"row {logits}", 1, len(logits), **options)
        level = detector.level(0, 1, threshold=LOW)
        for column, logit in enumerate(logits):
            put(level, 0, column, 0, logit * UNIT, [1, 1, 1, 1])
        return detector

    def places(self, detector, capacity=None):
        return boxes(detector, capacity)[1].boxes["place"].tolist()

    def test_the_best_come_first_and_of_equals_the_first(self):
        self.assertEqual(self.places(self.row(1, 3, 2, 3, 1)), [1, 3, 2, 0, 4])

    def test_limits(self):
        logits = 1, 3, 2, 3, 1
        self.assertEqual(self.places(self.row(*logits, candidates=4)), [1, 3, 2, 0])
        self.assertEqual(self.places(self.row(*logits, boxes=2)), [1, 3])
        self.assertEqual(self.places(self.row(*logits), 3), [1, 3, 2])
        for candidates, capacity, dropped in ((5, 5, 0), (5, 3, 2), (2, 3, 0), (3, 2, 1)):
            result = boxes(self.row(*logits, candidates=candidates), capacity)[1]
            self.assertEqual((result.candidate_count, result.dropped_count), (5, dropped))

    def test_no_capacity_and_no_detection_are_refused(self):
        _, model, image, _ = self.row(1).case_of_boxes()
        outputs = run(model, [values[np.newaxis] for values in image])
        with self.assertRaisesRegex(ValueError, "capacity is 0, expected at least 1"):
            detect(model, outputs, 0)
        model.detection = None
        with self.assertRaisesRegex(ValueError, "no section 'detection'"):
            detect(model, outputs)


class SuppressionTests(unittest.TestCase):
    def kept(self, overlap, *sides, labels=None, limit=100):
        """Numbers of the boxes that are kept."""
        rows = np.zeros(len(sides), BOX)
        for place, (row, values) in enumerate(zip(rows, sides)):
            row["left"], row["top"], row["right"], row["bottom"] = values
            row["label"], row["place"] = (labels or [0] * len(sides))[place], place
        return suppress(rows, overlap, limit)["place"].tolist()

    def test_half_of_the_union_may_be_shared(self):
        whole, half = (0, 0, 20, 10), (0, 0, 10, 10)
        self.assertEqual(self.kept(128, whole, half), [0, 1])
        self.assertEqual(self.kept(127, whole, half), [0])
        self.assertEqual(self.kept(128, whole, (0, 0, 11, 10)), [0])
        self.assertEqual(self.kept(128, whole, (0, 0, 11, 10), labels=[0, 1]), [0, 1])

    def test_only_boxes_that_are_kept_take_others(self):
        first, second, third = (0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10)
        self.assertEqual(self.kept(64, first, second, third), [0, 2])

    def test_none_may_be_shared(self):
        self.assertEqual(self.kept(0, (0, 0, 9, 9), (9, 0, 18, 9), (8, 8, 20, 20)), [0, 1])

    def test_boxes_without_area_take_nothing(self):
        line, point = (3, 3, 3, 9), (3, 3, 3, 3)
        self.assertEqual(self.kept(0, line, line, point, point, (0, 0, 9, 9)), [0, 1, 2, 3, 4])

    def test_areas_of_the_largest_extent_are_exact(self):
        # Of 65535² square units 255/256, less or more than a row or a column.
        whole = (0, 0, 65535, 65535)
        self.assertEqual(self.kept(255, whole, (0, 0, 65535, 65279)), [0, 1])
        self.assertEqual(self.kept(255, whole, (0, 0, 65535, 65280)), [0])

    def test_it_ends_when_so_many_are_kept(self):
        self.assertEqual(self.kept(128, *[(9 * n, 0, 9 * n + 9, 9) for n in range(5)], limit=3),
                         [0, 1, 2])
