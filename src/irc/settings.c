/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/settings.h"

#include <errno.h>
#include <stdlib.h>

/* The settings that are texts. */
static const size_t texts[] = {
    offsetof(struct irc_settings, server),      offsetof(struct irc_settings, network),
    offsetof(struct irc_settings, description), offsetof(struct irc_settings, contact),
    offsetof(struct irc_settings, password),    offsetof(struct irc_settings, motd),
};

#define TEXTS (sizeof texts / sizeof texts[0])

static const char **text_at(struct irc_settings *settings, size_t index)
{
    return (const char **)(void *)((char *)settings + texts[index]);
}

/* Replaces a text by its copy at AT, and returns where that ends. */
static char *copy_text(const char **text, char *at)
{
    size_t size = strlen(*text) + 1;

    memcpy(at, *text, size);
    *text = at;
    return at + size;
}

/* Copies them behind the snapshot, and returns where they end. */
static char *copy_opers(struct irc_settings *settings, struct irc_snapshot *snapshot)
{
    struct irc_oper *opers = snapshot->opers;
    char *at = (char *)(opers + settings->oper_count);

    if (settings->oper_count > 0)
        memcpy(opers, settings->opers, settings->oper_count * sizeof *opers);
    for (size_t i = 0; i < settings->oper_count; i++)
        at = copy_text(&opers[i].name, at);
    settings->opers = opers;
    return at;
}

int irc_snapshot_new(const struct irc_settings *settings, struct irc_snapshot **out)
{
    struct irc_settings copy = *settings;
    struct irc_snapshot *snapshot;
    size_t opers = copy.oper_count * sizeof *copy.opers;
    size_t room = opers;
    char *at;

    for (size_t i = 0; i < TEXTS; i++)
        room += strlen(*text_at(&copy, i)) + 1;
    for (size_t i = 0; i < copy.oper_count; i++)
        room += strlen(copy.opers[i].name) + 1;
    snapshot = malloc(sizeof *snapshot + room);
    if (!snapshot)
        return -ENOMEM;
    at = copy_opers(&copy, snapshot);
    for (size_t i = 0; i < TEXTS; i++)
        at = copy_text(text_at(&copy, i), at);
    atomic_init(&snapshot->references, 1);
    snapshot->settings = copy;
    *out = snapshot;
    return 0;
}

struct irc_snapshot *irc_snapshot_ref(struct irc_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void irc_snapshot_unref(struct irc_snapshot *snapshot)
{
    if (!snapshot)
        return;
    if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) == 1)
        free(snapshot);
}
