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

// The places of positions that are scaled in pairs, whose elements all fit 16 bits.
typedef struct {
  // Those of bytes first, then those of converted bytes, then those of halves.
  adder_place places[8];
  int bytes, converted, halves;
} pair_places;

// Sorts the places of a layer, or returns 0 if its positions are scaled one by one.
static int sort_places(const adder_scale *scale, pair_places *pairs) {
  pairs->bytes = pairs->converted = pairs->halves = 0;
  if (scale->place_count > 8 || (scale->residual.base && scale->residual.type != ADDER_INT16))
    return 0;
  for (int kind = 0; kind < 3; kind++) {
    for (uint32_t i = 0; i < scale->place_count; i++) {
      const adder_place *place = &scale->places[i];
      const int is_half = place->type == ADDER_INT16;
      if (kind != (is_half ? 2 : place->converts ? 1 : 0)) continue;
      if (!fits_halves(place)) return 0;
      pairs->places[pairs->bytes + pairs->converted + pairs->halves] = *place;
      if (kind == 0) pairs->bytes++;
      if (kind == 1) pairs->converted++;
      if (kind == 2) pairs->halves++;
    }
  }
  return 1;
}

// The entries of 16 channels, of whose terms the compiler knows number and signs.
typedef struct {
  __m512i bias, shift, shifts[8], signs[8];
} terms16;

AVX512_INLINE terms16 load_terms(
    const adder_scale *scale, const adder_entries *entries, const int count, const int mixed) {
  terms16 terms = {.bias = _mm512_loadu_si512(entries->bias), .shift = _mm512_set1_epi32(scale->shift)};
  UNROLL for (int i = 0; i < count; i++) terms.shifts[i] = _mm512_loadu_si512(entries->shifts[i]);
  UNROLL for (int i = 0; i < mixed; i++) terms.signs[i] = _mm512_loadu_si512(entries->signs[i]);
  return terms;
}

// Twice 16 sums, scaled, before the residual. In turns, which keeps both pipes that shift busy: the
// compiler must not change the order.
AVX512_INLINE void scale_two(
    const int32_t *first, const int32_t *second, const terms16 *terms, const int plus,
    const int minus, const int mixed, __m512i *v, __m512i *w) {
#define SHIFT(y, x, by) __asm__ volatile("vpsllvd %2, %1, %0" : "=v"(y) : "v"(x), "v"(by))
#define SHIFT_BACK(y, by) __asm__ volatile("vpsravd %1, %0, %0" : "+v"(y) : "v"(by))
#define PLUS(y, x) __asm__ volatile("vpaddd %1, %0, %0" : "+v"(y) : "v"(x))
#define MINUS(y, x) __asm__ volatile("vpsubd %1, %0, %0" : "+v"(y) : "v"(x))
#define FLIP(y, x) __asm__ volatile("vpxord %1, %0, %0" : "+v"(y) : "v"(x))
  const __m512i a = _mm512_loadu_si512(first), b = _mm512_loadu_si512(second);
  __m512i s, t;
  *v = *w = terms->bias;
  UNROLL for (int i = 0; i < plus + minus + mixed; i++) {
    SHIFT(s, a, terms->shifts[i]);
    SHIFT(t, b, terms->shifts[i]);
    if (i >= plus + minus) {
      FLIP(s, terms->signs[i - plus - minus]);
      FLIP(t, terms->signs[i - plus - minus]);
    }
    if (i >= plus && i < plus + minus) {
      MINUS(*v, s);
      MINUS(*w, t);
    } else {
      PLUS(*v, s);
      PLUS(*w, t);
    }
  }
  SHIFT_BACK(*v, terms->shift);
  SHIFT_BACK(*w, terms->shift);
}

// The same of 16 sums alone.
AVX512_INLINE __m512i scale_one(
    const int32_t *sums, const terms16 *terms, const int plus, const int minus, const int mixed) {
  const __m512i acc = _mm512_loadu_si512(sums);
  __m512i v = terms->bias;
  UNROLL for (int i = 0; i < plus + minus + mixed; i++) {
    __m512i term = _mm512_sllv_epi32(acc, terms->shifts[i]);
    if (i >= plus + minus) term = _mm512_xor_si512(term, terms->signs[i - plus - minus]);
    v = i >= plus && i < plus + minus ? _mm512_sub_epi32(v, term) : _mm512_add_epi32(v, term);
  }
  return _mm512_srav_epi32(v, terms->shift);
}

