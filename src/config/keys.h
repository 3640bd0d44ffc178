/* SPDX-License-Identifier: MIT */
/*
 * The table of every key that paceline.conf may hold. The reader, the defaults, the dump, the
 * suggestions for misspelt keys, the comparison of two snapshots and the tests of the manual page
 * and of the sample all go by it: a new setting is a field in snapshot.h, a row in keys.c, and its
 * paragraph in the manual and the sample.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a setting is written, and what its field is. */
enum config_kind {
    CONFIG_NUMBER, /* an integer: uint32_t */
    CONFIG_STRING, /* a string: const char *, owned by the snapshot, never NULL */
    CONFIG_CHOICE, /* a string out of a few: const char *, that of the table; NULL if required */
    CONFIG_MODE,   /* permissions, a string of octal digits: uint32_t */
    CONFIG_BOOL,   /* true or false: uint32_t, 1 or 0 */
    CONFIG_WORDS,  /* a list of strings, or one: const char *, words with spaces between them */
};

struct config_key {
    const char *group;
    const char *name;
    enum config_kind kind;
    size_t offset; /* of the field: in struct config or, in a list, in the list's element */

    uint32_t min; /* numbers and modes: the least and the greatest; strings: of bytes */
    uint32_t max;
    bool or_zero;       /* numbers: 0 is allowed as well as min..max */
    uint32_t number;    /* default of numbers, modes and truth values */
    const char *string; /* default of strings and choices; NULL: a choice that must be made */

    const char *unit;                 /* numbers: what is counted, as the manual calls it */
    const char *const *choices;       /* ended by NULL */
    bool (*valid)(const char *value); /* strings and each word: what else must hold, beyond size */
    const char *expected;             /* strings: what a message says is expected */

    bool secret; /* strings: messages do not say what they got */
    bool reload; /* a reload puts it in force; otherwise the next start does */
};

/* A group of the file: { ... }, or, when it is a list, ( { ... }, { ... } ). */
struct config_group {
    const char *name;
    size_t element; /* lists: size of an element, which begins with its struct config_place */
    size_t array;   /* lists: offset in struct config of the pointer to the elements */
    size_t count;   /* lists: offset in struct config of how many there are (size_t) */
    size_t least;   /* lists: elements that there must be if there is a list */
    size_t most;    /* lists: elements that there may be */
    bool hidden;    /* lists: a dump has elements with a secret in comments, and without it */
};

extern const struct config_group config_groups[];
extern const size_t config_group_count;

/* The rows of a group stand together, in the order of the manual. */
extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* NULL when there is none of that name. */
const struct config_group *config_group_find(const char *name);
const struct config_key *config_key_find(const char *group, const char *name);

/* A key that is always there: an assertion fails when it is not. */
const struct config_key *config_key_get(const char *group, const char *name);

/* The index of a row in the table. */
size_t config_key_index(const struct config_key *key);

/* Whether its value is a string; a number otherwise. */
bool config_key_is_text(const struct config_key *key);

#endif
