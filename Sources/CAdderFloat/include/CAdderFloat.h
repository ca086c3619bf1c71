// Loops over a network's values in single precision, on the widest vectors that the processor has
// where that pays.
//
// Every sum adds its terms one after the other, each rounded, so that all processors give the same
// bits.
#ifndef C_ADDER_FLOAT_H
#define C_ADDER_FLOAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Filters of one block, and patches of one tile.
#define ADDER_FLOAT_BLOCK 16
#define ADDER_FLOAT_TILE 4

// For each patch p and filter f of a block: sums[p][f] = sum over c and t of |x - filters[c][t][f]|,
// or of x * filters[c][t][f], with x = taps[p][t][c].
//
//   taps     [tile_count * ADDER_FLOAT_TILE][area], each the address of an element's channels
//   filters  [channels][area][ADDER_FLOAT_BLOCK]
//   sums     [tile_count * ADDER_FLOAT_TILE][ADDER_FLOAT_BLOCK]
void adder_float_differences(
    const float *const *taps, const float *filters, size_t channels, size_t area,
    size_t tile_count, float *sums);
void adder_float_products(
    const float *const *taps, const float *filters, size_t channels, size_t area,
    size_t tile_count, float *sums);

// slope * (sign * x + bias - centre) + offset, of each channel.
typedef struct {
  float sign, bias, centre, slope, offset;
} adder_float_line;

void adder_float_apply_lines(
    float *values, size_t positions, size_t channels, const adder_float_line *lines);

// min(max(x + residual, lower), upper) of the values from `first` on; a residual of NULL is zero.
void adder_float_finish(
    float *values, const float *residual, size_t first, size_t count, float lower, float upper);

// clamp(((multiplier * (x - centre) + bias) >> shift) + residual, lower, upper), of each channel, of
// the values from `first` on; all are integers, and a residual of NULL is zero.
typedef struct {
  int64_t multiplier, centre, bias;
} adder_float_scale;

void adder_float_requantize(
    float *values, const float *residual, size_t first, size_t positions, size_t channels,
    const adder_float_scale *scales, int64_t shift, int32_t lower, int32_t upper);

// clamp(((x + 2^(shift-1)) >> shift) + offset, lower, upper), of integers below 2^30.
void adder_float_convert(
    float *values, size_t count, int32_t shift, int32_t offset, int32_t lower, int32_t upper);

// The least and the largest value; false if one is infinite or no number, or if there is none.
bool adder_float_range(const float *values, size_t count, float *minimum, float *maximum);

// Counts values by floor(x * bins_per_unit) + zero_bin; of each bin in two places, by turns, as most
// values may fall into one. No value may be outside the bins.
void adder_float_count(
    const float *values, size_t count, double bins_per_unit, int32_t zero_bin,
    uint32_t (*counts)[2]);

// For each channel the sums of t, r, t*t, t*r and r*r over positions, the first element of which is
// `first`, added to `sums`: t is the value less the channel's centre, and r what factor * t + offset
// leaves of (wanted + drift) / scale. Drift is by how much a stream's integers are too low, which stand
// for (q - zero_point) * stream_scale; a stream of NULL has none.
//
//   targets  [factor, centre, offset][channels]
//   sums     [t, r, t*t, t*r, r*r][channels]
void adder_float_residuals(
    const float *values, const float *wanted, const float *stream, const float *stream_integers,
    double zero_point, double stream_scale, double scale, size_t first, size_t positions,
    size_t channels, const double *targets, double *sums);

#endif
