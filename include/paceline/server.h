/* SPDX-License-Identifier: MIT */
/*
 * A server: a pool of threads under one concurrency model, its listeners, sessions, timers and
 * signals.
 */
#ifndef PACELINE_SERVER_H
#define PACELINE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <paceline/network.h>
#include <paceline/service.h>
#include <paceline/version.h>

struct pl_listener;
struct pl_server;
struct pl_timer;
struct pl_tls;

/* Begin with PL_SERVER_OPTIONS and change what you need. Copied by pl_server_new(). */
struct pl_server_options {
    const char *model; /* one of pl_models() */
    unsigned threads;  /* threads that may process at once; 0: as many as the process has CPUs */
    unsigned spare_threads;      /* further threads that run for those in blocking brackets */
    unsigned batch;              /* events taken from the kernel at once, 1 to 1024 */
    unsigned queue;              /* events that may wait for a thread, in models with a queue, 1 to
                                65536 */
    unsigned connection_threads; /* the most, in models with a thread for each connection; 0: no
                                    limit */
    unsigned helper_threads;     /* for pl_session_work() and names that pl_connect() looks up, 1 or
                                    more, started when first needed */
    unsigned helper_queue;       /* requests that may wait for them */
    unsigned max_sessions;       /* 0: as many as there are descriptors */
    unsigned per_address;   /* sessions from one address, loopback and Unix sockets excepted; 0: no
                                limit */
    unsigned connect_rate;  /* connections a minute from one address, as above, for long; 0: no
                                limit */
    unsigned connect_burst; /* connections from one address before that counts; 0: as 1 */
    unsigned
        prefix_ipv4; /* addresses that begin with so many same bits, 1 to 32, are one in that */
    unsigned prefix_ipv6; /* the same of IPv6, 1 to 128 */
};
#define PL_SERVER_OPTIONS                                                                          \
    ((struct pl_server_options){.model = "leader-followers",                                       \
                                .spare_threads = 64,                                               \
                                .batch = 64,                                                       \
                                .queue = 1024,                                                     \
                                .connection_threads = 4096,                                        \
                                .helper_threads = 2,                                               \
                                .helper_queue = 256,                                               \
                                .prefix_ipv4 = 32,                                                 \
                                .prefix_ipv6 = 64})

/* Begin with PL_LISTENER_OPTIONS and change what you need. Copied by pl_server_listen(). */
struct pl_listener_options {
    const char *address; /* IPv4 or IPv6 address, or "*": every address of both; NULL: 127.0.0.1 */
    unsigned port;       /* 0: one that is free, see pl_listener_port() */
    const char *path;    /* a Unix socket instead of address and port; one that nobody listens on
                            is replaced */
    unsigned path_mode;  /* its permissions; 0: 0777 under the umask */
    int fd;              /* a listening socket to take over instead, or -1; the server's once
                            pl_server_listen() has succeeded */
    unsigned backlog;    /* connections that may wait to be accepted */
    size_t max_line;     /* longest line in bytes, its end included */
    size_t recvq;        /* bytes that may stand unread or unterminated beyond one max_line */
    size_t sendq;        /* bytes that may be queued for a peer */
    size_t high_water;   /* bytes queued beyond which reading from the peer pauses */
    unsigned write_timeout; /* seconds without a byte taken of what is queued; 0: no limit */
    unsigned idle_timeout;  /* seconds without input; 0: no limit */
    unsigned proxy_timeout; /* seconds in which the PROXY header must have come; 0: no limit */
    unsigned tls_timeout;   /* seconds that the TLS handshake may take; 0: no limit */
    struct pl_tls *tls;     /* connections speak TLS (paceline/tls.h), behind the PROXY header if
                               there is one; the listener takes a reference. NULL: plain */
    bool proxy_protocol;    /* connections begin with a header of the PROXY protocol, version 1 or
                               2, which names the peer; gateways alone connect
                               (pl_server_set_gateways()) */
    bool
        exempt; /* max_sessions, per_address and connect_rate do not count: for an operator's own door */
};
#define PL_LISTENER_OPTIONS                                                                        \
    ((struct pl_listener_options){.address = "127.0.0.1",                                          \
                                  .fd = -1,                                                        \
                                  .backlog = 1024,                                                 \
                                  .max_line = 65536,                                               \
                                  .recvq = 16384,                                                  \
                                  .sendq = 1048576,                                                \
                                  .high_water = 65536,                                             \
                                  .write_timeout = 120,                                            \
                                  .proxy_timeout = 5,                                              \
                                  .tls_timeout = 10})

