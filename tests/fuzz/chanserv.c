/* SPDX-License-Identifier: MIT */
/*
 * Lines that are said to ChanServ, by people who have accounts: whatever they are, they are answered, in
 * lines that are clean, and what is registered stays as it may be.
 *
 * An input is a script of lines, each ended by LF: who (the lower two bits of the first byte), and what
 * they say. There is one room, which is the first one's, and everybody is there. What no face would hand
 * on, control characters and what is not UTF-8, is left out.
 */
#include "config.h"

#include "account/chanserv.h"
#include "base/utf8.h"
#include "chat/registration_inside.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/fake_session.h"

#include <stdint.h>
#include <stdlib.h>

#define PEOPLE 4
#define ACCESS 3
#define MASKS  4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[PEOPLE] = {"al", "bo", "cy", "di"};

static struct accounts accounts;
static struct chat_world *world;
static struct chat_session sessions[PEOPLE];

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int variant(const struct chat_session *session, const struct chat_event *event)
{
    (void)session;
    (void)event;
    return 0;
}

static int render(const struct chat_event *event, int which, struct pl_message **message)
{
    (void)event;
    (void)which;
    return pl_message_new("told\n", 5, message);
}

static const struct chat_face face = {.name = "fuzz", .variant = variant, .render = render};

static void come(int number)
{
    const struct chat_identity identity = {.nick = chat_text(names[number]),
                                           .account = chat_text(names[number])};

    chat_session_init(&sessions[number], fake_new(NULL), &face);
    must(chat_user_enter(world, &sessions[number], &identity) == 0);
    must(chat_channel_join(world, &sessions[number], chat_text("#room")) == 0);
}

/* The room is the first one's, as nothing can be registered without a store. */
static void give_room(void)
{
    struct chat_channel *channel = chat_find_name(world, chat_text("#room"));
    struct chat_registration *registration =
        chat_registration_new(world, 1, chat_text(names[0]), 1);

    must(channel && registration);
    chat_registration_attach(registration, channel);
}

static void check_texts(const struct chat_registration *registration)
{
    must(registration->founder && registration->founder->length <= CHAT_NAME_MAX);
    must(chat_string_text(registration->about).length <= CHAT_ABOUT_MAX);
    must(chat_string_text(registration->url).length <= CHAT_ABOUT_MAX);
}

/* What always holds. */
static void check(void)
{
    const struct chat_channel *channel = chat_find_name(world, chat_text("#room"));
    const struct chat_registration *registration = channel ? channel->registration : NULL;
    size_t count = 0;

    if (!registration) /* nobody can drop it without a store */
        abort();
    must((registration->locked_on & registration->locked_off) == 0);
    must((registration->locked_on | registration->locked_off) < 1u << CHAT_MODE_BAN);
    must(!((registration->locked_on | registration->locked_off) &
           chat_mode_flag(CHAT_MODE_PERMANENT)));
    pli_list_for_each (link, &registration->access) {
        const struct chat_access *access = pli_container_of(link, struct chat_access, link);

        must(access->level > 0 && access->level < CHAT_OWNER);
        must((access->level & (access->level - 1)) == 0);
        must(chat_access_find(registration, chat_string_text(access->account)) == access);
        count++;
    }
    must(count == registration->access_count && count <= ACCESS);
    must(!(channel->flags & chat_mode_flag(CHAT_MODE_PERMANENT)));
    check_texts(registration);
}

/* Each line is text, and none is empty. */
static void check_answer(const char *lines)
{
    size_t length = lines ? strlen(lines) : 0;

    must(length > 0 && lines[length - 1] == '\n' && pli_utf8_is_valid(lines, length));
    for (size_t i = 0; i < length; i++)
        must(lines[i] == '\n' ? i > 0 && lines[i - 1] != '\n' : (unsigned char)lines[i] >= ' ');
}

static void say(int person, const char *line)
{
    const struct chanserv_request request = {
        .accounts = &accounts, .world = world, .session = &sessions[person], .line = line};
    struct chanserv_answer answer;

    must(chanserv_run(&request, &answer) == 0);
    check_answer(answer.lines);
    if (answer.changed)
        must(chanserv_settle(&accounts, &answer) == 0);
    check_answer(answer.lines);
    chanserv_answer_deinit(&answer);
    check();
}

static void step(const char *text, size_t length)
{
    char line[512];
    size_t used = 0;

    for (size_t i = 1; i < length && used < sizeof line - 1; i++)
        if ((unsigned char)text[i] >= ' ' && text[i] != 127)
            line[used++] = text[i];
    line[used] = '\0';
    if (pli_utf8_is_valid(line, used))
        say((unsigned char)text[0] % PEOPLE, line);
}

static void run(const char *script, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(script, '\n', size);
        size_t length = newline ? (size_t)(newline - script) : size;

        if (length > 0)
            step(script, length);
        length += newline ? 1 : 0;
        script += length;
        size -= length;
    }
}

static void begin(void)
{
    static const struct chat_settings limits = {.nick_length = 9,
                                                .channel_length = 12,
                                                .topic_length = 30,
                                                .channels_per_user = 3,
                                                .masks_per_list = MASKS,
                                                .accounts = true,
                                                .channel_registration = true,
                                                .channels_per_account = 1,
                                                .access_per_channel = ACCESS};

    must(fake_accounts_init(&accounts) == 0);
    must(chat_world_new(&limits, 1, &world) == 0);
    must(chat_service_add(world, CHANSERV_NAME, "s", "h", "r") == 0);
    for (int i = 0; i < PEOPLE; i++)
        come(i);
    give_room();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    run((const char *)data, size);
    for (int i = 0; i < PEOPLE; i++) {
        must(chat_quit(world, &sessions[i], CHAT_NO_TEXT) == 0);
        fake_free(sessions[i].session);
    }
    chat_world_free(world);
    fake_accounts_deinit(&accounts);
    return 0;
}
