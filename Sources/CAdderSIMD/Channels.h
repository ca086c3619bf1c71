// Sums of depthwise layers, for a file that may define SCALING, the target of its functions.
#include "Places.h"

SCALING static void channel_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t filter_step, int32_t *sums) {
  for (uint32_t p = first; p < first + count; p++, sums += ADDER_BLOCK) {
    const uint8_t *x = windows->input + windows->positions[p], *f = filters;
    uint32_t sum[ADDER_BLOCK] = {0};
    for (uint32_t t = 0; t < windows->tap_count; t++, f += filter_step) {
      const uint8_t *a = x + windows->taps[t];
      uint8_t difference[ADDER_BLOCK];
      for (int c = 0; c < ADDER_BLOCK; c++) {
        const uint8_t most = a[c] > f[c] ? a[c] : f[c], least = a[c] > f[c] ? f[c] : a[c];
        difference[c] = (uint8_t)(most - least);
      }
      for (int c = 0; c < ADDER_BLOCK; c++) sum[c] += difference[c];
    }
    for (int c = 0; c < ADDER_BLOCK; c++) sums[c] = (int32_t)sum[c];
  }
}
