/* SPDX-License-Identifier: MIT */
/*
 * Events as bytes, as they stand in the history's file: whatever the bytes are, the event that is made of
 * them lies within them, and written again and read again it is the same.
 */
#include "config.h"

#include "chat/history_pack.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is_within(struct chat_text part, struct chat_text whole)
{
    return part.length == 0 ||
           (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

static void check_places(const struct chat_kept *kept, struct chat_text text, struct chat_text body)
{
    const struct chat_event *event = &kept->event;

    must(is_within(event->nick, body) && is_within(event->username, body));
    must(is_within(event->host, body) && is_within(event->account, body));
    must(is_within(event->realname, body) && is_within(event->target_nick, body));
    must(is_within(event->channel_name, body) && is_within(event->more, body));
    must(is_within(event->tags, body));
    must(event->line_count <= CHAT_KEPT_LINES && event->change_count <= CHAT_CHANGES_MAX);
    for (size_t i = 0; i < event->line_count; i++)
        must(is_within(event->lines[i].text, text));
    for (size_t i = 0; i < event->change_count; i++)
        must(is_within(event->changes[i].argument, body) &&
             event->changes[i].mode <= CHAT_MODE_OWNER);
}

/* The texts of both, one after the other. */
static void check_same(const struct chat_event *one, const struct chat_event *other)
{
    must(one->kind == other->kind && chat_id_equal(one->user, other->user));
    must(chat_text_equal(one->nick, other->nick) && chat_text_equal(one->tags, other->tags));
    must(chat_text_equal(one->account, other->account) && chat_text_equal(one->more, other->more));
    must(chat_text_equal(one->target_nick, other->target_nick));
    must(one->line_count == other->line_count && one->change_count == other->change_count);
    for (size_t i = 0; i < one->line_count; i++)
        must(chat_text_equal(one->lines[i].text, other->lines[i].text) &&
             one->lines[i].joined == other->lines[i].joined);
    for (size_t i = 0; i < one->change_count; i++)
        must(chat_text_equal(one->changes[i].argument, other->changes[i].argument) &&
             one->changes[i].mode == other->changes[i].mode &&
             one->changes[i].set == other->changes[i].set);
}

/* The first byte says which kind, the second how long the text is, which comes before the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chat_packed packed;
    struct chat_kept kept, again;
    struct chat_text text, body;

    if (size < 2)
        return 0;
    text = (struct chat_text){(const char *)data + 2, data[1] < size - 2 ? data[1] : size - 2};
    body = (struct chat_text){text.data + text.length, size - 2 - text.length};
    kept.event = (struct chat_event){.text = text};
    if (!chat_unpack(data[0], body, &kept))
        return 0;
    check_places(&kept, text, body);
    must(chat_pack_kind(kept.event.kind) == data[0]);
    chat_pack(&packed, &kept.event, CHAT_NO_ID);
    if (packed.full)
        return 0;
    again.event = (struct chat_event){.text = text};
    must(chat_unpack(data[0], (struct chat_text){packed.data, packed.length}, &again));
    check_same(&kept.event, &again.event);
    return 0;
}
