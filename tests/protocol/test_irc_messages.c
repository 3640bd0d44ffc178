/* SPDX-License-Identifier: MIT */
/* IRC: what is said, to whom, with which tags, and what comes back to who says it. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define MSGID "msgid=[0-9a-f]{32}"
#define TIME  "time=[-0-9]{10}T[:0-9]{8}\\.[0-9]{3}Z"

/* Goes into the channel and hears all that it is told then. */
static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

/* Somebody with capabilities in #a. */
static struct peer *come(struct daemon *daemon, const char *nick, const char *caps)
{
    struct peer *peer = irc_join(daemon, nick, caps);

    go_into(peer, "#a");
    return peer;
}

/* What has come so far is passed over. */
static void quiet(struct peer *peer)
{
    irc_send(peer, "PING quiet");
    PEER_SKIP_TO(peer, ".*PONG test\\.example :quiet");
}

/* -- Tags ------------------------------------------------------------------------------------ */

static void client_only_tags_reach_those_who_take_tags(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "message-tags");
    struct peer *bob = come(daemon, "bob", "message-tags echo-message");
    struct peer *carol = come(daemon, "carol", NULL);
    struct peer *dave = come(daemon, "dave", "server-time");

    quiet(alice);
    quiet(bob);
    quiet(carol);
    irc_send(alice, "@+baz=bat;fizz=buzz;+draft/reply=1 PRIVMSG #a :hi");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+baz=bat;\\+draft/reply=1 :alice[^ ]* PRIVMSG #a :hi");
    IRC_EXPECT_FROM(carol, "alice", "PRIVMSG #a :hi");
    PEER_EXPECT_MATCH(dave, "@" TIME " :alice[^ ]* PRIVMSG #a :hi");
    irc_send(bob, "@+x=a\\:b\\s\\\\;+y TAGMSG #a");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+x=a\\\\:b\\\\s\\\\\\\\;\\+y :bob[^ ]* TAGMSG #a");
    PEER_EXPECT_MATCH(alice, "@" MSGID ";\\+x=a\\\\:b\\\\s\\\\\\\\;\\+y :bob[^ ]* TAGMSG #a");
    irc_send(alice, "@+z NOTICE bob,carol :psst");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+z :alice[^ ]* NOTICE bob :psst");
    IRC_EXPECT_FROM(carol, "alice", "NOTICE carol :psst");
    irc_send(alice, "@+z TAGMSG carol");
    IRC_EXPECT_NOTHING(carol);
    IRC_EXPECT_NOTHING(alice);
    irc_send(dave, "PING x");
    PEER_EXPECT_LINE(dave, ":test.example PONG test.example :x");
    peer_close(dave);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void tags_that_are_none_are_not_handed_on(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "message-tags");
    struct peer *bob = come(daemon, "bob", "message-tags");
    struct peer *carol = come(daemon, "carol", NULL);

    quiet(alice);
    quiet(bob);
    irc_send(alice, "@+=1;+a_b=1;+/x=2;+v/=3;+a/b/c=4;++a=5;+exa mple=6 PRIVMSG #a :x");
    PEER_EXPECT_LINE(alice, ":test.example 421 alice mple=6 :Unknown command");
    irc_send(alice,
             "@+=1;+a_b=1;+/x=2;+v/=3;+a/b/c=4;++a=5;+\xc3\xa4;+ok=\xc3\xa4;+e= PRIVMSG #a :x");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+ok=\xc3\xa4;\\+e :alice[^ ]* PRIVMSG #a :x");
    irc_send(alice, "@+a=1;+b;+a=2 TAGMSG #a");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+a=2;\\+b :alice[^ ]* TAGMSG #a");
    irc_send(alice, "@unknown TAGMSG #a");
    PEER_EXPECT_MATCH(bob, "@" MSGID " :alice[^ ]* TAGMSG #a");
    /* Who has not negotiated them sends none. */
    irc_send(carol, "@+a=1 PRIVMSG #a :y");
    PEER_EXPECT_MATCH(bob, "@" MSGID " :carol[^ ]* PRIVMSG #a :y");
    quiet(carol);
    irc_send(carol, "@+a=1 TAGMSG #a");
    PEER_EXPECT_LINE(carol, ":test.example 421 carol TAGMSG :Unknown command");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* The next line begins with tags that end in TAG times 'a', and goes on with REST. */
