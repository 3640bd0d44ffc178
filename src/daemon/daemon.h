/* SPDX-License-Identifier: MIT */
/*
 * The daemon's root: everything that lives as long as the process. main.c owns the only one and
 * tells its life; the modules of this folder take what they need out of it. There are no globals
 * but this.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/lock.h"
#include "config/snapshot.h"
#include "daemon/activation.h"
#include "daemon/detach.h"
#include "daemon/listeners.h"
#include "daemon/logging.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/privileges.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "daemon/services.h"
#include "daemon/state.h"

#include <paceline.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct history;
struct store;

/* Exit statuses. */
enum {
    DAEMON_STOPPED = 0, /* stopped cleanly */
    DAEMON_FAILED = 1,  /* something went wrong at run time */
    DAEMON_USAGE = 2,   /* the command line makes no sense */
    DAEMON_CONFIG = 3,  /* the configuration is wrong, or cannot be put into force */
};

struct daemon {
    struct restart restart;       /* const after init */
    struct options options;       /* const after start, like all down to `started` */
    char *config_path;            /* that of -c, absolute with --daemon; or NULL */
    char *pidfile_path;           /* that of --pidfile, likewise */
    const char *model;            /* the concurrency model, static */
    struct privileges privileges; /* whom to become; no name: nobody */
    struct notify notify;
    struct logging logging;
    struct detach detach;         /* start */
    struct pidfile pidfile;       /* start and end */
    struct activation activation; /* start */
    struct pl_server *server;
    struct pl_timer *watchdog; /* NULL: nobody watches */
    uint64_t started;          /* pli_clock_now() */

    struct services services; /* see there */
    struct pl_tls *tls;       /* NULL: none is needed; the main thread at the start, then reloads */
    bool key_kept;      /* there is a file of the key; the main thread at the start, then reloads */
    char *store_path;   /* the same; NULL: it is in no file */
    char *history_path; /* likewise */
    struct reload reload; /* see there */
    struct state state;   /* the main thread at the start, then the reload thread */

    struct pli_mutex lock;     /* rank CONFIG */
    struct config *config;     /* (lock) the snapshot in force; only the reload thread changes it */
    const char *config_source; /* (lock) where it came from; likewise */
    struct store *store;       /* (lock) NULL: none yet; likewise */
    struct history *history;   /* (lock) NULL: none, or none yet; likewise */
    const char *history_off;   /* (lock) why there is none, static; likewise */
    struct listeners listeners; /* (lock) of that snapshot; likewise */

    atomic_bool stopping;   /* a drain has begun */
    atomic_bool again;      /* and the server is to start again */
    atomic_uint signals;    /* that asked for a stop */
    atomic_int exit_status; /* what main() returns once the server has stopped */
};

#endif
