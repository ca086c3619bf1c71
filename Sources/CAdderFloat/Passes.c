// Loops that memory bounds, which the compiler turns into vectors of the baseline.
#include "CAdderFloat.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#pragma STDC FP_CONTRACT OFF

void adder_float_apply_lines(
    float *values, size_t positions, size_t channels, const adder_float_line *lines) {
  for (size_t p = 0; p < positions; p++, values += channels) {
    for (size_t c = 0; c < channels; c++) {
      const adder_float_line l = lines[c];
      values[c] = l.slope * (l.sign * values[c] + l.bias - l.centre) + l.offset;
    }
  }
}

INLINE void finish(float *values, const float *residual, size_t count, float lower, float upper) {
  for (size_t i = 0; i < count; i++) {
    float x = values[i] + (residual ? residual[i] : 0);
    x = lower >= x ? lower : x;
    values[i] = upper < x ? upper : x;
  }
}

void adder_float_finish(
    float *values, const float *residual, size_t first, size_t count, float lower, float upper) {
  if (residual) {
    finish(values + first, residual + first, count, lower, upper);
  } else {
    finish(values + first, NULL, count, lower, upper);
  }
}

void adder_float_requantize(
    float *values, const float *residual, size_t first, size_t positions, size_t channels,
    const adder_float_scale *scales, int64_t shift, int32_t lower, int32_t upper) {
  for (size_t i = first, p = 0; p < positions; p++) {
    for (size_t c = 0; c < channels; c++, i++) {
      const adder_float_scale s = scales[c];
      const int64_t x = (s.multiplier * ((int64_t)values[i] - s.centre) + s.bias) >> shift;
      // Floating-point numbers are clamped without a branch that may be taken as often as not.
      double y = x + (residual ? (int64_t)residual[i] : 0);
      y = y < lower ? lower : y;
      values[i] = y > upper ? upper : y;
    }
  }
}

void adder_float_convert(
    float *values, size_t count, int32_t shift, int32_t offset, int32_t lower, int32_t upper) {
  const int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
  for (size_t i = 0; i < count; i++) {
    int32_t x = (((int32_t)values[i] + half) >> shift) + offset;
    x = x < lower ? lower : x;
    values[i] = x > upper ? upper : x;
  }
}

// Integers in the order of the floats whose bits they are, and back.
INLINE int32_t ordered(int32_t bits) { return bits ^ (bits >> 31 & INT32_MAX); }

bool adder_float_range(const float *values, size_t count, float *minimum, float *maximum) {
  int32_t low = INT32_MAX, high = INT32_MIN;
  for (size_t i = 0; i < count; i++) {
    int32_t bits;
    memcpy(&bits, values + i, 4);
    const int32_t x = ordered(bits);
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  low = ordered(low);
  high = ordered(high);
  memcpy(minimum, &low, 4);
  memcpy(maximum, &high, 4);
  return isfinite(*minimum) && isfinite(*maximum);
}

void adder_float_count(
    const float *values, size_t count, double bins_per_unit, int32_t zero_bin,
    uint32_t (*counts)[2]) {
  for (size_t i = 0; i < count; i++) {
    const double x = values[i] * bins_per_unit;
    const int32_t whole = (int32_t)x;
    counts[whole - (whole > x) + zero_bin][i & 1]++;
  }
}

INLINE void residuals(
    const float *values, const float *wanted, const float *stream, const float *stream_integers,
    double zero_point, double stream_scale, double scale, size_t first, size_t positions,
    size_t channels, const double *targets, double *sums) {
  const double *factors = targets, *centres = factors + channels, *offsets = centres + channels;
  double *t_sums = sums, *r_sums = t_sums + channels, *tt_sums = r_sums + channels;
  double *tr_sums = tt_sums + channels, *rr_sums = tr_sums + channels;
  for (size_t i = first, p = 0; p < positions; p++, i += channels) {
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < channels; c++) {
      float drift = 0;
      if (stream) {
        const double real = (stream_integers[i + c] - zero_point) * stream_scale;
        drift = stream[i + c] - (float)real;
      }
      const double z = (double)(wanted[i + c] + drift) / scale;
      const double t = values[i + c] - centres[c];
      const double r = z - factors[c] * t - offsets[c];
      t_sums[c] += t;
      r_sums[c] += r;
      tt_sums[c] += t * t;
      tr_sums[c] += t * r;
      rr_sums[c] += r * r;
    }
  }
}

void adder_float_residuals(
    const float *values, const float *wanted, const float *stream, const float *stream_integers,
    double zero_point, double stream_scale, double scale, size_t first, size_t positions,
    size_t channels, const double *targets, double *sums) {
  if (stream) {
    residuals(
        values, wanted, stream, stream_integers, zero_point, stream_scale, scale, first, positions,
        channels, targets, sums);
  } else {
    residuals(
        values, wanted, NULL, NULL, 0, 0, scale, first, positions, channels, targets, sums);
  }
}
