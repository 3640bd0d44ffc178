/* SPDX-License-Identifier: MIT */
/*
 * One who speaks IRC: the data of a session, for the files of this room. A client comes, may
 * negotiate capabilities, says who it is (NICK, USER, perhaps PASS), and is then registered with
 * the chat. What happens in the chat reaches it through irc_face (face.h), what only concerns it
 * through irc_reply() and its like (reply.h).
 */
#ifndef IRC_CLIENT_H
#define IRC_CLIENT_H

#include "base/lock.h"
#include "base/log_limit.h"
#include "chat/flood.h"
#include "chat/name.h"
#include "irc/message.h"
#include "irc/settings.h"

#include <paceline/service.h>

#include <stdatomic.h>
#include <stdint.h>

#define IRC_USER_MAX     CHAT_USERNAME_MADE /* bytes of a user name, USERLEN, with the ~ before it */
#define IRC_REALNAME_MAX 150                /* bytes */

#define IRC_SERVER_MAX 255 /* bytes of the server's name */

struct chat_metadata;
struct accounts;
struct irc_answer;
struct irc_moved;
struct irc_arrival;
struct irc_multiline;
struct irc_parts;
struct irc_sasl;
struct irc_work;

/* What is the same for all clients. */
struct irc {
    struct chat_world *world;               /* const */
    struct chat_cloak_key key;              /* const once there are sessions */
    char started[32];                       /* const: when, as text */
    struct irc_tally *tally;                /* see there */
    uint64_t since;                         /* const: the same, pli_clock_now() */
    struct irc_host host;                   /* const once there are sessions */
    struct lookups *lookups;                /* likewise; NULL: nobody is asked about who comes */
    struct accounts *accounts;              /* likewise; NULL: nobody can have one */
    struct pli_log_limit turned_away;       /* of who was not believed */
    struct pli_mutex lock;                  /* for taking a reference to, or replacing */
    _Atomic(struct irc_snapshot *) current; /* the settings, a reference */
};

/* What is known of a client only until it is registered. */
struct irc_coming {
    char *user; /* NULL: none yet */
    char *realname;
    char *password;                 /* as given with PASS */
    char *away;                     /* why, as given before; NULL: never said */
    char *account;                  /* that it has logged in to before; NULL: none */
    struct irc_arrival *arrival;    /* what was asked about it (irc/arrival.h), or NULL */
    struct chat_metadata *metadata; /* set before there is a user to have it; NULL: none */
};

/* All but CHAT (chat/face.h), CAPS, RENAMED and MOVED is touched in calls of the session only. */
struct irc_client {
    struct chat_session chat;
    atomic_uint caps;                  /* irc_cap bits; others read it */
    atomic_bool renamed;               /* NICK, by others, or HOST is an old one */
    _Atomic(struct irc_moved *) moved; /* notes that others have left, the newest first */
    struct irc_moved *moved_taken;     /* the same, which the session has taken */
    struct pl_session *session;
    struct irc *irc;
    struct chat_world *world;
    struct irc_snapshot *snapshot;  /* the current one, at the last line */
    const struct chat_class *class; /* of that snapshot: what holds for this one */
    struct irc_answer *answer;      /* what answers the running command; NULL: no label */
    struct irc_parts *parts;        /* an answer that is not over (irc/parts.h), or NULL */
    struct irc_work *work;          /* that is waited for; NULL: none */
    struct irc_coming *coming;      /* NULL: it is registered */
    struct chat_flood flood;
    uint64_t heard;        /* pli_clock_now() of the last line */
    char *nick;            /* NULL: none yet */
    unsigned answers;      /* lines of the answer to the running command, so far */
    struct irc_sasl *sasl; /* an exchange that goes on (irc/account.h), or NULL */
    int accounts_state;    /* whether accounts could be used, at the last line: see there */
    unsigned caps_off;     /* irc_cap bits: what is not offered to it */
    unsigned cap_version;
    bool cap_open; /* negotiates, which holds up the registration */
    bool registered;
    bool parts_batch; /* PARTS are in a batch, which is open */
    bool nested;      /* lines are in a batch of their own: irc_batch_begin() */
    bool pinged;      /* has not answered yet */
    bool gone;        /* has been told so: nothing more is taken */
    bool named;       /* by a gateway, with WEBIRC */
    bool secure;      /* speaks TLS, as far as the client itself is known to */
    char host[CHAT_CLOAK_MAX + 1];

    struct irc_multiline *multiline; /* a message on several lines that comes in; NULL: none */
    uint64_t metadata_full_at;       /* when as many changes may be made as ever; 0: now */
};

static inline const struct irc_settings *irc_settings_of(const struct irc_client *client)
{
    return &client->snapshot->settings;
}

/*
 * The name by which the server calls itself now, copied to NAME, for whoever does not run a
 * client's command; from any thread.
 */
const char *irc_server_name(struct irc *irc, char name[static IRC_SERVER_MAX + 1]);

/* Finds anew what holds for the client, when it has another snapshot or its session another class. */
void irc_client_classify(struct irc_client *client);

/* Makes sure that the client has the current settings and knows its nickname. */
void irc_client_renew(struct irc_client *client);

/* Takes what came in one line: a CR alone ends one, too. */
void irc_client_take(struct irc_client *client, struct chat_text lines);

/* Makes the client pay. */
void irc_client_charge(struct irc_client *client, unsigned cost);

/* Ends the session with an ERROR line, after its user has quit for REASON. */
void irc_client_end(struct irc_client *client, struct chat_text reason);

/* Gives the client the host that hides its address. */
void irc_client_hide(struct irc_client *client);

/* Why a client ends who did not say so itself. */
const char *irc_reason_text(enum pl_reason reason);

/* Frees it, and what is in it. NULL is allowed. */
void irc_coming_free(struct irc_coming *coming);

/* Replaces a text of the client's by a copy. Returns 0 or -ENOMEM. */
int irc_client_keep(char **kept, struct chat_text text);

/* Registers the client if it has said all that is needed. */
void irc_client_try(struct irc_client *client);

#endif
