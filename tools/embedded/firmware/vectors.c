/* Runs the golden vectors, the files of golden/vectors one behind the other, through the C API.
 *
 * Little-endian: u32 magic "AVEC", u32 number of cases; for each a u16 byte count and the name, a u32
 * byte count and a model, a u32 byte count and the bytes of all inputs, a u32 number of values and
 * the i32 elements of all outputs.
 *
 * Also writes the most stack that adder_init and adder_run took in any case, which together have every
 * operation. Ends with status 0 if all values are equal. */
#include "adder.h"
#include "board.h"
#include "stack.h"
#include "text.h"

extern const uint8_t golden_vectors[], golden_vectors_end[];

static _Alignas(16) uint8_t model_bytes[1 << 20];
static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[1 << 18];

static const uint8_t *next = golden_vectors;

/* The most that a call took in any case. */
static uint32_t init_stack_bytes, run_stack_bytes;

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

/* Runs a case and says what is wrong, or nothing. */
static const char *run_case(const golden_case *c) {
  adder_model *model;
  adder_tensor tensor;
  const adder_status status = initialize(c, &model);
  if (status != ADDER_OK) return adder_status_text(status);

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

static void report(const golden_case *c, const char *failure) {
  for (uint32_t index = 0; index < c->name_byte_count; index++) {
    const char character[2] = {(char)c->name[index], 0};
    board_write(character);
  }
  board_write(": ");
  board_write(failure);
  board_write("\n");
}

int main(void) {
  uint32_t case_count = 0, failure_count = 0;
  while (next < golden_vectors_end) {
    if (read_word() != 0x43455641) {
      board_write("not a file of golden vectors\n");
      return 2;
    }
    for (uint32_t left = read_word(); left > 0; left--) {
      const golden_case c = read_case();
      const char *failure = run_case(&c);
      case_count++;
      if (!failure) continue;
      failure_count++;
      report(&c, failure);
    }
  }
  write_column("init stack", 12);
  write_number(init_stack_bytes, 12);
  board_write(" bytes\n");
  write_column("run stack", 12);
  write_number(run_stack_bytes, 12);
  board_write(" bytes\n");
  write_number(case_count - failure_count, 0);
  board_write(" of ");
  write_number(case_count, 0);
  board_write(" golden cases give the expected integers\n");
  return case_count > 0 && failure_count == 0 ? 0 : 1;
}
