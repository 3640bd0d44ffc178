/* SPDX-License-Identifier: MIT */
/*
 * The inside of presences and of what is kept of accounts, for the files of this room; a part of
 * chat/world.h, whose lock guards everything but what has "(order)" at it.
 */
#ifndef CHAT_PRESENCES_H
#define CHAT_PRESENCES_H

#include "base/hash.h"
#include "base/list.h"
#include "base/lock.h"
#include "chat/chat.h"
#include "chat/metadata.h"
#include "chat/name.h"
#include "store/record.h"

struct chat_restored;

/* Up to when somebody has read what is said under names (marker.c). */
struct chat_markers {
    struct pli_list list;
    unsigned count;
};

/* What an account is in the chat (presence.c). */
struct chat_presence {
    struct pli_hash_node by_account;
    struct chat_name *account;   /* const: as the first one had it */
    struct chat_id id;           /* const: for its order lock, chat_presence_order() */
    struct pli_list users;       /* chat_user.in_presence, in the order of logging in */
    struct chat_markers markers; /* (order) */
    struct chat_metadata *metadata;
    struct pli_list unwritten;      /* (order) what the store does not have yet (kept.c) */
    unsigned writing;               /* (order) writes that are on their way */
    struct chat_user *kept;         /* who stays (stay.c); NULL: nobody */
    struct chat_restored *restored; /* while the server starts: who is to come again; or NULL */
};

/* What is kept of a user who stays, beside the channels. */
enum chat_presence_field {
    CHAT_FIELD_NICK,
    CHAT_FIELD_USERNAME,
    CHAT_FIELD_HOST,
    CHAT_FIELD_ADDRESS,
    CHAT_FIELD_REALNAME,
    CHAT_FIELD_AWAY,
    CHAT_FIELD_MODES,
    CHAT_FIELD_CAME,
    CHAT_FIELD_SEEN,
    CHAT_PRESENCE_FIELDS
};

/* Their keys. */
extern const char *const chat_presence_fields[];

/* Up to when the user has read what is said under a name, or 0. */
uint64_t chat_marker_of(const struct chat_user *user, struct chat_text target);

/*
 * Sets of markers: one of them, or 0; setting one, which returns 0, CHAT_LIST_FULL or -ENOMEM; taking
 * all out; and giving all that are later than what the account has to that, which is written.
 */
void chat_markers_init(struct chat_markers *markers);
uint64_t chat_markers_get(const struct chat_markers *markers, struct chat_text target);
int chat_markers_put(struct chat_markers *markers, struct chat_text target, uint64_t until);
void chat_markers_clear(struct chat_markers *markers);
void chat_markers_move(struct chat_world *world, struct chat_presence *presence,
                       struct chat_markers *markers);

/* What has both; where both have something under a key, that of FIRST. Returns 0 or -ENOMEM. */
int chat_metadata_merge(const struct chat_metadata *first, const struct chat_metadata *second,
                        struct chat_metadata **out);

/* What holds for an account: enum chat_policy. */
unsigned chat_policy_of(const struct chat_world *world, struct chat_text account);

/* The presence of an account; NULL: there is none. */
struct chat_presence *chat_find_presence(const struct chat_world *world, struct chat_text account);

/*
 * The same, which is made if there is none; NULL for no account. Returns 0 or -ENOMEM. It is given to
 * a user, or tidied away, before the world is let go; giving a user another one tidies the old one.
 * MERGED is the metadata that the account has from then on (chat_metadata_merge()), and taken over.
 */
int chat_presence_get(struct chat_world *world, struct chat_text account,
                      struct chat_presence **out);
void chat_presence_put(struct chat_world *world, struct chat_user *user,
                       struct chat_presence *presence, struct chat_metadata *merged);
void chat_presence_tidy(struct chat_world *world, struct chat_presence *presence);

/* The user goes, without a word; the account does, and with it what is kept of it; all do. */
void chat_presence_leave(struct chat_world *world, struct chat_user *user);
void chat_presence_end(struct chat_world *world, struct chat_text account);
void chat_presences_remove(struct chat_world *world);

/* Guards what has "(order)" in it. */
struct pli_mutex *chat_presence_order(struct chat_world *world,
                                      const struct chat_presence *presence);

/*
 * What stands under KEY of the account is another now, or nothing: it is written. Its order lock is
 * held. And forgetting all, which is not.
 */
void chat_kept_changed(struct chat_world *world, struct chat_presence *presence,
                       enum store_kept_kind kind, struct chat_text key);
void chat_kept_forget(struct chat_presence *presence);

/*
 * Whose session one becomes who comes with the account and asks for NICK, or for none in particular;
 * NULL: nobody's.
 */
struct chat_user *chat_presence_user(const struct chat_world *world, struct chat_text account,
                                     struct chat_text nick);

/* Makes the session the user's; likewise, as who has come to a user who was there: 0 or why not. */
void chat_session_attach(struct chat_session *session, struct chat_user *user, bool secure);
int chat_session_add(struct chat_world *world, struct chat_session *session, struct chat_user *user,
                     const struct chat_event *arrival);

/* Takes one of several sessions out; the same with any, whose user quits for REASON if it is the last. */
void chat_session_detach(struct chat_world *world, struct chat_session *session);
void chat_session_leave(struct chat_world *world, struct chat_session *session,
                        struct chat_text reason);

/* Whether the user stays without a session; its last one goes; the first one comes again. */
bool chat_user_stays(const struct chat_world *world, const struct chat_user *user);
void chat_user_stay(struct chat_world *world, struct chat_user *user);
void chat_user_return(struct chat_world *world, struct chat_user *user);

/* The user has come again after a restart. */
void chat_user_restored(struct chat_world *world, struct chat_presence *presence,
                        struct chat_user *user);

/* Something of the user, or whether and how they are in a channel, has changed: it is kept of who stays. */
void chat_presence_note(struct chat_world *world, struct chat_user *user,
                        enum chat_presence_field field);
void chat_presence_note_channel(struct chat_world *world, struct chat_user *user,
                                const struct chat_name *channel);

/* Nobody of the presence stays any more. */
void chat_presence_unkeep(struct chat_world *world, struct chat_presence *presence);

/* See chat_presence_review(). The presence may go. */
void chat_presence_review_locked(struct chat_world *world, struct chat_presence *presence);

/* Whether who was seen then has been away for too long at NOW. */
bool chat_presence_is_over(const struct chat_world *world, uint64_t seen, uint64_t now);

/* A record of who is to come again; and forgetting all of them, NULL is allowed. */
int chat_restore_note(struct chat_presence *presence, const struct store_kept *kept);
void chat_restored_free(struct chat_restored *restored);

/* Where the session, which has a user, really comes from. */
struct chat_text chat_session_address(const struct chat_session *session);

#endif
