/* SPDX-License-Identifier: MIT */
/* IRC: capabilities, how they are negotiated and what those change that change events. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <string.h>

static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

/* -- Negotiation ------------------------------------------------------------------------------ */

/* Which would bring more, that other tests are about. */
#define NO_ACCOUNTS "store: { backend = \"none\"; };\n"

#define ALL                                                                                        \
    "account-notify account-tag away-notify batch cap-notify chghost draft/channel-rename "        \
    "draft/extended-isupport draft/message-redaction draft/metadata-3 draft/multiline "            \
    "draft/pre-away draft/read-marker "                                                            \
    "echo-message extended-join extended-monitor invite-notify labeled-response message-tags "     \
    "multi-prefix no-implicit-names server-time setname standard-replies userhost-in-names"

static void all_are_listed_and_can_be_had(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);
    char names[] = ALL;
    char *line;
    char *rest;

    irc_send(peer, "CAP LS 302");
    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    CU_ASSERT(strncmp(line, ":test.example CAP * LS :", 24) == 0);
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        CU_ASSERT(strstr(line, name) != NULL);
    irc_send(peer, "CAP REQ :%s", ALL);
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :" ALL);
    irc_send(peer, "CAP LIST");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :" ALL);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void an_answer_is_as_its_version_has_it(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "CAP LIST\r\nCAP LS\r\nCAP LIST\r\nCAP LS 307\r\nCAP LIST\r\n"
                         "CAP LS 301\r\nCAP LIST\r\nCAP LS x\r\n");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS :[^=*]+");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS :.+");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :cap-notify");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS :[^=*]+");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :cap-notify");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS :[^=*]+");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_request_is_granted_whole_or_not_at_all(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "CAP REQ :foo qux  multi-prefix bar \r\nCAP REQ :multi-prefix -foo\r\n"
                         "CAP REQ Multi-Prefix\r\nCAP LIST\r\nCAP REQ\r\nCAP REQ :\r\n");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :foo qux  multi-prefix bar ");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :multi-prefix -foo");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :Multi-Prefix");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :");
    PEER_SEND_TEXT(peer, "CAP REQ :setname batch -setname -chghost\r\nCAP LIST\r\nCAP REQ batch\r\n"
                         "CAP REQ =\r\nCAP REQ -\r\n");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :setname batch -setname -chghost");
    PEER_EXPECT_LINE(peer, ":test.example CAP * LIST :batch");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :batch");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :=");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :-");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_long_request_is_answered_on_several_lines(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);
    char request[512] = "";
    char answer[1024] = "";
    char *line;

    for (int i = 0; i < 61; i++)
        strcat(request, i > 0 ? " setname" : "setname");
    irc_send(peer, "CAP REQ :%s", request);
    while (strlen(answer) < strlen(request)) {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        CU_ASSERT_FATAL(strncmp(line, ":test.example CAP * ACK :", 25) == 0);
        CU_ASSERT(strlen(line) <= 510);
        strcat(answer, *answer ? " " : "");
        strcat(answer, line + 25);
    }
    CU_ASSERT_STRING_EQUAL(answer, request);
    irc_send(peer, "CAP REQ :%s x", request);
    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    CU_ASSERT(strncmp(line, ":test.example CAP * NAK :", 25) == 0);
    CU_ASSERT_EQUAL(strlen(line), 510);
    CU_ASSERT(strncmp(line + 25, request, 485) == 0);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void negotiation_holds_the_registration_until_its_end(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "CAP REQ setname\r\nUSER a 0 * :a\r\nNICK a\r\nCAP LS 302\r\nCAP FOO\r\n"
                         "CAP ACK :x\r\nCAP :\r\nJOIN #a\r\nPING x\r\ncap end\r\n");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :setname");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP a LS :.*");
    PEER_EXPECT_LINE(peer, ":test.example 410 a FOO :Invalid CAP command");
    PEER_EXPECT_LINE(peer, ":test.example 410 a ACK :Invalid CAP command");
    PEER_EXPECT_LINE(peer, ":test.example 410 a * :Invalid CAP command");
    PEER_EXPECT_LINE(peer, ":test.example 451 a :You have not registered");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :x");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 a .*");
    PEER_SKIP_TO(peer, ".* 422 .*");
    /* Afterwards it holds nothing up. */
    PEER_SEND_TEXT(peer, "CAP LS 302\r\nCAP REQ :echo-message\r\nPRIVMSG a :x\r\nCAP END\r\n");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP a LS :.*");
    PEER_EXPECT_LINE(peer, ":test.example CAP a ACK :echo-message");
    IRC_EXPECT_FROM(peer, "a", "PRIVMSG a :x");
    IRC_EXPECT_FROM(peer, "a", "PRIVMSG a :x");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void negotiation_is_labelled_like_anything(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = irc_join(daemon, "alice", "batch labeled-response");

    irc_send(peer, "@label=1 CAP REQ setname");
    PEER_EXPECT_LINE(peer, "@label=1 :test.example CAP alice ACK :setname");
    irc_send(peer, "@label=2 CAP LIST");
    PEER_EXPECT_LINE(peer, "@label=2 :test.example CAP alice LIST :batch labeled-response setname");
    irc_send(peer, "@label=3 CAP END");
    PEER_EXPECT_LINE(peer, "@label=3 :test.example ACK");
    irc_send(peer, "@label=4 CAP REQ -labeled-response");
    PEER_EXPECT_LINE(peer, "@label=4 :test.example CAP alice ACK :-labeled-response");
    irc_send(peer, "@label=5 PING x");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :x");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

#define CONFIGURED(off)                                                                            \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"none\"; };\n"           \
    "listeners = ( " IRC_LISTENER " );\nirc: { capabilities_off = \"" off "\"; };\n" NO_ACCOUNTS

static void reload(struct daemon *daemon, const char *text)
{
    daemon_configure(daemon, text);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
}

static void what_comes_and_goes_at_a_reload_is_told(void)
{
    struct daemon *daemon = DAEMON_START(CONFIGURED("chghost  setname"), 1);
    struct peer *alice =
        irc_join(daemon, "alice", "cap-notify echo-message batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", "echo-message");

    irc_send(alice, "CAP REQ setname");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NAK :setname");
    irc_send(alice, "CAP REQ -setname");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NAK :-setname");
    irc_send(alice, "CAP LS 302");
    PEER_EXPECT_MATCH(alice,
                      ":test\\.example CAP alice LS :.* cap-notify (draft/[^ ]+ )+echo-message .* "
                      "server-time standard-replies .*");
    reload(daemon, CONFIGURED("setname echo-message away-notify"));
    irc_send(alice, "@label=1 CAP LIST");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice DEL :away-notify echo-message");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NEW :chghost");
    PEER_EXPECT_LINE(alice, "@label=1 :test.example CAP alice LIST :batch cap-notify "
                            "labeled-response");
    irc_send(bob, "CAP LIST");
    PEER_EXPECT_LINE(bob, ":test.example CAP bob LIST :");
    irc_send(bob, "PRIVMSG alice :x");
    IRC_EXPECT_NOTHING(bob);
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :x");
    reload(daemon, CONFIGURED(""));
    irc_send(alice, "CAP REQ :echo-message setname");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NEW :away-notify echo-message setname");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice ACK :echo-message setname");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_says_nothing_is_told_with_the_ping(void)
{
    struct daemon *daemon = DAEMON_START(CONFIGURED("") "limits: { ping_interval = 1; };\n", 1);
    struct peer *alice = irc_join(daemon, "alice", "cap-notify");

    reload(daemon, CONFIGURED("setname") "limits: { ping_interval = 1; };\n");
    PEER_SKIP_TO(alice, ":test\\.example CAP alice DEL :setname");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- What they do ----------------------------------------------------------------------------- */

static void extended_joins_name_account_and_real_name(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "extended-join account-tag account-notify");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");
    struct peer *bob;

    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a * :Real alice");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_EXPECT_FROM(carol, "alice", "JOIN #a");
    bob = irc_join_channel(daemon, "bob", "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a * :Real bob");
    IRC_EXPECT_FROM(carol, "bob", "JOIN #a");
    irc_send(bob, "PRIVMSG #a :x");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :x");
    peer_close(bob);
    peer_close(carol);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_joins_while_being_away_is_seen_to_be(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "away-notify extended-join message-tags");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");
    struct peer *bob = irc_join(daemon, "bob", "away-notify");

    go_into(alice, "#a");
    IRC_EXPECT_FROM(carol, "alice", "JOIN #a");
    irc_send(bob, "AWAY :asleep");
    PEER_EXPECT_LINE(bob, ":test.example 306 bob :You have been marked as being away");
    irc_send(bob, "JOIN #a");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #a");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32} :bob[^ ]* JOIN #a \\* :Real bob");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32} :bob[^ ]* AWAY :asleep");
    IRC_EXPECT_FROM(carol, "bob", "JOIN #a");
    IRC_EXPECT_NOTHING(carol);
    irc_send(bob, "AWAY");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32} :bob[^ ]* AWAY");
    peer_close(bob);
    peer_close(carol);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void real_names_change_for_those_who_know_of_it(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "setname");
    struct peer *bob = irc_join(daemon, "bob", "setname");
    struct peer *carol = irc_join(daemon, "carol", NULL);

    go_into(alice, "#a");
    go_into(bob, "#a");
    go_into(carol, "#a");
    IRC_EXPECT_FROM(bob, "carol", "JOIN #a");
    irc_send(carol, "SETNAME :C.");
    IRC_EXPECT_FROM(bob, "carol", "SETNAME :C.");
    IRC_EXPECT_NOTHING(carol);
    irc_send(bob, "SETNAME Bee");
    IRC_EXPECT_FROM(bob, "bob", "SETNAME :Bee");
    PEER_SKIP_TO(alice, ":bob[^ ]* SETNAME :Bee");
    IRC_EXPECT_NOTHING(carol);
    irc_send(bob, "SETNAME :");
    PEER_EXPECT_LINE(bob, ":test.example FAIL SETNAME INVALID_REALNAME "
                          ":That real name is not valid");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void all_prefixes_are_shown_to_those_who_want_them(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "multi-prefix");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    go_into(alice, "#a");
    irc_send(alice, "MODE #a +v alice");
    PEER_SKIP_TO(alice, ".* MODE #a \\+v alice");
    irc_send(alice, "NAMES #a");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :@+alice");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ":test\\.example 353 bob = #a :@alice bob");
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
        TEST(all_are_listed_and_can_be_had),
        TEST(an_answer_is_as_its_version_has_it),
        TEST(a_request_is_granted_whole_or_not_at_all),
        TEST(a_long_request_is_answered_on_several_lines),
        TEST(negotiation_holds_the_registration_until_its_end),
        TEST(negotiation_is_labelled_like_anything),
        TEST(what_comes_and_goes_at_a_reload_is_told),
        TEST(who_says_nothing_is_told_with_the_ping),
        TEST(extended_joins_name_account_and_real_name),
        TEST(who_joins_while_being_away_is_seen_to_be),
        TEST(real_names_change_for_those_who_know_of_it),
        TEST(all_prefixes_are_shown_to_those_who_want_them),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_cap", tests);
}
