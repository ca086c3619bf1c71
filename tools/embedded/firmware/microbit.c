/* QEMU's micro:bit (nRF51822: Cortex-M0, 256 KB of flash, 16 KB of RAM) has no counter that is exact. */
#include "board.h"

uint32_t board_count(void) { return 0; }
