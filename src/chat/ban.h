/* SPDX-License-Identifier: MIT */
/*
 * Who is not let in: people by user and host, addresses, and channels by their names. chat/chat.h
 * has the rules that all calls follow. Bans last until their time is over or they are lifted, or until
 * the server ends where nothing keeps them (chat_bans_keep()).
 *
 * People of a ban's mask are ended when it is set and refused when they come (chat_user_enter());
 * those of addresses are refused before they have a session, too (chat_denies()). Loopback addresses
 * and Unix sockets are never banned as addresses.
 */
#ifndef CHAT_BAN_H
#define CHAT_BAN_H

#include "chat/face.h"

struct chat_world;
struct store;

enum chat_ban_kind {
    CHAT_BAN_USER,    /* "user@host" with * and ?, or "user@192.0.2.0/24" */
    CHAT_BAN_ADDRESS, /* an address or a prefix of addresses */
    CHAT_BAN_CHANNEL, /* a channel's name with * and ? */
    CHAT_BAN_KINDS
};

#define CHAT_BAN_MASK_MAX   200 /* bytes, once it is normal */
#define CHAT_BAN_REASON_MAX 300 /* bytes; longer ones are cut */

/* All that there is to say of one: enough to set it again elsewhere, or later. */
struct chat_ban_view {
    enum chat_ban_kind kind;
    struct chat_text mask; /* normal */
    struct chat_text reason;
    struct chat_text by; /* who has set it */
    uint64_t set;        /* milliseconds since 1970 */
    uint64_t expires;    /* the same; 0: never */
};

/* What an operator asks for. MASK need not be normal; of people it may be a nickname. */
struct chat_ban_request {
    enum chat_ban_kind kind;
    struct chat_text mask;
    struct chat_text reason; /* empty: none is given */
    uint64_t seconds;        /* 0: for ever */
    bool force;              /* however many it hits */
};

/*
 * Bans. MASK receives the normal mask, LENGTH its length, and HIT how many people were ended, or
 * members taken out of channels. Returns 0, CHAT_MASK_BAD, CHAT_MODE_SAME (there is one already), CHAT_LIST_FULL,
 * CHAT_TOO_WIDE (without FORCE: it could hit too many, or hits oneself), CHAT_NO_RIGHT and so on.
 */
int chat_ban(struct chat_world *world, struct chat_session *session,
             const struct chat_ban_request *request, char mask[static CHAT_BAN_MASK_MAX],
             size_t *length, size_t *hit);

/* Lifts a ban. Returns 0, CHAT_MASK_BAD or CHAT_NO_SUCH_BAN. */
int chat_unban(struct chat_world *world, struct chat_session *session, enum chat_ban_kind kind,
               struct chat_text mask);

/*
 * Bans by the server itself, for what is kept elsewhere or found out by it: nobody's rights are
 * asked for, and the mask is normal. People are ended. Returns 0, CHAT_MODE_SAME, CHAT_LIST_FULL,
 * CHAT_MASK_BAD or -ENOMEM.
 */
int chat_ban_put(struct chat_world *world, const struct chat_ban_view *view, size_t *hit);

/*
 * Sets the bans that STORE has, and has bans kept there from now on. What cannot be kept is in
 * force all the same, and operators are told. Before there are people; STORE is stopped before the world
 * is freed. *LOADED is how many there are. Waits for the disk. Returns 0 or a negative errno.
 */
int chat_bans_keep(struct chat_world *world, struct store *store, size_t *loaded);

/* All of a kind, in the order of setting. */
void chat_bans(struct chat_world *world, enum chat_ban_kind kind,
               void (*visit)(const struct chat_ban_view *view, void *argument), void *argument);

/* Why nobody joins the channel: false, if it is not banned. */
bool chat_channel_closed(struct chat_world *world, struct chat_text name,
                         char reason[static CHAT_BAN_REASON_MAX + 1]);

/*
 * Whether an address, of 4 or 16 bytes in network order, is banned. Any thread, at any time: it
 * waits for nobody who talks.
 */
bool chat_denies(struct chat_world *world, const uint8_t *bytes, size_t size);

/*
 * A duration: a number of minutes, or numbers with units, "1w2d", "90s": s, m, h, d, w, y. At most
 * ten years. False: it is none.
 */
bool chat_duration_parse(struct chat_text text, uint64_t *seconds);

#endif
