/* A plugin of QEMU that counts executed instructions by class, between calls of marker functions.
 *
 *   -plugin count.so,classes=FILE,out=FILE
 *
 * `classes` has one line an instruction of the image, written by classes.py:
 *   ADDRESS CLASS MORE    hexadecimal address, index of the class, words of a multiple transfer or
 *                         steps of a shift
 * behind `image FIRST LIMIT begin ADDRESS end ADDRESS`: where the code lies, and the functions that
 * start counting and that write what was counted, as one line of `out`, and start again. Branches
 * have the class BRANCH_TAKEN, and are counted as not taken where the next instruction executed is
 * the one behind. Written for version 1 of the interface (QEMU 4.2 to 8), of which it declares what
 * it uses, so that QEMU's headers are not needed. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The order of classes.py. */
enum {
  SHIFT = 1,
  STORE_MULTIPLE = 8,
  BRANCH_TAKEN = 9,
  BRANCH_NOT_TAKEN = 10,
  LOAD_WORDS = 13,
  STORE_WORDS = 14,
  SHIFT_STEPS = 15,
  CLASS_COUNT = 16
};

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *, void (*)(unsigned, void *), enum qemu_plugin_cb_flags, void *);
extern void qemu_plugin_register_atexit_cb(
    qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

/* What is known of the instruction at an address. */
struct instruction {
  uint8_t class, more;
};

/* The class of what an instruction of a class counts besides. */
static int class_of_more(int class) {
  return class == SHIFT ? SHIFT_STEPS : class == STORE_MULTIPLE ? STORE_WORDS : LOAD_WORDS;
}

/* A translated block: what one execution of it adds. */
struct block {
  uint64_t counts[CLASS_COUNT];
  uint64_t start, behind;
  bool ends_in_branch, begins, ends;
};

static struct instruction *instructions;
static uint64_t base, limit, begin_address, end_address;
static uint64_t counts[CLASS_COUNT];
static const struct block *last;
static FILE *out;

static void fail(const char *what, const char *which) {
  fprintf(stderr, "count: %s%s\n", what, which);
  exit(1);
}

static void execute(unsigned processor, void *data) {
  const struct block *block = data;
  (void)processor;
  if (last && last->ends_in_branch && block->start == last->behind) {
    counts[BRANCH_TAKEN]--;
    counts[BRANCH_NOT_TAKEN]++;
  }
  last = block;
  if (block->begins || block->ends) {
    if (block->ends) {
      for (int class = 0; class < CLASS_COUNT; class++) fprintf(out, "%" PRIu64 " ", counts[class]);
      fprintf(out, "\n");
    }
    memset(counts, 0, sizeof counts);
    return;
  }
  for (int class = 0; class < CLASS_COUNT; class++) counts[class] += block->counts[class];
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  struct block *block = calloc(1, sizeof *block);
  if (!block) fail("no memory", "");
  const size_t count = qemu_plugin_tb_n_insns(tb);
  for (size_t index = 0; index < count; index++) {
    const struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, index);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (index == 0) block->start = address;
    block->behind = address + qemu_plugin_insn_size(instruction);
    /* Code that is not in the image: the emulator's own reset code. */
    if (address < base || address >= limit) continue;
    const struct instruction *known = &instructions[(address - base) / 2];
    block->counts[known->class]++;
    block->counts[class_of_more(known->class)] += known->more;
    block->ends_in_branch = known->class == BRANCH_TAKEN;
  }
  block->begins = block->start == begin_address;
  block->ends = block->start == end_address;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, execute, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void finish(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  if (fclose(out)) fail("the counts cannot be written", "");
}

static void read_classes(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail("cannot be read: ", path);
  uint64_t address;
  unsigned class, more;
  if (fscanf(file, "image %" SCNx64 " %" SCNx64 " begin %" SCNx64 " end %" SCNx64, &base, &limit,
             &begin_address, &end_address) != 4) {
    fail("no addresses in ", path);
  }
  instructions = calloc((limit - base) / 2 + 1, sizeof *instructions);
  if (!instructions) fail("no memory for ", path);
  while (fscanf(file, "%" SCNx64 " %u %u", &address, &class, &more) == 3) {
    if (address < base || address >= limit || class >= CLASS_COUNT) fail("wrong line in ", path);
    instructions[(address - base) / 2] = (struct instruction){(uint8_t)class, (uint8_t)more};
  }
  fclose(file);
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const struct qemu_info *info, int count, char **arguments) {
  (void)info;
  for (int index = 0; index < count; index++) {
    if (!strncmp(arguments[index], "classes=", 8)) read_classes(arguments[index] + 8);
    if (!strncmp(arguments[index], "out=", 4)) out = fopen(arguments[index] + 4, "w");
  }
  if (!instructions || !out) fail("expected classes=FILE,out=FILE", "");
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
