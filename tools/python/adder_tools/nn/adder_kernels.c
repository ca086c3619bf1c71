// Forward and backward loops of the adder layers, called by kernels.py through ctypes.
//
// Layouts, row-major, outermost first: x and gradX [K, P], f and gradF [O, K], y and gradY [O, P].
// P counts receptive fields (image, row, column), K the taps of one, O the filters.

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

// Receptive fields handled together. Partial sums are kept per block and added in block order, so
// the result does not depend on the number of threads.
enum { BLOCK = 64 };

// Inlined twice, with width = BLOCK known to the compiler, and for the last block.
#define INLINE static inline __attribute__((always_inline))

// A copy for each vector width, of which the loader takes the one that the processor has: a wheel is
// built on another machine.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define WIDTHS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDTHS
#endif

INLINE void forward_block(const float *x, const float *f, float *y, int64_t O, int64_t K,
                          int64_t P, int64_t width) {
  for (int64_t o = 0; o < O; o++) {
    float distance[BLOCK] = {0};
    for (int64_t k = 0; k < K; k++) {
      const float *xk = x + k * P;
      const float tap = f[o * K + k];
#pragma omp simd
      for (int64_t p = 0; p < width; p++) distance[p] += fabsf(xk[p] - tap);
    }
    for (int64_t p = 0; p < width; p++) y[o * P + p] = -distance[p];
  }
}

INLINE void backward_block(const float *x, const float *f, const float *gradY, float *gradX,
                           float *partial, int64_t O, int64_t K, int64_t P, int64_t width) {
  for (int64_t k = 0; k < K; k++) {
    const float *xk = x + k * P;
    float toX[BLOCK] = {0};
    for (int64_t o = 0; o < O; o++) {
      const float *g = gradY + o * P;
      const float tap = f[o * K + k];
      float toF = 0;
#pragma omp simd reduction(+ : toF)
      for (int64_t p = 0; p < width; p++) {
        const float difference = xk[p] - tap;
        const float below = difference < 1 ? difference : 1;
        const float clipped = below > -1 ? below : -1;
        toF += g[p] * difference;
        toX[p] -= g[p] * clipped;
      }
      partial[o * K + k] = toF;
    }
    for (int64_t p = 0; p < width; p++) gradX[k * P + p] = toX[p];
  }
}

// y[o, p] = −Σₖ |x[k, p] − f[o, k]|
WIDTHS void adder_forward(const float *x, const float *f, float *y, int64_t O, int64_t K, int64_t P) {
#pragma omp parallel for schedule(static)
  for (int64_t start = 0; start < P; start += BLOCK) {
    if (start + BLOCK <= P) {
      forward_block(x + start, f, y + start, O, K, P, BLOCK);
    } else {
      forward_block(x + start, f, y + start, O, K, P, P - start);
    }
  }
}

// gradF[o, k] = Σₚ gradY[o, p]·(x[k, p] − f[o, k])                         (full precision)
// gradX[k, p] = Σₒ gradY[o, p]·clip(f[o, k] − x[k, p], −1, 1)               (HardTanh)
// Returns 0, or −1 when memory for the partial sums cannot be had.
WIDTHS int adder_backward(const float *x, const float *f, const float *gradY, float *gradX, float *gradF,
                   int64_t O, int64_t K, int64_t P) {
  const int64_t blockCount = (P + BLOCK - 1) / BLOCK;
  float *partial = malloc((size_t)(blockCount * O * K) * sizeof(float));
  if (!partial) return -1;

#pragma omp parallel for schedule(static)
  for (int64_t block = 0; block < blockCount; block++) {
    const int64_t start = block * BLOCK;
    float *sums = partial + block * O * K;
    if (start + BLOCK <= P) {
      backward_block(x + start, f, gradY + start, gradX + start, sums, O, K, P, BLOCK);
    } else {
      backward_block(x + start, f, gradY + start, gradX + start, sums, O, K, P, P - start);
    }
  }

#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < O * K; i++) {
    float sum = 0;
    for (int64_t block = 0; block < blockCount; block++) sum += partial[block * O * K + i];
    gradF[i] = sum;
  }
  free(partial);
  return 0;
}
