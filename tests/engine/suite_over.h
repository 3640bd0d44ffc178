/* SPDX-License-Identifier: MIT */
/*
 * What the suite's connections speak: bytes as they are (suite_plain.c, in the library), or TLS where
 * a program is linked with suite_tls.c. The same tests make sure that nothing else is different.
 */
#ifndef TESTS_ENGINE_SUITE_OVER_H
#define TESTS_ENGINE_SUITE_OVER_H

#include <stdbool.h>

#include <paceline.h>

/* Writes that are made for a session, at most, beside those of what its service sends. */
extern const unsigned suite_over_writes;

/* Who is turned away is told why in words; if not, the connection breaks as it is opened. */
extern const bool suite_over_tells;

/* Before an engine listens with these options, and after. */
void suite_over_begin(struct pl_listener_options *options);
void suite_over_end(struct pl_listener_options *options);

#endif
