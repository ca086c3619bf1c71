/* The counter of an MPS2 board: the CMSDK timer 0, which counts down 25 million times a second.
 * QEMU's `-icount shift=6` lets every instruction take 64 ns, which are 1.6 ticks. */
#include "board.h"

static volatile uint32_t *const control = (uint32_t *)0x40000000;
static volatile uint32_t *const value = (uint32_t *)0x40000004;
static volatile uint32_t *const reload = (uint32_t *)0x40000008;

/* The same value, without the compiler's knowing that two shifted ones add to a product. */
static uint32_t opaque(uint32_t value) {
  __asm__("" : "+r"(value));
  return value;
}

uint32_t board_count(void) {
  static uint32_t last, instructions, rest;
  if ((*control & 1) == 0) {
    *reload = UINT32_MAX;
    *value = UINT32_MAX;
    *control = 1;
    last = UINT32_MAX;
  }
  const uint32_t now = *value;
  const uint32_t ticks = last - now;
  last = now;
  /* instructions = 5 * ticks / 8, in two parts, as the product has more than 32 bits. */
  const uint32_t high = ticks >> 3;
  const uint32_t low = ticks & 7;
  rest += opaque(low << 2) + low;
  instructions += opaque(high << 2) + high + (rest >> 3);
  rest &= 7;
  return instructions;
}
