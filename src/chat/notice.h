/* SPDX-License-Identifier: MIT */
/*
 * What operators of the server are told of what happens in it, each of them only what they want
 * (chat_user_notices()). When nobody wants it, telling costs a look at a word.
 */
#ifndef CHAT_NOTICE_H
#define CHAT_NOTICE_H

#include <paceline/version.h>

#include <stdbool.h>

struct chat_session;
struct chat_world;

enum chat_notice {
    CHAT_NOTICE_CONNECT = 1 << 0, /* somebody has come */
    CHAT_NOTICE_QUIT = 1 << 1,    /* or gone */
    CHAT_NOTICE_NICK = 1 << 2,    /* or is called something else */
    CHAT_NOTICE_KILL = 1 << 3,    /* an operator has ended a session */
    CHAT_NOTICE_BAN = 1 << 4,     /* or has banned somebody, or a channel, or lifted that */
    CHAT_NOTICE_OPER = 1 << 5,    /* who becomes operator, and what operators do */
    CHAT_NOTICE_FLOOD = 1 << 6,   /* somebody has sent too much */
    CHAT_NOTICE_REJECT = 1 << 7,  /* somebody was not let in */
    CHAT_NOTICE_SERVER = 1 << 8,  /* the server itself */
    CHAT_NOTICE_FILTER = 1 << 9,  /* somebody has said what may not be said */
    CHAT_NOTICE_DEFENCE = 1 << 10 /* the server defends itself */
};

#define CHAT_NOTICES_ALL ((1u << 11) - 1)

/* Texts are cut at so many bytes. */
#define CHAT_NOTICE_MAX 390

/* Whether anybody wants to be told. Any thread. */
bool chat_is_noticed(struct chat_world *world, enum chat_notice what);

/* Tells it to all who want it: one line. Not for who holds the world's lock. */
void chat_notify(struct chat_world *world, enum chat_notice what, const char *format, ...)
    PL_PRINTF(3, 4);

/*
 * The same of what an operator has done: "nick (entry) " stands before the text, and it is logged.
 */
void chat_act(struct chat_world *world, struct chat_session *session, enum chat_notice what,
              const char *format, ...) PL_PRINTF(4, 5);

#endif
