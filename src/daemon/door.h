/* SPDX-License-Identifier: MIT */
/*
 * A door: one listening socket of the daemon, and the library's listener that serves it. The daemon
 * keeps the socket, and the listener works on a duplicate of it, so that another service can be put
 * on a socket that the daemon could not open again: a port that needs privileges given up long ago,
 * one that the service manager has opened, or simply without a moment in which nobody listens.
 */
#ifndef DAEMON_DOOR_H
#define DAEMON_DOOR_H

#include "config/snapshot.h"

#include <paceline/server.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct daemon;

struct door {
    int fd;        /* (daemon.lock, once in the daemon's list) -1: closed */
    char *path;    /* (likewise) of a Unix socket that is ours to remove, or NULL */
    unsigned port; /* (likewise; only the reload thread changes it) 0: a Unix socket */
    struct pl_listener *listener; /* (likewise) NULL: not served */
};

#define DOOR_CLOSED ((struct door){.fd = -1})

/*
 * Opens the socket that CONFIG's LISTENER asks for and has it served. FD is a socket that somebody
 * else has opened for it, or -1; it stays the caller's when this fails. While the address is in use
 * it is tried again until DEADLINE (pli_clock_now()). Returns 0 or a negative errno.
 */
int door_open(struct door *door, struct daemon *daemon, const struct config *config,
              const struct config_listener *listener, int fd, uint64_t deadline);

/*
 * Has a duplicate of the socket FD served as LISTENER says, beside what may serve it already.
 * Returns 0 or a negative errno.
 */
int door_serve(int fd, struct daemon *daemon, const struct config *config,
               const struct config_listener *listener, struct pl_listener **out);

/*
 * Puts what LISTENER says about a socket and its limits in force for a door in the daemon's list
 * that is served. What fails is logged.
 */
void door_adjust(const struct door *door, struct daemon *daemon, const struct config *config,
                 const struct config_listener *listener);

/* Closes and removes the socket; the listener is left to the server, which stops. */
void door_let_go(struct door *door);

/* The same, and ends the listener. */
void door_close(struct door *door);

/* "service address port" of an open door; a Unix socket's address is its path, its port 0. */
void door_print(const struct door *door, const struct daemon *daemon,
                const struct config_listener *listener, FILE *file);

/* Logs that it is open. */
void door_log(const struct door *door, const struct daemon *daemon,
              const struct config_listener *listener);

/* Adds to ERRORS that it could not be opened, and returns CONFIG_INVALID or -ENOMEM. */
int door_blame(const struct config *config, const struct config_listener *listener, int error,
               struct config_errors *errors);

#endif
