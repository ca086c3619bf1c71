// Functions of elements by tables, the same for all instruction sets.
#include "CAdderSIMD.h"

// A line between two entries; modulo 2^32.
static int32_t between(
    const int32_t *table, uint32_t place, uint32_t segment_shift, uint32_t shift) {
  const int32_t *entry = table + (place >> segment_shift);
  uint32_t difference = (uint32_t)entry[1] - (uint32_t)entry[0];
  // Half of what the shift leaves out, or nothing.
  uint32_t sum = ((uint32_t)entry[0] << segment_shift) + ((1u << shift) >> 1);
  for (uint32_t bit = 0; bit < segment_shift; bit++) {
    sum += difference & (0 - (place >> bit & 1));
    difference <<= 1;
  }
  return (int32_t)sum >> shift;
}

void adder_look_up(
    const adder_lookup *lookup, uint32_t first, uint32_t count, uint32_t channel, uint32_t end,
    uint32_t lanes, int32_t *sums) {
  const uint32_t used = end - channel, step = lookup->table_step;
  const int32_t *tables = lookup->tables;
  for (uint32_t c = 0; c < channel; c++) {
    tables += step;
    // Or the compiler makes a product of the loop.
    __asm__("" : "+r"(tables));
  }
  for (uint32_t p = first; p < first + count; p++, sums += lanes) {
    const int32_t *table = tables;
    const size_t start = (size_t)lookup->positions[p] + channel;
    if (lookup->type == ADDER_UINT8) {
      const uint8_t *x = (const uint8_t *)lookup->elements + start;
      for (uint32_t c = 0; c < used; c++, table += step) sums[c] = table[x[c]];
    } else {
      const int16_t *x = (const int16_t *)lookup->elements + start;
      for (uint32_t c = 0; c < used; c++, table += step)
        sums[c] =
            between(table, (uint32_t)(x[c] + 0x8000), lookup->segment_shift, lookup->shift);
    }
  }
}
