/* SPDX-License-Identifier: MIT */
/*
 * The inside of the chat world, for the files of this room. Everything here is guarded by the
 * world's lock: read with it, changed with it held exclusive.
 */
#ifndef CHAT_WORLD_H
#define CHAT_WORLD_H

#include "base/hash.h"
#include "base/list.h"
#include "base/lock.h"
#include "chat/bans.h"
#include "chat/chat.h"
#include "chat/limit.h"
#include "chat/filter.h"
#include "chat/history.h"
#include "chat/hold.h"
#include "chat/kept.h"
#include "chat/metadata.h"
#include "chat/name.h"
#include "chat/pace.h"
#include "chat/past.h"
#include "chat/presences.h"
#include "chat/registration.h"
#include "chat/said.h"
#include "chat/service.h"
#include "chat/string.h"

#include <stdatomic.h>

/* Order locks for what users tell each other directly: as many as talk at once, or a few more. */
#define CHAT_PAIR_LOCKS 64

/* Nicknames of the past: see past.c. */
struct chat_past_ring {
    size_t next;  /* the place after the newest */
    size_t count; /* that are kept */
    struct chat_past *kept[CHAT_PAST_MAX];
};

struct chat_world {
    struct pli_rwlock lock;
    struct chat_settings settings;
    char name[CHAT_HOST_MAX + 1];  /* const once there are sessions */
    struct chat_defcon defcon;     /* see there */
    struct chat_filters filters;   /* (its own lock) */
    struct chat_id_source ids;     /* (atomic) */
    struct chat_said_ring said;    /* (see chat/said.h) */
    struct pli_hash nicks;         /* users by folded name */
    struct pli_hash users;         /* users by id */
    struct pli_hash watched;       /* chat_watched by folded name */
    struct pli_hash channel_names; /* channels by folded name */
    struct pli_hash channels;      /* channels by id */
    struct pli_hash former_names;  /* that channels had, folded (rename.c) */
    struct pli_list forwarding;    /* chat_channel.forwarding of all that forward */
    uint64_t mark;                 /* the last one given out, see chat_user.mark */
    size_t invisible;              /* users, as many as have that mode */
    size_t operators;
    struct pli_list opers; /* chat_oper.link, in the order of becoming one */
    atomic_uint noticed;   /* (atomic) enum chat_notice: what any of them wants to be told */
    size_t most_users;
    atomic_size_t strangers;                     /* (atomic) */
    struct chat_limit_hits limits;               /* (atomic) */
    struct chat_bans bans;                       /* see there */
    struct store *store;                         /* that keeps bans and so on; NULL: none does */
    atomic_bool kept_stuck;                      /* (atomic) something could not be written */
    struct history *history;                     /* const once there are sessions; or NULL */
    struct chat_account_source history_accounts; /* likewise */
    atomic_bool history_events;                  /* (atomic) events are kept, too */
    struct pli_hash registrations;               /* chat_registration by id */
    struct pli_list behind; /* chat_registration.behind, of what could not be written */
    bool is_behind;         /* and that has been told */
    struct chat_user *services[CHAT_SERVICES_MAX]; /* const once there are sessions, as */
    size_t service_count;                          /* is this */
    struct chat_ownership ownership;               /* likewise; whose nicknames are */
    struct pli_hash presences;                     /* chat_presence by folded account */
    unsigned (*policy)(void *context, struct chat_text account); /* const once there are sessions */
    void *policy_context;                                        /* likewise */
    struct pli_list holds; /* chat_user.hold, who is renamed soonest first (hold.c) */
    uint64_t guest;        /* what the last guest was made of */
    struct chat_past_ring past;
    struct pli_mutex pairs[CHAT_PAIR_LOCKS];
};

