/* Runs each model of a pack once on its inputs, and calls markers: `cost_begin` in front of the
 * first operation, `cost_end` behind each. They are for count.c, or with CYCLES print the cycles of
 * each operation. The pack, which packs.py writes, is a count and for each model the bytes of the
 * model and of its inputs, then these, each at a multiple of 16. */
#include "adder.h"
#include "board.h"
#include "text.h"

extern const uint32_t cost_pack[];

static uint32_t arena[1 << 19];

#ifdef CYCLES
static uint32_t start, own;

/* Prints the cycles since the marker before, less those that a marker takes by itself. */
__attribute__((noinline)) static void cost_end(void *context, uint32_t index, uint32_t opcode) {
  const uint32_t cycles = board_count() - start - own;
  (void)context, (void)index, (void)opcode;
  if (own > 0) {
    write_number(cycles, 0);
    board_write("\n");
  } else {
    own = cycles;
  }
  start = board_count();
}

static void cost_begin(void) {
  own = 0;
  start = board_count();
  cost_end(0, 0, 0);
}
#else
__attribute__((noinline)) static void cost_begin(void) { __asm__ volatile("" ::: "memory"); }

__attribute__((noinline)) static void cost_end(void *context, uint32_t index, uint32_t opcode) {
  __asm__ volatile("" : : "r"(context), "r"(index), "r"(opcode) : "memory");
}
#endif

static const uint8_t *behind(const uint8_t *place, uint32_t byte_count) {
  return place + ((byte_count + 15) & ~(uint32_t)15);
}

int main(void) {
  const uint32_t count = cost_pack[0];
  const uint32_t *sizes = cost_pack + 1;
  const uint8_t *place = behind((const uint8_t *)cost_pack, 4 + (count << 3));
  for (uint32_t index = 0; index < count; index++) {
    adder_model *model;
    adder_tensor input;
    const adder_status status = adder_init(place, sizes[0], arena, sizeof arena, &model);
    if (status != ADDER_OK) {
      board_write("error: ");
      board_write(adder_status_text(status));
      board_write("\n");
      return 1;
    }
    place = behind(place, sizes[0]);
    const uint8_t *from = place;
    for (uint32_t number = 0; adder_get_input(model, number, &input) == ADDER_OK; number++) {
      uint8_t *to = input.data;
      for (uint32_t left = input.byte_count; left > 0; left--) *to++ = *from++;
    }
    place = behind(place, sizes[1]);
    sizes += 2;
    cost_begin();
    adder_run_observed(model, cost_end, 0);
  }
  return 0;
}

__asm__(".section .rodata\n.globl cost_pack\n.balign 16\n"
        "cost_pack:\n.incbin \"" PACK "\"\n.text\n");
