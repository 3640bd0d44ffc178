/* SPDX-License-Identifier: MIT */
/*
 * Users: what is known of them, and what they change about themselves. chat/chat.h has the rules
 * that all calls follow.
 */
#ifndef CHAT_USER_H
#define CHAT_USER_H

#include "chat/face.h"

#include <stdint.h>

struct chat_world;

/* Longer texts are cut, between two characters. In bytes. */
#define CHAT_USERNAME_MAX 32
#define CHAT_HOST_MAX     128
#define CHAT_REALNAME_MAX 200
#define CHAT_AWAY_MAX     390

/* Modes of a user. */
enum chat_user_mode {
    CHAT_USER_INVISIBLE = 1 << 0,       /* found only by those who share a channel */
    CHAT_USER_OPERATOR = 1 << 1,        /* runs the server; chat_user_oper() alone sets it */
    CHAT_USER_WALLOPS = 1 << 2,         /* is told what operators tell all who listen */
    CHAT_USER_BOT = 1 << 3,             /* is a program */
    CHAT_USER_REGISTERED_ONLY = 1 << 4, /* is spoken to by accounts and accepted users alone */
    CHAT_USER_NO_CTCP = 1 << 5,         /* takes no questions to the program */
    CHAT_USER_NOTICES = 1 << 6, /* is told what happens; chat_user_notices() alone sets it */
    CHAT_USER_SECURE = 1 << 8,  /* all sessions speak TLS; chat/attach.c alone sets it */
    CHAT_USER_SERVICE = 1 << 9, /* is part of the server (chat/service.h), which alone sets it */
};

/* Who comes: what a front end knows of them. The texts stand as long as the call. */
struct chat_identity {
    struct chat_text nick;
    struct chat_text username; /* empty: "user" */
    struct chat_text host;     /* as all may see it; empty: "unknown" */
    struct chat_text address;  /* where they really come from, for operators */
    struct chat_text realname;
    struct chat_text account; /* that they have logged in to; empty: none */
    bool trusted;             /* has given the password, where there is one */
    struct chat_text
        mark;       /* the list of bad addresses that has theirs, for operators; empty: none */
    unsigned modes; /* enum chat_user_mode, without CHAT_USER_OPERATOR */
    char *why;      /* NULL, or room for CHAT_BAN_REASON_MAX + 1 bytes: why one is not let in */
    bool *attached; /* see chat_user_enter(); NULL: it is always a user of its own */
    uint64_t *left; /* likewise */
};

/*
 * Makes a user, whose first session this is; or makes it one more session of who is there with the
 * account, if that is shared (chat/presence.h) and the nickname is that of the account or of somebody
 * with it. Then *ATTACHED is true, and the session is told nothing before chat_presence_greet();
 * *LEFT is when the last one had gone, in milliseconds since 1970, or 0 if there is another one.
 * CHAT_BARRED: a ban means them, WHY has the reason; CHAT_FILTERED: a filter does. Of who is there
 * already: CHAT_TOO_MANY_SESSIONS; CHAT_NEED_TLS, for the sake of the channels that they are in.
 */
int chat_user_enter(struct chat_world *world, struct chat_session *session,
                    const struct chat_identity *identity);

/* The same with nothing but a name. */
int chat_user_register(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick);

/* Makes this one more session of a user who is there, as one that is told everything at once. */
int chat_user_attach(struct chat_world *world, struct chat_session *session, struct chat_id user);

int chat_user_rename(struct chat_world *world, struct chat_session *session, struct chat_text nick);

/* Is away, and why; or is back, if REASON is empty. All who share a channel, or watch one, are told. */
#define CHAT_AWAY_UNTOLD "*" /* a reason that is none: it is for front ends to put it into words */
int chat_user_away(struct chat_world *world, struct chat_session *session, struct chat_text reason);

/* Has another real name. All who share a channel, or watch one, are told. */
int chat_user_realname(struct chat_world *world, struct chat_session *session,
                       struct chat_text realname);

/*
 * Has an account, or none if ACCOUNT is empty. All who share a channel, or watch one, are told if that
 * is something new.
 */
int chat_user_account(struct chat_world *world, struct chat_session *session,
                      struct chat_text account);

/* Who has that account, whatever their session, has none any more: there is no such account. */
void chat_account_end(struct chat_world *world, struct chat_text account);

/* Is shown under another username and host. All who share a channel, or watch one, are told. */
int chat_user_host(struct chat_world *world, struct chat_session *session,
                   struct chat_text username, struct chat_text host);

/*
 * Sets the modes in SET, then clears those in CLEARED. CHAT_USER_OPERATOR can only be cleared, and
 * is ignored in SET, as is CHAT_USER_NOTICES, and CHAT_USER_SECURE is what it was. The user is told what has really changed,
 * if anything.
 */
int chat_user_modes(struct chat_world *world, struct chat_session *session, unsigned set,
                    unsigned cleared);

/*
 * Whom one accepts may speak to one although CHAT_USER_REGISTERED_ONLY is set; it ends when either
 * goes. Who has that mode and speaks to somebody without an account accepts them by that. Returns 0
 * or an outcome, of which CHAT_ACCEPTED and CHAT_NOT_ACCEPTED say that it was so already, and
 * CHAT_LIST_FULL that one accepts CHAT_ACCEPTS_MAX users; those accepted by speaking make room.
 */
#define CHAT_ACCEPTS_MAX 100
int chat_accept(struct chat_world *world, struct chat_session *session, struct chat_text nick);
int chat_unaccept(struct chat_world *world, struct chat_session *session, struct chat_text nick);

