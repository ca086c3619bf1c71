// Compares the kernels of every instruction set that this processor has with loops that define them:
// random shapes, elements at the ends of their ranges, sums at the limits of accumulators, guard bytes
// around every buffer. Exits 1 at the first difference.
//
//   kernels [SEED] [CASES]
#include <pthread.h>
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

static const size_t sizes[] = {1, 2, 4, 2, 4};

static int32_t element_at(const adder_place *place, size_t index) {
  switch (place->type) {
    case ADDER_UINT8: return ((uint8_t *)place->base)[index];
    case ADDER_INT16: return ((int16_t *)place->base)[index];
    case ADDER_BIASED: return (int32_t)((uint16_t *)place->base)[index] - 0x8000;
    case ADDER_INT32: return ((int32_t *)place->base)[index];
    default: {
      const uint32_t n = ((uint32_t *)place->base)[index];
      return (int32_t)((n >> 5 & 15) | (n >> 21) << 4);
    }
  }
}

static void check_scale(const adder_simd *simd, int is_wide) {
  const uint32_t lanes = draw() % 2 ? ADDER_HALF_BLOCK : ADDER_BLOCK;
  const uint32_t channel = 16 * pick(0, 2), end = channel + (draw() % 2 ? lanes : pick(1, lanes));
  const uint32_t count = pick(1, ADDER_CHUNK), channels = end + pick(0, 3);
  static const uint32_t shapes[][3] = {
      {1, 1, 0}, {1, 1, 1}, {1, 2, 1}, {1, 1, 2}, {1, 2, 2}, {1, 1, 3}, {2, 2, 2}, {0, 0, 8}};
  memory sums = allocate(4 * (size_t)lanes * count), offsets = allocate(4 * (size_t)count);
  memory residuals = allocate(2 * (size_t)channels * count);
  uint32_t *offset = (uint32_t *)offsets.bytes;
  for (uint32_t p = 0; p < count; p++) offset[p] = channels * p;
  for (uint32_t i = 0; i < lanes * count; i++)
    ((int32_t *)sums.bytes)[i] = (int32_t)(draw() % 3 ? draw() >> 12 : draw());
  for (size_t i = 0; i < residuals.count; i++) residuals.bytes[i] = (uint8_t)number(255);
  adder_entries entries[2];
  adder_wide_entries wide[2];
  adder_scale scale;
  memset(&scale, 0, sizeof scale);
  memset(wide, 0, sizeof wide);
  for (int e = 0; e < 2; e++) {
    wide[e].slot_count = pick(0, 8);
    entries[e].shape = (adder_entries_shape)pick(0, 7);
    for (int c = 0; c < 16; c++) {
      entries[e].bias[c] = (int32_t)draw();
      wide[e].bias[c] = -((int64_t)draw() << pick(0, 31));
      for (uint32_t i = 0; i < 8; i++) {
        entries[e].shifts[i][c] = (int32_t)pick(0, 32);
        entries[e].signs[i][c] = entries[e].shifts[i][c] == 32 ? 0 : -(int32_t)(draw() % 2);
        wide[e].shifts[i][c] = draw() % 4 ? pick(0, 62) : 64;
        wide[e].signs[i][c] = wide[e].shifts[i][c] < 64 && draw() % 2 ? UINT64_MAX : 0;
      }
    }
  }
  adder_place places[3];
  memory outputs[3];
  scale.shift = (int32_t)pick(0, is_wide ? 62 : 31);
  const adder_element_type first_type = (adder_element_type)pick(0, 4);
  const int is_byte = first_type == ADDER_UINT8 || first_type == ADDER_NIBBLES;
  const int is_word = first_type == ADDER_INT32;
  scale.lowest = is_byte ? (int32_t)pick(0, 9) : is_word ? INT32_MIN : -32768;
  scale.highest = is_byte ? 255 - (int32_t)pick(0, 9) : is_word ? INT32_MAX : 32767;
  scale.place_count = pick(1, 3);
  for (uint32_t i = 0; i < scale.place_count; i++) {
    adder_place *place = &places[i];
    memset(place, 0, sizeof *place);
    place->type = first_type;
    if (i > 0 && !is_word) {
      place->converts = 1;
      place->conversion_shift = (int32_t)pick(0, 15);
      place->conversion_bias = (int32_t)draw() >> (draw() % 2 ? 16 : 8);
      place->lowest = (int32_t)pick(0, 9);
      place->highest = (int32_t)pick(100, 255);
      place->type = draw() % 2 ? ADDER_UINT8 : ADDER_NIBBLES;
    }
    outputs[i] = allocate(sizes[place->type] * channels * count);
    memset(outputs[i].bytes, 0x77, outputs[i].count);
    place->base = outputs[i].bytes;
    place->offsets = offset;
  }
  scale.places = places;
  const uint32_t residual = pick(0, 2);
  if (residual) {
    scale.residual.base = residuals.bytes;
    scale.residual.type = residual == 1 ? ADDER_UINT8 : ADDER_INT16;
    scale.residual.offsets = offset;
  }
  if (is_wide) {
    simd->scale_wide(&scale, wide, 0, count, channel, end, lanes, (int32_t *)sums.bytes);
  } else {
    simd->scale(&scale, entries, 0, count, channel, end, lanes, (int32_t *)sums.bytes);
  }
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t c = channel; c < end; c++) {
      const uint32_t lane = c - channel, e = lane / 16;
      const int32_t acc = ((int32_t *)sums.bytes)[p * lanes + lane];
      const int32_t r = residual ? element_at(&scale.residual, offset[p] + c) : 0;
      int64_t v;
      if (is_wide) {
        uint64_t w = (uint64_t)wide[e].bias[lane % 16];
        for (uint32_t i = 0; i < wide[e].slot_count; i++) {
          const uint64_t shift = wide[e].shifts[i][lane % 16];
          const uint64_t term = shift == 64 ? 0 : (uint64_t)(int64_t)acc << shift;
          w += term ^ wide[e].signs[i][lane % 16];
        }
        v = (int64_t)((uint64_t)((int64_t)w >> scale.shift) + (uint64_t)(int64_t)r);
      } else {
        const uint32_t *shape = shapes[entries[e].shape];
        uint32_t w = (uint32_t)entries[e].bias[lane % 16];
        for (uint32_t i = 0; i < shape[0] + shape[1] + shape[2]; i++) {
          const int32_t k = entries[e].shifts[i][lane % 16];
          const uint32_t term = k == 32 ? 0 : (uint32_t)acc << k;
          if (i < shape[0]) {
            w += term;
          } else if (i < shape[0] + shape[1]) {
            w -= term;
          } else {
            w += term ^ (uint32_t)entries[e].signs[i - shape[0] - shape[1]][lane % 16];
          }
        }
        v = (int32_t)((uint32_t)((int32_t)w >> scale.shift) + (uint32_t)r);
      }
      v = v < scale.lowest ? scale.lowest : v > scale.highest ? scale.highest : v;
      for (uint32_t i = 0; i < scale.place_count; i++) {
        const adder_place *place = &places[i];
        int32_t y = (int32_t)v;
        if (place->converts) {
          y = (y + place->conversion_bias) >> place->conversion_shift;
          y = y < place->lowest ? place->lowest : y > place->highest ? place->highest : y;
        }
        check(element_at(place, offset[p] + c) == y, "a scaled element differs", simd);
      }
    }
    // Other channels are as they were.
    for (uint32_t i = 0; i < scale.place_count; i++) {
      const size_t size = sizes[places[i].type];
      const uint8_t *row = outputs[i].bytes + size * offset[p];
      for (size_t b = 0; b < size * channels; b++)
        check(
            (b >= size * channel && b < size * end) || row[b] == 0x77,
            "scaling wrote to other channels", simd);
    }
  }
  for (uint32_t i = 0; i < scale.place_count; i++)
    release(outputs[i], "scaling wrote beyond a place", simd);
  release(sums, "scaling wrote to sums", simd);
  release(offsets, "scaling wrote to offsets", simd);
  release(residuals, "scaling wrote to the residual", simd);
}

