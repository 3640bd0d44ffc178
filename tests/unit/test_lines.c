/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/lines.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a framer says of a stream, as text: "[line]" or "[line>" without an end, "!head!", "excess". */
struct story {
    char text[4096];
    size_t used;
};

static void tell(struct story *story, const char *before, const struct pl_line *line,
                 const char *after)
{
    story->used += (size_t)snprintf(story->text + story->used, sizeof(story->text) - story->used,
                                    "%s%.*s%s", before, (int)line->length, line->text, after);
}

/* Takes all lines of the input. Returns the last result: PLI_LINES_NONE, excess, or an error. */
static int take_lines(struct pli_lines *lines, struct pli_span *input,
                      const struct pli_lines_limits *limits, struct story *story)
{
    struct pl_line line;
    int result;

    while ((result = pli_lines_next(lines, input, limits, &line)) > 0) {
        if (result == PLI_LINES_EXCESS) {
            tell(story, "excess", &(struct pl_line){.text = ""}, "");
            return result;
        }
        if (result == PLI_LINES_LONG)
            tell(story, "!", &line, "!");
        else
            tell(story, "[", &line, line.size > line.length ? "]" : ">");
    }
    return result;
}

/* Hands the framer DATA in pieces of STEP bytes and tells the story of it. */
static void frame(const char *data, size_t step, struct pli_lines_limits limits,
                  struct story *story)
{
    struct pli_lines lines;
    struct pl_line line;
    size_t length = strlen(data);
    size_t at;

    story->used = 0;
    story->text[0] = '\0';
    pli_lines_init(&lines);
    for (at = 0; at < length; at += step) {
        struct pli_span input = {.data = data + at,
                                 .length = length - at < step ? length - at : step};

        if (take_lines(&lines, &input, &limits, story) != PLI_LINES_NONE)
            break;
        EXPECT_RESULT(pli_lines_keep(&lines, &input), 0);
        EXPECT_RESULT(input.length, 0);
    }
    if (at >= length && pli_lines_last(&lines, &line))
        tell(story, "[", &line, ">");
    pli_lines_deinit(&lines);
}

static const struct pli_lines_limits wide = {.max_line = 1000, .recvq = 1000};
static const struct pli_lines_limits narrow = {.max_line = 8, .recvq = 100};

/* The same whatever the pieces are that the stream comes in. */
static void expect_story(const char *data, struct pli_lines_limits limits, const char *wanted)
{
    struct story story;
    size_t step;

    for (step = 1; step <= strlen(data); step++) {
        frame(data, step, limits, &story);
        EXPECT(strcmp(story.text, wanted) == 0, "in pieces of %zu: %s expected, got %s", step,
               wanted, story.text);
    }
}

static void lf_and_crlf_end_lines(void)
{
    expect_story("one\ntwo\r\n\n\r\nthree\n", wide, "[one][two][][][three]");
}

static void lone_cr_belongs_to_the_line(void)
{
    expect_story("a\rb\n\r\r\n", wide, "[a\rb][\r]");
}

static void rest_is_a_line_without_an_end(void)
{
    expect_story("one\ntwo", wide, "[one][two>");
    expect_story("one\ntwo\r", wide, "[one][two\r>");
    expect_story("one\n", wide, "[one]");
}

static void limit_counts_the_end(void)
{
    expect_story("1234567\nok\n", narrow, "[1234567][ok]");
    expect_story("123456\r\nok\n", narrow, "[123456][ok]");
    expect_story("12345678\nok\n", narrow, "!12345678![ok]");
    expect_story("1234567\r\nok\n", narrow, "!1234567\r![ok]");
}

static void long_line_is_told_once_and_skipped(void)
{
    expect_story("a\n1234567890123456789012345678901234567890\nb\n", narrow, "[a]!12345678![b]");
    expect_story("123456789\n123456789\n1\n", narrow, "!12345678!!12345678![1]");
}

static void long_line_without_an_end_leaves_no_rest(void)
{
    expect_story("a\n123456789", narrow, "[a]!12345678!");
}

static void excess_begins_past_max_line_and_recvq(void)
{
    struct story story;
    char data[200];
    size_t size;

    for (size = 100; size < 120; size++) {
        memset(data, 'x', size);
        data[size] = '\0';
        frame(data, 1, narrow, &story);
        EXPECT(strcmp(story.text, size <= 108 ? "!xxxxxxxx!" : "!xxxxxxxx!excess") == 0,
               "%zu bytes without an end: %s", size, story.text);
    }
}

