/* SPDX-License-Identifier: MIT */
/* Waiting for a line to be in a text that somebody else writes. */
#ifndef TESTS_CLIENTS_WATCH_H
#define TESTS_CLIENTS_WATCH_H

#include "tests/lib/expect.h"

/* Gives the whole text as it is now, to be freed by who asked. */
typedef char *watch_source(void *argument);

/*
 * Looks at the text again and again until a line of it matches PATTERN, an extended regular
 * expression (regex(7)) for the whole line but for spaces at its end. The text is part of the
 * failure if none does before the deadline.
 */
void watch_for(struct place place, watch_source *source, void *argument, const char *pattern);

/* A source: the text of the file of that path; empty where there is none. */
char *watch_file(void *path);

#endif
