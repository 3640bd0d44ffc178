/* SPDX-License-Identifier: MIT */
/*
 * Lines to and fro on connections that stay.
 *
 * Closed loop: on each connection so many lines are under way; every answer lets the next line go.
 * Open loop: line i is due at start + i / rate, whatever the answers do, and goes to connection i
 * modulo their number. Its latency counts from when it was due, so that a server that stalls, or a
 * generator that comes late, cannot hide what it did to the lines that had to wait.
 *
 * A run is a warm-up, the window that counts, and an end in which nothing new is sent and what is
 * under way is awaited. In the closed loop the lines answered within the window count, in the open
 * one those due within it. Every line ever sent is awaited and verified.
 *
 * Each worker, a thread, owns its connections, its histograms and its epoll set. What a connection
 * has still to send and to receive are two positions in an endless sequence of lines that line.c can
 * make again at any time, so that nothing is buffered here.
 */
#ifndef TOOLS_BENCH_TRAFFIC_H
#define TOOLS_BENCH_TRAFFIC_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "tools/bench/connect.h"
#include "tools/bench/hist.h"
#include "tools/bench/options.h"
#include "tools/bench/watch.h"
#include "tools/bench/wire.h"

struct conn {
    struct wire wire;
    uint32_t id;
    bool blocked;               /* EPOLLOUT is armed */
    uint64_t due;               /* lines that should have gone */
    uint64_t sent, got;         /* whole lines, ... */
    size_t sent_part, got_part; /* ... and bytes of the next one */
    uint64_t counted;           /* lines that count */
    uint64_t *due_at; /* closed: of the lines under way, by number and the worker's mask */
};

struct worker {
    /* const after worker_open(), or before the thread starts */
    const struct bench_options *options;
    bool open; /* loop */
    uint64_t index;
    uint64_t start, from, to; /* the window is from..to */
    uint64_t count;           /* of conns */
    uint64_t due_mask;
    struct watch *watch; /* of the first worker alone, else NULL */
    sem_t *done;         /* posted as it ends */
    pthread_t thread;

    _Atomic uint64_t progress; /* lines answered, for who shows it */

    /* the thread's */
    struct conn *conns;
    uint64_t *due_at;
    uint64_t due, answered; /* lines, over all of them */
    uint64_t now;           /* as read last */
    int epoll, timer;
    uint64_t timer_at;
    bool opened, closed; /* the window */
    struct hist normal, slow, late;
    char in[2 * LINE_MAX], out[2 * LINE_MAX], expected[LINE_MAX];
};

/* Connects; connection i belongs to worker i modulo their number. */
void worker_open(struct worker *worker, const struct bench_options *options,
                 const struct target *target, uint64_t index);
void worker_close(struct worker *worker);

/* The thread's function. */
void *worker_run(void *worker);

#endif
