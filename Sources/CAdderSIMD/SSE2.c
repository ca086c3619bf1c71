// SSE2: what every x86-64 processor has.
#if defined(__x86_64__)
#include <emmintrin.h>

#include "Channels.h"
#include "Pooling.h"
#include "Products.h"
#include "Scaling.h"
#include "Staging.h"
#include "WideScaling.h"

static inline __m128i interleaved(__m128i even, __m128i odd) {
  return _mm_or_si128(even, _mm_slli_epi64(odd, 32));
}

// Sums of 4 positions with 4 filters: a 64-bit lane is of one filter, in the first vector the even ones.
static void tile(
    const adder_windows *windows, const uint32_t *positions, const uint8_t *filters, uint32_t lanes,
    int32_t *sums) {
  __m128i even[4], odd[4];
  for (int p = 0; p < 4; p++) even[p] = odd[p] = _mm_setzero_si128();
  for (uint32_t j = 0; j < windows->tap_count; j++, filters += 32) {
    const __m128i f = _mm_loadu_si128((const __m128i *)filters);
    const __m128i g = _mm_loadu_si128((const __m128i *)(filters + 16));
    const uint8_t *x = windows->input + windows->taps[j];
    for (int p = 0; p < 4; p++) {
      const __m128i word = _mm_loadl_epi64((const __m128i *)(x + positions[p]));
      const __m128i b = _mm_unpacklo_epi64(word, word);
      even[p] = _mm_add_epi32(even[p], _mm_sad_epu8(b, f));
      odd[p] = _mm_add_epi32(odd[p], _mm_sad_epu8(b, g));
    }
  }
  for (int p = 0; p < 4; p++)
    _mm_storeu_si128((__m128i *)(adder_row(sums, p, lanes)), interleaved(even[p], odd[p]));
}

static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 4, filters += 32 * (size_t)windows->tap_count)
    for (uint32_t p = 0; p < count; p += 4)
      tile(windows, windows->positions + first + p, filters, lanes, adder_row(sums, p, lanes) + lane);
}

// Sums of int16 elements of a position with 2 filters: as in AVX512.c.
static inline __m128i half_pair(const adder_windows *windows, uint32_t p, const uint8_t *filters) {
  __m128i pairs = _mm_setzero_si128(), high = pairs;
  const uint8_t *x = windows->input + windows->positions[p];
  for (uint32_t j = 0; j < windows->tap_count; j++, filters += 32) {
    const __m128i word = _mm_loadl_epi64((const __m128i *)(x + windows->taps[j]));
    const __m128i b = _mm_unpacklo_epi64(word, word);
    const __m128i f = _mm_loadu_si128((const __m128i *)filters);
    const __m128i d = _mm_or_si128(_mm_subs_epu16(b, f), _mm_subs_epu16(f, b));
    pairs = _mm_add_epi32(pairs, d);
    high = _mm_add_epi32(high, _mm_srli_epi32(d, 16));
  }
  const __m128i both = _mm_add_epi32(_mm_sub_epi32(pairs, _mm_slli_epi32(high, 16)), high);
  const __m128i sum = _mm_add_epi32(both, _mm_srli_epi64(both, 32));
  return _mm_and_si128(sum, _mm_set_epi32(0, -1, 0, -1));
}

static void half_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 4, filters += 32 * (size_t)windows->tap_count)
    for (uint32_t p = 0; p < count; p++)
      _mm_storeu_si128(
          (__m128i *)(adder_row(sums, p, lanes) + lane),
          interleaved(
              half_pair(windows, first + p, filters), half_pair(windows, first + p, filters + 16)));
}

// 8 differences of 8 bytes, and their sums, of registers alone.
static uint32_t ceiling(uint32_t repetitions) {
  __m128i acc[8], a = _mm_set1_epi32(1), b = _mm_set1_epi32(2);
  for (int i = 0; i < 8; i++) acc[i] = _mm_setzero_si128();
  for (uint32_t n = 0; n < repetitions; n++) {
    for (int i = 0; i < 8; i++) {
      __m128i t = a;
      __asm__ volatile("psadbw %1, %0" : "+x"(t) : "x"(b));
      __asm__ volatile("paddd %1, %0" : "+x"(acc[i]) : "x"(t));
    }
  }
  for (int i = 0; i < 8; i++) __asm__ volatile("" ::"x"(acc[i]));
  return 8 * 16;
}

const adder_simd adder_sse2 = {
    .name = "sse2",
    .filters_of_step = 4,
    .filters_of_vector = 2,
    ADDER_SIMD_KERNELS};
#endif