struct chat_user {
    struct chat_id id; /* const */
    struct chat_name *name;
    struct chat_string *username;
    struct chat_string *host;
    struct chat_string *address;
    struct chat_string *realname;
    struct chat_string *account;
    struct chat_presence *presence; /* that of the account; NULL: none, or a service */
    struct pli_list in_presence;
    struct chat_string *away;   /* NULL: is here */
    struct chat_string *listed; /* const: the list that has their address; NULL: none */
    struct chat_oper *oper;     /* NULL: is no operator */
    unsigned modes;             /* chat_user_set_modes() changes them */
    unsigned channel_count;     /* of CHANNELS, and so on */
    unsigned invitation_count;
    unsigned accept_count;
    uint64_t came;            /* wall clock, milliseconds */
    uint64_t seen;            /* of who stays: the same, when a session was there last */
    _Atomic uint64_t active;  /* (atomic) the same, of the last word */
    _Atomic uint64_t knocked; /* (atomic) pli_clock_now() of the last knock; 0: none */
    atomic_bool unkept;       /* (atomic) nothing of their account's is to be in the history */
    struct pli_hash_node by_nick;
    struct pli_hash_node by_id;
    struct pli_list sessions; /* chat_session.link, in the order of coming */
    size_t session_count;
    unsigned sessions_ever;         /* the number of the one that has come last */
    struct pli_list channels;       /* chat_member.in_user, in the order of joining */
    struct pli_list invitations;    /* chat_invitation.in_user, in the order of being invited */
    struct pli_list accepts;        /* chat_accepted.in_user, in the order of accepting */
    struct pli_list accepted_by;    /* chat_accepted.in_other */
    struct chat_markers markers;    /* (order: see marker.c) of who is logged in to no account */
    struct chat_metadata *metadata; /* likewise */
    struct pli_list hold;           /* in chat_world.holds, while */
    uint64_t hold_until;            /* pli_clock_now() when the nickname goes; 0: it does not */
    uint64_t mark; /* that of the last event which went to everybody around somebody */
};

/* That a user is an operator of the server. */
struct chat_oper {
    struct pli_list link;      /* in chat_world.opers */
    struct chat_user *user;    /* const once it is the user's */
    struct chat_string *name;  /* of the entry that they have used */
    struct chat_string *class; /* NULL: none, with all rights */
    unsigned rights;           /* enum chat_right */
    unsigned notices;          /* enum chat_notice */
};

/* That a user is in a channel. */
struct chat_member {
    struct chat_user *user;       /* const */
    struct chat_channel *channel; /* const */
    struct pli_list in_user;
    struct pli_list in_channel;
    uint64_t number;      /* const: of those who have joined the channel, from 1 */
    unsigned prefix;      /* enum chat_prefix */
    _Atomic char verdict; /* (atomic) enum chat_verdict */
};

/*
 * Whether masks keep a member from speaking, found out when first asked for, by whoever asks, and
 * forgotten when masks, or what they are compared with, change.
 */
enum chat_verdict { CHAT_UNKNOWN, CHAT_FREE, CHAT_KEPT };

/* That a user may join a channel. Who has more than CHAT_INVITATIONS_MAX loses the oldest. */
struct chat_invitation {
    struct chat_user *user;       /* const */
    struct chat_channel *channel; /* const */
    struct pli_list in_user;
    struct pli_list in_channel;
};

#define CHAT_INVITATIONS_MAX 64

/* That a user accepts another one's messages. */
struct chat_accepted {
    struct chat_user *user;  /* const */
    struct chat_user *other; /* const */
    struct pli_list in_user;
    struct pli_list in_other;
    bool implied; /* by having spoken to them: makes room for others */
};

/* That a session watches a nickname, and a nickname that is watched. */
struct chat_watch {
    struct chat_session *session; /* const */
    struct chat_watched *watched; /* const */
    struct pli_list in_session;
    struct pli_list in_watched;
};

struct chat_watched {
    struct pli_hash_node by_name;
    struct chat_name *name; /* const: as the first one wrote it */
    struct pli_list watches;
};

struct chat_mask {
    struct pli_list link;
    uint64_t time;
    unsigned short length;    /* of the mask */
    unsigned short by_length; /* of the nick behind it */
    bool kept;                /* of a registered channel: the store has it, or will */
    char text[];
};

struct chat_mask_list {
    struct pli_list masks; /* chat_mask.link */
    size_t count;
};

struct chat_topic {
    uint64_t time;
    size_t length;    /* of the topic */
    size_t by_length; /* of the nick behind it */
    char text[];
};

