/* SPDX-License-Identifier: MIT */
/*
 * Metadata: values that users and channels have under keys, for the programs of people rather than
 * for people. Users set their own, half-operators and above those of a channel, and all may look.
 * A session that subscribes to keys is told of changes (CHAT_METADATA) of its own user, of those
 * with whom the user shares a channel, of the channels, and of users whom it watches.
 */
#ifndef CHAT_METADATA_H
#define CHAT_METADATA_H

#include "chat/face.h"
#include "chat/name.h"

#define CHAT_METADATA_MAX       32  /* keys of a user or channel */
#define CHAT_METADATA_KEY_MAX   64  /* bytes */
#define CHAT_METADATA_VALUE_MAX 400 /* bytes */
#define CHAT_SUBSCRIPTIONS_MAX  50  /* keys of a session */

struct chat_world;

/* Keys with values, in the order in which they were set first. NULL stands for none. */
struct chat_metadata;

/* Whether it can be a key: small letters, digits and _./- only. */
bool chat_key_is_good(struct chat_text key);

/*
 * Sets VALUE, or with an empty one takes the key out. Both are good and not too long. Returns 0,
 * CHAT_MODE_SAME, CHAT_LIST_FULL or -ENOMEM.
 */
int chat_metadata_put(struct chat_metadata **set, struct chat_text key, struct chat_text value);

/* A value as long as it stays; empty: there is none. */
struct chat_text chat_metadata_get(const struct chat_metadata *set, struct chat_text key);

/* How many there are, and one of them: its key and value. */
size_t chat_metadata_count(const struct chat_metadata *set);
struct chat_text chat_metadata_at(const struct chat_metadata *set, size_t index,
                                  struct chat_text *value);

void chat_metadata_free(struct chat_metadata *set);

/*
 * In the world TARGET is a channel, a nickname, or CHAT_NO_TEXT for the session's own user. A
 * secret channel is not there for others. Outcomes are CHAT_NO_SUCH_NICK, CHAT_NO_SUCH_CHANNEL,
 * CHAT_NOT_OPERATOR, CHAT_LIST_FULL and those of all calls; that nothing changes is none.
 */
int chat_metadata_set(struct chat_world *world, struct chat_session *session,
                      struct chat_text target, struct chat_text key, struct chat_text value);

/* Visitors get what stands until they return: whose it is, the key and the value. */
typedef void chat_metadata_visit(struct chat_text target, struct chat_text key,
                                 struct chat_text value, void *argument);

/* Takes all keys out, and visits each with no value. */
int chat_metadata_clear(struct chat_world *world, struct chat_session *session,
                        struct chat_text target, chat_metadata_visit *visit, void *argument);

/* Visits one key, with an empty value if it is not set, or all that are. */
int chat_metadata_find(struct chat_world *world, struct chat_session *session,
                       struct chat_text target, struct chat_text key, chat_metadata_visit *visit,
                       void *argument);
int chat_metadata_look(struct chat_world *world, struct chat_session *session,
                       struct chat_text target, chat_metadata_visit *visit, void *argument);

/*
 * What a session is subscribed to. Returns 0, CHAT_MODE_SAME, CHAT_LIST_FULL or -ENOMEM. A session
 * that has no user yet may, too.
 */
int chat_subscribe(struct chat_world *world, struct chat_session *session, struct chat_text key);
int chat_unsubscribe(struct chat_world *world, struct chat_session *session, struct chat_text key);
void chat_unsubscribe_all(struct chat_world *world, struct chat_session *session);
void chat_subscriptions(struct chat_world *world, struct chat_session *session,
                        void (*visit)(struct chat_text key, void *argument), void *argument);

/* For variant functions, and in calls of the session. */
bool chat_session_subscribes(const struct chat_session *session, struct chat_text key);

/*
 * All that a session is subscribed to of a TARGET as above, of a channel's members, too, or of ALL
 * that it is told of. It is done in parts, so that others have a turn: a call looks at about MOST
 * users and values, and returns whether there are more. The rest of it is zero at first.
 */
struct chat_sync {
    bool all;
    size_t length; /* of the target's name, 0: the session's own user */
    char name[CHAT_NAME_MAX];
    bool within;            /* private: the channel's own have been told, ... */
    struct chat_id channel; /* private */
    uint64_t member;        /* private: ... and its members' up to the one with this number */
    size_t watch;           /* private: so many of those who are watched */
};

bool chat_metadata_sync(struct chat_world *world, struct chat_session *session,
                        struct chat_sync *sync, size_t most, chat_metadata_visit *visit,
                        void *argument);

#endif
