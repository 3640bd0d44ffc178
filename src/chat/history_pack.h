/* SPDX-License-Identifier: MIT */
/* Events as bytes, for the history. For the files of this room. */
#ifndef CHAT_HISTORY_PACK_H
#define CHAT_HISTORY_PACK_H

#include "chat/history.h"
#include "chat/user.h"

/* All but an event's text: tags are the longest of it, and names and changes fit beside them. */
struct chat_packed {
    size_t length;
    bool full; /* something had no room */
    char data[16384];
};

/* The number that stands for a kind in files; 0: it is not kept. */
unsigned chat_pack_kind(enum chat_kind kind);

/* TOLD_AS: the id by which people know it, if it is kept under another one; else CHAT_NO_ID. */
void chat_pack(struct chat_packed *packed, const struct chat_event *event, struct chat_id told_as);

/* Fills in an event, whose text is set. False: the bytes make no sense. */
bool chat_unpack(unsigned kind, struct chat_text body, struct chat_kept *kept);

#endif
