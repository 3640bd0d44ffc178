/* SPDX-License-Identifier: MIT */
/*
 * Who was here: nicknames that somebody has given up, by taking another one or by going (RFC 1459
 * 4.5.3). The newest ones are kept, for some days; without memory for it one is forgotten at once.
 */
#ifndef CHAT_PAST_H
#define CHAT_PAST_H

#include "chat/face.h"

#include <stdint.h>

struct chat_world;

#define CHAT_PAST_MAX  4096 /* nicknames */
#define CHAT_PAST_DAYS 3

/* Who had a nickname, and until when. The texts stand until the visitor returns. */
struct chat_past_view {
    struct chat_text nick;
    struct chat_text username;
    struct chat_text host;
    struct chat_text address; /* for operators only: whoever shows it checks that */
    struct chat_text realname;
    uint64_t time;    /* milliseconds since 1970 */
    bool to_operator; /* shown to an operator of the server */
};

/*
 * Shows who had that nickname, MOST of them at most, the newest first. Returns 0, or
 * CHAT_NO_SUCH_NICK if there was nobody.
 */
int chat_past_look(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                   size_t most, void (*visit)(const struct chat_past_view *view, void *argument),
                   void *argument);

#endif
