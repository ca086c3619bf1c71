/* Counts the cycles of one image in the model that `adderc emit-c --vectors --prefix model` made C
 * of, from the call of adder_run to its return: gathering and requantization are in it, adder_init
 * is not. KERNEL is the name to print, OPERATIONS the absolute differences of an image.
 *
 * Ends with status 0 if all output bytes are as expected, 1 if not, 2 if the model cannot run. */
#include "adder.h"
#include "board.h"
#include "model.h"
#include "model_vectors.h"
#include "result.h"

#if MODEL_INPUT_COUNT != 1 || MODEL_OUTPUT_COUNT != 1
#error "models with one input and one output only"
#endif

static uint32_t arena[ADDER_ARENA_WORDS(MODEL_ARENA_BYTES)];

static void require(adder_status status) {
  if (status == ADDER_OK) return;
  board_write("error: ");
  board_write(adder_status_text(status));
  board_write("\n");
  board_exit(2);
}

int main(void) {
  adder_model *model;
  adder_tensor input, output;
  require(adder_init(model_data, sizeof model_data, arena, sizeof arena, &model));
  require(adder_get_input(model, 0, &input));
  require(adder_get_output(model, 0, &output));
  uint8_t *to = input.data;
  for (uint32_t i = 0; i < MODEL_VECTOR_INPUT_BYTES; i++) to[i] = model_vector_inputs[i];

  const uint32_t start = board_count();
  require(adder_run(model));
  const uint32_t cycles = board_count() - start;

  write_result(KERNEL, OPERATIONS, cycles, output.data, MODEL_VECTOR_OUTPUT_BYTES);
  const uint8_t *found = output.data;
  for (uint32_t i = 0; i < MODEL_VECTOR_OUTPUT_BYTES; i++) {
    if (found[i] != model_vector_outputs[i]) return 1;
  }
  return 0;
}
