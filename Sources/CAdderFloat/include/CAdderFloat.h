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

// For each patch p and filter f of a block: sums[p][f] = sum over k of |patches[p][k] - filters[k][f]|,
// or of patches[p][k] * filters[k][f].
//
//   patches  [tile_count * ADDER_FLOAT_TILE][k]
//   filters  [k][ADDER_FLOAT_BLOCK]
//   sums     [tile_count * ADDER_FLOAT_TILE][ADDER_FLOAT_BLOCK]
void adder_float_differences(
    const float *patches, const float *filters, size_t k, size_t tile_count, float *sums);
void adder_float_products(
    const float *patches, const float *filters, size_t k, size_t tile_count, float *sums);

#endif
