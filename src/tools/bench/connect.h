/* SPDX-License-Identifier: MIT */
/* Where the server is, and how every connection to it begins. Failure ends the program. */
#ifndef TOOLS_BENCH_CONNECT_H
#define TOOLS_BENCH_CONNECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tools/bench/options.h"

enum { TARGET_TEXT = 300 };

struct target {
    struct sockaddr_storage address;
    socklen_t length;
    uint64_t patience;      /* how long a connection, and what blocks on it, may take */
    struct ssl_ctx_st *tls; /* that all connections speak (wire.h), or NULL */
    char text[TARGET_TEXT]; /* as HOST:PORT, for people */
};

/*
 * Takes HOST:PORT apart: a name, an IPv4 address, or an IPv6 address in brackets. HOST, of SIZE
 * bytes, and *PORT receive the parts. Returns false if it has not that form.
 */
bool target_split(const char *text, char *host, size_t size, const char **port);

/*
 * The first address of HOST:PORT, or of 127.0.0.1 and PORT where TEXT is NULL, that accepts a
 * connection, which is closed again.
 */
void target_find(struct target *target, const char *text, unsigned port, uint64_t patience);

/*
 * Connect, blocking, with a time-out. From 127.0.0.0/8 the source address is one of sixteen, by
 * index: the ports of a single one would not last for many connections opened and closed.
 */
int client_connect(const struct target *target, uint64_t index);

/* As many descriptors as the hard limit allows, which is returned. */
uint64_t raise_descriptor_limit(void);

#endif
