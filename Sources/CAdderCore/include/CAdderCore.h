/* What the runtime has to know of the core it is compiled for, as constants that Swift's optimizer
 * folds, and the instructions that Swift has no name for. Swift's #if cannot see target features. */
#ifndef C_ADDER_CORE_H
#define C_ADDER_CORE_H

#include <stdint.h>

#include "ThumbSums.h"

/* The kernels of this core:
 *   0  portable: scalar loops (hosts)
 *   1  dsp: USADA8 and the other SIMD instructions of Armv7E-M (Cortex-M4, M7, M33 with DSP)
 *   2  swar: SIMD within a register, for cores of 32 bits without SIMD (RISC-V)
 *   3  thumb: the same for the eight registers of Armv6-M (Cortex-M0, M0+, M1)
 * A build can set it to compare kernels on one core. */
#ifndef ADDER_KERNELS
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
#define ADDER_KERNELS 1
#elif defined(__riscv) && __riscv_xlen == 32
#define ADDER_KERNELS 2
#elif defined(__ARM_ARCH_6M__)
#define ADDER_KERNELS 3
#else
#define ADDER_KERNELS 0
#endif
#endif

/* The operations that this build can run: bit n stands for opcode n. Models with others are
 * refused. A firmware for one model needs few of them; `tools/embedded/build --model` sets it. */
#ifndef ADDER_OPERATIONS
#define ADDER_OPERATIONS 0xFFFFFFFF
#endif

/* The constants as functions: Swift's compiler warns of code that a constant makes unreachable. */
static inline __attribute__((always_inline)) uint32_t adder_kernels(void) { return ADDER_KERNELS; }
static inline __attribute__((always_inline)) uint32_t adder_operations(void) {
  return ADDER_OPERATIONS;
}

/* sum + |x0 - f0| + |x1 - f1| + |x2 - f2| + |x3 - f3| of the unsigned bytes of two words: the
 * instruction USADA8 where it exists, elsewhere a model of it for tests. */
