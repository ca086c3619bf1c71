"""Integers and double precision find the same boxes but for near ties."""

import numpy as np
import pytest

import compare_decoders
from compare_decoders import Head, Unproved, compare, random_head, summary

from adder_tools import Detection


def test_random_heads_give_the_same_boxes():
    """`python compare_decoders.py` compares 10,000."""
    comparisons = [compare(random_head(seed)) for seed in range(300)]
    assert sum(comparison.candidates for comparison in comparisons) > 100 * len(comparisons)
    assert sum(comparison.boxes for comparison in comparisons) > 10 * len(comparisons)
    assert sum(comparison.same_boxes for comparison in comparisons) >= 295
    assert max(comparison.side_error for comparison in comparisons) < 0.5
    assert list(summary(comparisons))[4] == "unproved          0"


def head(bits, logits, sides, overlap=0.5):
    """Locations of stride 8 in a row, of one class."""
    count = len(logits)
    elements = [np.array(logits), np.array(sides).T, np.zeros(count)]
    return Head(
        (8, 8 * count), Detection([8], overlap=overlap),
        [np.round(part * 2.0**bits).astype(np.int32).reshape(-1, 1, count) for part in elements],
        [bits] * 3)


TINY = [0.25] * 4


def test_a_near_tie_of_scores_turns_the_order():
    found = compare(head(21, [1, 1 + 2.0**-21], [TINY, TINY]))
    assert found.same_boxes and not found.same_order and found.near_scores == 1
    found = compare(head(21, [1, 1 + 2.0**-10], [TINY, TINY]))
    assert found.same_order and found.near_scores == 0


def test_a_near_tie_of_overlaps_changes_the_boxes():
    # 16×8 pixels and half of it, but for a part of a pixel.
    for more, near in ((2.0**-13, 1), (2.0**-6, 0)):
        found = compare(head(
            15, [2, 1], [[0.5, 0.5, 1.5, 0.5], [0.5 + more, 0.5, 0.5, 0.5]]))
        assert (found.near_overlaps, found.same_boxes) == (near, not near)
        assert found.boxes == 1 + near


@pytest.mark.parametrize("change", ["table", "sides", "order", "overlap", "limit"])
def test_another_difference_is_no_near_tie(monkeypatch, change):
    integers = compare_decoders.integers
    log_sigmoid, candidates, best, suppress = (
        integers.log_sigmoid, integers.candidates, integers.best, integers.suppress)

    def moved(model, outputs):
        boxes = candidates(model, outputs)
        boxes["left"] += 1
        return boxes

    name, wrong = {
        "table": ("log_sigmoid", lambda x, table: log_sigmoid(x, table) + (np.abs(x) > 2**16) * 3),
        "sides": ("candidates", moved),
        "order": ("best", lambda boxes, count: best(boxes[:-1], count)),
        "overlap": ("suppress", lambda boxes, overlap, limit: suppress(boxes, overlap + 20, limit)),
        "limit": ("suppress", lambda boxes, overlap, limit: suppress(boxes, overlap, 5)),
    }[change]
    monkeypatch.setattr(integers, name, wrong)
    with pytest.raises(Unproved):
        for seed in range(20):
            compare(random_head(seed))