/* Whoever may name another peer than itself. */
struct pl_gateway {
    struct pl_network network;
    bool proxy_protocol; /* by PROXY headers, where the listener has proxy_protocol */
    bool names_peers;    /* to services that have PL_SERVICE_NAMES_PEERS */
};

/*
 * Makes a server. Nothing runs yet. Returns 0, -EINVAL (an option out of range or an unknown
 * model), -ENOTSUP (pl_model_missing() tells why), -ENOMEM, or the error of the system call that
 * failed. Any thread.
 */
PL_EXPORT int pl_server_new(const struct pl_server_options *options, struct pl_server **server);

/*
 * Frees a server that does not run (any more): listeners are closed, work that pl_session_work()
 * has begun is waited for, sessions that are left end with PL_REASON_STOPPING (service.close is
 * called by this thread), connections that are not there yet fail (pl_connect()), timers are freed.
 * NULL is allowed. Sessions that the caller still holds references to must be given back before, and
 * calls of other threads for it must have returned.
 */
PL_EXPORT void pl_server_free(struct pl_server *server);

/*
 * Binds a socket and serves SERVICE on it; SERVICE and CONTEXT must live until the listener is
 * closed and its sessions have ended. Connections are accepted once the server runs. LISTENER, if
 * not NULL, receives the listener, which belongs to the server and is valid until
 * pl_listener_close(). Returns 0, -EINVAL (an option out of range, no such address, a service
 * without name or line), -ENOMEM, for a Unix socket -ENAMETOOLONG, -EEXIST (something that is no
 * socket) or -EADDRINUSE (somebody listens there, and still does after a fifth of a second), or the
 * error of the system call that failed. Any thread, also while the server runs.
 */
PL_EXPORT int pl_server_listen(struct pl_server *server, const struct pl_service *service,
                               void *context, const struct pl_listener_options *options,
                               struct pl_listener **listener);

/* The port that LISTENER is bound to; 0 for a Unix socket. Any thread. */
PL_EXPORT unsigned pl_listener_port(const struct pl_listener *listener);

/*
 * Replaces the limits (max_line to tls_timeout) for connections accepted from now on; the other
 * members of OPTIONS are ignored. Returns 0, -EINVAL or -ENOMEM. Any thread.
 */
PL_EXPORT int pl_listener_set_limits(struct pl_listener *listener,
                                     const struct pl_listener_options *options);

/* Stops accepting and closes the socket, now or very soon; sessions go on. Any thread, once. */
PL_EXPORT void pl_listener_close(struct pl_listener *listener);

/* Replaces max_sessions and per_address (pl_server_options) for new connections. Any thread. */
PL_EXPORT void pl_server_set_limits(struct pl_server *server, unsigned max_sessions,
                                    unsigned per_address);

/*
 * Replaces connect_rate and connect_burst (pl_server_options). What an address has used up of its
 * burst stays used. Any thread.
 */
PL_EXPORT void pl_server_set_connect_rate(struct pl_server *server, unsigned per_minute,
                                          unsigned burst);

/*
 * Replaces the gateways, none at first, for new connections: COUNT of them, copied. Returns 0 or
 * -ENOMEM. Any thread.
 */
PL_EXPORT int pl_server_set_gateways(struct pl_server *server, const struct pl_gateway *gateways,
                                     size_t count);

