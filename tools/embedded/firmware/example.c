/* An example firmware: runs the model that `adderc emit-c --vectors --prefix model` made C of on its
 * images, checks every byte of the outputs, writes classes or boxes, and measures instructions and stack.
 *
 * Ends with status 0 if all outputs are as expected, 1 if not, 2 if the model cannot run. */
#include "adder.h"
#include "board.h"
#include "model.h"
#include "model_vectors.h"
#include "stack.h"
#include "text.h"

static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[ADDER_ARENA_WORDS(MODEL_ARENA_BYTES)];

static void write_line(const char *name, uint32_t number, const char *unit) {
  write_column(name, 12);
  write_number(number, 12);
  board_write(unit);
}

static void require(adder_status status) {
  if (status == ADDER_OK) return;
  board_write("error: ");
  board_write(adder_status_text(status));
  board_write("\n");
  board_exit(2);
}

/* Copies one image to the model's inputs. */
static void fill_inputs(const adder_model *model, const uint8_t *image) {
  adder_tensor input;
  for (uint32_t index = 0; adder_get_input(model, index, &input) == ADDER_OK; index++) {
    uint8_t *to = input.data;
    for (uint32_t left = input.byte_count; left > 0; left--) *to++ = *image++;
  }
}

/* adder_observer whose context is the counter at the start of the operation. */
static void write_operation(void *context, uint32_t index, uint32_t opcode) {
  const uint32_t now = board_count();
  uint32_t *start = context;
  write_number(index, 9);
  board_write("  ");
  write_column(adder_operation_name(opcode), 16);
  write_number(now - *start, 14);
  board_write("\n");
  *start = board_count();
}

#ifndef MODEL_CANDIDATES
static int32_t element(const adder_tensor *tensor, uint32_t index) {
  switch (tensor->element_type) {
    case ADDER_UINT8: return ((const uint8_t *)tensor->data)[index];
    case ADDER_INT16: return ((const int16_t *)tensor->data)[index];
    default: return ((const int32_t *)tensor->data)[index];
  }
}

/* The index of the first of the greatest elements of an output with one element a class. */
static uint32_t best_class(const adder_tensor *scores) {
  uint32_t best = 0;
  for (uint32_t index = 1; index < scores->channels; index++) {
    if (element(scores, index) > element(scores, best)) best = index;
  }
  return best;
}
#endif

static void write_class(uint32_t number) {
  write_number(number, 5);
  board_write("  ");
#ifdef MODEL_CLASS_COUNT
  write_column(number < MODEL_CLASS_COUNT ? model_class_names[number] : "", 14);
#endif
}

#ifdef MODEL_CANDIDATES
static adder_box boxes[MODEL_CANDIDATES];

/* Finds boxes in the outputs of the run before, and writes what it took. */
static void measure_boxes(const adder_model *model) {
  adder_detections found;
  stack_fill();
  const uint32_t start = board_count();
  require(adder_detect(model, boxes, MODEL_CANDIDATES, &found));
  const uint32_t count = board_count() - start;
  const uint32_t stack = stack_used();
  write_line("boxes", sizeof boxes, " bytes\n");
  write_line("detect stack", stack, " bytes\n");
  write_line("candidates", found.candidate_count, "\n");
  if (count > 0) write_line("detect", count, " instructions\n");
}

/* Writes the boxes of the outputs, every number as it is. */
static void write_boxes(const adder_model *model) {
  adder_detections found;
  require(adder_detect(model, boxes, MODEL_CANDIDATES, &found));
  write_number(found.box_count, 5);
  board_write(found.box_count == 1 ? " box\n" : " boxes\n");
  const adder_box *box = boxes;
  for (uint32_t left = found.box_count; left > 0; left--) {
    write_class(box->label);
    write_number(box->left, 8);
    write_number(box->top, 8);
    write_number(box->right, 8);
    write_number(box->bottom, 8);
    /* Not above 0. */
    write_number(0u - (uint32_t)box->score, 10);
    write_number(box->level, 4);
    write_number(box->place, 7);
    board_write("\n");
    box++;
  }
}

#define RESULT_TITLE \
  "\nimage  result; boxes: class, left, top, right, bottom, score negated, level, place\n"
#else
#define RESULT_TITLE "\nimage  class\n"
#endif

/* Runs one image as an application does, and writes what it took. */
static void measure(adder_model *model) {
  fill_inputs(model, model_vector_inputs);
  stack_fill();
  uint32_t start = board_count();
  require(adder_run(model));
  const uint32_t count = board_count() - start;
  const uint32_t stack = stack_used();
  write_line("run stack", stack, " bytes\n");
#ifdef MODEL_CANDIDATES
  measure_boxes(model);
#endif
  if (count == 0) return;

  board_write("\noperation                          instructions\n");
  fill_inputs(model, model_vector_inputs);
  start = board_count();
  require(adder_run_observed(model, write_operation, &start));
  board_write("one image");
  write_number(count, 32);
  board_write("\n");
}

int main(void) {
  adder_model *model;
  adder_tensor scores;
  stack_fill();
  const uint32_t start = board_count();
  const adder_status status = adder_init(model_data, sizeof model_data, arena, sizeof arena, &model);
  const uint32_t count = board_count() - start;
  const uint32_t stack = stack_used();
  require(status);
  require(adder_get_output(model, 0, &scores));
  write_line("model", sizeof model_data, " bytes\n");
  write_line("arena", sizeof arena, " bytes\n");
  if (count > 0) write_line("init", count, " instructions\n");
  write_line("init stack", stack, " bytes\n");
  measure(model);

  board_write(RESULT_TITLE);
  const uint8_t *input = model_vector_inputs;
  const uint8_t *output = model_vector_outputs;
  uint32_t equal_count = 0;
  for (uint32_t image = 0; image < MODEL_VECTOR_COUNT; image++) {
    const int is_equal = adder_self_test(model, input, output, 1) == ADDER_OK;
    write_number(image, 5);
#ifndef MODEL_CANDIDATES
    write_class(best_class(&scores));
#endif
    board_write(is_equal ? "  as expected\n" : "  NOT as expected\n");
    if (is_equal) equal_count++;
#ifdef MODEL_CANDIDATES
    write_boxes(model);
#endif
    input += MODEL_VECTOR_INPUT_BYTES;
    output += MODEL_VECTOR_OUTPUT_BYTES;
  }
  write_number(equal_count, 0);
  board_write(" of ");
  write_number(MODEL_VECTOR_COUNT, 0);
  board_write(" images give the expected bytes\n");
  return equal_count == MODEL_VECTOR_COUNT ? 0 : 1;
}
