// Elements read from and stored to places, in C that compilers make vectors of. A file may define
// SCALING, the target of its functions.
#ifndef PLACES_H
#define PLACES_H

#include "Kernels.h"

#ifndef SCALING
#define SCALING
#endif

// Widens `count` elements, at most 16.
SCALING INLINE void widen(
    const void *elements, adder_element_type type, size_t index, size_t count,
    int32_t *restrict y) {
  switch (type) {
    case ADDER_UINT8:
      for (size_t i = 0; i < count; i++) y[i] = ((const uint8_t *)elements)[index + i];
      break;
    case ADDER_INT16:
      for (size_t i = 0; i < count; i++) y[i] = ((const int16_t *)elements)[index + i];
      break;
    default:
      for (size_t i = 0; i < count; i++) y[i] = ((const int32_t *)elements)[index + i];
  }
}

// Adds `count` elements of a residual, at most 16, to as many values, modulo 2^32.
SCALING INLINE void add_residual(
    const adder_place *residual, size_t index, uint32_t count, int32_t *restrict y) {
  if (residual->type == ADDER_UINT8) {
    const uint8_t *elements = (const uint8_t *)residual->base + index;
    for (uint32_t c = 0; c < count; c++) y[c] = (int32_t)((uint32_t)y[c] + elements[c]);
  } else {
    const int16_t *elements = (const int16_t *)residual->base + index;
    for (uint32_t c = 0; c < count; c++)
      y[c] = (int32_t)((uint32_t)y[c] + (uint32_t)(int32_t)elements[c]);
  }
}

// Stores `count` elements, at most 16, converted if the place asks for it.
SCALING INLINE void store_elements(
    const adder_place *place, size_t index, uint32_t count, const int32_t *restrict elements) {
  int32_t y[16];
  for (uint32_t c = 0; c < count; c++) y[c] = elements[c];
  if (place->converts) {
    for (uint32_t c = 0; c < count; c++) {
      y[c] = (y[c] + place->conversion_bias) >> place->conversion_shift;
      y[c] = y[c] < place->lowest ? place->lowest : y[c];
      y[c] = y[c] > place->highest ? place->highest : y[c];
    }
  }
  switch (place->type) {
    case ADDER_UINT8:
      for (uint32_t c = 0; c < count; c++) ((uint8_t *)place->base + index)[c] = (uint8_t)y[c];
      break;
    case ADDER_INT16:
      for (uint32_t c = 0; c < count; c++) ((int16_t *)place->base + index)[c] = (int16_t)y[c];
      break;
    case ADDER_BIASED:
      for (uint32_t c = 0; c < count; c++)
        ((uint16_t *)place->base + index)[c] = (uint16_t)(y[c] + 0x8000);
      break;
    case ADDER_INT32:
      for (uint32_t c = 0; c < count; c++) ((int32_t *)place->base + index)[c] = y[c];
      break;
    case ADDER_NIBBLES:
      for (uint32_t c = 0; c < count; c++)
        ((uint32_t *)place->base + index)[c] =
            ((uint32_t)y[c] & 15) << 5 | ((uint32_t)y[c] >> 4) << 21;
  }
}

#endif
