// Patches and planes put together from where their elements lie.
#include <string.h>

#include "Kernels.h"

void adder_gather(
    const adder_windows *runs, uint32_t run_bytes, uint32_t first, uint32_t count,
    uint8_t *patches, uint32_t patch_bytes) {
  for (uint32_t p = first; p < first + count; p++, patches += patch_bytes) {
    OPAQUE(patches);
    const uint8_t *x = runs->input + runs->positions[p];
    uint8_t *run = patches, *end = patches + patch_bytes;
    // Copies of a fixed length: what they write too much, the next run or patch writes again.
    for (uint32_t r = 0; r < runs->tap_count; r++, run += run_bytes) {
      OPAQUE(run);
      if (run_bytes <= ADDER_GATHER_MARGIN) {
        memcpy(run, x + runs->taps[r], ADDER_GATHER_MARGIN);
      } else {
        memcpy(run, x + runs->taps[r], run_bytes);
      }
    }
    for (; run < end; run += ADDER_GATHER_MARGIN) memset(run, 0, ADDER_GATHER_MARGIN);
  }
}

void adder_split_nibbles(
    const uint8_t *elements, uint32_t step, uint32_t count, uint16_t *restrict low,
    uint16_t *restrict high) {
  for (uint32_t i = 0; i < count; i++, elements += step) {
    OPAQUE(elements);
    low[i] = *elements;
  }
  for (uint32_t i = 0; i < count; i++) {
    high[i] = low[i] >> 4;
    low[i] &= 15;
  }
}
