/* SPDX-License-Identifier: MIT */
/* What is kept of what is said, how it is read and searched, and when it goes. */
#include "config.h"

#include "tests/unit/history_house.h"

#include "base/clock.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct history_house house;

#define EXPECT_TEXT(made, wanted) expect_text(HERE, made, wanted)
static void expect_text(struct place place, char *made, const char *wanted)
{
    if (strcmp(made, wanted) != 0)
        expect_fail(place, "expected: %s\ngot: %s", wanted, made);
    free(made);
}

/* What is not given: of channel 1, 100 lines at most, as somebody without a prefix. */
#define READ(...)   house_read(&house, (struct history_query){__VA_ARGS__})
#define SEARCH(...) house_search(&house, (struct history_search){__VA_ARGS__}, true)

/* -- Reading -------------------------------------------------------------------------------------- */

static void lines_are_read_from_either_end_between_bounds(void)
{
    history_house_begin(&house);
    for (uint64_t id = 10; id <= 50; id += 10)
        house_say(&house, channel_of(1), id, "x");
    house_say(&house, channel_of(2), 60, "elsewhere");
    history_house_settle(&house, false);
    EXPECT_TEXT(READ(.newest = false), "10 x, 20 x, 30 x, 40 x, 50 x");
    EXPECT_TEXT(READ(.newest = true), "50 x, 40 x, 30 x, 20 x, 10 x");
    EXPECT_TEXT(READ(.most = 2), "10 x, 20 x");
    EXPECT_TEXT(READ(.most = 2, .newest = true), "50 x, 40 x");
    EXPECT_TEXT(READ(.after = 20, .before = 50), "30 x, 40 x");
    EXPECT_TEXT(READ(.after = 20, .before = 50, .most = 1, .newest = true), "40 x");
    EXPECT_TEXT(READ(.after = 25, .before = 26), "");
    EXPECT_TEXT(READ(.after = 50), "");
    EXPECT_TEXT(READ(.after = UINT64_MAX), "");
    EXPECT_TEXT(READ(.before = 10), "");
    EXPECT_TEXT(READ(.before = UINT64_MAX, .most = 1), "10 x");
    EXPECT_TEXT(READ(.target = channel_of(2)), "60 elsewhere");
    EXPECT_TEXT(READ(.target = channel_of(3)), "");
    history_house_end(&house);
}

static void events_are_read_by_those_who_want_them(void)
{
    struct history_line event = line_of(channel_of(1), 15, "ann", "joins");

    event.event = true;
    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "a");
    EXPECT_RESULT(history_keep(house.history, &event), 0);
    house_say(&house, channel_of(1), 20, "b");
    history_house_settle(&house, false);
    EXPECT_TEXT(READ(.events = false), "10 a, 20 b");
    EXPECT_TEXT(READ(.events = true), "10 a, 15 joins, 20 b");
    EXPECT_TEXT(READ(.events = true, .newest = true, .most = 2), "20 b, 15 joins");
    history_house_end(&house);
}

static void what_takes_a_prefix_is_read_with_it(void)
{
    const struct history_target one = channel_of(1);
    struct history_line line = line_of(one, 20, "ann", "for operators");

    line.least = 4;
    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "for all");
    EXPECT_RESULT(history_keep(house.history, &line), 0);
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.prefix = 0), "10 for all");
    EXPECT_TEXT(READ(.prefix = 2), "10 for all");
    EXPECT_TEXT(READ(.prefix = 4), "10 for all, 20 for operators");
    EXPECT_TEXT(SEARCH(.words = bytes_of("for")), "10 for all");
    EXPECT_TEXT(SEARCH(.words = bytes_of("for"), .targets = &one, .count = 1,
                       .prefixes = (const unsigned[]){8}),
                "20 for operators, 10 for all");
    history_house_end(&house);
}

struct found {
    char text[200];
};

static int note_conversation(struct history_bytes with, uint64_t latest, void *argument)
{
    struct found *found = argument;
    size_t used = strlen(found->text);

    snprintf(found->text + used, sizeof(found->text) - used, "%.*s %llu;", (int)with.length,
             with.data, (unsigned long long)latest);
    return 0;
}

