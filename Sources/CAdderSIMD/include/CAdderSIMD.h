// Kernels of layers for processors with wide vectors, which add, subtract, compare and shift, and look
// up tables: no multiplication. One table of functions for each instruction set, of which the best
// that the processor has is chosen once.
//
// A layer is computed in two steps, a chunk of output positions and a block of output channels at a
// time: sums of absolute differences or of products go to a buffer that stays in the first-level
// cache, and requantization takes them from there to every place where the layer's elements are read.
#ifndef CADDERSIMD_H
#define CADDERSIMD_H

#include <stddef.h>
#include <stdint.h>

// The output channels of a block, of which filters, sums and scales lie together, and half of it, which
// is a block of its own where there are no more.
#define ADDER_BLOCK 32
#define ADDER_HALF_BLOCK 16
// The most output positions of a chunk; sums are computed of multiples of ADDER_TILE.
#define ADDER_CHUNK 64
#define ADDER_TILE 8
// The bytes of a step, which sums take together from a patch and from each filter.
#define ADDER_STEP_BYTES 8

// The elements of a tensor, a buffer or the arena.
typedef enum {
  ADDER_UINT8,
  ADDER_INT16,
  ADDER_INT32,
  // uint16 of an int16 element plus 2^15: a patch's, so that its elements compare as unsigned numbers.
  ADDER_BIASED,
  // uint32 of an element of one byte, as `adder_products` wants it.
  ADDER_NIBBLES
} adder_element_type;

// The windows of a layer over a buffer of patch elements.
//
// Step j of a patch, its bytes 8j ... 8j + 7, lies at `input + positions[p] + taps[j]`. Bytes that are no elements are zero there and in the filters.
typedef struct {
  const uint8_t *input;
  // In bytes, for each output position, and ADDER_TILE more, which repeat the last.
  const uint32_t *positions;
  // In bytes, for each step, at least one.
  const uint32_t *taps;
  uint32_t tap_count;
} adder_windows;

// Sums of absolute differences, sums[p][o] = sum over k of |x[p][k] - f[o][k]| modulo 2^32, of `count`
// positions from `first` on, rounded up to ADDER_TILE, with a block of filters as
// `adder_pack_filters` writes it.
//
// `sums` has `lanes` elements a position: ADDER_BLOCK or ADDER_HALF_BLOCK.
typedef void adder_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t lanes, int32_t *sums);

// Sums of a depthwise layer of bytes, of which each channel has one filter: sums[p][c] = sum over t of
// |x[p][t][c] - f[t][c]| of ADDER_BLOCK channels. Tap t of position p has its first channel at
// `input + positions[p] + taps[t]`, its filters' elements at `filters + t * filter_step`.
typedef void adder_channel_sums(
    const adder_windows *windows, uint32_t first, uint32_t count, const uint8_t *filters,
    uint32_t filter_step, int32_t *sums);

// Sums of the windows of a pool modulo 2^32, or the largest of their elements, of uint8 or int16:
// tap t of channel c of position p is element positions[p] + taps[t] + c of the input. Of the channels
// from `channel` up to `end`, which are at most `lanes`.
typedef void adder_pooling(
    const adder_windows *windows, adder_element_type type, int is_maximum, uint32_t first,
    uint32_t count, uint32_t channel, uint32_t end, uint32_t lanes, int32_t *sums);

// A convolution's products with the elements of one byte, by look-up, for 16 output channels.
//
// `nibbles` holds for each element of the input its low four bits times 32 and, 16 bits higher, its
// high four bits times 32. Tap t of position p has its element at `nibbles[positions[p] + taps[t]]`,
// and its table at `tables + 256 * t`: 16 rows of products with 0 ... 15, each of 16 channels. The high
// bits' factor 16 comes last.
typedef struct {
  const uint32_t *nibbles;
  // As those of adder_windows, but in elements.
  const uint32_t *positions;
  const uint32_t *taps;
  const int16_t *tables;
  // Behind the last tap of each segment; the sums of 15 times each weight over a segment fit int16.
  const uint32_t *segment_ends;
  uint32_t segment_count;
} adder_products;

// sums[p][o] = sum over t of x[p][t] * w[o][t] modulo 2^32, of `count` positions, rounded up to 2.
typedef void adder_product_sums(
    const adder_products *products, uint32_t first, uint32_t count, int32_t *sums);

// The same for ADDER_CHUNK positions that lie together in planes: word `n` of `planes` is the low four
// bits of an element, word `n + high` its high ones. Tap t of position p has its element at word
// `taps[t] + p`. `tables` has, for each four output channels, for each tap, for each of the channels,
// 32 products, of which the first 16 are those with 0 ... 15.
typedef struct {
  const uint16_t *planes;
  size_t high;
  const uint32_t *taps;
  uint32_t tap_count;
  const int16_t *tables;
  const uint32_t *segment_ends;
} adder_planes;

