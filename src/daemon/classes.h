/* SPDX-License-Identifier: MIT */
/* The classes of connections that the configuration names. */
#ifndef DAEMON_CLASSES_H
#define DAEMON_CLASSES_H

#include "chat/class.h"
#include "config/snapshot.h"

#include <stdio.h>

struct daemon;

/* Puts those of CONFIG in force for connections to come. Returns 0 or -ENOMEM. */
int classes_set(struct daemon *daemon, const struct config *config);

/*
 * What the services need to know of them: as many as CONFIG has, for free(); their texts are
 * CONFIG's. NULL without memory.
 */
struct chat_class *classes_read(const struct config *config);

/* What the control socket's `classes` answers: a line each. Any thread. */
void classes_print(struct daemon *daemon, FILE *file);

#endif
