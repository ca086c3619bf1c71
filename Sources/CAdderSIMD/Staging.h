// Elements of a tensor copied to a place, for a file that may define SCALING, the target of its functions,
// and STAGES_RUNS if it has a `stage_run` of its own.
#include "Places.h"

#ifndef STAGES_RUNS
// Widens `count` elements, at most 16.
SCALING INLINE void widen(
    const void *elements, adder_element_type type, size_t index, size_t count,
    int32_t *restrict y) {
  switch (type) {
    case ADDER_UINT8:
      for (size_t i = 0; i < count; i++) y[i] = ((const uint8_t *)elements)[index + i];
      break;
    case ADDER_INT16:
      for (size_t i = 0; i < count; i++) y[i] = ((const int16_t *)elements)[index + i];
      break;
    default:
      for (size_t i = 0; i < count; i++) y[i] = ((const int32_t *)elements)[index + i];
  }
}

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
      stage_run(elements, type, source, place, target, run);
      source += run;
    }
    return;
  }
  for (uint32_t p = first; p < last; p++) {
    size_t target = place->offsets[p];
    const size_t end = source + channels;
    for (; source < end; source += group, target += place->group_step)
      stage_run(elements, type, source, place, target, group);
  }
}