struct chat_channel {
    struct chat_id id; /* const */
    struct chat_name *name;
    uint64_t created;       /* const */
    struct chat_id history; /* under which its history is kept: its own, or that of one before it */
    struct pli_hash_node by_name;
    struct pli_hash_node by_id;
    struct pli_list members; /* chat_member.in_channel, in the order of joining */
    size_t member_count;
    uint64_t joins;           /* as many as there ever were */
    struct chat_topic *topic; /* NULL: none */
    unsigned flags;           /* of enum chat_mode */
    unsigned limit;           /* 0: none */
    unsigned throttle_joins;  /* 0: no throttle */
    unsigned throttle_seconds;
    uint64_t throttle_since; /* when the first of those came that count */
    unsigned throttle_count;
    struct chat_pace *pace; /* NULL: no mode has a rate */
    struct chat_string *key;
    struct chat_string *forward;
    struct pli_list forwarding; /* in the world's list, while FORWARD is set */
    struct pli_list formers;    /* names that it had, the oldest first (rename.c) */
    unsigned former_count;
    uint64_t
        renamed; /* when it was given its name: wall clock, milliseconds; 0: when it was made */
    struct chat_metadata *metadata;
    struct chat_mask_list lists[CHAT_LISTS];
    struct pli_list invitations;            /* chat_invitation.in_channel */
    uint64_t knocked;                       /* (order) pli_clock_now() of the last knock; 0: none */
    struct chat_registration *registration; /* NULL: the channel is nobody's */
    struct pli_mutex order; /* held while an event gets its id and goes to the members */
};

static inline struct chat_session *chat_session_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_session, link);
}

static inline struct chat_member *chat_member_of_user(struct pli_list *link)
{
    return pli_container_of(link, struct chat_member, in_user);
}

static inline struct chat_member *chat_member_of_channel(struct pli_list *link)
{
    return pli_container_of(link, struct chat_member, in_channel);
}

static inline struct chat_mask_list *chat_list_of(struct chat_channel *channel, enum chat_mode list)
{
    return &channel->lists[list - CHAT_MODE_BAN];
}

/* The rate of a mode that has one; its count is 0 if the mode is not set. */
static inline const struct chat_rate *chat_rate_of(const struct chat_channel *channel,
                                                   enum chat_mode mode)
{
    static const struct chat_rate none = {0};

    return channel->pace ? &channel->pace->rates[mode - CHAT_MODE_SLOW] : &none;
}

/* The node of a name in one of the tables by folded names. */
struct pli_hash_node *chat_find_folded(const struct pli_hash *hash, struct chat_text name);

/* NULL: there is none; a person is no service. */
struct chat_user *chat_find_nick(const struct chat_world *world, struct chat_text nick);
struct chat_user *chat_find_person(const struct chat_world *world, struct chat_text nick);
struct chat_user *chat_find_user(const struct chat_world *world, struct chat_id id);
struct chat_watched *chat_find_watched(const struct chat_world *world, struct chat_text nick);
struct chat_channel *chat_find_name(const struct chat_world *world, struct chat_text name);
struct chat_channel *chat_find_channel(const struct chat_world *world, struct chat_id id);
struct chat_member *chat_find_member(const struct chat_user *user,
                                     const struct chat_channel *channel);

/*
 * The channel that a session means by NAME, its focus for CHAT_NO_TEXT. Returns 0,
 * CHAT_NO_SUCH_CHANNEL or CHAT_NO_FOCUS.
 */
int chat_find_meant(const struct chat_world *world, const struct chat_session *session,
                    struct chat_text name, struct chat_channel **channel);

/* The same for one that the session's user, whom it must have, is in: or CHAT_NOT_ON_CHANNEL. */
int chat_find_joined(const struct chat_world *world, const struct chat_session *session,
                     struct chat_text name, struct chat_channel **channel);

/* Makes a user of an event who is in no table, NULL without memory; frees one who is in none. */
struct chat_user *chat_user_new(const struct chat_event *event);
void chat_user_free(struct chat_user *user);

/* Makes and frees objects in the world's tables; making returns NULL without memory. */
struct chat_user *chat_user_add(struct chat_world *world, const struct chat_event *event);
struct chat_channel *chat_channel_add(struct chat_world *world, struct chat_id id,
                                      struct chat_text name, uint64_t created);
void chat_channel_remove(struct chat_world *world, struct chat_channel *channel); /* empty */
struct chat_member *chat_member_add(struct chat_user *user, struct chat_channel *channel);

/* Has the channel forward to another one, or with an empty text to none. Returns 0 or -ENOMEM. */
int chat_forward_set(struct chat_world *world, struct chat_channel *channel, struct chat_text to);