static void conversations_belong_to_both_accounts(void)
{
    const struct history_target one = channel_of(1);
    struct found found = {""};
    uint64_t latest;

    history_house_begin(&house);
    house_say(&house, pair_of("ann", "bob"), 10, "hello");
    house_say(&house, pair_of("bob", "carol"), 20, "hi");
    house_say(&house, channel_of(1), 30, "x");
    history_house_settle(&house, false);
    EXPECT_TEXT(READ(.target = pair_of("ann", "bob")), "10 hello");
    EXPECT_TEXT(READ(.target = pair_of("ann", "carol")), "");
    EXPECT_RESULT(history_conversations(house.history, bytes_of("ann"), note_conversation, &found),
                  0);
    CU_ASSERT_STRING_EQUAL(found.text, "bob 10;");
    *found.text = '\0';
    EXPECT_RESULT(history_conversations(house.history, bytes_of("bob"), note_conversation, &found),
                  0);
    EXPECT(strcmp(found.text, "ann 10;carol 20;") == 0 ||
               strcmp(found.text, "carol 20;ann 10;") == 0,
           "%s", found.text);
    EXPECT_RESULT(history_latest(house.history, &one, &latest), 0);
    CU_ASSERT_EQUAL(latest, 30);
    EXPECT_RESULT(history_newest(house.history, &latest), 0);
    CU_ASSERT_EQUAL(latest, 30);
    history_house_end(&house);
}

static void all_is_there_when_it_is_opened_again(void)
{
    uint64_t newest;

    history_house_begin(&house);
    EXPECT_RESULT(history_newest(house.history, &newest), 0);
    CU_ASSERT_EQUAL(newest, 0);
    house_say(&house, channel_of(1), 10, "before");
    house_say(&house, pair_of("a", "b"), 20, "between");
    history_house_close(&house); /* which commits it */
    EXPECT_RESULT(history_house_open(&house), 0);
    EXPECT_RESULT(history_newest(house.history, &newest), 0);
    CU_ASSERT_EQUAL(newest, 20);
    house_say(&house, channel_of(1), 30, "after");
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.newest = false), "10 before, 30 after");
    EXPECT_TEXT(SEARCH(.words = bytes_of("before")), "10 before");
    history_house_end(&house);
}

/* -- Searching ------------------------------------------------------------------------------------ */

static void words_are_found_whole_and_in_any_case(void)
{
    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "The quick brown fox");
    house_say(&house, channel_of(1), 20, "a Fox, \"quick\"-ly; t1 OR target");
    house_say(&house, channel_of(2), 30, "quick fox");
    house_say(&house, channel_of(1), 40, "Gr\303\274\303\237e, foxes");
    history_house_settle(&house, true);
    EXPECT_TEXT(SEARCH(.words = bytes_of("fox")),
                "20 a Fox, \"quick\"-ly; t1 OR target, 10 The quick brown fox");
    EXPECT_TEXT(SEARCH(.words = bytes_of("QUICK fox brown")), "10 The quick brown fox");
    EXPECT_TEXT(
        house_search(&house, (struct history_search){.words = bytes_of("fox"), .most = 1}, false),
        "10 The quick brown fox");
    EXPECT_TEXT(SEARCH(.words = bytes_of("fox"), .before = 20), "10 The quick brown fox");
    EXPECT_TEXT(SEARCH(.words = bytes_of("fox"), .after = 20), "");
    EXPECT_TEXT(SEARCH(.words = bytes_of("fo")), "");
    EXPECT_TEXT(SEARCH(.words = bytes_of("GRUSSE")), "");
    EXPECT_TEXT(SEARCH(.words = bytes_of("GR\303\234\303\237E")), "40 Gr\303\274\303\237e, foxes");
    history_house_end(&house);
}

/* Whatever is asked for is a word, and never a command to the index. */
static void what_is_asked_for_means_nothing_but_itself(void)
{
    static const char *const asked[] = {
        "\"",      "\" OR \"",   "t1 OR t2", "target : t2", "*",  "(",  "NEAR(a b)", "-",
        "a AND b", "sender : n", "fox*",     "^fox",        "''", "{}", "\"\"\"",    "NOT fox",
    };

    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "one");
    house_say(&house, channel_of(2), 20, "another fox t1 t2 a b");
    history_house_settle(&house, true);
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        char *text = SEARCH(.words = bytes_of(asked[i]));

        EXPECT(!strstr(text, "20 "), "%s finds %s", asked[i], text);
        free(text);
    }
    history_house_end(&house);
}

