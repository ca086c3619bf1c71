// What the files of instruction sets have in common.
#ifndef KERNELS_H
#define KERNELS_H

#include "CAdderSIMD.h"

#define INLINE static inline __attribute__((always_inline))

extern const adder_simd adder_portable;
#if defined(__x86_64__)
extern const adder_simd adder_avx512;
extern const adder_simd adder_avx2;
extern const adder_simd adder_sse2;
#elif defined(__aarch64__)
extern const adder_simd adder_neon;
#endif

// The kernels of a set, which every file names alike.
#define ADDER_SIMD_KERNELS                                                                         \
  .byte_sums = byte_sums, .half_sums = half_sums, .channel_sums = channel_sums, .pool = pool,      \
  .scale = scale, .scale_wide = scale_wide, .scale_wide_position = scale_wide_position,            \
  .product_sums = product_sums, .stage = stage, .copy = copy, .add = add, .ceiling = ceiling

// Whether elements of a place fit 16 bits, and are converted there as in 32: a sum beyond 16 bits is
// clamped to the same element as the end of their range.
INLINE int fits_halves(const adder_place *place) {
  if (place->type != ADDER_UINT8 && (place->type != ADDER_INT16 || place->converts)) return 0;
  if (!place->converts) return 1;
  const int32_t bias = place->conversion_bias, shift = place->conversion_shift;
  return -0x8000 <= bias && bias <= 0x7FFF && place->highest <= 0x7FFF >> shift &&
         place->lowest >= -0x8000 >> shift;
}

// Calls SCALE(slots that are added, subtracted, of either sign).
#define ADDER_BY_SHAPE(SHAPE, SCALE)               \
  switch (SHAPE) {                                 \
    case ADDER_ENTRIES_110: SCALE(1, 1, 0); break; \
    case ADDER_ENTRIES_111: SCALE(1, 1, 1); break; \
    case ADDER_ENTRIES_121: SCALE(1, 2, 1); break; \
    case ADDER_ENTRIES_112: SCALE(1, 1, 2); break; \
    case ADDER_ENTRIES_122: SCALE(1, 2, 2); break; \
    case ADDER_ENTRIES_113: SCALE(1, 1, 3); break; \
    case ADDER_ENTRIES_222: SCALE(2, 2, 2); break; \
    default: SCALE(0, 0, 8);                       \
  }

// Keeps the compiler from turning additions to a pointer into a multiplication.
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

// What lies `p` positions of `lanes` sums, 16 or 32, further on.
INLINE int32_t *adder_row(int32_t *sums, size_t p, uint32_t lanes) {
  return sums + (p << (lanes == ADDER_HALF_BLOCK ? 4 : 5));
}

#endif
