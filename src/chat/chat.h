/* SPDX-License-Identifier: MIT */
/*
 * The chat world: users, channels and who is where, and what they say to each other. It knows no
 * protocol: people reach it through faces (chat/face.h), and people of all faces meet in it. Calls
 * about users stand in chat/user.h, those about modes in chat/mode.h; what follows here holds for them, too.
 *
 * Who asks is a session, whose user the call is for. A user has any number of sessions, a session
 * at most one user. Calls return 0, an outcome (chat/outcome.h) or -ENOMEM. All may be made from
 * any thread, but for one session by one thread at a time, and not from within a face's functions
 * or a visitor. Texts are UTF-8 without NUL, CR and LF, the faces see to that; names are checked
 * here. A channel is named by CHAT_NO_TEXT to mean the one that the session has at hand (its
 * focus).
 *
 * Locks. One reader/writer lock guards the world: talking and looking take it shared, changing who
 * is where takes it exclusive. A channel's order lock, and for what one user tells another one of
 * a few such locks that the two of them share, is held while an event gets its id and time and is
 * put on the recipients' out-queues; holding the world exclusive stands for all of them. So all
 * members of a channel see its events in one order. Nothing waits under these locks, and nothing
 * is sent: what is queued is flushed by the library when the service's call has returned. A
 * recipient that cannot take an event is ended by the library, and quits when its close arrives,
 * as a change of its own.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "chat/ban.h"
#include "chat/defcon.h"
#include "chat/event.h"
#include "chat/face.h"
#include "chat/force.h"
#include "chat/hold.h"
#include "chat/limit.h"
#include "chat/judge.h"
#include "chat/kept.h"
#include "chat/mode.h"
#include "chat/name.h"
#include "chat/notice.h"
#include "chat/outcome.h"
#include "chat/past.h"
#include "chat/presence.h"
#include "chat/registration.h"
#include "chat/right.h"
#include "chat/service.h"
#include "chat/text.h"
#include "chat/user.h"
#include "chat/watch.h"

#include <stdint.h>

struct chat_world;

/* Lengths are in bytes. */
struct chat_settings {
    size_t nick_length;        /* 1 to CHAT_NAME_MAX */
    size_t channel_length;     /* 2 to CHAT_NAME_MAX, # included */
    size_t topic_length;       /* at least 1; longer topics are cut */
    size_t channels_per_user;  /* 0: no limit */
    size_t masks_per_list;     /* of a channel; 0: no limit */
    size_t bans;               /* of people, addresses and channels together; 0: no limit */
    size_t watched_nicks;      /* of a session; 0: no limit */
    size_t sessions;           /* of a user; 0: no limit */
    unsigned always_on_expiry; /* days for which who stays without a session does; 0: for ever */
    bool accounts;             /* people can have one, so modes may ask for it */
    bool history;              /* what is said is kept */
    unsigned nick_grace;       /* seconds for which one bears another one's nickname; 0: no limit */
    size_t redact_messages;    /* so many of the latest at least can be taken back; 0: none */
    unsigned redact_window;    /* seconds for who has said it; 0: no limit */

    bool channel_registration;   /* people may have channels that stay */
    size_t channels_per_account; /* so many; 0: no limit */
    size_t access_per_channel;   /* accounts beside the founder; 0: no limit */

    char fixed_channel[CHAT_NAME_MAX + 1]; /* one that keeps its name; "": none */
};

/*
 * Makes an empty world. NODE is this server's number among those that share one chat. Returns 0,
 * -EINVAL (settings out of range), -ENOMEM or the error of getrandom.
 */
int chat_world_new(const struct chat_settings *settings, uint16_t node, struct chat_world **world);

/* What the server is called where it is the cause of something; before there are sessions. */
void chat_world_put_name(struct chat_world *world, const char *name);

/* Frees a world that nobody uses any more: no session takes part. NULL is allowed. */
void chat_world_free(struct chat_world *world);

/* Replaces the settings from now on; who and what is there stays. 0, -EINVAL or -ENOMEM. */
int chat_world_set_settings(struct chat_world *world, const struct chat_settings *settings);
void chat_world_settings(struct chat_world *world, struct chat_settings *settings);

