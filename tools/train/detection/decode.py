"""From a detector's outputs to boxes, in double precision: what integers are compared with.

For each image:

1. A candidate is a class at a location whose logit c is at least ln(t / (1 − t)), t = SCORE: a comparison
   of logits, no sigmoid.
2. Its score is √(σ(c)·σ(q)), q the logit of centerness. The order of scores is that of
   log σ(c) + log σ(q), where log σ(x) = −ln(1 + e⁻ˣ) is monotone: a table and an addition.
3. Its box is x − l·s, y − t·s, x + r·s, y + b·s, cut to the canvas: (x, y) = ((j + 1/2)·s, (i + 1/2)·s) is
   the location, and distances are in units of the stride s, a power of two: shifts and additions.
4. The CANDIDATES best go on, in falling order of scores. Of equal scores the first one is that of the
   finer level, then of the upper row, the left column, the lower class.
5. In this order a box is kept unless one that was kept, of its class, overlaps it by more than half of
   their union: 3·|A ∩ B| > |A| + |B|. An area is a product of two sides, which is a sum of shifts, or
   exact by a table of squares: w·h = ⌊(w + h)²/4⌋ − ⌊(w − h)²/4⌋. The KEPT best are the result.
"""

import numpy as np

SCORE = 0.05
CANDIDATES = 200
KEPT = 100


def log_sigmoid(x):
    return -np.logaddexp(0.0, -x)


def candidates(outputs, strides, canvas):
    """Boxes [n, 4], log σ(c) + log σ(q) [n] and classes [n] of one image, steps 1 to 3, level after level.

    Args:
        outputs: for each level logits [classes, h, w], distances [4, h, w] and centerness [1, h, w].
        canvas: rows and columns.
    """
    boxes, scores, classes = [], [], []
    threshold = np.log(SCORE / (1 - SCORE))
    for stride, logits, distances, centerness in zip(
            strides, outputs[0::3], outputs[1::3], outputs[2::3]):
        logits, distances, centerness = (
            np.asarray(array, dtype=np.float64) for array in (logits, distances, centerness))
        # Row, column, class: the order of ties.
        row, column, label = (logits.transpose(1, 2, 0) >= threshold).nonzero()
        left, top, right, bottom = distances[:, row, column] * stride
        x, y = (column + 0.5) * stride, (row + 0.5) * stride
        boxes.append(np.stack([
            (x - left).clip(0, canvas[1]), (y - top).clip(0, canvas[0]),
            (x + right).clip(0, canvas[1]), (y + bottom).clip(0, canvas[0])], 1))
        scores.append(log_sigmoid(logits[label, row, column]) + log_sigmoid(centerness[0, row, column]))
        classes.append(label)
    return np.concatenate(boxes), np.concatenate(scores), np.concatenate(classes)


def suppress(boxes, classes):
    """Step 5 for boxes in falling order of scores: indices of those that are kept."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left, kept = np.ones(len(boxes), bool), []
    for index in range(len(boxes)):
        if not left[index]:
            continue
        kept.append(index)
        if len(kept) == KEPT:
            break
        low = np.maximum(boxes[index, :2], boxes[:, :2])
        high = np.minimum(boxes[index, 2:], boxes[:, 2:])
        both = (high - low).clip(0).prod(1)
        left &= (classes != classes[index]) | (3 * both <= area + area[index])
    return kept


def decode(outputs, strides, canvas):
    """Boxes of one image, in falling order of scores: float64 [n, 4], left, top, right and bottom in
    pixels, with scores in 0…1 and classes."""
    boxes, scores, classes = candidates(outputs, strides, canvas)
    order = np.argsort(-scores, kind="stable")[:CANDIDATES]
    order = order[suppress(boxes[order], classes[order])]
    return boxes[order], np.exp(scores[order] / 2), classes[order]
