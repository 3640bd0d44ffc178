/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/id.h"
#include "chat/name.h"
#include "chat/outcome.h"
#include "tests/lib/unit.h"

#include <pthread.h>
#include <stdlib.h>

static int nick(const char *text)
{
    return chat_nick_check(chat_text(text), 8);
}

static int channel(const char *text)
{
    return chat_channel_check(chat_text(text), 8);
}

static void nicks_have_letters_digits_and_some_signs(void)
{
    CU_ASSERT_EQUAL(nick("a"), 0);
    CU_ASSERT_EQUAL(nick("Zz09"), 0);
    CU_ASSERT_EQUAL(nick("_[]\\`^"), 0);
    CU_ASSERT_EQUAL(nick("{}|x-"), 0);
    CU_ASSERT_EQUAL(nick(""), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(nick("0a"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(nick("-a"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(nick("#a"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(nick("b\xC3\xB6"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(chat_nick_check((struct chat_text){"a\0b", 3}, 8), CHAT_NICK_BAD);
}

static void no_other_byte_is_in_a_nick(void)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_[]\\`^{}|";

    for (int byte = 1; byte < 256; byte++) {
        char text[3] = {'a', (char)byte, '\0'};

        CU_ASSERT_EQUAL(nick(text) == 0, strchr(allowed, byte) != NULL);
    }
}

static void nicks_are_at_most_as_long_as_allowed(void)
{
    CU_ASSERT_EQUAL(nick("abcdefgh"), 0);
    CU_ASSERT_EQUAL(nick("abcdefghi"), CHAT_NICK_LONG);
    CU_ASSERT_EQUAL(nick("abcdefgh!"), CHAT_NICK_BAD);
}

static void channels_begin_with_a_hash(void)
{
    CU_ASSERT_EQUAL(channel("#a"), 0);
    CU_ASSERT_EQUAL(channel("##"), 0);
    CU_ASSERT_EQUAL(channel("#"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(channel(""), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(channel("ab"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(channel("&a"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(channel("#1234567"), 0);
    CU_ASSERT_EQUAL(channel("#12345678"), CHAT_CHANNEL_LONG);
}

static void channels_have_no_space_comma_or_control_character(void)
{
    for (int byte = 1; byte < 128; byte++) {
        char text[4] = {'#', 'x', (char)byte, '\0'};
        bool allowed = byte > 32 && byte != ',' && byte != 127;

        CU_ASSERT_EQUAL(channel(text), allowed ? 0 : CHAT_CHANNEL_BAD);
    }
    CU_ASSERT_EQUAL(chat_channel_check((struct chat_text){"#a\0", 3}, 8), CHAT_CHANNEL_BAD);
}

static void channels_are_utf8(void)
{
    CU_ASSERT_EQUAL(channel("#\xC3\xB6"), 0);
    CU_ASSERT_EQUAL(channel("#\xC3"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(channel("#\xFF"), CHAT_CHANNEL_BAD);
}

static void ascii_letters_are_folded_and_nothing_else(void)
{
    char folded[CHAT_NAME_MAX];
    char all[255];

    for (int byte = 1; byte < 256; byte++)
        all[byte - 1] = (char)byte;
    CU_ASSERT_EQUAL_FATAL(chat_fold((struct chat_text){all, sizeof all}, folded).length, 255);
    for (int byte = 1; byte < 256; byte++) {
        int expected = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;

        CU_ASSERT_EQUAL((unsigned char)folded[byte - 1], expected);
    }
}

static void a_name_knows_how_it_is_written_and_compared(void)
{
    struct chat_name *name = chat_name_new(chat_text("#Room"));

    CU_ASSERT_PTR_NOT_NULL_FATAL(name);
    CU_ASSERT(chat_text_equal(chat_name_text(name), chat_text("#Room")));
    CU_ASSERT(chat_text_equal(chat_name_folded(name), chat_text("#room")));
    CU_ASSERT_STRING_EQUAL(chat_name_text(name).data, "#Room");
    CU_ASSERT_STRING_EQUAL(chat_name_folded(name).data, "#room");
    free(name);
}

static void what_is_longer_than_any_name_has_no_folded_form(void)
{
    char folded[CHAT_NAME_MAX];
    char text[CHAT_NAME_MAX + 1];

    memset(text, 'a', sizeof text);
    CU_ASSERT_EQUAL(chat_fold((struct chat_text){text, CHAT_NAME_MAX}, folded).length,
                    CHAT_NAME_MAX);
    CU_ASSERT_PTR_NULL(chat_fold((struct chat_text){text, CHAT_NAME_MAX + 1}, folded).data);
}

static void ids_follow_the_clock_and_each_other(void)
{
    struct chat_id_source source;
    struct chat_id first, second, later, back;

    CU_ASSERT_EQUAL_FATAL(chat_id_source_init(&source, 0x1234), 0);
    first = chat_id_next(&source, 1000);
    second = chat_id_next(&source, 1000);
    later = chat_id_next(&source, 2000);
    back = chat_id_next(&source, 500);
    CU_ASSERT_EQUAL(first.time, UINT64_C(1000) << 16);
    CU_ASSERT_EQUAL(second.time, (UINT64_C(1000) << 16) + 1);
    CU_ASSERT_EQUAL(later.time, UINT64_C(2000) << 16);
    CU_ASSERT(chat_id_compare(back, later) > 0);
    CU_ASSERT_EQUAL(first.origin >> 48, 0x1234);
    CU_ASSERT_EQUAL(first.origin, back.origin);
    CU_ASSERT(chat_id_equal(first, first));
    CU_ASSERT(!chat_id_equal(first, second));
}

static void two_runs_of_one_node_give_different_ids(void)
{
    struct chat_id_source one, two;
    struct chat_id a, b;

    CU_ASSERT_EQUAL_FATAL(chat_id_source_init(&one, 7), 0);
    CU_ASSERT_EQUAL_FATAL(chat_id_source_init(&two, 7), 0);
    a = chat_id_next(&one, 1000);
    b = chat_id_next(&two, 1000);
    CU_ASSERT_EQUAL(a.time, b.time);
    CU_ASSERT(!chat_id_equal(a, b));
    CU_ASSERT_EQUAL(chat_id_compare(a, b) < 0, chat_id_compare(b, a) > 0);
}

#define DRAWERS 4
#define DRAWS   20000

struct drawer {
    struct chat_id_source *source;
    uint64_t times[DRAWS];
};

static void *draw(void *argument)
{
    struct drawer *drawer = argument;

    for (size_t i = 0; i < DRAWS; i++)
        drawer->times[i] = chat_id_next(drawer->source, 1000).time;
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void threads_never_draw_the_same_id(void)
{
    static struct drawer drawers[DRAWERS];
    static uint64_t all[DRAWERS * DRAWS];
    struct chat_id_source source;
    pthread_t threads[DRAWERS];

    CU_ASSERT_EQUAL_FATAL(chat_id_source_init(&source, 0), 0);
    for (size_t i = 0; i < DRAWERS; i++) {
        drawers[i].source = &source;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, draw, &drawers[i]), 0);
    }
    for (size_t i = 0; i < DRAWERS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_join(threads[i], NULL), 0);
        memcpy(&all[i * DRAWS], drawers[i].times, sizeof drawers[i].times);
        for (size_t k = 1; k < DRAWS; k++)
            CU_ASSERT_FATAL(drawers[i].times[k] > drawers[i].times[k - 1]);
    }
    qsort(all, DRAWERS * DRAWS, sizeof all[0], by_value);
    for (size_t i = 1; i < DRAWERS * DRAWS; i++)
        CU_ASSERT_FATAL(all[i] != all[i - 1]);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"nicks have letters, digits and some signs", nicks_have_letters_digits_and_some_signs},
        {"no other byte is in a nick", no_other_byte_is_in_a_nick},
        {"nicks are at most as long as allowed", nicks_are_at_most_as_long_as_allowed},
        {"channels begin with a hash", channels_begin_with_a_hash},
        {"channels have no space, comma or control character",
         channels_have_no_space_comma_or_control_character},
        {"channels are UTF-8", channels_are_utf8},
        {"ASCII letters are folded and nothing else", ascii_letters_are_folded_and_nothing_else},
        {"a name knows how it is written and compared",
         a_name_knows_how_it_is_written_and_compared},
        {"what is longer than any name has no folded form",
         what_is_longer_than_any_name_has_no_folded_form},
        {"ids follow the clock and each other", ids_follow_the_clock_and_each_other},
        {"two runs of one node give different ids", two_runs_of_one_node_give_different_ids},
        {"threads never draw the same id", threads_never_draw_the_same_id},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat names and ids", tests);
}
