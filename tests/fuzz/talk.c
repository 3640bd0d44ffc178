/* SPDX-License-Identifier: MIT */
/*
 * What people send to talk: whatever it is, all that anybody is shown are whole lines of UTF-8
 * without control characters, and when all have gone the world is empty.
 *
 * An input is a script of lines, each ended by LF. Its first byte says what happens: the lower two
 * bits to whom, the upper four what: D time is up for giving a nickname, E the connection ends and
 * another one begins, F a line was too long, anything else the rest of the line comes in. What a helper
 * has to do for somebody is done before their next line, or when they have gone. So
 *
 *     0alice
 *     1bob
 *     0hello
 *
 * are alice and bob, to whom alice says hello.
 */
#include "config.h"

#include "talk/talk.h"
#include "talk/telnet.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/irc_said.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct chat_world *world;
static struct talk *talk;
static struct accounts accounts;
static struct pl_session *people[PEOPLE];

static void must(int holds)
{
    if (!holds)
        abort();
}

/* What is said to telnet clients is no text. */
static void leave_negotiations_out(char *text, size_t *length)
{
    size_t used = 0;

    for (size_t i = 0; i < *length; i++) {
        if (*length - i >= TELNET_NEGOTIATION &&
            (memcmp(text + i, TELNET_WILL_ECHO, TELNET_NEGOTIATION) == 0 ||
             memcmp(text + i, TELNET_WONT_ECHO, TELNET_NEGOTIATION) == 0))
            i += TELNET_NEGOTIATION - 1;
        else
            text[used++] = text[i];
    }
    *length = used;
}

static void check_output(struct pl_session *session)
{
    size_t length;
    const char *text = fake_take(session, &length);

    leave_negotiations_out((char *)(uintptr_t)text, &length);
    must(text_is_clean(text, length));
    must(length == 0 || (length >= 2 && text[length - 1] == '\n'));
}

static void check_all(void)
{
    for (int i = 0; i < PEOPLE; i++)
        check_output(people[i]);
}

static void begin(int number)
{
    people[number] = fake_new(talk);
    must(talk_service.open(people[number], talk) == 0);
}

static void end(int number, enum pl_reason reason)
{
    if (reason != PL_REASON_CLOSED && !fake_ended(people[number]))
        talk_service.farewell(people[number], reason);
    check_output(people[number]);
    talk_service.close(people[number], reason);
    if (fake_works(people[number]))
        fake_work(people[number], false);
    fake_free(people[number]);
}

static void come_in(int number, const char *bytes, size_t size)
{
    size_t stop = bytes[size - 1] != '\n' ? 0 : size > 1 && bytes[size - 2] == '\r' ? 2 : 1;
    struct pl_line line = {.text = bytes, .length = size - stop, .size = size};

    if (fake_works(people[number]))
        fake_work(people[number], true);
    if (!fake_ended(people[number]))
        talk_service.line(people[number], &line);
}

/* SIZE bytes are a step with its LF, which the last one may lack. */
static void step(const char *bytes, size_t size)
{
    unsigned char what = (unsigned char)bytes[0];
    struct pl_line head = {.text = bytes, .length = size, .size = size};
    int number = what % PEOPLE;

    switch (what >> 4) {
    case 0xD:
        if (!fake_ended(people[number]))
            talk_service.timer(people[number]);
        break;
    case 0xE:
        end(number, (enum pl_reason)(size > 1 ? (unsigned char)bytes[1] % 16 : 0));
        begin(number);
        break;
    case 0xF:
        if (fake_works(people[number]))
            fake_work(people[number], true);
        if (!fake_ended(people[number]))
            talk_service.fault(people[number], PL_FAULT_TOO_LONG, &head);
        break;
    default:
        if (size > 1)
            come_in(number, bytes + 1, size - 1);
        break;
    }
}

static void run(const char *script, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(script, '\n', size);
        size_t length = newline ? (size_t)(newline - script) + 1 : size;

        step(script, length);
        check_all();
        script += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct chat_settings limits = {
        .nick_length = 9, .channel_length = 12, .topic_length = 30, .channels_per_user = 3};
    static const struct talk_settings settings = {.network = "Fuzz",
                                                  .motd = "one\n\033two\n",
                                                  .lobby = "#lobby",
                                                  .registration_timeout = 60,
                                                  .flood_rate = 10,
                                                  .flood_burst = 40};

    must(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    must(chat_world_new(&limits, 1, &world) == 0);
    must(talk_new(world, &settings, &talk) == 0);
    if (!accounts.mechanisms)
        must(fake_accounts_init(&accounts) == 0);
    accounts.plain_text = true;
    talk_set_accounts(talk, &accounts);
    for (int i = 0; i < PEOPLE; i++)
        begin(i);
    run((const char *)data, size);
    for (int i = 0; i < PEOPLE; i++)
        end(i, PL_REASON_EOF);
    talk_free(talk);
    chat_world_free(world);
    return 0;
}