/* The channel that NAME still leads to although it is called something else now; NULL: none. */
struct chat_channel *chat_find_former(const struct chat_world *world, struct chat_text name);

/* No name leads to the channel any more. */
void chat_forget_formers(struct chat_world *world, struct chat_channel *channel);

/* The key of the world's former_names. */
const struct chat_name *chat_former_name(const struct pli_hash_node *node);

/* Gives a user modes, and keeps count of them. */
void chat_user_set_modes(struct chat_world *world, struct chat_user *user, unsigned modes);

/*
 * Makes an operator of what the event says; gives it to a user; takes it from one; has the world
 * know what notices are wanted.
 */
struct chat_oper *chat_oper_new(const struct chat_event *event);
void chat_oper_put(struct chat_world *world, struct chat_user *user, struct chat_oper *oper);
void chat_oper_remove(struct chat_world *world, struct chat_user *user);
void chat_oper_renew_notices(struct chat_world *world);

/* Ends a user who has not asked for it, for REASON. */
void chat_user_end(struct chat_world *world, struct chat_user *user, struct chat_text reason);

/* A user's sessions that have the channel at hand have none. */
void chat_drop_focus(struct chat_user *user, const struct chat_channel *channel);

/* Lifts bans whose time is over. */
void chat_bans_expire(struct chat_world *world);

/* Whether who comes is let in: 0 or CHAT_BARRED, then with the reason in WHY, if that is not NULL. */
int chat_check_banned(struct chat_world *world, const struct chat_event *arrival, char *why);

/* Whether the session's user has a right: 0 or why not. */
int chat_check_right(const struct chat_session *session, enum chat_right right);

/* chat_notify() and chat_act() for who holds the world, the latter for who is an operator. */
void chat_notify_locked(struct chat_world *world, enum chat_notice what, const char *format, ...)
    PL_PRINTF(3, 4);
void chat_act_locked(struct chat_world *world, const struct chat_user *user, enum chat_notice what,
                     const char *format, ...) PL_PRINTF(4, 5);

/*
 * Finds out anew whether the user may keep their nickname, when it or their account is another one,
 * and tells them if not; and forgets about it. The world is held exclusive.
 */
void chat_hold_renew(struct chat_world *world, struct chat_user *user);
void chat_hold_end(struct chat_user *user);

/* The same for all users, when the settings say something else. */
void chat_holds_renew(struct chat_world *world);

/* The service of that name, in any case; NULL: there is none. The world need not be held. */
struct chat_user *chat_find_service(const struct chat_world *world, struct chat_text nick);

/* Frees the services, when there are no users any more. */
void chat_services_remove(struct chat_world *world);

/* Takes a user out of all channels, from their sessions and from the world. */
void chat_user_leave(struct chat_world *world, struct chat_user *user);

/* Keeps the nickname that a user gives up, and forgets them all. */
void chat_past_add(struct chat_past_ring *ring, const struct chat_user *user, uint64_t time);
void chat_past_clear(struct chat_past_ring *ring);

struct chat_invitation *chat_find_invitation(const struct chat_user *user,
                                             const struct chat_channel *channel);
int chat_invitation_add(struct chat_user *user, struct chat_channel *channel);
void chat_invitation_remove(struct chat_invitation *invitation); /* NULL is allowed */

/* Whether OTHER may speak to USER who has CHAT_USER_REGISTERED_ONLY. */
bool chat_is_accepted(const struct chat_user *user, const struct chat_user *other);

/*
 * The user accepts whom they have spoken to: it is made before, NULL without memory, and added, or
 * freed by free(), afterwards. One for which there is no room is freed.
 */
struct chat_accepted *chat_accept_by_speaking(struct chat_user *user, struct chat_user *other);
void chat_accept_add(struct chat_accepted *accepted);

/* Nobody accepts the user any more, nor do they anybody. */
void chat_forget_accepts(struct chat_user *user);

/* The order lock of two users: the same one whichever of them speaks. */
struct pli_mutex *chat_pair_lock(struct chat_world *world, struct chat_id a, struct chat_id b);

/* What a user has set of metadata, or their account has. */
static inline const struct chat_metadata *chat_user_metadata(const struct chat_user *user)
{
    return user->presence ? user->presence->metadata : user->metadata;
}

/* Whether a channel is there for the session, which must have a user: a secret one may not be. */
bool chat_channel_is_there(const struct chat_session *session, const struct chat_channel *channel);

