/* SPDX-License-Identifier: MIT */
/* Patterns, and filters made of them. */
#include "config.h"

#include "chat/filter.h"

#include "chat/outcome.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* -- Patterns --------------------------------------------------------------------------------- */

static struct chat_scratch *scratch;
static struct chat_pattern_error error;

static enum chat_pattern_result match(const char *pattern, const char *text)
{
    struct chat_pattern *compiled = NULL;
    enum chat_pattern_result result;

    CU_ASSERT_EQUAL_FATAL(chat_pattern_new(chat_text(pattern), &compiled, &error), 0);
    result = chat_pattern_match(compiled, scratch, chat_text(text));
    chat_pattern_free(compiled);
    return result;
}

static int refused(const char *pattern)
{
    struct chat_pattern *compiled = NULL;
    int rc = chat_pattern_new(chat_text(pattern), &compiled, &error);

    chat_pattern_free(compiled);
    return rc;
}

static void patterns_match_in_any_case_unless_they_say_so(void)
{
    CU_ASSERT_EQUAL(match("buy (this|that)", "Come and BUY that now"), CHAT_PATTERN_MATCHES);
    CU_ASSERT_EQUAL(match("buy (this|that)", "Come and BUY it now"), CHAT_PATTERN_DIFFERS);
    CU_ASSERT_EQUAL(match("(?-i)buy", "BUY"), CHAT_PATTERN_DIFFERS);
    CU_ASSERT_EQUAL(match("^\\x{e4}$", "\xc3\x84"), CHAT_PATTERN_MATCHES);
    CU_ASSERT_EQUAL(match("^.$", "\xf0\x9f\x98\x80"), CHAT_PATTERN_MATCHES);
    CU_ASSERT_EQUAL(match("(.)\\1{9}", "aaaaaaaaaa"), CHAT_PATTERN_MATCHES);
    CU_ASSERT_EQUAL(match(".", "\xff\xfe"), CHAT_PATTERN_DIFFERS);
}

static void bad_patterns_are_refused_with_a_reason(void)
{
    char long_one[CHAT_PATTERN_MAX + 2];

    memset(long_one, 'a', sizeof long_one);
    long_one[sizeof long_one - 1] = '\0';
    CU_ASSERT_EQUAL(refused(""), -EINVAL);
    CU_ASSERT_STRING_EQUAL(error.text, "it is empty");
    CU_ASSERT_EQUAL(refused(long_one), -EINVAL);
    CU_ASSERT_STRING_EQUAL(error.text, "it is too long");
    CU_ASSERT_EQUAL(refused("a(b"), -EINVAL);
    CU_ASSERT_STRING_EQUAL(error.text, "missing closing parenthesis");
    CU_ASSERT_EQUAL(error.offset, 3);
    CU_ASSERT_EQUAL(refused("(*LIMIT_MATCH=1"), -EINVAL);
    CU_ASSERT_EQUAL(error.offset, 15); /* PCRE2 says 16 */
    CU_ASSERT_EQUAL(refused("a*"), -EINVAL);
    CU_ASSERT_STRING_EQUAL(error.text, "it would match everything");
    CU_ASSERT_EQUAL(refused("\\C"), -EINVAL);
    CU_ASSERT_EQUAL(refused("\xff"), -EINVAL);
    CU_ASSERT_EQUAL(refused("(?:[a-z]x[0-9]y){2000}"), -EINVAL);
    CU_ASSERT_EQUAL(
        refused("((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))"), -EINVAL);
}

/* Those that double the work with each letter. */
static void matching_that_takes_too_long_ends(void)
{
    static const char *const evil[] = {
        "(a+)+$",           "(a|aa)+$",     "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(?:a?){30}a{30}$", "(.*)*x(.*)*y", "((a*)*)*b"};
    char text[500];
    unsigned exhausted = 0;

    memset(text, 'a', sizeof text);
    text[sizeof text - 2] = '!';
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++)
        exhausted += match(evil[i], text) == CHAT_PATTERN_EXHAUSTED;
    CU_ASSERT(exhausted >= 2);
    CU_ASSERT_EQUAL(match("(a+)+$", text), CHAT_PATTERN_EXHAUSTED);
}

/* -- Filters ---------------------------------------------------------------------------------- */

static struct chat_filters filters;

static struct chat_filter *make(const char *pattern, const char *targets,
                                enum chat_filter_action action)
{
    struct chat_filter_rule rule = {
        .pattern = chat_text(pattern),
        .targets = chat_filter_targets(chat_text(targets)),
        .action = action,
        .by = chat_text("tester"),
    };
    struct chat_filter *filter = NULL;

    CU_ASSERT_EQUAL_FATAL(chat_filter_new(&rule, &filter, &error), 0);
    return filter;
}

static int add(const char *pattern, const char *targets, enum chat_filter_action action)
{
    struct chat_filter *filter = make(pattern, targets, action);
    int rc = chat_filters_add(&filters, filter);

    chat_filter_unref(filter);
    return rc;
}

