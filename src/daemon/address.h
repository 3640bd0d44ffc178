/* SPDX-License-Identifier: MIT */
/* Socket addresses against what the configuration writes. */
#ifndef DAEMON_ADDRESS_H
#define DAEMON_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether it is that numeric address ("*": every address of a family or both) and port. */
bool address_is(const struct sockaddr_storage *address, const char *text, unsigned port);

/* "192.0.2.1 port 7000", "[2001:db8::1] port 7000" or a path, into BUFFER; returns BUFFER. */
#define ADDRESS_TEXT 160
const char *address_text(const struct sockaddr_storage *address, char buffer[static ADDRESS_TEXT]);

#endif
