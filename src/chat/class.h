/* SPDX-License-Identifier: MIT */
/*
 * What the faces allow people by the class of their connection, pl_session_class(): the settings of
 * those who are in a class, beside those that hold for who is in none.
 */
#ifndef CHAT_CLASS_H
#define CHAT_CLASS_H

#include <stddef.h>

struct chat_class {
    const char *name;
    const char *password;          /* that one must give; "": none */
    unsigned registration_timeout; /* seconds; 0: no limit */
    unsigned ping_interval;        /* seconds; 0: never */
    unsigned flood_rate;           /* cost a second; 0: no flood control */
    unsigned flood_burst;
    unsigned channels_per_user; /* 0: no limit */
};

/*
 * Copies COUNT of them, with their texts, into one piece of memory, for free(). Returns NULL without
 * memory, and where there are none.
 */
struct chat_class *chat_classes_copy(const struct chat_class *classes, size_t count);

/* The class of that NAME, which may be NULL; NULL: there is none. */
const struct chat_class *chat_class_find(const struct chat_class *classes, size_t count,
                                         const char *name);

#endif
