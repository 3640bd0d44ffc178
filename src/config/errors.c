/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/errors.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void config_errors_init(struct config_errors *errors)
{
    *errors = (struct config_errors){0};
}

void config_errors_deinit(struct config_errors *errors)
{
    size_t i;

    for (i = 0; i < errors->count; i++)
        free(errors->messages[i]);
    free(errors->messages);
    config_errors_init(errors);
}

static bool make_room(struct config_errors *errors)
{
    size_t capacity = errors->capacity ? 2 * errors->capacity : 8;
    char **messages;

    if (errors->count < errors->capacity)
        return true;
    messages = realloc(errors->messages, capacity * sizeof(*messages));
    if (!messages)
        return false;
    errors->messages = messages;
    errors->capacity = capacity;
    return true;
}

static char *format_message(struct config_place place, const char *key, const char *format,
                            va_list arguments) __attribute__((format(printf, 3, 0)));

static char *format_message(struct config_place place, const char *key, const char *format,
                            va_list arguments)
{
    static const char head_format[] = "%s%s: %s%s";
    const char *file = place.file ? place.file : "built-in default";
    const char *between = key ? ": " : "";
    char line[16] = "";
    char *message;
    va_list again;
    int head;
    int body;

    if (!key)
        key = "";
    if (place.line)
        snprintf(line, sizeof(line), ":%u", place.line);
    va_copy(again, arguments);
    head = snprintf(NULL, 0, head_format, file, line, key, between);
    body = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (head < 0 || body < 0)
        return NULL;
    message = malloc((size_t)head + (size_t)body + 1);
    if (!message)
        return NULL;
    snprintf(message, (size_t)head + 1, head_format, file, line, key, between);
    vsnprintf(message + head, (size_t)body + 1, format, arguments);
    return message;
}

void config_errors_add(struct config_errors *errors, struct config_place place, const char *key,
                       const char *format, ...)
{
    va_list arguments;
    char *message = NULL;

    if (make_room(errors)) {
        va_start(arguments, format);
        message = format_message(place, key, format, arguments);
        va_end(arguments);
    }
    if (message)
        errors->messages[errors->count++] = message;
    else
        errors->out_of_memory = true;
}

void config_errors_print(const struct config_errors *errors, FILE *file)
{
    size_t i;

    for (i = 0; i < errors->count; i++)
        fprintf(file, "%s\n", errors->messages[i]);
}

const char *config_quote(const char *value, char buffer[static CONFIG_QUOTED_SIZE])
{
    static const char rest[] = "...\"";
    const size_t most = CONFIG_QUOTED_SIZE - sizeof(rest) - 4;
    size_t at = 0;

    buffer[at++] = '"';
    for (; *value && at < most; value++) {
        unsigned char byte = (unsigned char)*value;

        if (byte < 0x20 || byte >= 0x7f)
            at += (size_t)snprintf(buffer + at, 5, "\\x%02x", byte);
        else
            buffer[at++] = *value;
    }
    memcpy(buffer + at, *value ? rest : rest + 3, *value ? sizeof(rest) : sizeof(rest) - 3);
    return buffer;
}
