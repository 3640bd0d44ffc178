/* SPDX-License-Identifier: MIT */
/*
 * What is asked about a person before they are registered (lookup/lookup.h), when they have given
 * their first nickname. Meanwhile the session is parked.
 */
#ifndef TALK_ARRIVAL_H
#define TALK_ARRIVAL_H

#include "talk/person.h"

#include <stdbool.h>

struct lookups;

/* Whether the person may be called NICK now. If not they wait, and the nickname with them, or go. */
bool talk_arrival_is_over(struct talk_person *person, struct lookups *lookups,
                          struct chat_text nick);

/* Whether an answer is waited for. */
bool talk_arrival_waits(const struct talk_person *person);

/* It has been waited for long enough. */
void talk_arrival_give_up(struct talk_person *person);

/* The session has been resumed. Returns the nickname, for free(), or NULL: the person goes. */
char *talk_arrival_end(struct talk_person *person);

/* The host that may be shown, and the list that has the address; empty: none. */
struct chat_text talk_arrival_host(const struct talk_person *person);
struct chat_text talk_arrival_mark(const struct talk_person *person);

/* NULL is allowed. */
void talk_arrival_free(struct talk_arrival *arrival);

#endif
