/* The memory functions that a compiler calls for copies and zeros.
 *
 * tools/embedded/build gives libadder.a its own, under names that no other code sees, and puts them
 * into libadder-memory.a under these names, for firmware without a C library. There they are weak:
 * those of the program take their place. */
#if defined(__arm__) || (defined(__riscv) && __riscv_xlen == 32)

#include <stddef.h>
#include <stdint.h>

/* Without the barrier, a compiler may turn a loop into a call of the function it is in. */
#define KEEP_LOOP() __asm__ volatile("" ::: "memory")

#define WEAK __attribute__((weak))

WEAK void *memcpy(void *restrict to, const void *restrict from, size_t byte_count) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((((uintptr_t)to | (uintptr_t)from) & 3) == 0) {
    while (byte_count >= 4) {
      *(uint32_t *)t = *(const uint32_t *)f;
      t += 4;
      f += 4;
      byte_count -= 4;
      KEEP_LOOP();
    }
  }
  while (byte_count-- > 0) {
    *t++ = *f++;
    KEEP_LOOP();
  }
  return to;
}

WEAK void *memmove(void *to, const void *from, size_t byte_count) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if (t <= f) return memcpy(to, from, byte_count);
  while (byte_count-- > 0) {
    t[byte_count] = f[byte_count];
    KEEP_LOOP();
  }
  return to;
}

WEAK void *memset(void *to, int byte, size_t byte_count) {
  uint8_t *t = to;
  while (byte_count-- > 0) {
    *t++ = (uint8_t)byte;
    KEEP_LOOP();
  }
  return to;
}

#ifdef __arm__
/* The names of the Arm run-time ABI, section 4.3.4: for any alignment, and for 4 and 8 bytes. */
#define ALIAS(name, of) \
  WEAK __typeof__(of) name __attribute__((alias(#of))); \
  WEAK __typeof__(of) name##4 __attribute__((alias(#of))); \
  WEAK __typeof__(of) name##8 __attribute__((alias(#of)))

static void clear(void *to, size_t byte_count) { memset(to, 0, byte_count); }
ALIAS(__aeabi_memcpy, memcpy);
ALIAS(__aeabi_memmove, memmove);
ALIAS(__aeabi_memclr, clear);

/* Value and count the other way round. */
static void set(void *to, size_t byte_count, int byte) { memset(to, byte, byte_count); }
ALIAS(__aeabi_memset, set);
#endif

#endif
