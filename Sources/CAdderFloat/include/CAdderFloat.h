// Sums of a float network's layers, on the widest vectors that the processor has.
//
// Every sum adds its terms one after the other, each rounded to single precision, so that all
// processors give the same bits.
#ifndef C_ADDER_FLOAT_H
#define C_ADDER_FLOAT_H

#include <stddef.h>

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

#endif
