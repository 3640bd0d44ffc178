/* SPDX-License-Identifier: MIT */
/* The lists of masks of a channel, and what they mean for somebody. */
#include "config.h"

#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

static struct chat_mask *mask_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_mask, link);
}

static struct chat_text text_of(const struct chat_mask *mask)
{
    return (struct chat_text){mask->text, mask->length};
}

struct chat_mask *chat_mask_find(const struct chat_mask_list *list, struct chat_text mask)
{
    pli_list_for_each (link, &list->masks)
        if (chat_text_same(text_of(mask_of(link)), mask))
            return mask_of(link);
    return NULL;
}

int chat_mask_add(struct chat_mask_list *list, struct chat_text mask,
                  const struct chat_event *event)
{
    struct chat_mask *added = malloc(sizeof *added + mask.length + event->nick.length);

    if (!added)
        return -ENOMEM;
    added->time = event->time;
    added->kept = false;
    added->length = (unsigned short)mask.length; /* CHAT_MASK_MAX */
    added->by_length = (unsigned short)event->nick.length;
    memcpy(added->text, mask.data, mask.length);
    memcpy(added->text + mask.length, event->nick.data, event->nick.length);
    pli_list_append(&list->masks, &added->link);
    list->count++;
    return 0;
}

static struct chat_subject subject_of(const struct chat_user *user)
{
    return (struct chat_subject){
        .nick = chat_name_text(user->name),
        .username = chat_string_text(user->username),
        .host = chat_string_text(user->host),
        .address = chat_string_text(user->address),
        .account = chat_string_text(user->account),
    };
}

struct chat_mask *chat_mask_that_means(struct chat_channel *channel, enum chat_mode list,
                                       const struct chat_user *user, const struct chat_mask *after)
{
    struct chat_subject subject = subject_of(user);
    bool passed = !after;

    pli_list_for_each (link, &chat_list_of(channel, list)->masks) {
        if (passed && chat_mask_match(text_of(mask_of(link)), &subject))
            return mask_of(link);
        passed = passed || mask_of(link) == after;
    }
    return NULL;
}

void chat_mask_remove(struct chat_mask_list *list, struct chat_mask *mask)
{
    pli_list_remove(&mask->link);
    list->count--;
    free(mask);
}

/* Whether the list has one that means the user; MUTES: masks that mute count, too. */
static bool has_match(struct chat_channel *channel, enum chat_mode list,
                      const struct chat_user *user, bool mutes)
{
    struct chat_subject subject = subject_of(user);

    pli_list_for_each (link, &chat_list_of(channel, list)->masks) {
        struct chat_text mask = text_of(mask_of(link));

        if ((mutes || !chat_mask_mutes(mask)) && chat_mask_match(mask, &subject))
            return true;
    }
    return false;
}

bool chat_is_banned(struct chat_channel *channel, const struct chat_user *user)
{
    return has_match(channel, CHAT_MODE_BAN, user, false) &&
           !has_match(channel, CHAT_MODE_EXCEPTION, user, false);
}

bool chat_is_expected(struct chat_channel *channel, const struct chat_user *user)
{
    return has_match(channel, CHAT_MODE_INVITE_EXCEPTION, user, false);
}

bool chat_is_kept_silent(struct chat_channel *channel, const struct chat_user *user,
                         struct chat_member *member)
{
    char verdict = CHAT_UNKNOWN;

    if (chat_list_of(channel, CHAT_MODE_BAN)->count == 0)
        return false;
    if (member)
        verdict = atomic_load_explicit(&member->verdict, memory_order_relaxed);
    if (verdict == CHAT_UNKNOWN) {
        verdict = has_match(channel, CHAT_MODE_BAN, user, true) &&
                          !has_match(channel, CHAT_MODE_EXCEPTION, user, true)
                      ? CHAT_KEPT
                      : CHAT_FREE;
        if (member)
            atomic_store_explicit(&member->verdict, verdict, memory_order_relaxed);
    }
    return verdict == CHAT_KEPT;
}

static void forget(struct chat_member *member)
{
    atomic_store_explicit(&member->verdict, CHAT_UNKNOWN, memory_order_relaxed);
}

void chat_forget_verdicts(struct chat_channel *channel)
{
    pli_list_for_each (link, &channel->members)
        forget(chat_member_of_channel(link));
}

void chat_forget_verdicts_on(struct chat_user *user)
{
    pli_list_for_each (link, &user->channels)
        forget(chat_member_of_user(link));
}

int chat_channel_masks(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, enum chat_mode list,
                       void (*visit)(const struct chat_mask_view *view, void *argument),
                       void *argument)
{
    struct chat_channel *channel;
    int rc;

    pli_read_lock(&world->lock);
    rc = chat_find_meant(world, session, name, &channel);
    if (rc == 0) {
        pli_list_for_each (link, &chat_list_of(channel, list)->masks) {
            const struct chat_mask *mask = mask_of(link);
            struct chat_mask_view view = {
                .mask = text_of(mask),
                .by = {mask->text + mask->length, mask->by_length},
                .time = mask->time,
            };

            visit(&view, argument);
        }
    }
    pli_read_unlock(&world->lock);
    return rc;
}
