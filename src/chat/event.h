/* SPDX-License-Identifier: MIT */
/*
 * Events: what happens in the chat, as values. An event names users and channels by id and by the
 * names they had, and points to none of the world's objects, so it can be kept, sent elsewhere, or
 * come from elsewhere and be applied (chat_apply()). Its texts stand as long as the call that hands
 * it over; who keeps an event copies them.
 */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include "chat/id.h"
#include "chat/text.h"

#include <stddef.h>
#include <stdint.h>

enum chat_kind {
    CHAT_REGISTER = 1,  /* somebody has come, under the name NICK, from ADDRESS, marked by MORE */
    CHAT_RENAME,        /* is now called TEXT */
    CHAT_AWAY,          /* is away because of TEXT, or back if that is empty */
    CHAT_REALNAME,      /* has the real name TEXT now */
    CHAT_ACCOUNT,       /* has the account TEXT now, or none if that is empty */
    CHAT_HOST,          /* is shown with the host TEXT and the username MORE now */
    CHAT_USER_MODE,     /* has set the modes SET, and CLEARED others; a new operator has the class
                          TEXT and is called MORE, and has RIGHTS; an operator wants NOTICES */
    CHAT_JOIN,          /* has joined CHANNEL, gets the prefix STATUS; a new one the flags SET */
    CHAT_PART,          /* has left CHANNEL; TEXT is why, or empty */
    CHAT_QUIT,          /* has gone; TEXT is why, or empty */
    CHAT_TOPIC,         /* has set the topic of CHANNEL to TEXT, or cleared it if that is empty */
    CHAT_NEW_NAME,      /* has given CHANNEL the name MORE; TEXT is why, or empty */
    CHAT_KICK,          /* has taken TARGET out of CHANNEL; TEXT is why, or empty */
    CHAT_MODE,          /* has made the CHANGES in CHANNEL */
    CHAT_INVITE,        /* invites TARGET to CHANNEL */
    CHAT_KNOCK,         /* would like to be invited to CHANNEL; TEXT is why, or empty */
    CHAT_FORWARD,       /* was not let into CHANNEL, but into the one called TEXT */
    CHAT_REDIRECT,      /* has asked for CHANNEL by a former name, CHANNEL_NAME; it is TEXT now */
    CHAT_KILL,          /* ends TARGET, whose host is MORE, and who then quits; TEXT is why */
    CHAT_EXPEL,         /* nobody: TARGET, whose host is MORE, is banned for TEXT and ended */
    CHAT_ONLINE,        /* has a nickname now that TARGET watches */
    CHAT_OFFLINE,       /* has it no longer; NICK is it in both, not a name before or after */
    CHAT_SERVER_NOTICE, /* nobody: the server tells TARGET, an operator, TEXT */
    CHAT_WALLOPS,       /* says TEXT to all who listen to operators */
    CHAT_REDACT,        /* takes back what MORE, who may be gone, has said: REDACTED; TEXT is why */
    CHAT_METADATA,      /* has set the key MORE of CHANNEL or TARGET to TEXT; empty: to nothing */
    CHAT_READ,          /* has read what was said under TEXT up to UNTIL */
    CHAT_TAGS,          /* sends nothing but TAGS to CHANNEL or TARGET */
    CHAT_MESSAGE,       /* says TEXT to CHANNEL or TARGET */
    CHAT_ACTION,        /* does TEXT there: "alice waves" */
    CHAT_NOTICE,        /* the same as a message, but no program ever answers it */
};

struct chat_change;

/* A line of what is said on several: it stands in the text as a whole. */
struct chat_line {
    struct chat_text text;
    bool joined; /* goes on where the line before it ends, with nothing between them */
};

struct chat_event {
    enum chat_kind kind;
    struct chat_id id;
    uint64_t time;         /* wall clock, milliseconds since 1970 */
    struct chat_id user;   /* who it is about; CHAT_NO_ID: the server, which NICK names */
    struct chat_text nick; /* their name before the event; so with all that follows */
    struct chat_text username;
    struct chat_text host;
    struct chat_text account; /* empty: none */
    struct chat_text realname;
    struct chat_text address;      /* of CHAT_REGISTER only */
    unsigned modes;                /* enum chat_user_mode */
    bool watched;                  /* told to who watches the user, and shares no channel */
    uint64_t session;              /* pl_session_id() of where it came in; 0: not here */
    struct chat_id channel;        /* or CHAT_NO_ID */
    struct chat_text channel_name; /* as whoever made the channel wrote it */
    struct chat_id target;         /* whom it is for, or CHAT_NO_ID */
    struct chat_text target_nick;
    unsigned rights;       /* enum chat_right */
    unsigned notices;      /* enum chat_notice; 0: as before */
    unsigned set, cleared; /* enum chat_user_mode, or flags of a channel */
    unsigned status;       /* enum chat_prefix; of what is said: the least one that hears it */
    const struct chat_change *changes; /* as they were made (chat/mode.h) */
    size_t change_count;
    const struct chat_line *lines; /* of what is said on several, as its TEXT was put together */
    size_t line_count;             /* 0: it is a single one */
    uint64_t until; /* milliseconds since 1970; of who joins: what they have read; 0: not known */
    struct chat_id redacted;      /* of CHAT_REDACT: a message to CHANNEL or TARGET */
    enum chat_kind redacted_kind; /* its kind; STATUS is the least prefix that has heard it */
    struct chat_text more;        /* a second text, where a kind has one */
    struct chat_text away; /* why who joins, or is spoken to or invited, is away; empty: is here */
    struct chat_text tags; /* of what is said: as whoever says it has put them */
    struct chat_text text; /* UTF-8 without NUL and CR; without LF but between LINES */
};

#endif