static void what_somebody_has_said_is_found_by_their_name(void)
{
    static const struct history_target both[] = {{.id = 1, .origin = 7}, {.id = 2, .origin = 7}};
    static const unsigned prefixes[2];
    struct history_line line = line_of(channel_of(1), 10, "[b]{o}b", "word");

    history_house_begin(&house);
    EXPECT_RESULT(history_keep(house.history, &line), 0);
    house_say(&house, channel_of(1), 20, "word");
    house_say(&house, channel_of(2), 30, "word");
    history_house_settle(&house, true);
    EXPECT_TEXT(SEARCH(.sender = bytes_of("[b]{o}b")), "10 word");
    EXPECT_TEXT(SEARCH(.sender = bytes_of("[b]{o}b"), .words = bytes_of("word")), "10 word");
    EXPECT_TEXT(SEARCH(.sender = bytes_of("bob")), "");
    EXPECT_TEXT(
        SEARCH(.targets = both, .prefixes = prefixes, .count = 2, .sender = bytes_of("ann")),
        "30 word, 20 word");
    EXPECT_TEXT(SEARCH(.targets = both, .prefixes = prefixes, .count = 2),
                "30 word, 20 word, 10 word");
    history_house_end(&house);
}

/* -- Going ---------------------------------------------------------------------------------------- */

static void what_is_redacted_is_neither_read_nor_found(void)
{
    const struct history_target target = channel_of(1), other = channel_of(2);
    struct history_stats stats;

    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "secret one");
    house_say(&house, channel_of(1), 20, "secret two");
    house_say(&house, channel_of(2), 30, "secret three");
    history_house_settle(&house, true);
    house_say(&house, channel_of(1), 40, "secret four"); /* whose words are not indexed yet */
    EXPECT_RESULT(history_redact(house.history, &target, 10), 0);
    EXPECT_RESULT(history_redact(house.history, &target, 40), 0);
    EXPECT_RESULT(history_redact(house.history, &target, 30), 0); /* is not there */
    EXPECT_RESULT(history_redact(house.history, &target, 99), 0);
    EXPECT_RESULT(history_redact(house.history, &other, 20), 0);
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.newest = false), "20 secret two");
    EXPECT_TEXT(SEARCH(.words = bytes_of("secret")), "20 secret two");
    EXPECT_TEXT(READ(.target = channel_of(2)), "30 secret three");
    history_stats(house.history, &stats);
    CU_ASSERT_EQUAL(stats.redacted, 2);
    history_house_end(&house);
}

/* Waits until the history has deleted so many. */
static void wait_expired(uint64_t count)
{
    uint64_t deadline = expect_deadline();
    struct history_stats stats;

    do {
        history_stats(house.history, &stats);
        EXPECT(pli_clock_now() < deadline, "%llu are gone, of %llu",
               (unsigned long long)stats.expired, (unsigned long long)count);
        usleep(1000);
    } while (stats.expired < count);
}

static void a_target_keeps_so_many_lines_and_events(void)
{
    history_house_init(&house);
    house.options.limits.lines = 3;
    EXPECT_RESULT(history_house_open(&house), 0);
    for (uint64_t id = 1; id <= 600; id++) {
        struct history_line line = line_of(channel_of(1), 10 * id, "ann", "word");

        line.event = id % 2 == 0;
        EXPECT_RESULT(history_keep(house.history, &line), 0);
    }
    wait_expired(594);
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.events = true),
                "5950 word, 5960 word, 5970 word, 5980 word, 5990 word, 6000 word");
    EXPECT_TEXT(SEARCH(.words = bytes_of("word")), "5990 word, 5970 word, 5950 word");
    history_house_end(&house);
}

static void what_is_too_old_goes(void)
{
    uint64_t now = pli_clock_wall_ms();
    uint64_t deadline;

    history_house_init(&house);
    house.options.limits.days = 2;
    EXPECT_RESULT(history_house_open(&house), 0);
    house_say(&house, channel_of(1), (now - 3 * 86400000ULL) << 16, "old");
    house_say(&house, channel_of(1), (now - 86400000ULL) << 16, "young");
    history_house_settle(&house, false);
    history_house_close(&house);
    EXPECT_RESULT(history_house_open(&house), 0); /* when it is looked at */
    deadline = expect_deadline();
    while (history_ask(&house, "SELECT count(*) FROM messages") != 1)
        EXPECT(pli_clock_now() < deadline, "the old one stays");
    EXPECT(history_ask(&house, "SELECT lines FROM targets") == 1, "not one is counted");
    history_house_end(&house);
}

