/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/settings.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

/* The settings that are texts. */
static const size_t texts[] = {
    offsetof(struct irc_settings, server),      offsetof(struct irc_settings, network),
    offsetof(struct irc_settings, description), offsetof(struct irc_settings, contact),
    offsetof(struct irc_settings, icon),        offsetof(struct irc_settings, password),
    offsetof(struct irc_settings, motd),
};

#define TEXTS (sizeof texts / sizeof texts[0])

static const char **text_at(struct irc_settings *settings, size_t index)
{
    return (const char **)(void *)((char *)settings + texts[index]);
}

#define OPER_TEXTS 3

static const char **oper_text_at(struct irc_oper *oper, size_t index)
{
    const char **const all[OPER_TEXTS] = {&oper->name, &oper->class, &oper->from};

    return all[index];
}

static_assert(sizeof(struct irc_oper) % alignof(struct irc_gateway) == 0,
              "gateways stand behind opers");

/* Copies them behind the snapshot, their texts behind both, and returns where these end. */
static char *copy_lists(struct irc_settings *settings, struct irc_snapshot *snapshot)
{
    struct irc_oper *opers = snapshot->opers;
    struct irc_gateway *gateways = (struct irc_gateway *)(void *)(opers + settings->oper_count);
    char *at = (char *)(gateways + settings->gateway_count);

    if (settings->oper_count > 0)
        memcpy(opers, settings->opers, settings->oper_count * sizeof *opers);
    if (settings->gateway_count > 0)
        memcpy(gateways, settings->gateways, settings->gateway_count * sizeof *gateways);
    for (size_t i = 0; i < settings->oper_count; i++) {
        for (size_t j = 0; j < OPER_TEXTS; j++) {
            const char **text = oper_text_at(&opers[i], j);

            *text = pli_text_pack(*text, &at);
        }
    }
    for (size_t i = 0; i < settings->gateway_count; i++)
        if (gateways[i].password)
            gateways[i].password = pli_text_pack(gateways[i].password, &at);
    settings->opers = opers;
    settings->gateways = gateways;
    return at;
}

/* How much stands behind the snapshot. */
static size_t room_for(struct irc_settings *settings)
{
    size_t room = settings->oper_count * sizeof *settings->opers +
                  settings->gateway_count * sizeof *settings->gateways;

    for (size_t i = 0; i < TEXTS; i++)
        room += strlen(*text_at(settings, i)) + 1;
    for (size_t i = 0; i < settings->oper_count; i++)
        room += strlen(settings->opers[i].name) + strlen(settings->opers[i].class) +
                strlen(settings->opers[i].from) + OPER_TEXTS;
    for (size_t i = 0; i < settings->gateway_count; i++)
        if (settings->gateways[i].password)
            room += strlen(settings->gateways[i].password) + 1;
    return room;
}

static int make_classes(const struct irc_settings *settings, struct irc_snapshot *snapshot)
{
    snapshot->plain = (struct chat_class){
        .registration_timeout = settings->registration_timeout,
        .ping_interval = settings->ping_interval,
        .flood_rate = settings->flood_rate,
        .flood_burst = settings->flood_burst,
    };
    snapshot->classes = chat_classes_copy(settings->classes, settings->class_count);
    return snapshot->classes || settings->class_count == 0 ? 0 : -ENOMEM;
}

const struct chat_class *irc_snapshot_class(const struct irc_snapshot *snapshot, const char *name)
{
    const struct chat_class *class =
        chat_class_find(snapshot->classes, snapshot->settings.class_count, name);

    return class ? class : &snapshot->plain;
}

int irc_snapshot_new(const struct irc_settings *settings, struct irc_snapshot **out)
{
    struct irc_settings copy = *settings;
    struct irc_snapshot *snapshot = malloc(sizeof *snapshot + room_for(&copy));
    char *at;

    if (!snapshot || make_classes(settings, snapshot) < 0) {
        free(snapshot);
        return -ENOMEM;
    }
    copy.classes = snapshot->classes;
    at = copy_lists(&copy, snapshot);
    for (size_t i = 0; i < TEXTS; i++) {
        const char **text = text_at(&copy, i);

        *text = pli_text_pack(*text, &at);
    }
    atomic_init(&snapshot->references, 1);
    snapshot->settings = copy;
    snapshot->plain.password = copy.password;
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
    if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    free(snapshot->classes);
    free(snapshot);
}
