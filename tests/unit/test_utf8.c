/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/utf8.h"
#include "tests/lib/unit.h"

#include <string.h>

/* What an encoder by the book makes of a code point; 0 for one that has no UTF-8. */
static size_t encode(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point >= 0xD800 && point <= 0xDFFF)
        return 0;
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

static void every_code_point_is_read_as_it_is_written(void)
{
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[4];
        size_t length = encode(point, text);
        size_t used;

        if (length == 0)
            continue;
        if (pli_utf8_decode(text, length, &used) != (int32_t)point || used != length ||
            !pli_utf8_is_valid(text, length)) {
            CU_FAIL_FATAL("a code point was not read");
        }
    }
}

/* Every sequence of two bytes, and every one of three that begins with E0 to F4, against the above. */
static void sequences_that_no_encoder_writes_are_refused(void)
{
    static char valid[0x1000000 / 8];
    size_t counted[2] = {0, 0};

    memset(valid, 0, sizeof valid);
    for (uint32_t point = 0x80; point < 0x10000; point++) {
        char text[4];
        size_t length = encode(point, text);
        uint32_t key = 0;

        for (size_t i = 0; i < length; i++)
            key = key << 8 | (unsigned char)text[i];
        valid[key / 8] |= (char)(1 << key % 8);
    }
    for (uint32_t key = 0x8000; key < 0x1000000; key++) {
        char text[3] = {(char)(key >> 16), (char)(key >> 8), (char)key};
        size_t length = key < 0x10000 ? 2 : 3;
        size_t used;

        if (length == 3 && (key >> 16) < 0xE0)
            continue;
        if ((pli_utf8_decode(text + 3 - length, length, &used) >= 0 && used == length) !=
            !!(valid[key / 8] & (1 << key % 8)))
            CU_FAIL_FATAL("a sequence was judged wrongly");
        counted[length - 2]++;
    }
    CU_ASSERT(counted[0] == 0x8000);
    CU_ASSERT(counted[1] == 0x200000);
}

static void four_bytes_past_the_last_plane_are_refused(void)
{
    CU_ASSERT(pli_utf8_is_valid("\xF4\x8F\xBF\xBF", 4));
    CU_ASSERT(!pli_utf8_is_valid("\xF4\x90\x80\x80", 4));
    CU_ASSERT(!pli_utf8_is_valid("\xF0\x8F\xBF\xBF", 4));
    CU_ASSERT(!pli_utf8_is_valid("\xF5\x80\x80\x80", 4));
}

/* The example of Unicode 15, table 3-8, and its neighbours. */
static void one_replacement_stands_for_a_maximal_subpart(void)
{
    static const char text[] = "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41";
    static const size_t expected[] = {2, 1, 3, 2};
    size_t at = 0;
    size_t used;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CU_ASSERT(pli_utf8_decode(text + at, sizeof text - 1 - at, &used) == -1);
        CU_ASSERT_EQUAL(used, expected[i]);
        at += used;
    }
    CU_ASSERT(pli_utf8_decode(text + at, 1, &used) == 'A');
    CU_ASSERT(pli_utf8_decode("\xED\xA0\x80", 3, &used) == -1);
    CU_ASSERT_EQUAL(used, 1);
}

static void a_character_that_the_end_cuts_is_invalid(void)
{
    static const char text[] = "\xF0\x9F\x8C\x8D";
    size_t used;

    for (size_t length = 1; length < 4; length++) {
        CU_ASSERT(pli_utf8_decode(text, length, &used) == -1);
        CU_ASSERT_EQUAL(used, length);
        CU_ASSERT(!pli_utf8_is_valid(text, length));
    }
}

static void ascii_is_counted_at_every_alignment(void)
{
    char text[64];

    for (size_t start = 0; start < 9; start++) {
        for (size_t ascii = 0; ascii < 40; ascii++) {
            memset(text, 'a', sizeof text);
            text[start + ascii] = (char)0x80;
            CU_ASSERT_EQUAL(pli_utf8_ascii(text + start, 50), ascii);
            CU_ASSERT_EQUAL(pli_utf8_ascii(text + start, ascii), ascii);
            CU_ASSERT(!pli_utf8_is_valid(text + start, ascii + 1));
        }
    }
}

static void a_cut_leaves_whole_characters(void)
{
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\x8D";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

    for (size_t most = 0; most < sizeof expected / sizeof expected[0]; most++)
        CU_ASSERT_EQUAL(pli_utf8_cut(text, 10, most), expected[most]);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"every code point is read as it is written", every_code_point_is_read_as_it_is_written},
        {"sequences that no encoder writes are refused",
         sequences_that_no_encoder_writes_are_refused},
        {"four bytes past the last plane are refused", four_bytes_past_the_last_plane_are_refused},
        {"one replacement stands for a maximal subpart",
         one_replacement_stands_for_a_maximal_subpart},
        {"a character that the end cuts is invalid", a_character_that_the_end_cuts_is_invalid},
        {"ascii is counted at every alignment", ascii_is_counted_at_every_alignment},
        {"a cut leaves whole characters", a_cut_leaves_whole_characters},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "utf8", tests);
}
