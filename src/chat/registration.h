/* SPDX-License-Identifier: MIT */
/*
 * Channels that are somebody's: of an account, their founder, who says by account who else has a place
 * there. Such a channel stays although nobody is in it, and outlives the server: with its topic, modes
 * and masks, and with who has access. chat/chat.h has the rules that all calls follow.
 *
 * Access is a prefix (enum chat_prefix), which who has it gets by joining, or logging in, and which a
 * service (CHAT_CHANNEL_SERVICE) gives. The founder's is CHAT_OWNER; nobody else has that one. Operators
 * of the server with CHAT_RIGHT_CHANNELS may do what a founder may, but get nothing by themselves.
 *
 * What is changed is in force at once, and is written to the store behind it: of one channel one group
 * of records at a time, which has what has changed since the last one. That it cannot be written is
 * told to operators, and tried again.
 */
#ifndef CHAT_REGISTRATION_H
#define CHAT_REGISTRATION_H

#include "chat/face.h"
#include "chat/mode.h"

#include <stddef.h>

struct chat_world;
struct store;

/* Who speaks for registered channels (chat/service.h). */
#define CHAT_CHANNEL_SERVICE "ChanServ"

#define CHAT_ABOUT_MAX 300 /* bytes */

/* The numbers stand in files. */
enum chat_registration_flag {
    CHAT_KEEP_TOPIC = 1u << 0, /* the topic outlives the server, too */
    CHAT_TOPIC_LOCK = 1u << 1, /* only who has access as half-operator or more sets it */
    CHAT_UNTOLD_OF =
        1u << 2, /* others are told nothing about the channel but that it is somebody's */
};

enum chat_registration_text {
    CHAT_SUCCESSOR, /* an account: whose it is when the founder's is gone */
    CHAT_ABOUT,
    CHAT_URL,
};

/* A set of modes that stay as they are, as text: "+nt-i". */
#define CHAT_LOCK_TEXT 64

struct chat_registration_view {
    struct chat_text name;
    struct chat_text founder; /* an account, like the next one */
    struct chat_text successor;
    struct chat_text about;
    struct chat_text url;
    struct chat_text lock;
    struct chat_text key;
    uint64_t created; /* milliseconds since 1970 */
    uint64_t registered;
    unsigned flags;      /* enum chat_registration_flag */
    unsigned own;        /* what the session's user may do: a prefix; 0: nothing */
    size_t access_count; /* of others than the founder */
};

/* Returns 0, CHAT_NO_SUCH_CHANNEL or CHAT_NOT_OWNED (it is nobody's). */
int chat_registration_look(struct chat_world *world, struct chat_session *session,
                           struct chat_text name,
                           void (*visit)(const struct chat_registration_view *view, void *argument),
                           void *argument);

/*
 * Makes it the channel of the session's account: for operators of it. CHAT_OWNED (it is somebody's),
 * CHAT_NEED_ACCOUNT, CHAT_NOT_ON_CHANNEL, CHAT_NOT_OPERATOR, CHAT_TOO_MANY_KEPT (the account has as many
 * as the settings allow), CHAT_KEEPS_NONE (the settings do not allow it), CHAT_NAME_FIXED (it is the
 * server's), CHAT_STORE_AWAY (nothing can be kept just now). The last ones but for that are no matter
 * to operators of the server with CHAT_RIGHT_CHANNELS.
 */
int chat_channel_register(struct chat_world *world, struct chat_session *session,
                          struct chat_text name);

/*
 * All that follow may also return CHAT_NO_SUCH_CHANNEL, CHAT_NOT_OWNED and CHAT_NO_ACCESS (one has not
 * the access that it takes). The first two are the founder's; they return CHAT_STORE_AWAY, too.
 */

/* It is nobody's any more; it stays as long as somebody is in it. */
int chat_channel_unregister(struct chat_world *world, struct chat_session *session,
                            struct chat_text name);

/* It is another account's: CHAT_NO_SUCH_ACCOUNT, CHAT_MODE_SAME, CHAT_TOO_MANY_KEPT. */
int chat_channel_transfer(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, struct chat_text account);

/*
 * Gives an account access: LEVEL is one prefix below CHAT_OWNER; or takes it, if that is 0. It takes
 * access as operator, and more than the level, and than what the account has; but anybody may give up
 * their own. Who is there gets the prefix, and loses none. CHAT_NO_SUCH_ACCOUNT (there is none, or it
 * has no access that could be taken), CHAT_MODE_SAME, CHAT_LIST_FULL.
 */
int chat_channel_access(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text account, unsigned level);

struct chat_access_view {
    struct chat_text account;
    struct chat_text by; /* the account that has given it */
    unsigned level;
    uint64_t added; /* milliseconds since 1970 */
};

/* In the order of giving, the founder not among them. It takes any access. */
int chat_channel_access_each(struct chat_world *world, struct chat_session *session,
                             struct chat_text name,
                             void (*visit)(const struct chat_access_view *view, void *argument),
                             void *argument);

/*
 * Settings take access as admin, the successor is the founder's. An empty text is none.
 * CHAT_NO_SUCH_ACCOUNT, CHAT_MODE_SAME (the founder cannot succeed).
 */
int chat_channel_set_text(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, enum chat_registration_text which,
                          struct chat_text text);
int chat_channel_set_flag(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, enum chat_registration_flag flag, bool on);

/*
 * Has modes stay as MODES says, "+ntk key-i", which are changed to that first; empty: none. Lists,
 * prefixes and CHAT_MODE_PERMANENT are not among them: CHAT_BAD_ARGUMENT. Other outcomes are those of a
 * change of modes.
 */
int chat_channel_lock(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text modes);

/*
 * Has the service give a member a prefix, or take it: it takes access as it would take a prefix to do it,
 * or for oneself as much as one gets. CHAT_NO_SUCH_NICK, CHAT_NOT_THERE, CHAT_MODE_SAME.
 */
int chat_channel_status(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text nick, enum chat_mode mode,
                        bool set);

/* Has it invite somebody: oneself with any access, others as half-operator. As for an invitation. */
int chat_channel_admit(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text nick);

/*
 * Takes the ban of that mask away, or all that mean who has that nickname: *COUNT. It takes access as
 * half-operator. CHAT_NO_SUCH_NICK, CHAT_MASK_BAD.
 */
int chat_channel_unban(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text who, size_t *count);

/*
 * Has channels kept by STORE from now on, and reads which there are; the accounts are known already.
 * Channels that are there and somebody's stay as they are. Returns 0 or a negative errno. Waits.
 */
int chat_registrations_keep(struct chat_world *world, struct store *store, size_t *loaded);

/*
 * The same once more, for channels that have come into the store by other ways, with all that they have;
 * nothing is to come so that one has that is known already, by the number of its record. Waits.
 */
int chat_registrations_renew(struct chat_world *world);
bool chat_registration_is_known(struct chat_world *world, uint64_t id);

/* Writes what could not be written before; and whether the store has all there is. Any thread. */
void chat_registrations_retry(struct chat_world *world);
bool chat_registrations_are_kept(struct chat_world *world);

/* How many channels are somebody's. */
size_t chat_registrations_count(struct chat_world *world);

#endif
