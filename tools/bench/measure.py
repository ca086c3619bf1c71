"""Times of competitors, interleaved: every round asks each of them in turn.

What slows the machine down, its frequency and other programs, so meets all alike; a ratio is the
median of those of the rounds.
"""

import statistics
from dataclasses import dataclass, field
from typing import Callable

from worker import PeerFailure


@dataclass
class Competitor:
    """What is measured in a round, and what the rounds have given, in seconds.

    sample() returns processor time and elapsed time; `every` says in which rounds it is asked.
    """

    key: str
    sample: Callable
    every: int = 1
    processor: list = field(default_factory=list)
    wall: list = field(default_factory=list)
    failure: str | None = None


def interleave(competitors, rounds):
    """Samples all competitors so many times; the order turns by one in each round."""
    for turn in range(rounds):
        offset = turn % len(competitors)
        for competitor in competitors[offset:] + competitors[:offset]:
            if competitor.failure or turn % competitor.every:
                continue
            try:
                processor, wall = competitor.sample()
            except PeerFailure as failure:
                competitor.failure = str(failure)
            else:
                competitor.processor.append((turn, processor))
                competitor.wall.append((turn, wall))


def median(samples):
    return statistics.median(value for _, value in samples)


def least(samples):
    return min(value for _, value in samples)


def ratio(samples, of):
    """The median over rounds of samples divided by those of the same round."""
    base = dict(of)
    return statistics.median(value / base[turn] for turn, value in samples if turn in base)


def slope(sample, few, many):
    """What one more copy of a layer takes: the difference between many copies and few, shared.

    sample(count) runs a network of so many copies. What a run costs apart from its layers, such as
    the call, input and outputs, falls out.
    """
    return tuple((b - a) / (many - few) for a, b in zip(sample(few), sample(many)))


def geometric_mean(values):
    return statistics.geometric_mean(values)
