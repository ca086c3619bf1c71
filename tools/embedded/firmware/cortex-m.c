/* Start-up of an Arm Cortex-M, and its console and end through semihosting, which QEMU and most
 * debug probes answer. */
#include "board.h"

extern uint32_t data_start[], data_end[], data_image[], bss_start[], bss_end[], stack_top[];

int main(void);

void board_start(void) {
  const uint32_t *from = data_image;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  board_exit(main());
}

static void fault(void) {
  board_write("fault: the processor met an exception\n");
  board_exit(2);
}

/* The initial stack pointer, the reset vector, and the exceptions of Armv6-M and Armv7-M. */
__attribute__((section(".start"), used)) static const void *const exception_vectors[16] = {
    stack_top, (void *)board_start, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, 0,
    0, 0, 0, (void *)fault,
    (void *)fault, 0, (void *)fault, (void *)fault,
};

/* Arm's "Semihosting for AArch32 and AArch64", section 5: operation and argument in r0 and r1. */
static void semihosting(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_write(const char *text) { semihosting(0x04, text); }

_Noreturn void board_exit(int status) {
  const uint32_t application_exit[2] = {0x20026, (uint32_t)status};
  semihosting(0x20, application_exit);
  for (;;) {}
}
