#include "result.h"

#include "board.h"
#include "text.h"

/* The prime 0x01000193 times h is a sum of shifts. */
static uint32_t checksum(const uint8_t *bytes, uint32_t count) {
  uint32_t h = 2166136261;
  for (; count > 0; count--) {
    h ^= *bytes++;
    h += (h << 1) + (h << 4) + (h << 7) + (h << 8) + (h << 24);
  }
  return h;
}

static void write_hexadecimal(uint32_t value) {
  char text[9];
  for (int i = 7; i >= 0; i--, value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  text[8] = 0;
  board_write(text);
}

void write_result(const char *kernel, uint32_t operations, uint32_t cycles, const void *output,
                  uint32_t byte_count) {
  board_write(kernel);
  board_write(": ");
  write_number(operations, 0);
  board_write(" operations, ");
  write_number(cycles, 0);
  board_write(" cycles, checksum ");
  write_hexadecimal(checksum(output, byte_count));
  board_write("\n");
}
