/* SPDX-License-Identifier: MIT */
/*
 * Goes through a file token by token, as far as libconfig's lexer has tokens: strings, comments,
 * names, numbers, brackets, @include. What it does not know it passes on, and libconfig complains.
 */
#include "config.h"

#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where a scan stands in one file. */
struct cursor {
    struct config_scan *scan;
    const char *at;
    const char *end;
    const char *name; /* of the file */
    size_t file;
    unsigned line;
    bool line_start; /* nothing but blanks before on this line */
};

static void scan_file(struct config_scan *scan, const char *name, size_t file, const char *text,
                      size_t size);

static struct config_place place_of(const struct cursor *cursor, unsigned line)
{
    return (struct config_place){cursor->name, line};
}

static void put(struct cursor *cursor, const char *text, size_t size)
{
    config_source_put(cursor->scan->source, text, size);
}

/* Nothing that follows, in this file or in those that include it, is looked at. */
static void give_up(struct cursor *cursor)
{
    cursor->scan->gave_up = true;
    cursor->at = cursor->end;
}

static bool starts_with(const struct cursor *cursor, const char *text)
{
    size_t length = strlen(text);

    return (size_t)(cursor->end - cursor->at) >= length && memcmp(cursor->at, text, length) == 0;
}

static void skip_line_comment(struct cursor *cursor)
{
    const char *end = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));

    cursor->at = end ? end : cursor->end;
}

static void skip_block_comment(struct cursor *cursor)
{
    unsigned start = cursor->line;

    put(cursor, " ", 1);
    for (cursor->at += 2; cursor->at < cursor->end; cursor->at++) {
        if (starts_with(cursor, "*/")) {
            cursor->at += 2;
            return;
        }
        if (*cursor->at == '\n') {
            cursor->line++;
            put(cursor, "\n", 1);
        }
    }
    config_errors_add(cursor->scan->errors, place_of(cursor, start), NULL,
                      "this comment never ends");
    give_up(cursor);
}

/* The text of a string may be anything but what would end it early for libconfig. */
static void scan_string(struct cursor *cursor)
{
    const char *start = cursor->at;
    unsigned line = cursor->line;

    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '"') {
            cursor->at++;
            put(cursor, start, (size_t)(cursor->at - start));
            return;
        }
        if (*cursor->at == '\0' || starts_with(cursor, "\\x00"))
            config_errors_add(cursor->scan->errors, place_of(cursor, cursor->line), NULL,
                              "a string cannot hold a NUL");
        if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
            cursor->at++;
        if (*cursor->at == '\n')
            cursor->line++;
    }
    config_errors_add(cursor->scan->errors, place_of(cursor, line), NULL, "this string never ends");
    give_up(cursor);
}

static void copy_name(struct cursor *cursor)
{
    const char *start = cursor->at;

    while (cursor->at < cursor->end &&
           (isalnum((unsigned char)*cursor->at) || strchr("-_*", *cursor->at)) && *cursor->at)
        cursor->at++;
    put(cursor, start, (size_t)(cursor->at - start));
}

/* The value of a digit, or BASE when it is none. */
static unsigned digit_value(char c, unsigned base)
{
    unsigned value = base;

    if (c >= '0' && c <= '9')
        value = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        value = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        value = (unsigned)(c - 'A') + 10;
    return value < base ? value : base;
}

/* Writes an integer literal as a decimal 64-bit one; false when WORD is no integer. */
static bool widen(const char *word, size_t length, char out[static 32])
{
    bool negative = *word == '-';
    bool sign = negative || *word == '+';
    const char *at = word + sign;
    const char *end = word + length;
    unsigned base = 10;
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;
    unsigned suffix;

    for (suffix = 0; suffix < 2 && end > at && end[-1] == 'L'; suffix++)
        end--;
    if (!sign && end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        base = 16;
        at += 2;
    }
    if (at == end)
        return false;
    for (; at < end; at++) {
        unsigned digit = digit_value(*at, base);

        if (digit == base)
            return false;
        value = value > (most - digit) / base ? most : value * base + digit;
    }
    snprintf(out, 32, "%s%" PRIu64 "L", negative ? "-" : "", value);
    return true;
}

