/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/source.h"

#include "config/scan.h"
#include "config/snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void config_source_init(struct config_source *source)
{
    *source = (struct config_source){0};
}

void config_source_deinit(struct config_source *source)
{
    size_t i;

    for (i = 0; i < source->file_count; i++)
        free(source->files[i]);
    free(source->files);
    free(source->spans);
    free(source->text);
    config_source_init(source);
}

void config_source_put(struct config_source *source, const char *text, size_t size)
{
    size_t capacity = source->capacity ? source->capacity : 4096;
    size_t i;

    while (capacity - source->size <= size)
        capacity *= 2;
    if (capacity != source->capacity) {
        char *grown = realloc(source->text, capacity);

        if (!grown) {
            source->out_of_memory = true;
            return;
        }
        source->text = grown;
        source->capacity = capacity;
    }
    for (i = 0; i < size; i++)
        source->lines += text[i] == '\n';
    memcpy(source->text + source->size, text, size);
    source->size += size;
    source->text[source->size] = '\0';
}

void config_source_span(struct config_source *source, size_t file, unsigned line)
{
    struct config_span *spans =
        reallocarray(source->spans, source->span_count + 1, sizeof(*source->spans));

    if (!spans) {
        source->out_of_memory = true;
        return;
    }
    source->spans = spans;
    spans[source->span_count++] = (struct config_span){source->lines + 1, file, line};
}

void config_source_name_file(struct config_source *source, const char *name, size_t *file)
{
    char **files = reallocarray(source->files, source->file_count + 1, sizeof(*source->files));
    char *copy;

    if (files)
        source->files = files;
    copy = files ? strdup(name) : NULL;
    if (!copy) {
        source->out_of_memory = true;
        return;
    }
    *file = source->file_count;
    files[source->file_count++] = copy;
}

/* Reads up to its end, or until more than SIZE bytes were read. */
static int read_all(int fd, char *text, size_t size, size_t *length)
{
    *length = 0;
    while (*length <= size) {
        ssize_t n = read(fd, text + *length, size + 1 - *length);

        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            *length += (size_t)n;
    }
    return -EFBIG;
}

int config_source_slurp(const char *path, char **text, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error;

    if (fd < 0)
        return -errno;
    *text = malloc(CONFIG_SOURCE_MAX + 1);
    error = *text ? read_all(fd, *text, CONFIG_SOURCE_MAX, size) : -ENOMEM;
    close(fd);
    if (error) {
        free(*text);
        *text = NULL;
    }
    return error;
}

int config_source_take(struct config_source *source, const char *name, const char *text,
                       size_t size, struct config_errors *errors)
{
    struct config_scan scan = {.source = source, .errors = errors};
    size_t before = errors->count;

    config_scan_text(&scan, name, text, size);
    config_scan_finish(&scan);
    if (source->out_of_memory || errors->out_of_memory)
        return -ENOMEM;
    return errors->count > before ? CONFIG_INVALID : 0;
}

int config_source_read(struct config_source *source, const char *path, struct config_errors *errors)
{
    struct config_scan scan = {.source = source, .errors = errors, .may_include = true};
    size_t before = errors->count;
    char *text = NULL;
    size_t size = 0;
    int error = config_source_slurp(path, &text, &size);

    if (error == -ENOMEM)
        return error;
    if (error) {
        config_errors_add(errors, (struct config_place){path, 0}, NULL, "%s", strerror(-error));
    } else {
        config_scan_text(&scan, path, text, size);
        config_scan_finish(&scan);
        free(text);
    }
    if (source->out_of_memory || errors->out_of_memory)
        return -ENOMEM;
    return errors->count > before ? CONFIG_INVALID : 0;
}

struct config_place config_source_place(const struct config_source *source, unsigned line)
{
    size_t i = source->span_count;

    while (i > 0) {
        const struct config_span *span = &source->spans[--i];

        if (span->first <= line)
            return (struct config_place){source->files[span->file],
                                         span->line + (line - span->first)};
    }
    return (struct config_place){NULL, 0};
}

/* The start of line LINE, its end is *END. */
static const char *find_line(const struct config_source *source, unsigned line, const char **end)
{
    const char *start = source->text;
    const char *limit = source->text + source->size;

    for (; line > 1; line--) {
        start = memchr(start, '\n', (size_t)(limit - start));
        if (!start)
            return NULL;
        start++;
    }
    *end = memchr(start, '\n', (size_t)(limit - start));
    return *end ? start : NULL;
}

unsigned config_source_solid(const struct config_source *source, unsigned line)
{
    const char *end = NULL;
    const char *start = find_line(source, line, &end);
    const char *at = start;

    if (!start) {
        at = start = end = source->text + source->size;
        line = source->lines + 1;
    }
    while (at < end && isspace((unsigned char)*at))
        at++;
    if (at < end)
        return line;
    for (at = start; line > 1 && isspace((unsigned char)at[-1]); at--)
        line -= at[-1] == '\n';
    return line;
}

const char *config_source_name(const struct config_source *source, unsigned line, char *buffer,
                               size_t size)
{
    const char *end = NULL;
    const char *at = line && source->text ? find_line(source, line, &end) : NULL;
    size_t length = 0;

    if (!at)
        return NULL;
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (at + length < end && (isalnum((unsigned char)at[length]) || strchr("-_*", at[length])))
        length++;
    if (length == 0 || length >= size || !isalpha((unsigned char)*at))
        return NULL;
    memcpy(buffer, at, length);
    buffer[length] = '\0';
    /* A second setting on the line: no telling which is meant. */
    at += length;
    at += strspn(at, " \t");
    if (at >= end || !strchr("=:", *at))
        return NULL;
    at++;
    length = (size_t)(end - at);
    return memchr(at, '=', length) || memchr(at, ':', length) ? NULL : buffer;
}
