"""Cases of boxes: what a detector's outputs become."""

from dataclasses import replace

import numpy as np

from adb import limits
from adb.detection import TABLE_ENTRIES
from .detectors import Detector, put, scatter

LOW, HIGH = -2**31, 2**31 - 1
UNIT = 2**16  # of logits


def detection_cases():
    yield from _by_hand()
    yield from _objects()
    yield from _strides()
    yield from _shifts()
    yield from _scores()
    yield from _orders()
    yield from _limits()
    yield from _overlaps()
    yield from _borders()
    yield from _outputs()


def _by_hand():
    """The box at (4, 4) takes that at (12, 4); those of another class and another level stay."""
    detector = Detector("two levels by hand", 16, 16)
    fine = detector.level(3, 2)
    coarse = detector.level(4, 2)
    put(fine, 0, 0, 0, 3 * UNIT, [32, 32, 160, 32])
    put(fine, 0, 1, 0, 2 * UNIT, [144, 32, 32, 32])
    put(fine, 1, 0, 1, UNIT, [16, 16, 16, 16], -UNIT)
    put(coarse, 0, 0, 0, 4 * UNIT, [128, 128, 128, 128], UNIT)
    yield detector.case_of_boxes(64, 1, named=True)


# Objects


def _objects():
    sizes = [
        (33, 47, (2,), 1), (40, 24, (2,), 3), (37, 21, (2, 3), 2), (40, 56, (3, 4), 10),
        (23, 19, (1, 2, 3), 5), (30, 42, (2, 3, 4), 10), (9, 65, (1, 3, 5), 1), (1, 1, (0,), 1)]
    for number, (height, width, shifts, class_count) in enumerate(sizes):
        detector = Detector(
            f"objects, {height}x{width}, levels {len(shifts)}, classes {class_count}",
            height, width, fraction_bits=1 + number, overlap=64 + 24 * number,
            candidates=24 + 16 * number)
        scatter(detector, shifts, class_count, fraction=14 + number)
        yield detector.case_of_boxes(4096, 10)


def _strides():
    for shift in (0, 1, 2, 3, 4, 5, 10):
        size = 3 * 2**shift - 2**shift // 2 - 1 if shift < 10 else 1500
        detector = Detector(
            f"stride {2**shift}", 3 if shift == 10 else size + 1, size + 2, fraction_bits=5,
            overlap=255)
        level = detector.level(shift, 2)
        for row, column, label in np.ndindex(level["classes"].shape):
            put(level, row, column, label, detector.random.integer(-9, UNIT),
                detector.random.integers(4, 0, 40 << shift), detector.random.integer(-UNIT, UNIT))
        yield detector.case_of_boxes()


# Elements


def _edges(shift):
    """Elements at which the rescaling by `shift` rounds, or meets a bound."""
    values = {0, 1, 2, 3, 2**20, 2**23, 2**30, HIGH}
    if shift > 0:
        values |= {2**shift, 2**(shift - 1), 3 * 2**(shift - 1), min(2**(23 + shift), HIGH)}
    else:
        values |= {2**23 >> -shift}
    values |= {value + step for value in values for step in (-1, 1)}
    values |= {-value for value in values}
    return sorted(value for value in values | {LOW} if LOW <= value <= HIGH)


def _shifts():
    for shift in (-23, -22, -8, -1, 0, 1, 2, 8, 29, 30):
        values = _edges(shift)
        detector = Detector(
            f"shift {shift}", 3, len(values), overlap=255, candidates=256, boxes=256,
            fraction_bits=8 if len(values) < 256 else 7)
        level = detector.level(
            0, 1, threshold=LOW, class_shift=shift, distance_shift=shift, centerness_shift=shift)
        for column, value in enumerate(values):
            put(level, 0, column, 0, value, [0, 0, 1, 1])
            put(level, 1, column, 0, 0, [0, 0, 1, 1], value)
            put(level, 2, column, 0, HIGH - column, [value, values[-1 - column], 0, value])
        yield detector.case_of_boxes()
    detector = Detector("a shift for each output", 8, 8)
    level = detector.level(2, 2, class_shift=3, distance_shift=-4, centerness_shift=7)
    for row, column, label in np.ndindex(2, 2, 2):
        put(level, row, column, label, (row + 3 * label) * 8 * UNIT, [row, column, 2, label],
            (column - label) << 22)
    yield detector.case_of_boxes()


