/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONG_TURN_NS 20000000
#define NICEST       19

/* The kernel's struct sched_attr, as sched_setattr(2) has it: <linux/sched/types.h> and <sched.h> clash. */
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime; /* nanoseconds; of ordinary threads the slice */
    uint64_t deadline;
    uint64_t period;
};

int pli_thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument)
{
    sigset_t all;
    sigset_t before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(thread, NULL, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        return -error;
    pthread_setname_np(*thread, name);
    return 0;
}

void pli_thread_give_way(void)
{
    struct scheduling now = {.size = sizeof(now)};

    if (syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) != 0 ||
        (now.policy != SCHED_OTHER && now.policy != SCHED_BATCH))
        return;
    now.nice = now.nice + PLI_THREAD_NICER < NICEST ? now.nice + PLI_THREAD_NICER : NICEST;
    now.runtime = LONG_TURN_NS;
    (void)syscall(SYS_sched_setattr, 0, &now, 0); /* see the header */
}

unsigned pli_cpu_count(void)
{
    cpu_set_t set;
    long online;

    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    /* More CPUs than the set has bits. */
    online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}
