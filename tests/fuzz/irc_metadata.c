/* SPDX-License-Identifier: MIT */
/*
 * METADATA against a table that is as simple as can be: whatever is set and taken off, LIST tells
 * what the table has, in the order in which it was set first; a bad key or value is refused, and
 * one key too many; and who is subscribed to a key is told of each change of it, and of no other.
 *
 * An input is a row of pairs of bytes: what is done, by the lower two bits, to a key, and a value.
 */
#include "config.h"

#include "irc/irc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/irc_said.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 64 /* of which the last one is no key */
#define MOST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct chat_world *world;
static struct irc *irc;

/* Values are numbers. */
static size_t count;
static struct {
    unsigned key;
    unsigned value;
} table[MOST];
static bool subscribed[KEYS];

static void must(bool holds, const char *otherwise)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", otherwise);
    abort();
}

static void says(struct pl_session *session, const char *text)
{
    struct pl_line line = {.text = text, .length = strlen(text), .size = strlen(text) + 2};

    irc_service.line(session, &line);
    while (fake_again(session))
        irc_service.again(session);
}

static struct pl_session *comes(const char *nick)
{
    struct pl_session *session = fake_new(irc);
    char line[100];

    must(irc_service.open(session, irc) == 0, "no session");
    says(session, "CAP REQ :batch draft/metadata-3");
    snprintf(line, sizeof line, "NICK %s", nick);
    says(session, line);
    says(session, "USER u 0 * :u");
    says(session, "CAP END");
    says(session, "JOIN #r");
    return session;
}

static void goes(struct pl_session *session)
{
    irc_service.close(session, PL_REASON_EOF);
    fake_free(session);
}

/* What a session was sent has as its first line one that begins so, after the source. */
static void expect(struct pl_session *session, const char *beginning)
{
    const char *text = fake_take(session, NULL);
    const char *space = strchr(text, ' ');

    must(space && strncmp(space + 1, beginning, strlen(beginning)) == 0, "another answer");
}

static size_t find(unsigned key)
{
    size_t i = 0;

    while (i < count && table[i].key != key)
        i++;
    return i;
}

/* What others are told of a change, or of none. */
static void check_told(struct pl_session *other, bool changes, unsigned key)
{
    size_t length;
    const char *text = fake_take(other, &length);
    char word[20];

    snprintf(word, sizeof word, " al k%u ", key);
    if (changes && subscribed[key])
        must(strstr(text, word) && strchr(text, '\n') == text + length - 1, "not told");
    else
        must(length == 0, "told of what one is not subscribed to");
}

static void set(struct pl_session *session, struct pl_session *other, unsigned key, unsigned value)
{
    size_t at = find(key);
    bool changes = at == count || table[at].value != value;
    char line[100];

    snprintf(line, sizeof line, "METADATA * SET %c%u %u", key == KEYS - 1 ? 'K' : 'k', key, value);
    says(session, line);
    if (key == KEYS - 1 || (at == count && count == MOST)) {
        expect(session, key == KEYS - 1 ? "FAIL METADATA INVALID_KEY K63 "
                                        : "FAIL METADATA LIMIT_REACHED SET * 32 ");
        check_told(other, false, key);
        return;
    }
    expect(session, "761 al * k");
    check_told(other, changes, key);
    count += at == count ? 1 : 0;
    table[at].key = key;
    table[at].value = value;
}

static void take_off(struct pl_session *session, struct pl_session *other, unsigned key)
{
    size_t at = find(key);
    char line[100];

    snprintf(line, sizeof line, "METADATA * SET k%u", key);
    says(session, line);
    expect(session, "766 al * k");
    check_told(other, at < count, key);
    if (at == count)
        return;
    count--;
    memmove(&table[at], &table[at + 1], (count - at) * sizeof table[0]);
}

static void turn(struct pl_session *other, unsigned key)
{
    char line[100];

    if (key == KEYS - 1)
        return;
    snprintf(line, sizeof line, "METADATA * %s k%u", subscribed[key] ? "UNSUB" : "SUB", key);
    says(other, line);
    if (!strstr(fake_take(other, NULL), "LIMIT_REACHED"))
        subscribed[key] = !subscribed[key];
}

static void check_list(struct pl_session *session)
{
    const char *text;
    char line[100];

    says(session, "METADATA al LIST");
    text = fake_take(session, NULL);
    must(strncmp(text, ":fuzz.example BATCH +2 metadata al\r\n", 36) == 0, "no batch");
    text += 36;
    for (size_t i = 0; i < count; i++) {
        snprintf(line, sizeof line, "@batch=2 :fuzz.example 761 al al k%u * :%u\r\n", table[i].key,
                 table[i].value);
        must(strncmp(text, line, strlen(line)) == 0, "another value");
        text += strlen(line);
    }
    must(strcmp(text, ":fuzz.example BATCH -2\r\n") == 0, "more values");
}

static void run(const uint8_t *data, size_t size)
{
    struct pl_session *session = comes("al");
    struct pl_session *other = comes("bo");

    fake_take(session, NULL);
    fake_take(other, NULL);
    for (; size >= 2; data += 2, size -= 2) {
        unsigned key = data[0] >> 2;

        switch (data[0] & 3) {
        case 0:
        case 1:
            set(session, other, key, data[1]);
            break;
        case 2:
            if (key < KEYS - 1)
                take_off(session, other, key);
            break;
        default:
            turn(other, key);
            break;
        }
    }
    check_list(session);
    goes(other);
    goes(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct chat_settings limits = {
        .nick_length = 9, .channel_length = 12, .topic_length = 390};
    static const struct irc_settings irc_settings = {.server = "fuzz.example",
                                                     .network = "Fuzz",
                                                     .description = "",
                                                     .contact = "",
                                                     .icon = "",
                                                     .password = "",
                                                     .motd = "",
                                                     .line = 512};
    static const struct chat_cloak_key key = {"the same key in every run"};

    count = 0;
    memset(subscribed, 0, sizeof subscribed);
    must(setlocale(LC_CTYPE, "C.UTF-8") && chat_world_new(&limits, 1, &world) == 0 &&
             irc_new(world, &irc_settings, &key, &irc) == 0,
         "nothing can be tried");
    run(data, size);
    irc_free(irc);
    chat_world_free(world);
    return 0;
}
