// The loops over tiles, for the vector width that WIDTH names. adder_kernels.c includes it once for each.

#define JOIN_(name, width) name##width
#define JOIN(name, width) JOIN_(name, width)
#define load JOIN(load, WIDTH)
#define all JOIN(all, WIDTH)
#define choose JOIN(choose, WIDTH)
#define magnitude JOIN(magnitude, WIDTH)
#define sumRows JOIN(sumRows, WIDTH)
#define gradientRows JOIN(gradientRows, WIDTH)
#define adderWindows JOIN(adderWindows, WIDTH)
#define adderWindowsBackward JOIN(adderWindowsBackward, WIDTH)

INLINE Lanes load(const float *from) { return *(const Lanes *)from; }
INLINE Lanes all(float value) { return value - (Lanes){0}; }
INLINE Lanes choose(Bits mask, Lanes yes, Lanes no) {
  return (Lanes)((mask & (Bits)yes) | (~mask & (Bits)no));
}
INLINE Lanes magnitude(Lanes x) { return (Lanes)((Bits)x & 0x7fffffff); }

// For `rows` filters at once: sums[row][p] = Σₖ |columns[k][p] − f[row][k]|.
INLINE void sumRows(float *sums, const float *columns, const float *f, int64_t K, int rows) {
  Lanes sum[ROWS][VECTORS] = {{{0}}};
  for (int64_t k = 0; k < K; k++) {
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) {
      const Lanes x = load(columns + k * COLUMNS + v * LANES);
#pragma GCC unroll 4
      for (int row = 0; row < rows; row++) sum[row][v] += magnitude(x - all(f[row * K + k]));
    }
  }
  for (int row = 0; row < rows; row++) {
    for (int v = 0; v < VECTORS; v++) *(Lanes *)(sums + row * COLUMNS + v * LANES) = sum[row][v];
  }
}

// For `rows` taps at once: gradX[row][p] = Σₒ g[o][p] · slope(f[o][row] − columns[row][p]), where slope is
// clip(·, −1, 1), or the sign, 1 for 0.
INLINE void gradientRows(float *gradX, const float *columns, const float *f, const float *g, int64_t O,
                         int64_t K, int takesSign, int rows) {
  Lanes sum[ROWS][VECTORS] = {{{0}}};
  for (int64_t o = 0; o < O; o++) {
#pragma GCC unroll 4
    for (int row = 0; row < rows; row++) {
      const Lanes tap = all(f[o * K + row]);
#pragma GCC unroll 2
      for (int v = 0; v < VECTORS; v++) {
        const Lanes x = load(columns + row * COLUMNS + v * LANES);
        const Lanes slope = load(g + o * COLUMNS + v * LANES);
        if (takesSign) {
          sum[row][v] += (Lanes)((Bits)slope ^ ((tap < x) & INT32_MIN));  // ±slope
        } else {
          const Lanes difference = tap - x;
          const Lanes below = choose(difference < 1, difference, all(1));
          sum[row][v] += slope * choose(below > -1, below, all(-1));
        }
      }
    }
  }
  for (int row = 0; row < rows; row++) {
    for (int v = 0; v < VECTORS; v++) *(Lanes *)(gradX + row * COLUMNS + v * LANES) = sum[row][v];
  }
}

