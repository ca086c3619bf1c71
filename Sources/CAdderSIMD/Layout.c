// Patches put together from where their elements lie.
#include <string.h>

#include "Kernels.h"

void adder_gather(
    const adder_windows *runs, uint32_t run_bytes, uint32_t first, uint32_t count,
    uint8_t *patches, uint32_t patch_bytes) {
  for (uint32_t p = first; p < first + count; p++, patches += patch_bytes) {
    const uint8_t *x = runs->input + runs->positions[p];
    uint8_t *run = patches;
    for (uint32_t r = 0; r < runs->tap_count; r++, run += run_bytes) {
      OPAQUE(run);
      memcpy(run, x + runs->taps[r], run_bytes);
    }
    memset(run, 0, (size_t)(patches + patch_bytes - run));
  }
}
