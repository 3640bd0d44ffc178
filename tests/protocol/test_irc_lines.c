/* SPDX-License-Identifier: MIT */
/* IRC: lines, how long they may be, how they end, and what they must not have. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <string.h>

static void send_long(struct peer *peer, size_t tags, size_t rest)
{
    char text[8192];
    size_t length = 0;

    if (tags > 0) {
        text[length++] = '@';
        memset(text + length, 't', tags);
        length += tags;
        text[length++] = ' ';
    }
    memcpy(text + length, "PING :", 6);
    memset(text + length + 6, 'p', rest - 8);
    memcpy(text + length + rest - 2, "\r\n", 2);
    PEER_SEND(peer, text, length + rest);
}

static void a_line_may_be_512_bytes_and_4094_of_tags(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    send_long(peer, 4094, 512);
    PEER_EXPECT_MATCH(peer, ":test\\.example PONG test\\.example :p+");
    send_long(peer, 0, 513);
    PEER_EXPECT_LINE(peer, ":test.example 417 alice :Input line was too long");
    send_long(peer, 4095, 20);
    PEER_EXPECT_LINE(peer, ":test.example 417 alice :Input line was too long");
    send_long(peer, 6000, 512);
    PEER_EXPECT_LINE(peer, ":test.example 417 alice :Input line was too long");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_line_too_long_is_labelled_if_its_tags_are_not(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", "batch labeled-response");
    char text[4200];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    irc_send(peer, "@label=1 PING :%.505s", text);
    PEER_EXPECT_LINE(peer, "@label=1 :test.example 417 alice :Input line was too long");
    irc_send(peer, "@label=2;a=%s PING x", text);
    PEER_EXPECT_LINE(peer, ":test.example 417 alice :Input line was too long");
    irc_send(peer, "@label=3 PING :%.504s", text);
    PEER_EXPECT_MATCH(peer, "@label=3 :test\\.example PONG test\\.example :x+");
    irc_send(peer, "@label=4 PING :%s%s", text, text);
    PEER_EXPECT_LINE(peer, "@label=4 :test.example 417 alice :Input line was too long");
    PEER_SEND(peer, "@label=5 PING \0x\r\n", 18);
    PEER_EXPECT_LINE(peer, "@label=5 :test.example FAIL * INVALID_MESSAGE "
                           ":The line was refused, as it has a NUL byte");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* TEXT is cut: the line is as long as may be, and ends with a whole letter of two bytes. */
static void expect_cut(struct peer *peer, const char *command)
{
    size_t length;
    char *line;

    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    length = strlen(line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, command));
    CU_ASSERT(length == 509 || length == 510);
    CU_ASSERT_EQUAL(memcmp(line + length - 4, "\xc3\xa4\xc3\xa4", 4), 0);
}

static void whatever_is_relayed_is_cut_at_a_character(void)
{
    struct daemon *daemon = IRC_START("limits: { topic_length = 500; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char text[501] = "";

    for (int i = 0; i < 245; i++)
        strcat(text, "\xc3\xa4");
    irc_send(alice, "TOPIC #a :%s", text);
    expect_cut(bob, " TOPIC #a :");
    irc_send(bob, "TOPIC #a");
    expect_cut(bob, ":test.example 332 bob #a :");
    PEER_SKIP_TO(bob, ".* 333 .*");
    irc_send(alice, "NOTICE bob :%s", text);
    expect_cut(bob, " NOTICE bob :");
    irc_send(alice, "PART #a :%s", text);
    expect_cut(bob, " PART #a :");
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(bob, ".* JOIN #a");
    irc_send(alice, "QUIT :%s", text);
    expect_cut(bob, " QUIT :Quit: ");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void lines_end_in_cr_lf_or_both(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    PEER_SEND_TEXT(peer, "PING a\nPING b\r\nPING c\rPING d\r\r\n\n  :x  ping   e\n");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :a");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :b");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :c");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :d");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :e");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void what_is_not_utf8_is_refused(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", "batch labeled-response");

    PEER_SEND_TEXT(peer, "PRIVMSG alice :\xff\r\n@label=7 PRIVMSG alice :\xc3\r\n\xff\r\n");
    PEER_EXPECT_LINE(peer, ":test.example FAIL PRIVMSG INVALID_UTF8 "
                           ":The line was refused, as it is not UTF-8");
    PEER_EXPECT_LINE(peer, "@label=7 :test.example FAIL PRIVMSG INVALID_UTF8 "
                           ":The line was refused, as it is not UTF-8");
    PEER_EXPECT_LINE(peer, ":test.example FAIL * INVALID_UTF8 "
                           ":The line was refused, as it is not UTF-8");
    PEER_SEND(peer, "PING \0x\r\n", 9);
    PEER_EXPECT_LINE(peer, ":test.example FAIL * INVALID_MESSAGE "
                           ":The line was refused, as it has a NUL byte");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(a_line_may_be_512_bytes_and_4094_of_tags),
        TEST(a_line_too_long_is_labelled_if_its_tags_are_not),
        TEST(whatever_is_relayed_is_cut_at_a_character),
        TEST(lines_end_in_cr_lf_or_both),
        TEST(what_is_not_utf8_is_refused),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_lines", tests);
}
