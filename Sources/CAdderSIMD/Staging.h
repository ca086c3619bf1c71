// Elements of tensors copied to places, for a file that may define SCALING, the target of its functions,
// and STAGES_RUNS if it has a `stage_run` of its own.
#include <string.h>

#include "Adding.h"
#include "Places.h"

#ifndef STAGES_RUNS
// Copies `count` elements that lie together on both sides.
SCALING static void stage_run(
    const void *elements, adder_element_type type, size_t source, const adder_place *place,
    size_t target, size_t count) {
  int32_t y[16];
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    widen(elements, type, source + i, 16, y);
    store_elements(place, target + i, 16, y);
  }
  widen(elements, type, source + i, count - i, y);
  store_elements(place, target + i, (uint32_t)(count - i), y);
}
#endif

// Copies `count` elements that lie together on both sides, the quickest way.
SCALING static void copy_run(
    const void *elements, adder_element_type type, size_t source, const adder_place *place,
    size_t target, size_t count) {
  if (place->converts || place->type != type) {
    stage_run(elements, type, source, place, target, count);
    return;
  }
  const int shift = type == ADDER_UINT8 ? 0 : type == ADDER_INT16 ? 1 : 2;
  memcpy(
      (uint8_t *)place->base + (target << shift), (const uint8_t *)elements + (source << shift),
      count << shift);
}

// Copies `count` elements, each `step` behind the other, to where they lie together.
SCALING static void copy_strided(
    const adder_runs *runs, size_t source, const adder_place *place, size_t target, size_t count) {
  while (count > 0) {
    const uint32_t used = count < 16 ? (uint32_t)count : 16;
    int32_t y[16] = {0};
#define GATHER(TYPE)                                                                   \
  for (uint32_t i = 0; i < used; i++, source += runs->step) {                         \
    OPAQUE(source);                                                                   \
    y[i] = ((const TYPE *)runs->elements)[source];                                    \
  }
    switch (runs->type) {
      case ADDER_UINT8: GATHER(uint8_t); break;
      case ADDER_INT16: GATHER(int16_t); break;
      default: GATHER(int32_t);
    }
#undef GATHER
    if (used == 16) {
      store_elements(place, target, 16, y);
    } else {
      store_elements(place, target, used, y);
    }
    target += used;
    count -= used;
  }
}

SCALING static void copy(
    const adder_runs *runs, const adder_place *place, uint32_t first, uint32_t count) {
  const uint32_t last = first + count;
  for (uint32_t p = first; p < last;) {
    const size_t source = runs->positions[p], target = place->offsets[p];
    size_t run = runs->run;
    p++;
    if (runs->step != 1) {
      copy_strided(runs, source, place, target, run);
      continue;
    }
    for (; p < last && runs->positions[p] == source + run && place->offsets[p] == target + run; p++)
      run += runs->run;
    copy_run(runs->elements, runs->type, source, place, target, run);
  }
}

SCALING static void stage(
    const void *elements, adder_element_type type, uint32_t channels, const adder_place *place,
    uint32_t first, uint32_t count) {
  const uint32_t group = place->group_channels ? place->group_channels : channels;
  const uint32_t last = first + count;
  size_t source = 0;
  if (place->group_step == group) {
    // Neighbouring positions lie together, up to the end of a row.
    for (uint32_t p = first; p < last;) {
      const size_t target = place->offsets[p];
      size_t run = channels;
      while (++p < last && place->offsets[p] == target + run) run += channels;
      copy_run(elements, type, source, place, target, run);
      source += run;
    }
    return;
  }
  for (uint32_t p = first; p < last; p++) {
    size_t target = place->offsets[p];
    const size_t end = source + channels;
    for (; source < end; source += group, target += place->group_step)
      copy_run(elements, type, source, place, target, group);
  }
}
