/* SPDX-License-Identifier: MIT */
/* What is known of accounts in memory, and asked all the time. Waits for nothing. */
#include "config.h"

#include "account/inside.h"

#include "chat/name.h"

#include <string.h>

bool accounts_owner(struct accounts *accounts, const char *nick, size_t length,
                    char owner[static ACCOUNT_NAME_MAX + 1])
{
    char room[CHAT_NAME_MAX];
    struct chat_text folded = chat_fold((struct chat_text){nick, length}, room);
    const struct account_entry *entry;
    bool owned = false;

    pli_lock(&accounts->lock);
    entry = folded.data ? account_find_locked(accounts, folded.data, folded.length) : NULL;
    if (entry && !(entry->flags & (ACCOUNT_FLAG_UNVERIFIED | ACCOUNT_FLAG_UNPROTECTED))) {
        memcpy(owner, entry->text, entry->length + 1);
        owned = true;
    }
    pli_unlock(&accounts->lock);
    return owned;
}

unsigned accounts_policy(struct accounts *accounts, const char *name, size_t length)
{
    char room[CHAT_NAME_MAX];
    struct chat_text folded = chat_fold((struct chat_text){name, length}, room);
    const struct account_entry *entry;
    unsigned policy = 0;

    pli_lock(&accounts->lock);
    entry = folded.data ? account_find_locked(accounts, folded.data, folded.length) : NULL;
    if (entry && !(entry->flags & ACCOUNT_FLAG_UNVERIFIED))
        policy = account_policy_of(&accounts->rules->settings, entry->flags);
    pli_unlock(&accounts->lock);
    return policy;
}

bool accounts_facts(struct accounts *accounts, const char *name, size_t length, uint64_t *created,
                    bool *keeps)
{
    char room[CHAT_NAME_MAX];
    struct chat_text folded = chat_fold((struct chat_text){name, length}, room);
    const struct account_entry *entry;
    bool there;

    pli_lock(&accounts->lock);
    entry = folded.data ? account_find_locked(accounts, folded.data, folded.length) : NULL;
    there = entry && !(entry->flags & ACCOUNT_FLAG_UNVERIFIED);
    if (there) {
        *created = entry->created;
        *keeps = !(entry->flags & ACCOUNT_FLAG_UNKEPT);
    }
    pli_unlock(&accounts->lock);
    return there;
}
