/* SPDX-License-Identifier: MIT */
/* The parts of paceline-bench that need no server. */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tools/bench/connect.h"
#include "tools/bench/line.h"
#include "tools/bench/metrics.h"
#include "tools/bench/summary.h"
#include "tools/bench/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* -- Commands -------------------------------------------------------------------------------- */

static const struct word_place places[] = {{"port", "7"}, {"threads", "2"}, {NULL, NULL}};

/* COMMAND becomes WORDS, with a | between each two; NULL: none. */
static void expect_words(const char *command, const char *expected)
{
    char **words = words_split(command, places);
    char joined[256] = "";

    for (char **word = words; word && *word; word++) {
        strcat(joined, *word);
        if (word[1])
            strcat(joined, "|");
    }
    EXPECT(!words == !expected, "%s became %s", command, words ? joined : "nothing");
    EXPECT(!expected || strcmp(joined, expected) == 0, "%s became %s", command, joined);
    words_free(words);
}

static void a_command_is_split_at_blanks_and_kept_together_by_quotes(void)
{
    expect_words("a  b\tc", "a|b|c");
    expect_words("  a ", "a");
    expect_words("a 'b  c' \"d 'e\"", "a|b  c|d 'e");
    expect_words("a'b'\"c\"d", "abcd");
    expect_words("a\\ b \\\\ '\\'", "a b|\\|\\");
    expect_words("a '' b", "a||b");
    expect_words("\"a\\\"b\"", "a\"b");
    expect_words("$x *", "$x|*");
}

static void a_quote_without_end_and_no_word_are_refused(void)
{
    expect_words("a 'b", NULL);
    expect_words("\"", NULL);
    expect_words("", NULL);
    expect_words("  ", NULL);
}

static void places_are_filled_in_even_in_quotes(void)
{
    expect_words("s --port {port} -t{threads}", "s|--port|7|-t2");
    expect_words("'{port}' \"{threads}x\"", "7|2x");
    expect_words("{ports} {port {}", "{ports}|{port|{}");
    CU_ASSERT(words_have("a {port}", "port"));
    CU_ASSERT_FALSE(words_have("a {ports}", "port"));
}

/* -- HOST:PORT ------------------------------------------------------------------------------- */

static void expect_target(const char *text, const char *host, const char *port)
{
    char got[64];
    const char *got_port;
    bool well = target_split(text, got, sizeof(got), &got_port);

    EXPECT(well == (host != NULL), "%s: %d", text, well);
    if (host && port)
        EXPECT(strcmp(got, host) == 0 && strcmp(got_port, port) == 0, "%s: %s, %s", text, got,
               got_port);
}

static void hosts_are_names_and_addresses_of_both_kinds(void)
{
    expect_target("localhost:7007", "localhost", "7007");
    expect_target("127.0.0.1:80", "127.0.0.1", "80");
    expect_target("[::1]:7007", "::1", "7007");
    expect_target("irc.example.net:ircd", "irc.example.net", "ircd");
}

static void what_is_no_host_and_port_is_refused(void)
{
    static const char *const wrong[] = {"",       "host",    "host:",  ":80",   "::1:80",
                                        "[::1]",  "[::1]80", "[::1]:", "[]:80", "host:8 0",
                                        "host:*", "[::1:80", "::1"};

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        expect_target(wrong[i], NULL, NULL);
}

/* -- Lines ----------------------------------------------------------------------------------- */

static void a_line_names_its_connection_and_number(void)
{
    struct line_shape shape = {.size = 64};
    char line[64];

    line_build(&shape, 0x12abcdef, 0x90, line);
    CU_ASSERT_NSTRING_EQUAL(line, "12abcdef 00000090 ", 18);
    CU_ASSERT_EQUAL(line[63], '\n');
    CU_ASSERT_PTR_NULL(memchr(line, '\n', 63));
}

static void one_line_in_so_many_is_slow_and_begins_so(void)
{
    struct line_shape shape = {.size = 64, .slow_one = 10};
    unsigned slow = 0;
    char line[64];

    for (unsigned i = 0; i < 10000; i++) {
        bool is_slow = line_is_slow(&shape, i % 7, i);

        line_build(&shape, i % 7, i, line);
        CU_ASSERT_EQUAL(strncmp(line, "slow ", 5) == 0, is_slow);
        slow += is_slow;
    }
    EXPECT(slow > 800 && slow < 1200, "%u of 10000 are slow", slow);
}

static void every_size_ends_with_its_newline(void)
{
    static char line[LINE_MAX + 1];

    for (size_t size = LINE_MIN; size <= LINE_MAX; size = size * 3 / 2 + 1) {
        struct line_shape shape = {.size = size};

        line[size] = '!';
        line_build(&shape, 3, 4, line);
        EXPECT(line[size - 1] == '\n' && line[size] == '!', "%zu bytes", size);
    }
}

