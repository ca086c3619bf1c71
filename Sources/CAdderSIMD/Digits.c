// Sums of a convolution by its signed binary digits, one after the other: for weights, elements or sums
// that tables of products do not hold.
#include "Kernels.h"

void adder_widen_patch(
    const void *elements, adder_element_type type, uint32_t position, const uint32_t *taps,
    uint32_t tap_count, int32_t *patch) {
  if (type == ADDER_UINT8) {
    const uint8_t *x = (const uint8_t *)elements + position;
    for (uint32_t t = 0; t < tap_count; t++) patch[t] = x[taps[t]];
  } else {
    const int16_t *x = (const int16_t *)elements + position;
    for (uint32_t t = 0; t < tap_count; t++) patch[t] = x[taps[t]];
  }
}

// The sum of `count` elements of a patch; fewer than 2^16 of at most 2^15 fit.
static int32_t sum_of(const int32_t *patch, const uint16_t *digits, uint32_t count) {
  int32_t a = 0, b = 0;
  uint32_t i = 0;
  for (; i + 2 <= count; i += 2) {
    a += patch[digits[i]];
    b += patch[digits[i + 1]];
  }
  return i < count ? a + b + patch[digits[i]] : a + b;
}

void adder_digit_sums(
    const int32_t *patch, const uint16_t *digits, uint32_t channel_count, int64_t *sums) {
  for (uint32_t c = 0; c < channel_count; c++) {
    uint64_t sum = 0;
    for (uint32_t planes = *digits++; planes > 0; planes--) {
      const uint32_t added = digits[0], subtracted = digits[1];
      digits += 2;
      const int64_t plane =
          (int64_t)sum_of(patch, digits, added) - sum_of(patch, digits + added, subtracted);
      sum = sum + sum + (uint64_t)plane;
      digits += added + subtracted;
    }
    sums[c] = (int64_t)sum;
  }
}