static inline __attribute__((always_inline)) uint32_t adder_usada8(uint32_t x, uint32_t f,
                                                                   uint32_t sum) {
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  /* Volatile, because the order that the kernel is written in needs no register more than there
   * are, which the compiler's order does. */
  __asm__ volatile("usada8 %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(f));
  return sum;
#else
  for (int bit = 0; bit < 32; bit += 8) {
    int32_t difference = (int32_t)(x >> bit & 0xFF) - (int32_t)(f >> bit & 0xFF);
    sum += (uint32_t)(difference < 0 ? -difference : difference);
  }
  return sum;
#endif
}

/* Adds the differences of two words of each of the patches a and b and the filters f and g, of which
 * `pair` has a word in turn, and moves the pointers behind them. */
static inline __attribute__((always_inline)) void adder_usada8_two_words(
    const uint32_t *_Nonnull *_Nonnull a, const uint32_t *_Nonnull *_Nonnull b,
    const uint32_t *_Nonnull *_Nonnull pair, uint32_t *_Nonnull af, uint32_t *_Nonnull ag,
    uint32_t *_Nonnull bf, uint32_t *_Nonnull bg) {
  const uint32_t *next_a = *a, *next_b = *b, *next_pair = *pair;
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  /* The four words of the filters in one instruction, for which registers have to ascend. Eight are
   * left: the seven operands and the end of the loop. */
  __asm__ volatile(
      "ldmia %[pair]!, {r2, r3, r4, r5}\n\t"
      "ldrd r6, r12, [%[a]], #8\n\t"
      "usada8 %[af], r6, r2, %[af]\n\t"
      "usada8 %[ag], r6, r3, %[ag]\n\t"
      "usada8 %[af], r12, r4, %[af]\n\t"
      "usada8 %[ag], r12, r5, %[ag]\n\t"
      "ldrd r6, r12, [%[b]], #8\n\t"
      "usada8 %[bf], r6, r2, %[bf]\n\t"
      "usada8 %[bg], r6, r3, %[bg]\n\t"
      "usada8 %[bf], r12, r4, %[bf]\n\t"
      "usada8 %[bg], r12, r5, %[bg]"
      : [a] "+r"(next_a), [b] "+r"(next_b), [pair] "+r"(next_pair), [af] "+r"(*af),
        [ag] "+r"(*ag), [bf] "+r"(*bf), [bg] "+r"(*bg)
      :
      : "r2", "r3", "r4", "r5", "r6", "r12", "memory");
#else
  for (int word = 0; word < 2; word++) {
    *af = adder_usada8(*next_a, next_pair[0], *af);
    *ag = adder_usada8(*next_a++, next_pair[1], *ag);
    *bf = adder_usada8(*next_b, next_pair[0], *bf);
    *bg = adder_usada8(*next_b++, next_pair[1], *bg);
    next_pair += 2;
  }
#endif
  *a = next_a;
  *b = next_b;
  *pair = next_pair;
}

/* sum + the four bytes of a word. */
static inline __attribute__((always_inline)) uint32_t adder_add_bytes(uint32_t word, uint32_t sum) {
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  return adder_usada8(word, 0, sum);
#else
  word = (word & 0x00FF00FF) + (word >> 8 & 0x00FF00FF);
  return sum + (word & 0xFFFF) + (word >> 16);
#endif
}

/* The larger unsigned byte of each of the four pairs. */
static inline __attribute__((always_inline)) uint32_t adder_larger_bytes(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  /* Where the built-in function would take a move more. */
  __asm__("uqsub8 %0, %0, %1" : "+r"(a) : "r"(b));
  return a + b;
#else
  /* Bit 7 of each byte says whether a >= b: decided by the top bits or, where they are equal, by
   * a subtraction of the others that borrows nothing from the next byte. */
  uint32_t others = (a | 0x80808080) - (b & 0x7F7F7F7F);
  uint32_t is_a = ((a & ~b) | (~(a ^ b) & others)) & 0x80808080;
  uint32_t mask = (is_a - (is_a >> 7)) | is_a;
  return (a & mask) | (b & ~mask);
#endif
}

/* Adds to p and q the numbers t and u shifted left by bits 0 to 4 of every byte of ~terms, or
 * subtracts them where bit 7 is set in ~terms, up to the byte from which on terms is zero.
 *
 * A loop of eight instructions where the carry of a shift can be the sign of a term. */
static inline __attribute__((always_inline)) void adder_add_terms(uint32_t terms, int32_t t,
                                                                  int32_t u, int32_t *_Nonnull p,
                                                                  int32_t *_Nonnull q) {
  if (terms == 0) return;
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  int32_t p_sum = *p, q_sum = *q, shift, summand;
  __asm__ volatile(
      "1:\n\t"
      "bic %[shift], %[mask], %[terms]\n\t"
      "lsrs %[terms], %[terms], #8\n\t"
      "lsl %[summand], %[t], %[shift]\n\t"
      "lsl %[shift], %[u], %[shift]\n\t"
      "bcc 2f\n\t"
      "add %[p], %[p], %[summand]\n\t"
      "add %[q], %[q], %[shift]\n\t"
      "bne 1b\n\t"
      "b 3f\n"
      "2:\n\t"
      "sub %[p], %[p], %[summand]\n\t"
      "sub %[q], %[q], %[shift]\n\t"
      "bne 1b\n"
      "3:"
      : [p] "+r"(p_sum), [q] "+r"(q_sum), [terms] "+r"(terms), [shift] "=&r"(shift),
        [summand] "=&r"(summand)
      : [t] "r"(t), [u] "r"(u), [mask] "r"(31)
      : "cc");
  *p = p_sum;
  *q = q_sum;
#else
  do {
    uint32_t shift = ~terms & 31;
    if (terms & 0x80) {
      *p = (int32_t)((uint32_t)*p + ((uint32_t)t << shift));
      *q = (int32_t)((uint32_t)*q + ((uint32_t)u << shift));
    } else {
      __asm__("" : "+r"(*p)); /* A branch stays one: negating the summands takes longer. */
      *p = (int32_t)((uint32_t)*p - ((uint32_t)t << shift));
      *q = (int32_t)((uint32_t)*q - ((uint32_t)u << shift));
    }
    terms >>= 8;
  } while (terms != 0);
#endif
}

/* Copies blocks of 16 bytes, one at least, between areas that are aligned to words and do not
 * overlap. */
static inline __attribute__((always_inline)) void adder_copy_blocks(
    const uint32_t *_Nonnull from, uint32_t *_Nonnull to, const uint32_t *_Nonnull to_end) {
#if defined(__arm__)
  __asm__ volatile(
      "1:\n\t"
      "ldmia %[from]!, {r3, r4, r5, r6}\n\t"
      "stmia %[to]!, {r3, r4, r5, r6}\n\t"
      "cmp %[to], %[end]\n\t"
      "bne 1b"
      : [from] "+l"(from), [to] "+l"(to)
      : [end] "l"(to_end)
      : "r3", "r4", "r5", "r6", "cc", "memory");
#else
  do {
    uint32_t first = from[0], second = from[1], third = from[2], fourth = from[3];
    to[0] = first;
    to[1] = second;
    to[2] = third;
    to[3] = fourth;
    from += 4;
    to += 4;
    __asm__("" : "+r"(to)); /* No call of memcpy instead. */
  } while (to != to_end);
#endif
}

/* Copies some bytes, with less to begin than a loop over words. */
static inline __attribute__((always_inline)) void adder_copy_bytes(
    const uint8_t *_Nonnull from, uint8_t *_Nonnull to, uintptr_t count) {
  uint8_t *fours_end = to + (count & ~(uintptr_t)3), *end = to + count;
  while (to != fours_end) {
    uint8_t first = from[0], second = from[1], third = from[2], fourth = from[3];
    to[0] = first;
    to[1] = second;
    to[2] = third;
    to[3] = fourth;
    from += 4;
    to += 4;
    __asm__("" : "+r"(to)); /* No call of memcpy instead. */
  }
  while (to != end) {
    *to++ = *from++;
    __asm__("" : "+r"(to));
  }
}

/* Two words in one instruction; moves the pointer behind them. */
static inline __attribute__((always_inline)) void adder_next_two(
    const uint32_t *_Nonnull *_Nonnull words, uint32_t *_Nonnull first, uint32_t *_Nonnull second) {
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  const uint32_t *pointer = *words;
  __asm__ volatile("ldrd %0, %1, [%2], #8"
                   : "=&r"(*first), "=&r"(*second), "+r"(pointer)
                   :
                   : "memory");
  *words = pointer;
#else
  *first = (*words)[0];
  *second = (*words)[1];
  *words += 2;
#endif
}

/* Four bytes clamp((x + bias) >> shift, 0, highest) from the four signed halves of two words, with
 * `headroom` = 255 - highest in every byte. Where they exist, USAT16 clamps two halves in one
 * instruction and UQADD8 four bytes.
 *
 * (x + bias) >> shift has to fit 16 bits. */
static inline __attribute__((always_inline)) uint32_t adder_four_bytes(
    uint32_t first, uint32_t second, int32_t bias, int32_t shift, uint32_t headroom) {
  int32_t x0 = ((int16_t)first + bias) >> shift;
  int32_t x1 = (((int32_t)first >> 16) + bias) >> shift;
  int32_t x2 = ((int16_t)second + bias) >> shift;
  int32_t x3 = (((int32_t)second >> 16) + bias) >> shift;
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  uint32_t even = ((uint32_t)x0 & 0xFFFF) | (uint32_t)x2 << 16;
  uint32_t odd = ((uint32_t)x1 & 0xFFFF) | (uint32_t)x3 << 16;
  even = (uint32_t)__builtin_arm_usat16((int32_t)even, 8);
  odd = (uint32_t)__builtin_arm_usat16((int32_t)odd, 8);
  return __builtin_arm_uqadd8(even | odd << 8, headroom) - headroom;
#else
  const int32_t highest = 255 - (int32_t)(headroom & 0xFF);
  x0 = x0 < 0 ? 0 : x0 > highest ? highest : x0;
  x1 = x1 < 0 ? 0 : x1 > highest ? highest : x1;
  x2 = x2 < 0 ? 0 : x2 > highest ? highest : x2;
  x3 = x3 < 0 ? 0 : x3 > highest ? highest : x3;
  return (uint32_t)x0 | (uint32_t)x1 << 8 | (uint32_t)x2 << 16 | (uint32_t)x3 << 24;
#endif
}

/* |x0 - f0| and |x1 - f1| of the signed halves of two words, each as an unsigned half: SSUB16 twice
 * and SEL where they exist, elsewhere a model of them for tests. */
static inline __attribute__((always_inline)) uint32_t adder_difference16(uint32_t x, uint32_t f) {
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
  uint32_t reverse, result;
  __asm__("ssub16 %1, %3, %2\n\tssub16 %0, %2, %3\n\tsel %0, %0, %1"
          : "=&r"(result), "=&r"(reverse)
          : "r"(x), "r"(f)
          : "cc");
  return result;
#else
  int32_t low = (int16_t)x - (int16_t)f;
  int32_t high = (int16_t)(x >> 16) - (int16_t)(f >> 16);
  return (uint32_t)(low < 0 ? -low : low) | (uint32_t)(high < 0 ? -high : high) << 16;
#endif
}

/* The same address or number, of which the optimizer knows nothing. Where a loop adds a step, it
 * would replace the value behind the loop by a product of step and count, which cores without a
 * multiplier take hundreds of instructions for; and a loop that copies, by a call of memcpy. */
static inline __attribute__((always_inline)) void *_Nonnull adder_opaque_address(
    const void *_Nonnull address) {
  __asm__("" : "+r"(address));
  return (void *)address;
}
static inline __attribute__((always_inline)) intptr_t adder_opaque_number(intptr_t number) {
  __asm__("" : "+r"(number));
  return number;
}

/* CRC-32 as in docs/adb-format.md: the state after four shifts of one that has only the lowest four
 * bits of `state`. A table that stays one: Swift's optimizer takes a switch over sixteen cases apart. On
 * RISC-V, between empty instructions, is nothing that the compiler would make a function of, whose calls
 * would take four instructions more a byte. */
static inline __attribute__((always_inline)) uint32_t adder_crc_remainder(uint32_t state) {
  static const uint32_t remainders[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
#ifdef __riscv
  uint32_t index = state & 15;
  __asm__("" : "+r"(index));
  uint32_t remainder = remainders[index];
  __asm__("" : "+r"(remainder));
  return remainder;
#else
  return remainders[state & 15];
#endif
}

/* Completes two numbers before anything behind it is read from memory: a scheduler that works on
 * many sums at once runs out of registers. */
static inline __attribute__((always_inline)) void adder_settle(uint32_t *_Nonnull first,
                                                              uint32_t *_Nonnull second) {
  __asm__ volatile("" : "+r"(*first), "+r"(*second) : : "memory");
}

#endif
