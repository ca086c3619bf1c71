/* QEMU's RISC-V board `virt`: start-up, a 16550 UART as console, the test device that ends QEMU, and
 * the core's cycle counter, which is one an instruction with `-icount shift=0`. */
#include "board.h"

extern uint32_t data_start[], data_end[], data_image[], bss_start[], bss_end[];

int main(void);

__attribute__((used)) static void start(void) {
  const uint32_t *from = data_image;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  board_exit(main());
}

__attribute__((used, aligned(4))) static void fault(void) {
  board_write("fault: the processor met an exception\n");
  board_exit(2);
}

/* `mtvec` is written by its number, as an assembler for rv32i alone knows no name for it. */
__attribute__((naked, section(".start"))) void board_start(void) {
  __asm__(".option arch, +zicsr\n"
          "la sp, stack_top\n"
          "la t0, %0\n"
          "csrw 0x305, t0\n"
          "j %1" : : "i"(fault), "i"(start));
}

void board_write(const char *text) {
  volatile uint8_t *const transmit = (uint8_t *)0x10000000;
  volatile uint8_t *const line_status = (uint8_t *)0x10000005;
  for (; *text; text++) {
    while ((*line_status & 0x20) == 0) {}
    *transmit = (uint8_t)*text;
  }
}

uint32_t board_count(void) {
  uint32_t count;
  __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, 0xc00\n.option pop" : "=r"(count));
  return count;
}

_Noreturn void board_exit(int status) {
  volatile uint32_t *const test = (uint32_t *)0x100000;
  *test = status == 0 ? 0x5555 : (uint32_t)status << 16 | 0x3333;
  for (;;) {}
}
