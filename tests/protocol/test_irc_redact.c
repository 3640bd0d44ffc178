/* SPDX-License-Identifier: MIT */
/* IRC: messages that are taken back. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CAPS         "draft/message-redaction message-tags"
#define MSGID_LENGTH 32

/* From which older messages could be taken back, which other tests are about. */
#define NO_HISTORY "history: { enabled = false; };\n"

static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

/* One that knows of it, and is in CHANNEL. */
static struct peer *join_knowing(struct daemon *daemon, const char *nick, const char *channel)
{
    struct peer *peer = irc_join(daemon, nick, CAPS " echo-message");

    go_into(peer, channel);
    return peer;
}

/* Takes the next line, which must go on with TEXT after its tags and source, and its message id. */
static void take_id(struct peer *peer, const char *text, char id[MSGID_LENGTH + 1])
{
    char *line;
    const char *rest;

    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    EXPECT(strncmp(line, "@msgid=", 7) == 0, "no id: %s", line);
    snprintf(id, MSGID_LENGTH + 1, "%s", line + 7);
    rest = strstr(line, " :");
    rest = rest ? strchr(rest + 2, ' ') : NULL;
    EXPECT(rest && strcmp(rest + 1, text) == 0, "not %s: %s", text, line);
}

/* The next line is a REDACT of NICK with that target, id and rest. */
static void expect_redact(struct peer *peer, const char *nick, const char *target, const char *id,
                          const char *rest)
{
    char pattern[200];

    snprintf(pattern, sizeof pattern, "@msgid=[0-9a-f]{32} :%s!~%s@[^ ]+ REDACT %s %s%s", nick,
             nick, target, id, rest);
    PEER_EXPECT_MATCH(peer, pattern);
}

static void expect_refusal(struct peer *peer, const char *code, const char *target, const char *id,
                           const char *text)
{
    char line[300];

    snprintf(line, sizeof line, ":test.example FAIL REDACT %s %s%s%s :%s", code, target,
             *id ? " " : "", id, text);
    PEER_EXPECT_LINE(peer, line);
}

#define FORBIDDEN "You are not authorised to delete this message"
#define UNKNOWN   "This message does not exist or is too old"

