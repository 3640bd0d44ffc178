/* SPDX-License-Identifier: MIT */
/* Telnet, control characters, and bytes that are no text. */
#include "config.h"

#include "talk/clean.h"
#include "talk/telnet.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <stdio.h>
#include <stdlib.h>

static struct talker alice, bob;

static void begin(void)
{
    talk_begin();
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    talker_reads(&alice);
}

static void end(void)
{
    talker_goes(&alice);
    talker_goes(&bob);
    talk_end();
}

/* alice sends the bytes of a literal, split into lines at each LF, and bob sees TEXT. */
#define SENDS(bytes, text)                                                                         \
    do {                                                                                           \
        send_lines(bytes, sizeof(bytes) - 1);                                                      \
        TALKER_SEES(&bob, text);                                                                   \
    } while (0)

static void send_lines(const char *bytes, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(bytes, '\n', size);
        size_t length = newline ? (size_t)(newline - bytes) + 1 : size;
        size_t end = !newline ? 0 : length > 1 && newline[-1] == '\r' ? 2 : 1;
        char *copy = malloc(length);

        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        memcpy(copy, bytes, length);
        talker_sends(&alice, copy, length, end);
        free(copy);
        bytes += length;
        size -= length;
    }
}

static void any_line_end_will_do(void)
{
    begin();
    SENDS("one\n", "[HH:MM] <alice> one\n");
    SENDS("two\r\n", "[HH:MM] <alice> two\n");
    SENDS("three\r\0\r\n", "[HH:MM] <alice> three\n");
    SENDS("the end of input", "[HH:MM] <alice> the end of input\n");
    end();
}

static void telnet_commands_are_swallowed(void)
{
    begin();
    SENDS("\xFF\xFB\x1Fhel\xFF\xFD\x03lo\xFF\xF1\r\n", "[HH:MM] <alice> hello\n");
    SENDS("\xFF\xFA\x1F\0\x50\0\x18\xFF\xF0hi\r\n", "[HH:MM] <alice> hi\n");
    SENDS("\xFF\xFA\x18\0xterm\xFF\xFF\xFF\xF0hi\r\n", "[HH:MM] <alice> hi\n");
    SENDS("\xFF\xFA\x18\0xterm\xFF\xF9"
          "cut off\r\n",
          "[HH:MM] <alice> cut off\n");
    end();
}

static void a_line_end_within_a_telnet_command_ends_no_line(void)
{
    begin();
    SENDS("he\xFF\xFA\x1F\0\x50\0\n\xFF\xF0llo\n", "[HH:MM] <alice> hello\n");
    SENDS("he\xFF\xFA\x1F\0\x50\r\n\0\n\xFF\xF0llo\r\n", "[HH:MM] <alice> hello\n");
    SENDS("opt\xFF\xFB\nion\n", "[HH:MM] <alice> option\n");
    SENDS("cr\xFF\xFB\r\n", "[HH:MM] <alice> cr\n");
    SENDS("\xFF\xFA\n", "");
    SENDS("\n\n\xFF\xF0", "");
    SENDS("after\n", "[HH:MM] <alice> after\n");
    end();
}

static void a_doubled_iac_is_one_byte_of_text(void)
{
    begin();
    SENDS("a\xFF\xFF"
          "b\n",
          "[HH:MM] <alice> a\xEF\xBF\xBD"
          "b\n");
    end();
}

static void an_iac_before_text_is_text(void)
{
    begin();
    SENDS("a\xFF"
          "b\n",
          "[HH:MM] <alice> a\xEF\xBF\xBD"
          "b\n");
    SENDS("\xFF\n", "[HH:MM] <alice> \xEF\xBF\xBD\n");
    SENDS("x\xFF\r\n", "[HH:MM] <alice> x\xEF\xBF\xBD\n");
    end();
}

static void a_subnegotiation_without_end_makes_nobody_mute(void)
{
    char line[200];

    begin();
    memset(line, 'x', sizeof line);
    line[0] = (char)0xFF;
    line[1] = (char)0xFA;
    line[199] = '\n';
    send_lines(line, sizeof line);
    memset(line, 'y', 199);
    send_lines(line, sizeof line);
    send_lines(line, sizeof line);
    talker_reads(&bob);
    SENDS("heard again\n", "[HH:MM] <alice> heard again\n");
    end();
}

/* Text that waits for a line end which is always part of an option would gather without limit. */
static void text_before_a_swallowed_line_end_does_not_gather_for_ever(void)
{
    char line[1002];

    begin();
    memset(line, 'z', sizeof line);
    memcpy(line + 999, "\xFF\xFB\n", 3);
    for (int i = 0; i < 4; i++)
        send_lines(line, sizeof line);
    TALKER_SEES(&alice, "");
    send_lines(line, sizeof line);
    TALKER_SEES(&alice, "That line is too long; it was not sent.\n");
    SENDS("next\n", "[HH:MM] <alice> next\n");
    end();
}

static void too_long_a_line_ends_a_telnet_command(void)
{
    const struct pl_line head = {.text = "xxx", .length = 3, .size = 3};

    begin();
    SENDS("pending\xFF\xFA\x1F\n", "");
    talk_service.fault(alice.session, PL_FAULT_TOO_LONG, &head);
    SENDS("fresh\n", "[HH:MM] <alice> fresh\n");
    end();
}

