/* SPDX-License-Identifier: MIT */
/* IRC: messages on several lines, what others get of them, and what is no such message. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define MSGID "msgid=[0-9a-f]{32}"
#define TIME  "time=[-0-9]{10}T[:0-9]{8}\\.[0-9]{3}Z"

#define CAPS "batch message-tags draft/multiline"

/* Somebody with capabilities in #a. */
static struct peer *come(struct daemon *daemon, const char *nick, const char *caps)
{
    struct peer *peer = irc_join(daemon, nick, caps);

    irc_send(peer, "JOIN #a");
    PEER_SKIP_TO(peer, ".* 366 .*");
    return peer;
}

/* What has come so far is passed over. */
static void quiet(struct peer *peer)
{
    irc_send(peer, "PING quiet");
    PEER_SKIP_TO(peer, ".*PONG test\\.example :quiet");
}

/* The message of the specification's example, to a target. */
static void say_example(struct peer *peer, const char *target)
{
    irc_send(peer,
             "BATCH +123 draft/multiline %s\r\n@batch=123 PRIVMSG %s hello\r\n"
             "@batch=123 PRIVMSG %s :\r\n@batch=123 privmsg %s :how is \r\n"
             "@batch=123;draft/multiline-concat PRIVMSG %s :everyone?\r\nBATCH -123",
             target, target, target, target, target);
}

static void expect_failure(struct place place, struct peer *peer, const char *what)
{
    char line[200];

    snprintf(line, sizeof line, ":test.example FAIL BATCH %s", what);
    peer_must_receive_line(place, peer, line);
}
#define EXPECT_FAILURE(peer, what) expect_failure(HERE, peer, what)
#define INVALID                    "MULTILINE_INVALID :Invalid multiline batch"

