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

/* The same value, of which the optimizer knows nothing. Where a loop adds a step, it would replace
 * the value behind the loop by a product of step and count, which cores without a multiplier take
 * hundreds of instructions for. */
static inline __attribute__((always_inline)) uintptr_t adder_opaque(uintptr_t value) {
  __asm__("" : "+r"(value));
  return value;
}

#endif
