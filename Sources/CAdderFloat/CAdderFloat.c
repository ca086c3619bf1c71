#include "CAdderFloat.h"

// A product and its addition are two roundings, also where one instruction could do both.
#pragma STDC FP_CONTRACT OFF

typedef float Block __attribute__((vector_size(4 * ADDER_FLOAT_BLOCK), aligned(4)));
typedef unsigned Bits __attribute__((vector_size(4 * ADDER_FLOAT_BLOCK), aligned(4)));

// Macros, as functions with vectors wider than the baseline's have no calling convention.
#define DIFFERENCE(filter, x) (Block)((Bits)(filter - x) & 0x7fffffffu)
#define PRODUCT(filter, x) (filter * x)

// One tile after the other; the compiler splits a block into the vectors that the target has.
#define SUMS(term)                                                                               \
  for (size_t tile = 0; tile < tile_count; tile++) {                                             \
    const float *p0 = patches + tile * ADDER_FLOAT_TILE * k;                                     \
    const float *p1 = p0 + k, *p2 = p1 + k, *p3 = p2 + k;                                        \
    Block s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};                                                \
    for (size_t i = 0; i < k; i++) {                                                             \
      const Block filter = *(const Block *)(filters + i * ADDER_FLOAT_BLOCK);                    \
      s0 += term(filter, p0[i]);                                                                 \
      s1 += term(filter, p1[i]);                                                                 \
      s2 += term(filter, p2[i]);                                                                 \
      s3 += term(filter, p3[i]);                                                                 \
    }                                                                                            \
    Block *out = (Block *)(sums + tile * ADDER_FLOAT_TILE * ADDER_FLOAT_BLOCK);                  \
    out[0] = s0;                                                                                 \
    out[1] = s1;                                                                                 \
    out[2] = s2;                                                                                 \
    out[3] = s3;                                                                                 \
  }

#define VARIANT(name, term, attribute)                                                           \
  attribute static void name(                                                                    \
      const float *patches, const float *filters, size_t k, size_t tile_count, float *sums) {    \
    SUMS(term)                                                                                   \
  }

#if defined(__x86_64__)
#define CHOOSE(function, term)                                                                   \
  VARIANT(function##_avx512, term, __attribute__((target("avx512f"))))                           \
  VARIANT(function##_avx2, term, __attribute__((target("avx2"))))                                \
  VARIANT(function##_sse2, term, )                                                               \
  void function(                                                                                 \
      const float *patches, const float *filters, size_t k, size_t tile_count, float *sums) {    \
    (__builtin_cpu_supports("avx512f") ? function##_avx512                                       \
     : __builtin_cpu_supports("avx2")  ? function##_avx2                                         \
                                       : function##_sse2)(patches, filters, k, tile_count, sums); \
  }
#else
#define CHOOSE(function, term)                                                                   \
  VARIANT(function##_plain, term, )                                                              \
  void function(                                                                                 \
      const float *patches, const float *filters, size_t k, size_t tile_count, float *sums) {    \
    function##_plain(patches, filters, k, tile_count, sums);                                     \
  }
#endif

CHOOSE(adder_float_differences, DIFFERENCE)
CHOOSE(adder_float_products, PRODUCT)
