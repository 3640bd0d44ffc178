/* SPDX-License-Identifier: MIT */
/* What the control socket's `status` answers. */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include <stdio.h>

struct daemon;

/* Writes "key: value" a line (paceline(8) lists the keys). Any thread. */
void status_print(struct daemon *daemon, FILE *file);

#endif
