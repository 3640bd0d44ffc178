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
    unsigned registration_timeout;
    unsigned flood_rate;
    unsigned flood_burst;
    const char *network;
    const char *motd; /* clean lines, each ended by CR LF */
    const char *lobby;
};

/* Makes one with a reference. Returns 0, -EINVAL (the lobby's name) or -ENOMEM. */
int talk_snapshot_new(const struct talk_settings *settings, struct talk_snapshot **snapshot);

struct talk_snapshot *talk_snapshot_ref(struct talk_snapshot *snapshot);
void talk_snapshot_unref(struct talk_snapshot *snapshot);

#endif
