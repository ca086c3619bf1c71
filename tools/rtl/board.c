/* The board that simulator.cpp is: start-up, console, cycle counter and exit. The RAM is loaded and
 * zero before the first cycle, so that start-up only has to set the stack. */
#include "board.h"

static volatile uint32_t *const console = (uint32_t *)0x10000000;
static volatile uint32_t *const ending = (uint32_t *)0x20000000;
static const volatile uint32_t *const counter = (uint32_t *)0x30000000;

__attribute__((naked, noreturn, used, section(".start"))) void _start(void) {
  __asm__("la sp, stack_top\n"
          "call main\n"
          "call board_exit\n");
}

void board_write(const char *text) {
  while (*text) *console = (uint8_t)*text++;
}

uint32_t board_count(void) { return *counter; }

_Noreturn void board_exit(int status) {
  for (;;) *ending = (uint32_t)status;
}