/*
 * Takes the session out. If it was its user's last one, the user quits for REASON, which all who
 * share a channel are told. Afterwards the session may be freed; it returns CHAT_NOT_REGISTERED or
 * 0, and never fails.
 */
int chat_quit(struct chat_world *world, struct chat_session *session, struct chat_text reason);

/* The same, but nobody is told: for sessions that end because the server does. */
int chat_quit_untold(struct chat_world *world, struct chat_session *session);

/*
 * Joins a channel and has the session focus it. One that is not there is made, and whoever makes it
 * is its operator. Where modes or masks forbid it, and the channel has another one to forward to,
 * that one is joined, and the session told so first.
 */
int chat_channel_join(struct chat_world *world, struct chat_session *session,
                      struct chat_text name);

/* The same with a key. */
int chat_channel_enter(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text key);

/*
 * Leaves a channel; one that is empty then disappears, unless it is registered or has
 * CHAT_MODE_PERMANENT. Sessions of the user that had it at hand
 * now have the one that the user joined last.
 */
int chat_channel_part(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text reason);

/* Why somebody is kicked is cut to so many bytes. */
#define CHAT_REASON_MAX 390

/*
 * Takes a member out, for which it takes a half-operator and a prefix that is not below theirs.
 * Their sessions that had the channel at hand have none now.
 */
int chat_channel_kick(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text nick, struct chat_text reason);

/*
 * Invites somebody, who may then join once whatever modes and masks say. Any member may, or where
 * only who is invited joins, half-operators and above. They are told, and half-operators and above.
 */
int chat_channel_invite(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text nick);

/* The channels to which the session's user is invited. */
int chat_invitations(struct chat_world *world, struct chat_session *session,
                     void (*visit)(struct chat_text channel, void *argument), void *argument);

/*
 * Asks those who may invite one to do so. Nobody can knock twice, nor be heard where somebody has
 * knocked, within CHAT_KNOCK_PAUSE (nanoseconds).
 */
#define CHAT_KNOCK_PAUSE (UINT64_C(60) * 1000 * 1000 * 1000)
int chat_channel_knock(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text reason);

/* Sets the topic, or clears it with an empty text. */
int chat_channel_topic(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text topic);

/*
 * Gives a channel another name, for which it takes an operator of it, and not twice within
 * CHAT_RENAME_PAUSE_MS. All that the channel has stays; channels that forward to it go on doing so.
 * A name that is more than the old one in another case must be free. Whoever joins by the old name
 * within CHAT_FORMER_MS is led to the channel, unless it is private or secret; it keeps
 * CHAT_FORMERS_MAX such names, the newest.
 */
#define CHAT_RENAME_PAUSE_MS (UINT64_C(60) * 1000)
#define CHAT_FORMER_MS       (UINT64_C(24) * 3600 * 1000)
#define CHAT_FORMERS_MAX     8
int chat_channel_rename(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text to, struct chat_text reason);

/*
 * What a channel is called now to which its former name NAME leads. Returns 0 or
 * CHAT_NO_SUCH_CHANNEL.
 */
int chat_channel_former(struct chat_world *world, struct chat_text name,
                        void (*visit)(struct chat_text now, void *argument), void *argument);

/* Has the session focus a channel that its user is a member of; its former name serves, too. */
int chat_channel_focus(struct chat_world *world, struct chat_session *session,
                       struct chat_text name);

/* What somebody says. What is not set is not there. The texts stand as long as the call. */
struct chat_words {
    enum chat_kind kind;     /* CHAT_MESSAGE, CHAT_ACTION, CHAT_NOTICE or CHAT_TAGS */
    struct chat_text target; /* a channel or a nickname */
    unsigned least;          /* of a channel only those members who have at least that prefix */
    struct chat_text text;
    struct chat_text plain; /* TEXT without colours (chat/colour.h), if it has any */
    struct chat_text tags;  /* for those whose protocol has such a thing: handed on as they are */
    bool ctcp;              /* a question to a program, or its answer: not everybody wants them */
    unsigned *wait;         /* receives the seconds after which it may be said; NULL: no need */

    /* What is said on several lines: those of TEXT, between which it has LFs, and of PLAIN. */
    const struct chat_line *lines;
    const struct chat_line *plain_lines;
    size_t line_count; /* of each; 0: TEXT is a single line */
};

