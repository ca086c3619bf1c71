/* What the runtime has to know of the core it is compiled for, as constants that Swift's optimizer
 * folds, and the instructions that Swift has no name for. Swift's #if cannot see target features. */
#ifndef C_ADDER_CORE_H
#define C_ADDER_CORE_H

#include <stdint.h>

/* The kernels of this core:
 *   0  portable: scalar loops (hosts)
 *   1  dsp: USADA8 and the other SIMD instructions of Armv7E-M (Cortex-M4, M7, M33 with DSP)
 *   2  swar: SIMD within a register, for cores whose words are 32 bits wide and have no SIMD
 * A build can set it to compare kernels on one core. */
#ifndef ADDER_KERNELS
#if defined(__ARM_FEATURE_SIMD32) && __ARM_FEATURE_SIMD32
#define ADDER_KERNELS 1
#elif defined(__ARM_ARCH_6M__) || (defined(__riscv) && __riscv_xlen == 32)
#define ADDER_KERNELS 2
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
  return __builtin_arm_usada8(x, f, sum);
#else
  for (int bit = 0; bit < 32; bit += 8) {
    int32_t difference = (int32_t)(x >> bit & 0xFF) - (int32_t)(f >> bit & 0xFF);
    sum += (uint32_t)(difference < 0 ? -difference : difference);
  }
  return sum;
#endif
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

#endif
