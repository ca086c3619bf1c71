/* The peer of an adder layer: a plain int8 convolution, 3 x 3, [10, 10, 16] -> [8, 8, 16], in C.
 *
 *   out[y, x, n] = clamp((sum of in[y + i, x + j, c] * filter[n, i, j, c] + 1024) >> 11, -128, 127)
 *
 * The receptive field is gathered into one run of bytes and multiplied with two filters at a time.
 * Activations and filters are uniform in -128...127, from an xorshift generator with a fixed seed;
 * tools/rtl/report computes the checksum of the output independently.
 *
 * Prints the multiply-accumulates and the cycles of the layer. Built once for RV32I, where
 * __mulsi3 below multiplies, and once with Zmmul, the multiply instructions of the M extension. */
#include "board.h"
#include "result.h"

enum {
  inputSide = 10,
  outputSide = 8,
  channels = 16,
  rowBytes = 3 * channels,
  fieldBytes = 3 * rowBytes,
  shift = 11,
  operations = outputSide * outputSide * channels * fieldBytes,
};

/* Word-aligned, so that the gather moves words. */
static _Alignas(4) int8_t input[inputSide * inputSide * channels];
static int8_t filters[channels * fieldBytes];
static int8_t output[outputSide * outputSide * channels];
static _Alignas(4) int8_t field[fieldBytes];

#ifdef __riscv_zmmul
#define VARIANT "hardware multiply"
#else
#define VARIANT "software multiply"

/* a * b by shift and add over the bits of b until none is left: made positive first, an int8 takes
 * at most 8 rounds. In assembly, since clang turns the branch over the addition into two shifts by
 * 31, which cost a core without a barrel shifter far more. The compiler chooses which operand is
 * b (Swift 6.3's clang: the activation); both are distributed alike. */
__attribute__((naked)) int32_t __mulsi3(int32_t a, int32_t b) {
  __asm__("mv a2, a0\n"
          "li a0, 0\n"
          "beqz a1, 3f\n"
          "bgtz a1, 1f\n"
          "neg a1, a1\n"
          "neg a2, a2\n"
          "1: andi a3, a1, 1\n"
          "beqz a3, 2f\n"
          "add a0, a0, a2\n"
          "2: srli a1, a1, 1\n"
          "add a2, a2, a2\n"
          "bnez a1, 1b\n"
          "3: ret\n");
}
#endif

static void gather(const int8_t *corner) {
  uint32_t *to = (uint32_t *)field;
  for (int row = 0; row < 3; row++) {
    const uint32_t *from = (const uint32_t *)corner;
    for (int i = 0; i < rowBytes / 4; i++) *to++ = *from++;
    corner += inputSide * channels;
  }
}

static int8_t requantize(int32_t accumulator) {
  const int32_t value = (accumulator + (1 << (shift - 1))) >> shift;
  return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
}

/* The field times the filter at `filter` and the next one, to out[0] and out[1]. */
static void multiplyPair(const int8_t *filter, int8_t *out) {
  int32_t first = 0, second = 0;
#pragma clang loop unroll_count(8)
  for (int i = 0; i < fieldBytes; i++) {
    first += field[i] * filter[i];
    second += field[i] * filter[fieldBytes + i];
  }
  out[0] = requantize(first);
  out[1] = requantize(second);
}

static void convolve(void) {
  const int8_t *corner = input;
  int8_t *out = output;
  for (int y = 0; y < outputSide; y++) {
    for (int x = 0; x < outputSide; x++) {
      gather(corner);
      corner += channels;
      const int8_t *filter = filters;
      for (int n = 0; n < channels; n += 2) {
        multiplyPair(filter, out);
        filter += 2 * fieldBytes;
        out += 2;
      }
    }
    corner += (inputSide - outputSide) * channels;
  }
}

static void fill(int8_t *bytes, int count, uint32_t *state) {
  for (int i = 0; i < count; i++) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    bytes[i] = (int8_t)(*state >> 24);
  }
}

int main(void) {
  uint32_t state = 0x2545f491;
  fill(input, sizeof input, &state);
  fill(filters, sizeof filters, &state);

  const uint32_t start = board_count();
  convolve();
  const uint32_t cycles = board_count() - start;

  write_result("convolution, " VARIANT, operations, cycles, output, sizeof output);
  return 0;
}
