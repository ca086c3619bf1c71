// Kernels that sum: differences, of bytes, halves and single channels, and products. For kernels.c.
#include "checks.h"

// Sums of differences of bytes or of biased halves, up to the longest patches, all of one value too.
static void check_sums(const adder_simd *simd, int is_half) {
  const uint32_t lanes = draw() % 2 ? ADDER_HALF_BLOCK : ADDER_BLOCK;
  const uint32_t step = ADDER_STEP_BYTES;
  const int is_long = draw() % 40 == 0, is_extreme = is_long || draw() % 8 == 0;
  const uint32_t taps = is_long ? (is_half ? 2 * 65536 : 65536) / step : pick(1, 40);
  const uint32_t row = taps * step, count = is_long ? pick(1, 4) : pick(1, ADDER_CHUNK);
  const uint32_t stored = (count + ADDER_TILE - 1) / ADDER_TILE * ADDER_TILE;
  const uint32_t extent = pick(0, 300);
  memory input = allocate(row + extent), rows = allocate((size_t)row * lanes);
  memory packed = allocate((size_t)row * lanes), sums = allocate(4 * (size_t)lanes * stored);
  memory positions = allocate(4 * ((size_t)count + ADDER_TILE)), offsets = allocate(4 * (size_t)taps);
  for (uint32_t i = 0; i < row + extent; i++)
    input.bytes[i] = (uint8_t)(is_extreme ? 255 : number(255));
  for (uint32_t i = 0; i < row * lanes; i++)
    rows.bytes[i] = (uint8_t)(is_extreme ? 0 : number(255));
  uint32_t *position = (uint32_t *)positions.bytes, *tap = (uint32_t *)offsets.bytes;
  for (uint32_t p = 0; p < count + ADDER_TILE; p++)
    position[p] = p < count ? pick(0, extent) : position[count - 1];
  for (uint32_t j = 0; j < taps; j++) tap[j] = is_long ? j * step : pick(0, taps - 1) * step;
  adder_pack_filters(simd, rows.bytes, row, lanes, packed.bytes);
  const adder_windows windows = {input.bytes, position, tap, taps};
  (is_half ? simd->half_sums : simd->byte_sums)(
      &windows, 0, count, packed.bytes, lanes, (int32_t *)sums.bytes);
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t o = 0; o < lanes; o++) {
      uint32_t sum = 0;
      for (uint32_t k = 0; k < row; k += is_half ? 2 : 1) {
        const uint8_t *x = input.bytes + position[p] + tap[k / step] + k % step;
        const uint8_t *f = rows.bytes + (size_t)o * row + k;
        uint16_t a = *x, b = *f;
        if (is_half) {
          memcpy(&a, x, 2);
          memcpy(&b, f, 2);
        }
        sum += a > b ? (uint32_t)(a - b) : (uint32_t)(b - a);
      }
      check(((uint32_t *)sums.bytes)[p * lanes + o] == sum, "a sum differs", simd);
    }
  }
  release(input, "sums wrote to the input", simd);
  release(rows, "packing wrote to rows", simd);
  release(packed, "packing wrote beyond filters", simd);
  release(sums, "sums wrote beyond their buffer", simd);
  release(positions, "sums wrote to positions", simd);
  release(offsets, "sums wrote to taps", simd);
}

static void check_channels(const adder_simd *simd) {
  const uint32_t taps = pick(1, 30), step = ADDER_BLOCK * pick(1, 2), count = pick(1, ADDER_CHUNK);
  const uint32_t extent = pick(0, 300);
  memory input = allocate(extent + ADDER_BLOCK), filters = allocate((size_t)step * taps);
  memory sums = allocate(4 * (size_t)ADDER_BLOCK * count);
  uint32_t positions[ADDER_CHUNK], offsets[30];
  for (size_t i = 0; i < input.count; i++) input.bytes[i] = (uint8_t)number(255);
  for (size_t i = 0; i < filters.count; i++) filters.bytes[i] = (uint8_t)number(255);
  for (uint32_t t = 0; t < taps; t++) offsets[t] = pick(0, extent / 2);
  for (uint32_t p = 0; p < count; p++) positions[p] = pick(0, extent / 2);
  const adder_windows windows = {input.bytes, positions, offsets, taps};
  simd->channel_sums(&windows, 0, count, filters.bytes, step, (int32_t *)sums.bytes);
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t c = 0; c < ADDER_BLOCK; c++) {
      int32_t sum = 0;
      for (uint32_t t = 0; t < taps; t++)
        sum += abs(input.bytes[positions[p] + offsets[t] + c] - filters.bytes[t * step + c]);
      check(((int32_t *)sums.bytes)[p * ADDER_BLOCK + c] == sum, "a channel's sum differs", simd);
    }
  }
  release(input, "channel sums wrote to the input", simd);
  release(filters, "channel sums wrote to filters", simd);
  release(sums, "channel sums wrote beyond their buffer", simd);
}

