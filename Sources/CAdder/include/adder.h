/* Adder: runs a compiled adder network (.adb) with additions, subtractions, absolute values,
 * comparisons and shifts.
 *
 *   #include "adder.h"
 *   // In C++ with alignas.
 *   static _Alignas(ADDER_ARENA_ALIGNMENT) uint32_t arena[ADDER_ARENA_WORDS(MODEL_ARENA_BYTES)];
 *
 *   adder_model *model;
 *   adder_status status = adder_init(model_data, sizeof model_data, arena, sizeof arena, &model);
 *   if (status != ADDER_OK) fail(adder_status_text(status));
 *   adder_tensor input, output;
 *   adder_get_input(model, 0, &input);
 *   adder_get_output(model, 0, &output);
 *   fill(input.data);
 *   adder_run(model);
 *   use(output.data);
 *
 * `adderc emit-c MODEL.adb -o DIR` writes model_data, MODEL_ARENA_BYTES and a program like this.
 *
 * No function allocates, blocks, uses a lock or keeps a static variable; different models (with an
 * arena each) can run at the same time, and one model file can be used by several arenas. The
 * model file is used in place, from flash. Every function can be called from C and C++, from a task
 * or an interrupt handler. The library has no names but those below and needs no other, on Linux
 * those of memcpy, memmove and memset. docs/embedded.md has the commands that link it, and the stack
 * each function needs.
 */
#ifndef ADDER_H
#define ADDER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pointers are non-null unless said otherwise. C compilers other than clang ignore this. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#define ADDER_NULLABLE _Nullable
#else
#define ADDER_NULLABLE
#endif

/* What a function found: ADDER_OK or an error below. */
typedef int32_t adder_status;

#define ADDER_OK 0

/* Errors of the model file: it was damaged, is for another version, or is no model. Numbers 1 to 49
 * are the reasons of docs/adb-format.md; these are the ones an application meets. */
#define ADDER_TRUNCATED 1            /* the bytes end inside a field */
#define ADDER_MISALIGNED_MODEL 2     /* the model's address is no multiple of 16 */
#define ADDER_NOT_A_MODEL 3          /* the first four bytes are not those of a model file */
#define ADDER_UNSUPPORTED_VERSION 4  /* a format version that this library does not read */
#define ADDER_WRONG_BYTE_COUNT 5     /* the byte count given is not that of the model */
#define ADDER_WRONG_CHECKSUM 6       /* bytes of the model changed after it was written */
#define ADDER_ARENA_TOO_SHORT 45     /* fewer bytes than adder_get_arena_byte_count says */
#define ADDER_MISALIGNED_ARENA 46    /* the arena's address is no multiple of ADDER_ARENA_ALIGNMENT */
#define ADDER_UNAVAILABLE_OPERATION 49 /* the library was built without an operation of the model */

/* Errors of a call. */
#define ADDER_NULL_POINTER 64     /* a pointer that must not be null is */
#define ADDER_NO_SUCH_TENSOR 65   /* the model has fewer inputs or outputs */
#define ADDER_SELF_TEST_FAILED 66 /* an output differs from the expected one */
#define ADDER_NO_DETECTION 67     /* the model does not say how its outputs become boxes */
#define ADDER_NO_CAPACITY 68      /* no memory for a box */

/* The alignment of an arena, in bytes. */
#define ADDER_ARENA_ALIGNMENT (sizeof(uintptr_t))

/* The bytes at the start of an arena that hold the library's own state. */
#define ADDER_STATE_BYTES (sizeof(uintptr_t) * 4)

/* The words of an arena for a model whose tensors need `model_arena_bytes`. */
#define ADDER_ARENA_WORDS(model_arena_bytes) (((model_arena_bytes) + ADDER_STATE_BYTES + 3) / 4)

/* A model that is ready to run. It lies in its arena. */
typedef struct adder_model adder_model;

/* Element types of tensors, and the type of an element in C. */
#define ADDER_UINT8 1 /* uint8_t */
#define ADDER_INT16 2 /* int16_t */
#define ADDER_INT32 3 /* int32_t */