static void the_limits_are_told(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP LS 302");
    PEER_SKIP_TO(peer, ".* draft/multiline=max-bytes=4096,max-lines=32 .*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void who_knows_it_gets_a_batch(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", CAPS);
    struct peer *bob = come(daemon, "bob", "batch draft/multiline server-time message-tags");

    quiet(alice);
    irc_send(alice, "@+x=y BATCH +123 draft/multiline #a\r\n@batch=123 PRIVMSG #a hello\r\n"
                    "@batch=123 PRIVMSG #A :\r\n@batch=123 privmsg #a :how is \r\n"
                    "@batch=123;draft/multiline-concat PRIVMSG #a :everyone?\r\nBATCH -123");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";" TIME ";\\+x=y :alice!~alice@[^ ]+ "
                           "BATCH \\+m draft/multiline #a");
    PEER_EXPECT_MATCH(bob, "@batch=m :alice!~alice@[^ ]+ PRIVMSG #a :hello");
    PEER_EXPECT_MATCH(bob, "@batch=m :alice!~alice@[^ ]+ PRIVMSG #a :");
    PEER_EXPECT_MATCH(bob, "@batch=m :alice!~alice@[^ ]+ PRIVMSG #a :how is ");
    PEER_EXPECT_MATCH(bob, "@batch=m;draft/multiline-concat :alice!~alice@[^ ]+ "
                           "PRIVMSG #a :everyone\\?");
    PEER_EXPECT_MATCH(bob, ":[^ ]+ BATCH -m");
    IRC_EXPECT_NOTHING(alice);
    say_example(alice, "bob");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";" TIME " :alice!~alice@[^ ]+ "
                           "BATCH \\+m draft/multiline bob");
    PEER_SKIP_TO(bob, ":[^ ]+ BATCH -m");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_does_not_gets_the_lines_that_are_not_blank(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", CAPS);
    struct peer *bob = come(daemon, "bob", NULL);
    struct peer *carol = come(daemon, "carol", "message-tags server-time draft/multiline");

    irc_send(alice, "@+x=y BATCH +1 draft/multiline #a\r\n@batch=1 NOTICE #a :\r\n"
                    "@batch=1 NOTICE #a one\r\n@batch=1 NOTICE #a :\r\n"
                    "@batch=1 NOTICE #a :two\r\nBATCH -1");
    PEER_SKIP_TO(bob, ".*carol.* JOIN #a");
    IRC_EXPECT_FROM(bob, "alice", "NOTICE #a :one");
    IRC_EXPECT_FROM(bob, "alice", "NOTICE #a :two");
    IRC_EXPECT_NOTHING(bob);
    /* Batches are needed, too. */
    PEER_EXPECT_MATCH(carol, "@" MSGID ";" TIME ";\\+x=y :alice[^ ]+ NOTICE #a :one");
    PEER_EXPECT_MATCH(carol, "@" TIME " :alice[^ ]+ NOTICE #a :two");
    IRC_EXPECT_NOTHING(carol);
    say_example(alice, "bob");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :hello");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :how is ");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :everyone?");
    IRC_EXPECT_NOTHING(bob);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void people_in_talk_see_the_lines(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n", 2);
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    struct peer *tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    irc_send(tom, "tom");
    PEER_SKIP_TO(tom, ".*you have joined #lobby");
    irc_send(alice, "JOIN #lobby");
    PEER_SKIP_TO(tom, ".*alice has joined #lobby");
    say_example(alice, "#lobby");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] <alice> hello");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] <alice> how is everyone\\?");
    say_example(alice, "tom");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] alice tells you: hello");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] alice tells you: how is everyone\\?");
    irc_send(alice, "BATCH +1 draft/multiline #lobby\r\n"
                    "@batch=1 PRIVMSG #lobby :\001ACTION waves\r\n"
                    "@batch=1 PRIVMSG #lobby :and goes\001\r\nBATCH -1");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] \\* alice waves");
    PEER_EXPECT_MATCH(tom, "\\[.*\\] \\* alice and goes");
    peer_close(tom);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_echo_has_the_label_where_it_begins(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", CAPS " echo-message labeled-response");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "@label=x BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a one\r\n"
                    "@batch=1 PRIVMSG #a two\r\n@label=y BATCH -1");
    PEER_EXPECT_MATCH(alice, "@label=x;" MSGID " :alice[^ ]+ BATCH \\+e draft/multiline #a");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice[^ ]+ PRIVMSG #a :one");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice[^ ]+ PRIVMSG #a :two");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ BATCH -e");
    PEER_EXPECT_LINE(alice, "@label=y :test.example ACK");
    /* More than the message is in a batch around it. */
    irc_send(bob, "AWAY :lunch");
    PEER_SKIP_TO(bob, ".* 306 .*");
    irc_send(alice,
             "@label=z BATCH +1 draft/multiline bob\r\n@batch=1 PRIVMSG bob one\r\nBATCH -1");
    PEER_EXPECT_LINE(alice, "@label=z :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1;" MSGID " :alice[^ ]+ BATCH \\+e draft/multiline bob");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice[^ ]+ PRIVMSG bob :one");
    PEER_EXPECT_MATCH(alice, "@batch=1 :[^ ]+ BATCH -e");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 301 alice bob :lunch");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    /* What one says to oneself comes twice. */
    irc_send(alice, "BATCH +1 draft/multiline alice\r\n@batch=1 PRIVMSG alice one\r\nBATCH -1");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]+ BATCH \\+e draft/multiline alice");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice[^ ]+ PRIVMSG alice :one");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ BATCH -e");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]+ BATCH \\+s draft/multiline alice");
    PEER_EXPECT_MATCH(alice, "@batch=s :alice[^ ]+ PRIVMSG alice :one");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ BATCH -s");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_wants_no_echo_is_answered_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", CAPS " labeled-response");

    irc_send(alice, "@label=x BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a one\r\nBATCH -1");
    PEER_EXPECT_LINE(alice, "@label=x :test.example ACK");
    irc_send(alice, "@label=y BATCH +1 draft/multiline #b\r\n@batch=1 PRIVMSG #b one\r\nBATCH -1");
    PEER_EXPECT_LINE(alice, "@label=y :test.example 403 alice #b :No such channel");
    irc_send(alice, "@label=z BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #b one\r\n"
                    "@batch=1 PRIVMSG #a two\r\nBATCH -1");
    PEER_EXPECT_LINE(alice, "@label=z :test.example FAIL BATCH MULTILINE_INVALID_TARGET #a #b "
                            ":Invalid multiline target");
    irc_send(alice, "BATCH +1 draft/multiline nobody\r\n@batch=1 NOTICE nobody one\r\nBATCH -1");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Sends the beginning of a batch and what comes then; the rest of it is passed over. */
