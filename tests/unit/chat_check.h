/* SPDX-License-Identifier: MIT */
/* What must hold of a world's inside whenever nobody is changing it. */
#ifndef TESTS_UNIT_CHAT_CHECK_H
#define TESTS_UNIT_CHAT_CHECK_H

#include "chat/chat.h"

#include <stdio.h>
#include <stdlib.h>

/* Fails the running test if something does not. Nobody changes the world meanwhile. */
void world_check(struct chat_world *world, const struct chat_settings *settings);

/*
 * All that is known of who is there and what channels are like, as lines in the order of strcmp():
 *
 *     #room 3 ann 4              the fourth member, with prefix 4
 *     #room flags 36 limit 2 throttle 3 after 1
 *     #room topic words          and so key, forward, mask 0 (of the list b), invited ann
 *     ann host modes 1 away why
 */
struct world_lines {
    char text[2000][100];
    size_t count;
};

/* Adds a line, formatted; sorts them all. */
#define WORLD_LINE(lines, ...)                                                                     \
    snprintf((lines)->text[world_lines_next(lines)], sizeof(lines)->text[0], __VA_ARGS__)
size_t world_lines_next(struct world_lines *lines);
void world_lines_sort(struct world_lines *lines);

void world_describe(struct chat_world *world, struct world_lines *lines);

#endif
