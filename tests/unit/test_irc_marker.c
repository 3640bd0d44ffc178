/* SPDX-License-Identifier: MIT */
/*
 * Read markers between the sessions of one user, which nothing makes several of yet, and the times
 * that they are told in. Sessions are fake ones, all else is real.
 */
#include "config.h"

#include "irc/client.h"
#include "irc/irc.h"
#include "irc/markread.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"

#include <stdio.h>

static const struct chat_settings limits = {
    .nick_length = 32, .channel_length = 64, .topic_length = 300};
static const struct irc_settings settings = {.server = "test.example",
                                             .network = "Test",
                                             .description = "",
                                             .contact = "",
                                             .icon = "",
                                             .password = "",
                                             .motd = "",
                                             .line = 512};

static struct chat_world *world;
static struct irc *irc;

static void types(struct pl_session *session, const char *text)
{
    struct pl_line line = {.text = text, .length = strlen(text), .size = strlen(text) + 2};

    irc_service.line(session, &line);
}

static struct pl_session *comes(const char *caps)
{
    struct pl_session *session = fake_new(irc);
    char line[300];

    CU_ASSERT_EQUAL_FATAL(irc_service.open(session, irc), 0);
    snprintf(line, sizeof line, "CAP REQ :%s", caps);
    types(session, line);
    types(session, "CAP END");
    return session;
}

static void goes(struct pl_session *session)
{
    irc_service.close(session, PL_REASON_EOF);
    fake_free(session);
}

static void note_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

/* Makes it one more session of somebody's. */
static void attach(struct pl_session *session, struct pl_session *whose)
{
    struct irc_client *client = pl_session_data(session);
    struct irc_client *other = pl_session_data(whose);
    struct chat_id id;

    CU_ASSERT_EQUAL_FATAL(chat_user_look(world, &other->chat, note_id, &id), 0);
    CU_ASSERT_EQUAL_FATAL(chat_user_attach(world, &client->chat, id), 0);
    fake_take(session, NULL);
}

static void all_sessions_of_a_user_are_told(void)
{
    struct chat_cloak_key key = {"key"};
    struct pl_session *one, *two, *three;

    CU_ASSERT_EQUAL_FATAL(chat_world_new(&limits, 1, &world), 0);
    CU_ASSERT_EQUAL_FATAL(irc_new(world, &settings, &key, &irc), 0);
    one = comes("draft/read-marker");
    types(one, "NICK alice");
    types(one, "USER u 0 * :Real");
    two = comes("draft/read-marker");
    three = comes("batch");
    attach(two, one);
    attach(three, one);
    fake_take(one, NULL);
    types(one, "MARKREAD #a timestamp=2019-01-04T14:33:26.123Z");
    CU_ASSERT_STRING_EQUAL(fake_take(two, NULL),
                           ":test.example MARKREAD #a timestamp=2019-01-04T14:33:26.123Z\r\n");
    CU_ASSERT_STRING_EQUAL(fake_take(one, NULL),
                           ":test.example MARKREAD #a timestamp=2019-01-04T14:33:26.123Z\r\n");
    CU_ASSERT_STRING_EQUAL(fake_take(three, NULL), "");
    types(one, "MARKREAD #a timestamp=2018-01-04T14:33:26.123Z");
    CU_ASSERT_STRING_EQUAL(fake_take(two, NULL), "");
    types(one, "JOIN #a");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(fake_take(two, NULL),
               " JOIN #a\r\n:test.example MARKREAD #a timestamp=2019-01-04T14:33:26.123Z\r\n"));
    CU_ASSERT_PTR_NULL(strstr(fake_take(three, NULL), "MARKREAD"));
    goes(three);
    goes(two);
    goes(one);
    irc_free(irc);
    chat_world_free(world);
}

static void times_are_those_that_there_are(void)
{
    uint64_t time;

    CU_ASSERT(irc_time_parse(chat_text("1970-01-01T00:00:00.007Z"), &time));
    CU_ASSERT_EQUAL(time, 7);
    CU_ASSERT(irc_time_parse(chat_text("2000-02-29T23:59:59.999Z"), &time));
    CU_ASSERT_EQUAL(time, UINT64_C(951868799999));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("1900-02-28T23:59:59.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("2001-02-29T23:59:59.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("2001-00-10T23:59:59.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("2001-01-00T23:59:59.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("2001-01-01T23:59:60.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text("2001-01-01 23:59:50.999Z"), &time));
    CU_ASSERT_FALSE(irc_time_parse(chat_text(""), &time));
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(all_sessions_of_a_user_are_told),
        TEST(times_are_those_that_there_are),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_marker", tests);
}
