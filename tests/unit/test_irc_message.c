/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/line.h"
#include "irc/message.h"
#include "tests/lib/unit.h"

#include <stdlib.h>

static struct irc_message message;

static enum irc_parsed parse(const char *line)
{
    return irc_message_parse(chat_text(line), IRC_LINE_MAX, &message);
}

static bool is(struct chat_text text, const char *string)
{
    return chat_text_equal(text, chat_text(string));
}

static void command_and_parameters_are_split_at_spaces(void)
{
    CU_ASSERT_EQUAL(parse("USER a 0 * :Some body: here "), IRC_PARSED);
    CU_ASSERT(is(message.command, "USER"));
    CU_ASSERT_EQUAL(message.count, 4);
    CU_ASSERT(is(message.params[0], "a"));
    CU_ASSERT(is(message.params[1], "0"));
    CU_ASSERT(is(message.params[2], "*"));
    CU_ASSERT(is(message.params[3], "Some body: here "));
}

static void spaces_may_stand_everywhere(void)
{
    CU_ASSERT_EQUAL(parse("  @a=1   :who   JOIN    #x,#y   k:1   "), IRC_PARSED);
    CU_ASSERT(is(message.tags, "a=1"));
    CU_ASSERT(is(message.command, "JOIN"));
    CU_ASSERT_EQUAL(message.count, 2);
    CU_ASSERT(is(message.params[0], "#x,#y"));
    CU_ASSERT(is(message.params[1], "k:1"));
}

static void an_empty_trailing_parameter_counts(void)
{
    CU_ASSERT_EQUAL(parse("TOPIC #x :"), IRC_PARSED);
    CU_ASSERT_EQUAL(message.count, 2);
    CU_ASSERT_EQUAL(message.params[1].length, 0);
    CU_ASSERT_EQUAL(irc_param(&message, 2).length, 0);
}

