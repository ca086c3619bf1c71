// AVX-512 with bytes and words: Skylake for servers, Zen 4 and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "Kernels.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
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

#include "AVX512Scaling.h"
#define SCALES_POSITIONS
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
    ADDER_SIMD_KERNELS};
#endif