/*
 * Replaces prefix_ipv4 and prefix_ipv6, both in range, for new connections; those that are there count
 * for what they counted for. Any thread.
 */
PL_EXPORT void pl_server_set_prefixes(struct pl_server *server, unsigned ipv4, unsigned ipv6);

/*
 * A class of connections: those from certain addresses, and what holds for them instead of what the
 * server and the listener say. Nothing of it holds where pl_listener_options.exempt is set.
 */
#define PL_CLASS_NAME 65 /* bytes that a name takes at most, with its NUL */
struct pl_class_options {
    const char *name;                  /* not empty, and less than PL_CLASS_NAME bytes */
    const struct pl_network *networks; /* network_count of them: whose addresses are in it */
    size_t network_count;
    unsigned connections; /* sessions of the class; 0: no limit but max_sessions */
    unsigned per_address;
    size_t recvq;
    size_t sendq;
};

/*
 * Replaces the classes; there are none at first. A connection is in the first class that its address
 * is in, and stays in it. OPTIONS are copied. Returns 0, -EINVAL (a bad name or one that is there
 * twice, a limit out of range) or -ENOMEM; then those of before hold. Any
 * thread.
 */
PL_EXPORT int pl_server_set_classes(struct pl_server *server,
                                    const struct pl_class_options *options, size_t count);

struct pl_class_stats {
    char name[PL_CLASS_NAME];
    unsigned sessions; /* open now, in this class and former ones of that name */
    unsigned connections;
    unsigned per_address;
    size_t recvq;
    size_t sendq;
};

/* Tells of the class with that INDEX; false: there are not so many. Any thread. */
PL_EXPORT bool pl_server_class(struct pl_server *server, size_t index,
                               struct pl_class_stats *stats);

/*
 * Runs the server: the calling thread becomes one of the pool's, the others are started. Returns 0
 * after pl_server_stop() or pl_server_drain(), when all threads of the pool have ended, or the
 * error that kept it from starting. Once a server: after that -EBUSY.
 */
PL_EXPORT int pl_server_run(struct pl_server *server);

/*
 * Stops at once: pl_server_run() returns after the calls that run, or right away if it comes later.
 * Any thread; again is harmless.
 */
PL_EXPORT void pl_server_stop(struct pl_server *server);

/*
 * Stops in good order: listeners close, each session gets service.farewell with
 * PL_REASON_STOPPING, queues are written out, connections close; then, or after MILLISECONDS at
 * the latest, as pl_server_stop(). Any thread; again is harmless.
 */
PL_EXPORT void pl_server_drain(struct pl_server *server, unsigned milliseconds);

/*
 * The session of that id with a reference for the caller, or NULL if it is ending or has ended. Any
 * thread.
 */
PL_EXPORT struct pl_session *pl_server_find(struct pl_server *server, uint64_t id);

/*
 * Has CALL(argument) called once by a thread of the pool, as an event of its own. Posts are not
 * ordered among each other. Those that have not run when the server stops are never run. Returns
 * 0 or -ENOMEM. Any thread.
 */
PL_EXPORT int pl_server_post(struct pl_server *server, void (*call)(void *argument),
                             void *argument);

/*
 * Has CALL(signal, argument) called by a thread of the pool when SIGNAL arrives (signalfd(2)). The
 * signal is blocked in the calling thread: call it before pl_server_run() and before other threads
 * are started. Returns 0, -EINVAL, -ENOMEM or the error of signalfd. Once a signal.
 */
PL_EXPORT int pl_server_on_signal(struct pl_server *server, int signal,
                                  void (*call)(int signal, void *argument), void *argument);

/*
 * Makes a timer that calls CALL(argument) from a thread of the pool, never twice at once. It is
 * not set yet. Returns 0 or -ENOMEM. Any thread.
 */
PL_EXPORT int pl_timer_new(struct pl_server *server, void (*call)(void *argument), void *argument,
                           struct pl_timer **timer);

/*
 * Lets it go off once, MILLISECONDS from now (0: at the next opportunity), instead of any time set
 * before. Any thread.
 */
