// Requantization and staging with AVX-512, for AVX512.c.
#include "Kernels.h"

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

// Scales sums of one position in 64 bits, at most 16 channels.
AVX512 static void scale_position(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t p, uint32_t channel,
    uint32_t used, const int64_t *sums) {
  const __mmask16 mask = used >= 16 ? 0xFFFF : (__mmask16)((1u << used) - 1);
  const __m128i shift = _mm_cvtsi32_si128(scale->shift);
  __m512i residual = _mm512_setzero_si512();
  __m256i halves[2];
  if (scale->residual.base)
    residual = residual_at(&scale->residual, scale->residual.offsets[p] + channel, mask);
  UNROLL for (int h = 0; h < 2; h++) {
    const __m512i acc = _mm512_loadu_si512(sums + 8 * h);
    __m512i v = _mm512_loadu_si512(entries->bias + 8 * h);
    for (uint32_t i = 0; i < entries->slot_count; i++) {
      const __m512i term =
          _mm512_sllv_epi64(acc, _mm512_loadu_si512(entries->shifts[i] + 8 * h));
      v = _mm512_add_epi64(
          v, _mm512_xor_si512(term, _mm512_loadu_si512(entries->signs[i] + 8 * h)));
    }
    v = _mm512_sra_epi64(v, shift);
    v = _mm512_add_epi64(
        v, _mm512_cvtepi32_epi64(
               h ? _mm512_extracti64x4_epi64(residual, 1) : _mm512_castsi512_si256(residual)));
    v = _mm512_max_epi64(v, _mm512_set1_epi64(scale->lowest));
    v = _mm512_min_epi64(v, _mm512_set1_epi64(scale->highest));
    halves[h] = _mm512_cvtepi64_epi32(v);
  }
  const __m512i y = _mm512_inserti64x4(_mm512_castsi256_si512(halves[0]), halves[1], 1);
  for (uint32_t i = 0; i < scale->place_count; i++)
    store(&scale->places[i], scale->places[i].offsets[p] + channel, mask, y);
}