static void expect_long(struct peer *peer, const char *tag, size_t length, const char *rest)
{
    char *line;
    char *tags;
    char *end;

    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    tags = strstr(line, tag);
    EXPECT(line[0] == '@' && tags, "tags expected, got %s", line);
    tags += strlen(tag);
    CU_ASSERT_EQUAL(strspn(tags, "a"), length);
    end = tags + strspn(tags, "a");
    CU_ASSERT_EQUAL(*end, ' ');
    CU_ASSERT_PTR_NOT_NULL(strstr(end, rest));
    CU_ASSERT((size_t)(end - line) + 1 <= 8191);
    CU_ASSERT(strlen(end + 1) <= 510);
}

static void tags_may_have_4094_bytes_and_are_handed_on_whole(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "message-tags echo-message server-time");
    struct peer *bob = come(daemon, "bob", "message-tags");
    char value[4083];
    char text[501];

    quiet(alice);
    memset(value, 'a', sizeof(value) - 1);
    value[4082] = '\0';
    memset(text, 'b', sizeof(text) - 1);
    text[500] = '\0';
    irc_send(alice, "@foo=bar;+baz=%.4081s TAGMSG #a", value);
    expect_long(alice, "+baz=", 4081, " TAGMSG #a");
    expect_long(bob, "+baz=", 4081, " TAGMSG #a");
    irc_send(alice, "@foo=bar;+baz=%s TAGMSG #a", value);
    PEER_EXPECT_LINE(alice, ":test.example 417 alice :Input line was too long");
    irc_send(alice, "@foo=bar;+baz=%.4081s PRIVMSG #a %.499s", value, text);
    expect_long(alice, "+baz=", 4081, " PRIVMSG #a :bbb");
    expect_long(bob, "+baz=", 4081, " PRIVMSG #a :bbb");
    irc_send(alice, "@foo=bar;+baz=%.4081s PRIVMSG #a %s", value, text);
    PEER_EXPECT_LINE(alice, ":test.example 417 alice :Input line was too long");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_bot_is_marked(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "message-tags");
    struct peer *carol = come(daemon, "carol", NULL);
    struct peer *bot = irc_join(daemon, "robo", NULL);

    irc_send(bot, "MODE robo +B");
    IRC_EXPECT_FROM(bot, "robo", "MODE robo :+B");
    go_into(bot, "#a");
    PEER_SKIP_TO(alice, "@" MSGID ";bot :robo[^ ]* JOIN #a");
    irc_send(bot, "PRIVMSG #a,alice :beep");
    PEER_EXPECT_MATCH(alice, "@" MSGID ";bot :robo[^ ]* PRIVMSG #a :beep");
    PEER_EXPECT_MATCH(alice, "@" MSGID ";bot :robo[^ ]* PRIVMSG alice :beep");
    IRC_EXPECT_FROM(carol, "robo", "JOIN #a");
    IRC_EXPECT_FROM(carol, "robo", "PRIVMSG #a :beep");
    peer_close(bot);
    peer_close(carol);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Targets --------------------------------------------------------------------------------- */

