#include "CAdderFloat.h"

// A product and its addition are two roundings, also where one instruction could do both.
#pragma STDC FP_CONTRACT OFF

typedef float Block __attribute__((vector_size(4 * ADDER_FLOAT_BLOCK), aligned(4)));
typedef unsigned Bits __attribute__((vector_size(4 * ADDER_FLOAT_BLOCK), aligned(4)));

// Macros, as functions with vectors wider than the baseline's have no calling convention.
#define DIFFERENCE(filter, x) (Block)((Bits)(filter - x) & 0x7fffffffu)
#define PRODUCT(filter, x) (filter * x)

// One tile after the other; the compiler splits a block into the vectors that the target has.
#define SUMS(term)                                                                                \
  for (size_t tile = 0; tile < tile_count; tile++) {                                              \
    const float *const *t0 = taps + tile * ADDER_FLOAT_TILE * area;                               \
    const float *const *t1 = t0 + area, *const *t2 = t1 + area, *const *t3 = t2 + area;           \
    const float *next = filters;                                                                  \
    Block s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};                                                 \
    for (size_t c = 0; c < channels; c++) {                                                       \
      for (size_t t = 0; t < area; t++, next += ADDER_FLOAT_BLOCK) {                              \
        const Block filter = *(const Block *)next;                                                \
        s0 += term(filter, t0[t][c]);                                                             \
        s1 += term(filter, t1[t][c]);                                                             \
        s2 += term(filter, t2[t][c]);                                                             \
        s3 += term(filter, t3[t][c]);                                                             \
      }                                                                                           \
    }                                                                                             \
    Block *out = (Block *)(sums + tile * ADDER_FLOAT_TILE * ADDER_FLOAT_BLOCK);                   \
    out[0] = s0;                                                                                  \
    out[1] = s1;                                                                                  \
    out[2] = s2;                                                                                  \
    out[3] = s3;                                                                                  \
  }

#define PARAMETERS                                                                                \
  const float *const *taps, const float *filters, size_t channels, size_t area,                   \
      size_t tile_count, float *sums

#define VARIANT(name, term, attribute)                                                            \
  attribute static void name(PARAMETERS) { SUMS(term) }

#if defined(__x86_64__)
#define CHOOSE(function, term)                                                                    \
  VARIANT(function##_avx512, term, __attribute__((target("avx512f"))))                            \
  VARIANT(function##_avx2, term, __attribute__((target("avx2"))))                                 \
  VARIANT(function##_sse2, term, )                                                                \
  void function(PARAMETERS) {                                                                     \
    (__builtin_cpu_supports("avx512f") ? function##_avx512                                        \
     : __builtin_cpu_supports("avx2")  ? function##_avx2                                          \
                                       : function##_sse2)(                                        \
        taps, filters, channels, area, tile_count, sums);                                         \
  }
#else
#define CHOOSE(function, term)                                                                    \
  VARIANT(function##_plain, term, )                                                               \
  void function(PARAMETERS) { function##_plain(taps, filters, channels, area, tile_count, sums); }
#endif

CHOOSE(adder_float_differences, DIFFERENCE)
CHOOSE(adder_float_products, PRODUCT)
