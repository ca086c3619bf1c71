// Sums and maxima of the windows of pools, for a file that may define SCALING, the target of its
// functions.
#include "Places.h"

// Adds the taps of `count` channels, at most 16, or takes the largest.
SCALING INLINE void pool_taps(
    const void *elements, adder_element_type type, size_t start, const uint32_t *taps,
    uint32_t tap_count, uint32_t count, const int is_maximum, int32_t *restrict sums) {
  uint32_t sum[16];
  int32_t most[16];
  for (uint32_t c = 0; c < count; c++) {
    sum[c] = 0;
    most[c] = type == ADDER_UINT8 ? 0 : -0x8000;
  }
  for (uint32_t t = 0; t < tap_count; t++) {
    int32_t x[16];
    if (type == ADDER_UINT8) {
      const uint8_t *bytes = (const uint8_t *)elements + start + taps[t];
      for (uint32_t c = 0; c < count; c++) x[c] = bytes[c];
    } else {
      const int16_t *halves = (const int16_t *)elements + start + taps[t];
      for (uint32_t c = 0; c < count; c++) x[c] = halves[c];
    }
    if (is_maximum) {
      for (uint32_t c = 0; c < count; c++) most[c] = x[c] > most[c] ? x[c] : most[c];
    } else {
      for (uint32_t c = 0; c < count; c++) sum[c] += (uint32_t)x[c];
    }
  }
  for (uint32_t c = 0; c < count; c++) sums[c] = is_maximum ? most[c] : (int32_t)sum[c];
}

SCALING static void pool(
    const adder_windows *windows, adder_element_type type, int is_maximum, uint32_t first,
    uint32_t count, uint32_t channel, uint32_t end, uint32_t lanes, int32_t *sums) {
  const uint32_t used = end - channel < lanes ? end - channel : lanes;
  for (uint32_t p = first; p < first + count; p++, sums += lanes) {
    const size_t start = (size_t)windows->positions[p] + channel;
    for (uint32_t lane = 0; lane < used; lane += 16) {
      if (used - lane < 16) {
        pool_taps(
            windows->input, type, start + lane, windows->taps, windows->tap_count, used - lane,
            is_maximum, sums + lane);
      } else if (is_maximum) {
        pool_taps(
            windows->input, type, start + lane, windows->taps, windows->tap_count, 16, 1,
            sums + lane);
      } else {
        pool_taps(
            windows->input, type, start + lane, windows->taps, windows->tap_count, 16, 0,
            sums + lane);
      }
    }
  }
}