static void one_takes_back_what_one_has_said(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");
    char id[MSGID_LENGTH + 1];
    char same[MSGID_LENGTH + 1];

    PEER_SKIP_TO(alice, ".* JOIN #a");
    PEER_SKIP_TO(alice, ".* JOIN #a");
    PEER_SKIP_TO(bob, ".* JOIN #a");
    irc_send(bob, "PRIVMSG #a :an example");
    take_id(bob, "PRIVMSG #a :an example", id);
    take_id(alice, "PRIVMSG #a :an example", same);
    CU_ASSERT_STRING_EQUAL(id, same);
    IRC_EXPECT_FROM(carol, "bob", "PRIVMSG #a :an example");
    irc_send(bob, "REDACT #A %s :bad example", id);
    expect_redact(bob, "bob", "#a", id, " :bad example");
    expect_redact(alice, "bob", "#a", id, " :bad example");
    IRC_EXPECT_NOTHING(carol);
    irc_send(bob, "REDACT #a %s", id);
    expect_refusal(bob, "UNKNOWN_MSGID", "#a", id, UNKNOWN);
    irc_send(bob, "NOTICE #a :beep");
    take_id(bob, "NOTICE #a :beep", id);
    irc_send(bob, "REDACT #a %s", id);
    expect_redact(bob, "bob", "#a", id, "");
    irc_send(bob, "@+a=b TAGMSG #a");
    take_id(bob, "TAGMSG #a", id); /* which stands before the other tag */
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_has_not_negotiated_it_does_not_know_the_command(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    irc_send(peer, "REDACT #a x");
    PEER_EXPECT_LINE(peer, ":test.example 421 alice REDACT :Unknown command");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void operators_take_back_what_others_have_said(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");
    struct peer *carol = join_knowing(daemon, "carol", "#a");
    char id[MSGID_LENGTH + 1];

    PEER_SKIP_TO(bob, ".* JOIN #a");
    irc_send(bob, "PRIVMSG #a :spam");
    take_id(bob, "PRIVMSG #a :spam", id);
    take_id(carol, "PRIVMSG #a :spam", id);
    irc_send(carol, "REDACT #a %s :mine", id);
    expect_refusal(carol, "REDACT_FORBIDDEN", "#a", id, FORBIDDEN);
    irc_send(carol, "JOIN #c");
    PEER_SKIP_TO(carol, ".* 366 .*");
    irc_send(carol, "REDACT #c %s :other", id);
    expect_refusal(carol, "UNKNOWN_MSGID", "#c", id, UNKNOWN);
    irc_send(alice, "REDACT #a %s", id);
    expect_redact(bob, "alice", "#a", id, "");
    expect_redact(carol, "alice", "#a", id, "");
    irc_send(bob, "REDACT #a %s", id);
    expect_refusal(bob, "UNKNOWN_MSGID", "#a", id, UNKNOWN);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_told_to_somebody_is_taken_back_by_who_told_it(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS " echo-message batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", CAPS);
    struct peer *carol = irc_join(daemon, "carol", CAPS);
    char id[MSGID_LENGTH + 1];
    char pattern[200];

    irc_send(alice, "PRIVMSG bob :secret");
    take_id(alice, "PRIVMSG bob :secret", id);
    take_id(bob, "PRIVMSG bob :secret", id);
    irc_send(bob, "REDACT alice %s", id);
    expect_refusal(bob, "REDACT_FORBIDDEN", "alice", id, FORBIDDEN);
    irc_send(carol, "REDACT alice %s", id);
    expect_refusal(carol, "UNKNOWN_MSGID", "alice", id, UNKNOWN);
    irc_send(alice, "REDACT carol %s", id);
    expect_refusal(alice, "UNKNOWN_MSGID", "carol", id, UNKNOWN);
    irc_send(alice, "@label=x REDACT bob %s :oops", id);
    snprintf(pattern, sizeof pattern, "@label=x;msgid=[0-9a-f]+ :alice![^ ]+ REDACT bob %s :oops",
             id);
    PEER_EXPECT_MATCH(alice, pattern);
    expect_redact(bob, "alice", "bob", id, " :oops");
    IRC_EXPECT_NOTHING(carol);
    /* Without an echo there is an acknowledgement. */
    irc_send(alice, "PRIVMSG bob :more\r\nCAP REQ -echo-message");
    take_id(alice, "PRIVMSG bob :more", id);
    PEER_SKIP_TO(alice, ".* ACK .*");
    take_id(bob, "PRIVMSG bob :more", id);
    irc_send(alice, "@label=y REDACT bob %s", id);
    PEER_EXPECT_LINE(alice, "@label=y :test.example ACK");
    expect_redact(bob, "alice", "bob", id, "");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_is_not_there_takes_nothing_back(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", CAPS);
    static const char never[] = "00000000000000000000000000000000";

    irc_send(bob, "REDACT #a %s", never);
    expect_refusal(bob, "INVALID_TARGET", "#a", "", "You cannot delete messages from there");
    irc_send(bob, "REDACT #none %s", never);
    expect_refusal(bob, "INVALID_TARGET", "#none", "", "You cannot delete messages from there");
    irc_send(bob, "REDACT nobody %s", never);
    expect_refusal(bob, "INVALID_TARGET", "nobody", "", "You cannot delete messages from there");
    irc_send(alice, "REDACT #a %s", never);
    expect_refusal(alice, "UNKNOWN_MSGID", "#a", never, UNKNOWN);
    irc_send(alice, "REDACT #a short");
    expect_refusal(alice, "UNKNOWN_MSGID", "#a", "short", UNKNOWN);
    irc_send(alice, "REDACT #a");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice REDACT :Not enough parameters");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_audience_is_that_of_the_message(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");
    struct peer *carol = join_knowing(daemon, "carol", "#a");
    char id[MSGID_LENGTH + 1];

    PEER_SKIP_TO(alice, ".* JOIN #a");
    PEER_SKIP_TO(alice, ".* JOIN #a");
    PEER_SKIP_TO(bob, ".* JOIN #a");
    irc_send(bob, "PRIVMSG @#a :to you alone");
    take_id(alice, "PRIVMSG @#a :to you alone", id);
    take_id(bob, "PRIVMSG @#a :to you alone", id);
    irc_send(bob, "REDACT #a %s", id);
    expect_redact(alice, "bob", "#a", id, "");
    expect_redact(bob, "bob", "#a", id, "");
    IRC_EXPECT_NOTHING(carol);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_may_not_speak_gives_no_reason(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");
    char id[MSGID_LENGTH + 1];

    PEER_SKIP_TO(alice, ".* JOIN #a");
    irc_send(bob, "PRIVMSG #a :x");
    take_id(bob, "PRIVMSG #a :x", id);
    take_id(alice, "PRIVMSG #a :x", id);
    irc_send(alice, "MODE #a +m");
    PEER_SKIP_TO(alice, ".* MODE #a \\+m");
    PEER_SKIP_TO(bob, ".* MODE #a \\+m");
    irc_send(bob, "REDACT #a %s :but I have to say", id);
    expect_redact(bob, "bob", "#a", id, "");
    expect_redact(alice, "bob", "#a", id, "");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* A moment, which a window of a second must see the end of. */
static void wait_for_window(void)
{
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
}

static void the_window_closes_but_for_operators(void)
{
    struct daemon *daemon = IRC_START("limits: { redact_window = 1; };\n");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");
    char id[MSGID_LENGTH + 1];
    char context[MSGID_LENGTH + 3];

    PEER_SKIP_TO(alice, ".* JOIN #a");
    irc_send(bob, "PRIVMSG #a :x");
    take_id(bob, "PRIVMSG #a :x", id);
    take_id(alice, "PRIVMSG #a :x", id);
    wait_for_window();
    irc_send(bob, "REDACT #a %s", id);
    snprintf(context, sizeof context, "%s 1", id);
    expect_refusal(bob, "REDACT_WINDOW_EXPIRED", "#a", context,
                   "You can no longer edit this message");
    irc_send(alice, "REDACT #a %s", id);
    expect_redact(alice, "alice", "#a", id, "");
    expect_redact(bob, "alice", "#a", id, "");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void so_many_messages_are_remembered(void)
{
    struct daemon *daemon = IRC_START(NO_HISTORY "limits: { redact_messages = 2; };\n");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    char id[3][MSGID_LENGTH + 1];

    for (int i = 0; i < 3; i++) {
        irc_send(alice, "PRIVMSG #a :x");
        take_id(alice, "PRIVMSG #a :x", id[i]);
    }
    irc_send(alice, "REDACT #a %s", id[0]);
    expect_refusal(alice, "UNKNOWN_MSGID", "#a", id[0], UNKNOWN);
    irc_send(alice, "REDACT #a %s", id[1]);
    expect_redact(alice, "alice", "#a", id[1], "");
    irc_send(alice, "REDACT #a %s", id[2]);
    expect_redact(alice, "alice", "#a", id[2], "");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define CONFIGURED(messages)                                                                       \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\"; };\n"  \
    "listeners = ( " IRC_LISTENER " ); limits: { redact_messages = " messages "; };\n" NO_HISTORY

static void a_reload_switches_it_off_and_on(void)
{
    struct daemon *daemon = DAEMON_START(CONFIGURED("4"), 1);
    struct peer *alice = irc_join(daemon, "alice", CAPS " cap-notify echo-message");
    char id[MSGID_LENGTH + 1];

    go_into(alice, "#a");
    irc_send(alice, "PRIVMSG #a :x");
    take_id(alice, "PRIVMSG #a :x", id);
    daemon_configure(daemon, CONFIGURED("100"));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    irc_send(alice, "REDACT #a %s", id); /* which is still known */
    expect_redact(alice, "alice", "#a", id, "");
    daemon_configure(daemon, CONFIGURED("0"));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    irc_send(alice, "REDACT #a %s\r\nCAP REQ draft/message-redaction", id);
    PEER_EXPECT_LINE(alice, ":test.example CAP alice DEL :draft/message-redaction");
    PEER_EXPECT_LINE(alice, ":test.example 421 alice REDACT :Unknown command");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NAK :draft/message-redaction");
    daemon_configure(daemon, CONFIGURED("1"));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    irc_send(alice, "CAP REQ draft/message-redaction");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NEW :draft/message-redaction");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice ACK :draft/message-redaction");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void talkers_are_told_in_words(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n", 2);
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    struct peer *tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    char id[MSGID_LENGTH + 1];

    PEER_SEND_TEXT(tom, "tom\r\n/join #foo\r\n");
    PEER_SKIP_TO(tom, ".* in #foo: .*");
    PEER_SKIP_TO(alice, ".* JOIN #foo");
    irc_send(alice, "PRIVMSG #foo :hi");
    take_id(alice, "PRIVMSG #foo :hi", id);
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] <alice> hi");
    irc_send(alice, "REDACT #foo %s :a mistake", id);
    expect_redact(alice, "alice", "#foo", id, " :a mistake");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice takes back what alice has said in #foo at ..:.. "
                           "\\(a mistake\\)");
    PEER_SEND_TEXT(tom, "spam\r\n");
    take_id(alice, "PRIVMSG #foo :spam", id);
    irc_send(alice, "REDACT #foo %s", id);
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice takes back what tom has said in #foo at ..:..");
    expect_redact(alice, "alice", "#foo", id, "");
    irc_send(alice, "PRIVMSG tom :psst");
    take_id(alice, "PRIVMSG tom :psst", id);
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] alice tells you: psst");
    irc_send(alice, "REDACT tom %s", id);
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice takes back what alice has told you at ..:..");
    peer_close(tom);
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
        TEST(one_takes_back_what_one_has_said),
        TEST(who_has_not_negotiated_it_does_not_know_the_command),
        TEST(operators_take_back_what_others_have_said),
        TEST(what_is_told_to_somebody_is_taken_back_by_who_told_it),
        TEST(who_is_not_there_takes_nothing_back),
        TEST(the_audience_is_that_of_the_message),
        TEST(who_may_not_speak_gives_no_reason),
        TEST(the_window_closes_but_for_operators),
        TEST(so_many_messages_are_remembered),
        TEST(a_reload_switches_it_off_and_on),
        TEST(talkers_are_told_in_words),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_redact", tests);
}
