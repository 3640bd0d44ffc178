/* SPDX-License-Identifier: MIT */
/*
 * Presences: what an account is in the chat. Users who are logged in to an account share what is
 * kept of it; and a session that comes with an account may become one more session of a user who
 * is there with it, so that several clients of one person are one user to everybody else. Such a user
 * may stay while no session is there at all (stay.c).
 */
#ifndef CHAT_PRESENCE_H
#define CHAT_PRESENCE_H

#include "chat/face.h"
#include "chat/text.h"

#include <stddef.h>
#include <stdint.h>

struct chat_world;

/* What holds for an account, by the settings and its owner's wish. */
enum chat_policy {
    CHAT_SHARES = 1 << 0,    /* several sessions are one user */
    CHAT_ALWAYS_ON = 1 << 1, /* its user stays when the last session goes */
    CHAT_AUTO_AWAY = 1 << 2, /* and is away then */
};

/* Why such a user is away. */
#define CHAT_AWAY_AUTO "Not connected"

/*
 * Gives the world what tells so, for an account by its name; before there are sessions. It is called
 * with the world held, by any thread, and waits for nothing. Without it nothing holds for anybody.
 */
void chat_world_put_policy(struct chat_world *world,
                           unsigned (*policy)(void *context, struct chat_text account),
                           void *context);

/*
 * A session that has come to a user who was there (chat_user_enter()) is told nothing, until this:
 * that it is called something else than NICK, if so, what modes it has, and which channels it is in,
 * as if the user joined each of them now. From then on it is told what has later ids than *LAST, which
 * is the first word of one. Returns 0, or CHAT_NOT_REGISTERED if the user has been ended meanwhile.
 */
int chat_presence_greet(struct chat_world *world, struct chat_session *session,
                        struct chat_text nick, uint64_t *last);

/*
 * The session leaves its user, who quits if it was the last one, for one who is there with ACCOUNT,
 * and which it is shown as above. Returns 0; CHAT_NO_SUCH_USER (nobody is, or it is not to be
 * shared), CHAT_TOO_MANY_SESSIONS or CHAT_NEED_TLS, and nothing has changed.
 */
int chat_presence_join(struct chat_world *world, struct chat_session *session,
                       struct chat_text account);

/* A session of one's own user. */
struct chat_session_view {
    unsigned number;
    const char *face; /* its name */
    struct chat_text address;
    bool secure;
    bool self; /* it is the one that asks */
};

/* Visits those of the session's user, in the order of coming. */
int chat_presence_sessions(struct chat_world *world, struct chat_session *session,
                           void (*visit)(const struct chat_session_view *view, void *argument),
                           void *argument);

/*
 * Ends the one of that number, which the session's user has. Returns 0, CHAT_REGISTERED (it is the
 * session itself) or CHAT_NO_SUCH_USER.
 */
int chat_presence_end_session(struct chat_world *world, struct chat_session *session,
                              unsigned number);

/* What holds for that account, or for any, may be something else now. Any thread. */
void chat_presence_review(struct chat_world *world, struct chat_text account);
void chat_presences_review(struct chat_world *world);

/*
 * Ends users without a session who have not been seen for chat_settings.always_on_expiry days at NOW,
 * pli_clock_wall_ms(). To be called every now and then, by any thread.
 */
void chat_presences_expire(struct chat_world *world, uint64_t now);

/*
 * Has users come again who were there when the server ended, by what chat_kept_load() has found; after
 * chat_bans_keep(), once it is known what holds for accounts. *COUNT receives how many. Returns 0 or
 * -ENOMEM.
 */
int chat_presences_restore(struct chat_world *world, size_t *count);

#endif
