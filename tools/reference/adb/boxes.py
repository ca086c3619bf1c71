"""Boxes from the outputs of a detector, as docs/arithmetic.md "Detection" has it.

All numbers are exact in i64, of which the document proves that they fit in 32 bits, but for
the comparison of areas.
"""

from dataclasses import dataclass

import numpy as np

from .arithmetic import clamp

BOX = np.dtype([
    ("left", "<u2"), ("top", "<u2"), ("right", "<u2"), ("bottom", "<u2"), ("label", "<u2"),
    ("level", "<u2"), ("score", "<i4"), ("place", "<u4")])
BOUND = 2**23  # of rescaled elements


@dataclass
class Detections:
    """What became of one image. `boxes` is an array of BOX, in falling order of scores."""

    boxes: np.ndarray
    candidate_count: int
    dropped_count: int  # candidates that only a larger capacity would have taken


def rescale(values, shift):
    """Elements shifted to the right by `shift`, rounded, and bounded by 2^23."""
    values = np.asarray(values, np.int64)
    if shift <= 0:
        bound = BOUND >> -shift
        return clamp(values, -bound, bound) << -shift
    rounded = (clamp(values, -2**30, 2**30) + (1 << (shift - 1))) >> shift
    return clamp(rounded, -BOUND, BOUND)


def log_sigmoid(x, table):
    """Units of 2^-16 to units of 2^-16, by the lines between the entries of the table."""
    entries = np.append(np.asarray(table, np.int64), 0)  # behind the last one nothing is read
    magnitude = np.minimum(np.abs(x), 2**20)
    index, rest = magnitude >> 10, magnitude & 1023
    first, second = entries[index], entries[index + 1]
    line = first - ((rest * (first - second) + 512) >> 10)
    return np.minimum(x, 0) - np.where(magnitude < 2**20, line, 0)


def candidates(model, outputs):
    """An array of BOX of one image, in the order in which candidates are found.

    `outputs` holds one array [H, W, C] for each output. `place` counts them from 0.
    """
    header = model.detection.header
    image = model.tensors[model.inputs[0]]
    found = []
    for number, level in enumerate(model.detection.levels):
        classes, distances, centerness = (
            outputs[model.outputs.index(tensor)].astype(np.int64)
            for tensor in (level.classes, level.distances, level.centerness))
        # In the order row, column, class.
        row, column, label = (classes >= level.threshold).nonzero()
        boxes = np.zeros(len(row), BOX)
        boxes["label"], boxes["level"] = label, number
        boxes["score"] = sum(
            log_sigmoid(rescale(logits, shift), header.table) for logits, shift in (
                (classes[row, column, label], level.class_shift),
                (centerness[row, column, 0], level.centerness_shift)))
        half = level.stride_shift + header.fraction_bits - 1
        x, y = (2 * column + 1) << half, (2 * row + 1) << half
        sides = np.maximum(rescale(distances[row, column], level.distance_shift), 0)
        width, height = image.width << header.fraction_bits, image.height << header.fraction_bits
        boxes["left"] = clamp(x - sides[:, 0], 0, width)
        boxes["top"] = clamp(y - sides[:, 1], 0, height)
        boxes["right"] = clamp(x + sides[:, 2], 0, width)
        boxes["bottom"] = clamp(y + sides[:, 3], 0, height)
        found.append(boxes)
    found = np.concatenate(found)
    found["place"] = np.arange(len(found))
    return found


def best(found, count):
    """The `count` best candidates, in falling order of scores, of equal ones the first."""
    return found[np.argsort(-found["score"].astype(np.int64), kind="stable")[:count]]


def area(left, top, right, bottom):
    return np.maximum(right - left, 0) * np.maximum(bottom - top, 0)


def suppress(boxes, overlap, limit):
    """Those that are kept of boxes in falling order of scores."""
    sides = [boxes[name].astype(np.int64) for name in ("left", "top", "right", "bottom")]
    areas = area(*sides)
    open_, kept = np.ones(len(boxes), bool), []
    for index in range(len(boxes)):
        if not open_[index]:
            continue
        kept.append(index)
        if len(kept) == limit:
            break
        left, top, right, bottom = (side[index] for side in sides)
        both = area(np.maximum(sides[0], left), np.maximum(sides[1], top),
                    np.minimum(sides[2], right), np.minimum(sides[3], bottom))
        shares = 256 * both > overlap * (areas + areas[index] - both)
        open_ &= ~(shares & (boxes["label"] == boxes["label"][index]))
    return boxes[kept]


def detect(model, outputs, capacity=None):
    """`Detections` of each image, from the outputs [N, H, W, C] that `interpreter.run` gives.

    `capacity` is the number of candidates that the caller has memory for; by default it is enough.
    """
    if model.detection is None:
        raise ValueError("the model has no section 'detection'")
    header = model.detection.header
    if capacity is None:
        capacity = header.candidate_limit
    if capacity < 1:
        raise ValueError(f"capacity is {capacity}, expected at least 1")
    detections = []
    for image in zip(*outputs):
        found = candidates(model, image)
        wanted = min(len(found), header.candidate_limit)
        taken = min(wanted, capacity)
        detections.append(Detections(
            suppress(best(found, taken), header.overlap, header.box_limit), len(found),
            wanted - taken))
    return detections
