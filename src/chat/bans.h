/* SPDX-License-Identifier: MIT */
/*
 * The table of bans, for the files of this room. The world guards all of it, but for addresses:
 * those are read when somebody connects, under a lock of their own, and changed with both held.
 *
 * Of people's masks, those with a prefix or with a host that is no pattern are found by it, so that
 * only what is left has to be compared with everybody who comes.
 */
#ifndef CHAT_BANS_H
#define CHAT_BANS_H

#include "base/lock.h"
#include "base/prefix.h"
#include "chat/ban.h"
#include "chat/mask.h"
#include "chat/string.h"

#include <stdatomic.h>

#define CHAT_BAN_BUCKETS 512

struct chat_ban {
    struct pli_list link;        /* in chat_bans.all */
    struct pli_list in_hosts;    /* in a list of hosts, or of patterns */
    struct pli_prefix_node node; /* or in a table of prefixes */
    enum chat_ban_kind kind;     /* const, like all that follows */
    bool has_prefix;
    uint64_t set;
    uint64_t expires; /* milliseconds since 1970; 0: never */
    struct chat_string *mask;
    struct chat_string *reason;
    struct chat_string *by;
};

struct chat_bans {
    struct pli_list all[CHAT_BAN_KINDS]; /* chat_ban.link, in the order of setting */
    size_t count;
    uint64_t next; /* when the first one's time is over; 0: never */
    struct pli_prefix_table people;
    struct pli_list hosts[CHAT_BAN_BUCKETS];
    struct pli_list patterns;
    struct pli_rwlock lock;            /* PLI_RANK_BANS */
    struct pli_prefix_table addresses; /* (lock, or the world) */
    atomic_size_t denied;              /* (atomic) how many there are of addresses */
};

int chat_bans_init(struct chat_bans *bans);
void chat_bans_deinit(struct chat_bans *bans);

/* "K line" and so on. */
const char *chat_ban_what(enum chat_ban_kind kind);

/* Sets one of a normal mask that is not there yet; NULL without memory. Lifts one. */
struct chat_ban *chat_bans_add(struct chat_bans *bans, const struct chat_ban_view *view);
void chat_bans_remove(struct chat_bans *bans, struct chat_ban *ban);

/* The one of that mask, letter by letter but for case. */
struct chat_ban *chat_bans_find(const struct chat_bans *bans, enum chat_ban_kind kind,
                                struct chat_text mask);

/* One that is in force at NOW and that means the subject, or the address, or the channel. */
struct chat_ban *chat_bans_on_person(const struct chat_bans *bans,
                                     const struct chat_subject *subject, uint64_t now);
struct chat_ban *chat_bans_on_channel(const struct chat_bans *bans, struct chat_text name,
                                      uint64_t now);

/* Whether BAN, whatever its time, means the subject. */
bool chat_ban_means(const struct chat_ban *ban, const struct chat_subject *subject);

/* chat_denies(). */
bool chat_bans_deny(struct chat_bans *bans, const uint8_t *bytes, size_t size);

struct chat_ban_view chat_ban_view_of(const struct chat_ban *ban);

/* The mask of people as its two parts. */
void chat_ban_split(struct chat_text mask, struct chat_text *username, struct chat_text *host);

#endif
