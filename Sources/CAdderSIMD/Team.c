// Threads that run one function together and wait for each other.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "CAdderSIMD.h"

// How often a thread looks before it lets others run: some microseconds, the length of a short layer.
enum { SPINS = 4096 };

struct adder_team {
  uint32_t count;
  // The threads of a barrier that have come, and how often it has opened.
  atomic_uint arrived;
  atomic_uint opened;
  pthread_mutex_t mutex;
  pthread_cond_t begins;
  // Under the mutex: which run it is, what it runs, and whether threads are to end.
  uint64_t run;
  int ends;
  void (*body)(void *context, uint32_t thread);
  void *context;
  uint32_t started;
  pthread_t threads[];
};

typedef struct {
  adder_team *team;
  uint32_t thread;
} member;

static void pause_briefly(void) {
#if defined(__x86_64__)
  __asm__ volatile("pause");
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

void adder_team_barrier(adder_team *team) {
  const uint32_t opened = atomic_load_explicit(&team->opened, memory_order_relaxed);
  const uint32_t before = atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel);
  if (before + 1 == team->count) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&team->opened, opened + 1, memory_order_release);
    return;
  }
  for (uint32_t spins = 0;
       atomic_load_explicit(&team->opened, memory_order_acquire) == opened; spins++) {
    if (spins < SPINS) {
      pause_briefly();
    } else {
      sched_yield();
    }
  }
}

static void *serve(void *argument) {
  const member self = *(member *)argument;
  adder_team *team = self.team;
  free(argument);
  uint64_t run = 0;
  for (;;) {
    pthread_mutex_lock(&team->mutex);
    while (team->run == run && !team->ends) pthread_cond_wait(&team->begins, &team->mutex);
    const int ends = team->ends;
    run = team->run;
    pthread_mutex_unlock(&team->mutex);
    if (ends) return NULL;
    team->body(team->context, self.thread);
    adder_team_barrier(team);
  }
}

void adder_team_run(
    adder_team *team, void (*body)(void *context, uint32_t thread), void *context) {
  pthread_mutex_lock(&team->mutex);
  team->body = body;
  team->context = context;
  team->run++;
  pthread_cond_broadcast(&team->begins);
  pthread_mutex_unlock(&team->mutex);
  body(context, 0);
  adder_team_barrier(team);
}

void adder_team_end(adder_team *team) {
  pthread_mutex_lock(&team->mutex);
  team->ends = 1;
  pthread_cond_broadcast(&team->begins);
  pthread_mutex_unlock(&team->mutex);
  for (uint32_t i = 0; i < team->started; i++) pthread_join(team->threads[i], NULL);
  pthread_cond_destroy(&team->begins);
  pthread_mutex_destroy(&team->mutex);
  free(team);
}

adder_team *adder_team_begin(uint32_t count) {
  adder_team *team = calloc(1, sizeof *team + sizeof(pthread_t) * (size_t)count);
  if (!team) return NULL;
  team->count = count;
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->begins, NULL);
  for (uint32_t thread = 1; thread < count; thread++) {
    member *self = malloc(sizeof *self);
    if (self) *self = (member){team, thread};
    if (!self || pthread_create(&team->threads[team->started], NULL, serve, self)) {
      free(self);
      adder_team_end(team);
      return NULL;
    }
    team->started++;
  }
  return team;
}