/* An input or output: `height * width * channels` elements in the order rows, columns, channels.
 * An element q stands for the real number (q - zero_point) * scale. */
typedef struct adder_tensor {
  void *data;
  uint32_t byte_count;
  uint32_t height, width, channels;
  uint32_t element_type; /* ADDER_UINT8, ADDER_INT16 or ADDER_INT32 */
  int32_t zero_point;
  float scale;
} adder_tensor;

/* Reads from a model how many bytes of arena it needs, ADDER_STATE_BYTES included.
 *
 * Looks at the header alone; adder_init checks the rest.
 * Errors: ADDER_NULL_POINTER, and ADDER_TRUNCATED to ADDER_UNSUPPORTED_VERSION. */
adder_status adder_get_arena_byte_count(const void *ADDER_NULLABLE model,
                                        uint32_t model_byte_count,
                                        uint32_t *ADDER_NULLABLE arena_byte_count);

/* Checks a model and makes it ready to run.
 *
 * Reads every byte of the file once; a damaged or hostile file gives an error and is never run.
 * Model and arena stay the caller's, and must stay in place and unchanged by others while the
 * model is in use. On an error nothing is kept and *result is null.
 *
 *   model      the whole file, at an address that is a multiple of 16; may be in flash
 *   arena      memory at an address that is a multiple of ADDER_ARENA_ALIGNMENT
 *   result     gets the model
 *
 * Errors: those of the model file, and ADDER_NULL_POINTER. */
adder_status adder_init(const void *ADDER_NULLABLE model, uint32_t model_byte_count,
                        void *ADDER_NULLABLE arena, uint32_t arena_byte_count,
                        adder_model *ADDER_NULLABLE *ADDER_NULLABLE result);

/* Describes an input or output and says where its elements are. They are counted from 0.
 *
 * Write all inputs before each run: a run may reuse their memory. Outputs keep until the next
 * write of an input or run.
 * Errors: ADDER_NULL_POINTER, ADDER_NO_SUCH_TENSOR. */
adder_status adder_get_input(const adder_model *ADDER_NULLABLE model, uint32_t index,
                             adder_tensor *ADDER_NULLABLE tensor);
adder_status adder_get_output(const adder_model *ADDER_NULLABLE model, uint32_t index,
                              adder_tensor *ADDER_NULLABLE tensor);

/* Computes the outputs from the inputs.
 *
 * Errors: ADDER_NULL_POINTER. */
adder_status adder_run(adder_model *ADDER_NULLABLE model);

/* Called behind each operation of a run: its index from 0, its opcode (adder_operation_name) and the
 * caller's context. */
typedef void (*adder_observer)(void *ADDER_NULLABLE context, uint32_t index, uint32_t opcode);

/* adder_run that calls `observer` behind each operation, to measure them.
 *
 * Errors: ADDER_NULL_POINTER. */
adder_status adder_run_observed(adder_model *ADDER_NULLABLE model,
                                adder_observer ADDER_NULLABLE observer,
                                void *ADDER_NULLABLE context);

/* Runs the model on known inputs and compares every byte of the outputs.
 *
 *   inputs     for each case the bytes of all inputs, one behind the other
 *   outputs    for each case the bytes of all outputs, one behind the other
 *   count      the number of cases
 *
 * `adderc emit-c --vectors` writes both arrays.
 * Errors: ADDER_NULL_POINTER, ADDER_SELF_TEST_FAILED. */
adder_status adder_self_test(adder_model *ADDER_NULLABLE model, const void *ADDER_NULLABLE inputs,
                             const void *ADDER_NULLABLE outputs, uint32_t count);

/* Where a detector found something, and how sure it is. */
typedef struct adder_box {
  /* The sides, in 1 / 2^fraction_bits pixels from the left and upper border of the first input: to its
   * width and height at most, left <= right and top <= bottom. */
  uint16_t left, top, right, bottom;
  uint16_t label; /* the class, from 0 */
  uint16_t level; /* the level of the detector, 0 the finest */
  int32_t score;  /* e^(score / 2^17), not above 0; ADDER_SCORE_50 is a half */
  uint32_t place; /* how many candidates were found before it, which orders equal scores */
} adder_box;

