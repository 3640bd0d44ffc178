/* SPDX-License-Identifier: MIT */
/* Making and taking over listening sockets. */
#ifndef PLI_TRANSPORT_SOCKET_H
#define PLI_TRANSPORT_SOCKET_H

#include <paceline/server.h>

/*
 * A bound, listening, non-blocking socket as OPTIONS say, and the port it has (0: a Unix socket).
 * Returns the descriptor or a negative errno.
 */
int pli_socket_listen(const struct pl_listener_options *options, unsigned *port);

#endif
