#include "text.h"

#include "board.h"

void write_number(uint32_t number, uint32_t width) {
  static const uint32_t powers[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                    10000,      1000,      100,      10,      1};
  char text[14]; /* ten digits, three spaces, the end */
  uint32_t length = 0;
  for (uint32_t place = 0; place < 10; place++) {
    char digit = '0';
    while (number >= powers[place]) {
      number -= powers[place];
      digit++;
    }
    const int starts_group = place == 1 || place == 4 || place == 7;
    if (length > 0 && starts_group) text[length++] = ' ';
    if (length > 0 || digit != '0' || place == 9) text[length++] = digit;
  }
  text[length] = 0;
  for (; length < width; width--) board_write(" ");
  board_write(text);
}

void write_column(const char *text, uint32_t width) {
  board_write(text);
  for (; *text; text++) {
    if (width > 0) width--;
  }
  for (; width > 0; width--) board_write(" ");
}
