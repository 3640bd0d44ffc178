/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/limit.h"

#include "chat/world.h"

static const char *const names[CHAT_LIMITS] = {
    [CHAT_LIMIT_NICK_LENGTH] = "nick_length",
    [CHAT_LIMIT_CHANNEL_LENGTH] = "channel_length",
    [CHAT_LIMIT_TOPIC_LENGTH] = "topic_length",
    [CHAT_LIMIT_MASKS_PER_LIST] = "masks_per_list",
    [CHAT_LIMIT_WATCHED_NICKS] = "watched_nicks",
    [CHAT_LIMIT_CHANNELS_PER_USER] = "channels_per_user",
    [CHAT_LIMIT_CHANNEL_LIMIT] = "channel_limit",
    [CHAT_LIMIT_JOIN_THROTTLE] = "join_throttle",
    [CHAT_LIMIT_ACCEPTS] = "accepts",
    [CHAT_LIMIT_KNOCKS] = "knocks",
    [CHAT_LIMIT_TARGETS] = "targets",
    [CHAT_LIMIT_FLOOD_BURST] = "flood_burst",
    [CHAT_LIMIT_REGISTRATION_TIMEOUT] = "registration_timeout",
    [CHAT_LIMIT_PING_INTERVAL] = "ping_interval",
    [CHAT_LIMIT_DNS_TIMEOUT] = "dns_timeout",
    [CHAT_LIMIT_DNS_QUEUE] = "dns_queue",
    [CHAT_LIMIT_BLOCKLISTS] = "blocklists",
    [CHAT_LIMIT_CHATTER] = "chatter",
    [CHAT_LIMIT_SESSIONS] = "sessions",
};

/* CHAT_LIST_FULL has several: who knows which list it is counts. */
static const struct {
    int outcome;
    enum chat_limit limit;
} outcomes[] = {
    {CHAT_NICK_LONG, CHAT_LIMIT_NICK_LENGTH},
    {CHAT_CHANNEL_LONG, CHAT_LIMIT_CHANNEL_LENGTH},
    {CHAT_TOO_MANY_CHANNELS, CHAT_LIMIT_CHANNELS_PER_USER},
    {CHAT_FULL, CHAT_LIMIT_CHANNEL_LIMIT},
    {CHAT_THROTTLED, CHAT_LIMIT_JOIN_THROTTLE},
    {CHAT_KNOCKED, CHAT_LIMIT_KNOCKS},
    {CHAT_KNOCKED_AT, CHAT_LIMIT_KNOCKS},
    {CHAT_TOO_MANY_SESSIONS, CHAT_LIMIT_SESSIONS},
};

void chat_limit_hit(struct chat_world *world, enum chat_limit limit)
{
    atomic_fetch_add_explicit(&world->limits.hits[limit], 1, memory_order_relaxed);
}

void chat_limit_hit_for(struct chat_world *world, int outcome)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].outcome == outcome)
            chat_limit_hit(world, outcomes[i].limit);
}

uint64_t chat_limit_hits(const struct chat_world *world, enum chat_limit limit)
{
    return atomic_load_explicit(&world->limits.hits[limit], memory_order_relaxed);
}

const char *chat_limit_name(enum chat_limit limit)
{
    return names[limit];
}