// Scales 16 channels of pairs of positions, with so many places of each kind.
AVX512_INLINE void scale_pairs(
    const adder_scale *scale, const adder_entries *entries, size_t first, size_t count,
    size_t channel, size_t lanes, const int32_t *sums, const pair_places *pairs,
    const int plus, const int minus, const int mixed, const int bytes, const int converted,
    const int halves, const int has_residual) {
  const terms16 terms = load_terms(scale, entries, plus + minus + mixed, mixed);
  const __m512i lowest = _mm512_set1_epi16((int16_t)scale->lowest);
  const __m512i highest = _mm512_set1_epi16((int16_t)scale->highest);
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  // Values of this function, which stores to elements do not change.
  pair_places own = *pairs;
  const adder_place *places = own.places;
  const int16_t *residual = has_residual ? (const int16_t *)scale->residual.base + channel : 0;
  const uint32_t *residual_at = scale->residual.offsets;
  for (size_t p = first; p < first + count; p += 2, sums += lanes + lanes) {
    __m512i v, w;
    scale_two(sums, sums + lanes, &terms, plus, minus, mixed, &v, &w);
    if (has_residual) {
      v = _mm512_add_epi32(
          v, _mm512_cvtepi16_epi32(
                 _mm256_loadu_si256((const __m256i *)(residual + residual_at[p]))));
      w = _mm512_add_epi32(
          w, _mm512_cvtepi16_epi32(
                 _mm256_loadu_si256((const __m256i *)(residual + residual_at[p + 1]))));
    }
    const __m512i packed = _mm512_permutexvar_epi64(order, _mm512_packs_epi32(v, w));
    const __m512i y = _mm512_min_epi16(_mm512_max_epi16(packed, lowest), highest);
    for (int i = 0; i < bytes + converted; i++) {
      const adder_place *place = &places[i];
      __m512i z = y;
      if (i >= bytes) {
        z = _mm512_adds_epi16(z, _mm512_set1_epi16((int16_t)place->conversion_bias));
        z = _mm512_sra_epi16(z, _mm_cvtsi32_si128(place->conversion_shift));
        z = _mm512_max_epi16(z, _mm512_set1_epi16((int16_t)place->lowest));
        z = _mm512_min_epi16(z, _mm512_set1_epi16((int16_t)place->highest));
      }
      const __m256i elements = _mm512_cvtepi16_epi8(z);
      uint8_t *base = (uint8_t *)place->base + channel;
      _mm_storeu_si128(
          (__m128i *)(base + place->offsets[p]), _mm256_castsi256_si128(elements));
      _mm_storeu_si128(
          (__m128i *)(base + place->offsets[p + 1]), _mm256_extracti128_si256(elements, 1));
    }
    for (int i = 0; i < halves; i++) {
      const adder_place *place = &places[bytes + converted + i];
      int16_t *base = (int16_t *)place->base + channel;
      _mm256_storeu_si256(
          (__m256i *)(base + place->offsets[p]), _mm512_castsi512_si256(y));
      _mm256_storeu_si256(
          (__m256i *)(base + place->offsets[p + 1]), _mm512_extracti64x4_epi64(y, 1));
    }
  }
}

// Scales 16 channels, or fewer, of any layer.
AVX512_INLINE void scale_positions(
    const adder_scale *scale, const adder_entries *entries, size_t first, size_t count,
    size_t channel, size_t end, size_t lanes, const int32_t *sums, const int plus,
    const int minus, const int mixed) {
  const terms16 terms = load_terms(scale, entries, plus + minus + mixed, mixed);
  const __m512i lowest = _mm512_set1_epi32(scale->lowest);
  const __m512i highest = _mm512_set1_epi32(scale->highest);
  const size_t left = end - channel;
  const __mmask16 mask = left >= 16 ? 0xFFFF : (__mmask16)((1u << left) - 1);
  for (size_t p = first; p < first + count; p++, sums += lanes) {
    __m512i v = scale_one(sums, &terms, plus, minus, mixed);
    if (scale->residual.base)
      v = _mm512_add_epi32(
          v, residual_at(&scale->residual, scale->residual.offsets[p] + channel, mask));
    v = _mm512_min_epi32(_mm512_max_epi32(v, lowest), highest);
    for (uint32_t i = 0; i < scale->place_count; i++)
      store(&scale->places[i], scale->places[i].offsets[p] + channel, mask, v);
  }
}

AVX512 static void scale(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  pair_places pairs;
  const int fits = sort_places(scale, &pairs);
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
    uint32_t paired = fits && end - channel >= 16 ? count / 2 * 2 : 0;
    // A layer writes the input of the next, or adds to a stream that it writes, too.
#define IS(BYTES, CONVERTED, HALVES)                                                          \
  (pairs.bytes == BYTES && pairs.converted == CONVERTED && pairs.halves == HALVES)
#define PAIRS(PLUS, MINUS, MIXED, BYTES, CONVERTED, HALVES, RESIDUAL)                        \
  scale_pairs(                                                                               \
      scale, entries, first, paired, channel, lanes, sums, &pairs, PLUS, MINUS, MIXED,       \
      BYTES, CONVERTED, HALVES, RESIDUAL)
#define SCALE(PLUS, MINUS, MIXED)                                                            \
  if (paired) {                                                                              \
    const int adds = scale->residual.base != NULL;                                           \
    if (IS(1, 0, 0) && !adds) {                                                              \
      PAIRS(PLUS, MINUS, MIXED, 1, 0, 0, 0);                                                 \
    } else if (IS(0, 1, 1) && adds) {                                                        \
      PAIRS(PLUS, MINUS, MIXED, 0, 1, 1, 1);                                                 \
    } else if (IS(0, 1, 1)) {                                                                \
      PAIRS(PLUS, MINUS, MIXED, 0, 1, 1, 0);                                                 \
    } else {                                                                                 \
      PAIRS(PLUS, MINUS, MIXED, pairs.bytes, pairs.converted, pairs.halves, adds);           \
    }                                                                                        \
  }                                                                                          \
  if (paired < count)                                                                        \
    scale_positions(                                                                         \
        scale, entries, first + paired, count - paired, channel, end, lanes,                 \
        adder_row((int32_t *)sums, paired, lanes), PLUS, MINUS, MIXED)
    ADDER_BY_SHAPE(entries->shape, SCALE)
#undef SCALE
#undef PAIRS
#undef IS
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