/* Anything that begins like a number, up to where it can be none any more. */
static void scan_number(struct cursor *cursor)
{
    const char *start = cursor->at;
    char wide[32];
    size_t length;

    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        bool exponent = (cursor->at[-1] == 'e' || cursor->at[-1] == 'E') &&
                        (*cursor->at == '-' || *cursor->at == '+');

        if (!exponent && !isalnum((unsigned char)*cursor->at) && *cursor->at != '.')
            break;
    }
    length = (size_t)(cursor->at - start);
    if (widen(start, length, wide))
        put(cursor, wide, strlen(wide));
    else
        put(cursor, start, length);
}

static void open_bracket(struct cursor *cursor)
{
    struct config_scan *scan = cursor->scan;

    put(cursor, cursor->at, 1);
    if (scan->depth == CONFIG_NESTING_MAX) {
        config_errors_add(scan->errors, place_of(cursor, cursor->line), NULL,
                          "brackets are nested more than %u deep", CONFIG_NESTING_MAX);
        give_up(cursor);
        return;
    }
    scan->open[scan->depth].bracket = *cursor->at++;
    scan->open[scan->depth++].place = place_of(cursor, cursor->line);
}

static void close_bracket(struct cursor *cursor)
{
    static const char pairs[] = "{}()[]";
    struct config_scan *scan = cursor->scan;
    char bracket = *cursor->at;
    char opener = scan->depth ? scan->open[scan->depth - 1].bracket : '\0';

    if (opener && strchr(pairs, opener)[1] == bracket) {
        put(cursor, cursor->at++, 1);
        scan->depth--;
        return;
    }
    if (opener)
        config_errors_add(scan->errors, place_of(cursor, cursor->line), NULL,
                          "\"%c\" cannot close the \"%c\" of %s:%u", bracket, opener,
                          scan->open[scan->depth - 1].place.file,
                          scan->open[scan->depth - 1].place.line);
    else
        config_errors_add(scan->errors, place_of(cursor, cursor->line), NULL,
                          "\"%c\" closes nothing", bracket);
    give_up(cursor);
    scan->depth = 0;
}

/* NAME as seen from the folder of the file that includes it; NULL without memory. */
static char *included_path(struct cursor *cursor, const char *name)
{
    const char *slash = strrchr(cursor->name, '/');
    size_t folder = slash && *name != '/' ? (size_t)(slash - cursor->name) + 1 : 0;
    size_t size = folder + strlen(name) + 1;
    char *path = malloc(size);

    if (!path) {
        cursor->scan->source->out_of_memory = true;
        return NULL;
    }
    memcpy(path, cursor->name, folder);
    memcpy(path + folder, name, size - folder);
    return path;
}

static void include(struct cursor *cursor, const char *path)
{
    struct config_scan *scan = cursor->scan;
    char *text = NULL;
    size_t size = 0;
    int error = config_source_slurp(path, &text, &size);
    size_t file = 0;

    if (error == -ENOMEM) {
        scan->source->out_of_memory = true;
        return;
    }
    if (error) {
        config_errors_add(scan->errors, place_of(cursor, cursor->line), "@include", "%s: %s", path,
                          strerror(-error));
        return;
    }
    put(cursor, "\n", 1);
    config_source_name_file(scan->source, path, &file);
    scan->includes++;
    if (!scan->source->out_of_memory)
        scan_file(scan, scan->source->files[file], file, text, size);
    scan->includes--;
    free(text);
    put(cursor, "\n", 1);
    config_source_span(scan->source, cursor->file, cursor->line);
}

/* The file that an @include names, between quotation marks on the same line; NULL if it does not. */
static char *include_name(struct cursor *cursor)
{
    const char *at = cursor->at + strlen("@include");
    const char *start = at;
    const char *end;

    while (at < cursor->end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == start || at == cursor->end || *at != '"')
        return NULL;
    start = ++at;
    end = memchr(start, '"', (size_t)(cursor->end - start));
    if (!end || end == start || memchr(start, '\n', (size_t)(end - start)) ||
        memchr(start, '\0', (size_t)(end - start)))
        return NULL;
    cursor->at = end + 1;
    return strndup(start, (size_t)(end - start));
}

