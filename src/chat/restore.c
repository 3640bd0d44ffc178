/* SPDX-License-Identifier: MIT */
/*
 * Users who were there when the server ended. What the store has of them is collected, record by
 * record, and they come again once everything else is known: what holds for their accounts, and
 * who is banned. Whoever cannot come, or need not, is forgotten.
 */
#include "config.h"

#include "chat/presence.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A channel that the user was in. */
struct place {
    struct pli_list link;
    unsigned prefix;
    size_t length;
    char name[];
};

struct chat_restored {
    struct chat_string *texts[CHAT_PRESENCE_FIELDS];
    uint64_t numbers[CHAT_PRESENCE_FIELDS];
    struct pli_list places;
};

static struct place *place_of(struct pli_list *link)
{
    return pli_container_of(link, struct place, link);
}

static struct chat_text text_of(const struct place *place)
{
    return (struct chat_text){place->name, place->length};
}

void chat_restored_free(struct chat_restored *restored)
{
    if (!restored)
        return;
    for (unsigned i = 0; i < CHAT_PRESENCE_FIELDS; i++)
        free(restored->texts[i]);
    pli_list_for_each_safe (link, after, &restored->places)
        free(place_of(link));
    free(restored);
}

static int add_place(struct chat_restored *restored, struct chat_text name, uint64_t prefix)
{
    struct place *place;

    if (chat_channel_check(name, CHAT_NAME_MAX) != 0)
        return 0;
    place = malloc(sizeof *place + name.length);
    if (!place)
        return -ENOMEM;
    place->prefix = (unsigned)prefix & CHAT_PREFIXES_ALL;
    place->length = name.length;
    memcpy(place->name, name.data, name.length);
    pli_list_append(&restored->places, &place->link);
    return 0;
}

static int set_field(struct chat_restored *restored, const struct store_kept *kept)
{
    unsigned field = 0;

    while (field < CHAT_PRESENCE_FIELDS && strcmp(kept->key, chat_presence_fields[field]) != 0)
        field++;
    if (field == CHAT_PRESENCE_FIELDS)
        return 0; /* of an import */
    restored->numbers[field] = kept->number;
    return chat_string_set(&restored->texts[field], chat_text(kept->value));
}

int chat_restore_note(struct chat_presence *presence, const struct store_kept *kept)
{
    if (!presence->restored) {
        presence->restored = calloc(1, sizeof *presence->restored);
        if (!presence->restored)
            return -ENOMEM;
        pli_list_init(&presence->restored->places);
    }
    return kept->kind == STORE_KEPT_CHANNEL
               ? add_place(presence->restored, chat_text(kept->value), kept->number)
               : set_field(presence->restored, kept);
}

/* -- Coming again --------------------------------------------------------------------------------- */

static struct chat_text field_of(const struct chat_restored *restored,
                                 enum chat_presence_field field, size_t most)
{
    struct chat_text text = chat_string_text(restored->texts[field]);

    text.length = pli_utf8_cut(text.data, text.length, most);
    return text;
}

/* Modes that outlive the sessions. */
#define LASTING                                                                                    \
    (unsigned)(CHAT_USER_INVISIBLE | CHAT_USER_WALLOPS | CHAT_USER_BOT |                           \
               CHAT_USER_REGISTERED_ONLY | CHAT_USER_NO_CTCP | CHAT_USER_SECURE)

static struct chat_event arrival(const struct chat_presence *presence)
{
    const struct chat_restored *restored = presence->restored;

    return (struct chat_event){
        .kind = CHAT_REGISTER,
        .nick = field_of(restored, CHAT_FIELD_NICK, CHAT_NAME_MAX),
        .username = field_of(restored, CHAT_FIELD_USERNAME, CHAT_USERNAME_MAX),
        .host = field_of(restored, CHAT_FIELD_HOST, CHAT_HOST_MAX),
        .address = field_of(restored, CHAT_FIELD_ADDRESS, CHAT_HOST_MAX),
        .realname = field_of(restored, CHAT_FIELD_REALNAME, CHAT_REALNAME_MAX),
        .account = chat_name_text(presence->account),
        .modes = (unsigned)restored->numbers[CHAT_FIELD_MODES] & LASTING,
    };
}