static void check_layout(const adder_simd *simd) {
  const uint32_t groups = pick(1, 3), group = pick(1, 20), gap = pick(0, 3), count = pick(1, 20);
  const uint32_t channels = groups * group, step = groups * (group + gap);
  memory source = allocate(channels * count + ADDER_GATHER_MARGIN), target = allocate(step * count);
  uint32_t offsets[20 + ADDER_TILE];
  for (uint32_t p = 0; p < count; p++) offsets[p] = step * (count - 1 - p);
  if (draw() % 2)
    for (uint32_t p = 0; p < count; p++) offsets[p] = step * p;
  for (size_t i = 0; i < source.count; i++) source.bytes[i] = (uint8_t)draw();
  memset(target.bytes, 0x77, target.count);
  const adder_place place = {
      .base = target.bytes, .offsets = offsets, .type = ADDER_UINT8, .group_channels = group,
      .group_step = group + gap};
  simd->stage(source.bytes, ADDER_UINT8, channels, &place, 0, count);
  for (uint32_t p = 0; p < count; p++)
    for (uint32_t g = 0; g < groups; g++)
      for (uint32_t c = 0; c < group + gap; c++)
        check(
            target.bytes[offsets[p] + g * (group + gap) + c] ==
                (c < group ? source.bytes[p * channels + g * group + c] : 0x77),
            "a staged element differs", simd);

  uint32_t taps[6], sums[ADDER_BLOCK];
  const uint32_t tap_count = pick(1, 6), lanes = draw() % 2 ? 16 : 32;
  for (uint32_t t = 0; t < tap_count; t++) taps[t] = pick(0, count - 1) * channels;
  const uint32_t zero[1] = {0}, last = channels < lanes ? channels : lanes;
  const int is_maximum = draw() % 2;
  const adder_windows windows = {source.bytes, zero, taps, tap_count};
  simd->pool(
      &windows, ADDER_UINT8, is_maximum, 0, 1, 0, last, lanes, (int32_t *)sums);
  for (uint32_t c = 0; c < last; c++) {
    uint32_t sum = 0;
    for (uint32_t t = 0; t < tap_count; t++) {
      const uint8_t x = source.bytes[taps[t] + c];
      sum = is_maximum ? (x > sum ? x : sum) : sum + x;
    }
    check(sums[c] == sum, "a pooled element differs", simd);
  }

  const uint32_t run = pick(1, channels), patch = tap_count * run + pick(0, 15);
  memory patches = allocate(patch + ADDER_GATHER_MARGIN);
  const adder_windows runs = {source.bytes, zero, taps, tap_count};
  adder_gather(&runs, run, 0, 1, patches.bytes, patch);
  for (uint32_t k = 0; k < patch; k++)
    check(
        patches.bytes[k] == (k < tap_count * run ? source.bytes[taps[k / run] + k % run] : 0),
        "a gathered byte differs", simd);
  release(patches, "gathering wrote beyond patches", simd);
  release(source, "staging wrote to elements", simd);
  release(target, "staging wrote beyond its place", simd);
}

