// The instruction sets, and which of them the processor has.
#include "Kernels.h"

static const adder_simd *const sets[] = {
#if defined(__x86_64__)
    &adder_avx512, &adder_avx2, &adder_sse2,
#elif defined(__aarch64__)
    &adder_neon,
#endif
    &adder_portable};

uint32_t adder_simd_count(void) { return sizeof(sets) / sizeof(*sets); }

const adder_simd *adder_simd_at(uint32_t index) { return sets[index]; }

int adder_simd_is_available(uint32_t index) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (sets[index] == &adder_avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (sets[index] == &adder_avx2) return __builtin_cpu_supports("avx2");
#else
  (void)index;
#endif
  return 1;
}
