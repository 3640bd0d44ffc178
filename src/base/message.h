/* SPDX-License-Identifier: MIT */
/*
 * The inside of a message (paceline/message.h). Its bytes up to LENGTH never change once somebody
 * else can see it. A message with room left (LENGTH < CAPACITY) belongs to one out-queue alone,
 * which appends to it under its lock; bytes already there stay where they are, so that a sender
 * may be reading them meanwhile.
 */
#ifndef PLI_BASE_MESSAGE_H
#define PLI_BASE_MESSAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include <paceline/message.h>

struct pl_message {
    _Atomic uint32_t references;
    uint32_t length;   /* const once shared; else (lock of the queue that owns it) */
    uint32_t capacity; /* const once shared */
    char data[];
};

/* Makes an empty message with room for CAPACITY bytes and one reference; NULL without memory. */
struct pl_message *pli_message_reserve(uint32_t capacity);

/*
 * Ends the making of a message that is going to be shared: without room left, no out-queue takes it
 * for one of its own and appends to it.
 */
static inline void pli_message_seal(struct pl_message *message)
{
    message->capacity = message->length;
}

#endif
