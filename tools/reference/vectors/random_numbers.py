"""SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers on every machine."""

_MASK = 2**64 - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & _MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def integer(self, low, high):
        """A number in [low, high]; the bias of the remainder is below 2^-30 for our ranges."""
        return low + self.next() % (high - low + 1)

    def real(self, low, high):
        return low + (high - low) * (self.next() >> 11) / 2**53

    def choice(self, values):
        return values[self.integer(0, len(values) - 1)]

    def chance(self, probability):
        return self.real(0, 1) < probability

    def integers(self, count, low, high):
        return [self.integer(low, high) for _ in range(count)]