// sums[p][o] = sum over t of x[p][t] * w[o][t] modulo 2^32, of ADDER_CHUNK positions.
typedef void adder_plane_sums(const adder_planes *planes, int32_t *sums);

// How the terms of 16 output channels are laid out in slots: so many that are all added, so many that
// are all subtracted, and then some of either sign.
typedef enum {
  ADDER_ENTRIES_110,
  ADDER_ENTRIES_111,
  ADDER_ENTRIES_121,
  ADDER_ENTRIES_112,
  ADDER_ENTRIES_122,
  ADDER_ENTRIES_113,
  ADDER_ENTRIES_222,
  // Eight of either sign, which hold every entry.
  ADDER_ENTRIES_008
} adder_entries_shape;

// The entries of 16 output channels in 32-bit arithmetic:
//
//     v = (bias + sum of (acc << shifts[i]) over added slots - the same over subtracted slots
//       + sum of ((acc << shifts[i]) ^ signs[j]) over slots of either sign) >> shift
//
// A slot without a term has the shift 32, which gives 0, and the sign 0. A sign of -1 makes of a term its
// negative less 1; that 1 is part of the bias, as is what the centre takes away.
typedef struct {
  int32_t bias[16];
  int32_t shifts[8][16];
  // Of the slots of either sign alone.
  int32_t signs[8][16];
  adder_entries_shape shape;
} adder_entries;

// The same in 64-bit arithmetic, in the first `slot_count` slots, all of either sign; a slot without a term
// has the shift 64.
typedef struct {
  uint32_t slot_count;
  int64_t bias[16];
  uint64_t shifts[8][16];
  uint64_t signs[8][16];
} adder_wide_entries;

// Where elements of a layer's output go, or its residual's come from.
//
// Elements of position p lie from index `offsets[p]` on.
typedef struct {
  void *base;
  const uint32_t *offsets;
  adder_element_type type;
  // Whether elements are converted to those of a patch:
  // clamp((y + conversion_bias) >> conversion_shift, lowest, highest).
  int32_t converts;
  int32_t conversion_bias;
  int32_t conversion_shift;
  int32_t lowest;
  int32_t highest;
  // The channels of a group, and the elements from one group to the next; of use to staging alone.
  uint32_t group_channels;
  uint32_t group_step;
  // Makes 64 bytes of it, so that no index of places is multiplied.
  uint64_t unused[2];
} adder_place;

// How sums become elements: y = clamp(v + residual, lowest, highest), stored to each place.
typedef struct {
  int32_t shift;
  int32_t lowest;
  int32_t highest;
  // The base is NULL without a residual; it has no groups, and converts nothing.
  adder_place residual;
  const adder_place *places;
  uint32_t place_count;
} adder_scale;

// Stores the elements of `count` positions from `first` on, at most ADDER_CHUNK, of the channels from
// `channel` up to `end`, which are at most `lanes`. `entries` are theirs, 16 channels in each.
typedef void adder_scaling(
    const adder_scale *scale, const adder_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums);

// The same in 64-bit arithmetic.
typedef void adder_wide_scaling(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t first, uint32_t count,
    uint32_t channel, uint32_t end, uint32_t lanes, const int32_t *sums);

// The same of one position whose sums have 64 bits, and of at most 16 channels.
typedef void adder_wide_position_scaling(
    const adder_scale *scale, const adder_wide_entries *entries, uint32_t position,
    uint32_t channel, uint32_t end, const int64_t *sums);

// Copies elements of a tensor, [count][channels], to the positions of a place from `first` on, converted
// if it asks for it.
typedef void adder_staging(
    const void *elements, adder_element_type type, uint32_t channels, const adder_place *place,
    uint32_t first, uint32_t count);

// Runs of elements of a tensor: that of position p begins at element positions[p].
typedef struct {
  const void *elements;
  adder_element_type type;
  const uint32_t *positions;
  // Elements from one of a run to the next, and how many a run has.
  uint32_t step;
  uint32_t run;
} adder_runs;

// Copies the runs of `count` positions from `first` on to those of a place, converted if it asks for it.
typedef void adder_copying(
    const adder_runs *runs, const adder_place *place, uint32_t first, uint32_t count);

// A tensor that is added: the sum of x << shifts[i] over its terms, each complemented where its sign is
// -1 and not 0; the 1 that a negative number lacks is part of the addition's bias.
typedef struct {
  const void *elements;
  adder_element_type type;
  uint32_t term_count;
  uint32_t shifts[8];
  int32_t signs[8];
} adder_addend;