/* The least `score` of what is at least so sure, in percent: for thresholds of an application's own. */
#define ADDER_SCORE_10 (-301804)
#define ADDER_SCORE_30 (-157807)
#define ADDER_SCORE_50 (-90852)
#define ADDER_SCORE_70 (-46750)
#define ADDER_SCORE_90 (-13809)

/* What a model says of its boxes. */
typedef struct adder_detection {
  uint32_t fraction_bits;   /* the bits of a side behind the point, 1 to 8 */
  uint32_t candidate_limit; /* so many of the best candidates may become boxes, 4096 at most */
  uint32_t box_limit;       /* the most boxes of an image, candidate_limit at most */
  uint32_t class_count;     /* labels are below it */
  uint32_t level_count;     /* levels are below it */
} adder_detection;

/* How many boxes an image gave. */
typedef struct adder_detections {
  uint32_t box_count;       /* the boxes, in falling order of scores */
  uint32_t candidate_count; /* the classes at locations that reached the model's threshold */
  uint32_t dropped_count;   /* of the best candidate_limit of them those that had no memory */
} adder_detections;

/* Describes the boxes of a detector.
 *
 * Errors: ADDER_NULL_POINTER, ADDER_NO_DETECTION, and those of the model file: adder_init does not
 * look at what this function reads. */
adder_status adder_get_detection(const adder_model *ADDER_NULLABLE model,
                                 adder_detection *ADDER_NULLABLE detection);

/* Finds the boxes of an image in the outputs of a run, of which none was changed since.
 *
 *   boxes      gets the boxes. While it looks for them, each candidate takes an element
 *   capacity   the elements of boxes. With candidate_limit nothing is lost; with fewer, the best
 *              candidates are kept, and dropped_count says how many others had a chance
 *   result     gets the counts
 *
 * Errors: ADDER_NULL_POINTER, ADDER_NO_CAPACITY if capacity is 0, and those of adder_get_detection. On
 * an error nothing is written. */
adder_status adder_detect(const adder_model *ADDER_NULLABLE model, adder_box *ADDER_NULLABLE boxes,
                          uint32_t capacity, adder_detections *ADDER_NULLABLE result);

/* The name of an operation in docs/adb-format.md, or null. Costs flash only where it is called. */
static inline const char *ADDER_NULLABLE adder_operation_name(uint32_t opcode) {
  static const char *const names[] = {"adder2d", "conv2d", "requantize", "add",
                                      "maxPool", "averagePool", "concat", "upsampleNearest",
                                      "pad", "flatten", "depthToSpace", "lookup",
                                      "channelShuffle"};
  return opcode - 1 < sizeof names / sizeof *names ? names[opcode - 1] : 0;
}

/* What a status means, in English. Costs flash only where it is called. */
static inline const char *adder_status_text(adder_status status) {
  switch (status) {
    case ADDER_OK: return "ok";
    case ADDER_TRUNCATED: return "the model ends inside a field";
    case ADDER_MISALIGNED_MODEL: return "the model's address is no multiple of 16";
    case ADDER_NOT_A_MODEL: return "not a model file";
    case ADDER_UNSUPPORTED_VERSION: return "a model file of another version";
    case ADDER_WRONG_BYTE_COUNT: return "the byte count is not the model's";
    case ADDER_WRONG_CHECKSUM: return "the model file was damaged";
    case ADDER_ARENA_TOO_SHORT: return "the arena is too short";
    case ADDER_MISALIGNED_ARENA: return "the arena is not aligned";
    case ADDER_UNAVAILABLE_OPERATION: return "an operation this library was built without";
    case ADDER_NULL_POINTER: return "a null pointer";
    case ADDER_NO_SUCH_TENSOR: return "no such input or output";
    case ADDER_SELF_TEST_FAILED: return "an output differs from the expected one";
    case ADDER_NO_DETECTION: return "the model does not say how its outputs become boxes";
    case ADDER_NO_CAPACITY: return "no memory for a box";
    default: return "an invalid model; docs/adb-format.md lists the reasons";
  }
}

#ifdef __clang__
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif
