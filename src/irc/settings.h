/* SPDX-License-Identifier: MIT */
/*
 * The settings as an immutable counted copy. Each client has one; whether it still is the current
 * one is a look at a pointer, which everybody shares and hardly anybody writes.
 */
#ifndef IRC_SETTINGS_H
#define IRC_SETTINGS_H

#include "irc/irc.h"

#include <stdatomic.h>

struct irc_snapshot {
    atomic_uint references;
    struct irc_settings settings; /* its texts stand behind the snapshot */
    struct irc_oper opers[];
};

/* Makes one with a reference. Returns 0 or -ENOMEM. */
int irc_snapshot_new(const struct irc_settings *settings, struct irc_snapshot **snapshot);

struct irc_snapshot *irc_snapshot_ref(struct irc_snapshot *snapshot);
void irc_snapshot_unref(struct irc_snapshot *snapshot);

#endif
