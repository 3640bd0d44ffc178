/* SPDX-License-Identifier: MIT */
/*
 * A message: counted, immutable bytes. One message can stand in the out-queues of any number of
 * sessions, so a text for a thousand recipients is formatted and kept once.
 */
#ifndef PACELINE_MESSAGE_H
#define PACELINE_MESSAGE_H

#include <stddef.h>

#include <paceline/version.h>

struct pl_message;

/*
 * Makes a message of a copy of LENGTH bytes at DATA (at most PL_MESSAGE_MAX), with one reference
 * that is the caller's. Returns 0, -ENOMEM or -EMSGSIZE. Any thread.
 */
#define PL_MESSAGE_MAX 0x40000000u
PL_EXPORT int pl_message_new(const void *data, size_t length, struct pl_message **message);

/* Takes one more reference and returns its argument. Any thread that has a reference. */
PL_EXPORT struct pl_message *pl_message_ref(struct pl_message *message);

/* Gives a reference back; the last one frees the message. NULL is allowed. Any thread. */
PL_EXPORT void pl_message_unref(struct pl_message *message);

/* The bytes, valid as long as the caller's reference, and how many they are. */
PL_EXPORT const char *pl_message_data(const struct pl_message *message);
PL_EXPORT size_t pl_message_length(const struct pl_message *message);

#endif
