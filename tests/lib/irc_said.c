/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/irc_said.h"

#include <wchar.h>

#define TAGS_MAX 8191 /* with @ and space */
#define LINE_MAX 510

static const char *const commands[] = {
    "ACCOUNT",  "ACK",    "AUTHENTICATE", "AWAY",   "BATCH", "CAP",     "CHGHOST",  "ERROR",
    "FAIL",     "INVITE", "JOIN",         "KICK",   "KILL",  "MODE",    "NICK",     "NOTE",
    "NOTICE",   "PART",   "PING",         "PONG",   "QUIT",  "PRIVMSG", "MARKREAD", "REDACT",
    "REGISTER", "RENAME", "SETNAME",      "TAGMSG", "TOPIC", "VERIFY",  "WALLOPS",  "WARN",
};

static bool is(struct chat_text text, const char *string)
{
    return chat_text_equal(text, chat_text(string));
}

/* Takes what stands before the next space off TEXT; FOUND: there was a space. */
static struct chat_text take_word(struct chat_text *text, bool *found)
{
    const char *end = text->length > 0 ? memchr(text->data, ' ', text->length) : NULL;
    struct chat_text word = {text->data, end ? (size_t)(end - text->data) : text->length};

    *found = end != NULL;
    text->data += word.length + (end ? 1 : 0);
    text->length -= word.length + (end ? 1 : 0);
    return word;
}

/* The value of UTF-8's next character, its length in USED; or 0. */
static wchar_t character_at(const char *text, const char *end, size_t *used)
{
    mbstate_t state = {0};
    wchar_t character;

    *used = mbrtowc(&character, text, (size_t)(end - text), &state);
    return *used == 0 || *used > (size_t)(end - text) ? 0 : character;
}

bool text_is_clean(const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end) {
        wchar_t character;
        size_t used = 1;

        if (end - text >= 2 && text[0] == '\r' && text[1] == '\n') {
            text += 2;
            continue;
        }
        character = character_at(text, end, &used);
        if (character < 32 || (character >= 127 && character < 160))
            return false;
        text += used;
    }
    return true;
}

static bool is_line(struct chat_text line)
{
    const char *end = line.data + line.length;

    for (const char *at = line.data; at < end;) {
        size_t used;
        wchar_t character = character_at(at, end, &used);

        if (character == 0 || character == '\n' || character == '\r')
            return false;
        at += used;
    }
    return true;
}

static const char *check_command(struct irc_said *said)
{
    struct chat_text command = said->command;

    said->numeric = command.length == 3 && strspn(command.data, "0123456789") >= 3;
    if (said->numeric)
        return said->count > 0 ? NULL : "a numeric is for nobody";
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (is(command, commands[i]))
            return NULL;
    return "that is no command of a server";
}

/* Tags have keys, and each key comes once. */
static const char *check_tags(const struct irc_said *said)
{
    struct chat_text rest = said->tags;

    while (rest.length > 0) {
        const char *end = memchr(rest.data, ';', rest.length);
        size_t length = end ? (size_t)(end - rest.data) : rest.length;
        const char *equals = memchr(rest.data, '=', length);
        char key[300];

        if ((equals ? (size_t)(equals - rest.data) : length) == 0)
            return "a tag has no key";
        if (equals && (size_t)(equals - rest.data) < sizeof key) {
            memcpy(key, rest.data, (size_t)(equals - rest.data));
            key[equals - rest.data] = '\0';
            if (irc_said_tag(said, key).data != equals + 1)
                return "a tag comes twice";
        }
        length += end ? 1 : 0;
        rest.data += length;
        rest.length -= length;
    }
    return NULL;
}

static const char *take_params(struct chat_text rest, struct irc_said *said)
{
    bool more = true;

    while (more) {
        struct chat_text *param = &said->params[said->count];

        if (said->count++ == IRC_SAID_PARAMS)
            return "there are too many parameters";
        if (rest.length > 0 && rest.data[0] == ':') {
            *param = (struct chat_text){rest.data + 1, rest.length - 1};
            return NULL;
        }
        *param = take_word(&rest, &more);
        if (param->length == 0)
            return "a parameter is empty";
    }
    return NULL;
}

static const char *take_line(struct chat_text rest, struct irc_said *said)
{
    const char *wrong = NULL;
    bool more = false;

    if (rest.length > LINE_MAX)
        return "the line is too long";
    if (rest.length > 0 && rest.data[0] == ':') {
        said->source = take_word(&rest, &more);
        said->source.data++;
        said->source.length--;
    }
    said->command = take_word(&rest, &more);
    if (more)
        wrong = take_params(rest, said);
    if (!wrong)
        wrong = check_command(said);
    if (!wrong && said->source.length == 0 && !is(said->command, "PING") &&
        !is(said->command, "ERROR") && !is(said->command, "AUTHENTICATE"))
        wrong = "it comes from nobody";
    return wrong;
}

const char *irc_said_parse(struct chat_text line, struct irc_said *said)
{
    const char *wrong = NULL;
    bool more;

    *said = (struct irc_said){.count = 0};
    if (!is_line(line))
        return "that is not UTF-8, or has NUL, CR or LF";
    if (line.length > 0 && line.data[0] == '@') {
        said->tags = take_word(&line, &more);
        if (!more || said->tags.length + 1 > TAGS_MAX)
            return "the tags are too long";
        said->tags.data++;
        said->tags.length--;
        wrong = check_tags(said);
    }
    return wrong ? wrong : take_line(line, said);
}

struct chat_text irc_said_tag(const struct irc_said *said, const char *key)
{
    struct chat_text rest = said->tags;
    size_t length = strlen(key);

    while (rest.length > 0) {
        const char *end = memchr(rest.data, ';', rest.length);
        size_t used = end ? (size_t)(end - rest.data) : rest.length;

        if (used >= length && memcmp(rest.data, key, length) == 0 &&
            (used == length || rest.data[length] == '=')) {
            size_t skip = used == length ? length : length + 1;

            return (struct chat_text){rest.data + skip, used - skip};
        }
        used += end ? 1 : 0;
        rest.data += used;
        rest.length -= used;
    }
    return CHAT_NO_TEXT;
}

bool irc_said_is(const struct irc_said *said, const char *name)
{
    return is(said->command, name);
}
