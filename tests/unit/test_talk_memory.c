/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of a talk with all commands fails once. Whoever it hits may be ended; the others
 * and the server go on, and nothing leaks (under a sanitizer that looks).
 */
#include "config.h"

#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct talker alice, bob;

static bool fail_nth_of_line(const char *bytes, size_t size, long n)
{
    bool fired;

    talk_begin();
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    talker_reads(&bob);
    failmalloc_after(n);
    talker_sends(&alice, bytes, size, 1);
    failmalloc_off();
    fired = failmalloc_fired();
    if (fake_ended(alice.session))
        talker_ends(&alice, PL_REASON_NO_MEMORY, true);
    if (fake_ended(bob.session))
        talker_ends(&bob, PL_REASON_NO_MEMORY, true);
    talker_goes(&alice);
    talker_goes(&bob);
    talk_end();
    return fired;
}

/* Runs what a line does with each allocation failing, and returns how many there are. */
static long fail_line(const char *bytes, size_t size)
{
    long n = 1;

    while (fail_nth_of_line(bytes, size, n))
        n++;
    return n - 1;
}

static void every_command_survives(void)
{
    static const struct {
        const char *line;
        long least;
    } lines[] = {
        {"hello\n", 2},          {"/me waves\n", 2},   {"/msg bob hi\n", 3}, {"/join #new\n", 5},
        {"/join #lobby\n", 3},   {"/leave\n", 3},      {"/who\n", 3},        {"/rooms\n", 3},
        {"/topic\n", 3},         {"/topic cats\n", 4}, {"/topic -\n", 3},    {"/nick zoe\n", 4},
        {"/nick bob\n", 3},      {"/help\n", 3},       {"/quit\n", 3},       {"/what\n", 3},
        {"\xFF\xFB\x01hi\n", 4}, {"\xC3\n", 4},
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        long count = fail_line(lines[i].line, strlen(lines[i].line));

        if (count < lines[i].least)
            printf("\n%s: %ld allocations\n", lines[i].line, count);
        CU_ASSERT(count >= lines[i].least);
    }
}

static bool fail_nth_of_coming(long n)
{
    struct talker nobody = {.open = false};
    bool fired;
    int rc;

    talk_begin();
    talker_come(&bob, "bob");
    nobody.session = fake_new(talk);
    failmalloc_after(n);
    rc = talk_service.open(nobody.session, talk);
    nobody.open = rc == 0;
    if (nobody.open)
        talker_sends(&nobody, "alice\n", 6, 1);
    failmalloc_off();
    fired = failmalloc_fired();
    CU_ASSERT(rc == 0 || (rc == -ENOMEM && fired));
    CU_ASSERT(!fake_ended(bob.session) || fired);
    if (nobody.open)
        talker_ends(&nobody, fired ? PL_REASON_NO_MEMORY : PL_REASON_EOF, fired);
    talker_goes(&nobody);
    talker_goes(&bob);
    talk_end();
    return fired;
}

static void coming_survives(void)
{
    long n = 1;

    while (fail_nth_of_coming(n))
        n++;
    CU_ASSERT(n > 15);
}

static void who_is_without_memory_quits_for_that_reason(void)
{
    talk_begin();
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    talker_reads(&alice);
    failmalloc_after(1);
    talker_sends(&alice, "hello\n", 6, 1); /* the rendering for bob */
    failmalloc_off();
    CU_ASSERT(failmalloc_fired());
    CU_ASSERT_EQUAL(fake_ended(bob.session), -ENOTCONN);
    CU_ASSERT_EQUAL(fake_ended(alice.session), 0);
    talker_ends(&bob, PL_REASON_CLOSED, false);
    TALKER_SEES(&alice, "[HH:MM] * bob has quit (out of memory)\n");
    talker_goes(&alice);
    talker_goes(&bob);
    talk_end();
}

static void settings_that_cannot_be_copied_leave_the_old_ones(void)
{
    struct talk_settings settings = talk_test_settings;
    struct talk *none = NULL;

    talk_begin();
    settings.network = "Elsewhere";
    failmalloc_after(1);
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), -ENOMEM);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(talk_new(talk_world, &settings, &none), -ENOMEM);
    failmalloc_after(2);
    CU_ASSERT_EQUAL(talk_new(talk_world, &settings, &none), -ENOMEM);
    failmalloc_off();
    talker_connect(&alice);
    TALKER_SEES(&alice, "Welcome to Testnet.\nWhat is your nickname?\n");
    talker_goes(&alice);
    talk_end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"every command survives", every_command_survives},
        {"coming survives", coming_survives},
        {"who is without memory quits for that reason",
         who_is_without_memory_quits_for_that_reason},
        {"settings that cannot be copied leave the old ones",
         settings_that_cannot_be_copied_leave_the_old_ones},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk without memory", tests);
}