static void spoil(struct place place, struct peer *peer, const char *lines, const char *failure)
{
    irc_send(peer,
             "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a one\r\n%s\r\n"
             "@batch=1 PRIVMSG #a two\r\nBATCH -1",
             lines);
    expect_failure(place, peer, failure);
    irc_expect_nothing(place, peer);
}

static void what_is_wrong_ends_the_batch(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = come(daemon, "alice", CAPS);
    struct peer *bob = come(daemon, "bob", CAPS);

    quiet(alice);
    spoil(HERE, alice, "@batch=2 PRIVMSG #a x", INVALID);
    spoil(HERE, alice, "@batch=1 TAGMSG #a", INVALID);
    spoil(HERE, alice, "@batch=1 NOTICE #a x", INVALID);
    spoil(HERE, alice, "@batch=1;+x=y PRIVMSG #a x", INVALID);
    spoil(HERE, alice, "@batch=1;draft/multiline-concat PRIVMSG #a :", INVALID);
    spoil(HERE, alice, "@batch=1 BATCH +2 draft/multiline #a", INVALID);
    spoil(HERE, alice, "@batch=1 PRIVMSG #b x",
          "MULTILINE_INVALID_TARGET #a #b :Invalid multiline target");
    spoil(HERE, alice, "BATCH -2", INVALID);
    IRC_EXPECT_NOTHING(bob);
    /* Other commands are run all the same. */
    irc_send(alice, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a one\r\nAWAY\r\n"
                    "PRIVMSG #a plain\r\nBATCH -1");
    EXPECT_FAILURE(alice, INVALID);
    PEER_EXPECT_MATCH(alice, ":test\\.example 305 alice :.*");
    PEER_EXPECT_MATCH(bob, "@" MSGID " :alice[^ ]+ PRIVMSG #a :plain");
    IRC_EXPECT_NOTHING(alice);
    /* What is not UTF-8 was perhaps one of its lines. */
    irc_send(alice, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a \xff\r\nBATCH -1");
    EXPECT_FAILURE(alice, INVALID);
    PEER_EXPECT_MATCH(alice, ":test\\.example FAIL PRIVMSG INVALID_UTF8 :.*");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_opens_none_is_refused(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = come(daemon, "alice", CAPS);

    irc_send(alice, "BATCH x\r\nBATCH + draft/multiline #a\r\nBATCH +a_b draft/multiline #a\r\n"
                    "BATCH -1");
    for (int i = 0; i < 4; i++)
        EXPECT_FAILURE(alice, INVALID);
    irc_send(alice, "BATCH");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice BATCH :Not enough parameters");
    irc_send(alice, "BATCH +1 draft/multiline\r\n@batch=1 PRIVMSG #a x\r\nBATCH -1\r\n"
                    "BATCH +1 netsplit #a\r\nBATCH -1\r\nBATCH +1 draft/multiline #a,#b\r\n"
                    "BATCH -1\r\nBATCH +1 draft/multiline #a x\r\nBATCH -1");
    for (int i = 0; i < 4; i++)
        EXPECT_FAILURE(alice, INVALID);
    /* One in the other: none of them is said. */
    irc_send(alice, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a x\r\n"
                    "BATCH +2 draft/multiline #a\r\n@batch=2 PRIVMSG #a x\r\nBATCH -2");
    EXPECT_FAILURE(alice, INVALID);
    /* Nothing but blank lines. */
    irc_send(alice, "BATCH +1 draft/multiline #a\r\nBATCH -1\r\nBATCH +1 draft/multiline #a\r\n"
                    "@batch=1 PRIVMSG #a\r\n@batch=1 PRIVMSG #a :\r\nBATCH -1");
    EXPECT_FAILURE(alice, INVALID);
    EXPECT_FAILURE(alice, INVALID);
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_has_not_negotiated_it_has_no_batches(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "draft/multiline message-tags");
    struct peer *bob = come(daemon, "bob", NULL);

    quiet(alice);
    irc_send(alice, "BATCH +1 draft/multiline #a");
    PEER_EXPECT_LINE(alice, ":test.example 421 alice BATCH :Unknown command");
    irc_send(alice, "@batch=1 PRIVMSG #a x");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :x");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void lines_and_bytes_are_limited(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = come(daemon, "alice", CAPS);
    struct peer *bob = come(daemon, "bob", NULL);
    char text[410];

    quiet(alice);
    memset(text, 'x', sizeof text - 1);
    text[409] = '\0';
    for (int most = 32; most <= 33; most++) {
        irc_send(alice, "BATCH +1 draft/multiline #a");
        for (int i = 0; i < most; i++)
            irc_send(alice, "@batch=1 PRIVMSG #a %d", i);
        irc_send(alice, "BATCH -1");
    }
    EXPECT_FAILURE(alice, "MULTILINE_MAX_LINES 32 :Multiline batch max-lines exceeded");
    for (int i = 0; i < 32; i++) {
        snprintf(text, sizeof text, "PRIVMSG #a :%d", i);
        IRC_EXPECT_FROM(bob, "alice", text);
    }
    IRC_EXPECT_NOTHING(bob);
    /* 10 lines of 408 bytes and 9 line feeds are 4089, so 6 more may come after a line feed. */
    memset(text, 'x', sizeof text - 1);
    for (int most = 6; most <= 7; most++) {
        irc_send(alice, "BATCH +1 draft/multiline #a");
        for (int i = 0; i < 10; i++)
            irc_send(alice, "@batch=1 PRIVMSG #a %.408s", text);
        irc_send(alice, "@batch=1 PRIVMSG #a %.*s", most, text);
        irc_send(alice, "BATCH -1");
    }
    EXPECT_FAILURE(alice, "MULTILINE_MAX_BYTES 4096 :Multiline batch max-bytes exceeded");
    for (int i = 0; i < 10; i++)
        PEER_EXPECT_MATCH(bob, ":alice[^ ]+ PRIVMSG #a :x{408}");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :xxxxxx");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_batch_has_its_time(void)
{
    struct daemon *daemon = IRC_START("irc: { batch_timeout = 1; };\n");
    struct peer *alice = come(daemon, "alice", CAPS " labeled-response");
    struct peer *bob = come(daemon, "bob", NULL);

    quiet(alice);
    irc_send(alice, "BATCH +1-a draft/multiline #a\r\n@batch=1-a PRIVMSG #a x");
    EXPECT_FAILURE(alice, "TIMEOUT 1-a :Multiline batch was open for too long");
    irc_send(alice, "@batch=1-a PRIVMSG #a x\r\nBATCH -1-a");
    irc_send(alice, "@label=x BATCH +2 draft/multiline #a");
    PEER_EXPECT_LINE(alice, "@label=x :test.example FAIL BATCH TIMEOUT 2 "
                            ":Multiline batch was open for too long");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    /* One that ends with it is nobody's. */
    irc_send(alice, "BATCH +3 draft/multiline #a\r\n@batch=3 PRIVMSG #a x");
    peer_reset(alice);
    DAEMON_STOP(daemon);
}

static void modes_of_the_channel_are_those_of_any_message(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = come(daemon, "alice", CAPS);
    struct peer *bob = come(daemon, "bob", CAPS);
    struct peer *carol = come(daemon, "carol", NULL);

    quiet(alice);
    quiet(bob);
    irc_send(alice, "MODE #a +Cc");
    PEER_SKIP_TO(bob, ".*MODE #a \\+Cc");
    PEER_SKIP_TO(carol, ".*MODE #a \\+Cc");
    irc_send(bob, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a :\002one\r\n"
                  "@batch=1 PRIVMSG #a :\0034,5\r\n@batch=1 PRIVMSG #a t\002w\002o\r\nBATCH -1");
    PEER_SKIP_TO(alice, ".* BATCH \\+m draft/multiline #a");
    PEER_EXPECT_MATCH(alice, "@batch=m :bob[^ ]+ PRIVMSG #a :one");
    PEER_EXPECT_MATCH(alice, "@batch=m :bob[^ ]+ PRIVMSG #a :");
    PEER_EXPECT_MATCH(alice, "@batch=m :bob[^ ]+ PRIVMSG #a :two");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ BATCH -m");
    IRC_EXPECT_FROM(carol, "bob", "PRIVMSG #a :one");
    IRC_EXPECT_FROM(carol, "bob", "PRIVMSG #a :two");
    irc_send(bob, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a :\002\r\nBATCH -1");
    PEER_EXPECT_LINE(bob, ":test.example 412 bob :No text to send");
    irc_send(bob, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a x\r\n"
                  "@batch=1 PRIVMSG #a :\001VERSION\001\r\nBATCH -1");
    PEER_EXPECT_LINE(bob, ":test.example 404 bob #a :Cannot send to channel");
    irc_send(bob, "BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #a :\001ACTION waves\r\n"
                  "@batch=1 PRIVMSG #a :and goes\001\r\nBATCH -1");
    PEER_SKIP_TO(alice, ".* BATCH \\+m draft/multiline #a");
    PEER_EXPECT_MATCH(alice, "@batch=m :bob[^ ]+ PRIVMSG #a :\001ACTION waves");
    PEER_EXPECT_MATCH(alice, "@batch=m :bob[^ ]+ PRIVMSG #a :and goes\001");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ BATCH -m");
    IRC_EXPECT_FROM(carol, "bob", "PRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_FROM(carol, "bob", "PRIVMSG #a :\001ACTION and goes\001");
    irc_send(alice, "MODE #a +m");
    PEER_SKIP_TO(bob, ".*MODE #a \\+m");
    say_example(bob, "#a");
    PEER_EXPECT_LINE(bob, ":test.example 404 bob #a :Cannot send to channel");
    say_example(bob, "@#a");
    PEER_EXPECT_LINE(bob, ":test.example 404 bob @#a :Cannot send to channel");
    IRC_EXPECT_NOTHING(bob);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void each_line_costs(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 4; flood_burst = 8; };\n");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    uint64_t began;

    irc_send(alice, "PING wait");
    PEER_SKIP_TO(alice, ".* PONG .*");
    began = expect_deadline();
    irc_send(alice, "BATCH +1 draft/multiline alice");
    for (int i = 0; i < 12; i++)
        irc_send(alice, "@batch=1 NOTICE alice %d", i);
    irc_send(alice, "BATCH -1");
    PEER_SKIP_TO(alice, ":[^ ]+ BATCH -s");
    /* 14 lines, of which 8 at most are free. */
    CU_ASSERT((expect_deadline() - began) >= UINT64_C(1000) * 1000 * 1000);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_limits_are_told),
        TEST(who_knows_it_gets_a_batch),
        TEST(who_does_not_gets_the_lines_that_are_not_blank),
        TEST(people_in_talk_see_the_lines),
        TEST(an_echo_has_the_label_where_it_begins),
        TEST(who_wants_no_echo_is_answered_once),
        TEST(what_is_wrong_ends_the_batch),
        TEST(what_opens_none_is_refused),
        TEST(who_has_not_negotiated_it_has_no_batches),
        TEST(lines_and_bytes_are_limited),
        TEST(a_batch_has_its_time),
        TEST(modes_of_the_channel_are_those_of_any_message),
        TEST(each_line_costs),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_multiline", tests);
}