/* The session is subscribed to nothing any more. */
void chat_forget_subscriptions(struct chat_session *session);

/* The session watches nothing any more. */
void chat_forget_watches(struct chat_world *world, struct chat_session *session);

/* The masks of a list. A mask is normal; finding one that is not there returns NULL. */
struct chat_mask *chat_mask_find(const struct chat_mask_list *list, struct chat_text mask);
int chat_mask_add(struct chat_mask_list *list, struct chat_text mask,
                  const struct chat_event *event);
void chat_mask_remove(struct chat_mask_list *list, struct chat_mask *mask);

/* The first of the list, after AFTER unless that is NULL, that means the user; NULL: none does. */
struct chat_mask *chat_mask_that_means(struct chat_channel *channel, enum chat_mode list,
                                       const struct chat_user *user, const struct chat_mask *after);

/* Whether masks keep a user from joining, or invite them, or keep them from speaking. */
bool chat_is_banned(struct chat_channel *channel, const struct chat_user *user);
bool chat_is_expected(struct chat_channel *channel, const struct chat_user *user);
bool chat_is_kept_silent(struct chat_channel *channel, const struct chat_user *user,
                         struct chat_member *member);

/* Whether a user may speak in a channel so that all who are there hear it. */
bool chat_may_speak(struct chat_world *world, struct chat_channel *channel,
                    const struct chat_user *user);

/* The verdicts on all members, or on one user everywhere, have to be found out anew. */
void chat_forget_verdicts(struct chat_channel *channel);
void chat_forget_verdicts_on(struct chat_user *user);

/* Takes a member out; the channel disappears with its last one. */
void chat_member_remove(struct chat_world *world, struct chat_member *member);

/* Whether the session may find a user who was not named. */
bool chat_user_is_found(const struct chat_session *session, const struct chat_user *user);

/* The user as the session sees them. */
struct chat_user_view chat_user_view_of(const struct chat_session *session,
                                        const struct chat_user *user);

/* For the formats "%.*s". */
#define CHAT_SHOWN(text) (int)(text).length, (text).length > 0 ? (text).data : ""

/* Flags of channels that are not shown to others. */
#define CHAT_HIDING (chat_mode_flag(CHAT_MODE_PRIVATE) | chat_mode_flag(CHAT_MODE_SECRET))

/* Whether others who are not operators of the channel are not to know of the member (u). */
static inline bool chat_is_hidden(const struct chat_channel *channel, unsigned prefix)
{
    return channel->flags & chat_mode_flag(CHAT_MODE_AUDITORIUM) && prefix == 0;
}

/* Whether PREFIX allows to know of, and to change, what is a half-operator's. */
static inline bool chat_runs(unsigned prefix)
{
    return prefix >= CHAT_HALFOP;
}

/* Whether a session whose user has PREFIX in a channel sees all of its members. */
static inline bool chat_sees_hidden(const struct chat_session *session, unsigned prefix)
{
    return chat_runs(prefix) || (session->user && session->user->modes & CHAT_USER_OPERATOR);
}

/* One change of an event, without telling. Returns 0 or -ENOMEM; what is not there is left out. */
int chat_change_apply(struct chat_world *world, struct chat_channel *channel,
                      const struct chat_event *event, const struct chat_change *change);

/*
 * Modes as text, "ntk key": writing those that a channel has, without lists and prefixes; reading such a
 * text, with signs perhaps, as changes, whose arguments stand in it: 0 or CHAT_BAD_ARGUMENT. A value
 * that a mode with one can have, whatever there is.
 */
#define CHAT_MODES_TEXT 512
struct chat_text chat_modes_write(const struct chat_channel *channel,
                                  char text[static CHAT_MODES_TEXT]);
int chat_modes_read(struct chat_text text, struct chat_change changes[static CHAT_CHANGES_MAX],
                    size_t *count);
bool chat_mode_value_is_good(enum chat_mode mode, struct chat_text value);

/* A topic; NULL without memory. */
struct chat_topic *chat_topic_new(struct chat_text text, struct chat_text by, uint64_t time);

/*
 * Registered channels, of which registration_inside.h has more: what the account of somebody has there;
 * what the session may do there. Both are prefixes, 0: nothing.
 */
