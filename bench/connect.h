/* SPDX-License-Identifier: MIT */
/* How every connection of the load generators begins. */
#ifndef BENCH_CONNECT_H
#define BENCH_CONNECT_H

#include <netinet/in.h>
#include <stdint.h>

#include "bench/common.h"

/* How long the server has to answer what is still under way, or to notice what was closed. */
#define PATIENCE (10 * NS_PER_S)

/*
 * Connect, blocking. On loopback the source address is one of sixteen, by index: the ports of a
 * single one would not last for many connections opened and closed. Failure ends the program.
 */
int client_connect(const struct sockaddr_in *server, uint64_t index);

#endif
