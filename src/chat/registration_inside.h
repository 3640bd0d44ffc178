/* SPDX-License-Identifier: MIT */
/*
 * Registered channels, for the files of this room. The world guards all of it but what is atomic.
 *
 * What has been submitted to the store counts as kept; should that fail, nothing does any more, and all
 * of it is written anew. What was kept and is no more is LOST until the store has dropped it. A
 * registration of which the channel has been taken away lives on until the store has dropped that.
 */
#ifndef CHAT_REGISTRATION_INSIDE_H
#define CHAT_REGISTRATION_INSIDE_H

#include "chat/registration.h"
#include "chat/world.h"

struct chat_access {
    struct pli_list link;        /* in chat_registration.access, or lost_access */
    struct chat_string *account; /* const, like BY */
    struct chat_string *by;
    unsigned level; /* a prefix */
    bool kept;      /* the store has it, or will; of what is lost: it is still to be told */
    uint64_t added; /* milliseconds since 1970 */
};

struct chat_registration {
    struct chat_world *world;   /* const */
    uint64_t id;                /* const: in the store, not 0 */
    struct pli_hash_node by_id; /* in the world's registrations */
    struct pli_list
        behind; /* in the world's list, while there is something that cannot be written */
    struct chat_channel *channel; /* NULL: none any more */
    uint64_t registered;          /* const: milliseconds since 1970 */
    struct chat_string *founder;
    struct chat_string *successor; /* NULL: none, like the next ones */
    struct chat_string *about;
    struct chat_string *url;
    unsigned flags;         /* enum chat_registration_flag */
    unsigned locked_on;     /* modes, by 1 << mode, that stay set, */
    unsigned locked_off;    /* and that stay cleared */
    struct pli_list access; /* chat_access.link, in the order of giving */
    size_t access_count;
    struct pli_list lost_access;
    struct pli_list lost_masks[CHAT_LISTS];
    bool fresh;          /* is being read: what the store has of it is not in memory yet */
    bool dirty;          /* the record itself is to be written, or dropped */
    bool writing;        /* a group is under way */
    atomic_uint pending; /* (atomic) changes of it that the store has not told of */
    atomic_int error;    /* (atomic) of one of them; 0: none */
};

/* One for an account that is in no table yet, NULL without memory, ID 0: a new one; freeing one. */
struct chat_registration *chat_registration_new(struct chat_world *world, uint64_t id,
                                                struct chat_text founder, uint64_t registered);
void chat_registration_free(struct chat_registration *registration);

/* Puts a new one into the world's table, as that of the channel. */
void chat_registration_attach(struct chat_registration *registration, struct chat_channel *channel);

/* The channel is nobody's any more; it may have gone with that. */
void chat_registration_end(struct chat_channel *channel);

struct chat_registration *chat_find_registration(const struct chat_world *world, uint64_t id);

/* An account's access, NULL: none; giving it, in the order of calls, NULL without memory; taking it. */
struct chat_access *chat_access_find(const struct chat_registration *registration,
                                     struct chat_text account);
struct chat_access *chat_access_add(struct chat_registration *registration,
                                    struct chat_text account, struct chat_text by, unsigned level,
                                    uint64_t added);
void chat_access_remove(struct chat_registration *registration, struct chat_access *access);

/* Whether there is such an account; WRITTEN is its name. Without a way to know, each is one. */
bool chat_account_exists(const struct chat_world *world, struct chat_text name,
                         char written[static CHAT_NAME_MAX + 1]);

/* The founder's account is gone: the successor has it, or it is nobody's. */
void chat_registration_succeed(struct chat_registration *registration);

/* The modes that stay as they are, "+nt-i". */
struct chat_text chat_lock_text(const struct chat_registration *registration,
                                char text[static CHAT_LOCK_TEXT]);

/* Writes what is to be written of it, unless a group is under way: then when that has ended. */
void chat_registration_write(struct chat_registration *registration);

#endif