PL_EXPORT void pl_timer_set(struct pl_timer *timer, unsigned milliseconds);

/* Takes it back. A call that has begun, or is due, may still come. Any thread. */
PL_EXPORT void pl_timer_cancel(struct pl_timer *timer);

/*
 * Frees it. A call that another thread has begun goes on, so ARGUMENT must live until then; no
 * further one begins. NULL is allowed. Any thread, also inside its call.
 */
PL_EXPORT void pl_timer_free(struct pl_timer *timer);

/* What the server has done since it was made. Numbers are gathered without stopping anybody. */
struct pl_stats {
    unsigned sessions;      /* open now */
    unsigned threads;       /* alive in the pool now, spares included */
    unsigned spare_threads; /* of those, beyond pl_server_options.threads */
    uint64_t accepted;      /* connections */
    uint64_t connected;     /* connections made by pl_connect() */
    uint64_t refused;       /* connections turned away */
    uint64_t lines;         /* delivered to services */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t events;           /* processed */
    uint64_t waits;            /* calls that waited for events */
    uint64_t promotions;       /* followers made leader (leader-followers) */
    uint64_t writes;           /* send calls */
    uint64_t spares_exhausted; /* brackets that found no spare thread */
};
PL_EXPORT void pl_server_stats(struct pl_server *server, struct pl_stats *stats);

/* What was run into, by the limit that said no. The names are those of the options, where one is. */
enum pl_limit {
    PL_LIMIT_CONNECTIONS = 0,    /* a connection turned away: max_sessions are there */
    PL_LIMIT_DESCRIPTORS,        /* the same: no descriptor is left */
    PL_LIMIT_CONNECTION_THREADS, /* the same: connection_threads are there, or none can be started */
    PL_LIMIT_PER_ADDRESS,        /* the same: per_address */
    PL_LIMIT_CONNECT_RATE,       /* the same: connect_rate */
    PL_LIMIT_CLASS,              /* the same: as many as pl_class_options.connections says */
    PL_LIMIT_LINE,               /* a line longer than max_line */
    PL_LIMIT_RECVQ,              /* a session ended with PL_REASON_RECVQ, and so on */
    PL_LIMIT_SENDQ,
    PL_LIMIT_WRITE_TIMEOUT,
    PL_LIMIT_IDLE_TIMEOUT,
    PL_LIMIT_MEMORY,        /* a connection or session that ended for want of memory */
    PL_LIMIT_SPARE_THREADS, /* a bracket that found no spare thread */
    PL_LIMIT_HELPER_QUEUE,  /* work that the helper pool did not take */
    PL_LIMIT_OPENING,       /* accepting waited for connections that had not had their first turn */
};

/* The name of LIMIT, static; NULL: there is no such limit, and none after it. Any thread. */
PL_EXPORT const char *pl_limit_name(enum pl_limit limit);

/* How often LIMIT has been run into since the server was made; 0 where there is no such. Any thread. */
PL_EXPORT uint64_t pl_server_limit_hits(const struct pl_server *server, enum pl_limit limit);

/*
 * Names of the concurrency models that can be had here, ended by NULL; static. Any thread. The
 * first call may try what the kernel can do.
 */
PL_EXPORT const char *const *pl_models(void);

/*
 * Why the model of that name cannot be had here, as a piece of text; NULL: it can. Static. Any
 * thread.
 */
PL_EXPORT const char *pl_model_missing(const char *name);

/*
 * Where the library's own log lines go; until it is called, nowhere. LEVEL is one of PL_LOG_*,
 * TEXT one line without an end. CALL may come from any thread, several at once, and must not call
 * the library. Call it before anything else; NULL switches it off.
 */
enum pl_log_level { PL_LOG_ERROR = 0, PL_LOG_WARNING, PL_LOG_INFO, PL_LOG_DEBUG };
PL_EXPORT void pl_set_log(void (*call)(enum pl_log_level level, const char *text, void *argument),
                          void *argument);

#endif
