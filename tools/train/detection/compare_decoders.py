"""Compares the integers of docs/arithmetic.md, "Detection", as tools/reference has them, with decode.py in
double precision, on random heads.

Where the two differ, they must differ by near ties alone: two scores whose distance, or a share of a union
whose distance from `overlap`, is within the stated error of the integers. That is proved: double precision
that decides near ties as the integers do has to give their boxes, and in their order.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import decode
from network import ARCHITECTURES  # noqa: F401, finds adder_tools

from adder_tools import Detection

sys.path.append(str(Path(__file__).resolve().parents[2] / "reference"))

from adb import boxes as integers  # noqa: E402
from adb import detection as section  # noqa: E402
from adb import structures  # noqa: E402

TABLE = np.round(2**16 * np.log1p(np.exp(-np.arange(1025) / 64))).astype("<u2")
#: Of a score in units of 2^-16: each of two logits is rounded and within 1.5 of 2^16·log σ.
SCORE_ERROR = 2 * (0.5 + 1.5)


@dataclass
class Head:
    """One image's outputs as a compiled detector has them.

    Attributes:
        elements: for each output int32 [channels, h, w], in the order of the network.
        fractions: for each output the bits of an element behind the point.
    """

    canvas: tuple
    detection: Detection
    elements: list
    fractions: list

    @property
    def numbers(self):
        """What the elements stand for."""
        return [array / 2.0**bits for array, bits in zip(self.elements, self.fractions)]

    def model(self):
        """Tensors and section of the model file, without a network."""
        chosen, (height, width) = self.detection.document(), self.canvas
        fraction_bits = max(bits for bits in range(1, 9) if max(self.canvas) << bits <= 65535)
        tensors = [structures.Tensor(
            height=height, width=width, channels=1, element_type=structures.U8)]
        tensors += [
            structures.Tensor(height=array.shape[1], width=array.shape[2], channels=array.shape[0],
                              element_type=structures.I32)
            for array in self.elements]
        levels = []
        logit = np.log(chosen["score"] / (1 - chosen["score"]))
        for stride, outputs in zip(chosen["strides"], chosen["outputs"]):
            bits = [self.fractions[output] for output in outputs]
            stride_shift = stride.bit_length() - 1
            levels.append(section.DetectionLevel(
                **dict(zip(("classes", "distances", "centerness"), (1 + o for o in outputs))),
                threshold=int(np.ceil(logit * 2**bits[0])), stride_shift=stride_shift,
                class_shift=bits[0] - 16, distance_shift=bits[1] - fraction_bits - stride_shift,
                centerness_shift=bits[2] - 16))
        header = section.DetectionHeader(
            fraction_bits=fraction_bits, overlap=decode.overlap_number(chosen["overlap"]),
            candidate_limit=chosen["candidates"], box_limit=chosen["boxes"], table=TABLE,
            score_threshold=chosen["score"])
        return structures.Model(
            tensors, [], [0], list(range(1, len(tensors))),
            detection=section.Detection(header, levels))


def random_head(seed):
    """Objects, at and around whose middles classes have logits above the threshold, on noise."""
    generator = np.random.default_rng([seed, 13])
    strides, canvas, class_count = [
        ([8, 16], (96, 128), 10), ([8, 16], (96, 128), 10), ([4, 8, 16], (120, 160), 3),
        ([16, 32], (95, 161), 20)][seed % 4]
    detection = Detection(strides, overlap=float(generator.choice([0.5, 0.5, 0.6, 0.35])))
    count = generator.integers(1, 9)
    size = generator.uniform(10, 60, (count, 2))
    middle = generator.uniform(0, 1, (count, 2)) * canvas
    label = generator.integers(0, class_count, count)
    elements, fractions = [], []
    for stride in strides:
        extent = [-(-side // stride) for side in canvas]
        y, x = ((np.arange(side) + 0.5) * stride for side in extent)
        logits = generator.normal(-4.5, 0.8, (class_count, *extent))
        sides = generator.gamma(2, 1, (4, *extent)) - 0.5
        for (high, wide), (row, column), of in zip(size, middle, label):
            away = np.maximum(
                np.abs(y[:, None] - row) / high, np.abs(x[None] - column) / wide)
            inside = away < 0.5
            noise = generator.normal(0, 0.7, extent)
            logits[of] = np.where(inside, 2.5 - 7 * away + noise, logits[of])
            for part, box in enumerate((
                    x[None] - column + wide / 2, y[:, None] - row + high / 2,
                    column + wide / 2 - x[None], row + high / 2 - y[:, None])):
                near = box / stride + generator.normal(0, 1.5 / stride, extent)
                sides[part] = np.where(inside, near, sides[part])
        centerness = generator.normal(0, 1.2, (1, *extent))
        bits = generator.integers(10, 22, 3).tolist()
        fractions += bits
        elements += [
            np.round(array * 2.0**fraction).clip(-2**31, 2**31 - 1).astype(np.int32)
            for array, fraction in zip((logits, sides, centerness), bits)]
    return Head(canvas, detection, elements, fractions)


@dataclass
class Comparison:
    """Of one head. Errors are in pixels and in units of 2^-16 of a score."""

    candidates: int
    boxes: int
    same_boxes: bool
    same_order: bool
    side_error: float
    score_error: float
    near_scores: int
    near_overlaps: int


class Unproved(Exception):
    """The decoders differ by more than near ties."""


def compare(head):
    """Both decoders on one head.

    Raises:
        Unproved: they do not find the same candidates, a side or a score is further off than stated, or
            the boxes differ where there is no near tie.
    """
    model = head.model()
    header = model.detection.header
    outputs = [array.transpose(1, 2, 0) for array in head.elements]
    found = integers.candidates(model, outputs)
    kept, = integers.detect(model, [array[np.newaxis] for array in outputs])
    boxes, scores, labels = decode.candidates(head.numbers, head.detection, head.canvas)
    expected = decode.choose(boxes, scores, labels, head.detection)

    if len(found) != len(boxes) or (found["label"] != labels).any():
        raise Unproved(f"{len(found)} candidates, expected {len(boxes)}")
    unit = 2.0**-header.fraction_bits
    sides = np.stack([found[name] for name in ("left", "top", "right", "bottom")], 1) * unit
    side_error = np.abs(sides - boxes).max(initial=0)
    score_error = np.abs(found["score"] - 2**16 * scores).max(initial=0)
    if side_error > unit / 2 + 1e-9 or score_error > SCORE_ERROR + 1e-6:
        raise Unproved(f"a side is off by {side_error} pixels, a score by {score_error}")

    order = np.argsort(-found["score"].astype(np.int64), kind="stable")
    ranked = scores[order]
    # In this order pairs are the wrong way round whose scores are near: by the check above no others can be.
    turned = np.triu(ranked[:, None] < ranked[None, :], 1)
    near_scores = int(turned.sum())
    gap = (ranked[None, :] - ranked[:, None])[turned].max(initial=0) * 2**16
    if gap > 2 * SCORE_ERROR:
        raise Unproved(f"scores that differ by {gap} units are the wrong way round")
    result, near_overlaps = _suppress_as_integers(
        head.detection, boxes, sides, labels, order[:header.candidate_limit], header.box_limit, unit)
    if result != kept.boxes["place"].tolist():
        raise Unproved("other boxes, and no near tie explains them")
    return Comparison(
        len(found), len(result), sorted(result) == sorted(expected.tolist()),
        result == expected.tolist(), side_error, score_error, near_scores, near_overlaps)


def _suppress_as_integers(detection, boxes, sides, labels, order, limit, unit):
    """Suppression in double precision, of which near ties are decided by the integers' sides: the numbers of
    the boxes that are kept, and how many near ties were decided otherwise than without the integers."""
    open_, kept, near_count = np.ones(len(order), bool), [], 0
    for position, index in enumerate(order):
        if not open_[position]:
            continue
        kept.append(int(index))
        if len(kept) == limit:
            break
        exact = decode.excess(boxes[index], boxes[order], detection.overlap)
        ours = decode.excess(sides[index], sides[order], detection.overlap)
        near = np.abs(exact) <= _excess_error(boxes[index], boxes[order], detection.overlap, unit)
        shares = np.where(near, ours, exact) > 0
        alike = open_ & (labels[order] == labels[index])
        alike[:position + 1] = False
        near_count += int((alike & near & ((exact > 0) != (ours > 0))).sum())
        open_ &= ~(shares & (labels[order] == labels[index]))
    return kept, near_count


def _excess_error(box, others, overlap, unit):
    """The most by which the excess of two boxes differs if each side moves by half a unit: a box and the
    part that two share are then longer and higher by a unit at most."""
    def error(lengths):
        return unit * lengths.clip(0).sum(-1) + unit**2

    shared = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    n = decode.overlap_number(overlap)
    return (256 + n) * error(shared) + n * (
        error(box[2:] - box[:2]) + error(others[:, 2:] - others[:, :2]))


def summary(comparisons):
    """Lines of text."""
    count = len(comparisons)
    same_boxes = sum(c.same_boxes for c in comparisons)
    same_order = sum(c.same_order for c in comparisons)
    yield (f"heads             {count}, of {sum(c.candidates for c in comparisons) / count:.0f} candidates and"
           f" {sum(c.boxes for c in comparisons) / count:.1f} boxes in the mean")
    yield f"same, in order    {same_order}"
    yield f"same, other order {same_boxes - same_order}, each by scores within {2 * SCORE_ERROR:g} units of 2^-16"
    yield f"other boxes       {count - same_boxes}, each by near ties of scores or overlaps"
    yield "unproved          0"
    yield f"turned pairs      {sum(c.near_scores for c in comparisons)} of candidates, by their scores"
    yield f"turned overlaps   {sum(c.near_overlaps for c in comparisons)} of boxes and a candidate"
    yield (f"largest errors    {max(c.side_error for c in comparisons):.6f} pixels,"
           f" {max(c.score_error for c in comparisons):.3f} units of 2^-16 of a score")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first head")
    options = parser.parse_args()
    comparisons = []
    for seed in range(options.first, options.first + options.heads):
        try:
            comparisons.append(compare(random_head(seed)))
        except Unproved as error:
            print(f"head {seed}: {error}", file=sys.stderr)
            return 1
    for line in summary(comparisons):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