static void a_sign_before_a_channel_means_who_has_that_prefix(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "echo-message");
    struct peer *bob = come(daemon, "bob", NULL);
    struct peer *carol = come(daemon, "carol", "message-tags");
    struct peer *dave = irc_join(daemon, "dave", NULL);

    quiet(alice);
    irc_send(alice, "MODE #a +v bob");
    PEER_SKIP_TO(bob, ":alice[^ ]* MODE #a \\+v bob");
    PEER_SKIP_TO(carol, ".* MODE #a \\+v bob");
    quiet(alice);
    irc_send(alice, "PRIVMSG +#A :to the voiced");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG +#a :to the voiced");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG +#a :to the voiced");
    irc_send(carol, "PRIVMSG @#a :to the operators");
    IRC_EXPECT_FROM(alice, "carol", "PRIVMSG @#a :to the operators");
    irc_send(carol, "NOTICE %%#a :half");
    IRC_EXPECT_FROM(alice, "carol", "NOTICE %#a :half");
    irc_send(carol, "PRIVMSG @+#a :the least counts");
    IRC_EXPECT_FROM(alice, "carol", "PRIVMSG +#a :the least counts");
    IRC_EXPECT_FROM(bob, "carol", "PRIVMSG +#a :the least counts");
    irc_send(carol, "PRIVMSG &#a,~#a :nobody");
    irc_send(carol, "PRIVMSG @#none :x");
    PEER_EXPECT_LINE(carol, ":test.example 403 carol @#none :No such channel");
    irc_send(carol, "PRIVMSG @alice :x");
    PEER_EXPECT_LINE(carol, ":test.example 401 carol @alice :No such nick/channel");
    irc_send(carol, "PRIVMSG @ :x");
    PEER_EXPECT_LINE(carol, ":test.example 401 carol @ :No such nick/channel");
    irc_send(alice, "MODE #a -n");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a -n");
    irc_send(dave, "PRIVMSG @#a :from outside");
    PEER_EXPECT_LINE(dave, ":test.example 404 dave @#a :Cannot send to channel");
    irc_send(dave, "PRIVMSG #a :from outside");
    IRC_EXPECT_FROM(bob, "dave", "PRIVMSG #a :from outside");
    irc_send(alice, "VERSION");
    PEER_SKIP_TO(alice, ".* STATUSMSG=~&@%\\+ .*");
    peer_close(dave);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void at_most_four_targets_are_served(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "message-tags");
    struct peer *bob = irc_join(daemon, "bob", "message-tags");

    irc_send(alice, "PRIVMSG bob,,BOB,x,bob,y,z :t");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice x :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example 407 alice y :Too many targets, the rest was left out");
    for (int i = 0; i < 3; i++)
        PEER_EXPECT_MATCH(bob, "@" MSGID " :alice[^ ]* PRIVMSG bob :t");
    irc_send(alice, "NOTICE bob,bob,bob,bob,bob :t");
    for (int i = 0; i < 4; i++)
        PEER_EXPECT_MATCH(bob, "@" MSGID " :alice[^ ]* NOTICE bob :t");
    irc_send(alice, "TAGMSG bob,bob,bob,bob,bob");
    PEER_EXPECT_LINE(alice, ":test.example 407 alice bob :Too many targets, the rest was left out");
    for (int i = 0; i < 4; i++)
        PEER_EXPECT_MATCH(bob, "@" MSGID " :alice[^ ]* TAGMSG bob");
    irc_send(alice, "PRIVMSG , :t");
    PEER_EXPECT_LINE(alice, ":test.example 411 alice :No recipient given (PRIVMSG)");
    irc_send(alice, "TAGMSG");
    PEER_EXPECT_LINE(alice, ":test.example 411 alice :No recipient given (TAGMSG)");
    irc_send(alice, "TAGMSG nobody,#none");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #none :No such channel");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- What is refused or changed ---------------------------------------------------------------- */

