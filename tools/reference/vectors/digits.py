"""Canonical signed digits: no two neighbouring digits of an integer are non-zero."""


def signed_digits(value):
    """Pairs (sign, power of two), the largest power first."""
    digits = []
    power = 0
    while value:
        if value & 1:
            sign = 2 - (value & 3)  # 1 before a zero bit, -1 before a one
            digits.append((sign, power))
            value -= sign
        value >>= 1
        power += 1
    return digits[::-1]


def planes_of_weights(weights):
    """Planes of one output channel's integer weights, the most significant first."""
    digits = [{power: sign for sign, power in signed_digits(weight)} for weight in weights]
    plane_count = max((max(d) + 1 for d in digits if d), default=0)
    return [
        ([tap for tap, d in enumerate(digits) if d.get(power) == 1],
         [tap for tap, d in enumerate(digits) if d.get(power) == -1])
        for power in reversed(range(plane_count))]
