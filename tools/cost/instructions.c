/* Times each kind of instruction by itself, on the board that tools/rtl/simulator.cpp is. Prints a
 * line for each, `CLASS STEPS CYCLES`: its class and steps as in classes.py, and the cycles of 16
 * of it in a row. Where an instruction needs another in front of it, that one's are taken off. */
#include "board.h"
#include "text.h"

static uint32_t words[4];
static volatile uint32_t *const counter = (uint32_t *)0x30000000; /* as in board.c */

static void report(const char *name, uint32_t steps, uint32_t cycles) {
  write_column(name, 17);
  write_number(steps, 0);
  board_write(" ");
  write_number(cycles, 0);
  board_write("\n");
}

/* In TEXT, %1 is the address of `words`, %2 a negative number, %3 AMOUNT. */
#define CYCLES(TEXT, AMOUNT)                                                               \
  ({                                                                                       \
    uint32_t cycles;                                                                       \
    __asm__ volatile("lw %0, 0(%4)\n.rept 16\n" TEXT                                       \
                     "\n.endr\nlw t0, 0(%4)\nsub %0, t0, %0"                               \
                     : "=&r"(cycles)                                                       \
                     : "r"(words), "r"(-1234567), "r"(AMOUNT), "r"(counter)                \
                     : "t0", "ra", "memory");                                              \
    cycles;                                                                                \
  })
#define TIME_BEHIND(NAME, STEPS, FIRST, TEXT, AMOUNT) \
  report(NAME, STEPS, CYCLES(FIRST "\n" TEXT, AMOUNT) - CYCLES(FIRST, AMOUNT))
#define TIME(NAME, TEXT) TIME_BEHIND(NAME, 0, "", TEXT, 1)

#define SHIFT(NAME, AMOUNT)                                                                  \
  TIME_BEHIND("shift", AMOUNT / 4 + AMOUNT % 4, "", NAME "i t0, %2, " #AMOUNT, AMOUNT);      \
  TIME_BEHIND("shift_register", 0, "", NAME " t0, %2, %3", AMOUNT)
#define SHIFTS(AMOUNT)  \
  SHIFT("sll", AMOUNT); \
  SHIFT("srl", AMOUNT); \
  SHIFT("sra", AMOUNT)

int main(void) {
  TIME("alu", "add t0, %2, %3");
  TIME("alu", "addi t0, %2, -7");
  TIME("alu", "sub t0, %3, %2");
  TIME("alu", "and t0, %2, %3");
  TIME("alu", "ori t0, %2, 3");
  TIME("alu", "xor t0, %2, %3");
  TIME("alu", "lui t0, 1000");
  TIME("alu", "auipc t0, 1000");
  TIME("alu", "slt t0, %2, %3");
  TIME("alu", "slti t0, %2, 9");
  TIME("alu", "sltu t0, %2, %3");
  TIME("alu", "sltiu t0, %2, 9");
  TIME("load", "lw t0, 4(%1)");
  TIME("load", "lh t0, 6(%1)");
  TIME("load", "lhu t0, 4(%1)");
  TIME("load", "lb t0, 7(%1)");
  TIME("load", "lbu t0, 5(%1)");
  TIME("store", "sw %2, 4(%1)");
  TIME("store", "sh %2, 6(%1)");
  TIME("store", "sb %2, 7(%1)");
  TIME("branch_taken", "beq %2, %2, 1f\n1:");
  TIME("branch_taken", "bne %2, %3, 1f\n1:");
  TIME("branch_taken", "blt %2, %3, 1f\n1:");
  TIME("branch_taken", "bge %3, %2, 1f\n1:");
  TIME("branch_taken", "bltu %3, %2, 1f\n1:");
  TIME("branch_taken", "bgeu %2, %3, 1f\n1:");
  TIME("branch_not_taken", "beq %2, %3, 1f\n1:");
  TIME("branch_not_taken", "bne %2, %2, 1f\n1:");
  TIME("branch_not_taken", "blt %3, %2, 1f\n1:");
  TIME("branch_not_taken", "bge %2, %3, 1f\n1:");
  TIME("branch_not_taken", "bltu %2, %3, 1f\n1:");
  TIME("branch_not_taken", "bgeu %3, %2, 1f\n1:");
  TIME("jump", "j 1f\n1:");
  TIME("jump", "jal ra, 1f\n1:");
  TIME_BEHIND("call_return", 0, "auipc ra, 0", "jr 8(ra)", 1);
  TIME_BEHIND("call_return", 0, "auipc t0, 0", "jalr ra, 8(t0)", 1);
  SHIFTS(0);
  SHIFTS(1);
  SHIFTS(2);
  SHIFTS(3);
  SHIFTS(4);
  SHIFTS(5);
  SHIFTS(6);
  SHIFTS(7);
  SHIFTS(8);
  SHIFTS(11);
  SHIFTS(15);
  SHIFTS(16);
  SHIFTS(20);
  SHIFTS(24);
  SHIFTS(28);
  SHIFTS(31);
  return 0;
}
