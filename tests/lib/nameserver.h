/* SPDX-License-Identifier: MIT */
/*
 * A name server of the test's own, on a port of 127.0.0.1: a thread that answers as it is told. What
 * it is not told of is not there; about names in "silent" it says nothing. Everything here fails
 * the test when it goes wrong.
 */
#ifndef TESTS_LIB_NAMESERVER_H
#define TESTS_LIB_NAMESERVER_H

struct nameserver;

struct nameserver *nameserver_start(void);
void nameserver_stop(struct nameserver *server);

unsigned nameserver_port(const struct nameserver *server);

/* A name has that address (A or AAAA record). */
void nameserver_address(struct nameserver *server, const char *name, const char *address);

/* A name leads to another one (PTR record). */
void nameserver_pointer(struct nameserver *server, const char *name, const char *to);

/* How many questions have come for a name. */
unsigned nameserver_asked(struct nameserver *server, const char *name);

#endif
