// Requantization in 32-bit arithmetic, for a file that may define SCALING, the target of its functions,
// and SCALES_WHOLE_CHANNELS if it has a better way for 16 channels.

#include "Places.h"

SCALING INLINE void scale_channels(
    const adder_scale *scale, const adder_entries *entries, size_t first, size_t count,
    size_t channel, size_t end, size_t lanes, const int32_t *sums, const uint32_t plus,
    const uint32_t minus, const uint32_t mixed) {
  const uint32_t used = end - channel < 16 ? (uint32_t)(end - channel) : 16;
  for (size_t p = first; p < first + count; p++, sums += lanes) {
    // Modulo 2^32.
    uint32_t v[16];
    int32_t y[16];
    for (int c = 0; c < 16; c++) v[c] = (uint32_t)entries->bias[c];
    for (uint32_t i = 0; i < plus + minus + mixed; i++) {
      uint32_t term[16];
      for (int c = 0; c < 16; c++) {
        const uint32_t shift = (uint32_t)entries->shifts[i][c];
        term[c] = shift < 32 ? (uint32_t)sums[c] << shift : 0;
      }
      if (i < plus) {
        for (int c = 0; c < 16; c++) v[c] += term[c];
      } else if (i < plus + minus) {
        for (int c = 0; c < 16; c++) v[c] -= term[c];
      } else {
        for (int c = 0; c < 16; c++)
          v[c] += term[c] ^ (uint32_t)entries->signs[i - plus - minus][c];
      }
    }
    for (int c = 0; c < 16; c++) y[c] = (int32_t)v[c] >> scale->shift;
    if (scale->residual.base) {
      const size_t index = scale->residual.offsets[p] + channel;
      if (used == 16) {
        add_residual(&scale->residual, index, 16, y);
      } else {
        add_residual(&scale->residual, index, used, y);
      }
    }
    for (int c = 0; c < 16; c++) {
      y[c] = y[c] < scale->lowest ? scale->lowest : y[c];
      y[c] = y[c] > scale->highest ? scale->highest : y[c];
    }
    for (uint32_t i = 0; i < scale->place_count; i++) {
      const adder_place *place = &scale->places[i];
      const size_t index = place->offsets[p] + channel;
      if (used == 16) {
        store_elements(place, index, 16, y);
      } else {
        store_elements(place, index, used, y);
      }
    }
  }
}

#ifndef SCALES_WHOLE_CHANNELS
SCALING static void scale(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
#define SCALE(PLUS, MINUS, MIXED) \
  scale_channels(                 \
      scale, entries, first, count, channel, end, lanes, sums, PLUS, MINUS, MIXED)
    ADDER_BY_SHAPE(entries->shape, SCALE)
#undef SCALE
  }
}
#endif
