/* SPDX-License-Identifier: MIT */
/*
 * Reloading the configuration while the server runs. Files are read and sockets bound, which may
 * wait, so it is done by a thread of its own, started with the first request: one reload at a time,
 * in the order they were asked for.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "base/lock.h"
#include "config/errors.h"

#include <pthread.h>
#include <stdbool.h>

struct daemon;
struct reload_request;

struct reload {
    struct pli_mutex lock; /* rank CONFIG, never held together with the daemon's */
    struct pli_cond changed;
    struct reload_request *first; /* (lock) */
    bool started;                 /* (lock) there is a thread */
    bool stopping;                /* (lock) */
    bool running;                 /* (lock) a reload is being done */
    pthread_t thread;             /* (lock) */
};

void reload_init(struct reload *reload);

/* Waits for a reload that runs, cancels those that wait. When the server has stopped. */
void reload_deinit(struct reload *reload);

/*
 * Asks for a reload and does not wait. DONE (may be NULL) is called exactly once afterwards, by the
 * reload thread or by reload_deinit(), with what came of it: 0; CONFIG_INVALID or a negative errno,
 * when everything is as it was and MESSAGES says why; -ECANCELED when it was not begun. After 0,
 * MESSAGES are warnings. Returns 0, -ECANCELED when the daemon stops, -ENOMEM or the error of
 * starting the thread; DONE is not called then. Any thread.
 */
int reload_request(struct daemon *daemon,
                   void (*done)(int result, const struct config_errors *messages, void *argument),
                   void *argument);

/*
 * The same, and waits for what comes of it, which is returned; *MESSAGES are the messages, a line
 * each, to be freed, or NULL. Not for the threads of the pool.
 */
int reload_wait(struct daemon *daemon, char **messages);

/* Whether one is being done. Any thread. */
bool reload_is_running(struct reload *reload);

#endif