unsigned chat_access_of(const struct chat_channel *channel, struct chat_text account);
unsigned chat_authority(const struct chat_session *session, const struct chat_channel *channel);

/* Gives a member what their account has there, and in all their channels. */
void chat_greet_member(struct chat_world *world, struct chat_channel *channel,
                       struct chat_user *user);
void chat_greet_everywhere(struct chat_world *world, struct chat_user *user);

/*
 * What a registered channel has, but for masks, has changed; a mask is removed from a list, and freed;
 * all that has changed is written.
 */
void chat_note_change(struct chat_channel *channel);
void chat_drop_mask(struct chat_channel *channel, enum chat_mode list, struct chat_mask *mask);
void chat_keep_channel(struct chat_channel *channel);

/* Whether a registered channel has that mode stay as it is. */
bool chat_mode_is_locked(const struct chat_channel *channel, enum chat_mode mode);

/* Whether the topic of a registered channel is for those to set who have access (CHAT_TOPIC_LOCK). */
bool chat_topic_is_locked(const struct chat_channel *channel);

/* Removes the channel if nobody is there and nothing has it stay. */
void chat_channel_settle(struct chat_world *world, struct chat_channel *channel);

/* What it takes to give or take a prefix. */
unsigned chat_mode_needs(enum chat_mode mode);

/* Modes that the service changes, for the user, each with its outcome, as if they were its owner. */
void chat_modes_by_service(struct chat_world *world, struct chat_channel *channel,
                           struct chat_user *user, struct chat_change *changes, size_t count);

/* Begins an event of the service in a channel. */
struct chat_event chat_event_by_service(const struct chat_world *world, enum chat_kind kind,
                                        const struct chat_channel *channel);

/* An account is gone: so is all that it had in channels. */
void chat_registrations_end_account(struct chat_world *world, struct chat_text account);

/* Begins an event in a channel. */
struct chat_event chat_event_in(const struct chat_session *session, enum chat_kind kind,
                                const struct chat_channel *channel);

/* Begins an event of which the server itself is the cause: all but its id and time. */
struct chat_event chat_event_by_server(const struct chat_world *world, enum chat_kind kind);

/* Begins an event of a user, of no session, and of the session's, who must be there: likewise. */
struct chat_event chat_event_of_user(const struct chat_user *user, enum chat_kind kind);
struct chat_event chat_event_of(const struct chat_session *session, enum chat_kind kind);

/*
 * Who has gone beyond a rate of the channel loses their place there; or only begins anew if there is
 * no such member, or there would be nothing to take. The world is held exclusive.
 */
struct chat_penalty {
    struct chat_id user;
    struct chat_id channel;
    enum chat_mode mode; /* whose rate it was */
};

/* Ends a user, as the server's own doing: who is told so, and quits, for REASON. */
void chat_user_strike(struct chat_world *world, struct chat_user *user, struct chat_text reason);

void chat_penalise(struct chat_world *world, const struct chat_penalty *penalty);

/* Gives it its id and time. The order lock of those who will be told is held. */
void chat_event_stamp(struct chat_world *world, struct chat_event *event);

/*
 * Makes the change that the event tells, and tells it to those concerned on this server. Returns 0,
 * -ENOMEM, or an outcome if who or what it names is not there. The world is held exclusive. Not for
 * messages, which change nothing.
 */
int chat_apply(struct chat_world *world, const struct chat_event *event);

/* The same for what a user has read, for which their order lock is enough. */
int chat_apply_read(struct chat_world *world, const struct chat_event *event);

/* The same for one kind each. */
int chat_apply_away(struct chat_world *world, const struct chat_event *event);
int chat_apply_realname(struct chat_world *world, const struct chat_event *event);
int chat_apply_account(struct chat_world *world, const struct chat_event *event);
int chat_apply_host(struct chat_world *world, const struct chat_event *event);
int chat_apply_user_mode(struct chat_world *world, const struct chat_event *event);
int chat_apply_channel_rename(struct chat_world *world, const struct chat_event *event);
int chat_apply_kick(struct chat_world *world, const struct chat_event *event);
int chat_apply_mode(struct chat_world *world, const struct chat_event *event);
int chat_apply_redact(struct chat_world *world, const struct chat_event *event);
int chat_apply_invite(struct chat_world *world, const struct chat_event *event);
int chat_apply_metadata(struct chat_world *world, const struct chat_event *event);

#endif
