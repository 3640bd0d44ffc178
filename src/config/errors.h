/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ERRORS_H
#define CONFIG_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where a setting stands: file NULL for a built-in default, line 0 for a file as a whole. */
struct config_place {
    const char *file;
    unsigned line;
};

/* Everything that is wrong with a configuration, one line of text each, in the order found. */
struct config_errors {
    char **messages; /* without the end of line */
    size_t count;
    size_t capacity;
    bool out_of_memory; /* a message was lost, because there was no memory for it */
};

void config_errors_init(struct config_errors *errors);
void config_errors_deinit(struct config_errors *errors);

/*
 * Adds "file:line: key: message". KEY may be NULL. What came with a place of the built-in defaults
 * is blamed on "built-in default". Arguments are copied. Without memory it sets out_of_memory.
 */
void config_errors_add(struct config_errors *errors, struct config_place place, const char *key,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Writes one line per message. */
void config_errors_print(const struct config_errors *errors, FILE *file);

/*
 * Puts VALUE between quotation marks into BUFFER as it may be shown on a terminal: control
 * characters and bytes that are no ASCII as \xNN, a long one cut. Returns BUFFER.
 */
#define CONFIG_QUOTED_SIZE 80
const char *config_quote(const char *value, char buffer[static CONFIG_QUOTED_SIZE]);

#endif
