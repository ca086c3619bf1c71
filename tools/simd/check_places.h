// Kernels that store elements to places: scaling, layouts, copies and additions. For kernels.c.
#include "checks.h"

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