static void lines_are_delivered_in_place_and_nothing_is_held(void)
{
    static const char data[] = "one\ntwo\n";
    struct pli_span input = {.data = data, .length = strlen(data)};
    struct pli_lines lines;
    struct pl_line line;

    pli_lines_init(&lines);
    EXPECT_RESULT(pli_lines_next(&lines, &input, &wide, &line), PLI_LINES_LINE);
    EXPECT(line.text == data, "the first line was copied");
    EXPECT_RESULT(pli_lines_next(&lines, &input, &wide, &line), PLI_LINES_LINE);
    EXPECT(line.text == data + 4, "the second line was copied");
    EXPECT_RESULT(pli_lines_next(&lines, &input, &wide, &line), PLI_LINES_NONE);
    EXPECT_RESULT(pli_lines_keep(&lines, &input), 0);
    EXPECT_RESULT(pli_lines_held(&lines), 0);
    EXPECT(!lines.held, "a buffer is left");
    pli_lines_deinit(&lines);
}

static void partial_line_is_all_that_is_kept(void)
{
    struct pli_span input = {.data = "one\ntw", .length = 6};
    struct pli_lines lines;
    struct story story = {.used = 0};

    pli_lines_init(&lines);
    EXPECT_RESULT(take_lines(&lines, &input, &wide, &story), PLI_LINES_NONE);
    EXPECT_RESULT(pli_lines_keep(&lines, &input), 0);
    EXPECT_RESULT(pli_lines_held(&lines), 2);
    input = (struct pli_span){.data = "o\n", .length = 2};
    EXPECT_RESULT(take_lines(&lines, &input, &wide, &story), PLI_LINES_NONE);
    EXPECT(strcmp(story.text, "[one][two]") == 0, "%s", story.text);
    EXPECT(!lines.held, "a buffer is left");
    pli_lines_deinit(&lines);
}

/* Lines that must wait are kept as they are, and come before what is read later. */
static void kept_lines_come_first(void)
{
    struct pli_lines lines;
    struct story story = {.used = 0};
    struct pli_span input = {.data = "one\ntwo\nlong long long\nth", .length = 25};
    struct pl_line line;

    pli_lines_init(&lines);
    EXPECT_RESULT(pli_lines_next(&lines, &input, &narrow, &line), PLI_LINES_LINE);
    EXPECT_RESULT(pli_lines_keep(&lines, &input), 0);
    input = (struct pli_span){.data = "ree\nfour\n", .length = 9};
    EXPECT_RESULT(pli_lines_keep(&lines, &input), 0);
    EXPECT_RESULT(pli_lines_held(&lines), 30);
    input = (struct pli_span){.data = "five\n", .length = 5};
    EXPECT_RESULT(take_lines(&lines, &input, &narrow, &story), PLI_LINES_NONE);
    EXPECT(strcmp(story.text, "[two]!long lon![three][four][five]") == 0, "%s", story.text);
    pli_lines_deinit(&lines);
}

/* The stream of frame(), with every allocation failing in turn; true once none did. */
static bool frame_without_memory(long failing)
{
    static const char *const pieces[] = {"on", "e\ntwo\nthr", "ee and quite a bit more of it",
                                         "\n"};
    struct pli_lines lines;
    struct story story = {.used = 0};
    int result = 0;
    size_t i;

    pli_lines_init(&lines);
    failmalloc_after(failing);
    for (i = 0; i < sizeof(pieces) / sizeof(*pieces) && result == 0; i++) {
        struct pli_span input = {.data = pieces[i], .length = strlen(pieces[i])};

        result = take_lines(&lines, &input, &wide, &story);
        if (result == PLI_LINES_NONE)
            result = pli_lines_keep(&lines, &input);
    }
    failmalloc_off();
    pli_lines_deinit(&lines);
    if (failmalloc_fired()) {
        EXPECT_RESULT(result, -ENOMEM);
        return false;
    }
    EXPECT_RESULT(result, 0);
    EXPECT(strcmp(story.text, "[one][two][three and quite a bit more of it]") == 0, "%s",
           story.text);
    return true;
}

static void every_allocation_may_fail(void)
{
    long failing = 1;

    while (!frame_without_memory(failing))
        failing++;
    EXPECT(failing > 2, "only %ld allocations failed", failing - 1);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"LF and CR LF end lines", lf_and_crlf_end_lines},
        {"a lone CR belongs to the line", lone_cr_belongs_to_the_line},
        {"the rest is a line without an end", rest_is_a_line_without_an_end},
        {"the limit counts the end", limit_counts_the_end},
        {"a long line is told once and skipped", long_line_is_told_once_and_skipped},
        {"a long line without an end leaves no rest", long_line_without_an_end_leaves_no_rest},
        {"excess begins past max_line and recvq", excess_begins_past_max_line_and_recvq},
        {"lines are delivered in place and nothing is held",
         lines_are_delivered_in_place_and_nothing_is_held},
        {"a partial line is all that is kept", partial_line_is_all_that_is_kept},
        {"kept lines come first", kept_lines_come_first},
        {"every allocation may fail", every_allocation_may_fail},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "lines", tests);
}
