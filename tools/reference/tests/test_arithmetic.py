"""The tables of docs/arithmetic.md, and the arithmetic against exact integers and reals."""

import math
import unittest

import numpy as np

from adb import arithmetic
from adb.groups import Entry, Patch, Requantizer
from adb.operations.adder2d import sums_of_absolute_differences
from adb.structures import I16, U8
from vectors.digits import planes_of_weights, signed_digits
from vectors.random_numbers import SplitMix64

I32_RANGE = (-2**31, 2**31 - 1)


def requantized(accs, entries, shift, wide=False, bounds=I32_RANGE, residual=None):
    acc = np.array(accs, np.int64 if wide else np.int32).reshape(-1, len(entries))
    if residual is not None:
        residual = np.array(residual).reshape(acc.shape)
    requantizer = Requantizer(
        table=entries, shift=shift, wide=wide, output_min=bounds[0], output_max=bounds[1])
    result = arithmetic.requantize(acc, requantizer, residual)
    return result.reshape(-1).tolist()


class TableTests(unittest.TestCase):
    def test_rounding_ties_go_up(self):
        entry = Entry(0, 1, [(1, 0)])
        self.assertEqual(requantized([-3, -1, 1, 3], [entry], 1), [-1, 0, 1, 2])

    def test_table_of_requantizers(self):
        five = Entry(-10, 4, [(1, 0), (1, 2)])
        tie = Entry(0, 1, [(1, 0)])
        negated = Entry(0, 0, [(-1, 0)])
        for wide in (False, True):
            self.assertEqual(requantized([-7, -13, -10], [five], 3, wide), [2, -2, 0])
            self.assertEqual(requantized([1, -1], [tie], 1, wide), [1, 0])
            self.assertEqual(requantized([7], [negated], 0, wide), [-7])

    def test_clamp(self):
        entry = Entry(0, 0, [(1, 0)])
        self.assertEqual(
            requantized([-5, -1, 0, 4, 7, 8, 9], [entry], 0, bounds=(-1, 8)),
            [-1, -1, 0, 4, 7, 8, 8])

    def test_the_residual_is_added_before_the_clamp(self):
        entry = Entry(0, 0, [(1, 0)])
        self.assertEqual(
            requantized([300, -300], [entry], 0, bounds=(0, 255), residual=[-200, 301]),
            [100, 1])

    def test_no_terms_leave_the_bias(self):
        self.assertEqual(requantized([0, 99, -7], [Entry(5, 40, [])], 3), [5, 5, 5])


class RequantizerTests(unittest.TestCase):
    def test_terms_multiply_by_their_integer(self):
        random = SplitMix64(1)
        for _ in range(300):
            factor = random.integer(-2**15, 2**15)
            t = random.integer(-2**15, 2**15)
            entry = Entry(0, 0, signed_digits(factor)[:8])
            exact = sum(sign * 2**power for sign, power in entry.terms)
            self.assertEqual(requantized([t], [entry], 0), [exact * t])

    def test_equals_real_multiplication_rounded_to_nearest(self):
        random = SplitMix64(2)
        for _ in range(300):
            shift = random.integer(1, 12)
            terms = signed_digits(random.integer(-4000, 4000))[:8]
            slope = sum(sign * 2.0**power for sign, power in terms) / 2.0**shift
            centre, acc = random.integer(-500, 500), random.integer(-500, 500)
            entry = Entry(centre, 2**(shift - 1), terms)
            self.assertEqual(
                requantized([acc], [entry], shift), [math.floor(slope * (acc - centre) + 0.5)])

    def test_narrow_arithmetic_is_modulo_2_32_and_wide_modulo_2_64(self):
        random = SplitMix64(3)
        for wide, bits in ((False, 32), (True, 64)):
            for _ in range(300):
                low, high = -2**(bits - 1), 2**(bits - 1) - 1
                acc, centre, bias = (random.integer(low, high) for _ in range(3))
                shift = random.integer(bits - 32, bits - 2)
                terms = [(random.choice((-1, 1)), random.integer(0, bits - 2))
                         for _ in range(random.integer(0, 8))]
                exact = sum(sign * 2**k for sign, k in terms) * (acc - centre) + bias
                expected = ((exact + 2**(bits - 1)) % 2**bits - 2**(bits - 1)) // 2**shift
                self.assertEqual(
                    requantized([acc], [Entry(centre, bias, terms)], shift, wide),
                    [min(max(expected, I32_RANGE[0]), I32_RANGE[1])])

    def test_the_sum_with_the_residual_wraps(self):
        entry = Entry(0, 2**31 - 1, [])
        self.assertEqual(requantized([0], [entry], 0, residual=[1]), [-2**31])
        self.assertEqual(requantized([0], [entry], 0, wide=True, residual=[1]), [2**31 - 1])

    def test_each_channel_has_its_entry(self):
        entries = [Entry(0, 0, [(1, 0)]), Entry(0, 0, [(-1, 1)]), Entry(1, 5, [])]
        self.assertEqual(requantized([1, 2, 3, 4, 5, 6], entries, 0), [1, -4, 5, 4, -10, 5])