static void an_account_is_forgotten_with_its_conversations(void)
{
    struct found found = {""};

    history_house_begin(&house);
    for (uint64_t id = 1; id <= 700; id++)
        house_say(&house, pair_of("ann", "bob"), id, "word");
    house_say(&house, pair_of("bob", "carol"), 1000, "word");
    EXPECT_RESULT(history_forget(house.history, bytes_of("ann")), 0);
    history_house_settle(&house, false);
    EXPECT_TEXT(READ(.target = pair_of("ann", "bob")), "");
    EXPECT_RESULT(history_conversations(house.history, bytes_of("bob"), note_conversation, &found),
                  0);
    CU_ASSERT_STRING_EQUAL(found.text, "carol 1000;");
    wait_expired(701); /* with the conversation itself */
    house_say(&house, pair_of("ann", "bob"), 2000, "anew");
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.target = pair_of("ann", "bob")), "2000 anew");
    EXPECT(history_ask(&house, "SELECT count(*) FROM messages") == 2, "not two are left");
    EXPECT(history_ask(&house, "SELECT count(*) FROM targets") == 2, "not two are left");
    history_house_end(&house);
}

/* -- When it cannot be written -------------------------------------------------------------------- */

static void expect_lost(enum history_loss loss, uint64_t count)
{
    struct history_stats stats;

    history_stats(house.history, &stats);
    EXPECT(stats.lost[loss] == count, "%s: %llu, not %llu", history_loss_name(loss),
           (unsigned long long)stats.lost[loss], (unsigned long long)count);
}

static void wait_state(int state)
{
    uint64_t deadline = expect_deadline();

    while (history_state(house.history) != state) {
        EXPECT(pli_clock_now() < deadline, "the state stays %d", history_state(house.history));
        usleep(1000);
    }
}

static void lines_are_lost_and_counted_while_the_file_cannot_be_written(void)
{
    struct history_line line = line_of(channel_of(1), 30, "ann", "lost");
    const struct history_target target = channel_of(1);
    sqlite3 *other;

    history_house_init(&house);
    house.options.busy = 0;
    EXPECT_RESULT(history_house_open(&house), 0);
    house_say(&house, channel_of(1), 10, "kept");
    history_house_settle(&house, true);
    other = history_other_program(&house, "BEGIN IMMEDIATE");
    house_say(&house, channel_of(1), 20, "lost");
    wait_state(-EBUSY);
    EXPECT_RESULT(history_keep(house.history, &line), -EBUSY);
    EXPECT_RESULT(history_redact(house.history, &target, 10), 0); /* will be */
    EXPECT_RESULT(history_settle(house.history, false, 1000), -EBUSY);
    expect_lost(HISTORY_FAILED, 2);
    sqlite3_close(other);
    wait_state(0);
    house_say(&house, channel_of(1), 40, "kept again");
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.newest = false), "40 kept again");
    expect_lost(HISTORY_FAILED, 2);
    history_house_end(&house);
}

/* The other program holds the file, and the writer waits for it meanwhile. */
static void a_full_queue_loses_lines_and_counts_them(void)
{
    struct history_stats stats;
    struct history_line line;
    sqlite3 *other;
    unsigned lost = 0;

    history_house_init(&house);
    house.options.busy = 60000;
    house.options.queue = 8;
    EXPECT_RESULT(history_house_open(&house), 0);
    house_say(&house, channel_of(1), 1, "x");
    history_house_settle(&house, true);
    other = history_other_program(&house, "BEGIN IMMEDIATE");
    for (uint64_t id = 2; id <= 100; id++) {
        line = line_of(channel_of(1), id, "ann", "x");
        lost += history_keep(house.history, &line) == -EAGAIN;
    }
    history_stats(house.history, &stats);
    EXPECT(stats.waiting <= 8, "%u wait", stats.waiting);
    EXPECT(lost >= 99 - 2 * 8, "only %u are lost", lost);
    expect_lost(HISTORY_FULL, lost);
    sqlite3_close(other);
    history_house_settle(&house, false);
    history_stats(house.history, &stats);
    CU_ASSERT_EQUAL(stats.kept, 100 - lost);
    CU_ASSERT_EQUAL(history_ask(&house, "SELECT count(*) FROM messages"), 100 - lost);
    history_house_end(&house);
}

static void the_queue_is_bounded_by_bytes_as_well(void)
{
    struct history_line line = line_of(channel_of(1), 5, "ann", "");
    char text[2000];

    history_house_init(&house);
    house.options.queue_bytes = 1000;
    EXPECT_RESULT(history_house_open(&house), 0);
    memset(text, 'x', sizeof(text));
    line.text = (struct history_bytes){text, sizeof(text)};
    EXPECT_RESULT(history_keep(house.history, &line), -EAGAIN);
    expect_lost(HISTORY_FULL, 1);
    house_say(&house, channel_of(1), 10, "short");
    history_house_settle(&house, false);
    EXPECT_TEXT(READ(.newest = false), "10 short");
    history_house_end(&house);
}

