/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/input.h"

#include "talk/clean.h"

#include <openssl/crypto.h>
#include <stdlib.h>

/* More text than that does not wait for its continuation. */
#define PENDING_MAX 4096

/* It may be a password, or the beginning of one. */
static void discard(char *text, size_t length)
{
    if (text)
        OPENSSL_cleanse(text, length);
    free(text);
}

void talk_input_reset(struct talk_person *person)
{
    discard(person->pending, person->pending_length);
    person->pending = NULL;
    person->pending_length = 0;
    person->telnet = (struct telnet){.negotiates = person->telnet.negotiates};
}

/* RAW is text with all its line ends and control characters. */
static void take_raw(struct talk_person *person, struct chat_text raw)
{
    size_t room = talk_clean_room(raw) + 1;
    char *clean = malloc(room);

    if (!clean) {
        talk_give_up(person);
        return;
    }
    talk_take_line(person, (struct chat_text){clean, talk_clean(raw, clean)});
    discard(clean, room);
}

/* The common case: text without its end that needs no change. */
static bool take_as_it_is(struct talk_person *person, const struct pl_line *line)
{
    struct chat_text text = {line->text, line->length};

    if (person->telnet.state != 0 || person->pending || !talk_is_clean(text))
        return false;
    talk_take_line(person, text);
    return true;
}

/* Puts what is text of LINE behind what is pending. Returns false without memory. */
static bool gather(struct talk_person *person, const struct pl_line *line)
{
    char *text = malloc(person->pending_length + line->size + 1);

    if (!text)
        return false;
    if (person->pending)
        memcpy(text, person->pending, person->pending_length);
    discard(person->pending, person->pending_length);
    person->pending = text;
    person->pending_length +=
        telnet_strip(&person->telnet, line->text, line->size, text + person->pending_length);
    return true;
}

/* The end of the line was text itself, or it was the end of all input. */
static bool is_complete(const struct talk_person *person, const struct pl_line *line)
{
    if (line->size == line->length)
        return true;
    return person->pending_length > 0 && person->pending[person->pending_length - 1] == '\n';
}

void talk_input(struct talk_person *person, const struct pl_line *line)
{
    struct chat_text raw;
    char *gathered;

    if (take_as_it_is(person, line))
        return;
    if (!gather(person, line)) {
        talk_give_up(person);
        return;
    }
    if (!is_complete(person, line)) {
        if (person->pending_length <= PENDING_MAX)
            return;
        talk_input_reset(person);
        talk_reply(person, "That line is too long; it was not sent.");
        return;
    }
    gathered = person->pending;
    raw = (struct chat_text){gathered, person->pending_length};
    person->pending = NULL;
    person->pending_length = 0;
    take_raw(person, raw);
    discard(gathered, raw.length);
}
