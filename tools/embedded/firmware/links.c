/* A firmware that calls memory functions of its own, besides running a model: whose they are depends
 * on how it is linked. Writes what they take, checks what they do, and runs the self-test.
 *
 * Ends with status 0 if all is as expected. */
#include <stddef.h>

#include "adder.h"
#include "board.h"
#include "model.h"
#include "model_vectors.h"
#include "text.h"

void *memcpy(void *to, const void *from, size_t byte_count);
void *memmove(void *to, const void *from, size_t byte_count);
void *memset(void *to, int byte, size_t byte_count);
#ifdef __arm__
/* Clang calls these for Arm, with a value behind the count. */
void __aeabi_memset(void *to, size_t byte_count, int byte);
void __aeabi_memclr8(void *to, size_t byte_count);
#endif

enum { block_bytes = 1024 };

static _Alignas(16) uint8_t from[block_bytes], to[block_bytes];
static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[ADDER_ARENA_WORDS(MODEL_ARENA_BYTES)];
/* A number that the compiler cannot know, or it would not call. */
static volatile size_t byte_count = block_bytes;
static int is_good = 1;

static void note(const char *name, uint32_t start) {
  const uint32_t count = board_count() - start;
  write_column(name, 12);
  write_number(count, 12);
  board_write(" instructions\n");
}

static void require(const char *what, int is_as_expected) {
  if (is_as_expected) return;
  is_good = 0;
  board_write(what);
  board_write(" is wrong\n");
}

static void check_memory(void) {
  int is_equal = 1;
  for (uint32_t index = 0; index < block_bytes; index++) from[index] = (uint8_t)(index ^ index >> 5);
  uint32_t start = board_count();
  memcpy(to, from, byte_count);
  note("memcpy", start);
  for (uint32_t index = 0; index < block_bytes; index++) is_equal &= to[index] == from[index];
  require("memcpy", is_equal);
  start = board_count();
  memmove(to, to + 4, byte_count - 4);
  note("memmove", start);
  for (uint32_t index = 4; index < block_bytes; index++) is_equal &= to[index - 4] == from[index];
  memmove(to + 3, to, byte_count - 4);
  for (uint32_t index = 4; index < block_bytes; index++) is_equal &= to[index - 1] == from[index];
  require("memmove", is_equal);
  start = board_count();
  memset(to, 0x5A, byte_count);
  note("memset", start);
  for (uint32_t index = 0; index < block_bytes; index++) is_equal &= to[index] == 0x5A;
  require("memset", is_equal);
#ifdef __arm__
  __aeabi_memclr8(to, byte_count);
  __aeabi_memset(to + 1, byte_count - 2, 0xA5);
  is_equal &= to[0] == 0 && to[block_bytes - 1] == 0;
  for (uint32_t index = 1; index < block_bytes - 1; index++) is_equal &= to[index] == 0xA5;
  require("__aeabi_memset", is_equal);
#endif
}

int main(void) {
  adder_model *model;
  check_memory();
  require("adder_init",
          adder_init(model_data, sizeof model_data, arena, sizeof arena, &model) == ADDER_OK);
  if (!is_good) return 1;
  require("adder_self_test",
          adder_self_test(model, model_vector_inputs, model_vector_outputs, 1) == ADDER_OK);
  if (is_good) board_write("the self-test passes beside memory functions\n");
  return is_good ? 0 : 1;
}
