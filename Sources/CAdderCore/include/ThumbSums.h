#ifndef ADDER_THUMB_SUMS_H
#define ADDER_THUMB_SUMS_H

#include <stdint.h>

/* Two loops for Armv6-M, whose eight low registers a compiler does not make do with. Elsewhere the
 * same in C, for tests.
 *
 * Both add max(x - f, 0) of the bytes of a patch x and a filter f to lanes. */

/* Bytes up to 127, bit 7 of those of x set: `even` gets bytes 0 and 2, `upper` bytes 1 to 3 as one
 * number. Takes two words of the patch and every other word of the filter at a time, up to `end`,
 * where the number of words is even and at most 512. 24 instructions for eight differences. */
static inline __attribute__((always_inline)) void adder_thumb_seven_bits(
    const uint32_t *_Nonnull patch, const uint32_t *_Nonnull end, const uint32_t *_Nonnull filter,
    uint32_t *_Nonnull even, uint32_t *_Nonnull upper) {
  const uint32_t signs = 0x80808080, bytes = 0x00FF00FF;
  if (patch == end) return;
#if defined(__ARM_ARCH_6M__)
  uint32_t even_sum = *even, upper_sum = *upper;
  __asm__ volatile(
      "1:\n\t"
      "ldmia %[patch]!, {r2, r3}\n\t"
      "ldr r4, [%[filter]]\n\t"
      "ldr r5, [%[filter], #8]\n\t"
      "adds %[filter], #16\n\t"
      "subs r2, r2, r4\n\t"
      "subs r3, r3, r5\n\t"
      "mov r4, %[signs]\n\t"
      "ands r4, r2\n\t"
      "lsrs r5, r4, #7\n\t"
      "subs r4, r4, r5\n\t"
      "ands r2, r4\n\t"
      "mov r4, %[signs]\n\t"
      "ands r4, r3\n\t"
      "lsrs r5, r4, #7\n\t"
      "subs r4, r4, r5\n\t"
      "ands r3, r4\n\t"
      "adds r2, r2, r3\n\t"
      "mov r3, %[bytes]\n\t"
      "ands r3, r2\n\t"
      "add %[even], r3\n\t"
      "lsrs r2, r2, #8\n\t"
      "add %[upper], r2\n\t"
      "cmp %[patch], %[end]\n\t"
      "bne 1b"
      : [patch] "+l"(patch), [filter] "+l"(filter), [even] "+h"(even_sum), [upper] "+h"(upper_sum)
      : [end] "h"(end), [signs] "h"(signs), [bytes] "l"(bytes)
      : "r2", "r3", "r4", "r5", "cc", "memory");
  *even = even_sum;
  *upper = upper_sum;
#else
  do {
    uint32_t d0 = patch[0] - filter[0], d1 = patch[1] - filter[2];
    uint32_t m0 = d0 & signs, m1 = d1 & signs;
    uint32_t sum = (d0 & (m0 - (m0 >> 7))) + (d1 & (m1 - (m1 >> 7)));
    *even += sum & bytes;
    *upper += sum >> 8;
    patch += 2;
    filter += 4;
  } while (patch != end);
#endif
}

/* Bytes up to 255, of a patch and both filters f and g of a pair: each sum gets two lanes of 16
 * bits. Takes a word of the patch and one of each filter at a time, up to `end`, at most 128 of
 * them. 45 instructions for eight differences. */
static inline __attribute__((always_inline)) void adder_thumb_bytes(
    const uint32_t *_Nonnull patch, const uint32_t *_Nonnull end, const uint32_t *_Nonnull pair,
    uint32_t *_Nonnull f, uint32_t *_Nonnull g) {
  const uint32_t odd_bytes = 0xFF00FF00, carries = 0x01000100;
  if (patch == end) return;
#if defined(__ARM_ARCH_6M__)
  uint32_t f_sum = *f, g_sum = *g;
#define ADDER_ADD_EXCESS(SUM) \
      "lsrs r6, r4, #8\n\t" \
      "bics r4, r5\n\t" \
      "bics r6, r5\n\t" \
      "subs r4, r2, r4\n\t" \
      "subs r6, r3, r6\n\t" \
      "mov r5, %[carries]\n\t" \
      "ands r5, r4\n\t" \
      "lsrs r7, r5, #8\n\t" \
      "subs r5, r5, r7\n\t" \
      "ands r4, r5\n\t" \
      "mov r5, %[carries]\n\t" \
      "ands r5, r6\n\t" \
      "lsrs r7, r5, #8\n\t" \
      "subs r5, r5, r7\n\t" \
      "ands r6, r5\n\t" \
      "adds r4, r4, r6\n\t" \
      "add %[" SUM "], r4\n\t"
  __asm__ volatile(
      "1:\n\t"
      "ldmia %[patch]!, {r2}\n\t"
      "ldr r4, [%[pair]]\n\t"
      "lsrs r3, r2, #8\n\t"
      "mov r5, %[odd]\n\t"
      "orrs r2, r5\n\t"
      "orrs r3, r5\n\t"
      ADDER_ADD_EXCESS("f")
      "ldr r4, [%[pair], #4]\n\t"
      "mov r5, %[odd]\n\t"
      ADDER_ADD_EXCESS("g")
      "adds %[pair], #8\n\t"
      "cmp %[patch], %[end]\n\t"
      "bne 1b"
      : [patch] "+l"(patch), [pair] "+l"(pair), [f] "+h"(f_sum), [g] "+h"(g_sum)
      : [end] "h"(end), [odd] "h"(odd_bytes), [carries] "h"(carries)
      : "r2", "r3", "r4", "r5", "r6", "r7", "cc", "memory");
#undef ADDER_ADD_EXCESS
  *f = f_sum;
  *g = g_sum;
#else
  do {
    uint32_t x[2] = {patch[0] | odd_bytes, patch[0] >> 8 | odd_bytes};
    for (int lane = 0; lane < 2; lane++) {
      uint32_t df = x[lane] - (pair[0] >> 8 * lane & ~odd_bytes);
      uint32_t dg = x[lane] - (pair[1] >> 8 * lane & ~odd_bytes);
      uint32_t mf = df & carries, mg = dg & carries;
      *f += df & (mf - (mf >> 8));
      *g += dg & (mg - (mg >> 8));
    }
    patch += 1;
    pair += 2;
  } while (patch != end);
#endif
}

#endif
