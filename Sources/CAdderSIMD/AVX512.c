// AVX-512 with byte permutations: Ice Lake, Zen 4 and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "Kernels.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi")))
#define AVX512_INLINE AVX512 static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// The order of these decides a seventh of the speed, so the compiler must keep it.
#define SAD(sum, x, f) __asm__ volatile("vpsadbw %2, %1, %0" : "=v"(sum) : "v"(x), "v"(f))
#define ADD(sum, addend) __asm__ volatile("vpaddd %1, %0, %0" : "+v"(sum) : "v"(addend))

// Sums of differences of 4 positions with 4 vectors of filters, in `acc`; `BYTES_AT` gives the bytes of
// a step of a position, as often as they fill a vector.
#define TILE_SUMS(BYTES_AT)                                                         \
  __m512i acc[16], f[4], t[8], b = _mm512_setzero_si512();                          \
  const uint8_t *x[4];                                                              \
  UNROLL for (int p = 0; p < 4; p++) x[p] = input + positions[p];                   \
  size_t tap = taps[0];                                                             \
  UNROLL for (int v = 0; v < 4; v++) f[v] = _mm512_loadu_si512(filters + 64 * v);   \
  UNROLL for (int i = 0; i < 16; i++) {                                             \
    if (i % 4 == 0) b = BYTES_AT(x[i / 4] + tap);                                   \
    acc[i] = _mm512_sad_epu8(b, f[i % 4]);                                          \
  }                                                                                 \
  for (const uint32_t *end = taps + tap_count; ++taps != end;) {                    \
    tap = *taps;                                                                    \
    filters += 256;                                                                 \
    UNROLL for (int v = 0; v < 4; v++) f[v] = _mm512_loadu_si512(filters + 64 * v); \
    UNROLL for (int i = 0; i < 20; i += 2) {                                        \
      if (i < 16) {                                                                 \
        if (i % 4 == 0) b = BYTES_AT(x[i / 4] + tap);                               \
        SAD(t[i % 8], b, f[i % 4]);                                                 \
        SAD(t[i % 8 + 1], b, f[i % 4 + 1]);                                         \
      }                                                                             \
      if (i >= 4) {                                                                 \
        ADD(acc[i - 4], t[(i - 4) % 8]);                                            \
        ADD(acc[i - 3], t[(i - 4) % 8 + 1]);                                        \
      }                                                                             \
    }                                                                               \
  }

AVX512_INLINE __m512i eight_bytes(const uint8_t *bytes) {
  int64_t word;
  memcpy(&word, bytes, 8);
  return _mm512_set1_epi64(word);
}

AVX512_INLINE __m512i sixteen_bytes(const uint8_t *bytes) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
}

// Puts the even 32-bit lanes of `b` into the odd ones of `a`, whose own are zero.
AVX512_INLINE __m512i interleaved(__m512i a, __m512i b) {
  return _mm512_mask_shuffle_epi32(a, 0xAAAA, b, _MM_PERM_CCAA);
}

// Sums of 4 positions with 32 filters: a 64-bit lane is of one filter.
AVX512 static void tile_of_32(
    const uint8_t *input, const uint32_t *positions, const uint32_t *taps, uint32_t tap_count,
    const uint8_t *filters, int32_t *sums) {
  TILE_SUMS(eight_bytes)
  UNROLL for (int i = 0; i < 16; i += 2)
    _mm512_storeu_si512(sums + 8 * i, interleaved(acc[i], acc[i + 1]));
}

// Sums of 4 positions with 16 filters: two neighbouring 64-bit lanes are of one filter.
AVX512 static void tile_of_16(
    const uint8_t *input, const uint32_t *positions, const uint32_t *taps, uint32_t tap_count,
    const uint8_t *filters, int32_t *sums) {
  TILE_SUMS(sixteen_bytes)
  UNROLL for (int i = 0; i < 16; i += 4) {
    const __m512i a = interleaved(acc[i], acc[i + 1]), b = interleaved(acc[i + 2], acc[i + 3]);
    _mm512_storeu_si512(
        sums + 4 * i,
        _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)));
  }
}

AVX512 static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  const uint32_t *position = windows->positions + first, *end = position + count;
  if (lanes == ADDER_HALF_BLOCK) {
    for (; position < end; position += 4, sums += 4 * 16)
      tile_of_16(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  } else {
    for (; position < end; position += 4, sums += 4 * 32)
      tile_of_32(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  }
}

// 16 elements of a residual.
AVX512_INLINE __m512i residual_at(const adder_place *place, size_t index, __mmask16 mask) {
  if (place->type == ADDER_UINT8)
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, (const uint8_t *)place->base + index));
  return _mm512_cvtepi16_epi32(
      _mm256_maskz_loadu_epi16(mask, (const int16_t *)place->base + index));
}

