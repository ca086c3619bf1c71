// Requantization in 64-bit arithmetic, one channel at a time.
#include "Places.h"

// Scales sums of one position, at most 16 channels.
static void scale_position(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t p, uint32_t channel,
    uint32_t used, const int64_t *sums) {
  int32_t residual[16] = {0}, y[16];
  if (scale->residual.base)
    add_residual(&scale->residual, scale->residual.offsets[p] + channel, used, residual);
  for (uint32_t c = 0; c < used; c++) {
    // Modulo 2^64.
    const uint64_t t = (uint64_t)sums[c] - (uint64_t)entries->centre[c];
    uint64_t v = (uint64_t)entries->bias[c];
    for (uint32_t i = 0; i < entries->term_count[c]; i++) {
      const uint8_t term = entries->terms[c][i];
      v = term & 128 ? v - (t << (term & 63)) : v + (t << (term & 63));
    }
    const int64_t shifted = (int64_t)v >> scale->shift;
    const int64_t sum = (int64_t)((uint64_t)shifted + (uint64_t)(int64_t)residual[c]);
    y[c] = sum < scale->lowest    ? scale->lowest
           : sum > scale->highest ? scale->highest
                                  : (int32_t)sum;
  }
  for (uint32_t i = 0; i < scale->place_count; i++)
    store_elements(&scale->places[i], scale->places[i].offsets[p] + channel, used, y);
}

void adder_scale_wide(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
    const uint32_t used = end - channel < 16 ? end - channel : 16;
    const int32_t *row = sums;
    for (uint32_t p = first; p < first + count; p++, row += lanes) {
      int64_t wide[16];
      for (uint32_t c = 0; c < used; c++) wide[c] = row[c];
      scale_position(scale, entries, p, channel, used, wide);
    }
  }
}

void adder_scale_wide_sums(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t position,
    uint32_t channel, uint32_t end, const int64_t *sums) {
  scale_position(scale, entries, position, channel, end - channel, sums);
}