// Runs copied to places of any type, which have gaps between them.
static void check_copies(const adder_simd *simd) {
  const adder_element_type type = (adder_element_type)pick(0, 2);
  const uint32_t run = pick(1, 70), step = draw() % 3 ? 1 : pick(2, 9), count = pick(1, 20);
  const uint32_t gap = draw() % 2 ? 0 : pick(1, 3), span = (run - 1) * step + 1;
  memory source = allocate(sizes[type] * (span + count * run));
  for (size_t i = 0; i < source.count; i++) source.bytes[i] = (uint8_t)number(255);
  uint32_t positions[20], offsets[20];
  const int is_in_order = draw() % 2;
  for (uint32_t p = 0; p < count; p++) {
    positions[p] = is_in_order ? run * p : pick(0, count * run);
    offsets[p] = (run + gap) * p;
  }
  adder_place place = {.offsets = offsets, .type = type};
  if (type == ADDER_INT16 && draw() % 2) place.type = ADDER_BIASED;
  if (type == ADDER_UINT8 && draw() % 2) place.type = ADDER_NIBBLES;
  if (type == ADDER_INT16 && draw() % 2) {
    place.type = ADDER_UINT8;
    place.converts = 1;
    place.conversion_shift = (int32_t)pick(0, 15);
    place.conversion_bias = (int32_t)(draw() >> 16);
    place.highest = (int32_t)pick(100, 255);
  }
  memory target = allocate(sizes[place.type] * (run + gap) * count);
  memset(target.bytes, 0x77, target.count);
  place.base = target.bytes;
  const adder_runs runs = {source.bytes, type, positions, step, run};
  simd->copy(&runs, &place, 0, count);
  const adder_place from = {.base = source.bytes, .type = type};
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t i = 0; i < run; i++) {
      int32_t y = element_at(&from, positions[p] + i * step);
      if (place.converts) {
        y = (y + place.conversion_bias) >> place.conversion_shift;
        y = y < place.lowest ? place.lowest : y > place.highest ? place.highest : y;
      }
      check(element_at(&place, offsets[p] + i) == y, "a copied element differs", simd);
    }
    for (size_t b = sizes[place.type] * (offsets[p] + run);
         b < sizes[place.type] * (offsets[p] + run + gap); b++)
      check(target.bytes[b] == 0x77, "copying wrote between runs", simd);
  }
  release(source, "copying wrote to elements", simd);
  release(target, "copying wrote beyond its place", simd);
}