// Stores 16 elements, converted if the place asks for it.
AVX512_INLINE void store(const adder_place *place, size_t index, __mmask16 mask, __m512i y) {
  if (place->converts) {
    y = _mm512_add_epi32(y, _mm512_set1_epi32(place->conversion_bias));
    y = _mm512_sra_epi32(y, _mm_cvtsi32_si128(place->conversion_shift));
    y = _mm512_max_epi32(y, _mm512_set1_epi32(place->lowest));
    y = _mm512_min_epi32(y, _mm512_set1_epi32(place->highest));
  }
  switch (place->type) {
    case ADDER_UINT8: {
      // Apart from the masked store: one instruction for both takes many cycles on Zen 4.
      __m128i bytes = _mm512_cvtepi32_epi8(y);
      __asm__("" : "+v"(bytes));
      _mm_mask_storeu_epi8((uint8_t *)place->base + index, mask, bytes);
      break;
    }
    case ADDER_BIASED:
      y = _mm512_add_epi32(y, _mm512_set1_epi32(0x8000));
      // Falls through.
    case ADDER_INT16: {
      __m256i halves = _mm512_cvtepi32_epi16(y);
      __asm__("" : "+v"(halves));
      _mm256_mask_storeu_epi16((int16_t *)place->base + index, mask, halves);
      break;
    }
    case ADDER_NIBBLES: {
      const __m512i low = _mm512_and_si512(y, _mm512_set1_epi32(15));
      const __m512i high = _mm512_srli_epi32(y, 4);
      y = _mm512_or_si512(_mm512_slli_epi32(low, 5), _mm512_slli_epi32(high, 21));
    }
      // Falls through.
    case ADDER_INT32:
      _mm512_mask_storeu_epi32((int32_t *)place->base + index, mask, y);
  }
}

// Whether elements of a place fit 16 bits, and are converted there as in 32: a sum beyond 16 bits is
// clamped to the same element as the end of their range.
static int fits_halves(const adder_place *place) {
  if (place->type != ADDER_UINT8 && (place->type != ADDER_INT16 || place->converts)) return 0;
  if (!place->converts) return 1;
  const int32_t bias = place->conversion_bias, shift = place->conversion_shift;
  return -0x8000 <= bias && bias <= 0x7FFF && place->highest <= 0x7FFF >> shift &&
         place->lowest >= -0x8000 >> shift;
}

// Stores 16 elements at each of two positions, converted if the place asks for it.
AVX512_INLINE void store_pair(const adder_place *place, size_t p, size_t channel, __m512i y) {
  const size_t first = place->offsets[p] + channel, second = place->offsets[p + 1] + channel;
  if (place->type == ADDER_INT16) {
    int16_t *base = (int16_t *)place->base;
    _mm256_storeu_si256((__m256i *)(base + first), _mm512_castsi512_si256(y));
    _mm256_storeu_si256((__m256i *)(base + second), _mm512_extracti64x4_epi64(y, 1));
    return;
  }
  if (place->converts) {
    y = _mm512_adds_epi16(y, _mm512_set1_epi16((int16_t)place->conversion_bias));
    y = _mm512_sra_epi16(y, _mm_cvtsi32_si128(place->conversion_shift));
    y = _mm512_max_epi16(y, _mm512_set1_epi16((int16_t)place->lowest));
    y = _mm512_min_epi16(y, _mm512_set1_epi16((int16_t)place->highest));
  }
  const __m256i bytes = _mm512_cvtepi16_epi8(y);
  uint8_t *base = (uint8_t *)place->base;
  _mm_storeu_si128((__m128i *)(base + first), _mm256_castsi256_si128(bytes));
  _mm_storeu_si128((__m128i *)(base + second), _mm256_extracti128_si256(bytes, 1));
}

