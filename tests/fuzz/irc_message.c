/* SPDX-License-Identifier: MIT */
/*
 * The reader of IRC lines: whatever it makes of a line lies within the line, and written again and
 * read again it is the same.
 */
#include "config.h"

#include "irc/line.h"
#include "irc/message.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is_within(struct chat_text part, struct chat_text whole)
{
    return part.length == 0 ||
           (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

static void check_tags(struct chat_text tags, struct irc_line *line)
{
    static char plain[IRC_OWN_TAGS_MAX];
    static char escaped[2 * IRC_OWN_TAGS_MAX];
    static char again[2 * IRC_OWN_TAGS_MAX];
    struct chat_text whole = tags;
    struct irc_tag tag;

    while (irc_tag_next(&tags, &tag)) {
        size_t length, longer;

        must(tag.key.length > 0 && is_within(tag.key, whole) && is_within(tag.value, whole));
        length = irc_tag_unescape(tag.value, plain);
        must(length <= tag.value.length);
        longer = irc_tag_escape((struct chat_text){plain, length}, escaped);
        must(longer <= 2 * length);
        must(irc_tag_unescape((struct chat_text){escaped, longer}, again) == length);
        must(length == 0 || memcmp(plain, again, length) == 0);
        irc_line_raw_tag(line, &tag);
    }
}

static void check_again(const struct irc_message *message, const struct irc_line *line)
{
    struct chat_text text = {line->data, line->length - 2};
    struct irc_message again;

    must(line->length <= line->tags + IRC_LINE_MAX);
    must(irc_message_parse(text, IRC_LINE_MAX, &again) == IRC_PARSED);
    must(chat_text_equal(message->command, again.command));
    must(message->count == again.count);
    for (size_t i = 0; i < message->count; i++)
        must(chat_text_equal(message->params[i], again.params[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct irc_line line;
    struct chat_text text = {(const char *)data, size};
    struct irc_message message;

    if (irc_message_parse(text, IRC_LINE_MAX, &message) != IRC_PARSED)
        return 0;
    must(message.count <= IRC_PARAMS_MAX && is_within(message.command, text));
    irc_line_begin(&line);
    check_tags(message.tags, &line);
    irc_line_puts(&line, ":source "); /* without it, a command like ":x" or "@x" would be none */
    irc_line_put(&line, message.command);
    for (size_t i = 0; i < message.count; i++) {
        must(is_within(message.params[i], text));
        irc_line_puts(&line, i + 1 == message.count ? " :" : " ");
        irc_line_put(&line, message.params[i]);
    }
    must(line.full || irc_line_room(&line) <= IRC_LINE_MAX - 2);
    if (line.full)
        return 0; /* longer than it was, by the source and a colon */
    irc_line_end(&line);
    check_again(&message, &line);
    return 0;
}
