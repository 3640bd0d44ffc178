/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/talk_people.h"

#include "tests/lib/fake_session.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

struct chat_world *talk_world;
struct talk *talk;

const struct talk_settings talk_test_settings = {
    .network = "Testnet",
    .motd = "",
    .lobby = "#lobby",
    .registration_timeout = 60,
};

void talk_begin(void)
{
    static const struct chat_settings limits = {
        .nick_length = 9, .channel_length = 12, .topic_length = 300, .channels_per_user = 3};

    CU_ASSERT_EQUAL_FATAL(chat_world_new(&limits, 1, &talk_world), 0);
    CU_ASSERT_EQUAL_FATAL(talk_new(talk_world, &talk_test_settings, &talk), 0);
}

void talk_end(void)
{
    talk_free(talk);
    chat_world_free(talk_world);
}

void talker_connect(struct talker *talker)
{
    talker->session = fake_new(talk);
    talker->open = talk_service.open(talker->session, talk) == 0;
    CU_ASSERT_FATAL(talker->open);
}

void talker_come(struct talker *talker, const char *nick)
{
    talker_connect(talker);
    talker_types(talker, nick);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(talker_reads(talker), "you have joined"));
}

void talker_sends(struct talker *talker, const char *bytes, size_t size, size_t end)
{
    struct pl_line line = {.text = bytes, .length = size - end, .size = size};

    if (!fake_ended(talker->session))
        talk_service.line(talker->session, &line);
}

void talker_types(struct talker *talker, const char *line)
{
    size_t length = strlen(line);
    char *bytes = malloc(length + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    memcpy(bytes, line, length);
    bytes[length] = '\n';
    talker_sends(talker, bytes, length + 1, 1);
    free(bytes);
}

static bool is_time(const char *text)
{
    static const char form[] = "[00:00] ";

    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

const char *talker_reads(struct talker *talker)
{
    static char *seen;
    size_t length;
    const char *text = fake_take(talker->session, &length);
    char *out;

    CU_ASSERT_EQUAL(strlen(text), length);
    free(seen);
    seen = out = malloc(length + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    for (const char *at = text; *at; at++) {
        if (is_time(at) && (at == text || at[-1] == '\n')) {
            memcpy(out, "[HH:MM] ", 8);
            out += 8;
            at += 7;
        } else if (at[0] == '\r' && at[1] == '\n') {
            *out++ = '\n';
            at++;
        } else {
            CU_ASSERT_FATAL(*at != '\n' && *at != '\r');
            *out++ = *at;
        }
    }
    *out = '\0';
    return seen;
}

void talker_sees(unsigned line, struct talker *talker, const char *text)
{
    const char *seen = talker_reads(talker);

    if (strcmp(seen, text) == 0)
        return;
    printf("\nline %u: expected:\n%s    seen:\n%s", line, text, seen);
    CU_FAIL_FATAL("somebody was not shown what was expected");
}

void talker_ends(struct talker *talker, enum pl_reason reason, bool farewell)
{
    if (farewell)
        talk_service.farewell(talker->session, reason);
    talk_service.close(talker->session, reason);
    CU_ASSERT_PTR_NULL(pl_session_data(talker->session));
    talker->open = false;
}

void talker_goes(struct talker *talker)
{
    if (talker->open)
        talker_ends(talker, PL_REASON_EOF, false);
    fake_free(talker->session);
}