static int drop(unsigned number)
{
    struct chat_filter *filter = NULL;
    int rc = chat_filters_remove(&filters, number, &filter);

    chat_filter_unref(filter);
    return rc;
}

static char caught_by[100];

static bool note_caught(struct chat_filter *filter, void *argument)
{
    struct chat_filter_view view = chat_filter_view_of(filter);
    size_t used = strlen(caught_by);
    unsigned missed;

    (void)argument;
    (void)chat_filter_hit(filter, &missed);
    chat_filters_note(&filters, filter);
    snprintf(caught_by + used, sizeof caught_by - used, "%u", view.number);
    return view.rule.action == CHAT_FILTER_WARN;
}

static void note_exhausted(struct chat_filter *filter, void *argument)
{
    size_t used = strlen(caught_by);

    (void)argument;
    snprintf(caught_by + used, sizeof caught_by - used, "!%u", chat_filter_view_of(filter).number);
}

static const char *ask(enum chat_filter_target target, const char *text)
{
    static const struct chat_filter_asker asker = {note_caught, note_exhausted};

    caught_by[0] = '\0';
    CU_ASSERT_EQUAL(chat_filters_ask(&filters, target, chat_text(text), &asker, NULL), 0);
    return caught_by;
}

static char sheet[500];

static void write_view(const struct chat_filter_view *view, void *argument)
{
    char letters[sizeof CHAT_FILTER_LETTERS];
    size_t used = strlen(sheet);

    (void)argument;
    snprintf(sheet + used, sizeof sheet - used, "%u%s %s %s %llu;", view->number,
             view->rule.configured ? "c" : "", chat_filter_letters(view->rule.targets, letters),
             view->rule.pattern.data, (unsigned long long)view->hits);
}

static const char *state(void)
{
    sheet[0] = '\0';
    chat_filters_each(&filters, write_view, NULL);
    return sheet;
}

static void begin(void)
{
    CU_ASSERT_EQUAL_FATAL(chat_filters_init(&filters), 0);
}

static void letters_are_read_as_they_are_written(void)
{
    char letters[sizeof CHAT_FILTER_LETTERS];

    CU_ASSERT_STRING_EQUAL(
        chat_filter_letters(chat_filter_targets(chat_text("uatqPnNpc")), letters),
        CHAT_FILTER_LETTERS);
    CU_ASSERT_EQUAL(chat_filter_targets(chat_text("")), 0);
    CU_ASSERT_EQUAL(chat_filter_targets(chat_text("cx")), 0);
    for (int i = 0; i < CHAT_FILTER_ACTIONS; i++)
        CU_ASSERT_EQUAL((int)chat_filter_action_find(
                            chat_text(chat_filter_action_name((enum chat_filter_action)i))),
                        i);
    CU_ASSERT_EQUAL(chat_filter_action_find(chat_text("Kill")), CHAT_FILTER_ACTIONS);
}

static void filters_are_asked_in_their_order_until_one_decides(void)
{
    begin();
    CU_ASSERT_TRUE(chat_filters_is_empty(&filters));
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, "spam"), "");
    CU_ASSERT_EQUAL(add("spam", "c", CHAT_FILTER_WARN), 0);
    CU_ASSERT_EQUAL(add("am", "cp", CHAT_FILTER_BLOCK), 0);
    CU_ASSERT_EQUAL(add("s", "cp", CHAT_FILTER_BLOCK), 0);
    CU_ASSERT_EQUAL(add("am", "cp", CHAT_FILTER_KILL), CHAT_MODE_SAME);
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, "SPAM"), "12");
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_PRIVATE, "spam"), "2");
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_PRIVATE, "six"), "3");
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_NOTICE, "spam"), "");
    CU_ASSERT_STRING_EQUAL(chat_filters_reason(&filters), "This is not said here");
    CU_ASSERT_STRING_EQUAL(state(), "1 c spam 1;2 cp am 2;3 cp s 1;");
    CU_ASSERT_EQUAL(drop(2), 0);
    CU_ASSERT_EQUAL(drop(2), CHAT_NOT_THERE);
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, "spam"), "13");
    CU_ASSERT_EQUAL(drop(1), 0);
    CU_ASSERT_EQUAL(drop(3), 0);
    CU_ASSERT_TRUE(chat_filters_is_empty(&filters));
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, "spam"), "");
    chat_filters_deinit(&filters);
}

static void there_are_only_so_many(void)
{
    char pattern[20];

    begin();
    for (int i = 0; i < CHAT_FILTERS_MAX; i++) {
        snprintf(pattern, sizeof pattern, "p%d", i);
        CU_ASSERT_EQUAL(add(pattern, "c", CHAT_FILTER_BLOCK), 0);
    }
    CU_ASSERT_EQUAL(add("more", "c", CHAT_FILTER_BLOCK), CHAT_LIST_FULL);
    chat_filters_deinit(&filters);
}

