/* SPDX-License-Identifier: MIT */
/*
 * Lock-down: levels of defence, from 5, at which nothing is restricted, down to 1. What each level
 * restricts is a setting. Operators of the server are exempt from all of it but for coming.
 */
#ifndef CHAT_DEFCON_H
#define CHAT_DEFCON_H

#include "chat/text.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct chat_session;
struct chat_user;
struct chat_world;

#define CHAT_DEFCON_NORMAL   5
#define CHAT_DEFCON_TEXT_MAX 150

enum chat_restriction {
    CHAT_NO_NEW_CHANNELS = 1 << 0, /* only operators make channels */
    CHAT_NO_STRANGERS = 1 << 1,    /* people are spoken to by who shares a channel with them */
    CHAT_NO_NEW_NICKS = 1 << 2,    /* nicknames stay */
    CHAT_NO_NEWCOMERS = 1 << 3,    /* nobody comes but who gives the server's password */
    CHAT_NOBODY_COMES = 1 << 4,    /* nor they */
    CHAT_NO_SPEECH = 1 << 5,       /* only operators speak */
};

/* Their names, as the configuration has them, ended by one without. */
struct chat_restriction_name {
    const char *name;
    enum chat_restriction restriction;
};

extern const struct chat_restriction_name chat_restriction_names[];

/* The one of that name; 0: there is none. */
unsigned chat_restriction_find(struct chat_text name);

struct chat_defcon_settings {
    unsigned restrictions[CHAT_DEFCON_NORMAL]; /* of the levels 1 to 4, by their numbers */
    char message[CHAT_DEFCON_TEXT_MAX + 1];    /* to who is turned away */
    char notice[CHAT_DEFCON_TEXT_MAX + 1]; /* to everybody when the level changes; "": nothing */
};

struct chat_defcon {
    struct chat_defcon_settings settings; /* (world) */
    unsigned level;                       /* (world) */
    atomic_uint restrictions;             /* (atomic) of the level; written with (world) */
    _Atomic uint64_t turned_away;         /* (atomic) people */
};

void chat_defcon_init(struct chat_defcon *defcon);

/* Puts settings in force; the level stays. */
void chat_defcon_configure(struct chat_world *world, const struct chat_defcon_settings *settings);

/*
 * Sets the level, 1 to CHAT_DEFCON_NORMAL, for the session's user, or for BY if there is none. It is
 * logged, and operators and people are told. Returns 0 or CHAT_MODE_SAME.
 */
int chat_defcon_set(struct chat_world *world, struct chat_session *session, const char *by,
                    unsigned level);

struct chat_defcon_view {
    unsigned level;
    char restrictions[120]; /* names with spaces between them; "": none */
    char message[CHAT_DEFCON_TEXT_MAX + 1];
    uint64_t turned_away;
};

void chat_defcon_look(struct chat_world *world, struct chat_defcon_view *view);

/* Whether the restriction is in force for a user, who may be NULL. The world is held. */
bool chat_restricts(struct chat_world *world, const struct chat_user *user,
                    enum chat_restriction restriction);

/* Whether somebody may come, who is TRUSTED if they have given a password; else that is counted. */
bool chat_admits(struct chat_world *world, bool trusted);

#endif
