"""Boxes candidate by candidate over Python integers, as the expected values of the tests.

Nothing here calls `adb.boxes`: products and halves are exact, rounding is by floor division, and a
box of the result is a tuple in the order of its fields.
"""

from .loops import clamped


def rescaled(value, shift):
    """The element over 2^shift, of which the document bounds the range before and behind."""
    if shift <= 0:
        bound = 2**23 // 2**-shift
        return clamped(value, -bound, bound) * 2**-shift
    value = clamped(value, -2**30, 2**30)
    return clamped((2 * value + 2**shift) // 2**(shift + 1), -2**23, 2**23)


def log_sigmoid(x, table):
    if abs(x) >= 2**20:
        return min(x, 0)
    index, rest = divmod(abs(x), 1024)
    return min(x, 0) - int(table[index]) + (
        rest * (int(table[index]) - int(table[index + 1])) + 512) // 1024


def found_boxes(model, values):
    """The candidates; `values` are the elements of each output, in the order of their index."""
    header, image = model.detection.header, model.tensors[model.inputs[0]]
    units = 2**header.fraction_bits
    found = []
    for number, level in enumerate(model.detection.levels):
        classes, distances, centerness = (
            values[model.outputs.index(tensor)]
            for tensor in (level.classes, level.distances, level.centerness))
        shape = model.tensors[level.classes]
        for place, logit in enumerate(classes):
            if logit < level.threshold:
                continue
            location, label = divmod(place, shape.channels)
            row, column = divmod(location, shape.width)
            left, top, right, bottom = (
                max(0, rescaled(side, level.distance_shift))
                for side in distances[4 * location:4 * location + 4])
            x, y = ((2 * index + 1) * 2**level.stride_shift * units // 2 for index in (column, row))
            score = (log_sigmoid(rescaled(logit, level.class_shift), header.table)
                     + log_sigmoid(rescaled(centerness[location], level.centerness_shift),
                                   header.table))
            found.append((
                clamped(x - left, 0, image.width * units),
                clamped(y - top, 0, image.height * units),
                clamped(x + right, 0, image.width * units),
                clamped(y + bottom, 0, image.height * units), label, number, score, len(found)))
    return found


def shared_and_union(first, second):
    """Areas in square units."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    shared = wide * high if wide > 0 and high > 0 else 0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared, sum(areas) - shared


def detections(model, values, capacity):
    """Candidates, those that the capacity alone dropped, and the boxes."""
    header, found = model.detection.header, found_boxes(model, values)
    wanted = sorted(found, key=lambda box: (-box[6], box[7]))[:header.candidate_limit]
    kept = []
    for box in wanted[:capacity]:
        if len(kept) == header.box_limit:
            break
        pairs = [shared_and_union(box, other) for other in kept if other[4] == box[4]]
        if not any(256 * shared > header.overlap * union for shared, union in pairs):
            kept.append(box)
    return len(found), max(0, len(wanted) - capacity), kept
