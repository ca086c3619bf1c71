// Portable C, for any processor, and to compare the others with.
#include <string.h>

#include "Channels.h"
#include "Pooling.h"
#include "Products.h"
#include "Scaling.h"
#include "Staging.h"
#include "WideScaling.h"

static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane++, filters += 8 * (size_t)windows->tap_count) {
    for (uint32_t p = 0; p < count; p++) {
      const uint8_t *f = filters, *x = windows->input + windows->positions[first + p];
      uint32_t sum = 0;
      for (uint32_t j = 0; j < windows->tap_count; j++, f += 8) {
        const uint8_t *b = x + windows->taps[j];
        for (int k = 0; k < 8; k++) sum += b[k] > f[k] ? b[k] - f[k] : f[k] - b[k];
      }
      adder_row(sums, p, lanes)[lane] = (int32_t)sum;
    }
  }
}

static void half_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane++, filters += 8 * (size_t)windows->tap_count) {
    for (uint32_t p = 0; p < count; p++) {
      const uint8_t *f = filters, *x = windows->input + windows->positions[first + p];
      uint32_t sum = 0;
      for (uint32_t j = 0; j < windows->tap_count; j++, f += 8) {
        uint16_t a[4], b[4];
        memcpy(a, x + windows->taps[j], 8);
        memcpy(b, f, 8);
        for (int k = 0; k < 4; k++) sum += a[k] > b[k] ? a[k] - b[k] : b[k] - a[k];
      }
      adder_row(sums, p, lanes)[lane] = (int32_t)sum;
    }
  }
}

static uint32_t ceiling(uint32_t repetitions) {
  uint32_t sum = 0;
  uint8_t a = 1, b = 2;
  for (uint32_t n = 0; n < repetitions; n++) {
    __asm__ volatile("" : "+r"(a), "+r"(b));
    sum += a > b ? a - b : b - a;
  }
  __asm__ volatile("" ::"r"(sum));
  return 1;
}

const adder_simd adder_portable = {
    .name = "portable",
    .filters_of_step = 1,
    .filters_of_vector = 1,
    ADDER_SIMD_KERNELS};
