/* SPDX-License-Identifier: MIT */
/* Slow mode, and rates of lines, repetitions and nicknames. */
#include "config.h"

#include "chat/pace.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>

#define SECOND UINT64_C(1000000000)

/* -- Values ----------------------------------------------------------------------------------- */

static const char *parsed(enum chat_mode mode, const char *text)
{
    static char out[CHAT_RATE_TEXT + 1];
    char made[CHAT_RATE_TEXT];
    struct chat_rate rate;
    struct chat_text said;

    if (!chat_rate_parse(mode, chat_text(text), &rate))
        return "none";
    said = chat_rate_text(mode, &rate, made);
    snprintf(out, sizeof out, "%.*s", (int)said.length, said.data);
    return out;
}

static void a_rate_is_read_as_it_is_written(void)
{
    static const char *const good[] = {"5:10", "*5:10", "~5:10", "9999:99999", "1:1"};
    static const char *const bad[] = {"",         "5",    "5:",    ":5",    "0:5",  "5:0",
                                      "05:1",     "5:01", "**5:1", "~*5:1", "5:1 ", "10000:1",
                                      "1:100000", "-1:5", "5:1:",  "*",     "5;1",  "+5:1"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_LINES, good[i]), good[i]);
        CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_REPEATS, good[i]), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_LINES, bad[i]), "none");
        CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_NICKS, bad[i]), "none");
        CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_SLOW, bad[i]), i == 1 ? "5" : "none");
    }
    CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_NICKS, "3:60"), "3:60");
    CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_NICKS, "*3:60"), "none");
    CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_SLOW, "99999"), "99999");
    CU_ASSERT_STRING_EQUAL(parsed(CHAT_MODE_SLOW, "3:60"), "none");
}

/* -- Counting --------------------------------------------------------------------------------- */

static struct chat_pace *pace;

static void set(enum chat_mode mode, const char *text)
{
    struct chat_rate rate = {0};

    if (text)
        CU_ASSERT_FATAL(chat_rate_parse(mode, chat_text(text), &rate));
    CU_ASSERT_EQUAL_FATAL(chat_pace_set(&pace, mode, &rate), 0);
}

static int take(unsigned user, const char *text, uint64_t now, uint64_t wait)
{
    struct chat_spoken line = {{user + 1, 7}, chat_text(text), now, 0};
    struct chat_verdict_on_line verdict = chat_pace_take(pace, &line);

    CU_ASSERT_EQUAL(verdict.wait, wait);
    return verdict.outcome;
}

static void nothing_is_kept_without_a_rate(void)
{
    set(CHAT_MODE_SLOW, NULL);
    CU_ASSERT_PTR_NULL(pace);
    set(CHAT_MODE_SLOW, "5");
    set(CHAT_MODE_NICKS, "5:5");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pace);
    set(CHAT_MODE_SLOW, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pace);
    set(CHAT_MODE_NICKS, NULL);
    CU_ASSERT_PTR_NULL(pace);
}

static void in_slow_mode_one_waits_after_each_line(void)
{
    uint64_t now = 100 * SECOND;

    set(CHAT_MODE_SLOW, "10");
    CU_ASSERT_EQUAL(take(0, "a", now, 0), 0);
    CU_ASSERT_EQUAL(take(0, "b", now + 1, 10 * SECOND - 1), CHAT_TOO_SOON);
    CU_ASSERT_EQUAL(take(1, "b", now + 1, 0), 0);
    CU_ASSERT_EQUAL(take(0, "b", now + 9 * SECOND, SECOND), CHAT_TOO_SOON);
    CU_ASSERT_EQUAL(take(0, "b", now + 10 * SECOND, 0), 0);
    CU_ASSERT_EQUAL(take(0, "b", now + 10 * SECOND, 10 * SECOND), CHAT_TOO_SOON);
    set(CHAT_MODE_SLOW, NULL);
}

static void so_many_lines_may_be_said_in_so_many_seconds(void)
{
    uint64_t now = 100 * SECOND;

    set(CHAT_MODE_LINES, "3:10");
    CU_ASSERT_EQUAL(take(0, "a", now, 0), 0);
    CU_ASSERT_EQUAL(take(0, "b", now + 1, 0), 0);
    CU_ASSERT_EQUAL(take(0, "c", now + 2, 0), 0);
    CU_ASSERT_EQUAL(take(0, "d", now + 3, 10 * SECOND - 3), CHAT_TOO_MANY_LINES);
    CU_ASSERT_EQUAL(take(1, "d", now + 3, 0), 0);
    CU_ASSERT_EQUAL(take(0, "e", now + 10 * SECOND, 0), 0);
    chat_pace_forgive(pace, (struct chat_id){1, 7});
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(take(0, "f", now + 11 * SECOND, 0), 0);
    CU_ASSERT_EQUAL(take(0, "f", now + 11 * SECOND, 10 * SECOND), CHAT_TOO_MANY_LINES);
    set(CHAT_MODE_LINES, NULL);
}

