/* SPDX-License-Identifier: MIT */
/* A history in a folder of the test's own, and lines to keep in it. */
#ifndef TESTS_UNIT_HISTORY_HOUSE_H
#define TESTS_UNIT_HISTORY_HOUSE_H

#include "store/history.h"

#include <sqlite3.h>

struct history_house {
    char *folder;
    char *path; /* of the file */
    struct history_options options;
    struct history *history;
    char why[STORE_WHY];
};

/* An empty folder, and no history yet. */
void history_house_init(struct history_house *house);
void history_house_deinit(struct history_house *house);

/* history_open(), whose result is returned; and its end. */
int history_house_open(struct history_house *house);
void history_house_close(struct history_house *house);

/* Both, and a failure of the test unless it succeeds. */
void history_house_begin(struct history_house *house);
void history_house_end(struct history_house *house);

/* All that was given is committed; and its words are indexed. */
void history_house_settle(struct history_house *house, bool indexed);

struct history_bytes bytes_of(const char *text);
struct history_target channel_of(uint64_t id);
struct history_target pair_of(const char *one, const char *other);

/* A line of somebody's whose body is "<TEXT>". */
struct history_line line_of(struct history_target target, uint64_t id, const char *sender,
                            const char *text);

/* Keeps it, which must succeed. */
void house_say(struct history_house *house, struct history_target target, uint64_t id,
               const char *text);

/*
 * What a query yields: "id text" of each, with commas between them; to be freed. Without a target it is
 * channel_of(1), and without a number there are 100 lines at most.
 */
char *house_read(struct history_house *house, struct history_query query);
char *house_search(struct history_house *house, struct history_search search, bool newest);

/* Another program, which holds the file for writing; and lets it go. */
sqlite3 *history_other_program(const struct history_house *house, const char *sql);

/* The number that SQL yields on the file. */
long long history_ask(const struct history_house *house, const char *sql);

#endif
