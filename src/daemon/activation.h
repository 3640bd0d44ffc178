/* SPDX-License-Identifier: MIT */
/*
 * Sockets that the service manager has opened for the daemon (sd_listen_fds(3)): descriptors from
 * 3 on, LISTEN_FDS of them, for the process LISTEN_PID, with names in LISTEN_FDNAMES. Each belongs
 * to the listener of the configuration that has its address and port, or its path; one that is at
 * none of them belongs to the first listener without a socket whose service is its name.
 */
#ifndef DAEMON_ACTIVATION_H
#define DAEMON_ACTIVATION_H

#include "config/errors.h"

#include <stddef.h>
#include <sys/socket.h>

struct activation_socket {
    int fd; /* -1 once it is taken */
    char *name;
    struct sockaddr_storage address;
};

struct activation {
    struct activation_socket *sockets;
    size_t count;
};

/*
 * Looks into the environment and takes the variables out of it. Returns 0, also when there are no
 * sockets; CONFIG_INVALID when ERRORS says what is wrong with them; or -ENOMEM.
 */
int activation_init(struct activation *activation, struct config_errors *errors);

/* Closes what nobody has taken. */
void activation_deinit(struct activation *activation);

/*
 * Takes the socket at that address ("*": all) and port, at that path, or of that name. Returns its
 * descriptor, the caller's to close, or -1 when there is none.
 */
int activation_take_address(struct activation *activation, const char *address, unsigned port);
int activation_take_path(struct activation *activation, const char *path);
int activation_take_name(struct activation *activation, const char *name);

/* Adds an error for each socket that nobody has taken. Returns 0 or CONFIG_INVALID. */
int activation_check_taken(const struct activation *activation, struct config_errors *errors);

#endif
