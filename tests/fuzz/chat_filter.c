/* SPDX-License-Identifier: MIT */
/*
 * Patterns, whatever somebody makes up: they compile, or it is said why not, and matching ends, with
 * the same answer each time.
 *
 * An input is a line with the targets and the action of a filter, one with its pattern, and then
 * lines of text.
 */
#include "config.h"

#include "chat/filter.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The next line, without its end, off TEXT. */
static struct chat_text take_line(struct chat_text *text)
{
    const char *end = text->length > 0 ? memchr(text->data, '\n', text->length) : NULL;
    struct chat_text line = {text->data, end ? (size_t)(end - text->data) : text->length};
    size_t used = line.length + (end ? 1 : 0);

    text->data += used;
    text->length -= used;
    return line;
}

static bool note(struct chat_filter *filter, void *argument)
{
    unsigned missed;

    (void)chat_filter_hit(filter, &missed);
    ++*(unsigned *)argument;
    return true;
}

static void ignore(struct chat_filter *filter, void *argument)
{
    must(chat_filter_view_of(filter).exhausted > 0);
    (void)argument;
}

static void ask(struct chat_filters *filters, struct chat_filter *filter, struct chat_text rest)
{
    static const struct chat_filter_asker asker = {note, ignore};

    must(chat_filters_add(filters, filter) == 0);
    must(chat_filters_add(filters, filter) != 0); /* it is there */
    while (rest.length > 0) {
        struct chat_text text = take_line(&rest);
        unsigned first = 0, second = 0;

        if (text.length > 600)
            text.length = 600;
        must(chat_filters_ask(filters, CHAT_FILTER_CHANNEL, text, &asker, &first) == 0);
        must(chat_filters_ask(filters, CHAT_FILTER_CHANNEL, text, &asker, &second) == 0);
        must(first == second);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chat_text rest = {(const char *)data, size};
    struct chat_text head = take_line(&rest);
    struct chat_filter_rule rule = {
        .pattern = take_line(&rest),
        .targets = chat_filter_targets(head) | CHAT_FILTER_CHANNEL,
        .action = chat_filter_action_find(head),
    };
    struct chat_pattern_error error = {0, ""};
    struct chat_filter *filter = NULL;
    struct chat_filters filters;
    int rc = chat_filter_new(&rule, &filter, &error);

    must(rc == 0 || rc == -EINVAL || rc == -ENOSYS);
    must(rc == 0 || (error.text[0] != '\0' && error.offset <= rule.pattern.length));
    if (rc != 0)
        return 0;
    must(chat_filters_init(&filters) == 0);
    ask(&filters, filter, rest);
    chat_filter_unref(filter);
    chat_filters_deinit(&filters);
    return 0;
}
