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

// Stores 8 elements, converted if the place asks for it.
AVX2_INLINE void store(const adder_place *place, size_t index, __m256i y) {
  if (place->converts) {
    y = _mm256_add_epi32(y, _mm256_set1_epi32(place->conversion_bias));
    y = _mm256_sra_epi32(y, _mm_cvtsi32_si128(place->conversion_shift));
    y = _mm256_max_epi32(y, _mm256_set1_epi32(place->lowest));
    y = _mm256_min_epi32(y, _mm256_set1_epi32(place->highest));
  }
  const __m128i low = _mm256_castsi256_si128(y), high = _mm256_extracti128_si256(y, 1);
  __m128i halves = _mm_packs_epi32(low, high);
  switch (place->type) {
    case ADDER_UINT8:
      _mm_storel_epi64(
          (__m128i *)((uint8_t *)place->base + index), _mm_packus_epi16(halves, halves));
      break;
    case ADDER_BIASED:
      halves = _mm_xor_si128(halves, _mm_set1_epi16((int16_t)0x8000));
      // Falls through.
    case ADDER_INT16:
      _mm_storeu_si128((__m128i *)((int16_t *)place->base + index), halves);
      break;
    case ADDER_NIBBLES: {
      const __m256i bits = _mm256_and_si256(y, _mm256_set1_epi32(15));
      y = _mm256_or_si256(
          _mm256_slli_epi32(bits, 5), _mm256_slli_epi32(_mm256_srli_epi32(y, 4), 21));
    }
      // Falls through.
    case ADDER_INT32:
      _mm256_storeu_si256((__m256i *)((int32_t *)place->base + index), y);
  }
}

// Scales 8 channels; the compiler makes a copy for each shape of entries.
AVX2_INLINE void scale_eight(
    const adder_scale *scale, const adder_entries *entries, size_t half, size_t first, size_t count,
    size_t channel, size_t lanes, const int32_t *sums, const uint32_t plus, const uint32_t minus,
    const uint32_t mixed) {
#define EIGHT(numbers) _mm256_loadu_si256((const __m256i *)((numbers) + 8 * half))
  const __m256i bias = EIGHT(entries->bias);
  const __m256i lowest = _mm256_set1_epi32(scale->lowest);
  const __m256i highest = _mm256_set1_epi32(scale->highest);
  const __m128i shift = _mm_cvtsi32_si128(scale->shift);
  __m256i shifts[8], signs[8];
  UNROLL for (uint32_t i = 0; i < plus + minus + mixed; i++) shifts[i] = EIGHT(entries->shifts[i]);
  UNROLL for (uint32_t i = 0; i < mixed; i++) signs[i] = EIGHT(entries->signs[i]);
#undef EIGHT
  const adder_place residual = scale->residual, *places = scale->places;
  const uint32_t place_count = scale->place_count;
  for (size_t p = first; p < first + count; p++, sums += lanes) {
    const __m256i acc = _mm256_loadu_si256((const __m256i *)sums);
    __m256i v = bias;
    UNROLL for (uint32_t i = 0; i < plus + minus + mixed; i++) {
      __m256i term = _mm256_sllv_epi32(acc, shifts[i]);
      if (i >= plus + minus) term = _mm256_xor_si256(term, signs[i - plus - minus]);
      v = i >= plus && i < plus + minus ? _mm256_sub_epi32(v, term) : _mm256_add_epi32(v, term);
    }
    v = _mm256_sra_epi32(v, shift);
    if (residual.base) {
      const size_t index = residual.offsets[p] + channel;
      v = _mm256_add_epi32(
          v, residual.type == ADDER_UINT8
                 ? _mm256_cvtepu8_epi32(
                       _mm_loadl_epi64((const __m128i *)((const uint8_t *)residual.base + index)))
                 : _mm256_cvtepi16_epi32(
                       _mm_loadu_si128((const __m128i *)((const int16_t *)residual.base + index))));
    }
    v = _mm256_min_epi32(_mm256_max_epi32(v, lowest), highest);
    for (uint32_t i = 0; i < place_count; i++) store(&places[i], places[i].offsets[p] + channel, v);
  }
}

AVX2 static void scale(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
#define SCALE(PLUS, MINUS, MIXED)                                                            \
  if (end - channel < 16) {                                                                  \
    scale_channels(                                                                          \
        scale, entries, first, count, channel, end, lanes, sums, PLUS, MINUS, MIXED);        \
  } else {                                                                                   \
    for (size_t half = 0; half < 2; half++)                                                  \
      scale_eight(                                                                           \
          scale, entries, half, first, count, channel + 8 * half, lanes, sums + 8 * half,    \
          PLUS, MINUS, MIXED);                                                               \
  }
    switch (scale->shape) {
      case ADDER_ENTRIES_121: SCALE(1, 2, 1) break;
      case ADDER_ENTRIES_122: SCALE(1, 2, 2) break;
      case ADDER_ENTRIES_222: SCALE(2, 2, 2) break;
      default: SCALE(0, 0, 8)
    }
#undef SCALE
  }
}

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
