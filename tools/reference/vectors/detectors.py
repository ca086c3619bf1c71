"""Small detectors whose outputs are the caller's bytes, for golden vectors of boxes."""

import numpy as np

from adb import structures as s
from adb.detection import TABLE_ENTRIES, Detection, DetectionHeader, DetectionLevel
from adb.groups import Entry, Window
from .network import Network

# round(2^16 ln(1 + e^(-i/64))), which numpy and C libraries agree on: no entry is near a tie.
TABLE = np.array(np.round(2**16 * np.log1p(np.exp(-np.arange(TABLE_ENTRIES) / 64))), "<u2")
OUTPUTS = ("classes", "distances", "centerness")
NOTHING = -2**31


class Detector(Network):
    """A detector in the making; `levels` hold its outputs as i32 arrays [h, w, c]."""

    def __init__(self, name, height, width, fraction_bits=4, overlap=128, candidates=64, boxes=None,
                 table=TABLE, score_threshold=0.05):
        super().__init__(name)
        self.input(height, width, 1)
        self.extent = height, width
        self.detection = Detection(
            DetectionHeader(
                fraction_bits=fraction_bits, overlap=overlap, candidate_limit=candidates,
                box_limit=boxes or min(candidates, 32), table=table,
                score_threshold=float(np.float32(score_threshold))), [])
        self.levels = []

    def level(self, stride_shift, class_count, threshold=0, class_shift=0, distance_shift=0,
              centerness_shift=0):
        """Appends a level without a candidate, its other elements 0, and returns its arrays."""
        rows, columns = (-(-size // 2**stride_shift) for size in self.extent)
        arrays = {
            name: np.zeros((rows, columns, channels), np.int32)
            for name, channels in zip(OUTPUTS, (class_count, 4, 1))}
        arrays["classes"][...] = min(threshold - 1, 0) if threshold > NOTHING else 0
        tensors = {name: self._output(*arrays[name].shape) for name in OUTPUTS}
        self.detection.levels.append(DetectionLevel(
            **tensors, threshold=threshold, stride_shift=stride_shift, class_shift=class_shift,
            distance_shift=distance_shift, centerness_shift=centerness_shift))
        self.levels.append(arrays)
        return arrays

    def _output(self, height, width, channels):
        """An output whose elements are the bytes of an input, four an element."""
        x = self.input(height, width, 4 * channels)
        planes = [[3], *[[]] * 7, [2], *[[]] * 7, [1], *[[]] * 7, [0]]
        y = self.conv2d(
            x, channels, Window(1, 1), groups=channels,
            planes=[[(taps, []) for taps in planes]] * channels, output_type=s.I32, shift=0,
            entries=[Entry(0, 0, [(1, 0)])], pad_values=[0] * 4 * channels)
        self.tensors[y].zero_point = 0
        return y

    def case_of_boxes(self, *capacities, named=False):
        """(name, model, image, capacities), by default one of the limit of candidates."""
        outputs = [
            getattr(level, name) for level in self.detection.levels for name in OUTPUTS]
        name, model, image = self.case(*outputs, fill="zeros", named=named)
        model.detection = self.detection
        arrays = [level[name] for level in self.levels for name in OUTPUTS]
        for position, array in enumerate(arrays, 1):
            values = np.ascontiguousarray(array.astype("<i4"))
            image[position] = values.view(np.uint8).reshape(image[position].shape)
        return name, model, image, capacities or (self.detection.header.candidate_limit,)


def put(level, row, column, label, logit, sides, centerness=0):
    """A candidate; `sides` are its distances."""
    level["classes"][row, column, label] = logit
    level["distances"][row, column] = sides
    level["centerness"][row, column, 0] = centerness


def scatter(detector, stride_shifts, class_count, fraction, count=4):
    """Levels with objects, at and around whose middles there are candidates; a logit and a side in
    pixels is 2^-fraction a unit of an element."""
    random = detector.random
    height, width = detector.extent
    objects = [
        (random.real(0, height), random.real(0, width), random.real(6, 40), random.real(6, 40),
         random.integer(0, class_count - 1)) for _ in range(count)]
    for shift in stride_shifts:
        stride = 2**shift
        level = detector.level(
            shift, class_count, threshold=-3 << fraction, class_shift=fraction - 16,
            centerness_shift=fraction - 16,
            distance_shift=fraction - detector.detection.header.fraction_bits)
        for row, column in np.ndindex(level["classes"].shape[:2]):
            y, x = (row + 0.5) * stride, (column + 0.5) * stride
            logits = [random.real(-9, -3.5) for _ in range(class_count)]
            sides = [random.real(-1, 3) for _ in range(4)]
            for middle_y, middle_x, high, wide, label in objects:
                away = max(abs(y - middle_y) / high, abs(x - middle_x) / wide)
                if away < 0.5:
                    logits[label] = random.real(1, 4) - 8 * away
                    sides = [
                        wide / 2 + x - middle_x, high / 2 + y - middle_y, wide / 2 - x + middle_x,
                        high / 2 - y + middle_y]
                    sides = [side + random.real(-1, 1) for side in sides]
            scale = 2**fraction
            put(level, row, column, slice(None), [round(logit * scale) for logit in logits],
                [round(side * scale) for side in sides], round(random.real(-2, 2) * scale))
