/* SPDX-License-Identifier: MIT */
/* What the control socket's `status` and `limits` answer. */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include <stdio.h>

struct daemon;

/* Writes "key: value" a line (paceline(8) lists the keys). Any thread. */
void status_print(struct daemon *daemon, FILE *file);

/* The same with how often each limit was run into. */
void status_print_limits(struct daemon *daemon, FILE *file);
/* Parts of it, and what memory is used, for others. Any thread. */
void status_print_ports(struct daemon *daemon, FILE *file);
void status_print_traffic(struct daemon *daemon, FILE *file);
void status_print_memory(FILE *file);

/* The bans of people, addresses and channels, a line each. Any thread. */
void status_print_bans(struct daemon *daemon, FILE *file);

#endif
