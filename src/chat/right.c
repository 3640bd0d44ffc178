/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/right.h"

const struct chat_right_name chat_right_names[] = {
    {"kill", CHAT_RIGHT_KILL},         {"kline", CHAT_RIGHT_KLINE},
    {"dline", CHAT_RIGHT_DLINE},       {"chanban", CHAT_RIGHT_CHANBAN},
    {"override", CHAT_RIGHT_OVERRIDE}, {"chghost", CHAT_RIGHT_CHGHOST},
    {"notices", CHAT_RIGHT_NOTICES},   {"wallops", CHAT_RIGHT_WALLOPS},
    {"global", CHAT_RIGHT_GLOBAL},     {"stats", CHAT_RIGHT_STATS},
    {"rehash", CHAT_RIGHT_REHASH},     {"die", CHAT_RIGHT_DIE},
    {"restart", CHAT_RIGHT_RESTART},   {"filter", CHAT_RIGHT_FILTER},
    {"defcon", CHAT_RIGHT_DEFCON},     {"accounts", CHAT_RIGHT_ACCOUNTS},
    {"channels", CHAT_RIGHT_CHANNELS}, {NULL, 0},
};

unsigned chat_right_find(struct chat_text name)
{
    const struct chat_right_name *at = chat_right_names;

    while (at->name && !chat_text_equal(chat_text(at->name), name))
        at++;
    return at->right;
}

const char *chat_right_text(enum chat_right right)
{
    const struct chat_right_name *at = chat_right_names;

    while (at->name && at->right != right)
        at++;
    return at->name ? at->name : "unknown";
}
