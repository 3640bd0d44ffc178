/* SPDX-License-Identifier: MIT */
/* The talk service: chat for people with nc or telnet. paceline-talk(7) tells how it is used. */
#ifndef TALK_TALK_H
#define TALK_TALK_H

#include "chat/chat.h"
#include "chat/class.h"
#include "chat/cloak.h"

#include <paceline/service.h>

/* Texts are UTF-8 and are copied. */
struct talk_settings {
    const char *network;              /* what the welcome calls this place */
    const char *motd;                 /* lines that are shown to whoever comes; "": none */
    const char *lobby;                /* the room in which one starts; a valid channel name */
    unsigned registration_timeout;    /* seconds in which a nickname must be given; 0: no limit */
    const struct chat_class *classes; /* what differs for those who are in them; NULL: none */
    size_t class_count;
    unsigned flood_rate;  /* lines a second; 0: no flood control */
    unsigned flood_burst; /* lines at once */
};

struct accounts;
struct lookups;
struct talk;

/*
 * Makes the context for talk_service: several listeners may share it. WORLD must live as long.
 * Returns 0, -EINVAL (no lobby can have that name) or -ENOMEM.
 */
int talk_new(struct chat_world *world, const struct talk_settings *settings, struct talk **talk);

/* Hides hosts with KEY, which all see as unknown before; as long as there are no sessions. */
void talk_put_key(struct talk *talk, const struct chat_cloak_key *key);

/* Whom to ask about those who come; before there are sessions. NULL, as at first: nobody. */
void talk_set_lookups(struct talk *talk, struct lookups *lookups);

/* What people log in to; before there are sessions. NULL, as at first: nothing. It must live as long. */
void talk_set_accounts(struct talk *talk, struct accounts *accounts);

/* Frees it once all sessions have ended. NULL is allowed. */
void talk_free(struct talk *talk);

/*
 * Replaces the settings: from their next line on for those who are there. Returns 0, -EINVAL or
 * -ENOMEM. Any thread.
 */
int talk_set_settings(struct talk *talk, const struct talk_settings *settings);

extern const struct pl_service talk_service;

#endif