static void check_products(const adder_simd *simd) {
  const uint32_t taps = pick(1, 30), count = pick(1, ADDER_CHUNK), extent = pick(1, 50);
  const uint32_t stored = (count + 1) / 2 * 2, split = pick(1, taps);
  int16_t weights[30][16];
  memory nibbles = allocate(4 * (size_t)(taps + extent)), tables = allocate(512 * (size_t)taps);
  memory sums = allocate(64 * (size_t)stored), positions = allocate(4 * ((size_t)count + ADDER_TILE));
  uint32_t offsets[30];
  uint32_t *nibble = (uint32_t *)nibbles.bytes, *position = (uint32_t *)positions.bytes;
  for (uint32_t i = 0; i < taps + extent; i++) {
    const uint32_t x = number(255);
    nibble[i] = (x & 15) << 5 | (x >> 4) << 21;
  }
  for (uint32_t t = 0; t < taps; t++) {
    offsets[t] = pick(0, taps - 1);
    for (int c = 0; c < 16; c++) {
      weights[t][c] = (int16_t)((int32_t)pick(0, 140) - 70);
      for (int n = 0; n < 16; n++)
        ((int16_t *)tables.bytes)[256 * t + 16 * n + c] = (int16_t)(n * weights[t][c]);
    }
  }
  for (uint32_t p = 0; p < count + ADDER_TILE; p++)
    position[p] = p < count ? pick(0, extent) : position[count - 1];
  const uint32_t ends[2] = {split, taps};
  const adder_products products = {
      nibble, position, offsets, (const int16_t *)tables.bytes, ends, 2};
  simd->product_sums(&products, 0, count, (int32_t *)sums.bytes);
  for (uint32_t p = 0; p < count; p++) {
    for (int c = 0; c < 16; c++) {
      int32_t sum = 0;
      for (uint32_t t = 0; t < taps; t++) {
        const uint32_t n = nibble[position[p] + offsets[t]];
        sum += weights[t][c] * (int32_t)((n >> 5 & 15) | (n >> 21) << 4);
      }
      check(((int32_t *)sums.bytes)[16 * p + (uint32_t)c] == sum, "a product sum differs", simd);
    }
  }
  release(nibbles, "products wrote to the input", simd);
  release(tables, "products wrote to tables", simd);
  release(sums, "products wrote beyond their buffer", simd);
  release(positions, "products wrote to positions", simd);
}

static void check_planes(const adder_simd *simd) {
  if (!simd->plane_sums) return;
  const uint32_t taps = pick(1, 30), extent = pick(1, 200), split = pick(1, taps);
  const size_t words = extent + ADDER_CHUNK;
  int16_t weights[16][30];
  memory planes = allocate(4 * words), tables = allocate(1024 * (size_t)taps);
  memory sums = allocate(64 * (size_t)ADDER_CHUNK);
  uint32_t offsets[30];
  uint16_t *low = (uint16_t *)planes.bytes, *high = low + words;
  for (size_t i = 0; i < words; i++) {
    const uint8_t x = (uint8_t)number(255);
    adder_split_nibbles(&x, 1, 1, low + i, high + i);
  }
  for (uint32_t t = 0; t < taps; t++) {
    offsets[t] = pick(0, extent);
    for (uint32_t c = 0; c < 16; c++) {
      weights[c][t] = (int16_t)((int32_t)pick(0, 140) - 70);
      int16_t *table = (int16_t *)tables.bytes + 32 * (4 * (c / 4 * taps + t) + c % 4);
      for (int n = 0; n < 32; n++) table[n] = (int16_t)(n < 16 ? n * weights[c][t] : (int)number(255));
    }
  }
  const uint32_t ends[2] = {split, taps};
  const adder_planes record = {low, words, offsets, taps, (const int16_t *)tables.bytes, ends};
  simd->plane_sums(&record, (int32_t *)sums.bytes);
  for (uint32_t p = 0; p < ADDER_CHUNK; p++) {
    for (uint32_t c = 0; c < 16; c++) {
      int32_t sum = 0;
      for (uint32_t t = 0; t < taps; t++)
        sum += weights[c][t] * (low[offsets[t] + p] + 16 * high[offsets[t] + p]);
      check(((int32_t *)sums.bytes)[16 * p + c] == sum, "a sum of planes differs", simd);
    }
  }
  release(planes, "planes were written to", simd);
  release(tables, "sums of planes wrote to tables", simd);
  release(sums, "sums of planes wrote beyond their buffer", simd);
}
