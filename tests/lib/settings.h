/* SPDX-License-Identifier: MIT */
/*
 * Configurations for tests: snapshots of a text, and what is wrong with one. Messages call the text
 * t.conf.
 */
#ifndef TESTS_LIB_SETTINGS_H
#define TESTS_LIB_SETTINGS_H

#include "config/snapshot.h"

/* The snapshot of TEXT; the running test fails, with what is wrong, if there is anything. */
struct config *settings_load(const char *text);

/* The same of a file. */
struct config *settings_load_file(const char *path);

/* All that is wrong with TEXT, a line each; the running test fails if nothing is. To be freed. */
char *settings_complaints(const char *text);

/* The same of a file. */
char *settings_complaints_file(const char *path);

/* What config_dump() writes. To be freed. */
char *settings_dump(const struct config *config);

/* Writes a file in a folder and returns its path, to be freed. */
char *settings_write(const char *folder, const char *name, const char *text);

#endif
