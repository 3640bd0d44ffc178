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
    struct irc_settings settings; /* its gateways and texts stand behind the snapshot */
    struct chat_class plain;      /* what holds for those who are in no class */
    struct chat_class *classes;   /* those of the settings, or NULL */
    struct irc_oper opers[];
};

/* Makes one with a reference. Returns 0 or -ENOMEM. */
int irc_snapshot_new(const struct irc_settings *settings, struct irc_snapshot **snapshot);

/* What holds for who is in the class of that NAME, NULL: in none. It lives as long as the snapshot. */
const struct chat_class *irc_snapshot_class(const struct irc_snapshot *snapshot, const char *name);

struct irc_snapshot *irc_snapshot_ref(struct irc_snapshot *snapshot);
void irc_snapshot_unref(struct irc_snapshot *snapshot);

#endif