/* -- Figures --------------------------------------------------------------------------------- */

static void expect_text(enum bench_metric metric, double value, bool unit, const char *expected)
{
    char text[64];

    metric_format(metric, value, unit, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void figures_are_written_as_people_read_them(void)
{
    expect_text(METRIC_LINES, 0, false, "0");
    expect_text(METRIC_LINES, 999, false, "999");
    expect_text(METRIC_LINES, 1000, false, "1,000");
    expect_text(METRIC_LINES, 1234567, false, "1,234,567");
    expect_text(METRIC_LATENCY_P99, 12345.67, true, "12,345.7 us");
    expect_text(METRIC_LEAKED_BYTES, -123456, true, "-123,456 bytes");
    expect_text(METRIC_LEAKED_BYTES, -123, false, "-123");
    expect_text(METRIC_SPREAD, HUGE_VAL, false, "-");
}

static void every_figure_has_a_name_of_its_own(void)
{
    for (unsigned i = 0; i < METRICS; i++) {
        EXPECT(bench_metrics[i].key && bench_metrics[i].title && bench_metrics[i].group,
               "figure %u has no name", i);
        for (unsigned j = 0; j < i; j++)
            EXPECT(strcmp(bench_metrics[i].key, bench_metrics[j].key) != 0, "%s stands twice",
                   bench_metrics[i].key);
    }
}

static void the_median_is_the_middle_or_between_the_middle_two(void)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 2, 100};
    struct summary summary = summarise(odd, 3);

    CU_ASSERT_EQUAL(summary.median, 2);
    CU_ASSERT_EQUAL(summary.least, 1);
    CU_ASSERT_EQUAL(summary.most, 3);
    summary = summarise(even, 4);
    CU_ASSERT_EQUAL(summary.median, 3);
    CU_ASSERT_EQUAL(summary.most, 100);
    CU_ASSERT_EQUAL(summarise(NULL, 0).count, 0);
}

/* Two contestants at one point, in three rounds that differ much: the ratio is steady. */
static void ratios_are_formed_within_a_round(void)
{
    static const double values[2][3] = {{10, 100, 1000}, {20, 200, 0}};
    static struct bench_result results[6];
    struct contestant contestants[2] = {{0}};
    struct bench_options options = {.rounds = 3};
    struct contest contest = {
        .options = &options, .contestants = contestants, .count = 2, .results = results};
    struct summary ratio;

    for (unsigned i = 0; i < 2; i++)
        for (unsigned round = 0; round < 3; round++)
            if (values[i][round] > 0)
                result_put(contest_result(&contest, 0, i, round), METRIC_RATE, values[i][round]);
    ratio = contest_ratio(&contest, 0, 1, METRIC_RATE);
    CU_ASSERT_EQUAL(ratio.count, 2);
    CU_ASSERT_EQUAL(ratio.least, 2);
    CU_ASSERT_EQUAL(ratio.most, 2);
    CU_ASSERT_EQUAL(contest_summary(&contest, 0, 0, METRIC_RATE).median, 100);
    CU_ASSERT_EQUAL(contest_summary(&contest, 0, 1, METRIC_LATENCY_P99).count, 0);
}

static void the_reference_is_the_lower_middle_of_a_list(void)
{
    struct bench_numbers numbers = {.value = {1, 10, 100, 1000, 10000}, .count = 5};

    CU_ASSERT_EQUAL(numbers_middle(&numbers), 100);
    numbers.count = 4;
    CU_ASSERT_EQUAL(numbers_middle(&numbers), 10);
    numbers.count = 1;
    CU_ASSERT_EQUAL(numbers_middle(&numbers), 1);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(a_command_is_split_at_blanks_and_kept_together_by_quotes),
        TEST(a_quote_without_end_and_no_word_are_refused),
        TEST(places_are_filled_in_even_in_quotes),
        TEST(hosts_are_names_and_addresses_of_both_kinds),
        TEST(what_is_no_host_and_port_is_refused),
        TEST(a_line_names_its_connection_and_number),
        TEST(one_line_in_so_many_is_slow_and_begins_so),
        TEST(every_size_ends_with_its_newline),
        TEST(figures_are_written_as_people_read_them),
        TEST(every_figure_has_a_name_of_its_own),
        TEST(the_median_is_the_middle_or_between_the_middle_two),
        TEST(ratios_are_formed_within_a_round),
        TEST(the_reference_is_the_lower_middle_of_a_list),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "bench", tests);
}
