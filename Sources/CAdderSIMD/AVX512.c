// AVX-512 with bytes and words: Skylake for servers, Zen 4 and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "Kernels.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define AVX512_INLINE AVX512 static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// The compiler must keep the order of these: it decides a fifth of the speed.
#define SAD(sum, x, f) __asm__ volatile("vpsadbw %2, %1, %0" : "=v"(sum) : "v"(x), "v"(f))
#define ADD(sum, addend) __asm__ volatile("vpaddd %1, %0, %0" : "+v"(sum) : "v"(addend))
#define LOAD(vector, bytes) \
  __asm__ volatile("vmovdqu64 %1, %0" : "=v"(vector) : "m"(*(const char(*)[64])(bytes)))
#define BROADCAST(vector, bytes) \
  __asm__ volatile("vpbroadcastq %1, %0" : "=v"(vector) : "m"(*(const char(*)[8])(bytes)))

// Steps of 4 positions with 4 vectors of filters, and of 8 with 2: B(p) reads the bytes of a position,
// F(v) filters, D(i) takes 8 differences of each lane, A(i) adds them to their sum. Found by search on
// Zen 4, where they keep all four vector pipes busy: 64 and 62 differences a cycle; in a plain order,
// 58. An A before its D adds those of the step before.
#define STEP_4_4(B, F, D, A)                                                                  \
  B(0) F(0) F(1) F(2) F(3) D(0) D(1) D(2) D(3) A(3) B(2) B(1) D(6) D(7) A(2) A(1) D(9) D(8)   \
  A(13) A(14) A(5) D(10) D(4) D(5) A(0) A(4) D(11) A(7) B(3) A(10) A(6) D(12) D(13) A(8) A(9) \
  D(14) D(15) A(11) A(12) A(15)
#define LATE_4_4(A) A(5) A(13) A(14)
#define STEP_8_2(B, F, D, A)                                                                  \
  F(0) F(1) B(1) B(2) D(4) D(5) B(0) D(0) D(1) A(3) B(4) D(8) D(9) A(1) A(0) A(4) A(5) B(5)   \
  A(12) A(8) D(11) B(6) D(2) D(10) D(3) D(12) D(13) A(11) A(9) B(3) B(7) D(14) A(7) D(15)     \
  A(10) A(13) A(14) A(15) D(6) A(6) D(7) A(2)
#define LATE_8_2(A) A(3) A(7) A(12)

// Sums of `P` positions with 8 * `V` filters, 16 in all: a 64-bit lane is of one filter.
#define TILE(NAME, P, V)                                                                       \
  AVX512 static void NAME(                                                                     \
      const uint8_t *input, const uint32_t *positions, const uint32_t *taps, uint32_t tap_count, \
      const uint8_t *filters, int32_t *sums) {                                                 \
    __m512i acc[16], d[16], f[V], b[P];                                                        \
    const uint8_t *x[P];                                                                       \
    UNROLL for (int p = 0; p < P; p++) x[p] = input + positions[p];                            \
    size_t tap = taps[0];                                                                      \
    UNROLL for (int v = 0; v < V; v++) LOAD(f[v], filters + 64 * v);                           \
    UNROLL for (int p = 0; p < P; p++) {                                                       \
      BROADCAST(b[p], x[p] + tap);                                                             \
      UNROLL for (int v = 0; v < V; v++) SAD(acc[V * p + v], b[p], f[v]);                      \
    }                                                                                          \
    LATE_##P##_##V(NOTHING)                                                                    \
    for (const uint32_t *end = taps + tap_count; ++taps != end;) {                             \
      tap = *taps;                                                                             \
      filters += 64 * V;                                                                       \
      STEP_##P##_##V(READ_POSITION, READ_FILTERS, TAKE_##V, SUM)                               \
    }                                                                                          \
    LATE_##P##_##V(SUM)                                                                        \
    UNROLL for (int i = 0; i < 16; i += 2)                                                     \
      _mm512_storeu_si512(sums + 8 * i, interleaved(acc[i], acc[i + 1]));                      \
  }
#define NOTHING(i) d[i] = _mm512_setzero_si512();
#define READ_POSITION(p) BROADCAST(b[p], x[p] + tap);
#define READ_FILTERS(v) LOAD(f[v], filters + 64 * v);
#define TAKE_4(i) SAD(d[i], b[i / 4], f[i % 4]);
#define TAKE_2(i) SAD(d[i], b[i / 2], f[i % 2]);
#define SUM(i) ADD(acc[i], d[i]);

// Puts the even 32-bit lanes of `b` into the odd ones of `a`, whose own are zero.
AVX512_INLINE __m512i interleaved(__m512i a, __m512i b) {
  return _mm512_mask_shuffle_epi32(a, 0xAAAA, b, _MM_PERM_CCAA);
}

TILE(tile_of_32, 4, 4)
TILE(tile_of_16, 8, 2)

AVX512 static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  const uint32_t *position = windows->positions + first, *end = position + count;
  if (lanes == ADDER_HALF_BLOCK) {
    for (; position < end; position += 8, sums += 8 * 16)
      tile_of_16(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  } else {
    for (; position < end; position += 4, sums += 4 * 32)
      tile_of_32(windows->input, position, windows->taps, windows->tap_count, filters, sums);
  }
}

AVX512_INLINE __m512i eight_bytes(const uint8_t *bytes) {
  int64_t word;
  memcpy(&word, bytes, 8);
  return _mm512_set1_epi64(word);
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

#include "AVX512Planes.h"
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

#define NO_READ(i)
// 16 differences of 8 bytes, and their sums, of registers alone.
AVX512 static uint32_t ceiling(uint32_t repetitions) {
  __m512i acc[16], d[16], f[4], b[4];
  UNROLL for (int i = 0; i < 16; i++) acc[i] = d[i] = _mm512_setzero_si512();
  UNROLL for (int i = 0; i < 4; i++) f[i] = b[i] = _mm512_set1_epi32(i);
  for (uint32_t n = 0; n < repetitions; n++) {
    STEP_4_4(NO_READ, NO_READ, TAKE_4, SUM)
  }
  UNROLL for (int i = 0; i < 16; i++) __asm__ volatile("" ::"v"(acc[i]));
  return 16 * 64;
}
const adder_simd adder_avx512 = {
    .name = "avx512",
    .filters_of_step = 32,
    .filters_of_vector = 8,
    .plane_sums = plane_sums,
    ADDER_SIMD_KERNELS};
#endif
