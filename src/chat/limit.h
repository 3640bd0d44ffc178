/* SPDX-License-Identifier: MIT */
/*
 * How often the limits of the chat, and of those who face it, were run into, each by itself: whoever
 * refuses something for one counts it. Those of connections are the library's (pl_limit).
 */
#ifndef CHAT_LIMIT_H
#define CHAT_LIMIT_H

#include <stdatomic.h>
#include <stdint.h>

struct chat_world;

/* Their names are those of the settings, where one is. */
enum chat_limit {
    CHAT_LIMIT_NICK_LENGTH = 0,
    CHAT_LIMIT_CHANNEL_LENGTH,
    CHAT_LIMIT_TOPIC_LENGTH, /* a topic that was cut */
    CHAT_LIMIT_MASKS_PER_LIST,
    CHAT_LIMIT_WATCHED_NICKS,
    CHAT_LIMIT_CHANNELS_PER_USER,
    CHAT_LIMIT_CHANNEL_LIMIT, /* a channel that has as many members as its mode says */
    CHAT_LIMIT_JOIN_THROTTLE, /* a channel that more want to join than its mode says */
    CHAT_LIMIT_ACCEPTS,       /* somebody who accepts as many as possible */
    CHAT_LIMIT_KNOCKS,        /* a knock too soon after another one */
    CHAT_LIMIT_TARGETS,       /* a command with too many targets */
    CHAT_LIMIT_FLOOD_BURST,   /* somebody whose lines were held back for a while */
    CHAT_LIMIT_REGISTRATION_TIMEOUT,
    CHAT_LIMIT_PING_INTERVAL, /* somebody who did not answer */
    CHAT_LIMIT_DNS_TIMEOUT,   /* somebody of whom the domain name system did not tell in time */
    CHAT_LIMIT_DNS_QUEUE,     /* somebody who was not asked about, as too much was asked already */
    CHAT_LIMIT_BLOCKLISTS,    /* somebody who was turned away as a list has their address */
    CHAT_LIMIT_CHATTER,       /* a word about others that one who is behind was not told */
    CHAT_LIMIT_SESSIONS,      /* one more session of an account */
};
#define CHAT_LIMITS (CHAT_LIMIT_SESSIONS + 1)

struct chat_limit_hits {
    _Atomic uint64_t hits[CHAT_LIMITS];
};

/* Counts. Any thread, under any lock. */
void chat_limit_hit(struct chat_world *world, enum chat_limit limit);

/* Counts the limit that is the reason of an outcome, if one is. */
void chat_limit_hit_for(struct chat_world *world, int outcome);

/* The count since the world was made. */
uint64_t chat_limit_hits(const struct chat_world *world, enum chat_limit limit);

/* Static. */
const char *chat_limit_name(enum chat_limit limit);

#endif