static void a_moderated_channel_is_silent(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", NULL);
    struct peer *bob = come(daemon, "bob", "message-tags");
    struct peer *carol = irc_join(daemon, "carol", "message-tags");

    quiet(alice);
    irc_send(alice, "MODE #a +m");
    PEER_SKIP_TO(bob, ".* MODE #a \\+m");
    irc_send(bob, "PRIVMSG #a :x");
    PEER_EXPECT_LINE(bob, ":test.example 404 bob #a :Cannot send to channel");
    irc_send(bob, "TAGMSG #a");
    PEER_EXPECT_LINE(bob, ":test.example 404 bob #a :Cannot send to channel");
    irc_send(bob, "NOTICE #a :x");
    IRC_EXPECT_NOTHING(bob);
    irc_send(carol, "PRIVMSG #a :x");
    PEER_EXPECT_LINE(carol, ":test.example 404 carol #a :Cannot send to channel");
    irc_send(alice, "MODE #a +U");
    PEER_SKIP_TO(bob, ".* MODE #a \\+U");
    irc_send(bob, "PRIVMSG #a :help");
    PEER_SKIP_TO(alice, ":bob[^ ]* PRIVMSG #a :help");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void questions_to_programs_can_be_refused(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", NULL);
    struct peer *bob = come(daemon, "bob", NULL);

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "PRIVMSG #a,bob :\001VERSION\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\001VERSION\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :\001VERSION\001");
    irc_send(bob, "NOTICE alice :\001VERSION mine\001");
    IRC_EXPECT_FROM(alice, "bob", "NOTICE alice :\001VERSION mine\001");
    irc_send(alice, "MODE #a +C");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +C");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +C");
    irc_send(alice, "PRIVMSG #a :\001PING 1473523796 918320\001");
    PEER_EXPECT_LINE(alice, ":test.example 404 alice #a :Cannot send to channel");
    irc_send(alice, "PRIVMSG #a :\001ACTIONS\001");
    PEER_EXPECT_LINE(alice, ":test.example 404 alice #a :Cannot send to channel");
    irc_send(alice, "NOTICE #a :\001PING 1\001");
    irc_send(alice, "PRIVMSG #a :\001ACTION hi\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\001ACTION hi\001");
    irc_send(alice, "PRIVMSG #a :\001ACTION\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\001ACTION\001");
    irc_send(alice, "NOTICE #a :\001ACTION hi\001");
    IRC_EXPECT_FROM(bob, "alice", "NOTICE #a :\001ACTION hi\001");
    irc_send(alice, "PRIVMSG #a :plain");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :plain");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_notice_is_never_answered(void)
{
    static const char *const notices[] = {
        "NOTICE",       "NOTICE :",          "NOTICE bob",      "NOTICE bob :",
        "NOTICE , :x",  "NOTICE nobody :x",  "NOTICE #none :x", "NOTICE # :x",
        "NOTICE @ :x",  "NOTICE @#none :x",  "NOTICE @#a :x",   "NOTICE #a :x",
        "NOTICE $* :x", "NOTICE bob!*@* :x", "NOTICE ,,#a, :x", "NOTICE nobody,#a,$*,@,bob :x",
    };
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", NULL);
    struct peer *carol = irc_join(daemon, "carol", "batch labeled-response");

    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
        irc_send(carol, "%s", notices[i]);
        IRC_EXPECT_NOTHING(carol);
        irc_send(carol, "@label=l %s", notices[i]);
        PEER_EXPECT_LINE(carol, "@label=l :test.example ACK");
    }
    IRC_EXPECT_NOTHING(alice);
    peer_close(carol);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void colours_are_taken_off(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", "echo-message");
    struct peer *bob = come(daemon, "bob", NULL);

    quiet(alice);
    irc_send(alice, "PRIVMSG #a :\0034,5red\003 \002bold\017");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\0034,5red\003 \002bold\017");
    irc_send(alice, "MODE #a +c");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +c");
    quiet(alice);
    irc_send(alice, "PRIVMSG #a,bob :\0034,5red\003 \002bold\017");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :red bold");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :\0034,5red\003 \002bold\017");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG #a :red bold");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG bob :\0034,5red\003 \002bold\017");
    irc_send(alice, "PRIVMSG #a :\001ACTION \002waves\002\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG #a :\001ACTION waves\001");
    irc_send(alice, "PRIVMSG #a :\0034,5\002\017");
    PEER_EXPECT_LINE(alice, ":test.example 412 alice :No text to send");
    irc_send(alice, "NOTICE #a :\0034,5\002\017");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- What comes back --------------------------------------------------------------------------- */