static void the_same_may_be_said_so_often(void)
{
    uint64_t now = 100 * SECOND;

    set(CHAT_MODE_REPEATS, "2:10");
    CU_ASSERT_EQUAL(take(0, "buy this", now, 0), 0);
    CU_ASSERT_EQUAL(take(0, "other", now + 1, 0), 0);
    CU_ASSERT_EQUAL(take(0, "BUY  th is", now + 2, 0), 0);
    CU_ASSERT_EQUAL(take(0, "more", now + 3, 0), 0);
    CU_ASSERT_EQUAL(take(0, "buy this", now + 4, 10 * SECOND - 4), CHAT_REPEATED);
    CU_ASSERT_EQUAL(take(1, "buy this", now + 4, 0), 0);
    CU_ASSERT_EQUAL(take(0, "buy that", now + 4, 0), 0);
    CU_ASSERT_EQUAL(take(0, "buy this", now + 10 * SECOND, 0), 0);
    set(CHAT_MODE_REPEATS, NULL);
}

static void new_nicknames_are_counted_together(void)
{
    uint64_t now = 100 * SECOND;

    set(CHAT_MODE_NICKS, "2:10");
    CU_ASSERT_FALSE(chat_pace_holds_nicks(pace, now));
    chat_pace_count_nick(pace, now);
    CU_ASSERT_FALSE(chat_pace_holds_nicks(pace, now + 1));
    chat_pace_count_nick(pace, now + 1);
    CU_ASSERT_TRUE(chat_pace_holds_nicks(pace, now + 2));
    CU_ASSERT_FALSE(chat_pace_holds_nicks(pace, now + 10 * SECOND));
    set(CHAT_MODE_LINES, "2:10");
    CU_ASSERT_FALSE(chat_pace_holds_nicks(pace, now + 2));
    set(CHAT_MODE_LINES, NULL);
    set(CHAT_MODE_NICKS, NULL);
}

/* As many as there is room for are all known; of more, those who spoke last. */
static void many_speakers_are_kept_and_the_oldest_forgotten(void)
{
    uint64_t now = 100 * SECOND;
    unsigned known = 0;

    set(CHAT_MODE_SLOW, "1000");
    for (unsigned i = 0; i < 10 * CHAT_SPEAKERS_MAX; i++)
        CU_ASSERT_EQUAL(take(i, "a", now + i, 0), 0);
    CU_ASSERT(pace->rows * 8 <= CHAT_SPEAKERS_MAX);
    for (unsigned i = 0; i < 10 * CHAT_SPEAKERS_MAX; i++) {
        struct chat_spoken line = {{i + 1, 7}, chat_text("a"), now + 10 * CHAT_SPEAKERS_MAX, 0};

        known += chat_pace_take(pace, &line).outcome == CHAT_TOO_SOON;
    }
    CU_ASSERT(known <= CHAT_SPEAKERS_MAX);
    set(CHAT_MODE_SLOW, NULL);
    set(CHAT_MODE_SLOW, "1");
    for (unsigned i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL(take(i, "a", now + i * SECOND, 0), 0);
        CU_ASSERT_EQUAL(take(i, "a", now + i * SECOND, SECOND), CHAT_TOO_SOON);
    }
    CU_ASSERT_EQUAL(pace->rows, 1); /* nobody mattered any more when the next one came */
    set(CHAT_MODE_SLOW, NULL);
}

/* -- The world -------------------------------------------------------------------------------- */

static struct chat_world *world;
static struct person alice, bob, carol;

