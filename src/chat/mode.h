/* SPDX-License-Identifier: MIT */
/*
 * Modes of channels and of their members, and what is changed of them. chat/chat.h has the rules
 * that all calls follow. Letters are those by which most people know the modes.
 */
#ifndef CHAT_MODE_H
#define CHAT_MODE_H

#include "chat/face.h"
#include "chat/mask.h"

struct chat_world;

enum chat_mode {
    /* Yes or no; a channel's flags have the bit 1 << mode. */
    CHAT_MODE_INVITE_ONLY,      /* i: only who is invited joins */
    CHAT_MODE_MODERATED,        /* m: only members with a prefix speak */
    CHAT_MODE_NO_EXTERNAL,      /* n: only members speak */
    CHAT_MODE_PRIVATE,          /* p: is not shown to others */
    CHAT_MODE_SECRET,           /* s: neither, nor that somebody is there */
    CHAT_MODE_TOPIC,            /* t: only half-operators and above set the topic */
    CHAT_MODE_NO_CTCP,          /* C: no questions to programs */
    CHAT_MODE_NO_COLOUR,        /* c: what is said loses its colours */
    CHAT_MODE_AUDITORIUM,       /* u: members without a prefix are seen by operators only */
    CHAT_MODE_OP_MODERATED,     /* U: what members without a prefix say is said to operators */
    CHAT_MODE_REGISTERED_SPEAK, /* M: only accounts, or members with a prefix, speak */
    CHAT_MODE_REGISTERED_JOIN,  /* R: only accounts join */
    CHAT_MODE_SECURE_JOIN,      /* z: only who speaks TLS joins, invited or not */
    CHAT_MODE_NO_HISTORY,       /* H: what is said, and what happens, is not kept */
    CHAT_MODE_PERMANENT, /* P: stays although nobody is there; operators of the server set it */
    CHAT_MODE_FLAGS,     /* how many there are */

    /* With a value. */
    CHAT_MODE_KEY = CHAT_MODE_FLAGS, /* k: a word that who joins must know */
    CHAT_MODE_LIMIT,                 /* l: so many members */
    CHAT_MODE_FORWARD,               /* f: where those go who are not let in */
    CHAT_MODE_THROTTLE,              /* j: "joins:seconds" */
    CHAT_MODE_SLOW,                  /* W: a rate: seconds from one's line to the next */
    CHAT_MODE_LINES,                 /* L: a rate of one's lines */
    CHAT_MODE_REPEATS,               /* E: a rate at which one says the same */
    CHAT_MODE_NICKS,                 /* F: a rate of the members' new nicknames */

    /* Lists of masks. */
    CHAT_MODE_BAN,              /* b: neither join nor speak */
    CHAT_MODE_EXCEPTION,        /* e: all the same */
    CHAT_MODE_INVITE_EXCEPTION, /* I: join as if invited */

    /* A member's prefix; one has the bit 1 << (mode - CHAT_MODE_VOICE), see below. */
    CHAT_MODE_VOICE,
    CHAT_MODE_HALFOP,
    CHAT_MODE_OP,
    CHAT_MODE_ADMIN,
    CHAT_MODE_OWNER,
};

/* Their letters, in that order. */
#define CHAT_MODE_LETTERS "imnpstCcuUMRzHPklfjWLEFbeIvhoaq"

/* Of whoever has several the greatest counts. Compare with >= for "at least". */
enum chat_prefix {
    CHAT_VOICE = 1 << 0,  /* v: speaks where not all do, whatever masks say */
    CHAT_HALFOP = 1 << 1, /* h: and changes modes, gives v, kicks those below */
    CHAT_OP = 1 << 2,     /* o: and gives h and o, kicks all up to operators */
    CHAT_ADMIN = 1 << 3,  /* a: and is kicked only by admins and owners */
    CHAT_OWNER = 1 << 4,  /* q: and gives a and q */
};
#define CHAT_PREFIXES_ALL ((unsigned)CHAT_OWNER | ((unsigned)CHAT_OWNER - 1u))

/* How many modes have a rate. */
#define CHAT_RATES (CHAT_MODE_NICKS - CHAT_MODE_SLOW + 1)

