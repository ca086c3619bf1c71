#include "stack.h"

#include "board.h"

extern uint32_t stack_bottom[];

enum {
  filled_bytes = 65536,
  own_bytes = 128,
  /* Frames have holes that nothing is written to, so a call that took all may leave some pattern. */
  spare_words = 128,
};

static const uint32_t pattern = 0xC0DEFACE;
static volatile uint32_t *filled_end;

/* An address in its frame stands for the stack pointer, which C cannot name. */
__attribute__((noinline)) void stack_fill(void) {
  volatile uint32_t here;
  /* What the compiler puts below `here` has to stay. */
  const uintptr_t start = (uintptr_t)&here - own_bytes;
  const uintptr_t bottom = (uintptr_t)stack_bottom;
  const uintptr_t end = start - bottom > filled_bytes ? start - filled_bytes : bottom;
  filled_end = (volatile uint32_t *)end;
  for (volatile uint32_t *word = filled_end; (uintptr_t)word < start;) *word++ = pattern;
}

__attribute__((noinline)) uint32_t stack_used(void) {
  volatile uint32_t here;
  volatile uint32_t *word = filled_end;
  while (*word == pattern) word++;
  if (word < filled_end + spare_words) {
    board_write("error: the stack is too short\n");
    board_exit(2);
  }
  return (uint32_t)((uintptr_t)&here - (uintptr_t)word);
}
