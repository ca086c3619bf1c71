// Sums of products by look-up in registers with AVX-512, for AVX512.c.
#include "Kernels.h"

#define PERMUTE(product, table, index) \
  __asm__ volatile("vpermw %1, %2, %0" : "=v"(product) : "v"(table), "v"(index))
#define ADD_HALVES(sum, addend) __asm__ volatile("vpaddw %1, %0, %0" : "+v"(sum) : "v"(addend))

// sums[i] + low[i] + 16 * high[i] of 32 positions.
AVX512_INLINE void widen_sums(__m512i low, __m512i high, int is_first, int32_t *sums) {
  UNROLL for (int h = 0; h < 2; h++) {
    const __m256i l = h ? _mm512_extracti64x4_epi64(low, 1) : _mm512_castsi512_si256(low);
    const __m256i u = h ? _mm512_extracti64x4_epi64(high, 1) : _mm512_castsi512_si256(high);
    __m512i sum = _mm512_add_epi32(
        _mm512_cvtepi16_epi32(l), _mm512_slli_epi32(_mm512_cvtepi16_epi32(u), 4));
    if (!is_first) sum = _mm512_add_epi32(sum, _mm512_load_si512(sums + 16 * h));
    _mm512_store_si512(sums + 16 * h, sum);
  }
}

// Stores the columns of 16 rows of 16 sums, each row `step` behind the one before.
AVX512_INLINE void transpose(const int32_t *rows, size_t step, int32_t *columns) {
  __m512i a[16], b[16];
  UNROLL for (int i = 0; i < 16; i++) a[i] = _mm512_load_si512(rows + step * (size_t)i);
  UNROLL for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
  UNROLL for (int i = 0; i < 16; i += 4) {
    UNROLL for (int j = 0; j < 2; j++) {
      a[i + 2 * j] = _mm512_unpacklo_epi64(b[i + j], b[i + j + 2]);
      a[i + 2 * j + 1] = _mm512_unpackhi_epi64(b[i + j], b[i + j + 2]);
    }
  }
  // Quarters of a[4 * i + j]: columns j, j + 4, j + 8 and j + 12 of rows 4 * i ... 4 * i + 3.
  UNROLL for (int j = 0; j < 4; j++) {
    const __m512i first = _mm512_shuffle_i32x4(a[j], a[j + 4], 0x44);
    const __m512i second = _mm512_shuffle_i32x4(a[j + 8], a[j + 12], 0x44);
    const __m512i third = _mm512_shuffle_i32x4(a[j], a[j + 4], 0xEE);
    const __m512i fourth = _mm512_shuffle_i32x4(a[j + 8], a[j + 12], 0xEE);
    _mm512_storeu_si512(columns + 16 * j, _mm512_shuffle_i32x4(first, second, 0x88));
    _mm512_storeu_si512(columns + 16 * (j + 4), _mm512_shuffle_i32x4(first, second, 0xDD));
    _mm512_storeu_si512(columns + 16 * (j + 8), _mm512_shuffle_i32x4(third, fourth, 0x88));
    _mm512_storeu_si512(columns + 16 * (j + 12), _mm512_shuffle_i32x4(third, fourth, 0xDD));
  }
}

AVX512 static void plane_sums(const adder_planes *planes, int32_t *sums) {
  _Alignas(64) int32_t rows[16][ADDER_CHUNK];
  const int16_t *tables = planes->tables;
  for (int channel = 0; channel < 16; channel += 4) {
    uint32_t tap = 0, end;
    for (const uint32_t *segment = planes->segment_ends; tap < planes->tap_count; segment++) {
      const int is_first = tap == 0;
      // Low and high sums of 32 positions, twice, of each channel.
      __m512i acc[16];
      UNROLL for (int i = 0; i < 16; i++) acc[i] = _mm512_setzero_si512();
      for (end = *segment; tap < end; tap++, tables += 128) {
        const uint16_t *x = planes->planes + planes->taps[tap];
        const __m512i index[4] = {
            _mm512_loadu_si512(x), _mm512_loadu_si512(x + planes->high),
            _mm512_loadu_si512(x + 32), _mm512_loadu_si512(x + planes->high + 32)};
        UNROLL for (int c = 0; c < 4; c++) {
          const __m512i table = _mm512_loadu_si512(tables + 32 * c);
          __m512i product[4];
          // In this order, which keeps all vector pipes busy.
          PERMUTE(product[0], table, index[0]);
          PERMUTE(product[1], table, index[1]);
          PERMUTE(product[2], table, index[2]);
          PERMUTE(product[3], table, index[3]);
          UNROLL for (int i = 0; i < 4; i++) ADD_HALVES(acc[4 * c + i], product[i]);
        }
      }
      UNROLL for (int c = 0; c < 4; c++) {
        widen_sums(acc[4 * c], acc[4 * c + 1], is_first, rows[channel + c]);
        widen_sums(acc[4 * c + 2], acc[4 * c + 3], is_first, rows[channel + c] + 32);
      }
    }
  }
  for (int p = 0; p < ADDER_CHUNK; p += 16) transpose(rows[0] + p, ADDER_CHUNK, sums + 16 * p);
}
