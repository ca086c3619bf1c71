// Sums of the windows of an average pool.
#include "Places.h"

INLINE void add_elements(
    const void *elements, adder_element_type type, size_t index, uint32_t count,
    uint32_t *restrict sums) {
  if (type == ADDER_UINT8) {
    const uint8_t *x = (const uint8_t *)elements + index;
    for (uint32_t c = 0; c < count; c++) sums[c] += x[c];
  } else {
    const int16_t *x = (const int16_t *)elements + index;
    for (uint32_t c = 0; c < count; c++) sums[c] += (uint32_t)(int32_t)x[c];
  }
}

INLINE void add_taps(
    const void *elements, adder_element_type type, size_t start, const uint32_t *taps,
    uint32_t tap_count, uint32_t count, int32_t *sums) {
  uint32_t sum[16] = {0};
  for (uint32_t t = 0; t < tap_count; t++)
    add_elements(elements, type, start + taps[t], count, sum);
  for (uint32_t c = 0; c < count; c++) sums[c] = (int32_t)sum[c];
}

void adder_pool_sums(
    const void *elements, adder_element_type type, const uint32_t *positions,
    const uint32_t *taps, uint32_t tap_count, uint32_t first, uint32_t count, uint32_t channel,
    uint32_t end, uint32_t lanes, int32_t *sums) {
  const uint32_t used = end - channel < lanes ? end - channel : lanes;
  for (uint32_t p = first; p < first + count; p++, sums += lanes) {
    const size_t start = (size_t)positions[p] + channel;
    uint32_t lane = 0;
    for (; lane + 16 <= used; lane += 16)
      add_taps(elements, type, start + lane, taps, tap_count, 16, sums + lane);
    if (lane < used)
      add_taps(elements, type, start + lane, taps, tap_count, used - lane, sums + lane);
  }
}
