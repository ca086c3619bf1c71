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

// Sums of 4 positions with 8 filters: a 64-bit lane is of one filter, in the first vector the even ones.
AVX2 static void tile(
    const uint8_t *input, const uint32_t *positions, const uint32_t *taps, uint32_t tap_count,
    const uint8_t *filters, uint32_t lanes, int32_t *sums) {
  __m256i acc[8];
  UNROLL for (int i = 0; i < 8; i++) acc[i] = _mm256_setzero_si256();
  const uint8_t *x[4];
  UNROLL for (int p = 0; p < 4; p++) x[p] = input + positions[p];
  const uint32_t *end = taps + tap_count;
  do {
    const size_t tap = *taps++;
    const __m256i even = _mm256_loadu_si256((const __m256i *)filters);
    const __m256i odd = _mm256_loadu_si256((const __m256i *)(filters + 32));
    filters += 64;
    UNROLL for (int p = 0; p < 4; p++) {
      const __m256i b = eight_bytes(x[p] + tap);
      acc[2 * p] = _mm256_add_epi32(acc[2 * p], _mm256_sad_epu8(b, even));
      acc[2 * p + 1] = _mm256_add_epi32(acc[2 * p + 1], _mm256_sad_epu8(b, odd));
    }
  } while (taps != end);
  UNROLL for (int p = 0; p < 4; p++)
    _mm256_storeu_si256(
        (__m256i *)(adder_row(sums, p, lanes)), interleaved(acc[2 * p], acc[2 * p + 1]));
}

AVX2 static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 8, filters += 64 * (size_t)windows->tap_count)
    for (uint32_t p = 0; p < count; p += 4)
      tile(
          windows->input, windows->positions + first + p, windows->taps, windows->tap_count,
          filters, lanes, adder_row(sums, p, lanes) + lane);
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

#define SAD(sum, x, f) __asm__ volatile("vpsadbw %2, %1, %0" : "=x"(sum) : "x"(x), "x"(f))
#define ADD(sum, addend) __asm__ volatile("vpaddd %1, %0, %0" : "+x"(sum) : "x"(addend))

// 8 differences of 8 bytes, and their sums, of registers alone.
AVX2 static uint32_t ceiling(uint32_t repetitions) {
  __m256i acc[8], t[4], a = _mm256_set1_epi32(1), b = _mm256_set1_epi32(2);
  UNROLL for (int i = 0; i < 8; i++) acc[i] = _mm256_setzero_si256();
  for (uint32_t n = 0; n < repetitions; n++) {
    UNROLL for (int i = 0; i < 8; i += 4) {
      UNROLL for (int j = 0; j < 4; j++) SAD(t[j], a, b);
      UNROLL for (int j = 0; j < 4; j++) ADD(acc[i + j], t[j]);
    }
  }
  UNROLL for (int i = 0; i < 8; i++) __asm__ volatile("" ::"x"(acc[i]));
  return 8 * 32;
}

const adder_simd adder_avx2 = {
    .name = "avx2",
    .filters_of_step = 8,
    .filters_of_vector = 4,
    ADDER_SIMD_KERNELS};
#endif
