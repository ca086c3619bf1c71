/* Text for the console, without a C library and without a division. */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

/* Writes a number, its digits in groups of three, at the right end of `width` columns. */
void write_number(uint32_t number, uint32_t width);

/* Writes a text at the left end of `width` columns. */
void write_column(const char *text, uint32_t width);

#endif