/* Whom the session's user accepts, in the order of accepting. */
int chat_accepts(struct chat_world *world, struct chat_session *session,
                 void (*visit)(struct chat_text nick, void *argument), void *argument);

/* What somebody gets who becomes an operator of the server. The texts stand as long as the call. */
struct chat_grant {
    struct chat_text name;  /* of the entry in the configuration */
    struct chat_text class; /* empty: none */
    unsigned rights;        /* enum chat_right */
};

/* Makes the user an operator of the server, whose password has been checked. */
int chat_user_grant(struct chat_world *world, struct chat_session *session,
                    const struct chat_grant *grant);

/* The same with all rights, and a name that is the class. */
int chat_user_oper(struct chat_world *world, struct chat_session *session, struct chat_text class);

/*
 * Gives all operators what FIND finds for their name, or has them be operators no longer if it
 * returns false; they are told if that changes their modes.
 */
void chat_review_opers(struct chat_world *world,
                       bool (*find)(struct chat_text name, struct chat_grant *grant,
                                    void *argument),
                       void *argument);

/*
 * Has an operator be told what is in SET (enum chat_notice), and then no longer what is in CLEARED.
 * CHAT_NOT_OPERATOR, CHAT_NO_RIGHT.
 */
int chat_user_notices(struct chat_world *world, struct chat_session *session, unsigned set,
                      unsigned cleared);

/*
 * An operator of the server ends a user: who is told so, for REASON, quits for QUIT_REASON, and
 * whose sessions are closed. Returns 0, CHAT_NOT_OPERATOR, CHAT_NO_RIGHT or CHAT_NO_SUCH_NICK.
 */
int chat_kill(struct chat_world *world, struct chat_session *session, struct chat_text nick,
              struct chat_text reason, struct chat_text quit_reason);

/* An operator of the server speaks to all who have CHAT_USER_WALLOPS. */
int chat_wallops(struct chat_world *world, struct chat_session *session, struct chat_text text);

/* How many are there, for the curious. */
struct chat_counts {
    size_t users;
    size_t invisible;
    size_t operators;
    size_t channels;
    size_t strangers; /* sessions that take no part yet */
    size_t most_users;
};

void chat_counts(struct chat_world *world, struct chat_counts *counts);

/*
 * A session has come that takes no part yet; one such takes part now, or has gone. Faces say so for
 * the sake of the counts alone.
 */
void chat_stranger_comes(struct chat_world *world);
void chat_stranger_goes(struct chat_world *world);

/* A user as they are seen. Visitors get it, and the texts stand until they return. */
struct chat_user_view {
    struct chat_id id;
    struct chat_text nick;
    struct chat_text username;
    struct chat_text host;
    struct chat_text address; /* for the user and operators only: whoever shows it checks that */
    struct chat_text realname;
    struct chat_text account; /* empty: none */
    struct chat_text away;    /* why; empty: is here */
    struct chat_text mark;    /* for operators only: the list that has the address; empty: none */
    struct chat_text oper_class; /* of an operator; empty: none */
    struct chat_text oper_name;
    unsigned rights;          /* enum chat_right */
    unsigned notices;         /* enum chat_notice */
    unsigned modes;           /* enum chat_user_mode */
    uint64_t came;            /* milliseconds since 1970 */
    uint64_t active;          /* the same, when they last said something, or came */
    unsigned prefix;          /* in the channel that is looked at, enum chat_prefix */
    struct chat_text channel; /* if that is said: one they are known to be in; empty: none */
    bool self;                /* the session's own user */
    bool to_operator;         /* shown to an operator of the server */
};

/* The session's own user. */
int chat_user_look(struct chat_world *world, struct chat_session *session,
                   void (*visit)(const struct chat_user_view *view, void *argument),
                   void *argument);

/* Whoever has that nickname; 0 or CHAT_NO_SUCH_NICK. The session need not take part. */
int chat_nick_look(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                   void (*visit)(const struct chat_user_view *view, void *argument),
                   void *argument);

/*
 * The same, with where they are: USER is called once, with a channel, one that both are in if there
 * is such; and then, unless it is NULL, CHANNEL for each that the session may know them to be in, in
 * the order of joining, with their prefix there, and END. Nobody else is to know of the audience of
 * an auditorium, of channels that are not shown, and of those of the invisible.
 */
struct chat_nick_visitor {
    void (*user)(const struct chat_user_view *view, void *argument);
    void (*channel)(struct chat_text name, unsigned prefix, void *argument);
    void (*end)(const struct chat_user_view *view, void *argument);
};

int chat_nick_look_around(struct chat_world *world, struct chat_session *session,
                          struct chat_text nick, const struct chat_nick_visitor *visitor,
                          void *argument);

/*
 * Users whom the session may find and whom WANTS wants, in no order: invisible ones are found by
 * themselves, by operators and by those who share a channel with them. VISIT gets the view with a
 * channel as above.
 *
 * This is done in parts, so that others have a turn: a call looks at about MOST users, and returns
 * whether there are more. *CURSOR is 0 at first. Who is there all the time is shown once.
 */
struct chat_user_visitor {
    bool (*wants)(const struct chat_user_view *view, void *argument);
    void (*visit)(const struct chat_user_view *view, void *argument);
};

bool chat_user_each(struct chat_world *world, struct chat_session *session, uint64_t *cursor,
                    size_t most, const struct chat_user_visitor *visitor, void *argument);

#endif