/* Whether the user of whom EVENT tells may be there: 0 or why not. */
static int check(struct chat_world *world, const struct chat_presence *presence,
                 const struct chat_event *event)
{
    unsigned policy = chat_policy_of(world, chat_name_text(presence->account));
    int rc = chat_nick_check(event->nick, world->settings.nick_length);

    if (rc != 0)
        return rc;
    if (!(policy & CHAT_ALWAYS_ON))
        return CHAT_NO_SUCH_USER;
    if (chat_presence_is_over(world, presence->restored->numbers[CHAT_FIELD_SEEN],
                              pli_clock_wall_ms()))
        return CHAT_TOO_LATE;
    return chat_check_banned(world, event, NULL);
}

/* The name of a channel may be another one's by now, or closed: then they are not in it. */
static int enter(struct chat_world *world, const struct chat_user *user, const struct place *place)
{
    struct chat_channel *channel = chat_find_name(world, text_of(place));
    struct chat_event event = chat_event_of_user(user, CHAT_JOIN);

    if (chat_bans_on_channel(&world->bans, text_of(place), pli_clock_wall_ms()))
        return 0;
    chat_event_stamp(world, &event);
    event.channel = channel ? channel->id : event.id;
    event.channel_name = channel ? chat_name_text(channel->name) : text_of(place);
    event.status = place->prefix;
    event.set = channel ? 0 : CHAT_DEFAULT_FLAGS;
    return chat_apply(world, &event);
}

static int come(struct chat_world *world, struct chat_presence *presence, struct chat_event *event)
{
    const struct chat_restored *restored = presence->restored;
    struct chat_user *user;
    int rc;

    chat_event_stamp(world, event);
    event->user = event->id;
    rc = chat_apply(world, event);
    if (rc != 0)
        return rc;
    user = chat_find_user(world, event->user);
    user->seen = restored->numbers[CHAT_FIELD_SEEN];
    if (restored->numbers[CHAT_FIELD_CAME] > 0)
        user->came = restored->numbers[CHAT_FIELD_CAME];
    atomic_store_explicit(&user->active, user->seen, memory_order_relaxed);
    rc = chat_string_set(&user->away, field_of(restored, CHAT_FIELD_AWAY, CHAT_AWAY_MAX));
    pli_list_for_each (link, &restored->places)
        if (rc >= 0)
            rc = enter(world, user, place_of(link));
    chat_user_restored(world, presence, user);
    return rc < 0 ? rc : 0;
}

/* Nothing of the user is to be in the store any more. */
static void forget(struct chat_world *world, struct chat_presence *presence)
{
    char buffer[CHAT_NAME_MAX];

    for (unsigned field = 0; field < CHAT_PRESENCE_FIELDS; field++)
        chat_kept_changed(world, presence, STORE_KEPT_PRESENCE,
                          chat_text(chat_presence_fields[field]));
    pli_list_for_each (link, &presence->restored->places)
        chat_kept_changed(world, presence, STORE_KEPT_CHANNEL,
                          chat_fold(text_of(place_of(link)), buffer));
}

static int restore(struct chat_world *world, struct chat_presence *presence)
{
    struct chat_event event = arrival(presence);
    int rc = check(world, presence, &event);

    if (rc == 0)
        rc = come(world, presence, &event);
    if (rc > 0) {
        pli_log(PL_LOG_INFO, "%s, who was here before the restart, does not stay",
                presence->account->text);
        forget(world, presence);
    }
    chat_restored_free(presence->restored);
    presence->restored = NULL;
    return rc < 0 ? rc : rc == 0;
}

int chat_presences_restore(struct chat_world *world, size_t *count)
{
    struct pli_hash_node *node = NULL;
    int rc = 0;

    *count = 0;
    pli_write_lock(&world->lock);
    while (rc >= 0 && (node = pli_hash_next(&world->presences, node))) {
        struct chat_presence *presence = pli_container_of(node, struct chat_presence, by_account);

        rc = presence->restored ? restore(world, presence) : 0;
        *count += rc > 0;
    }
    pli_write_unlock(&world->lock);
    return rc < 0 ? rc : 0;
}
