// Filters in the order that the kernels of an instruction set read them.
#include <string.h>

#include "Kernels.h"

// The filter of a lane of a step: vectors come in pairs, of which the first has the even filters and the
// second the odd ones, so that sums of both join to neighbouring numbers.
static uint32_t filter_of(const adder_simd *simd, uint32_t index) {
  const uint32_t vector = simd->filters_of_vector;
  if (vector == 1) return index;
  const uint32_t place = index % (vector + vector), start = index - place;
  return place < vector ? start + place + place : start + (place - vector) * 2 + 1;
}

void adder_pack_filters(
    const adder_simd *simd, const uint8_t *rows, uint32_t row_bytes, uint32_t lanes,
    uint8_t *packed) {
  uint32_t order[ADDER_BLOCK];
  uint32_t together = simd->filters_of_step < lanes ? simd->filters_of_step : lanes;
  for (uint32_t i = 0; i < together; i++) order[i] = filter_of(simd, i);
  const uint8_t *row_of[ADDER_BLOCK];
  for (uint32_t lane = 0; lane < lanes; lane++, rows += row_bytes) row_of[lane] = rows;
  for (uint32_t lane = 0; lane < lanes; lane += together)
    for (uint32_t byte = 0; byte < row_bytes; byte += ADDER_STEP_BYTES)
      for (uint32_t i = 0; i < together; i++, packed += ADDER_STEP_BYTES)
        memcpy(packed, row_of[lane + order[i]] + byte, ADDER_STEP_BYTES);
}
