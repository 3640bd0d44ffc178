/* SPDX-License-Identifier: MIT */
/*
 * Watching nicknames: a session that does is told when somebody takes one of them (CHAT_ONLINE) or
 * gives it up (CHAT_OFFLINE), and what becomes known of who has it, as if they shared a channel.
 * chat/chat.h has the rules that all calls follow. What a session watches ends with it.
 */
#ifndef CHAT_WATCH_H
#define CHAT_WATCH_H

#include "chat/face.h"
#include "chat/user.h"

/*
 * NICK is called for each nickname, with who has it or NULL, then END, which may be NULL; both
 * under the world's lock, so that what they send comes before all later events.
 */
struct chat_watch_visitor {
    void (*nick)(struct chat_text nick, const struct chat_user_view *user, void *argument);
    void (*end)(void *argument);
};

/*
 * Watches those of COUNT nicknames for which there is room, and visits them. What cannot be a
 * nickname is visited, too, but nobody will ever have it. TAKEN receives how many that were, from
 * the first on. Returns 0, CHAT_LIST_FULL, if the session watches as many as the settings allow, or
 * another outcome.
 */
int chat_watch(struct chat_world *world, struct chat_session *session,
               const struct chat_text *nicks, size_t count,
               const struct chat_watch_visitor *visitor, void *argument, size_t *taken);

/* Watches a nickname, or all of them, no longer. */
int chat_unwatch(struct chat_world *world, struct chat_session *session, struct chat_text nick);
int chat_unwatch_all(struct chat_world *world, struct chat_session *session);

/* Visits all that the session watches, in the order in which it began to. */
int chat_watches(struct chat_world *world, struct chat_session *session,
                 const struct chat_watch_visitor *visitor, void *argument);

#endif
