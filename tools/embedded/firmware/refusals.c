/* Calls the library with damaged models, memory that does not fit and null pointers, and checks that
 * each is refused with the status that adder.h names. Needs memory for a copy of the model.
 *
 * Ends with status 0 if every status is the expected one. */
#include "adder.h"
#include "board.h"
#include "model.h"
#include "model_vectors.h"
#include "text.h"

static _Alignas(16) uint8_t copy[MODEL_BYTE_COUNT + 16];
static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[ADDER_ARENA_WORDS(MODEL_ARENA_BYTES) + 1];
static uint8_t wrong_outputs[MODEL_VECTOR_OUTPUT_BYTES];
static const uint32_t arena_byte_count = sizeof arena - sizeof *arena;

static uint32_t case_count, failure_count;

static void expect(const char *what, adder_status expected, adder_status found) {
  case_count++;
  if (found == expected) return;
  failure_count++;
  write_column(what, 48);
  board_write("expected ");
  write_number((uint32_t)expected, 2);
  board_write(", found ");
  write_number((uint32_t)found, 2);
  board_write("\n");
}

static void copy_model(uint8_t *to) {
  for (uint32_t index = 0; index < MODEL_BYTE_COUNT; index++) to[index] = model_data[index];
}

/* adder_init with this model; a refusal has to leave no model. */
static void expect_init(const char *what, adder_status expected, const void *data,
                        uint32_t byte_count, void *memory, uint32_t memory_byte_count) {
  adder_model *model = (adder_model *)arena;
  const adder_status status = adder_init(data, byte_count, memory, memory_byte_count, &model);
  expect(what, expected, status);
  if (status != ADDER_OK && model) expect("a refusal that leaves a model", 0, 1);
}

/* The copy with one byte changed. */
static void expect_changed(const char *what, adder_status expected, uint32_t place) {
  copy[place] ^= 0x10;
  expect_init(what, expected, copy, MODEL_BYTE_COUNT, arena, arena_byte_count);
  copy[place] ^= 0x10;
}

static void check_models(void) {
  copy_model(copy);
  expect_init("an unchanged copy", ADDER_OK, copy, MODEL_BYTE_COUNT, arena, arena_byte_count);
  expect_changed("another first byte", ADDER_NOT_A_MODEL, 0);
  expect_changed("another version", ADDER_UNSUPPORTED_VERSION, 4);
  expect_changed("another byte count", ADDER_WRONG_BYTE_COUNT, 9);
  expect_changed("another checksum", ADDER_WRONG_CHECKSUM, 12);
  expect_changed("a flipped bit in the middle", ADDER_WRONG_CHECKSUM, MODEL_BYTE_COUNT >> 1);
  expect_changed("a flipped bit in the last byte", ADDER_WRONG_CHECKSUM, MODEL_BYTE_COUNT - 1);
  expect_init("a byte count that is short by 16", ADDER_WRONG_BYTE_COUNT, copy,
              MODEL_BYTE_COUNT - 16, arena, arena_byte_count);
  expect_init("the first 8 bytes", ADDER_TRUNCATED, copy, 8, arena, arena_byte_count);
  expect_init("no bytes", ADDER_TRUNCATED, copy, 0, arena, arena_byte_count);
  static const _Alignas(16) uint8_t foreign[64] = "\x89PNG\r\n\x1a\n";
  expect_init("a foreign file", ADDER_NOT_A_MODEL, foreign, sizeof foreign, arena,
              arena_byte_count);
  uint8_t *const misaligned = copy + 4;
  copy_model(misaligned);
  expect_init("a misaligned model", ADDER_MISALIGNED_MODEL, misaligned, MODEL_BYTE_COUNT, arena,
              arena_byte_count);
}

