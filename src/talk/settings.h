/* SPDX-License-Identifier: MIT */
/*
 * The settings as an immutable counted copy. Each person has one; whether it still is the current
 * one is a look at a pointer, which everybody shares and hardly anybody writes.
 */
#ifndef TALK_SETTINGS_H
#define TALK_SETTINGS_H

#include "talk/talk.h"

#include <stdatomic.h>

struct talk_snapshot {
    atomic_uint references;
    struct chat_class plain;    /* what holds for those who are in no class */
    struct chat_class *classes; /* NULL: none */
    size_t class_count;
    const char *network;
    const char *motd; /* clean lines, each ended by CR LF */
    const char *lobby;
};

/* Makes one with a reference. Returns 0, -EINVAL (the lobby's name) or -ENOMEM. */
int talk_snapshot_new(const struct talk_settings *settings, struct talk_snapshot **snapshot);

/* What holds for who is in the class of that NAME, NULL: in none. It lives as long as the snapshot. */
const struct chat_class *talk_snapshot_class(const struct talk_snapshot *snapshot,
                                             const char *name);

struct talk_snapshot *talk_snapshot_ref(struct talk_snapshot *snapshot);
void talk_snapshot_unref(struct talk_snapshot *snapshot);

#endif
