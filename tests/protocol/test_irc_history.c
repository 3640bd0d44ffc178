/* SPDX-License-Identifier: MIT */
/* IRC: what was said before in channels, in pages. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET "limits: { flood_rate = 0; };\n"
#define PAGE  "chathistory #a"

static char text[400];

static const char *with(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *with(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

/* -- Pages ---------------------------------------------------------------------------------------- */

static void pages_are_named_by_ids(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said said[5];

    IRC_EXPECT_EMPTY(alice, PAGE, "CHATHISTORY LATEST #a * 10");
    for (int i = 0; i < 5; i++)
        IRC_SAY(alice, "#a", with("line %d", i + 1), &said[i]);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 10", &said[0], &said[1], &said[2],
                     &said[3], &said[4]);
    IRC_EXPECT_BATCH(alice, PAGE, "chathistory latest #A * 2", &said[3], &said[4]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY LATEST #a msgid=%s 10", said[2].id), &said[3],
                     &said[4]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY BEFORE #a msgid=%s 2", said[3].id), &said[1],
                     &said[2]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AFTER #a msgid=%s 2", said[1].id), &said[2],
                     &said[3]);
    IRC_EXPECT_EMPTY(alice, PAGE, with("CHATHISTORY AFTER #a msgid=%s 2", said[4].id));
    IRC_EXPECT_EMPTY(alice, PAGE, with("CHATHISTORY BEFORE #a msgid=%s 2", said[0].id));
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AROUND #a msgid=%s 3", said[2].id), &said[1],
                     &said[2], &said[3]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AROUND #a msgid=%s 1", said[2].id), &said[2]);
    IRC_EXPECT_BATCH(alice, PAGE,
                     with("CHATHISTORY BETWEEN #a msgid=%s msgid=%s 10", said[0].id, said[3].id),
                     &said[1], &said[2]);
    IRC_EXPECT_BATCH(alice, PAGE,
                     with("CHATHISTORY BETWEEN #a msgid=%s msgid=%s 1", said[0].id, said[4].id),
                     &said[1]);
    IRC_EXPECT_BATCH(alice, PAGE,
                     with("CHATHISTORY BETWEEN #a msgid=%s msgid=%s 1", said[4].id, said[0].id),
                     &said[3]);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void pages_are_named_by_times(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said one, two;

    IRC_SAY(alice, "#a", "one", &one);
    do
        IRC_SAY(alice, "#a", "two", &two);
    while (strcmp(one.time, two.time) == 0); /* what comes in one millisecond is one place */
    IRC_EXPECT_EMPTY(alice, PAGE, with("CHATHISTORY BEFORE #a timestamp=%s 9", one.time));
    IRC_EXPECT_EMPTY(alice, PAGE, with("CHATHISTORY AFTER #a timestamp=%s 9", two.time));
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY LATEST #a timestamp=%s 1", one.time), &two);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AROUND #a timestamp=%s 1", two.time), &two);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00.000Z 1",
                     &one);
    IRC_EXPECT_EMPTY(
        alice, PAGE,
        with("CHATHISTORY BETWEEN #a timestamp=%s timestamp=%s 9", one.time, one.time));
    IRC_EXPECT_EMPTY(alice, PAGE, "CHATHISTORY BEFORE #a timestamp=1970-01-01T00:00:00.000Z 9");
    IRC_EXPECT_EMPTY(alice, PAGE, "CHATHISTORY AFTER #a timestamp=9999-12-31T23:59:59.999Z 9");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_page_has_so_many_lines_at_most(void)
{
    struct daemon *daemon = IRC_START(QUIET "history: { page = 2; };\n");
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said said[3];

    for (int i = 0; i < 3; i++)
        IRC_SAY(alice, "#a", "word", &said[i]);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 999999999", &said[1], &said[2]);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define FAIL(peer, sent, code, rest)                                                               \
    do {                                                                                           \
        irc_send(peer, "%s", sent);                                                                \
        PEER_EXPECT_LINE(peer, ":test.example FAIL CHATHISTORY " code " " rest);                   \
    } while (0)
#define INSUFFICIENT ":Insufficient parameters"
#define INVALID      ":Invalid parameters"
#define UNREAD       ":Messages could not be retrieved"

static void what_makes_no_sense_is_told(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    FAIL(alice, "CHATHISTORY", "INVALID_PARAMS", "* " INSUFFICIENT);
    FAIL(alice, "CHATHISTORY FOO #a * 1", "INVALID_PARAMS", "FOO :Unknown command");
    FAIL(alice, "CHATHISTORY LATEST", "INVALID_PARAMS", "LATEST " INSUFFICIENT);
    FAIL(alice, "CHATHISTORY LATEST #a *", "INVALID_PARAMS", "LATEST " INSUFFICIENT);
    FAIL(alice, "CHATHISTORY LATEST #a * 1 2", "INVALID_PARAMS", "LATEST :Too many parameters");
    FAIL(alice, "CHATHISTORY LATEST #a * 0", "INVALID_PARAMS", "LATEST 0 " INVALID);
    FAIL(alice, "CHATHISTORY LATEST #a * -1", "INVALID_PARAMS", "LATEST -1 " INVALID);
    FAIL(alice, "CHATHISTORY LATEST #a * x", "INVALID_PARAMS", "LATEST x " INVALID);
    FAIL(alice, "CHATHISTORY BEFORE #a * 1", "INVALID_MSGREFTYPE", "BEFORE #a " UNREAD);
    FAIL(alice, "CHATHISTORY BEFORE #a seq=1 1", "INVALID_MSGREFTYPE", "BEFORE #a " UNREAD);
    FAIL(alice, "CHATHISTORY BEFORE #a msgid=1 1", "INVALID_PARAMS", "BEFORE msgid=1 " INVALID);
    FAIL(alice, "CHATHISTORY BEFORE #a timestamp=now 1", "INVALID_PARAMS",
         "BEFORE timestamp=now " INVALID);
    FAIL(alice, "CHATHISTORY BETWEEN #a * 1", "INVALID_PARAMS", "BETWEEN " INSUFFICIENT);
    FAIL(alice, "CHATHISTORY TARGETS * * 1", "INVALID_MSGREFTYPE", "TARGETS * " UNREAD);
    FAIL(alice, "CHATHISTORY LATEST #b * 1", "INVALID_TARGET", "LATEST #b " UNREAD);
    FAIL(alice, "CHATHISTORY LATEST bob * 1", "INVALID_TARGET", "LATEST bob " UNREAD);
    FAIL(alice, "CHATHISTORY LATEST * * 1", "INVALID_TARGET", "LATEST * " UNREAD);
    irc_send(bob, "JOIN #b");
    PEER_SKIP_TO(bob, ".* 366 .*");
    FAIL(alice, "CHATHISTORY LATEST #b * 1", "INVALID_TARGET", "LATEST #b " UNREAD);
    irc_send(bob, "CHATHISTORY LATEST #b * 1");
    PEER_EXPECT_LINE(bob, ":test.example 421 bob CHATHISTORY :Unknown command");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_label_is_around_the_batch(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "labeled-response", "#a");
    struct irc_said said;
    char line[IRC_HISTORY_SAID + 80];

    IRC_SAY(alice, "#a", "hello", &said);
    irc_send(alice, "@label=x CHATHISTORY LATEST #a * 1");
    PEER_EXPECT_LINE(alice, "@label=x :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example BATCH +2 chathistory #a");
    snprintf(line, sizeof line, "@batch=2;%s", said.line + 1);
    PEER_EXPECT_LINE(alice, line);
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example BATCH -2");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=y CHATHISTORY LATEST #b * 1");
    PEER_EXPECT_LINE(alice,
                     "@label=y :test.example FAIL CHATHISTORY INVALID_TARGET LATEST #b " UNREAD);
    irc_send(alice, "CHATHISTORY LATEST #a * 1\r\nPING after");
    PEER_SKIP_TO(alice, ":test.example BATCH -2");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :after");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_knows_no_batches_gets_the_lines(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_join(daemon, "alice", "draft/chathistory");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(bob, "PRIVMSG #a :hello\r\nNOTICE #a :beep\r\nPRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :hello");
    IRC_EXPECT_FROM(alice, "bob", "NOTICE #a :beep");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :\001ACTION waves\001");
    irc_send(alice, "CHATHISTORY LATEST #a * 9");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :hello");
    IRC_EXPECT_FROM(alice, "bob", "NOTICE #a :beep");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void messages_keep_their_tags_and_lines(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "draft/multiline", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", "#a");

    irc_send(alice, "@+draft/reply=abc;+x=\\:\\s PRIVMSG #a :answer");
    irc_send(alice, "BATCH +9 draft/multiline #a\r\n@batch=9 PRIVMSG #a :one\r\n"
                    "@batch=9 PRIVMSG #a :two \r\n"
                    "@batch=9;draft/multiline-concat PRIVMSG #a :three\r\nBATCH -9");
    irc_quiet(alice);
    irc_send(alice, "CHATHISTORY LATEST #a * 2");
    PEER_EXPECT_LINE(alice, ":test.example BATCH +2 chathistory #a");
    PEER_EXPECT_MATCH(alice, "@batch=2;msgid=[0-9a-f]{32};time=[^;]*;\\+draft/reply=abc;"
                             "\\+x=\\\\:\\\\s :alice!~alice@[^ ]* PRIVMSG #a :answer");
    PEER_EXPECT_MATCH(alice,
                      "@batch=2;msgid=[0-9a-f]{32};time=[^;]* :alice!~alice@[^ ]* BATCH \\+e "
                      "draft/multiline #a");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice!~alice@[^ ]* PRIVMSG #a :one");
    PEER_EXPECT_MATCH(alice, "@batch=e :alice!~alice@[^ ]* PRIVMSG #a :two ");
    PEER_EXPECT_MATCH(alice,
                      "@batch=e;draft/multiline-concat :alice!~alice@[^ ]* PRIVMSG #a :three");
    PEER_EXPECT_MATCH(alice, "@batch=2 :alice!~alice@[^ ]* BATCH -e");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -2");
    irc_quiet(bob);
    IRC_EXPECT_TEXTS(bob, PAGE, "CHATHISTORY LATEST #a * 1", "PRIVMSG #a :one", "PRIVMSG #a :two ",
                     "PRIVMSG #a :three");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Who may read --------------------------------------------------------------------------------- */

static void a_channel_that_is_made_anew_has_no_past(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct peer *bob;
    struct irc_said said;

    IRC_SAY(alice, "#a", "before bob", &said);
    bob = irc_reader(daemon, "bob", "", "#a");
    IRC_EXPECT_BATCH(bob, PAGE, "CHATHISTORY LATEST #a * 9", &said);
    irc_send(alice, "PART #a");
    irc_quiet(alice);
    irc_send(alice, "CHATHISTORY LATEST #a * 9");
    PEER_EXPECT_LINE(alice, ":test.example FAIL CHATHISTORY INVALID_TARGET LATEST #a " UNREAD);
    irc_send(bob, "PART #a");
    irc_quiet(bob);
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_EXPECT_EMPTY(alice, PAGE, "CHATHISTORY LATEST #a * 9");
    IRC_EXPECT_EMPTY(alice, PAGE, with("CHATHISTORY AROUND #a msgid=%s 9", said.id));
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_renamed_channel_keeps_its_past(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "draft/channel-rename", "#a");
    struct irc_said said;

    IRC_SAY(alice, "#a", "hello", &said);
    irc_send(alice, "RENAME #a #b :why not");
    PEER_SKIP_TO(alice, ".* RENAME #a #b :why not");
    IRC_EXPECT_TEXTS(alice, "chathistory #b", "CHATHISTORY LATEST #b * 9", "PRIVMSG #b :hello");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_said_to_operators_is_read_by_operators(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", "#a");
    struct irc_said said;

    IRC_SAY(alice, "@#a", "between us", &said);
    irc_quiet(bob);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 9", &said);
    IRC_EXPECT_EMPTY(bob, PAGE, "CHATHISTORY LATEST #a * 9");
    irc_send(alice, "MODE #a +o bob");
    PEER_SKIP_TO(bob, ".* MODE #a \\+o bob");
    IRC_EXPECT_BATCH(bob, PAGE, "CHATHISTORY LATEST #a * 9", &said);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_channel_can_do_without(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said said, after;

    IRC_SAY(alice, "#a", "kept", &said);
    irc_send(alice, "MODE #a +H");
    PEER_SKIP_TO(alice, ".* MODE #a \\+H");
    IRC_SAY(alice, "#a", "not kept", &after);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 9", &said);
    irc_send(alice, "MODE #a -H");
    PEER_SKIP_TO(alice, ".* MODE #a -H");
    IRC_SAY(alice, "#a", "kept again", &after);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 9", &said, &after);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Events --------------------------------------------------------------------------------------- */

static void events_are_played_back_to_who_wants_them(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "draft/event-playback extended-join", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", "#a");
    struct peer *plain = irc_reader(daemon, "plain", "", "#a");
    struct irc_said said;

    irc_send(alice, "MODE #a +mv bob\r\nTOPIC #a :cats");
    irc_send(alice, "@+typing=active TAGMSG #a");
    IRC_SAY(alice, "#a", "hello", &said);
    irc_send(bob, "NICK robert\r\nPART #a :bye\r\nJOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    irc_send(alice, "KICK #a robert :out");
    PEER_SKIP_TO(bob, ".* KICK #a robert :out");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    irc_send(bob, "QUIT :gone");
    peer_close(bob);
    PEER_SKIP_TO(alice, ".* QUIT :.*gone");
    IRC_EXPECT_TEXTS(alice, PAGE, "CHATHISTORY LATEST #a * 20", "JOIN #a * :Real alice",
                     "JOIN #a * :Real bob", "JOIN #a * :Real plain", "MODE #a +mv bob",
                     "TOPIC #a :cats", "TAGMSG #a", "PRIVMSG #a :hello", "NICK :robert",
                     "PART #a :bye", "JOIN #a * :Real bob", "KICK #a robert :out",
                     "JOIN #a * :Real bob", "QUIT :Quit: gone");
    irc_quiet(plain);
    IRC_EXPECT_TEXTS(plain, PAGE, "CHATHISTORY LATEST #a * 20", "PRIVMSG #a :hello");
    peer_close(plain);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void events_can_be_left_out(void)
{
    struct daemon *daemon = IRC_START(QUIET "history: { events = false; };\n");
    struct peer *alice = irc_reader(daemon, "alice", "draft/event-playback", "#a");
    struct irc_said said;

    irc_send(alice, "TOPIC #a :cats");
    IRC_SAY(alice, "#a", "hello", &said);
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 20", &said);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_joins_is_shown_what_was_said_last(void)
{
    struct daemon *daemon = IRC_START(QUIET "history: { playback = 2; };\n");
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said said[3];
    struct peer *bob, *carol;

    for (int i = 0; i < 3; i++)
        IRC_SAY(alice, "#a", with("line %d", i + 1), &said[i]);
    irc_send(alice, "JOIN #b");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_EXPECT_NOTHING(alice);
    bob = irc_join(daemon, "bob", "message-tags server-time");
    irc_send(bob, "JOIN #a,#b\r\nPING after");
    PEER_SKIP_TO(bob, ".* 366 bob #b .*");
    PEER_EXPECT_LINE(bob, said[1].line);
    PEER_EXPECT_LINE(bob, said[2].line);
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :after");
    carol = irc_join_channel(daemon, "carol", "#a");
    PEER_EXPECT_MATCH(carol, ":alice!~alice@[^ ]* PRIVMSG #a "
                             ":\\[[-0-9]{10} [:0-9]{8}\\] line 2");
    PEER_EXPECT_MATCH(carol, ":alice!~alice@[^ ]* PRIVMSG #a "
                             ":\\[[-0-9]{10} [:0-9]{8}\\] line 3");
    IRC_EXPECT_NOTHING(carol);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Taking back ---------------------------------------------------------------------------------- */

static void what_is_taken_back_is_gone(void)
{
    struct daemon *daemon = IRC_START(QUIET);
    struct peer *alice = irc_reader(daemon, "alice", "draft/message-redaction", "#a");
    struct irc_said said[3];

    for (int i = 0; i < 3; i++)
        IRC_SAY(alice, "#a", with("line %d", i + 1), &said[i]);
    irc_send(alice, "REDACT #a %s", said[1].id);
    PEER_SKIP_TO(alice, with(".* REDACT #a %s", said[1].id));
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 9", &said[0], &said[2]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AFTER #a msgid=%s 9", said[1].id), &said[2]);
    IRC_EXPECT_BATCH(alice, PAGE, with("CHATHISTORY AROUND #a msgid=%s 2", said[1].id), &said[0],
                     &said[2]);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define FORBIDDEN "You are not authorised to delete this message"
#define UNKNOWN   "This message does not exist or is too old"

static void what_is_in_the_history_only_is_taken_back(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; redact_messages = 1; };\n");
    struct peer *alice = irc_reader(daemon, "alice", "draft/message-redaction", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "draft/message-redaction", "#a");
    struct irc_said said[4];

    IRC_SAY(bob, "#a", "one", &said[0]);
    IRC_SAY(bob, "#a", "two", &said[1]);
    IRC_SAY(alice, "#a", "three", &said[2]);
    IRC_SAY(alice, "#a", "four", &said[3]);
    irc_quiet(bob);
    irc_send(bob, "REDACT #a %s", said[2].id);
    PEER_EXPECT_LINE(
        bob, with(":test.example FAIL REDACT REDACT_FORBIDDEN #a %s :%s", said[2].id, FORBIDDEN));
    irc_send(bob, "REDACT #a %s :mine", said[0].id);
    PEER_EXPECT_MATCH(bob, with("@msgid=.* :bob!.* REDACT #a %s :mine", said[0].id));
    PEER_SKIP_TO(alice, with("@msgid=.* :bob!.* REDACT #a %s :mine", said[0].id));
    irc_send(bob, "REDACT #a %s", said[0].id);
    PEER_EXPECT_LINE(
        bob, with(":test.example FAIL REDACT UNKNOWN_MSGID #a %s :%s", said[0].id, UNKNOWN));
    irc_send(alice, "REDACT #a %s", said[1].id);
    PEER_EXPECT_MATCH(alice, with("@msgid=.* :alice!.* REDACT #a %s", said[1].id));
    PEER_EXPECT_MATCH(bob, with("@msgid=.* :alice!.* REDACT #a %s", said[1].id));
    IRC_EXPECT_BATCH(alice, PAGE, "CHATHISTORY LATEST #a * 9", &said[2], &said[3]);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"pages are named by ids", pages_are_named_by_ids},
        {"pages are named by times", pages_are_named_by_times},
        {"a page has so many lines at most", a_page_has_so_many_lines_at_most},
        {"what makes no sense is told", what_makes_no_sense_is_told},
        {"a label is around the batch", a_label_is_around_the_batch},
        {"who knows no batches gets the lines", who_knows_no_batches_gets_the_lines},
        {"messages keep their tags and lines", messages_keep_their_tags_and_lines},
        {"a channel that is made anew has no past", a_channel_that_is_made_anew_has_no_past},
        {"a renamed channel keeps its past", a_renamed_channel_keeps_its_past},
        {"what is said to operators is read by operators",
         what_is_said_to_operators_is_read_by_operators},
        {"a channel can do without", a_channel_can_do_without},
        {"events are played back to who wants them", events_are_played_back_to_who_wants_them},
        {"events can be left out", events_can_be_left_out},
        {"who joins is shown what was said last", who_joins_is_shown_what_was_said_last},
        {"what is taken back is gone", what_is_taken_back_is_gone},
        {"what is in the history only is taken back", what_is_in_the_history_only_is_taken_back},
        {NULL, NULL},
    };

    return models_main(argc, argv, "IRC, history", tests);
}