class PatchTests(unittest.TestCase):
    def converted(self, values, shift, offset, low, high):
        patch = Patch(
            groups=1, input_channels=1, output_channels=1, element_type=U8, converts=True,
            input_shift=shift, input_offset=offset, patch_min=low, patch_max=high,
            pad_values=None)
        return arithmetic.convert(np.array(values, np.int16), patch).tolist()

    def test_conversion_rounds_to_nearest_with_ties_up(self):
        self.assertEqual(
            self.converted([-6, -5, -2, -1, 1, 2, 5, 6], 2, 100, 0, 255),
            [99, 99, 100, 100, 100, 101, 101, 102])

    def test_conversion_without_a_shift_adds_nothing(self):
        self.assertEqual(self.converted([-3, 0, 3], 0, 5, 0, 255), [2, 5, 8])

    def test_conversion_of_the_largest_element_does_not_wrap_in_16_bits(self):
        self.assertEqual(self.converted([32767, -32768], 15, 128, 0, 255), [129, 127])

    def test_conversion_clamps_to_the_patch_bounds(self):
        self.assertEqual(self.converted([-500, 0, 500], 0, 0, 7, 63), [7, 7, 63])


class SumTests(unittest.TestCase):
    def test_sums_of_lengths_around_the_partial_sums(self):
        random = SplitMix64(4)
        for element_type, dtype, lengths, high in (
                (U8, np.int16, (1, 127, 128, 129, 257, 300), 255),
                (I16, np.int32, (1, 2, 100, 32767, 32768, 32769), 32767)):
            low = 0 if element_type == U8 else -32768
            for length in lengths:
                x, f = np.full((length, 1), high, dtype), np.full((1, length), low, dtype)
                acc = sums_of_absolute_differences(x, f, element_type)
                self.assertEqual(acc.tolist(), [[(high - low) * length]])
                x[:, 0] = random.integers(length, low, high)
                f[0] = random.integers(length, low, high)
                acc = sums_of_absolute_differences(x, f, element_type)
                self.assertEqual(
                    acc.tolist(),
                    [[sum(abs(a - b) for a, b in zip(x[:, 0].tolist(), f[0].tolist()))]])


class DigitTests(unittest.TestCase):
    def test_digits_are_canonical_and_sum_to_the_value(self):
        for value in [*range(-300, 301), 2**31 - 1, -2**31, 0x55555555]:
            digits = signed_digits(value)
            self.assertEqual(sum(sign * 2**power for sign, power in digits), value)
            powers = [power for _, power in digits]
            self.assertTrue(all(a > b + 1 for a, b in zip(powers, powers[1:])), value)

    def test_planes_sum_to_the_weights(self):
        weights = [0, 1, -1, 7, -7, 100, -128, 127]
        total = [0] * len(weights)
        for added, subtracted in planes_of_weights(weights):
            total = [2 * value for value in total]
            for tap in added:
                total[tap] += 1
            for tap in subtracted:
                total[tap] -= 1
        self.assertEqual(total, weights)

    def test_split_mix_gives_the_published_numbers(self):
        random = SplitMix64(1234567)
        self.assertEqual(
            [random.next() for _ in range(3)],
            [6457827717110365317, 3203168211198807973, 9817491932198370423])