/* alice, who has made #a, and bob are there; carol is nowhere. */
static void begin(void)
{
    world = people_world();
    chat_world_put_name(world, "irc.test");
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

static void change(const char *mode, const char *argument)
{
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", mode, argument), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static int say(struct person *person, const char *text, unsigned *wait)
{
    struct chat_words words = {
        .kind = CHAT_MESSAGE, .target = chat_text("#a"), .text = chat_text(text), .wait = wait};

    return chat_speak(world, &person->chat, &words);
}

static void who_has_a_prefix_is_exempt(void)
{
    unsigned wait = 0;

    begin();
    change("+W", "100");
    CU_ASSERT_EQUAL(say(&bob, "1", NULL), 0);
    CU_ASSERT_EQUAL(say(&bob, "2", &wait), CHAT_TOO_SOON);
    CU_ASSERT(wait >= 99 && wait <= 100);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(say(&alice, "x", NULL), 0);
    change("+v", "bob");
    CU_ASSERT_EQUAL(say(&bob, "3", NULL), 0);
    change("-v", "bob");
    CU_ASSERT_EQUAL(say(&bob, "4", NULL), CHAT_TOO_SOON);
    change("-W", NULL);
    CU_ASSERT_EQUAL(say(&bob, "4", NULL), 0);
    end();
}

static void leaving_and_coming_back_gains_nothing_nor_does_staying_outside(void)
{
    begin();
    change("+W", "100");
    change("-n", NULL);
    CU_ASSERT_EQUAL(say(&bob, "1", NULL), 0);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(say(&bob, "2", NULL), CHAT_TOO_SOON);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(say(&bob, "2", NULL), CHAT_TOO_SOON);
    CU_ASSERT_EQUAL(say(&carol, "1", NULL), 0);
    CU_ASSERT_EQUAL(say(&carol, "2", NULL), CHAT_TOO_SOON);
    end();
}

static void who_says_too_much_is_kicked_by_the_server(void)
{
    begin();
    change("+L", "2:100");
    CU_ASSERT_EQUAL(say(&bob, "1", NULL), 0);
    CU_ASSERT_EQUAL(say(&bob, "2", NULL), 0);
    fake_take(alice.session, NULL);
    CU_ASSERT_EQUAL(say(&bob, "3", NULL), CHAT_TAKEN_OUT);
    PERSON_HEARS(&alice, "KICK irc.test #a bob Too many lines (+L 2:100)\n");
    PERSON_HEARS(&bob, "KICK irc.test #a bob Too many lines (+L 2:100)\n");
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(say(&bob, "1", NULL), 0);
    end();
}

static void with_a_star_the_host_is_banned_first(void)
{
    begin();
    change("+E", "*1:100");
    CU_ASSERT_EQUAL(say(&bob, "x", NULL), 0);
    fake_take(alice.session, NULL);
    CU_ASSERT_EQUAL(say(&bob, "X", NULL), CHAT_TAKEN_OUT);
    PERSON_HEARS(&alice, "MODE irc.test #a +b *!*@unknown\n"
                         "KICK irc.test #a bob Said too often (+E *1:100)\n");
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), CHAT_BANNED);
    end();
}

static void with_a_tilde_it_is_only_refused_and_tags_are_not_counted(void)
{
    struct chat_words tags = {
        .kind = CHAT_TAGS, .target = chat_text("#a"), .tags = chat_text("+typing=active")};
    unsigned wait = 0;

    begin();
    change("+L", "~1:100");
    CU_ASSERT_EQUAL(say(&bob, "1", NULL), 0);
    CU_ASSERT_EQUAL(say(&bob, "2", &wait), CHAT_TOO_MANY_LINES);
    CU_ASSERT(wait >= 99 && wait <= 100);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(chat_speak(world, &bob.chat, &tags), 0);
    end();
}

static void after_too_many_new_nicknames_members_keep_theirs(void)
{
    begin();
    change("+F", "2:100");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "b1"), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "a1"), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "b2"), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "b3"), CHAT_TOO_MANY_NICKS);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "c1"), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "alice"), 0);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "b3"), 0);
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(a_rate_is_read_as_it_is_written),
        TEST(nothing_is_kept_without_a_rate),
        TEST(in_slow_mode_one_waits_after_each_line),
        TEST(so_many_lines_may_be_said_in_so_many_seconds),
        TEST(the_same_may_be_said_so_often),
        TEST(new_nicknames_are_counted_together),
        TEST(many_speakers_are_kept_and_the_oldest_forgotten),
        TEST(who_has_a_prefix_is_exempt),
        TEST(leaving_and_coming_back_gains_nothing_nor_does_staying_outside),
        TEST(who_says_too_much_is_kicked_by_the_server),
        TEST(with_a_star_the_host_is_banned_first),
        TEST(with_a_tilde_it_is_only_refused_and_tags_are_not_counted),
        TEST(after_too_many_new_nicknames_members_keep_theirs),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat_pace", tests);
}
