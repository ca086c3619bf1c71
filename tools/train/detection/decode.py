"""From a detector's outputs to boxes, in double precision: what the integers of docs/arithmetic.md,
"Detection", stand for and are compared with. A Detection of adder_tools has the numbers.

For each image:

1. A candidate is a class at a location whose logit c is at least ln(t / (1 − t)), t = `score`: a comparison
   of logits, no sigmoid.
2. Its score is √(σ(c)·σ(q)), q the logit of centerness. The order of scores is that of
   log σ(c) + log σ(q), where log σ(x) = −ln(1 + e⁻ˣ) is monotone: a table and an addition.
3. Its box is x − l·s, y − t·s, x + r·s, y + b·s, cut to the canvas: (x, y) = ((j + 1/2)·s, (i + 1/2)·s) is
   the location, and distances l, t, r, b, those below 0 as 0, are in units of the stride s, a power of two:
   shifts and additions.
4. The `candidates` best go on, in falling order of scores. Of equal scores the first one is that of the
   finer level, then of the upper row, the left column, the lower class.
5. In this order a box is kept unless one that was kept, of its class, shares with it more than n/256 of
   their union, n the integer nearest to 256·`overlap`: 256·|A ∩ B| > n·|A ∪ B|. The `boxes` best are the result.
"""

import numpy as np


def log_sigmoid(x):
    return -np.logaddexp(0.0, -x)


def candidates(outputs, detection, canvas):
    """Boxes [n, 4], log σ(c) + log σ(q) [n] and classes [n] of one image, steps 1 to 3, level after level.

    Args:
        outputs: arrays [channels, h, w] in the order of the network.
        detection: an adder_tools.Detection.
        canvas: rows and columns.
    """
    boxes, scores, classes = [], [], []
    chosen = detection.document()
    threshold = np.log(chosen["score"] / (1 - chosen["score"]))
    for stride, level in zip(chosen["strides"], chosen["outputs"]):
        logits, distances, centerness = (
            np.asarray(outputs[number], dtype=np.float64) for number in level)
        # Row, column, class: the order of ties.
        row, column, label = (logits.transpose(1, 2, 0) >= threshold).nonzero()
        left, top, right, bottom = distances[:, row, column].clip(0) * stride
        x, y = (column + 0.5) * stride, (row + 0.5) * stride
        boxes.append(np.stack([
            (x - left).clip(0, canvas[1]), (y - top).clip(0, canvas[0]),
            (x + right).clip(0, canvas[1]), (y + bottom).clip(0, canvas[0])], 1))
        scores.append(log_sigmoid(logits[label, row, column]) + log_sigmoid(centerness[0, row, column]))
        classes.append(label)
    return np.concatenate(boxes), np.concatenate(scores), np.concatenate(classes)


def areas(boxes):
    """Areas of boxes [..., 4], 0 where a side is not before the opposite one."""
    return (boxes[..., 2:] - boxes[..., :2]).clip(0).prod(-1)


def overlap_number(overlap):
    """n, the integer nearest to 256·`overlap`, as adderc takes it: of two the larger one."""
    return int(256 * overlap + 0.5)


def excess(box, boxes, overlap):
    """256·|A ∩ B| − n·|A ∪ B| of a box and others: above 0, they share too much."""
    shared = areas(np.concatenate(
        [np.maximum(box[:2], boxes[..., :2]), np.minimum(box[2:], boxes[..., 2:])], -1))
    return 256 * shared - overlap_number(overlap) * (areas(box) + areas(boxes) - shared)


def suppress(boxes, classes, detection):
    """Step 5 for boxes in falling order of scores: indices of those that are kept."""
    limit = detection.document()["boxes"]
    left, kept = np.ones(len(boxes), bool), []
    for index in range(len(boxes)):
        if not left[index]:
            continue
        kept.append(index)
        if len(kept) == limit:
            break
        left &= (classes != classes[index]) | (excess(boxes[index], boxes, detection.overlap) <= 0)
    return kept


def choose(boxes, scores, classes, detection):
    """Steps 4 and 5: indices of the candidates that are the result, in its order."""
    order = np.argsort(-scores, kind="stable")[:detection.candidates]
    return order[suppress(boxes[order], classes[order], detection)]


def decode(outputs, detection, canvas):
    """Boxes of one image, in falling order of scores: float64 [n, 4], left, top, right and bottom in
    pixels, with scores in 0…1 and classes."""
    boxes, scores, classes = candidates(outputs, detection, canvas)
    order = choose(boxes, scores, classes, detection)
    return boxes[order], np.exp(scores[order] / 2), classes[order]
