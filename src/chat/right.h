/* SPDX-License-Identifier: MIT */
/*
 * What operators of the server may do: each right is a bit. Which of them somebody has is said when
 * they become one (chat_user_grant()); the calls that need one check it.
 */
#ifndef CHAT_RIGHT_H
#define CHAT_RIGHT_H

#include "chat/text.h"

enum chat_right {
    CHAT_RIGHT_KILL = 1 << 0,      /* end people's sessions */
    CHAT_RIGHT_KLINE = 1 << 1,     /* ban people by user and host */
    CHAT_RIGHT_DLINE = 1 << 2,     /* ban addresses */
    CHAT_RIGHT_CHANBAN = 1 << 3,   /* close channels */
    CHAT_RIGHT_OVERRIDE = 1 << 4,  /* have others join, leave, be renamed; change any modes */
    CHAT_RIGHT_CHGHOST = 1 << 5,   /* change what hosts are shown */
    CHAT_RIGHT_NOTICES = 1 << 6,   /* be told what happens in the server */
    CHAT_RIGHT_WALLOPS = 1 << 7,   /* speak to all who listen */
    CHAT_RIGHT_GLOBAL = 1 << 8,    /* speak to everybody */
    CHAT_RIGHT_STATS = 1 << 9,     /* see the server's figures */
    CHAT_RIGHT_REHASH = 1 << 10,   /* have the configuration read again */
    CHAT_RIGHT_DIE = 1 << 11,      /* stop the server */
    CHAT_RIGHT_RESTART = 1 << 12,  /* and start it again */
    CHAT_RIGHT_ACCOUNTS = 1 << 13, /* register accounts for others */
    CHAT_RIGHT_CHANNELS = 1 << 14, /* do with any registered channel what its founder may */
    CHAT_RIGHT_FILTER = 1 << 16,   /* say what may not be said */
    CHAT_RIGHT_DEFCON = 1 << 17,   /* lock the server down */
};

#define CHAT_RIGHTS_ALL (~0u)

/* Their names, as configurations and answers have them, ended by one without. */
struct chat_right_name {
    const char *name;
    enum chat_right right;
};

extern const struct chat_right_name chat_right_names[];

/* The right of that name; 0: there is none. */
unsigned chat_right_find(struct chat_text name);

/* The name of a right. */
const char *chat_right_text(enum chat_right right);

#endif
