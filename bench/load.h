/* SPDX-License-Identifier: MIT */
/* The load generator's options, and its modes: each runs, prints what it saw as key=value lines on
 * standard output, and returns the exit status. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/connect.h"
#include "bench/line.h"

struct load_options {
    struct sockaddr_in server;
    pid_t pid; /* 0: none was named */
    uint64_t connections;
    uint64_t flight; /* closed: lines under way on each connection */
    uint64_t rate;   /* open: lines a second over all connections */
    uint64_t threads;
    uint64_t warmup, window;   /* nanoseconds */
    uint64_t warm_connections; /* churn: opened and closed before the first look */
    struct line_shape shape;
};

int run_closed(const struct load_options *options);
int run_open(const struct load_options *options);
int run_idle(const struct load_options *options);
int run_churn(const struct load_options *options);

/* Send one line, and receive and verify its answer, on a socket that blocks. */
void client_send(const struct load_options *options, int fd, uint32_t conn, uint64_t number);
void client_receive(const struct load_options *options, int fd, uint32_t conn, uint64_t number);

#endif
