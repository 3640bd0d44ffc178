/* SPDX-License-Identifier: MIT */
/* Patterns by PCRE2. Its limits hold for each place at which a match may begin. */
#include "config.h"

#include "chat/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS   2000 /* calls of its matching function, or what the compiled code counts as one */
#define DEPTH   500
#define HEAP    64 /* KiB */
#define NESTING 32 /* parentheses */
#define OPTIONS (PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C)

struct chat_pattern {
    pcre2_code *code;
};

struct chat_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static int refuse(struct chat_pattern_error *error, size_t offset, const char *text)
{
    error->offset = offset;
    snprintf(error->text, sizeof error->text, "%s", text);
    return -EINVAL;
}

static int compile(struct chat_text text, pcre2_code **code, struct chat_pattern_error *error)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    PCRE2_SIZE offset = 0;
    int number = 0;

    if (!context)
        return -ENOMEM;
    pcre2_set_parens_nest_limit(context, NESTING);
    *code = pcre2_compile((PCRE2_SPTR)text.data, text.length, OPTIONS, &number, &offset, context);
    pcre2_compile_context_free(context);
    if (*code)
        return 0;
    if (number == PCRE2_ERROR_HEAP_FAILED || number == PCRE2_ERROR_NOMEMORY)
        return -ENOMEM;
    /* at what is malformed at the end, it names a place beyond */
    refuse(error, offset < text.length ? offset : text.length, "unknown error");
    (void)pcre2_get_error_message(number, (PCRE2_UCHAR *)error->text, sizeof error->text);
    return -EINVAL;
}

/* Whether the compiled pattern is one to have. */
static int check(const pcre2_code *code, struct chat_pattern_error *error)
{
    uint32_t empty = 1;
    size_t size = 0;

    (void)pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &empty);
    (void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
    if (empty)
        return refuse(error, 0, "it would match everything");
    return size > CHAT_PATTERN_SIZE ? refuse(error, 0, "it takes too much memory") : 0;
}

/* Where it cannot be compiled to machine code, it is interpreted. */
int chat_pattern_new(struct chat_text text, struct chat_pattern **out,
                     struct chat_pattern_error *error)
{
    struct chat_pattern *pattern;
    int rc;

    if (text.length == 0 || text.length > CHAT_PATTERN_MAX)
        return refuse(error, 0, text.length ? "it is too long" : "it is empty");
    pattern = calloc(1, sizeof *pattern);
    if (!pattern)
        return -ENOMEM;
    rc = compile(text, &pattern->code, error);
    if (rc == 0)
        rc = check(pattern->code, error);
    if (rc < 0) {
        chat_pattern_free(pattern);
        return rc;
    }
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    *out = pattern;
    return 0;
}

void chat_pattern_free(struct chat_pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    free(pattern);
}

struct chat_scratch *chat_scratch_new(void)
{
    struct chat_scratch *scratch = calloc(1, sizeof *scratch);

    if (!scratch)
        return NULL;
    scratch->data = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    if (!scratch->data || !scratch->context) {
        chat_scratch_free(scratch);
        return NULL;
    }
    pcre2_set_match_limit(scratch->context, STEPS);
    pcre2_set_depth_limit(scratch->context, DEPTH);
    pcre2_set_heap_limit(scratch->context, HEAP);
    return scratch;
}

void chat_scratch_free(struct chat_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_context_free(scratch->context);
    pcre2_match_data_free(scratch->data);
    free(scratch);
}

enum chat_pattern_result chat_pattern_match(const struct chat_pattern *pattern,
                                            struct chat_scratch *scratch, struct chat_text text)
{
    int rc = pcre2_match(pattern->code, (PCRE2_SPTR)(text.length > 0 ? text.data : ""), text.length,
                         0, 0, scratch->data, scratch->context);

    if (rc >= 0)
        return CHAT_PATTERN_MATCHES;
    switch (rc) {
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_JIT_STACKLIMIT:
    case PCRE2_ERROR_NOMEMORY:
        return CHAT_PATTERN_EXHAUSTED;
    default:
        return CHAT_PATTERN_DIFFERS;
    }
}