// Sums of two tensors in 32 and 64 bits, in place of the first now and then.
static void check_additions(const adder_simd *simd) {
  const uint32_t channels = pick(1, 40), count = pick(1, 10), elements = channels * count;
  uint32_t offsets[10];
  for (uint32_t p = 0; p < count; p++) offsets[p] = channels * p;
  adder_addition addition = {
      .is_wide = draw() % 2 ? 1 : 0, .channels = channels, .offsets = offsets};
  addition.bias = (int64_t)draw() - 0x80000000;
  memory tensors[2], copies[2];
  adder_addend *addends[2] = {&addition.first, &addition.second};
  for (int a = 0; a < 2; a++) {
    addends[a]->type = (adder_element_type)pick(0, 2);
    addends[a]->term_count = pick(0, 8);
    for (uint32_t i = 0; i < 8; i++) {
      addends[a]->shifts[i] = pick(0, addition.is_wide ? 62 : 31);
      addends[a]->signs[i] = -(int32_t)(draw() % 2);
    }
    tensors[a] = allocate(sizes[addends[a]->type] * elements);
    copies[a] = allocate(tensors[a].count);
    for (size_t i = 0; i < tensors[a].count; i++) tensors[a].bytes[i] = (uint8_t)number(255);
    memcpy(copies[a].bytes, tensors[a].bytes, tensors[a].count);
    addends[a]->elements = tensors[a].bytes;
  }
  adder_place place = {.offsets = offsets, .type = addition.first.type};
  const int is_in_place = draw() % 2;
  memory output = allocate(tensors[0].count);
  place.base = is_in_place ? tensors[0].bytes : output.bytes;
  static const int32_t ends[][2] = {{0, 255}, {-32768, 32767}, {INT32_MIN, INT32_MAX}};
  const adder_scale scale = {
      .shift = (int32_t)pick(0, addition.is_wide ? 62 : 31), .lowest = ends[place.type][0],
      .highest = ends[place.type][1], .places = &place, .place_count = 1};
  simd->add(&addition, &scale, 0, count);
  for (uint32_t e = 0; e < elements; e++) {
    uint64_t v = (uint64_t)addition.bias;
    for (int a = 0; a < 2; a++) {
      const adder_place from = {.base = copies[a].bytes, .type = addends[a]->type};
      const uint64_t x = (uint64_t)(int64_t)element_at(&from, e);
      for (uint32_t i = 0; i < addends[a]->term_count; i++)
        v += (x << addends[a]->shifts[i]) ^ (uint64_t)(int64_t)addends[a]->signs[i];
    }
    // The low half is the sum modulo 2^32.
    int64_t y = addition.is_wide ? (int64_t)v >> scale.shift : (int32_t)v >> scale.shift;
    y = y < scale.lowest ? scale.lowest : y > scale.highest ? scale.highest : y;
    check(element_at(&place, e) == y, "an added element differs", simd);
  }
  for (int a = 0; a < 2; a++) {
    check(
        (a == 0 && is_in_place) || !memcmp(tensors[a].bytes, copies[a].bytes, copies[a].count),
        "adding wrote to an addend", simd);
    release(tensors[a], "adding wrote beyond an addend", simd);
    release(copies[a], "adding wrote beyond a copy", simd);
  }
  release(output, "adding wrote beyond its place", simd);
}