static void control_characters_are_not_passed_on(void)
{
    begin();
    SENDS("\033[2J\033]0;title\007x\n", "[HH:MM] <alice> [2J]0;titlex\n");
    SENDS("a\0b\x01\x02\x1F\x7F"
          "c\n",
          "[HH:MM] <alice> abc\n");
    SENDS("t\ta\tb\n", "[HH:MM] <alice> t a b\n");
    SENDS("c1\xC2\x80\xC2\x9B\xC2\x9F.\xC2\xA0\n", "[HH:MM] <alice> c1.\xC2\xA0\n");
    SENDS("over\roverwritten\b\b\n", "[HH:MM] <alice> overoverwritten\n");
    SENDS("\033\033\n", "");
    end();
}

static void control_characters_hide_no_command(void)
{
    begin();
    SENDS("\x01/me waves\n", "[HH:MM] * alice waves\n");
    SENDS("/m\0e waves\n", "[HH:MM] * alice waves\n");
    end();
}

static void invalid_utf8_is_replaced(void)
{
    begin();
    SENDS("caf\xE9 \xC3\xA9 \xF0\x9F\x8C\x8D\n",
          "[HH:MM] <alice> caf\xEF\xBF\xBD \xC3\xA9 \xF0\x9F\x8C\x8D\n");
    SENDS("\xC0\xAF \xED\xA0\x80 \xE2\x82\n",
          "[HH:MM] <alice> \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD "
          "\xEF\xBF\xBD\n");
    end();
}

static void a_nickname_is_taken_from_between_telnet_commands(void)
{
    begin();
    talker_goes(&alice);
    talker_connect(&alice);
    talker_reads(&alice);
    talker_reads(&bob);
    send_lines("\xFF\xFD\x01\xFF\xFB\x1Fzoe\r\0\n", 12);
    TALKER_SEES(&bob, "[HH:MM] * zoe has joined #lobby\n");
    end();
}

/* Every text of up to three of these bytes: clean is clean, and what was clean is not changed. */
static void cleaning_is_thorough_and_changes_nothing_else(void)
{
    static const unsigned char bytes[] = {0,    9,    10,   27,   ' ',  'a',  '~',  127,  0x80,
                                          0x9F, 0xA0, 0xBF, 0xC2, 0xC3, 0xE2, 0xED, 0xF0, 0xFF};
    const size_t n = sizeof bytes;

    for (size_t i = 0; i < n * n * n; i++) {
        char text[3] = {(char)bytes[i % n], (char)bytes[i / n % n], (char)bytes[i / n / n]};
        struct chat_text raw = {text, 3};
        char out[9];
        struct chat_text clean = {out, talk_clean(raw, out)};

        CU_ASSERT_FATAL(clean.length <= talk_clean_room(raw));
        CU_ASSERT_FATAL(talk_is_clean(clean));
        CU_ASSERT_FATAL(talk_is_clean(raw) == chat_text_equal(raw, clean));
    }
}

/* However the bytes are cut into pieces, the text is the same. */
static void telnet_state_lives_across_pieces(void)
{
    static const char stream[] = "a\xFF\xFB\x1F"
                                 "b\xFF\xFA\x18\0x\xFF\xFFy\xFF\xF0"
                                 "c\xFF\xFF\xFFz\xFF\xF9!";
    char whole[sizeof stream], pieces[sizeof stream + 2];
    struct telnet telnet = {0};
    size_t length = telnet_strip(&telnet, stream, sizeof stream - 1, whole);

    CU_ASSERT_EQUAL(length, 7);
    CU_ASSERT(memcmp(whole, "abc\xFF\xFFz!", 7) == 0);
    for (size_t cut = 0; cut < sizeof stream - 1; cut++) {
        size_t used;

        telnet = (struct telnet){0};
        used = telnet_strip(&telnet, stream, cut, pieces);
        used += telnet_strip(&telnet, stream + cut, sizeof stream - 1 - cut, pieces + used);
        CU_ASSERT_EQUAL_FATAL(used, length);
        CU_ASSERT_FATAL(memcmp(pieces, whole, length) == 0);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"any line end will do", any_line_end_will_do},
        {"telnet commands are swallowed", telnet_commands_are_swallowed},
        {"a line end within a telnet command ends no line",
         a_line_end_within_a_telnet_command_ends_no_line},
        {"a doubled iac is one byte of text", a_doubled_iac_is_one_byte_of_text},
        {"an iac before text is text", an_iac_before_text_is_text},
        {"a subnegotiation without end makes nobody mute",
         a_subnegotiation_without_end_makes_nobody_mute},
        {"text before a swallowed line end does not gather for ever",
         text_before_a_swallowed_line_end_does_not_gather_for_ever},
        {"too long a line ends a telnet command", too_long_a_line_ends_a_telnet_command},
        {"control characters are not passed on", control_characters_are_not_passed_on},
        {"control characters hide no command", control_characters_hide_no_command},
        {"invalid utf8 is replaced", invalid_utf8_is_replaced},
        {"a nickname is taken from between telnet commands",
         a_nickname_is_taken_from_between_telnet_commands},
        {"cleaning is thorough and changes nothing else",
         cleaning_is_thorough_and_changes_nothing_else},
        {"telnet state lives across pieces", telnet_state_lives_across_pieces},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk input", tests);
}
