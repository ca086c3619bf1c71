// Sums of absolute differences over the windows of images, and their gradients for the images, called
// by kernels.py through ctypes.
//
// Layouts, row-major, outermost first: images [N, C, H, W], already padded; filters [O, C / groups, kh,
// kw]; outputs [N, O, Ho, Wo]. A matrix of columns [K, P] is an image [1, K, 1, P] with filters 1×1.
//
// Windows are gathered, COLUMNS at a time, into a tile [K, COLUMNS] that stays in the cache while all
// filters pass over it. Images are handled in chunks whose size depends on the shapes alone, so that the
// result does not depend on the number of threads.
//
// adder_tiles.h has what passes over a tile. It is compiled once for each vector width of x86-64, as a
// wheel is built on another machine than it runs on; target_clones would come too late, since GCC splits
// vectors before.

#include <stdint.h>
#include <stdlib.h>

enum { LANES = 16, VECTORS = 2, COLUMNS = LANES * VECTORS, ROWS = 4 };

typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t Bits __attribute__((vector_size(4 * LANES)));

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed to functions that are always inlined

#define INLINE static inline __attribute__((always_inline))

// As kernels.py passes it.
typedef struct {
  int64_t images, channels, height, width;  // of the padded images
  int64_t filters, groups;
  int64_t kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX;
  int64_t outputHeight, outputWidth;
} Shape;

// Where the columns of a tile come from and go to: elements from the start of the images and outputs of a
// chunk. A run is of columns that are next to each other in both.
typedef struct {
  int64_t count, runCount;
  int64_t input[COLUMNS], output[COLUMNS], runStart[COLUMNS + 1];
} Tile;

INLINE int64_t windows(const Shape *s) { return s->outputHeight * s->outputWidth; }
INLINE int64_t taps(const Shape *s) {
  return s->channels / s->groups * s->kernelHeight * s->kernelWidth;
}

// Images of a chunk: as few as fill a tile.
INLINE int64_t chunkLength(const Shape *s) { return (COLUMNS + windows(s) - 1) / windows(s); }

INLINE void place(Tile *tile, const Shape *s, int64_t start, int64_t end) {
  tile->count = end - start < COLUMNS ? end - start : COLUMNS;
  tile->runCount = 0;
  for (int64_t p = 0; p < tile->count; p++) {
    const int64_t image = (start + p) / windows(s), window = (start + p) % windows(s);
    const int64_t row = window / s->outputWidth, column = window % s->outputWidth;
    tile->input[p] = (image * s->channels * s->height + row * s->strideY) * s->width
                     + column * s->strideX;
    tile->output[p] = image * s->filters * windows(s) + window;
    if (p == 0 || tile->input[p] != tile->input[p - 1] + 1
        || tile->output[p] != tile->output[p - 1] + 1) {
      tile->runStart[tile->runCount++] = p;
    }
  }
  tile->runStart[tile->runCount] = tile->count;
}

// The element of the image that tap k of a group reads, from the first of its window.
INLINE int64_t tapOffset(const Shape *s, int64_t group, int64_t k) {
  const int64_t area = s->kernelHeight * s->kernelWidth;
  const int64_t channel = group * (s->channels / s->groups) + k / area, tap = k % area;
  return (channel * s->height + tap / s->kernelWidth * s->dilationY) * s->width
         + tap % s->kernelWidth * s->dilationX;
}

// to[p] = from[place[p]]; the rest of the tile is 0.
INLINE void gather(float *to, const float *from, const int64_t *places, const Tile *tile) {
  if (tile->runCount == tile->count) {
    for (int64_t p = 0; p < tile->count; p++) to[p] = from[places[p]];
  } else {
    for (int64_t run = 0; run < tile->runCount; run++) {
      const float *first = from + places[tile->runStart[run]];
      const int64_t start = tile->runStart[run], length = tile->runStart[run + 1] - start;
      for (int64_t p = 0; p < length; p++) to[start + p] = first[p];
    }
  }
  for (int64_t p = tile->count; p < COLUMNS; p++) to[p] = 0;
}

INLINE void gatherWindows(float *columns, const float *images, const Shape *s, int64_t group,
                          const Tile *tile) {
  for (int64_t k = 0; k < taps(s); k++) {
    gather(columns + k * COLUMNS, images + tapOffset(s, group, k), tile->input, tile);
  }
}

INLINE float *tileMemory(int64_t rows) {
  return aligned_alloc(sizeof(Lanes), (size_t)rows * COLUMNS * sizeof(float));
}

#define WIDTH
#include "adder_tiles.h"
#undef WIDTH

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define SELECTS_WIDTH 1
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define WIDTH _v3
#include "adder_tiles.h"
#undef WIDTH
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define WIDTH _v4
#include "adder_tiles.h"
#undef WIDTH
#pragma GCC pop_options
#else
#define SELECTS_WIDTH 0
#endif

// As adderWindows in adder_tiles.h.
int adder_windows(const Shape *s, const float *images, const float *f, float *outputs, int threads) {
#if SELECTS_WIDTH
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
    return adderWindows_v4(s, images, f, outputs, threads);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
    return adderWindows_v3(s, images, f, outputs, threads);
  }
#endif
  return adderWindows(s, images, f, outputs, threads);
}

// As adderWindowsBackward in adder_tiles.h.
int adder_windows_backward(const Shape *s, const float *images, const float *f, const float *gradOutputs,
                           float *gradImages, int takesSign, int threads) {
#if SELECTS_WIDTH
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
    return adderWindowsBackward_v4(s, images, f, gradOutputs, gradImages, takesSign, threads);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
    return adderWindowsBackward_v3(s, images, f, gradOutputs, gradImages, takesSign, threads);
  }
#endif
  return adderWindowsBackward(s, images, f, gradOutputs, gradImages, takesSign, threads);
}
