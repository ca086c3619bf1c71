// Requantization in 64-bit arithmetic, for a file that may define SCALING, the target of its functions,
// and SCALES_POSITIONS if it has a `scale_position` of its own.
#include "Places.h"

#ifndef SCALES_POSITIONS
// Scales sums of one position, at most 16 channels.
SCALING static void scale_position(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t p, uint32_t channel,
    uint32_t used, const int64_t *sums) {
  int32_t residual[16] = {0}, y[16];
  // Modulo 2^64.
  uint64_t v[16], term[16];
  if (scale->residual.base)
    add_residual(&scale->residual, scale->residual.offsets[p] + channel, used, residual);
  for (int c = 0; c < 16; c++) v[c] = (uint64_t)entries->bias[c];
  for (uint32_t i = 0; i < entries->slot_count; i++) {
    const uint64_t *shifts = entries->shifts[i], *signs = entries->signs[i];
    for (int c = 0; c < 16; c++) term[c] = shifts[c] < 64 ? (uint64_t)sums[c] << shifts[c] : 0;
    for (int c = 0; c < 16; c++) v[c] += term[c] ^ signs[c];
  }
  const int64_t lowest = scale->lowest, highest = scale->highest;
  for (int c = 0; c < 16; c++) {
    int64_t sum = (int64_t)((uint64_t)((int64_t)v[c] >> scale->shift) + (uint64_t)(int64_t)residual[c]);
    sum = sum < lowest ? lowest : sum;
    y[c] = (int32_t)(sum > highest ? highest : sum);
  }
  for (uint32_t i = 0; i < scale->place_count; i++) {
    const adder_place *place = &scale->places[i];
    if (used == 16) {
      store_elements(place, place->offsets[p] + channel, 16, y);
    } else {
      store_elements(place, place->offsets[p] + channel, used, y);
    }
  }
}
#endif

SCALING static void scale_wide(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
    const uint32_t used = end - channel < 16 ? end - channel : 16;
    const int32_t *row = sums;
    for (uint32_t p = first; p < first + count; p++, row += lanes) {
      int64_t wide[16] = {0};
      for (uint32_t c = 0; c < 16; c++) wide[c] = row[c];
      scale_position(scale, entries, p, channel, used, wide);
    }
  }
}

SCALING static void scale_wide_position(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t position,
    uint32_t channel, uint32_t end, const int64_t *sums) {
  scale_position(scale, entries, position, channel, end - channel, sums);
}
