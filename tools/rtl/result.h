/* The line in which a program tells tools/rtl/report what it measured. */
#ifndef RESULT_H
#define RESULT_H

#include <stdint.h>

/* Writes "KERNEL: N operations, N cycles, checksum XXXXXXXX"; the checksum is the FNV-1a hash of
 * `byte_count` bytes at `output`. */
void write_result(const char *kernel, uint32_t operations, uint32_t cycles, const void *output,
                  uint32_t byte_count);

#endif
