/* SPDX-License-Identifier: MIT */
/*
 * What the echo servers of this folder have in common, so that each shows its own way of waiting and
 * little else: their options and signals, and connections that echo as far as their socket allows.
 * Nothing here waits, and nothing but a table is shared: a connection belongs to whoever serves it.
 */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <stddef.h>
#include <stdint.h>

struct echo_options {
    unsigned threads;
    uint16_t port;
};

/*
 * Read [--threads N] [--port P], and make the process a server: as many descriptors as it may have,
 * SIGTERM and SIGINT blocked, SIGPIPE ignored.
 */
void echo_begin(int argc, char **argv, struct echo_options *options);

/* A descriptor that does not block and becomes readable when SIGTERM or SIGINT has arrived. */
int echo_stop_signal(void);

struct echo_conn {
    int fd;
    char *rest; /* what the peer has not taken yet, or NULL */
    size_t length, offset;
};

/* Connections by their descriptor; those from end on are NULL. */
struct echo_table {
    struct echo_conn **conns;
    int size, end;
};

void echo_table_init(struct echo_table *table);

/* Drops all that are left. */
void echo_table_deinit(struct echo_table *table);

/* Take the next that waits at the listener, non-blocking; NULL when there is none. */
struct echo_conn *echo_accept(struct echo_table *table, int listener);

void echo_drop(struct echo_table *table, struct echo_conn *conn);

/* What a connection waits for. */
enum echo_next {
    ECHO_MORE,  /* to be asked again, or to become readable: something was echoed */
    ECHO_READ,  /* to become readable: nothing was there */
    ECHO_WRITE, /* to become writable: the peer does not take what is kept for it */
    ECHO_END    /* to be dropped */
};

/*
 * Write what is kept, or else read once and write what came. While something is kept nothing is
 * read: a peer that does not read holds 64 KiB at most, and then itself up.
 */
enum echo_next echo_step(struct echo_conn *conn);

/* Echo until the socket blocks, for those who are told only once; ECHO_MORE: not yet, but that is
 * enough for one turn. */
enum echo_next echo_exhaust(struct echo_conn *conn);

#endif
