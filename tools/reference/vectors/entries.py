"""Random entries of channel tables."""

from adb import limits
from adb.groups import Entry
from .digits import signed_digits


def random_entry(random, centre, spread, low, high, shift, term_count, wide, sign=0):
    """Maps centre ± spread to about low...high with at most `term_count` terms."""
    slope = (high - low) / (2 * max(spread, 0.5)) * random.real(0.5, 1.3)
    slope *= sign or random.choice((-1, 1))
    factor = round(slope * 2**shift) or random.choice((-1, 1))
    highest = limits.WIDE_SHIFT if wide else limits.SHIFT
    terms = [(sign, power) for sign, power in signed_digits(factor) if power <= highest]
    terms = terms[:term_count]
    if len(terms) < term_count and random.chance(0.5):
        # Lists need not be canonical: fill up with any terms.
        used = {power for _, power in terms}
        spare = [power for power in range(min(shift + 1, highest)) if power not in used]
        while spare and len(terms) < term_count:
            power = spare.pop(random.integer(0, len(spare) - 1))
            terms.append((random.choice((-1, 1)), power))
    middle = random.real(0.4 * low + 0.6 * high, 0.6 * low + 0.4 * high)
    bias = round(middle * 2**shift) + (1 << shift >> 1)
    jitter = round(spread / 4)
    bits = 64 if wide else 32
    return Entry(
        _wrapped(round(centre) + random.integer(-jitter, jitter), bits),
        _wrapped(bias, bits), terms)


def _wrapped(value, bits):
    """Read as two's complement."""
    value %= 2**bits
    return value - 2**bits if value >> (bits - 1) else value

