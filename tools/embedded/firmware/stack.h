/* Measures stack: fills the free part of it with a pattern, and after the calls to be measured looks
 * how far down the pattern is gone. The linker script defines where the stack ends. */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>

/* Fills the stack below the caller, at most 64 KiB of it. */
void stack_fill(void);

/* The bytes of stack below the caller that calls since stack_fill took, to within 32 bytes. Ends the
 * program if they took all that was filled. */
uint32_t stack_used(void);

#endif