static void who_is_away_is_said_to_be(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "echo-message message-tags");
    struct peer *bob = irc_join(daemon, "bob", "message-tags");

    irc_send(bob, "AWAY :at lunch");
    PEER_EXPECT_LINE(bob, ":test.example 306 bob :You have been marked as being away");
    irc_send(alice, "PRIVMSG bob :x");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* PRIVMSG bob :x");
    PEER_EXPECT_LINE(alice, ":test.example 301 alice bob :at lunch");
    irc_send(alice, "PRIVMSG bob :\001ACTION waves\001");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* PRIVMSG bob :\001ACTION waves\001");
    PEER_EXPECT_LINE(alice, ":test.example 301 alice bob :at lunch");
    irc_send(alice, "NOTICE bob :x");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* NOTICE bob :x");
    irc_send(alice, "TAGMSG bob");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* TAGMSG bob");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "AWAY");
    PEER_SKIP_TO(bob, ":test\\.example 305 bob :You are no longer marked as being away");
    irc_send(alice, "CAP REQ -echo-message");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice ACK :-echo-message");
    irc_send(alice, "PRIVMSG bob :x");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define LABELS "batch labeled-response"

static void a_labelled_message_to_one_is_echoed_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", LABELS " echo-message message-tags");
    struct peer *bob = irc_join(daemon, "bob", LABELS " message-tags");

    irc_send(alice, "@label=1;+x=y PRIVMSG bob :hi");
    PEER_EXPECT_MATCH(alice, "@label=1;" MSGID ";\\+x=y :alice[^ ]* PRIVMSG bob :hi");
    PEER_EXPECT_MATCH(bob, "@" MSGID ";\\+x=y :alice[^ ]* PRIVMSG bob :hi");
    irc_send(alice, "@label=2 NOTICE bob :hi");
    PEER_EXPECT_MATCH(alice, "@label=2;" MSGID " :alice[^ ]* NOTICE bob :hi");
    irc_send(alice, "@+x;label=3 TAGMSG bob");
    PEER_EXPECT_MATCH(alice, "@label=3;" MSGID ";\\+x :alice[^ ]* TAGMSG bob");
    irc_send(alice, "@label=4 NOTICE nobody :hi");
    PEER_EXPECT_LINE(alice, "@label=4 :test.example ACK");
    irc_send(alice, "@label=5 TAGMSG nobody");
    PEER_EXPECT_LINE(alice, "@label=5 :test.example 401 alice nobody :No such nick/channel");
    irc_send(bob, "@label=6 PRIVMSG alice :hi");
    PEER_SKIP_TO(bob, "@label=6 :test\\.example ACK");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :bob[^ ]* PRIVMSG alice :hi");
    irc_send(bob, "AWAY :lunch");
    PEER_SKIP_TO(bob, ".* 306 .*");
    irc_send(alice, "@label=7 PRIVMSG bob :hi");
    PEER_EXPECT_LINE(alice, "@label=7 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1;" MSGID " :alice[^ ]* PRIVMSG bob :hi");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 301 alice bob :lunch");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=8 PRIVMSG bob,nobody :hi");
    PEER_EXPECT_LINE(alice, "@label=8 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1;" MSGID " :alice[^ ]* PRIVMSG bob :hi");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 301 alice bob :lunch");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "CAP REQ -echo-message");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice ACK :-echo-message");
    irc_send(alice, "@label=9 PRIVMSG bob :hi");
    PEER_EXPECT_LINE(alice, "@label=9 :test.example 301 alice bob :lunch");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_one_tells_oneself_comes_twice_and_once_labelled(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", LABELS " echo-message message-tags");
    struct peer *bob = irc_join(daemon, "bob", LABELS);

    irc_send(alice, "@label=1 PRIVMSG alice :hi");
    PEER_EXPECT_MATCH(alice, "@label=1;" MSGID " :alice[^ ]* PRIVMSG alice :hi");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* PRIVMSG alice :hi");
    irc_send(alice, "@label=2 TAGMSG alice");
    PEER_EXPECT_MATCH(alice, "@label=2;" MSGID " :alice[^ ]* TAGMSG alice");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* TAGMSG alice");
    irc_send(alice, "NOTICE alice :hi");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* NOTICE alice :hi");
    PEER_EXPECT_MATCH(alice, "@" MSGID " :alice[^ ]* NOTICE alice :hi");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "@label=3 PRIVMSG bob :hi");
    IRC_EXPECT_FROM(bob, "bob", "PRIVMSG bob :hi");
    PEER_EXPECT_LINE(bob, "@label=3 :test.example ACK");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void labelled_messages_to_a_channel_are_echoed_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = come(daemon, "alice", LABELS " echo-message message-tags");
    struct peer *bob = come(daemon, "bob", LABELS);

    quiet(alice);
    irc_send(alice, "@label=1;+x=\xf0\x9f\x98\x83 PRIVMSG #a :hi");
    PEER_EXPECT_MATCH(alice, "@label=1;" MSGID ";\\+x=\xf0\x9f\x98\x83 :alice[^ ]* PRIVMSG #a :hi");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :hi");
    irc_send(alice, "@label=2 TAGMSG #a");
    PEER_EXPECT_MATCH(alice, "@label=2;" MSGID " :alice[^ ]* TAGMSG #a");
    irc_send(alice, "@label=3 NOTICE #a,#none,bob :hi");
    PEER_EXPECT_LINE(alice, "@label=3 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1;" MSGID " :alice[^ ]* NOTICE #a :hi");
    PEER_EXPECT_MATCH(alice, "@batch=1;" MSGID " :alice[^ ]* NOTICE bob :hi");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(bob, "@label=4 PRIVMSG #a :hi");
    PEER_SKIP_TO(bob, "@label=4 :test\\.example ACK");
    irc_send(bob, "@label=%064d PRIVMSG #a :hi", 5);
    PEER_EXPECT_MATCH(bob, "@label=0{63}5 :test\\.example ACK");
    irc_send(bob, "@label=%065d PING x", 6);
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :x");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/*
 * bob answers each message of alice's: her echo comes before his answer, even if the echo, as it
 * has a label and there is more to say, must wait for nothing.
 */