static void an_id_is_that_of_one_line(void)
{
    history_house_begin(&house);
    house_say(&house, channel_of(1), 10, "first");
    house_say(&house, channel_of(2), 10, "second");
    house_say(&house, channel_of(1), 20, "third");
    history_house_settle(&house, true);
    EXPECT_TEXT(READ(.newest = false), "10 first, 20 third");
    EXPECT_TEXT(READ(.target = channel_of(2)), "");
    expect_lost(HISTORY_TAKEN, 1);
    history_house_end(&house);
}

static void what_comes_after_the_end_is_lost_and_counted(void)
{
    struct history_line line = line_of(channel_of(1), 10, "ann", "late");

    history_house_begin(&house);
    history_stop(house.history);
    EXPECT_RESULT(history_keep(house.history, &line), -ESHUTDOWN);
    EXPECT_RESULT(history_redact(house.history, &line.target, 5), -ESHUTDOWN);
    expect_lost(HISTORY_STOPPED, 1);
    history_house_end(&house);
}

/* -- Files that are none -------------------------------------------------------------------------- */

static void expect_refused(int error, const char *why)
{
    EXPECT_RESULT(history_house_open(&house), error);
    EXPECT(strstr(house.why, why), "%s", house.why);
    CU_ASSERT_PTR_NULL(house.history);
}

static void a_file_of_another_kind_is_refused_and_left_alone(void)
{
    sqlite3 *other;
    FILE *file;

    history_house_init(&house);
    file = fopen(house.path, "w");
    fputs("this is not a database, whatever its name says, as it has too many words", file);
    fclose(file);
    expect_refused(-EBADMSG, "damaged");
    EXPECT_RESULT(unlink(house.path), 0);
    other = history_other_program(&house, "CREATE TABLE x (y)");
    sqlite3_close(other);
    expect_refused(-EBADMSG, "not a history of paceline's");
    EXPECT(history_ask(&house, "SELECT count(*) FROM sqlite_schema") == 1, "it was changed");
    EXPECT_RESULT(unlink(house.path), 0);
    EXPECT_RESULT(history_house_open(&house), 0);
    history_house_close(&house);
    other = history_other_program(&house, "PRAGMA user_version = 99");
    sqlite3_close(other);
    expect_refused(-EPROTONOSUPPORT, "later paceline");
    history_house_deinit(&house);
}

static void a_folder_that_is_not_there_is_told(void)
{
    history_house_init(&house);
    house.options.path = "/nonexistent/history.db";
    EXPECT_RESULT(history_house_open(&house), -ENOENT);
    EXPECT(*house.why, "no reason");
    history_house_deinit(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines are read from either end between bounds",
         lines_are_read_from_either_end_between_bounds},
        {"events are read by those who want them", events_are_read_by_those_who_want_them},
        {"what takes a prefix is read with it", what_takes_a_prefix_is_read_with_it},
        {"conversations belong to both accounts", conversations_belong_to_both_accounts},
        {"all is there when it is opened again", all_is_there_when_it_is_opened_again},
        {"words are found whole and in any case", words_are_found_whole_and_in_any_case},
        {"what is asked for means nothing but itself", what_is_asked_for_means_nothing_but_itself},
        {"what somebody has said is found by their name",
         what_somebody_has_said_is_found_by_their_name},
        {"what is redacted is neither read nor found", what_is_redacted_is_neither_read_nor_found},
        {"a target keeps so many lines and events", a_target_keeps_so_many_lines_and_events},
        {"what is too old goes", what_is_too_old_goes},
        {"an account is forgotten with its conversations",
         an_account_is_forgotten_with_its_conversations},
        {"lines are lost and counted while the file cannot be written",
         lines_are_lost_and_counted_while_the_file_cannot_be_written},
        {"a full queue loses lines and counts them", a_full_queue_loses_lines_and_counts_them},
        {"the queue is bounded by bytes as well", the_queue_is_bounded_by_bytes_as_well},
        {"an id is that of one line", an_id_is_that_of_one_line},
        {"what comes after the end is lost and counted",
         what_comes_after_the_end_is_lost_and_counted},
        {"a file of another kind is refused and left alone",
         a_file_of_another_kind_is_refused_and_left_alone},
        {"a folder that is not there is told", a_folder_that_is_not_there_is_told},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "history", tests);
}