#define CHAT_LISTS (CHAT_MODE_INVITE_EXCEPTION - CHAT_MODE_BAN + 1)

static inline unsigned chat_mode_flag(enum chat_mode mode)
{
    return 1u << mode;
}

static inline unsigned chat_mode_prefix(enum chat_mode mode)
{
    return 1u << (mode - CHAT_MODE_VOICE);
}

/* What a channel that is made begins with. */
#define CHAT_DEFAULT_FLAGS ((1u << CHAT_MODE_NO_EXTERNAL) | (1u << CHAT_MODE_TOPIC))

#define CHAT_KEY_MAX 32 /* bytes */

/* What happens to who goes beyond a rate; others can only be refused what they want. */
enum chat_rate_action {
    CHAT_RATE_KICKS,
    CHAT_RATE_BANS,    /* "*": the host is banned first */
    CHAT_RATE_REFUSES, /* "~" */
};

/*
 * A rate, as text "lines:seconds", of which CHAT_MODE_LINES and CHAT_MODE_REPEATS may have a sign
 * in front; of CHAT_MODE_SLOW "seconds". Members with a prefix are exempt from all of them.
 */
struct chat_rate {
    unsigned count;   /* that may be; 0: the mode is not set */
    unsigned seconds; /* in which, from the first one on */
    enum chat_rate_action action;
};

/* Whether TEXT is a rate for the mode; RATE receives it. */
bool chat_rate_parse(enum chat_mode mode, struct chat_text text, struct chat_rate *rate);

#define CHAT_RATE_TEXT 24
struct chat_text chat_rate_text(enum chat_mode mode, const struct chat_rate *rate,
                                char text[static CHAT_RATE_TEXT]);

static inline bool chat_mode_is_rate(enum chat_mode mode)
{
    return mode >= CHAT_MODE_SLOW && mode <= CHAT_MODE_NICKS;
}

/* One change: ARGUMENT is the value, the mask, or the nickname. */
struct chat_change {
    bool set;
    enum chat_mode mode;
    struct chat_text argument;
    struct chat_id user; /* in events: whose prefix */
    int outcome;         /* of the call: see chat_channel_mode() */
};

/* More are not taken in one call. */
#define CHAT_CHANGES_MAX 32

/*
 * Makes those of COUNT changes that may be made, one after the other, and tells the members of what
 * has really changed, in one event unless it is too much for one. Returns 0, an outcome that concerns all of them, or -EINVAL for
 * more than CHAT_CHANGES_MAX. Each change gets an outcome of its own: 0, -ENOMEM, or
 *
 *     CHAT_MODE_SAME          it was so already
 *     CHAT_NOT_ON_CHANNEL     one is no member
 *     CHAT_NOT_OPERATOR       one has not the prefix that it takes
 *     CHAT_NO_RIGHT           that is for operators of the server
 *     CHAT_MODE_LOCKED        the channel's founder has it stay as it is
 *     CHAT_BAD_ARGUMENT       that is no key, limit, channel, throttle or rate
 *     CHAT_MASK_BAD           that is no mask; a mute cannot be in the list I
 *     CHAT_LIST_FULL          there are as many masks as the settings allow
 *     CHAT_NO_SUCH_NICK       nobody has that nickname
 *     CHAT_NOT_THERE          who has it is no member
 *     CHAT_NO_SUCH_CHANNEL    to forward to
 *
 * A prefix may be given up by who has it. Where to forward to must be a channel in which one is
 * half-operator or more.
 */
int chat_channel_mode(struct chat_world *world, struct chat_session *session,
                      struct chat_text channel, struct chat_change *changes, size_t count);

/* A mask of a list, in the order in which they were set. */
struct chat_mask_view {
    struct chat_text mask;
    struct chat_text by; /* the nick, then, of who set it */
    uint64_t time;       /* milliseconds since 1970 */
};

/* Shows a list: LIST is one of the three modes for that. Returns 0 or CHAT_NO_SUCH_CHANNEL. */
int chat_channel_masks(struct chat_world *world, struct chat_session *session,
                       struct chat_text channel, enum chat_mode list,
                       void (*visit)(const struct chat_mask_view *view, void *argument),
                       void *argument);

#endif