static void configure(const char *one, const char *two)
{
    struct chat_filter_rule rule = {.targets = CHAT_FILTER_CHANNEL,
                                    .action = CHAT_FILTER_BLOCK,
                                    .by = chat_text("tester"),
                                    .configured = true};
    struct chat_filter *made[2] = {NULL, NULL};
    struct chat_filter_set *room = chat_filters_room();
    size_t count = 0;

    rule.pattern = chat_text(one ? one : "");
    if (one)
        CU_ASSERT_EQUAL_FATAL(chat_filter_new(&rule, &made[count++], &error), 0);
    rule.pattern = chat_text(two ? two : "");
    if (two)
        CU_ASSERT_EQUAL_FATAL(chat_filter_new(&rule, &made[count++], &error), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    chat_filters_configure(&filters, room, made, count);
    chat_filter_unref(made[0]);
    chat_filter_unref(made[1]);
}

static void those_of_the_configuration_come_first_and_keep_their_figures(void)
{
    begin();
    CU_ASSERT_EQUAL(add("x", "c", CHAT_FILTER_BLOCK), 0);
    configure("a", "b");
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, "b"), "3");
    CU_ASSERT_STRING_EQUAL(state(), "2c c a 0;3c c b 1;1 c x 0;");
    CU_ASSERT_EQUAL(drop(2), CHAT_BAD_ARGUMENT);
    configure("b", "c");
    CU_ASSERT_STRING_EQUAL(state(), "3c c b 1;4c c c 0;1 c x 0;");
    configure(NULL, NULL);
    CU_ASSERT_STRING_EQUAL(state(), "1 c x 0;");
    chat_filters_deinit(&filters);
}

static void what_takes_too_long_passes_and_is_told_once_in_a_while(void)
{
    char text[400];

    memset(text, 'a', sizeof text);
    text[sizeof text - 2] = '!';
    text[sizeof text - 1] = '\0';
    begin();
    CU_ASSERT_EQUAL(add("(a+)+$", "c", CHAT_FILTER_BLOCK), 0);
    CU_ASSERT_EQUAL(add("!", "c", CHAT_FILTER_BLOCK), 0);
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, text), "!12");
    CU_ASSERT_STRING_EQUAL(ask(CHAT_FILTER_CHANNEL, text), "2");
    chat_filters_deinit(&filters);
}

/* -- Threads ---------------------------------------------------------------------------------- */

#define SPEAKERS 3
#define ROUNDS   2000

static bool catch_all(struct chat_filter *filter, void *argument)
{
    unsigned missed;

    (void)chat_filter_hit(filter, &missed);
    ++*(unsigned *)argument;
    return true;
}

static void ignore(struct chat_filter *filter, void *argument)
{
    (void)filter;
    (void)argument;
}

/* One filter catches all that is said, whatever becomes of the others. */
static void *speak(void *argument)
{
    static const struct chat_filter_asker asker = {catch_all, ignore};
    unsigned *missed = argument;

    for (int i = 0; i < ROUNDS; i++) {
        unsigned caught = 0;
        int rc =
            chat_filters_ask(&filters, CHAT_FILTER_CHANNEL, chat_text("spam"), &asker, &caught);

        *missed += rc != 0 || caught == 0;
    }
    return NULL;
}

static void they_are_replaced_while_people_speak(void)
{
    unsigned missed[SPEAKERS] = {0};
    pthread_t threads[SPEAKERS];
    unsigned number = 1;

    begin();
    CU_ASSERT_EQUAL(add("spam", "c", CHAT_FILTER_WARN), 0);
    for (int i = 0; i < SPEAKERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, speak, &missed[i]), 0);
    for (int i = 0; i < 200; i++) {
        CU_ASSERT_EQUAL(add("am", "c", CHAT_FILTER_WARN), 0);
        CU_ASSERT_EQUAL(drop(++number), 0);
    }
    for (int i = 0; i < SPEAKERS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
        CU_ASSERT_EQUAL(missed[i], 0);
    }
    chat_filters_deinit(&filters);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(patterns_match_in_any_case_unless_they_say_so),
        TEST(bad_patterns_are_refused_with_a_reason),
        TEST(matching_that_takes_too_long_ends),
        TEST(letters_are_read_as_they_are_written),
        TEST(filters_are_asked_in_their_order_until_one_decides),
        TEST(there_are_only_so_many),
        TEST(those_of_the_configuration_come_first_and_keep_their_figures),
        TEST(what_takes_too_long_passes_and_is_told_once_in_a_while),
        TEST(they_are_replaced_while_people_speak),
        {NULL, NULL},
    };
    int status;

    scratch = chat_scratch_new();
    status = unit_main(argc, argv, "chat_filter", tests);
    chat_scratch_free(scratch);
    return status;
}