static void the_fifteenth_parameter_takes_the_rest(void)
{
    CU_ASSERT_EQUAL(parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17"), IRC_PARSED);
    CU_ASSERT_EQUAL(message.count, IRC_PARAMS_MAX);
    CU_ASSERT(is(message.params[14], "15 16 :17"));
    CU_ASSERT_EQUAL(parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16"), IRC_PARSED);
    CU_ASSERT(is(message.params[14], "15 16"));
}

static void lines_without_a_command_are_empty(void)
{
    static const char *const lines[] = {"", " ", "    ", "@a=b", "@a ", ":who", "@a :who  ", "@"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        CU_ASSERT_EQUAL(parse(lines[i]), IRC_EMPTY);
}

/* "@" TAGS times 't', a space, then REST bytes. */
static enum irc_parsed parse_of_length(size_t tags, size_t rest)
{
    static char line[10000];
    size_t length = 0;

    line[length++] = '@';
    memset(line + length, 't', tags);
    length += tags;
    line[length++] = ' ';
    memset(line + length, 'C', rest);
    return irc_message_parse((struct chat_text){line, length + rest}, IRC_LINE_MAX, &message);
}

static void tags_and_the_rest_have_limits_of_their_own(void)
{
    CU_ASSERT_EQUAL(parse_of_length(4094, 510), IRC_PARSED);
    CU_ASSERT_EQUAL(parse_of_length(4095, 1), IRC_TOO_LONG);
    CU_ASSERT_EQUAL(parse_of_length(1, 511), IRC_TOO_LONG);
    CU_ASSERT_EQUAL(parse_of_length(1, 510), IRC_PARSED);
}

static void the_last_of_several_equal_tags_counts(void)
{
    struct irc_tag tag;

    CU_ASSERT(irc_tag_find(chat_text("a=1;;=x;+b/c=2;a=3;d"), chat_text("a"), &tag));
    CU_ASSERT(is(tag.value, "3"));
    CU_ASSERT(irc_tag_find(chat_text("a=1;;=x;+b/c=2=2;a=3;d"), chat_text("+b/c"), &tag));
    CU_ASSERT(is(tag.value, "2=2"));
    CU_ASSERT(irc_tag_find(chat_text("a=1;d"), chat_text("d"), &tag));
    CU_ASSERT_EQUAL(tag.value.length, 0);
    CU_ASSERT(!irc_tag_find(chat_text("a=1;d"), chat_text("x"), &tag));
    CU_ASSERT(!irc_tag_find(CHAT_NO_TEXT, chat_text("x"), &tag));
}

static void unescapes_to(const char *escaped, const char *plain)
{
    char out[100];
    size_t length = irc_tag_unescape(chat_text(escaped), out);

    CU_ASSERT(chat_text_equal((struct chat_text){out, length}, chat_text(plain)));
}

static void escapes_of_tag_values_are_undone(void)
{
    unescapes_to("a\\:b\\sc\\\\d\\re\\nf", "a;b c\\d\re\nf");
    unescapes_to("\\b\\\\s", "b\\s");
    unescapes_to("end\\", "end");
    unescapes_to("", "");
}

static void escaping_and_unescaping_are_opposites(void)
{
    const char *plain = "; \\\r\nplain \xC3\xA4";
    char escaped[100];
    char out[100];
    size_t length = irc_tag_escape(chat_text(plain), escaped);

    CU_ASSERT(chat_text_equal((struct chat_text){escaped, length},
                              chat_text("\\:\\s\\\\\\r\\nplain\\s\xC3\xA4")));
    length = irc_tag_unescape((struct chat_text){escaped, length}, out);
    CU_ASSERT(chat_text_equal((struct chat_text){out, length}, chat_text(plain)));
}

static struct irc_line line;

static bool line_is(const char *text)
{
    return chat_text_equal((struct chat_text){line.data, line.length}, chat_text(text));
}

static void a_line_has_tags_text_and_an_end(void)
{
    irc_line_begin(&line);
    irc_line_tag(&line, "time", chat_text("a b"));
    irc_line_tag(&line, "bot", CHAT_NO_TEXT);
    irc_line_raw_tag(&line, &(struct irc_tag){chat_text("+x"), chat_text("a\\sb")});
    irc_line_puts(&line, ":s ");
    irc_line_number(&line, 353);
    irc_line_puts(&line, " ");
    irc_line_middle(&line, chat_text(":no"));
    irc_line_end(&line);
    CU_ASSERT(line_is("@time=a\\sb;bot;+x=a\\sb :s 353 *\r\n"));
}

static void a_long_line_is_cut_where_a_character_begins(void)
{
    irc_line_begin(&line);
    irc_line_tag(&line, "t", chat_text("v"));
    for (size_t i = 0; i < 509; i++)
        irc_line_puts(&line, "x");
    irc_line_puts(&line, "\xC3\xA4");
    CU_ASSERT_EQUAL(irc_line_room(&line), 0);
    irc_line_puts(&line, "y");
    irc_line_end(&line);
    CU_ASSERT_EQUAL(line.length, 5 + 509 + 2);
    CU_ASSERT_EQUAL(line.data[line.length - 3], 'x');
}

static void what_is_reserved_stays_free(void)
{
    irc_line_begin(&line);
    irc_line_reserve(&line, 1);
    for (size_t i = 0; i < 600; i++)
        irc_line_puts(&line, "x");
    irc_line_release(&line, 1);
    irc_line_puts(&line, "\001");
    irc_line_end(&line);
    CU_ASSERT_EQUAL(line.length, IRC_LINE_MAX);
    CU_ASSERT_EQUAL(line.data[IRC_LINE_MAX - 3], 1);
}

static void a_tag_without_room_is_left_out_whole(void)
{
    char value[5000];

    memset(value, 'v', sizeof value);
    irc_line_begin(&line);
    irc_line_raw_tag(&line, &(struct irc_tag){chat_text("+a"), {value, sizeof value}});
    irc_line_raw_tag(&line, &(struct irc_tag){chat_text("+b"), {value, sizeof value}});
    irc_line_raw_tag(&line, &(struct irc_tag){chat_text("+c"), {value, 3182}});
    CU_ASSERT_EQUAL(line.tags, IRC_TAGS_MAX);
    irc_line_raw_tag(&line, &(struct irc_tag){chat_text("d"), CHAT_NO_TEXT});
    irc_line_puts(&line, "PING");
    irc_line_end(&line);
    CU_ASSERT_EQUAL(line.length, IRC_TAGS_MAX + 6);
    CU_ASSERT(memcmp(line.data + 1 + 3 + sizeof value, ";+c=", 4) == 0);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(command_and_parameters_are_split_at_spaces),
        TEST(spaces_may_stand_everywhere),
        TEST(an_empty_trailing_parameter_counts),
        TEST(the_fifteenth_parameter_takes_the_rest),
        TEST(lines_without_a_command_are_empty),
        TEST(tags_and_the_rest_have_limits_of_their_own),
        TEST(the_last_of_several_equal_tags_counts),
        TEST(escapes_of_tag_values_are_undone),
        TEST(escaping_and_unescaping_are_opposites),
        TEST(a_line_has_tags_text_and_an_end),
        TEST(a_long_line_is_cut_where_a_character_begins),
        TEST(what_is_reserved_stays_free),
        TEST(a_tag_without_room_is_left_out_whole),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_message", tests);
}
