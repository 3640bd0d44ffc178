/* SPDX-License-Identifier: MIT */
/*
 * Outgoing connections: sessions that this side begins. Once connected, such a session is like an
 * accepted one, in the same server and under the same rules (paceline/service.h), so that a server
 * can be a client too.
 */
#ifndef PACELINE_CONNECT_H
#define PACELINE_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include <paceline/server.h>

/* Begin with PL_CONNECT_OPTIONS and change what you need. Copied by pl_connect(). */
struct pl_connect_options {
    const char *host;         /* IPv4 or IPv6 address, or a name that is looked up */
    unsigned port;            /* 1 to 65535 */
    const char *path;         /* a Unix socket instead of host and port */
    unsigned timeout;         /* milliseconds for all of it, the looking up included; 0: no limit
                                 but the kernel's */
    unsigned attempt_timeout; /* milliseconds for one address before the next one is tried; 0: as
                                 long as the kernel tries. The last one has what timeout leaves. */
    size_t max_line;          /* the limits of the session, as in pl_listener_options */
    size_t recvq;
    size_t sendq;
    size_t high_water;
    unsigned write_timeout;
    unsigned idle_timeout;
    void (*failed)(void *context, int error); /* see pl_connect(); may be NULL */
};
#define PL_CONNECT_OPTIONS                                                                         \
    ((struct pl_connect_options){.timeout = 30000,                                                 \
                                 .attempt_timeout = 5000,                                          \
                                 .max_line = 65536,                                                \
                                 .recvq = 16384,                                                   \
                                 .sendq = 1048576,                                                 \
                                 .high_water = 65536,                                              \
                                 .write_timeout = 120})

/*
 * Connects, once the server runs, and serves SERVICE on the connection. A name is looked up by the
 * helper threads (pl_server_options), which getaddrinfo(3) may hold up. Its addresses are tried one
 * after the other in the order of getaddrinfo(3), but with the families in turn (RFC 8305, section
 * 4).
 *
 * If that succeeds, the session begins with service.open(session, CONTEXT). If not, FAILED is
 * called with CONTEXT and a negative errno, in a thread of the pool or by pl_server_free(); it must
 * not block. One of them is called, and once, unless this call fails itself: then none is. The error
 * is that of the last address that was tried, as -ECONNREFUSED (also where a connection met itself),
 * or
 *
 *     -ETIMEDOUT  TIMEOUT, or the time of the last address, is over
 *     -ECANCELED  pl_connect_cancel(), or the server drains or is freed
 *     -ENOENT     no such host or path, or a host without an address
 *     -EAGAIN     the name cannot be looked up now, or too many wait for the helper threads
 *     -EIO        it cannot be looked up at all
 *     -EMFILE, -ENFILE  no descriptor is left; two are needed for a moment
 *     -ENOMEM
 *
 * Such a session does not count against max_sessions, per_address and connect_rate. SERVICE and
 * CONTEXT must live until FAILED has been called, or the session has ended. ID, if not NULL,
 * receives, before anything is called, what pl_connect_cancel() takes; it is not the session's id.
 * Returns 0, -EINVAL (an option out of range, neither host nor path, a service without name or
 * line), -ENAMETOOLONG (the path), -ENOMEM, -ECANCELED (the server drains or is being freed), or
 * why the model has no place for it. Any thread, also before the server runs.
 */
PL_EXPORT int pl_connect(struct pl_server *server, const struct pl_service *service, void *context,
                         const struct pl_connect_options *options, uint64_t *id);

/*
 * Takes a connection back that is not there yet: FAILED is called with -ECANCELED, now or very
 * soon, unless it is too late by then. Returns 0, or -ENOENT if it has been made or has failed. Any
 * thread.
 */
PL_EXPORT int pl_connect_cancel(struct pl_server *server, uint64_t id);

#endif