def sweep(name, values, **options):
    """A candidate for each value, as a logit of the class and, in reverse, of the centerness."""
    detector = Detector(
        name, 16, -(-len(values) // 16), overlap=255, candidates=len(values), boxes=len(values),
        **options)
    level = detector.level(0, 1, threshold=LOW)
    level["classes"][...] = np.resize(values, level["classes"].shape)
    level["centerness"][...] = np.resize(values[::-1], level["centerness"].shape)
    return detector.case_of_boxes()


def _scores():
    ends = [base + step for base in (0, 1024, 2048, 2**17, 2**19, 2**20 - 1024, 2**20, 2**21, 2**23)
            for step in (-513, -512, -511, -1, 0, 1, 511, 512)]
    yield sweep("logits where the lines of the table meet", ends + [-value for value in ends])
    random = Detector("logits of any size", 1, 1).random
    yield sweep("logits of any size", [
        random.choice((-1, 1)) * random.integer(0, 2**random.integer(1, 31) - 1)
        for _ in range(160)])
    tables = {
        "zeros": [0] * TABLE_ENTRIES, "the largest number": [65535] * TABLE_ENTRIES,
        "extremes": [65535 * (index % 2) for index in range(TABLE_ENTRIES)],
        "any numbers": random.integers(TABLE_ENTRIES, 0, 65535)}
    for name, table in tables.items():
        yield sweep(f"a table of {name}", ends[:48] + [-value for value in ends[8:56]],
                    table=np.array(table, "<u2"), score_threshold=0.999)


# Order


def _orders():
    detector = Detector("equal scores keep the order of levels, rows, columns and classes", 16, 16)
    for shift in (2, 2, 3):
        level = detector.level(shift, 3, threshold=5)
        level["classes"][...] = 5
        level["distances"][...] = 4
    yield detector.case_of_boxes(4096, 60, 49, 48, 7, 1)
    detector = Detector("equal sums of different logits", 8, 8, overlap=255)
    level = detector.level(1, 2, threshold=-9 * UNIT)
    for row, column in np.ndindex(4, 4):
        level["classes"][row, column] = [(row - column) * UNIT, (column - row) * UNIT]
        level["centerness"][row, column] = (column - row) * UNIT
    yield detector.case_of_boxes(4096, 9)
    for name, threshold, values in (
            ("nothing above the threshold", 1, [0, -1, LOW]),
            ("the threshold itself is a candidate", HIGH, [HIGH, HIGH - 1, 0]),
            ("each element is a candidate", LOW, [LOW, 0, HIGH])):
        detector = Detector(name, 6, 5)
        level = detector.level(1, 3, threshold=threshold)
        level["classes"][...] = values
        level["distances"][...] = [8, 9, 10, 11]
        yield detector.case_of_boxes(4096, 1)


def _limits():
    for candidates, boxes in ((1, 1), (7, 7), (40, 3), (100, 100), (4096, 4096), (4096, 1)):
        detector = Detector(
            f"at most {candidates} candidates and {boxes} boxes", 13, 15, overlap=245,
            candidates=candidates, boxes=boxes)
        scatter(detector, (1, 2), 2, fraction=16, count=6)
        yield detector.case_of_boxes(4096, 1, 2, 3, 20, 40, 41)
    detector = Detector(
        f"more than {limits.CANDIDATES} candidates", 24, 24, candidates=limits.CANDIDATES, boxes=20)
    level = detector.level(0, 8)
    level["classes"][...] = np.array(
        detector.random.integers(24 * 24 * 8, 0, 200)).reshape(24, 24, 8) * 99
    level["distances"][...] = 100
    yield detector.case_of_boxes(4096, 4095, 500)


# Boxes


def _overlaps():
    for overlap in (0, 1, 64, 127, 128, 129, 254, 255):
        detector = Detector(f"overlap {overlap}", 32, 24, overlap=overlap, boxes=64)
        level = detector.level(2, 3)
        random = detector.random
        for row, column, label in np.ndindex(8, 6, 3):
            if random.chance(0.3):
                put(level, row, column, label, random.integer(0, 3 * UNIT),
                    random.integers(4, 32, 320))
        yield detector.case_of_boxes(4096)
    # 256·I = n·(A + B − I) is no reason to drop a box, one unit more is: two boxes, and for each
    # one of less score that covers `part` or `part` + 1 of its width.
    for overlap, wide, part in ((128, 200, 100), (64, 160, 40), (255, 256, 255), (0, 64, 0),
                                (1, 256, 1)):
        detector = Detector(f"a union shared by {overlap}/256 exactly", 4, 64, overlap=overlap)
        level = detector.level(2, 1)
        for column, more in ((0, 0), (6, 1)):
            put(level, 0, column + 1, 0, 3 * UNIT - column, [64, 16, wide - 64, 16])
            put(level, 0, column, 0, 2 * UNIT - column, [0, 16, part + more, 16])
        yield detector.case_of_boxes()
    detector = Detector("boxes of no area", 16, 16, overlap=0)
    level = detector.level(2, 2)
    for row, column in np.ndindex(4, 4):
        sides = [[0, 0, 0, 0], [40, 0, 90, 0], [0, 50, 0, 33], [-5, LOW, -1, 0]][row]
        put(level, row, column, column % 2, column * 9, sides)
    put(level, 3, 3, 0, UNIT, [90, 90, 90, 90])
    yield detector.case_of_boxes()
    detector = Detector("identical boxes", 8, 8, overlap=255, fraction_bits=3)
    level = detector.level(1, 4)
    for row, column, label in np.ndindex(4, 4, 4):
        # From each location to the sides of one box.
        x, y = 16 * column + 8, 16 * row + 8
        put(level, row, column, label, row + column, [x - 8, y - 16, 48 - x, 40 - y])
    yield detector.case_of_boxes(4096, 5)


def _borders():
    for bits, height, width, shift in (
            (1, 1, 32767, 10), (8, 255, 9, 5), (8, 7, 255, 3), (4, 4095, 1, 8),
            (3, 45, 67, 5)):
        detector = Detector(
            f"over the border, {height}x{width}, {bits} bits of fraction", height, width,
            fraction_bits=bits, overlap=200, boxes=40)
        level = detector.level(shift, 2)
        random = detector.random
        for row, column, label in np.ndindex(level["classes"].shape):
            put(level, row, column, label, random.integer(-2 * UNIT, 2 * UNIT),
                [random.choice((0, 1, 2**12, 2**15, 2**16, 2**23, 2**24, HIGH, -1, LOW))
                 for _ in range(4)])
        yield detector.case_of_boxes()


# Outputs


def _outputs():
    detector = Detector(
        f"{limits.LEVELS} levels of the same outputs", 6, 10, overlap=200, candidates=999)
    scatter(detector, (1,), 3, fraction=16)
    case = detector.case_of_boxes(4096, 11)
    level = detector.detection.levels[0]
    for number in range(1, limits.LEVELS):
        detector.detection.levels.append(replace(
            level, threshold=level.threshold + number * UNIT // 4, distance_shift=12 - number % 3,
            class_shift=number - 8))
    yield case
    detector = Detector("classes that are the centerness, too", 6, 10)
    scatter(detector, (1,), 1, fraction=16)
    case = detector.case_of_boxes(4096, 2)
    detector.detection.levels[0].centerness = detector.detection.levels[0].classes
    yield case
    detector = Detector("outputs in another order, and one more", 12, 12)
    scatter(detector, (1, 2), 2, fraction=16)
    name, model, image, capacities = detector.case_of_boxes(4096, 3, named=True)
    model.outputs = model.outputs[::-1] + model.outputs[:1]
    model.class_names = ["centerness"]
    yield name, model, image, capacities
