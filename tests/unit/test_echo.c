/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "echo/echo.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

static struct pl_session *session;

static void expect(const char *bytes, size_t size)
{
    size_t length;
    const char *text = fake_take(session, &length);

    CU_ASSERT_EQUAL_FATAL(length, size);
    CU_ASSERT(memcmp(text, bytes, size) == 0);
}

#define EXPECT_TEXT(text) expect(text, sizeof(text) - 1)

/* END bytes of a literal are its line end. */
#define COMES_BACK(bytes, end)                                                                     \
    do {                                                                                           \
        struct pl_line line = {bytes, sizeof(bytes) - 1 - (end), sizeof(bytes) - 1};               \
        echo_service.line(session, &line);                                                         \
        expect(bytes, sizeof(bytes) - 1);                                                          \
    } while (0)

static void a_line_comes_back_as_it_was_sent(void)
{
    session = fake_new(NULL);
    COMES_BACK("hello\n", 1);
    COMES_BACK("hello\r\n", 2);
    COMES_BACK("\n", 1);
    COMES_BACK("a\0b\xFF\033\r\r\n", 2);
    COMES_BACK("without end", 0);
    CU_ASSERT_EQUAL(fake_ended(session), 0);
    CU_ASSERT_EQUAL(echo_service.flags, 0);
    fake_free(session);
}

static void too_long_a_line_is_answered_with_an_error(void)
{
    const struct pl_line head = {"xxx", 3, 3};

    session = fake_new(NULL);
    echo_service.fault(session, PL_FAULT_TOO_LONG, &head);
    EXPECT_TEXT("ERROR line too long\r\n");
    CU_ASSERT_EQUAL(fake_ended(session), 0);
    COMES_BACK("short\n", 1);
    fake_free(session);
}

static void an_end_has_a_reason_unless_it_is_that_of_the_input(void)
{
    session = fake_new(NULL);
    echo_service.farewell(session, PL_REASON_STOPPING);
    EXPECT_TEXT("ERROR reason: stopping\r\n");
    echo_service.farewell(session, PL_REASON_EOF);
    EXPECT_TEXT("");
    fake_free(session);
}

static void who_is_turned_away_is_told_why(void)
{
    char text[40];

    CU_ASSERT_EQUAL(echo_service.refuse(PL_REASON_STOPPING, text, sizeof text, NULL), 24);
    CU_ASSERT(memcmp(text, "ERROR reason: stopping\r\n", 24) == 0);
    CU_ASSERT_EQUAL(echo_service.refuse(PL_REASON_STOPPING, text, 24, NULL), 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a line comes back as it was sent", a_line_comes_back_as_it_was_sent},
        {"too long a line is answered with an error", too_long_a_line_is_answered_with_an_error},
        {"an end has a reason unless it is that of the input",
         an_end_has_a_reason_unless_it_is_that_of_the_input},
        {"who is turned away is told why", who_is_turned_away_is_told_why},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "echo", tests);
}