/*
 * Says it; but not to a service, for whom it is left to the face: CHAT_SERVICE. Some members of a channel are spoken to by members of it alone. One's own sessions are told,
 * too. What goes beyond a rate of the channel (chat/mode.h) is not said: CHAT_TAKEN_OUT, or, with
 * words->wait, CHAT_TOO_SOON, CHAT_TOO_MANY_LINES or CHAT_REPEATED.
 */
int chat_speak(struct chat_world *world, struct chat_session *session,
               const struct chat_words *words);

/* Says TEXT to a channel or a nickname. KIND is CHAT_MESSAGE, CHAT_ACTION or CHAT_NOTICE. */
int chat_say(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
             struct chat_text target, struct chat_text text);

/*
 * Takes back the message with that id, which has been said to TARGET, a channel that one is in or a
 * nickname: what one has said oneself, or, of an operator of the channel, what anybody has. Those
 * who have heard it are told, as far as they have a use for that. Who may not speak gives no REASON.
 * Outcomes are, among others, CHAT_NO_SUCH_MESSAGE, CHAT_NOT_YOURS and CHAT_TOO_LATE.
 */
int chat_redact(struct chat_world *world, struct chat_session *session, struct chat_text target,
                struct chat_id message, struct chat_text reason);

/*
 * The same for one that is no longer among the latest but in the history: KEPT, with its id, which
 * members with the prefix LEAST have heard.
 */
int chat_redact_kept(struct chat_world *world, struct chat_session *session,
                     struct chat_text target, const struct chat_event *kept, unsigned least,
                     struct chat_text reason);

/*
 * Looking around. Visitors are called under the world's lock, shared: they are brief, and their
 * views and texts stand until they return.
 */
struct chat_channel_view {
    struct chat_id id;
    struct chat_text name;
    uint64_t created;          /* milliseconds since 1970 */
    struct chat_text topic;    /* CHAT_NO_TEXT: none */
    struct chat_text topic_by; /* the nick, then, of who set it */
    uint64_t topic_time;
    size_t members;
    unsigned flags;       /* of enum chat_mode */
    struct chat_text key; /* for members only: whoever shows it checks that; empty: none */
    unsigned limit;       /* of members; 0: none */
    struct chat_text forward;
    unsigned throttle_joins; /* so many; 0: no throttle */
    unsigned throttle_seconds;
    struct chat_rate rates[CHAT_RATES]; /* of the modes from CHAT_MODE_SLOW on */
    unsigned prefix;                    /* of the session's user, enum chat_prefix */
    bool joined;                        /* by the session's user */
    bool focused;                       /* by the session */
    bool shown;                         /* joined, or neither private nor secret, or to operators */
};

/*
 * CHANNEL is called once, then MEMBER, which may be NULL, for each member whom the session may see,
 * in the order of joining, whose prefix the view has. A secret channel is none to who is not a member.
 */
struct chat_channel_visitor {
    void (*channel)(const struct chat_channel_view *view, void *argument);
    void (*member)(const struct chat_user_view *view, void *argument);
};

int chat_channel_look(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      const struct chat_channel_visitor *visitor, void *argument);

/*
 * The same in parts, so that others have a turn: a call looks at MOST members at most. *CURSOR is 0
 * at first, and again when there are no more. Who is there all the time is shown once.
 */
int chat_channel_look_on(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, uint64_t *cursor, size_t most,
                         const struct chat_channel_visitor *visitor, void *argument);

/*
 * Channels that are shown to the session, in no order, in parts, so that others have a turn: a call
 * looks at about MOST channels, and returns whether there are more. *CURSOR is 0 at first. What is
 * there all the time is shown once.
 */
bool chat_channel_some(struct chat_world *world, struct chat_session *session, uint64_t *cursor,
                       size_t most,
                       void (*visit)(const struct chat_channel_view *view, void *argument),
                       void *argument);

/* All channels that are shown to the session, in no order, as long as VISIT returns true. */
void chat_channel_each(struct chat_world *world, struct chat_session *session,
                       bool (*visit)(const struct chat_channel_view *view, void *argument),
                       void *argument);

#endif