// What the threads of a team add up, each in a place of its own before the barrier.
typedef struct {
  adder_team *team;
  uint32_t places[4], sums[4];
} shares;

static void add_shares(void *context, uint32_t thread) {
  shares *all = context;
  for (uint32_t round = 1; round <= 20; round++) {
    all->places[thread] = round + thread;
    adder_team_barrier(all->team);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 4; i++) sum += all->places[i];
    all->sums[thread] += sum;
    adder_team_barrier(all->team);
  }
}

static void check_team(void) {
  shares all = {adder_team_begin(4), {0}, {0}};
  if (!all.team) exit(2);
  for (int run = 0; run < 50; run++) adder_team_run(all.team, add_shares, &all);
  // 50 runs of 4 * (1 + ... + 20) and 20 times 0 + 1 + 2 + 3.
  for (int i = 0; i < 4; i++)
    check(all.sums[i] == 50 * (4 * 210 + 20 * 6), "a team's sum differs", adder_simd_at(0));
  adder_team_end(all.team);
}

typedef struct {
  uint64_t seed;
  long cases;
} task;

static void *run(void *argument) {
  const task *task = argument;
  for (uint32_t index = 0; index < adder_simd_count(); index++) {
    if (!adder_simd_is_available(index)) continue;
    const adder_simd *simd = adder_simd_at(index);
    state = task->seed;
    for (long i = 0; i < task->cases; i++) {
      check_sums(simd, 0);
      check_sums(simd, 1);
      check_channels(simd);
      check_products(simd);
      check_planes(simd);
      check_scale(simd, 0);
      check_scale(simd, 1);
      check_layout(simd);
      check_copies(simd);
      check_additions(simd);
    }
    check(simd->ceiling(2) > 0, "no ceiling", simd);
  }
  return NULL;
}

int main(int argc, char **argv) {
  const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  const long cases = argc > 2 ? strtol(argv[2], NULL, 10) : 300;
  // Two threads, so that what kernels share can be looked at.
  task tasks[2] = {{seed, cases}, {seed + 1, cases}};
  pthread_t other;
  if (pthread_create(&other, NULL, run, &tasks[1])) return 2;
  run(&tasks[0]);
  pthread_join(other, NULL);
  check_team();
  for (uint32_t index = 0; index < adder_simd_count(); index++)
    printf(
        "%s: %s\n", adder_simd_at(index)->name,
        adder_simd_is_available(index) ? "as defined" : "not on this processor");
  return 0;
}