// Scales 16 channels; the compiler makes a copy for each shape of entries. If `in_pairs`, all elements
// fit 16 bits, and all 16 channels are there.
AVX512_INLINE void scale_channels(
    const adder_scale *scale, const adder_entries *entries, size_t first, size_t count,
    size_t channel, size_t end, size_t lanes, const int32_t *sums, const int in_pairs,
    const uint32_t plus, const uint32_t minus, const uint32_t mixed) {
  const __m512i bias = _mm512_loadu_si512(entries->bias);
  const __m512i lowest = _mm512_set1_epi32(scale->lowest);
  const __m512i highest = _mm512_set1_epi32(scale->highest);
  const __m512i low_halves = _mm512_set1_epi16((int16_t)scale->lowest);
  const __m512i high_halves = _mm512_set1_epi16((int16_t)scale->highest);
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  const __m512i shift = _mm512_set1_epi32(scale->shift);
  __m512i shifts[8], signs[8];
  UNROLL for (uint32_t i = 0; i < plus + minus + mixed; i++)
    shifts[i] = _mm512_loadu_si512(entries->shifts[i]);
  UNROLL for (uint32_t i = 0; i < mixed; i++) signs[i] = _mm512_loadu_si512(entries->signs[i]);
  const size_t left = end - channel;
  const __mmask16 mask = left >= 16 ? 0xFFFF : (__mmask16)((1u << left) - 1);
  const adder_place residual = scale->residual, *places = scale->places;
  const uint32_t place_count = scale->place_count;
  const size_t last = first + count;
  size_t p = first;
// Of the sums at `offset`, before the residual.
#define SCALED(v, offset)                                                                    \
  __m512i v = bias;                                                                          \
  {                                                                                          \
    const __m512i acc = _mm512_loadu_si512(sums + (offset));                                 \
    UNROLL for (uint32_t i = 0; i < plus + minus + mixed; i++) {                             \
      __m512i term = _mm512_sllv_epi32(acc, shifts[i]);                                      \
      if (i >= plus + minus) term = _mm512_xor_si512(term, signs[i - plus - minus]);         \
      v = i >= plus && i < plus + minus ? _mm512_sub_epi32(v, term) : _mm512_add_epi32(v, term); \
    }                                                                                        \
    v = _mm512_srav_epi32(v, shift);                                                          \
  }
  if (in_pairs) {
    for (; p + 1 < last; p += 2, sums += lanes + lanes) {
      SCALED(v, 0)
      SCALED(w, lanes)
      if (residual.base) {
        v = _mm512_add_epi32(v, residual_at(&residual, residual.offsets[p] + channel, 0xFFFF));
        w = _mm512_add_epi32(w, residual_at(&residual, residual.offsets[p + 1] + channel, 0xFFFF));
      }
      const __m512i halves = _mm512_permutexvar_epi64(order, _mm512_packs_epi32(v, w));
      const __m512i y = _mm512_min_epi16(_mm512_max_epi16(halves, low_halves), high_halves);
      for (uint32_t i = 0; i < place_count; i++) store_pair(&places[i], p, channel, y);
    }
  }
  for (; p < last; p++, sums += lanes) {
    SCALED(v, 0)
    if (residual.base)
      v = _mm512_add_epi32(v, residual_at(&residual, residual.offsets[p] + channel, mask));
    v = _mm512_min_epi32(_mm512_max_epi32(v, lowest), highest);
    for (uint32_t i = 0; i < place_count; i++)
      store(&places[i], places[i].offsets[p] + channel, mask, v);
  }
#undef SCALED
}

AVX512 static void scale(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  int fits = 1;
  for (uint32_t i = 0; i < scale->place_count; i++) fits &= fits_halves(&scale->places[i]);
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
    const int in_pairs = fits && end - channel >= 16;
#define SCALE(PLUS, MINUS, MIXED)                                                            \
  scale_channels(                                                                            \
      scale, entries, first, count, channel, end, lanes, sums, in_pairs, PLUS, MINUS, MIXED)
    switch (scale->shape) {
      case ADDER_ENTRIES_121: SCALE(1, 2, 1); break;
      case ADDER_ENTRIES_122: SCALE(1, 2, 2); break;
      case ADDER_ENTRIES_222: SCALE(2, 2, 2); break;
      default: SCALE(0, 0, 8);
    }
#undef SCALE
  }
}

