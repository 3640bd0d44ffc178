/* SPDX-License-Identifier: MIT */
/*
 * Nicknames that are somebody's. The chat does not know whose: it is told by what the world is given
 * for the purpose. Who bears another one's nickname without being logged in to their account is told
 * so, and has some time (chat_settings.nick_grace) to log in or take another one; then they are
 * renamed to one that is free, GuestNNNNN.
 */
#ifndef CHAT_HOLD_H
#define CHAT_HOLD_H

#include "chat/name.h"

#include <stdbool.h>
#include <stdint.h>

struct chat_session;
struct chat_world;

struct chat_ownership {
    /*
     * Whether NICK is somebody's, and the account whose it is. Called with the world held, by any
     * thread; it waits for nothing. NULL: nicknames are nobody's.
     */
    bool (*owner)(void *context, struct chat_text nick, char owner[static CHAT_NAME_MAX + 1]);
    /* Has chat_holds_expire() called in so many MILLISECONDS, not again before. Likewise; or NULL. */
    void (*wake)(void *context, unsigned milliseconds);
    void *context;
    const char *service; /* that tells people (chat/service.h) */
    /* Whether there is an account of that NAME; WRITTEN is how its owner writes it. As owner(). */
    bool (*account)(void *context, struct chat_text name, char written[static CHAT_NAME_MAX + 1]);
    /* Has chat_registrations_retry() called in so many MILLISECONDS. As wake(). */
    void (*retry)(void *context, unsigned milliseconds);
};

/* Gives the world that; before there are sessions. The text is static. */
void chat_world_put_ownership(struct chat_world *world, const struct chat_ownership *ownership);

/* Renames those whose time is over at NOW, pli_clock_now(). Any thread. */
void chat_holds_expire(struct chat_world *world, uint64_t now);

/* NICK has become somebody's, or nobody's: finds out what that means for who bears it. Any thread. */
void chat_nick_review(struct chat_world *world, struct chat_text nick);

/*
 * Tells the session's user again, if their time is running: for a face that has just let them in, which
 * could not show it before.
 */
void chat_hold_tell(struct chat_world *world, struct chat_session *session);

/*
 * Ends whoever bears NICK, which is that of the account that the session's user is logged in to; then,
 * if they are to have it (REGAIN), gives it to them. Returns 0; CHAT_NOT_YOURS, CHAT_SERVICE,
 * CHAT_NICK_SAME (it is they who bear it), CHAT_NO_SUCH_NICK (nobody does, and it is not to be
 * regained), CHAT_NICK_BAD or CHAT_NICK_LONG.
 */
int chat_nick_claim(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    bool regain);

#endif
