/* SPDX-License-Identifier: MIT */
/* Reading the history, by threads that may wait. */
#include "config.h"

#include "chat/history_pack.h"

#include <errno.h>
#include <stdlib.h>

/* So long it is waited for what was said just before, in milliseconds. */
#define PATIENCE 1000

bool chat_kept_read(const struct history_line *line, const struct chat_place *place,
                    struct chat_kept *kept)
{
    struct chat_event *event = &kept->event;

    kept->event = (struct chat_event){
        .id = {line->id, line->origin},
        .text = {line->text.data, line->text.length},
    };
    if (!chat_unpack(line->kind, (struct chat_text){line->body.data, line->body.length}, kept))
        return false;
    event->time = chat_id_ms((struct chat_id){line->id, line->origin});
    if (!place->is_channel)
        return event->target.time != 0;
    event->channel = (struct chat_id){place->target.id, place->target.origin};
    if (event->channel_name.length == 0)
        event->channel_name = (struct chat_text){place->name, place->name_length};
    return true;
}

void chat_findings_deinit(struct chat_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->found[i]);
    free(findings->found);
    *findings = (struct chat_findings){NULL, 0, 0, 0};
}

static int make_room(struct chat_findings *findings)
{
    size_t room = findings->room > 0 ? 2 * findings->room : 64;
    struct chat_found **found;

    if (findings->count < findings->room)
        return 0;
    found = realloc(findings->found, room * sizeof(*found));
    if (!found)
        return -ENOMEM;
    findings->found = found;
    findings->room = room;
    return 0;
}

static void put(struct history_bytes *to, struct history_bytes from, char **at)
{
    *to = (struct history_bytes){*at, from.length};
    if (from.length > 0)
        memcpy(*at, from.data, from.length);
    *at += from.length;
}

int chat_findings_add(const struct history_line *line, void *argument)
{
    struct chat_findings *findings = argument;
    struct chat_found *found;
    char *at;

    if (make_room(findings) < 0)
        return -ENOMEM;
    found = malloc(sizeof(*found) + line->sender.length + line->text.length + line->body.length);
    if (!found)
        return -ENOMEM;
    at = found->data;
    found->line = *line;
    found->line.target = (struct history_target){.id = 0};
    found->place = findings->place;
    put(&found->line.sender, line->sender, &at);
    put(&found->line.text, line->text, &at);
    put(&found->line.body, line->body, &at);
    findings->found[findings->count++] = found;
    return 0;
}

void chat_findings_turn(struct chat_findings *findings, size_t from)
{
    struct chat_found **found = findings->found;

    for (size_t to = findings->count; from + 1 < to; from++) {
        struct chat_found *last = found[--to];

        found[to] = found[from];
        found[from] = last;
    }
}

int chat_history_read(struct history *history, const struct chat_place *place,
                      const struct chat_range *range, struct chat_findings *findings)
{
    size_t from = findings->count;
    struct history_query query = {
        .target = place->target,
        .after = range->after > place->since ? range->after : place->since,
        .before = range->before,
        .newest = range->newest,
        .most = range->most,
        .events = range->events,
        .prefix = place->prefix,
    };
    int rc;

    (void)history_settle(history, false, PATIENCE); /* else there is what there is */
    rc = history_read(history, &query, chat_findings_add, findings);
    if (rc == 0 && range->newest)
        chat_findings_turn(findings, from);
    return rc;
}
