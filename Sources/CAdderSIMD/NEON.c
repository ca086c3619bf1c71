// NEON: what every arm64 processor has.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "Channels.h"
#include "Pooling.h"
#include "Products.h"
#include "Scaling.h"
#include "Staging.h"
#include "WideScaling.h"

static inline uint32x4_t interleaved(uint64x2_t even, uint64x2_t odd) {
  return vreinterpretq_u32_u64(vorrq_u64(even, vshlq_n_u64(odd, 32)));
}

// Sums of 4 positions with 4 filters: a 64-bit lane is of one filter, in the first vector the even ones.
//
// A lane of 16 bits takes two differences a step, so 128 steps fit.
static void tile(
    const adder_windows *windows, const uint32_t *positions, const uint8_t *filters, uint32_t lanes,
    int32_t *sums) {
  uint32x4_t even[4], odd[4];
  for (int p = 0; p < 4; p++) even[p] = odd[p] = vdupq_n_u32(0);
  for (uint32_t start = 0; start < windows->tap_count; start += 128) {
    const uint32_t left = windows->tap_count - start, end = start + (left < 128 ? left : 128);
    uint16x8_t f16[4], g16[4];
    for (int p = 0; p < 4; p++) f16[p] = g16[p] = vdupq_n_u16(0);
    for (uint32_t j = start; j < end; j++, filters += 32) {
      const uint8x16_t f = vld1q_u8(filters), g = vld1q_u8(filters + 16);
      const uint8_t *x = windows->input + windows->taps[j];
      for (int p = 0; p < 4; p++) {
        const uint8x8_t word = vld1_u8(x + positions[p]);
        const uint8x16_t b = vcombine_u8(word, word);
        f16[p] = vpadalq_u8(f16[p], vabdq_u8(b, f));
        g16[p] = vpadalq_u8(g16[p], vabdq_u8(b, g));
      }
    }
    for (int p = 0; p < 4; p++) {
      even[p] = vpadalq_u16(even[p], f16[p]);
      odd[p] = vpadalq_u16(odd[p], g16[p]);
    }
  }
  for (int p = 0; p < 4; p++)
    vst1q_s32(
        adder_row(sums, p, lanes),
        vreinterpretq_s32_u32(interleaved(vpaddlq_u32(even[p]), vpaddlq_u32(odd[p]))));
}

static void byte_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 4, filters += 32 * (size_t)windows->tap_count)
    for (uint32_t p = 0; p < count; p += 4)
      tile(windows, windows->positions + first + p, filters, lanes, adder_row(sums, p, lanes) + lane);
}

// Sums of int16 elements of a position with 2 filters, in the low half of each lane.
static inline uint64x2_t half_pair(
    const adder_windows *windows, uint32_t p, const uint8_t *filters) {
  uint32x4_t sum = vdupq_n_u32(0);
  const uint8_t *x = windows->input + windows->positions[p];
  for (uint32_t j = 0; j < windows->tap_count; j++, filters += 32) {
    const uint8x8_t word = vld1_u8(x + windows->taps[j]);
    const uint16x8_t b = vreinterpretq_u16_u8(vcombine_u8(word, word));
    sum = vpadalq_u16(sum, vabdq_u16(b, vreinterpretq_u16_u8(vld1q_u8(filters))));
  }
  return vandq_u64(vpaddlq_u32(sum), vdupq_n_u64(0xFFFFFFFF));
}

static void half_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums) {
  for (uint32_t lane = 0; lane < lanes; lane += 4, filters += 32 * (size_t)windows->tap_count)
    for (uint32_t p = 0; p < count; p++)
      vst1q_s32(
          adder_row(sums, p, lanes) + lane,
          vreinterpretq_s32_u32(interleaved(
              half_pair(windows, first + p, filters),
              half_pair(windows, first + p, filters + 16))));
}

// 8 times 16 differences, and their sums, of registers alone.
static uint32_t ceiling(uint32_t repetitions) {
  uint16x8_t acc[8];
  uint8x16_t a = vdupq_n_u8(1), b = vdupq_n_u8(2);
  for (int i = 0; i < 8; i++) acc[i] = vdupq_n_u16(0);
  for (uint32_t n = 0; n < repetitions; n++) {
    __asm__ volatile("" : "+w"(a), "+w"(b));
    for (int i = 0; i < 8; i++) acc[i] = vpadalq_u8(acc[i], vabdq_u8(a, b));
  }
  for (int i = 0; i < 8; i++) __asm__ volatile("" ::"w"(acc[i]));
  return 8 * 16;
}

const adder_simd adder_neon = {
    .name = "neon",
    .filters_of_step = 4,
    .filters_of_vector = 2,
    ADDER_SIMD_KERNELS};
#endif
