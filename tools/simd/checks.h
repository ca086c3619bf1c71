// Random numbers, and memory that notices what is written beside it, for kernels.c.
#ifndef CHECKS_H
#define CHECKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CAdderSIMD.h"

enum { GUARD = 64 };

static _Thread_local uint64_t state;

static uint32_t draw(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return (uint32_t)(z >> 32);
}

static uint32_t pick(uint32_t least, uint32_t most) { return least + draw() % (most - least + 1); }

// One in four an end of the range.
static uint32_t number(uint32_t most) {
  return draw() % 4 ? draw() & most : draw() % 2 ? most : 0;
}

static void check(int holds, const char *what, const adder_simd *simd) {
  if (holds) return;
  printf("%s: %s\n", simd->name, what);
  exit(1);
}

// Memory of exactly so many bytes between guard bytes.
typedef struct {
  uint8_t *start, *bytes;
  size_t count;
} memory;

static memory allocate(size_t count) {
  memory m = {aligned_alloc(64, (count + 2 * GUARD + 63) / 64 * 64), 0, count};
  if (!m.start) exit(2);
  memset(m.start, 0xA5, count + 2 * GUARD);
  m.bytes = m.start + GUARD;
  return m;
}

static void release(memory m, const char *what, const adder_simd *simd) {
  int intact = 1;
  for (int i = 0; i < GUARD; i++)
    intact &= m.start[i] == 0xA5 && m.bytes[m.count + (size_t)i] == 0xA5;
  check(intact, what, simd);
  free(m.start);
}

#endif