static void check_arenas(void) {
  uint32_t needed = 0;
  expect("an arena byte count", ADDER_OK,
         adder_get_arena_byte_count(model_data, sizeof model_data, &needed));
  expect("the arena byte count", (adder_status)(MODEL_ARENA_BYTES + ADDER_STATE_BYTES),
         (adder_status)needed);
  expect_init("an exact arena", ADDER_OK, model_data, sizeof model_data, arena, needed);
  expect_init("an arena that is short by a byte", ADDER_ARENA_TOO_SHORT, model_data,
              sizeof model_data, arena, needed - 1);
  expect_init("an arena of 4 bytes", ADDER_ARENA_TOO_SHORT, model_data, sizeof model_data, arena, 4);
  expect_init("an arena at an odd address", ADDER_MISALIGNED_ARENA, model_data, sizeof model_data,
              (uint8_t *)arena + 1, needed);
  expect_init("an arena at half a word", ADDER_MISALIGNED_ARENA, model_data, sizeof model_data,
              (uint8_t *)arena + 2, needed);
}

static void observe(void *context, uint32_t index, uint32_t opcode) {
  (void)context, (void)index, (void)opcode;
}

static void check_calls(void) {
  adder_model *model;
  adder_tensor tensor;
  uint32_t count;
  expect("init", ADDER_OK,
         adder_init(model_data, sizeof model_data, arena, arena_byte_count, &model));
  expect("no such input", ADDER_NO_SUCH_TENSOR, adder_get_input(model, 64, &tensor));
  expect("no such output", ADDER_NO_SUCH_TENSOR, adder_get_output(model, UINT32_MAX, &tensor));
  expect("self-test", ADDER_OK,
         adder_self_test(model, model_vector_inputs, model_vector_outputs, MODEL_VECTOR_COUNT));
  for (uint32_t index = 0; index < MODEL_VECTOR_OUTPUT_BYTES; index++) {
    wrong_outputs[index] = model_vector_outputs[index];
  }
  wrong_outputs[MODEL_VECTOR_OUTPUT_BYTES - 1] ^= 1;
  expect("self-test with a wrong bit", ADDER_SELF_TEST_FAILED,
         adder_self_test(model, model_vector_inputs, wrong_outputs, 1));
  adder_detection detection;
  adder_box box;
  adder_detections found;
  expect("the boxes of a classifier", ADDER_NO_DETECTION, adder_get_detection(model, &detection));
  expect("boxes of a classifier", ADDER_NO_DETECTION, adder_detect(model, &box, 1, &found));
  expect("no memory for boxes", ADDER_NO_CAPACITY, adder_detect(model, &box, 0, &found));
  expect("run observed", ADDER_OK, adder_run_observed(model, observe, 0));

  const adder_status null = ADDER_NULL_POINTER;
  const uint32_t bytes = sizeof model_data;
  expect("byte count of null", null, adder_get_arena_byte_count(0, bytes, &count));
  expect("byte count to null", null, adder_get_arena_byte_count(model_data, bytes, 0));
  expect("init of null", null, adder_init(0, bytes, arena, arena_byte_count, &model));
  expect("init in null", null, adder_init(model_data, bytes, 0, arena_byte_count, &model));
  expect("init to null", null, adder_init(model_data, bytes, arena, arena_byte_count, 0));
  model = (adder_model *)arena;
  expect("input of null", null, adder_get_input(0, 0, &tensor));
  expect("input to null", null, adder_get_input(model, 0, 0));
  expect("output of null", null, adder_get_output(0, 0, &tensor));
  expect("output to null", null, adder_get_output(model, 0, 0));
  expect("run of null", null, adder_run(0));
  expect("observed run of null", null, adder_run_observed(0, observe, 0));
  expect("run observed by null", null, adder_run_observed(model, 0, 0));
  expect("self-test of null", null,
         adder_self_test(0, model_vector_inputs, model_vector_outputs, 1));
  expect("self-test from null", null, adder_self_test(model, 0, model_vector_outputs, 1));
  expect("detection of null", null, adder_get_detection(0, &detection));
  expect("detection to null", null, adder_get_detection(model, 0));
  expect("boxes of null", null, adder_detect(0, &box, 1, &found));
  expect("boxes to null", null, adder_detect(model, 0, 1, &found));
  expect("counts of boxes to null", null, adder_detect(model, &box, 1, 0));
  expect("self-test against null", null, adder_self_test(model, model_vector_inputs, 0, 1));
}

int main(void) {
  check_models();
  check_arenas();
  check_calls();
  write_number(case_count - failure_count, 0);
  board_write(" of ");
  write_number(case_count, 0);
  board_write(" calls give the documented status\n");
  return failure_count == 0 ? 0 : 1;
}
