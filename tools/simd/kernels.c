// Compares the kernels of every instruction set that this processor has with loops that define them:
// random shapes, elements at the ends of their ranges, sums at the limits of accumulators, guard bytes
// around every buffer. Exits 1 at the first difference.
//
//   kernels [SEED] [CASES]
#include <pthread.h>
#include "check_places.h"
#include "check_sums.h"

// What the threads of a team add up, each in a place of its own before the barrier.
typedef struct {
  adder_team *team;
  uint32_t places[4], sums[4];
} shares;

static void add_shares(void *context, uint32_t thread) {
  shares *all = context;
  for (uint32_t round = 1; round <= 20; round++) {
    all->places[thread] = round + thread;
    adder_team_barrier(all->team);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 4; i++) sum += all->places[i];
    all->sums[thread] += sum;
    adder_team_barrier(all->team);
  }
}

static void check_team(void) {
  shares all = {adder_team_begin(4), {0}, {0}};
  if (!all.team) exit(2);
  for (int run = 0; run < 50; run++) adder_team_run(all.team, add_shares, &all);
  // 50 runs of 4 * (1 + ... + 20) and 20 times 0 + 1 + 2 + 3.
  for (int i = 0; i < 4; i++)
    check(all.sums[i] == 50 * (4 * 210 + 20 * 6), "a team's sum differs", adder_simd_at(0));
  adder_team_end(all.team);
}

typedef struct {
  uint64_t seed;
  long cases;
} task;

static void *run(void *argument) {
  const task *task = argument;
  for (uint32_t index = 0; index < adder_simd_count(); index++) {
    if (!adder_simd_is_available(index)) continue;
    const adder_simd *simd = adder_simd_at(index);
    state = task->seed;
    for (long i = 0; i < task->cases; i++) {
      check_sums(simd, 0);
      check_sums(simd, 1);
      check_channels(simd);
      check_products(simd);
      check_planes(simd);
      check_scale(simd, 0);
      check_scale(simd, 1);
      check_layout(simd);
      check_copies(simd);
      check_additions(simd);
    }
    check(simd->ceiling(2) > 0, "no ceiling", simd);
  }
  return NULL;
}

int main(int argc, char **argv) {
  const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  const long cases = argc > 2 ? strtol(argv[2], NULL, 10) : 300;
  // Two threads, so that what kernels share can be looked at.
  task tasks[2] = {{seed, cases}, {seed + 1, cases}};
  pthread_t other;
  if (pthread_create(&other, NULL, run, &tasks[1])) return 2;
  run(&tasks[0]);
  pthread_join(other, NULL);
  check_team();
  for (uint32_t index = 0; index < adder_simd_count(); index++)
    printf(
        "%s: %s\n", adder_simd_at(index)->name,
        adder_simd_is_available(index) ? "as defined" : "not on this processor");
  return 0;
}
