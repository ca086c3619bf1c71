/* What the programs here need of a board. A board is one file with these three functions and the
 * start-up, and a linker script. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Writes a text to the console. */
void board_write(const char *text);

/* Instructions, or cycles where a board counts those, since the start, modulo 2^32. Always 0 on a
 * board without a counter. On mps2, read it every 2.6 billion instructions, or it loses some. */
uint32_t board_count(void);

/* Ends the program; a simulator exits with the status. */
_Noreturn void board_exit(int status);

#endif
