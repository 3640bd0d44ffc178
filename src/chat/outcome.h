/* SPDX-License-Identifier: MIT */
#ifndef CHAT_OUTCOME_H
#define CHAT_OUTCOME_H

/*
 * Why the chat did not do what somebody asked for. A call of the chat that changes something, or
 * looks somewhere, returns 0, one of these, or a negative errno, of which -ENOMEM is the only one
 * unless it says otherwise; nothing has changed then.
 */
enum chat_outcome {
    CHAT_NICK_BAD = 1,      /* not a nickname */
    CHAT_NICK_LONG,         /* a nickname longer than the settings allow */
    CHAT_NICK_TAKEN,        /* somebody else has it */
    CHAT_NICK_SAME,         /* one has it already, letter by letter */
    CHAT_CHANNEL_BAD,       /* not a channel's name */
    CHAT_CHANNEL_LONG,      /* a channel's name longer than the settings allow */
    CHAT_NO_SUCH_NICK,      /* nobody has that nickname */
    CHAT_NO_SUCH_CHANNEL,   /* there is no channel of that name */
    CHAT_NOT_ON_CHANNEL,    /* one is not a member of it */
    CHAT_ON_CHANNEL,        /* one is a member of it already */
    CHAT_TOO_MANY_CHANNELS, /* one is a member of as many as the settings allow */
    CHAT_NO_FOCUS,          /* no channel was named, and the session has none at hand */
    CHAT_REGISTERED,        /* the session has a user already */
    CHAT_NOT_REGISTERED,    /* the session has no user (any more) */
    CHAT_NO_SUCH_USER,      /* no user has that id (any more) */
    CHAT_NOT_OPERATOR,      /* one has not the prefix, or not the mode, that it takes */
    CHAT_NO_RIGHT,          /* one is an operator of the server, but may not do that */
    CHAT_NOT_THERE,         /* whom one means is not a member of the channel */
    CHAT_IS_THERE,          /* whom one means is a member of it already */
    CHAT_MODE_SAME,         /* it was so already */
    CHAT_BAD_ARGUMENT,      /* a mode cannot have that value */
    CHAT_MASK_BAD,          /* not a mask */
    CHAT_LIST_FULL,         /* the channel has as many masks as the settings allow */
    CHAT_BARRED,            /* the server does not let one in */
    CHAT_CLOSED,            /* nobody joins the channel */
    CHAT_NO_SUCH_BAN,       /* there is no ban of that mask */
    CHAT_TOO_WIDE,          /* a mask means too many */
    CHAT_BANNED,            /* a mask keeps one from joining */
    CHAT_INVITE_ONLY,       /* one was not invited */
    CHAT_BAD_KEY,           /* that is not the channel's key */
    CHAT_FULL,              /* the channel has as many members as its limit says */
    CHAT_THROTTLED,         /* too many have joined just now */
    CHAT_NEED_ACCOUNT,      /* that takes an account */
    CHAT_NEED_TLS,          /* that takes a connection with TLS */
    CHAT_MODERATED,         /* only members with a prefix speak there */
    CHAT_MUTED,             /* a mask keeps one from speaking */
    CHAT_TOO_SOON,          /* one must wait after one's last line */
    CHAT_TOO_MANY_LINES,    /* one has said too much in too little time */
    CHAT_REPEATED,          /* one has said the same too often */
    CHAT_TAKEN_OUT,         /* one has lost one's place for it, and been told so */
    CHAT_FILTERED,          /* a filter keeps it from being said */
    CHAT_LOCKED_DOWN,       /* not at this level of defence */
    CHAT_TOO_MANY_NICKS,    /* too many have changed their names where one is */
    CHAT_CTCP_REFUSED,      /* no questions to programs there */
    CHAT_NOTHING_SAID,      /* nothing is left of it there */
    CHAT_ACCEPTED,          /* one accepts them already */
    CHAT_NOT_ACCEPTED,      /* one does not accept them */
    CHAT_NOT_INVITE_ONLY,   /* there is no need to knock */
    CHAT_KNOCKED,           /* one has knocked somewhere just now */
    CHAT_KNOCKED_AT,        /* somebody has knocked there just now */
    CHAT_NAME_TAKEN,        /* another channel has that name, or had it just now */
    CHAT_NAME_SAME,         /* the channel has it already, letter by letter */
    CHAT_NAME_FIXED,        /* the channel keeps its name */
    CHAT_NO_SUCH_MESSAGE,   /* it has not been said there, or too long ago to be known */
    CHAT_NOT_YOURS,         /* somebody else has said it */
    CHAT_TOO_LATE,          /* it can be taken back no more */
    CHAT_SERVICE,           /* whom one means is a service (chat/service.h) */
    CHAT_RENAMED,           /* the channel has been given another name just now */
    CHAT_TOO_MANY_SESSIONS, /* one's user has as many sessions as the settings allow */
    CHAT_OWNED,             /* the channel is somebody's already (chat/registration.h) */
    CHAT_NOT_OWNED,         /* it is nobody's */
    CHAT_NO_ACCESS,         /* one has not the access to it that it takes */
    CHAT_NO_SUCH_ACCOUNT,   /* there is no such account, or it has no access */
    CHAT_TOO_MANY_KEPT,     /* the account has as many channels as the settings allow */
    CHAT_KEEPS_NONE,        /* the settings let nobody have channels */
    CHAT_STORE_AWAY,        /* nothing can be kept just now */
    CHAT_MODE_LOCKED,       /* the channel's founder has the mode stay as it is */
};

#endif
