/* Runs the golden vectors on the Embedded Swift build of the runtime, as a 32-bit Linux program
 * without a C library. The container is described in Tests/AdderRuntimeTests/GoldenVectorTests.swift.
 * Prints the number of cases and of failures, one a line; exits 0 if all agree. */
typedef unsigned char u8;
typedef unsigned int u32;

extern u8 vectors[], vectors_end[];
extern int run_vector(const void *image, int image_bytes, void *arena, int arena_bytes,
                      const u8 *inputs, int input_bytes, const void *outputs, int output_count);

__attribute__((aligned(16))) static u8 image[1 << 20], arena[1 << 22];

/* What the compiler calls. The barriers keep it from turning a loop into a call of itself. */
void *memcpy(void *to, const void *from, u32 count) {
  u8 *t = to;
  const u8 *f = from;
  while (count--) { *t++ = *f++; __asm__ volatile(""); }
  return to;
}
void *memmove(void *to, const void *from, u32 count) {
  u8 *t = to;
  const u8 *f = from;
  if (t < f) return memcpy(to, from, count);
  while (count--) { t[count] = f[count]; __asm__ volatile(""); }
  return to;
}
void *memset(void *to, int byte, u32 count) {
  u8 *t = to;
  while (count--) { *t++ = byte; __asm__ volatile(""); }
  return to;
}

static int system_call(int number, int a, int b, int c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static void print(u32 value) {
  char text[12];
  int place = 11;
  text[place] = '\n';
  do { text[--place] = '0' + value % 10; value /= 10; } while (value);
  system_call(4, 1, (int)(text + place), 12 - place);
}

static u32 word(const u8 *p) { return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24; }

__attribute__((force_align_arg_pointer)) void _start(void) {
  u32 cases = 0, failures = 0;
  const u8 *p = vectors;
  while (p < vectors_end) {
    u32 left = word(p + 4);
    if (word(p) != 0x43455641) { failures++; break; }
    p += 8;
    while (left--) {
      p += 2 + (p[0] | p[1] << 8);
      u32 model = word(p);
      p += 4;
      if (model > sizeof image) { failures++; p = vectors_end; break; }
      memcpy(image, p, model);
      p += model;
      u32 input = word(p);
      const u8 *inputs = p + 4;
      p = inputs + input;
      u32 output = word(p);
      const u8 *outputs = p + 4;
      p = outputs + 4 * output;
      memset(arena, 0xA5, sizeof arena);
      if (run_vector(image, model, arena, sizeof arena, inputs, input, outputs, output)) failures++;
      cases++;
    }
  }
  print(cases);
  print(failures);
  system_call(1, failures != 0 || cases == 0, 0, 0);
}
