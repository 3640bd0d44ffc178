/* SPDX-License-Identifier: MIT */
/*
 * A connection of the load: a socket, or TLS over one. A server's certificate is not verified, as one for
 * a measurement signs itself, and no session is resumed: each handshake is a full one.
 */
#ifndef TOOLS_BENCH_WIRE_H
#define TOOLS_BENCH_WIRE_H

#include "tools/bench/connect.h"

struct ssl_st;

struct wire {
    int fd;
    struct ssl_st *tls; /* NULL: none */
};

/* Has all connections to the target speak TLS. A build without it ends the program with status 2. */
void target_use_tls(struct target *target);
void target_deinit(struct target *target);

/* Connects, blocking (connect.h), and agrees upon TLS where that is spoken. */
struct wire wire_open(const struct target *target, uint64_t index);

/* Ends it in good order. */
void wire_close(struct wire *wire);

/* From now on nothing blocks. */
void wire_unblock(const struct wire *wire);

/*
 * As send(2) and recv(2), with errno; EAGAIN also where a time-out has passed. With TLS what was not
 * taken has to be sent first when there is room, no less of it and as it was; and no more than a
 * record is received at once, of which nothing is left if SIZE is at least WIRE_RECORD.
 */
enum { WIRE_RECORD = 16384 };
ssize_t wire_send(const struct wire *wire, const void *data, size_t size);
ssize_t wire_receive(const struct wire *wire, void *data, size_t size);

#endif
