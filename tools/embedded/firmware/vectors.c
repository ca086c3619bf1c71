/* Runs the golden vectors, the files of golden/vectors one behind the other, through the C API.
 * golden/README.md has their form.
 *
 * Also writes the most stack that adder_init, adder_run and adder_detect took in any case, which together
 * have every operation. Ends with status 0 if all values and boxes are equal. */
#include "adder.h"
#include "board.h"
#include "stack.h"
#include "text.h"

extern const uint8_t golden_vectors[], golden_vectors_end[];

static _Alignas(16) uint8_t model_bytes[1 << 20];
static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[1 << 18];

static adder_box boxes[4096];

/* Volatile, so that what a loop adds to it does not become a product. */
static const uint8_t *volatile next = golden_vectors;

/* The most that a call took in any case. */
static uint32_t init_stack_bytes, run_stack_bytes, detect_stack_bytes;

static void note_most(uint32_t *most, uint32_t used) {
  if (used > *most) *most = used;
}

static uint32_t word_at(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t read_half(void) {
  const uint32_t half = next[0] | (uint32_t)next[1] << 8;
  next += 2;
  return half;
}

static uint32_t read_word(void) {
  const uint32_t word = word_at(next);
  next += 4;
  return word;
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t byte_count) {
  while (byte_count-- > 0) *to++ = *from++;
}

static int32_t element(const adder_tensor *tensor, uint32_t index) {
  switch (tensor->element_type) {
    case ADDER_UINT8: return ((const uint8_t *)tensor->data)[index];
    case ADDER_INT16: return ((const int16_t *)tensor->data)[index];
    default: return ((const int32_t *)tensor->data)[index];
  }
}

static uint32_t element_count(const adder_tensor *tensor) {
  switch (tensor->element_type) {
    case ADDER_UINT8: return tensor->byte_count;
    case ADDER_INT16: return tensor->byte_count >> 1;
    default: return tensor->byte_count >> 2;
  }
}

/* One case, in place. */
typedef struct {
  const uint8_t *name, *model, *inputs, *values;
  uint32_t name_byte_count, model_byte_count, input_byte_count, value_count;
} golden_case;

static golden_case read_case(void) {
  golden_case c;
  c.name_byte_count = read_half();
  c.name = next;
  next += c.name_byte_count;
  c.model_byte_count = read_word();
  c.model = next;
  next += c.model_byte_count;
  c.input_byte_count = read_word();
  c.inputs = next;
  next += c.input_byte_count;
  c.value_count = read_word();
  c.values = next;
  next += c.value_count << 2;
  return c;
}

/* Makes the model of a case ready, in an arena without a byte to spare. */
static adder_status initialize(const golden_case *c, adder_model **model) {
  uint32_t byte_count;
  if (c->model_byte_count > sizeof model_bytes) return ADDER_WRONG_BYTE_COUNT;
  copy(model_bytes, c->model, c->model_byte_count);
  const adder_status status =
      adder_get_arena_byte_count(model_bytes, c->model_byte_count, &byte_count);
  if (status != ADDER_OK) return status;
  if (byte_count > sizeof arena) return ADDER_ARENA_TOO_SHORT;
  /* No byte of the arena may matter before it is written. */
  uint32_t *word = arena;
  for (uint32_t left = (byte_count + 3) >> 2; left > 0; left--) *word++ = 0xA5A5A5A5;
  stack_fill();
  const adder_status result =
      adder_init(model_bytes, c->model_byte_count, arena, byte_count, model);
  note_most(&init_stack_bytes, stack_used());
  return result;
}

/* Makes the outputs of a case and says what is wrong with them, or nothing. */
static const char *run_case(const golden_case *c, adder_model **result) {
  adder_tensor tensor;
  const adder_status status = initialize(c, result);
  if (status != ADDER_OK) return adder_status_text(status);
  adder_model *const model = *result;

  const uint8_t *input = c->inputs;
  for (uint32_t index = 0; adder_get_input(model, index, &tensor) == ADDER_OK; index++) {
    copy(tensor.data, input, tensor.byte_count);
    input += tensor.byte_count;
  }
  if (input != c->inputs + c->input_byte_count) return "another number of input bytes";
  stack_fill();
  if (adder_run(model) != ADDER_OK) return "the run failed";
  note_most(&run_stack_bytes, stack_used());
  const uint8_t *value = c->values;
  for (uint32_t index = 0; adder_get_output(model, index, &tensor) == ADDER_OK; index++) {
    const uint32_t count = element_count(&tensor);
    for (uint32_t place = 0; place < count; place++) {
      if (element(&tensor, place) != (int32_t)word_at(value)) return "another value";
      value += 4;
    }
  }
  return value == c->values + (c->value_count << 2) ? 0 : "another number of values";
}

/* adder_detect with the capacity of a case, against its counts and boxes. */
static const char *find_boxes(const adder_model *model) {
  const uint32_t capacity = read_word();
  const uint32_t candidate_count = read_word();
  const uint32_t dropped_count = read_word();
  const uint32_t box_count = read_word();
  adder_detections found = {0, 0, 0};
  adder_status status = ADDER_NULL_POINTER;
  if (model && capacity <= sizeof boxes / sizeof *boxes) {
    stack_fill();
    status = adder_detect(model, boxes, capacity, &found);
    note_most(&detect_stack_bytes, stack_used());
  }
  int is_equal = 1;
  const uint8_t *byte = (const uint8_t *)boxes;
  for (uint32_t left = box_count; left > 0; left--) {
    for (uint32_t index = 0; index < sizeof *boxes; index++) is_equal &= *next++ == *byte++;
  }
  if (status != ADDER_OK) return adder_status_text(status);
  if (found.candidate_count != candidate_count) return "another number of candidates";
  if (found.dropped_count != dropped_count) return "another number of dropped candidates";
  if (found.box_count != box_count) return "another number of boxes";
  return is_equal ? 0 : "another box";
}

/* adder_init does not look at the section; the functions that read it have to refuse it. */
static const char *refuse_section(const adder_model *model) {
  adder_detection detection;
  adder_detections found;
  const uint32_t last_row = 16 + ((uint32_t)(model_bytes[6] | model_bytes[7] << 8) << 4);
  uint8_t *const fraction_bits = model_bytes + word_at(model_bytes + last_row + 4);
  const uint8_t right = *fraction_bits;
  const adder_status wrong_shift = 35;
  *fraction_bits = 0;
  const int is_refused = adder_get_detection(model, &detection) == wrong_shift &&
                         adder_detect(model, boxes, 1, &found) == wrong_shift;
  *fraction_bits = right;
  if (!is_refused) return "a wrong section is not refused";
  if (adder_get_detection(model, &detection) != ADDER_OK) return "no description of boxes";
  return adder_detect(model, boxes, 0, &found) == ADDER_NO_CAPACITY ? 0 : "no capacity is enough";
}

/* What follows a case of detection.vectors. Reads it all, also where the model is null. */
static const char *detect_case(const adder_model *model) {
  const char *failure = model ? refuse_section(model) : 0;
  for (uint32_t left = read_word(); left > 0; left--) {
    const char *other = find_boxes(model);
    if (!failure) failure = other;
  }
  return failure;
}

static void report(const golden_case *c, const char *failure) {
  for (uint32_t index = 0; index < c->name_byte_count; index++) {
    const char character[2] = {(char)c->name[index], 0};
    board_write(character);
  }
  board_write(": ");
  board_write(failure);
  board_write("\n");
}

static void write_stack(const char *name, uint32_t byte_count) {
  write_column(name, 12);
  write_number(byte_count, 12);
  board_write(" bytes\n");
}

int main(void) {
  uint32_t case_count = 0, failure_count = 0;
  while (next < golden_vectors_end) {
    const uint32_t magic = read_word();
    const int has_boxes = magic == 0x54454441;
    if (magic != 0x43455641 && !has_boxes) {
      board_write("not a file of golden vectors\n");
      return 2;
    }
    for (uint32_t left = read_word(); left > 0; left--) {
      adder_model *model = 0;
      const golden_case c = read_case();
      const char *failure = run_case(&c, &model);
      if (has_boxes) {
        const char *other = detect_case(failure ? 0 : model);
        if (!failure) failure = other;
      }
      case_count++;
      if (!failure) continue;
      failure_count++;
      report(&c, failure);
    }
  }
  write_stack("init stack", init_stack_bytes);
  write_stack("run stack", run_stack_bytes);
  write_stack("detect stack", detect_stack_bytes);
  write_number(case_count - failure_count, 0);
  board_write(" of ");
  write_number(case_count, 0);
  board_write(" golden cases give the expected integers\n");
  return case_count > 0 && failure_count == 0 ? 0 : 1;
}