// Sums of int16 elements, as the differences of unsigned numbers, of `P` positions with 8 * `V`
// filters: a 64-bit lane is of one filter. The differences of its four elements come in pairs, high *
// 2^16 + low, whose sums and whose high parts' sums give the sum of both.
#define HALF_TILE(NAME, P, V)                                                                   \
  AVX512 static void NAME(                                                                      \
      const uint8_t *input, const uint32_t *positions, const uint32_t *taps, uint32_t tap_count, \
      const uint8_t *filters, int32_t *sums) {                                                  \
    __m512i pairs[P * V], high[P * V];                                                          \
    UNROLL for (int i = 0; i < P * V; i++) pairs[i] = high[i] = _mm512_setzero_si512();         \
    for (uint32_t j = 0; j < tap_count; j++, filters += 64 * V) {                               \
      UNROLL for (int p = 0; p < P; p++) {                                                      \
        const __m512i x = eight_bytes(input + positions[p] + taps[j]);                          \
        UNROLL for (int v = 0; v < V; v++) {                                                    \
          const __m512i f = _mm512_loadu_si512(filters + 64 * v);                               \
          const __m512i d = _mm512_or_si512(_mm512_subs_epu16(x, f), _mm512_subs_epu16(f, x));  \
          pairs[V * p + v] = _mm512_add_epi32(pairs[V * p + v], d);                             \
          high[V * p + v] = _mm512_add_epi32(high[V * p + v], _mm512_srli_epi32(d, 16));        \
        }                                                                                       \
      }                                                                                         \
    }                                                                                           \
    UNROLL for (int i = 0; i < P * V; i++) {                                                    \
      const __m512i low = _mm512_sub_epi32(pairs[i], _mm512_slli_epi32(high[i], 16));           \
      const __m512i both = _mm512_add_epi32(low, high[i]);                                      \
      pairs[i] = _mm512_add_epi32(both, _mm512_srli_epi64(both, 32));                           \
    }                                                                                           \
    UNROLL for (int i = 0; i < P * V; i += 2)                                                   \
      _mm512_storeu_si512(sums + 8 * i, interleaved(pairs[i], pairs[i + 1]));                   \
  }
HALF_TILE(half_tile_of_32, 2, 4)
HALF_TILE(half_tile_of_16, 4, 2)

AVX512 static void half_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  const uint32_t *position = windows->positions + first, *end = position + count;
  if (lanes == ADDER_HALF_BLOCK) {
    for (; position < end; position += 4, sums += 4 * 16)
      half_tile_of_16(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  } else {
    for (; position < end; position += 2, sums += 2 * 32)
      half_tile_of_32(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  }
}

// Copies `count` elements that lie together on both sides.
AVX512 static void stage_run(
    const void *elements, adder_element_type type, size_t source, const adder_place *place,
    size_t target, size_t count) {
  for (size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = count - i >= 16 ? 0xFFFF : (__mmask16)((1u << (count - i)) - 1);
    const adder_place from = {.base = (void *)elements, .type = type};
    const __m512i y =
        type == ADDER_INT32
            ? _mm512_maskz_loadu_epi32(mask, (const int32_t *)elements + source + i)
            : residual_at(&from, source + i, mask);
    store(place, target + i, mask, y);
  }
}

#define STAGES_RUNS
#define PRODUCTS AVX512
#define SCALING AVX512
#include "Channels.h"
#include "Pooling.h"
#include "Products.h"
#include "Staging.h"
#include "WideScaling.h"

// 16 differences of 8 bytes, and their sums, of registers alone, in the order of the tiles.
AVX512 static uint32_t ceiling(uint32_t repetitions) {
  __m512i acc[16], t[8], f[4], b = _mm512_set1_epi32(1);
  UNROLL for (int i = 0; i < 16; i++) acc[i] = _mm512_setzero_si512();
  UNROLL for (int i = 0; i < 4; i++) f[i] = _mm512_set1_epi32(i);
  for (uint32_t n = 0; n < repetitions; n++) {
    UNROLL for (int i = 0; i < 20; i += 2) {
      if (i < 16) {
        SAD(t[i % 8], b, f[i % 4]);
        SAD(t[i % 8 + 1], b, f[i % 4 + 1]);
      }
      if (i >= 4) {
        ADD(acc[i - 4], t[(i - 4) % 8]);
        ADD(acc[i - 3], t[(i - 4) % 8 + 1]);
      }
    }
  }
  UNROLL for (int i = 0; i < 16; i++) __asm__ volatile("" ::"v"(acc[i]));
  return 16 * 64;
}

const adder_simd adder_avx512 = {
    .name = "avx512",
    .filters_of_step = 32,
    .filters_of_vector = 8,
    .half_step_bytes = 16,
    .byte_sums = byte_sums,
    .half_sums = half_sums,
    .channel_sums = channel_sums,
    .pool = pool,
    .scale = scale,
    .scale_wide = scale_wide,
    .scale_wide_position = scale_wide_position,
    .product_sums = product_sums,
    .stage = stage,
    .ceiling = ceiling};
#endif
