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

#include <paceline/service.h>
#include <paceline/version.h>

struct pl_listener;
struct pl_server;
struct pl_timer;

/* Begin with PL_SERVER_OPTIONS and change what you need. Copied by pl_server_new(). */
struct pl_server_options {
    const char *model; /* "leader-followers" or "loop-per-thread" */
    unsigned threads;  /* threads that may process at once; 0: as many as the process has CPUs */
    unsigned spare_threads;  /* further threads that run for those in blocking brackets */
    unsigned batch;          /* events taken from the kernel at once, 1 to 1024 */
    unsigned helper_threads; /* for pl_session_work(), 1 or more, started when first needed */
    unsigned helper_queue;   /* requests that may wait for them */
    unsigned max_sessions;   /* 0: as many as there are descriptors */
    unsigned per_address;    /* sessions from one address (IPv6: its first 64 bits), loopback and
                                Unix sockets excepted; 0: no limit */
    unsigned connect_rate;   /* connections a minute from one address, as above, for long; 0: no
                                limit */
    unsigned connect_burst;  /* connections from one address before that counts; 0: as 1 */
};
#define PL_SERVER_OPTIONS                                                                          \
    ((struct pl_server_options){.model = "leader-followers",                                       \
                                .spare_threads = 64,                                               \
                                .batch = 64,                                                       \
                                .helper_threads = 2,                                               \
                                .helper_queue = 256})

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
                                  .write_timeout = 120})

/*
 * Makes a server. Nothing runs yet. Returns 0, -EINVAL (an option out of range or an unknown
 * model), -ENOMEM, or the error of the system call that failed. Any thread.
 */
PL_EXPORT int pl_server_new(const struct pl_server_options *options, struct pl_server **server);

/*
 * Frees a server that does not run (any more): listeners are closed, work that pl_session_work()
 * has begun is waited for, sessions that are left end with PL_REASON_STOPPING (service.close is
 * called by this thread), timers are freed. NULL is allowed. Sessions that the caller still holds
 * references to must be given back before, and calls of other threads for it must have returned.
 */
PL_EXPORT void pl_server_free(struct pl_server *server);

/*
 * Binds a socket and serves SERVICE on it; SERVICE and CONTEXT must live until the listener is
 * closed and its sessions have ended. Connections are accepted once the server runs. LISTENER, if
 * not NULL, receives the listener, which belongs to the server and is valid until
 * pl_listener_close(). Returns 0, -EINVAL (an option out of range, no such address, a service
 * without name or line), -ENOMEM, for a Unix socket -ENAMETOOLONG, -EEXIST (something that is no
 * socket) or -EADDRINUSE (somebody listens there), or the error of the system call that failed.
 * Any thread, also while the server runs.
 */
PL_EXPORT int pl_server_listen(struct pl_server *server, const struct pl_service *service,
                               void *context, const struct pl_listener_options *options,
                               struct pl_listener **listener);

/* The port that LISTENER is bound to; 0 for a Unix socket. Any thread. */
PL_EXPORT unsigned pl_listener_port(const struct pl_listener *listener);

/*
 * Replaces the limits (max_line to idle_timeout) for connections accepted from now on; the other
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

/* Names of the concurrency models that this library has, ended by NULL; static. Any thread. */
PL_EXPORT const char *const *pl_models(void);

/*
 * Where the library's own log lines go; until it is called, nowhere. LEVEL is one of PL_LOG_*,
 * TEXT one line without an end. CALL may come from any thread, several at once, and must not call
 * the library. Call it before anything else; NULL switches it off.
 */
enum pl_log_level { PL_LOG_ERROR = 0, PL_LOG_WARNING, PL_LOG_INFO, PL_LOG_DEBUG };
PL_EXPORT void pl_set_log(void (*call)(enum pl_log_level level, const char *text, void *argument),
                          void *argument);

#endif
