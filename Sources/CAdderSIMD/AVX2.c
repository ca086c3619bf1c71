// AVX2: Haswell, Zen and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define SCALING __attribute__((target("avx2")))
#define PRODUCTS __attribute__((target("avx2")))
#define SCALES_WHOLE_CHANNELS
#include "Channels.h"
#include "Pooling.h"
#include "Products.h"
#include "Scaling.h"
#include "Staging.h"
#include "WideScaling.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE AVX2 INLINE
#define UNROLL _Pragma("clang loop unroll(full)")

AVX2_INLINE __m256i eight_bytes(const uint8_t *bytes) {
  int64_t word;
  memcpy(&word, bytes, 8);
  return _mm256_set1_epi64x(word);
}

// Puts the even 32-bit lanes of `b` into the odd ones of `a`, whose own are zero.
AVX2_INLINE __m256i interleaved(__m256i a, __m256i b) {
  return _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xAA);
}

// The compiler must keep the order of these. Zen 4 takes differences in two of its four vector pipes,
// but hands sums that wait for them to any, where they delay differences; JOIN needs one of the others.
#define LOAD(vector, bytes) \
  __asm__ volatile("vmovdqu %1, %0" : "=x"(vector) : "m"(*(const char(*)[32])(bytes)))
#define BROADCAST(vector, bytes) \
  __asm__ volatile("vpbroadcastq %1, %0" : "=x"(vector) : "m"(*(const char(*)[8])(bytes)))
#define SAD(sum, x, f) __asm__ volatile("vpsadbw %2, %1, %0" : "=x"(sum) : "x"(x), "x"(f))
#define ADD(sum, addend) __asm__ volatile("vpaddd %1, %0, %0" : "+x"(sum) : "x"(addend))
// The low halves of the 64-bit lanes of two vectors; it moves bits.
#define JOIN(both, even, odd) \
  __asm__ volatile("vshufps $0x88, %2, %1, %0" : "=x"(both) : "x"(even), "x"(odd))

// Sums of `count` positions with 8 filters. A position's differences are joined one position later, and
// summed two more later.
AVX2_INLINE void tile(
    const int count, const uint8_t *input, const uint32_t *positions, const uint32_t *taps,
    uint32_t tap_count, const uint8_t *filters, uint32_t lanes, int32_t *sums) {
  __m256i acc[8], joined[8], f[2], b, d[8][2];
  const uint8_t *x[8];
  UNROLL for (int p = 0; p < count; p++) x[p] = input + positions[p];
  size_t tap = taps[0];
  UNROLL for (int v = 0; v < 2; v++) LOAD(f[v], filters + 32 * v);
  UNROLL for (int p = 0; p < count; p++) {
    BROADCAST(b, x[p] + tap);
    UNROLL for (int v = 0; v < 2; v++) SAD(d[p][v], b, f[v]);
    JOIN(acc[p], d[p][0], d[p][1]);
  }
  for (const uint32_t *end = taps + tap_count; ++taps != end;) {
    tap = *taps;
    filters += 64;
    UNROLL for (int v = 0; v < 2; v++) LOAD(f[v], filters + 32 * v);
    UNROLL for (int p = 0; p < count + 3; p++) {
      if (p < count) {
        BROADCAST(b, x[p] + tap);
        UNROLL for (int v = 0; v < 2; v++) SAD(d[p][v], b, f[v]);
      }
      if (p >= 1 && p < count + 1) JOIN(joined[p - 1], d[p - 1][0], d[p - 1][1]);
      if (p >= 3) ADD(acc[p - 3], joined[p - 3]);
    }
  }
  UNROLL for (int p = 0; p < count; p++)
    _mm256_storeu_si256(
        (__m256i *)(adder_row(sums, p, lanes)), _mm256_shuffle_epi32(acc[p], 0xD8));
}

AVX2 static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 8, filters += 64 * (size_t)windows->tap_count) {
    uint32_t p = 0;
#define TILE(COUNT)                                                                          \
  tile(                                                                                      \
      COUNT, windows->input, windows->positions + first + p, windows->taps,                  \
      windows->tap_count, filters, lanes, adder_row(sums, p, lanes) + lane)
    for (; p + 4 < count; p += 8) TILE(8);
    if (p + 1 < count) {
      TILE(4);
    } else if (p < count) {
      TILE(1);
    }
#undef TILE
  }
}

// Sums of int16 elements of a position with 8 filters: as in AVX512.c.
AVX2 static void half_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 8, filters += 64 * (size_t)windows->tap_count) {
    for (uint32_t p = 0; p < count; p++) {
      const uint8_t *x = windows->input + windows->positions[first + p], *next = filters;
      __m256i pairs[2], high[2];
      UNROLL for (int v = 0; v < 2; v++) pairs[v] = high[v] = _mm256_setzero_si256();
      for (uint32_t j = 0; j < windows->tap_count; j++, next += 64) {
        const __m256i b = eight_bytes(x + windows->taps[j]);
        UNROLL for (int v = 0; v < 2; v++) {
          const __m256i f = _mm256_loadu_si256((const __m256i *)(next + 32 * v));
          const __m256i d =
              _mm256_or_si256(_mm256_subs_epu16(b, f), _mm256_subs_epu16(f, b));
          pairs[v] = _mm256_add_epi32(pairs[v], d);
          high[v] = _mm256_add_epi32(high[v], _mm256_srli_epi32(d, 16));
        }
      }
      UNROLL for (int v = 0; v < 2; v++) {
        const __m256i low = _mm256_sub_epi32(pairs[v], _mm256_slli_epi32(high[v], 16));
        const __m256i both = _mm256_add_epi32(low, high[v]);
        pairs[v] = _mm256_add_epi32(both, _mm256_srli_epi64(both, 32));
      }
      _mm256_storeu_si256(
          (__m256i *)(adder_row(sums, p, lanes) + lane), interleaved(pairs[0], pairs[1]));
    }
  }
}

#include "AVX2Scaling.h"

// 18 differences of 8 bytes, and their sums, of registers alone. Each sum is late by half of them, which
// is the fastest known on Zen 4: what waits there for a difference takes the place of another.
AVX2 static uint32_t ceiling(uint32_t repetitions) {
  __m256i acc[6], d[9], x = _mm256_set1_epi32(1);
  UNROLL for (int i = 0; i < 6; i++) acc[i] = _mm256_setzero_si256();
  UNROLL for (int i = 0; i < 9; i++) d[i] = _mm256_setzero_si256();
  for (uint32_t n = 0; n < repetitions; n++) {
    UNROLL for (int i = 0; i < 18; i += 2) {
      UNROLL for (int j = i; j < i + 2; j++) ADD(acc[j % 6], d[j % 9]);
      UNROLL for (int j = i; j < i + 2; j++) SAD(d[j % 9], x, x);
    }
  }
  UNROLL for (int i = 0; i < 6; i++) __asm__ volatile("" ::"x"(acc[i]));
  return 18 * 32;
}

const adder_simd adder_avx2 = {
    .name = "avx2",
    .filters_of_step = 8,
    .filters_of_vector = 4,
    ADDER_SIMD_KERNELS};
#endif
