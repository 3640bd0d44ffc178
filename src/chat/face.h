/* SPDX-License-Identifier: MIT */
/*
 * Faces and sessions. A face is a protocol through which people take part in the chat; a
 * chat_session is one connection that does. The face owns the chat_session, usually inside its own
 * data of the pl_session, and takes it out of the world (chat_quit()) before its service.close
 * returns.
 *
 * An event goes to all whom it may concern, and each session's face says which rendering of it the
 * session gets, if any. Sessions of the same face that get the same rendering share one message.
 */
#ifndef CHAT_FACE_H
#define CHAT_FACE_H

#include "base/list.h"
#include "chat/event.h"

#include <paceline/message.h>
#include <paceline/session.h>

#include <stdatomic.h>

struct chat_session;
struct chat_string;
struct chat_subscriptions;
struct chat_user;

/* What chat_face.variant returns when the session is not told of the event. */
#define CHAT_UNTOLD (-1)

/*
 * Both functions are called with the world's locks held, from any thread, for sessions that other
 * threads may be serving: they read the session's public fields and what they own under the
 * world's lock or atomically, they call nothing of the chat but chat_session_*, and do not block.
 */
struct chat_face {
    const char *name;

    /*
     * Which rendering of EVENT the session gets: a number from 0 up, which says all that makes its
     * bytes differ from those for another session of this face, or CHAT_UNTOLD.
     */
    int (*variant)(const struct chat_session *session, const struct chat_event *event);

    /* Makes that rendering, with one reference. Returns 0 or -ENOMEM. */
    int (*render)(const struct chat_event *event, int variant, struct pl_message **message);
};

struct chat_session {
    struct pl_session *session;   /* const after init */
    const struct chat_face *face; /* const after init */
    uint64_t id;                  /* const after init: pl_session_id() */
    struct chat_user *user;       /* (world) NULL: takes no part (yet, or any more) */
    bool quiet;                   /* (world) is told nothing yet, see chat/presence.h */
    bool secure;                  /* (world) speaks TLS */
    unsigned number;              /* (world) of those that its user has ever had, from 1 */
    struct pli_list link;         /* (world) among the user's sessions */
    struct pli_list watches;      /* (world) chat_watch.in_session */
    size_t watch_count;           /* (world) */
    /* (world) keys of metadata (chat/metadata.h); NULL: none */
    struct chat_subscriptions *subscriptions;
    struct chat_id focus;        /* (world) the channel at hand, for faces that have such a thing */
    struct chat_string *address; /* (world) NULL: that of its user */
    atomic_bool starved;         /* closed because an event could not be rendered for it */
    atomic_uint channels;        /* that its user may be in; 0: as the settings say */
};

/* Prepares a session that takes no part yet. In a call of the session. */
void chat_session_init(struct chat_session *chat, struct pl_session *session,
                       const struct chat_face *face);

/*
 * From now on its user may be in as many channels when it joins one as the settings say or, if it has
 * a limit of its OWN, in so many, 0: in any number.
 */
void chat_session_limit_channels(struct chat_session *chat, bool own, unsigned most);

/* For variant functions: the nickname of the session's user, which must be there. */
struct chat_text chat_session_nick(const struct chat_session *session);

/* For variant functions: whether EVENT is about the session's own user, ... */
bool chat_session_owns(const struct chat_session *session, const struct chat_event *event);

/* ... is done to, or said to, the session's own user, ... */
bool chat_session_meant(const struct chat_session *session, const struct chat_event *event);

/* ... came in on this very session, ... */
bool chat_session_sent(const struct chat_session *session, const struct chat_event *event);

/* ... is in the channel that the session has at hand. */
bool chat_session_faces(const struct chat_session *session, const struct chat_event *event);

/*
 * For the same: begins an event of KIND as if the session's own user had caused it, for what a face
 * tells in other words. Its texts stand until the function returns.
 */
struct chat_event chat_session_event(const struct chat_session *session, enum chat_kind kind);

#endif
