// Sums of two tensors, for a file that may define SCALING, the target of its functions.
#ifndef ADDING_H
#define ADDING_H

#include "Places.h"

// Adds the terms of `count` elements of an addend, at most 16, to as many sums modulo 2^32.
SCALING INLINE void add_narrow_terms(
    const adder_addend *addend, size_t index, uint32_t count, uint32_t *restrict v) {
  int32_t x[16];
  widen(addend->elements, addend->type, index, count, x);
  for (uint32_t i = 0; i < addend->term_count; i++) {
    const uint32_t shift = addend->shifts[i], sign = (uint32_t)addend->signs[i];
    for (uint32_t c = 0; c < count; c++) v[c] += ((uint32_t)x[c] << shift) ^ sign;
  }
}

// The same modulo 2^64.
SCALING INLINE void add_wide_terms(
    const adder_addend *addend, size_t index, uint32_t count, uint64_t *restrict v) {
  int32_t x[16];
  widen(addend->elements, addend->type, index, count, x);
  for (uint32_t i = 0; i < addend->term_count; i++) {
    const uint32_t shift = addend->shifts[i];
    const uint64_t sign = (uint64_t)(int64_t)addend->signs[i];
    for (uint32_t c = 0; c < count; c++) v[c] += ((uint64_t)(int64_t)x[c] << shift) ^ sign;
  }
}

SCALING INLINE void add_channels(
    const adder_addition *addition, const adder_scale *scale, uint32_t p, uint32_t channel,
    uint32_t count) {
  const size_t index = (size_t)addition->offsets[p] + channel;
  int32_t y[16];
  if (addition->is_wide) {
    uint64_t v[16];
    for (uint32_t c = 0; c < count; c++) v[c] = (uint64_t)addition->bias;
    add_wide_terms(&addition->first, index, count, v);
    add_wide_terms(&addition->second, index, count, v);
    for (uint32_t c = 0; c < count; c++) {
      int64_t sum = (int64_t)v[c] >> scale->shift;
      sum = sum < scale->lowest ? scale->lowest : sum;
      y[c] = (int32_t)(sum > scale->highest ? scale->highest : sum);
    }
  } else {
    uint32_t v[16];
    for (uint32_t c = 0; c < count; c++) v[c] = (uint32_t)addition->bias;
    add_narrow_terms(&addition->first, index, count, v);
    add_narrow_terms(&addition->second, index, count, v);
    for (uint32_t c = 0; c < count; c++) {
      y[c] = (int32_t)v[c] >> scale->shift;
      y[c] = y[c] < scale->lowest ? scale->lowest : y[c];
      y[c] = y[c] > scale->highest ? scale->highest : y[c];
    }
  }
  for (uint32_t i = 0; i < scale->place_count; i++) {
    const adder_place *place = &scale->places[i];
    store_elements(place, (size_t)place->offsets[p] + channel, count, y);
  }
}

SCALING static void add(
    const adder_addition *addition, const adder_scale *scale, uint32_t first, uint32_t count) {
  const uint32_t channels = addition->channels;
  for (uint32_t p = first; p < first + count; p++) {
    uint32_t channel = 0;
    for (; channel + 16 <= channels; channel += 16) add_channels(addition, scale, p, channel, 16);
    if (channel < channels) add_channels(addition, scale, p, channel, channels - channel);
  }
}

#endif
