// Requantization with AVX2, for AVX2.c.
#include "Kernels.h"

// 8 elements of a residual.
AVX2_INLINE __m256i eight_elements(const adder_place *place, size_t index) {
  if (place->type == ADDER_UINT8)
    return _mm256_cvtepu8_epi32(
        _mm_loadl_epi64((const __m128i *)((const uint8_t *)place->base + index)));
  return _mm256_cvtepi16_epi32(
      _mm_loadu_si128((const __m128i *)((const int16_t *)place->base + index)));
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
    if (residual.base)
      v = _mm256_add_epi32(v, eight_elements(&residual, residual.offsets[p] + channel));
    v = _mm256_min_epi32(_mm256_max_epi32(v, lowest), highest);
    for (uint32_t i = 0; i < place_count; i++) store(&places[i], places[i].offsets[p] + channel, v);
  }
}

// The elements of up to 32 channels at the positions of a chunk. A vector has 16 channels: 0 to 3, 8 to
// 11, 4 to 7 and 12 to 15. One more than there are positions can be read.
typedef __m256i elements_of_chunk[2][ADDER_CHUNK + 1];

// How elements become bytes, in each 16-bit lane.
typedef struct {
  int is_needed;
  __m128i shift;
  __m256i bias, lowest, highest;
} halves_conversion;

// The bytes of two vectors of elements, of either vector's 16 channels in order.
AVX2_INLINE __m256i bytes_of(__m256i a, __m256i b, const halves_conversion *conversion) {
  if (conversion->is_needed) {
    a = _mm256_sra_epi16(_mm256_adds_epi16(a, conversion->bias), conversion->shift);
    b = _mm256_sra_epi16(_mm256_adds_epi16(b, conversion->bias), conversion->shift);
    a = _mm256_min_epi16(_mm256_max_epi16(a, conversion->lowest), conversion->highest);
    b = _mm256_min_epi16(_mm256_max_epi16(b, conversion->lowest), conversion->highest);
  }
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order);
}

// Stores the elements of 16 or 32 channels, converted if the place asks for it.
AVX2 static void store_chunk(
    const adder_place *place, size_t first, size_t count, size_t channel, int has_32,
    elements_of_chunk elements) {
  const uint32_t *offsets = place->offsets + first;
  if (place->type == ADDER_INT16) {
    int16_t *base = (int16_t *)place->base + channel;
    for (size_t p = 0; p < count; p++) {
      __m256i *target = (__m256i *)(base + offsets[p]);
      _mm256_storeu_si256(target, _mm256_permute4x64_epi64(elements[0][p], 0xD8));
      if (has_32)
        _mm256_storeu_si256(target + 1, _mm256_permute4x64_epi64(elements[1][p], 0xD8));
    }
    return;
  }
  uint8_t *base = (uint8_t *)place->base + channel;
  const halves_conversion conversion = {
      .is_needed = place->converts,
      .shift = _mm_cvtsi32_si128(place->conversion_shift),
      .bias = _mm256_set1_epi16((int16_t)place->conversion_bias),
      .lowest = _mm256_set1_epi16((int16_t)place->lowest),
      .highest = _mm256_set1_epi16((int16_t)place->highest)};
  if (has_32) {
    for (size_t p = 0; p < count; p++)
      _mm256_storeu_si256(
          (__m256i *)(base + offsets[p]),
          bytes_of(elements[0][p], elements[1][p], &conversion));
    return;
  }
  for (size_t p = 0; p < count; p += 2) {
    const __m256i bytes = bytes_of(elements[0][p], elements[0][p + 1], &conversion);
    // The one behind the last goes where the last will.
    const size_t next = p + 1 < count ? p + 1 : p;
    _mm_storeu_si128((__m128i *)(base + offsets[next]), _mm256_extracti128_si256(bytes, 1));
    _mm_storeu_si128((__m128i *)(base + offsets[p]), _mm256_castsi256_si128(bytes));
  }
}

// Scales 16 channels of which all elements fit 16 bits; the compiler makes a copy for each shape of
// entries.
AVX2_INLINE void scale_sixteen(
    const adder_scale *scale, const adder_entries *entries, size_t first, size_t count,
    size_t channel, size_t lanes, const int32_t *sums, const uint32_t plus, const uint32_t minus,
    const uint32_t mixed, __m256i *elements) {
  const __m256i lowest = _mm256_set1_epi16((int16_t)scale->lowest);
  const __m256i highest = _mm256_set1_epi16((int16_t)scale->highest);
  const __m128i shift = _mm_cvtsi32_si128(scale->shift);
  const adder_place residual = scale->residual;
#define EIGHT(numbers) _mm256_loadu_si256((const __m256i *)(numbers) + half)
  for (size_t p = 0; p < count; p++, sums += lanes) {
    __m256i v[2];
    UNROLL for (int half = 0; half < 2; half++) {
      const __m256i acc = EIGHT(sums);
      v[half] = EIGHT(entries->bias);
      UNROLL for (uint32_t i = 0; i < plus + minus + mixed; i++) {
        __m256i term = _mm256_sllv_epi32(acc, EIGHT(entries->shifts[i]));
        if (i >= plus + minus)
          term = _mm256_xor_si256(term, EIGHT(entries->signs[i - plus - minus]));
        v[half] = i >= plus && i < plus + minus ? _mm256_sub_epi32(v[half], term)
                                                : _mm256_add_epi32(v[half], term);
      }
      v[half] = _mm256_sra_epi32(v[half], shift);
    }
    if (residual.base) {
      const size_t index = residual.offsets[first + p] + channel;
      v[0] = _mm256_add_epi32(v[0], eight_elements(&residual, index));
      v[1] = _mm256_add_epi32(v[1], eight_elements(&residual, index + 8));
    }
    const __m256i y = _mm256_max_epi16(_mm256_packs_epi32(v[0], v[1]), lowest);
    elements[p] = _mm256_min_epi16(y, highest);
  }
#undef EIGHT
  elements[count] = _mm256_setzero_si256();
}

AVX2 static void scale(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums) {
  int fits = 1;
  for (uint32_t i = 0; i < scale->place_count; i++) fits &= fits_halves(&scale->places[i]);
  if (fits && end - channel >= 16) {
    elements_of_chunk elements;
    const int has_32 = end - channel >= 32;
    __m256i *part = elements[0];
    for (int i = 0; i <= has_32; i++, part = elements[1]) {
#define SCALE(PLUS, MINUS, MIXED)                                                            \
  scale_sixteen(                                                                             \
      scale, entries, first, count, channel + 16 * (size_t)i, lanes, sums, PLUS, MINUS,      \
      MIXED, part)
      ADDER_BY_SHAPE(entries->shape, SCALE)
#undef SCALE
      entries++;
      sums += 16;
      OPAQUE(entries);
    }
    for (uint32_t i = 0; i < scale->place_count; i++)
      store_chunk(&scale->places[i], first, count, channel, has_32, elements);
    channel += has_32 ? 32 : 16;
  }
  for (; channel < end; channel += 16, entries++, sums += 16) {
    OPAQUE(entries);
    OPAQUE(sums);
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
    ADDER_BY_SHAPE(entries->shape, SCALE)
#undef SCALE
  }
}
