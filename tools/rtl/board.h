/* What a program needs of its board. */
#pragma once
#include <stdint.h>

/* Prints the zero-terminated `text` on the console. */
void board_write(const char *text);

/* Cycles (or instructions, where a board cannot count cycles) since the start, modulo 2^32. */
uint32_t board_count(void);

/* Ends the program with this exit status. */
_Noreturn void board_exit(int status);