static void scan_include(struct cursor *cursor)
{
    struct config_scan *scan = cursor->scan;
    const char *before = cursor->at;
    const char *complaint = NULL;
    char *name = NULL;
    char *path;

    if (!scan->may_include)
        complaint = "nothing can be included here";
    else if (scan->includes == CONFIG_INCLUDE_MAX)
        complaint = "too many files include each other";
    else
        name = include_name(cursor);
    if (!complaint && !name && cursor->at == before)
        complaint = "the name of a file between quotation marks expected";
    if (complaint) {
        config_errors_add(scan->errors, place_of(cursor, cursor->line), "@include", "%s",
                          complaint);
        give_up(cursor);
        return;
    }
    path = name ? included_path(cursor, name) : NULL;
    if (path)
        include(cursor, path);
    else
        scan->source->out_of_memory = true;
    free(path);
    free(name);
    if (scan->gave_up)
        cursor->at = cursor->end;
}

static void scan_other(struct cursor *cursor)
{
    if (*cursor->at == '\0') {
        config_errors_add(cursor->scan->errors, place_of(cursor, cursor->line), NULL,
                          "a NUL byte: this is no text");
        give_up(cursor);
        return;
    }
    if (*cursor->at == '\n')
        cursor->line++;
    put(cursor, cursor->at++, 1);
}

static bool starts_number(const struct cursor *cursor)
{
    const char *next = cursor->at + 1;
    bool sign = *cursor->at == '-' || *cursor->at == '+';

    return isdigit((unsigned char)*cursor->at) || *cursor->at == '.' ||
           (sign && next < cursor->end && isdigit((unsigned char)*next));
}

static void scan_token(struct cursor *cursor)
{
    if (*cursor->at == '#' || starts_with(cursor, "//"))
        skip_line_comment(cursor);
    else if (starts_with(cursor, "/*"))
        skip_block_comment(cursor);
    else if (*cursor->at == '"')
        scan_string(cursor);
    else if (isalpha((unsigned char)*cursor->at) || *cursor->at == '*')
        copy_name(cursor);
    else if (starts_number(cursor))
        scan_number(cursor);
    else if (*cursor->at && strchr("{[(", *cursor->at))
        open_bracket(cursor);
    else if (*cursor->at && strchr(")]}", *cursor->at))
        close_bracket(cursor);
    else if (cursor->line_start && starts_with(cursor, "@include"))
        scan_include(cursor);
    else
        scan_other(cursor);
}

static void scan_file(struct config_scan *scan, const char *name, size_t file, const char *text,
                      size_t size)
{
    struct cursor cursor = {.scan = scan,
                            .at = text,
                            .end = text + size,
                            .name = name,
                            .file = file,
                            .line = 1,
                            .line_start = true};

    config_source_span(scan->source, file, 1);
    scan->consumed += size;
    if (scan->consumed > CONFIG_SOURCE_MAX) {
        config_errors_add(scan->errors, place_of(&cursor, 0), NULL,
                          "more than %u bytes of configuration", CONFIG_SOURCE_MAX);
        give_up(&cursor);
    }
    /* A mark of UTF-8 that some editors begin a file with. */
    if (starts_with(&cursor, "\xef\xbb\xbf"))
        cursor.at += 3;
    while (cursor.at < cursor.end && !scan->source->out_of_memory) {
        unsigned line = cursor.line;
        bool blank = *cursor.at == ' ' || *cursor.at == '\t';

        scan_token(&cursor);
        cursor.line_start = cursor.line != line || (cursor.line_start && blank);
    }
}

void config_scan_text(struct config_scan *scan, const char *name, const char *text, size_t size)
{
    size_t file = 0;

    config_source_name_file(scan->source, name, &file);
    if (!scan->source->out_of_memory)
        scan_file(scan, scan->source->files[file], file, text, size);
}

void config_scan_finish(struct config_scan *scan)
{
    config_source_put(scan->source, "\n", 1);
    if (scan->gave_up)
        return;
    while (scan->depth) {
        scan->depth--;
        config_errors_add(scan->errors, scan->open[scan->depth].place, NULL,
                          "this \"%c\" is never closed", scan->open[scan->depth].bracket);
    }
}
