/* A process of Linux in place of a board. */
#include <stdio.h>
#include <stdlib.h>

#include "board.h"

/* The stack may be filled as far as stack.c wants to: what is static is not near it. */
uint32_t stack_bottom[1];

void board_write(const char *text) { fputs(text, stdout); }

uint32_t board_count(void) { return 0; }

_Noreturn void board_exit(int status) { exit(status); }