static void an_echo_comes_before_the_answer(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", LABELS " echo-message");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    for (int i = 0; i < 100; i++) {
        irc_send(alice, "@label=%d PRIVMSG bob,nobody :ask", i);
        IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :ask");
        irc_send(bob, "PRIVMSG alice :answer");
        PEER_EXPECT_MATCH(alice, "@label=[0-9]+ :test\\.example BATCH \\+1 labeled-response");
        PEER_EXPECT_MATCH(alice, "@batch=1 :alice[^ ]* PRIVMSG bob :ask");
        PEER_SKIP_TO(alice, ":bob[^ ]* PRIVMSG alice :answer");
        quiet(alice);
    }
    peer_close(bob);
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
        TEST(client_only_tags_reach_those_who_take_tags),
        TEST(tags_that_are_none_are_not_handed_on),
        TEST(tags_may_have_4094_bytes_and_are_handed_on_whole),
        TEST(a_bot_is_marked),
        TEST(a_sign_before_a_channel_means_who_has_that_prefix),
        TEST(at_most_four_targets_are_served),
        TEST(a_moderated_channel_is_silent),
        TEST(questions_to_programs_can_be_refused),
        TEST(a_notice_is_never_answered),
        TEST(colours_are_taken_off),
        TEST(who_is_away_is_said_to_be),
        TEST(a_labelled_message_to_one_is_echoed_once),
        TEST(what_one_tells_oneself_comes_twice_and_once_labelled),
        TEST(labelled_messages_to_a_channel_are_echoed_once),
        TEST(an_echo_comes_before_the_answer),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_messages", tests);
}
