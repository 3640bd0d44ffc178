/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

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
