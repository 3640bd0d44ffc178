/* SPDX-License-Identifier: MIT */
/* What the programs of this folder share. Each of them ends with a message on a failure: status 1
 * for what went wrong, 2 for an option that makes no sense. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <signal.h>
#include <stdint.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t now_ns(void);

/* The value of an option, a whole number within [min, max]; anything else ends the program. */
uint64_t parse_number(const char *option, const char *text, uint64_t min, uint64_t max);

/* The value of an option in seconds, up to an hour, as nanoseconds. */
uint64_t parse_seconds(const char *option, const char *text);

/* As many descriptors as the hard limit allows. */
void raise_descriptor_limit(void);

/* Block SIGTERM and SIGINT, in threads started later too; wait until one of them arrives. */
void block_stop_signals(void);
void await_stop_signal(void);

/* A listening, non-blocking TCP socket on 127.0.0.1; with reuse, one of several on that port. */
int listen_on_loopback(uint16_t port, int reuse);

/* The port that a socket is bound to; announce_port tells it the world as "port N". */
uint16_t bound_port(int fd);
void announce_port(uint16_t port);

/* A reply that is complete should leave at once, whatever else is under way. */
void set_nodelay(int fd);

#endif