// outputs[n, o, i, j] = −Σ |x − f| over the window and the channels of o's group.
// Returns 0, or −1 when memory for the tiles cannot be had.
static int adderWindows(const Shape *s, const float *images, const float *f, float *outputs,
                        int threads) {
  const int64_t K = taps(s), O = s->filters / s->groups, length = chunkLength(s);
  const int64_t chunkCount = (s->images + length - 1) / length;
  int status = 0;
#pragma omp parallel num_threads(threads)
  {
    float *columns = tileMemory(K), *sums = tileMemory(ROWS);
    Tile tile;
#pragma omp for schedule(static)
    for (int64_t chunk = 0; chunk < chunkCount; chunk++) {
      if (!columns || !sums) {
#pragma omp atomic write
        status = -1;
        continue;
      }
      const int64_t first = chunk * length;
      const int64_t count = s->images - first < length ? s->images - first : length;
      const float *chunkImages = images + first * s->channels * s->height * s->width;
      float *chunkOutputs = outputs + first * s->filters * windows(s);
      for (int64_t start = 0; start < count * windows(s); start += COLUMNS) {
        place(&tile, s, start, count * windows(s));
        for (int64_t group = 0; group < s->groups; group++) {
          gatherWindows(columns, chunkImages, s, group, &tile);
          for (int64_t o = 0; o < O; o += ROWS) {
            const int64_t rows = O - o < ROWS ? O - o : ROWS;
            const float *filters = f + (group * O + o) * K;
            if (rows == ROWS) {
              sumRows(sums, columns, filters, K, ROWS);
            } else {
              for (int64_t row = 0; row < rows; row++) {
                sumRows(sums + row * COLUMNS, columns, filters + row * K, K, 1);
              }
            }
            for (int64_t row = 0; row < rows; row++) {
              float *to = chunkOutputs + (group * O + o + row) * windows(s);
              for (int64_t p = 0; p < tile.count; p++) to[tile.output[p]] = -sums[row * COLUMNS + p];
            }
          }
        }
      }
    }
    free(columns);
    free(sums);
  }
  return status;
}

// gradImages[n, c, y, x] = Σ gradOutputs[n, o, i, j] · slope(f[o, k] − image), over all windows (i, j)
// and taps k that read the pixel: slope is clip(·, −1, 1), or where takesSign is not 0 the sign, 1 for 0.
// gradImages is 0 at first. Returns 0, or −1 when memory for the tiles cannot be had.
static int adderWindowsBackward(const Shape *s, const float *images, const float *f,
                                const float *gradOutputs, float *gradImages, int takesSign,
                                int threads) {
  const int64_t K = taps(s), O = s->filters / s->groups, length = chunkLength(s);
  const int64_t chunkCount = (s->images + length - 1) / length;
  int status = 0;
#pragma omp parallel num_threads(threads)
  {
    float *columns = tileMemory(K), *g = tileMemory(O), *gradX = tileMemory(ROWS);
    Tile tile;
#pragma omp for schedule(static)
    for (int64_t chunk = 0; chunk < chunkCount; chunk++) {
      if (!columns || !g || !gradX) {
#pragma omp atomic write
        status = -1;
        continue;
      }
      const int64_t first = chunk * length;
      const int64_t count = s->images - first < length ? s->images - first : length;
      const int64_t place0 = first * s->channels * s->height * s->width;
      const float *chunkGrad = gradOutputs + first * s->filters * windows(s);
      for (int64_t start = 0; start < count * windows(s); start += COLUMNS) {
        place(&tile, s, start, count * windows(s));
        for (int64_t group = 0; group < s->groups; group++) {
          gatherWindows(columns, images + place0, s, group, &tile);
          for (int64_t o = 0; o < O; o++) {
            gather(g + o * COLUMNS, chunkGrad + (group * O + o) * windows(s), tile.output, &tile);
          }
          const float *filters = f + group * O * K;
          for (int64_t k = 0; k < K; k += ROWS) {
            const int64_t rows = K - k < ROWS ? K - k : ROWS;
            const float *some = columns + k * COLUMNS;
            if (rows == ROWS && takesSign) {
              gradientRows(gradX, some, filters + k, g, O, K, 1, ROWS);
            } else if (rows == ROWS) {
              gradientRows(gradX, some, filters + k, g, O, K, 0, ROWS);
            } else {
              for (int64_t row = 0; row < rows; row++) {
                gradientRows(gradX + row * COLUMNS, some + row * COLUMNS, filters + k + row, g, O, K,
                             takesSign, 1);
              }
            }
            for (int64_t row = 0; row < rows; row++) {
              float *to = gradImages + place0 + tapOffset(s, group, k + row);
              for (int64_t run = 0; run < tile.runCount; run++) {
                const int64_t from = tile.runStart[run], length = tile.runStart[run + 1] - from;
                float *pixel = to + tile.input[from];
                for (int64_t p = 0; p < length; p++) pixel[p] += gradX[row * COLUMNS + from + p];
              }
            }
          }
        }
      }
    }
    free(columns);
    free(g);
    free(gradX);
  }
  return status;
}

#undef load
#undef all
#undef choose
#undef magnitude
#undef sumRows
#undef gradientRows
#undef adderWindows
#undef adderWindowsBackward
#undef JOIN
#undef JOIN_
