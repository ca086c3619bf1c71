// Sums of products by look-up, for a file that defines PRODUCTS, the target of its functions.

#include "Kernels.h"

typedef int16_t products16 __attribute__((vector_size(32), aligned(2)));
typedef int32_t sums16 __attribute__((vector_size(64), aligned(4)));

#ifndef PRODUCTS
#define PRODUCTS
#endif

PRODUCTS static void product_sums(
    const adder_products *products, uint32_t first, uint32_t count, int32_t *sums) {
  for (uint32_t p = 0; p < count; p += 2, sums += 32) {
    const uint32_t *a = products->nibbles + products->positions[first + p];
    const uint32_t *b = products->nibbles + products->positions[first + p + 1];
    const char *tables = (const char *)products->tables;
    sums16 sum_a = {0}, sum_b = {0};
    uint32_t tap = 0;
    for (uint32_t segment = 0; segment < products->segment_count; segment++) {
      products16 low_a = {0}, high_a = {0}, low_b = {0}, high_b = {0};
      for (; tap < products->segment_ends[segment]; tap++, tables += 512) {
        const uint32_t offset = products->taps[tap], x = a[offset], y = b[offset];
        low_a += *(const products16 *)(tables + (x & 0xFFFF));
        high_a += *(const products16 *)(tables + (x >> 16));
        low_b += *(const products16 *)(tables + (y & 0xFFFF));
        high_b += *(const products16 *)(tables + (y >> 16));
      }
      sum_a += __builtin_convertvector(low_a, sums16) + (__builtin_convertvector(high_a, sums16) << 4);
      sum_b += __builtin_convertvector(low_b, sums16) + (__builtin_convertvector(high_b, sums16) << 4);
    }
    *(sums16 *)sums = sum_a;
    *(sums16 *)(sums + 16) = sum_b;
  }
}
