/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/settings.h"

#include "chat/name.h"
#include "talk/clean.h"

#include <errno.h>
#include <stdlib.h>

/* The next line of TEXT, which is moved past it, without its end. */
static struct chat_text next_line(struct chat_text *text)
{
    const char *end = memchr(text->data, '\n', text->length);
    size_t length = end ? (size_t)(end - text->data) : text->length;
    struct chat_text line = {text->data, length};

    length += end != NULL;
    text->data += length;
    text->length -= length;
    return line;
}

/* Room for the lines of the message of the day, with their ends. */
static size_t motd_room(struct chat_text text)
{
    size_t room = 0;

    while (text.length > 0)
        room += talk_clean_room(next_line(&text)) + 2;
    return room;
}

static size_t write_motd(struct chat_text text, char *out)
{
    size_t length = 0;

    while (text.length > 0) {
        length += talk_clean(next_line(&text), out + length);
        out[length++] = '\r';
        out[length++] = '\n';
    }
    return length;
}

/* Writes one string, clean and with a NUL, behind the others. */
static const char *write_string(struct chat_text text, char **at)
{
    const char *string = *at;

    *at += talk_clean(text, *at);
    *(*at)++ = '\0';
    return string;
}

static int make_classes(const struct talk_settings *settings, struct talk_snapshot *snapshot)
{
    snapshot->plain = (struct chat_class){
        .registration_timeout = settings->registration_timeout,
        .flood_rate = settings->flood_rate,
        .flood_burst = settings->flood_burst,
    };
    snapshot->class_count = settings->class_count;
    snapshot->classes = chat_classes_copy(settings->classes, settings->class_count);
    return snapshot->classes || settings->class_count == 0 ? 0 : -ENOMEM;
}

const struct chat_class *talk_snapshot_class(const struct talk_snapshot *snapshot, const char *name)
{
    const struct chat_class *class =
        chat_class_find(snapshot->classes, snapshot->class_count, name);

    return class ? class : &snapshot->plain;
}

int talk_snapshot_new(const struct talk_settings *settings, struct talk_snapshot **out)
{
    struct chat_text network = chat_text(settings->network);
    struct chat_text motd = chat_text(settings->motd);
    struct chat_text lobby = chat_text(settings->lobby);
    struct talk_snapshot *snapshot;
    char *at;

    if (chat_channel_check(lobby, CHAT_NAME_MAX) != 0)
        return -EINVAL;
    snapshot = malloc(sizeof *snapshot + talk_clean_room(network) + motd_room(motd) +
                      talk_clean_room(lobby) + 3);
    if (!snapshot || make_classes(settings, snapshot) < 0) {
        free(snapshot);
        return -ENOMEM;
    }
    atomic_init(&snapshot->references, 1);
    at = (char *)(snapshot + 1);
    snapshot->network = write_string(network, &at);
    snapshot->lobby = write_string(lobby, &at);
    snapshot->motd = at;
    at += write_motd(motd, at);
    *at = '\0';
    *out = snapshot;
    return 0;
}

struct talk_snapshot *talk_snapshot_ref(struct talk_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void talk_snapshot_unref(struct talk_snapshot *snapshot)
{
    if (!snapshot)
        return;
    if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    free(snapshot->classes);
    free(snapshot);
}