// y = clamp((bias + first + second) >> scale->shift, lowest, highest) in 32 or 64 bits.
typedef struct {
  adder_addend first;
  adder_addend second;
  int64_t bias;
  int32_t is_wide;
  uint32_t channels;
  // The first element of each position, of both.
  const uint32_t *offsets;
} adder_addition;

// Stores the elements of `count` positions from `first` on to the places of a scale, whose residual
// means nothing. A place may be that of an addend.
typedef void adder_adding(
    const adder_addition *addition, const adder_scale *scale, uint32_t first, uint32_t count);

// A function of each element, by a table: of uint8 elements T[x], of int16 ones a line between two
// entries,
//
//     v = ((T[i] << segment_shift) + r * (T[i + 1] - T[i]) + 2^(shift - 1)) >> shift
//
// with u = x + 2^15, i = u >> segment_shift and the bits r of u below, the product a sum of shifts.
typedef struct {
  const void *elements;
  adder_element_type type;
  // The first element of each position.
  const uint32_t *positions;
  const int32_t *tables;
  // Entries from the table of a channel to the next; 0 where all channels share one.
  uint32_t table_step;
  uint32_t segment_shift;
  uint32_t shift;
} adder_lookup;

// sums[p][c] = v of `count` positions from `first` on, of the channels from `channel` up to `end`,
// which are at most `lanes`.
void adder_look_up(
    const adder_lookup *lookup, uint32_t first, uint32_t count, uint32_t channel, uint32_t end,
    uint32_t lanes, int32_t *sums);

// The kernels of an instruction set.
typedef struct {
  const char *name;
  // The filters whose bytes of one step lie together, and how many of them one vector holds.
  uint32_t filters_of_step;
  uint32_t filters_of_vector;
  adder_sums *byte_sums;
  adder_sums *half_sums;
  adder_channel_sums *channel_sums;
  adder_pooling *pool;
  adder_scaling *scale;
  adder_wide_scaling *scale_wide;
  adder_wide_position_scaling *scale_wide_position;
  adder_product_sums *product_sums;
  // NULL where product_sums is as fast.
  adder_plane_sums *plane_sums;
  adder_staging *stage;
  adder_copying *copy;
  adder_adding *add;
  // Computes differences in registers alone, `repetitions` times as many as are returned.
  uint32_t (*ceiling)(uint32_t repetitions);
} adder_simd;

// The instruction sets that were compiled in, best first; the last is portable C.
uint32_t adder_simd_count(void);
const adder_simd *adder_simd_at(uint32_t index);
// Whether the processor has it.
int adder_simd_is_available(uint32_t index);

// Widens the elements of a patch: patch[t] = x[position + taps[t]], of uint8 or int16.
void adder_widen_patch(
    const void *elements, adder_element_type type, uint32_t position, const uint32_t *taps,
    uint32_t tap_count, int32_t *patch);

// Writes the low and the high four bits of `count` elements, `step` bytes from one to the next.
void adder_split_nibbles(
    const uint8_t *elements, uint32_t step, uint32_t count, uint16_t *low, uint16_t *high);

// Sums of a convolution at one position modulo 2^64, from the digits of `channel_count` channels as they
// lie in a model file.
void adder_digit_sums(
    const int32_t *patch, const uint16_t *digits, uint32_t channel_count, int64_t *sums);

// Arranges a block of `lanes` filters, each of `row_bytes` bytes, a multiple of ADDER_STEP_BYTES, for
// the sums of an instruction set.
void adder_pack_filters(
    const adder_simd *simd, const uint8_t *rows, uint32_t row_bytes, uint32_t lanes,
    uint8_t *packed);

// Copies patches byte for byte: runs of `run_bytes` at `input + positions[p] + runs[r]`, one behind the
// other and zeros behind the last, to each `patch_bytes` from `patches` on. Up to ADDER_GATHER_MARGIN
// bytes more are read behind each run and written behind the last patch.
#define ADDER_GATHER_MARGIN 16
void adder_gather(
    const adder_windows *runs, uint32_t run_bytes, uint32_t first, uint32_t count,
    uint8_t *patches, uint32_t patch_bytes);

// Threads that run one function together, the caller's among them.
typedef struct adder_team adder_team;

// A team of `count` threads, at least one; NULL if the system gives none.
adder_team *adder_team_begin(uint32_t count);
// Calls `body` on each thread, on the caller's as thread 0, and returns when all have come back.
void adder_team_run(
    adder_team *team, void (*body)(void *context, uint32_t thread), void *context);
// Called by each thread in a body: none returns before all have called.
void adder_team_barrier(adder_team *team);
// Ends the threads, which run nothing.
void adder_team_end(adder_team *team);

#endif
