/* SPDX-License-Identifier: MIT */
/* IRC: what is said before the registration by those who have negotiated that. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Which would bring one more token. */
#define NO_ACCOUNTS "store: { backend = \"none\"; };\n"

/* One that has negotiated CAPS, and nothing else yet. */
static struct peer *negotiate(struct daemon *daemon, const char *caps)
{
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP REQ :%s", caps);
    PEER_SKIP_TO(peer, ":test\\.example CAP \\* ACK :.*");
    return peer;
}

static void register_as(struct peer *peer, const char *nick)
{
    irc_send(peer, "NICK %s\r\nUSER %s 0 * :Real %s\r\nCAP END", nick, nick, nick);
    PEER_SKIP_TO(peer, ":test\\.example (376|422) .*");
}

/* -- pre-away ---------------------------------------------------------------------------------- */

static void who_has_not_negotiated_it_is_away_only_when_registered(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = negotiate(daemon, "draft/pre-away");

    irc_send(peer, "AWAY :busy\r\nCAP REQ -draft/pre-away\r\nAWAY :busy");
    PEER_EXPECT_LINE(peer, ":test.example 306 * :You have been marked as being away");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :-draft/pre-away");
    PEER_EXPECT_LINE(peer, ":test.example 451 * :You have not registered");
    peer_close(peer);
    peer = IRC_CONNECT(daemon);
    irc_send(peer, "AWAY :busy");
    PEER_EXPECT_LINE(peer, ":test.example 451 * :You have not registered");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void who_was_away_before_is_away_from_the_beginning(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *watcher =
        irc_join(daemon, "watcher", "extended-monitor away-notify message-tags batch");
    struct peer *peer = negotiate(daemon, "draft/pre-away");

    irc_send(watcher, "MONITOR + alice");
    PEER_EXPECT_LINE(watcher, ":test.example 731 watcher :alice");
    irc_send(peer, "NICK alice\r\nAWAY\r\nAWAY :on the way\r\nAWAY :gone for lunch");
    PEER_EXPECT_LINE(peer, ":test.example 305 alice :You are no longer marked as being away");
    PEER_EXPECT_LINE(peer, ":test.example 306 alice :You have been marked as being away");
    PEER_EXPECT_LINE(peer, ":test.example 306 alice :You have been marked as being away");
    register_as(peer, "alice");
    PEER_EXPECT_MATCH(watcher, ":test\\.example 730 watcher :alice!~alice@.*");
    PEER_EXPECT_MATCH(watcher, "@msgid=[^ ]+ :alice!~alice@[^ ]+ AWAY :gone for lunch");
    irc_send(watcher, "PRIVMSG alice :there?");
    PEER_EXPECT_LINE(watcher, ":test.example 301 watcher alice :gone for lunch");
    IRC_EXPECT_FROM(peer, "watcher", "PRIVMSG alice :there?");
    irc_send(peer, "AWAY");
    PEER_EXPECT_LINE(peer, ":test.example 305 alice :You are no longer marked as being away");
    peer_close(peer);
    peer_close(watcher);
    DAEMON_STOP(daemon);
}

static void who_has_come_back_before_is_here(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = negotiate(daemon, "draft/pre-away");

    irc_send(peer, "AWAY :x\r\nAWAY");
    PEER_EXPECT_LINE(peer, ":test.example 306 * :You have been marked as being away");
    PEER_EXPECT_LINE(peer, ":test.example 305 * :You are no longer marked as being away");
    register_as(peer, "alice");
    irc_send(peer, "PRIVMSG alice :me");
    IRC_EXPECT_FROM(peer, "alice", "PRIVMSG alice :me");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_reason_that_is_not_told_is_put_into_words(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n", 2);
    struct peer *knows = irc_join(daemon, "knows", "draft/pre-away away-notify");
    struct peer *other = irc_join(daemon, "other", "away-notify");
    struct peer *tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    struct peer *peer = negotiate(daemon, "draft/pre-away");

    PEER_SEND_TEXT(tom, "tom\r\n/join #a\r\n");
    PEER_SKIP_TO(tom, ".* in #a: tom");
    irc_send(knows, "JOIN #a");
    PEER_SKIP_TO(knows, ".* 366 .*");
    irc_send(other, "JOIN #a");
    PEER_SKIP_TO(other, ".* 366 .*");
    PEER_SKIP_TO(tom, ".*other has joined #a");
    IRC_EXPECT_FROM(knows, "other", "JOIN #a");
    irc_send(peer, "AWAY *");
    register_as(peer, "bot");
    irc_send(peer, "JOIN #a");
    IRC_EXPECT_FROM(knows, "bot", "JOIN #a");
    IRC_EXPECT_FROM(knows, "bot", "AWAY :*");
    IRC_EXPECT_FROM(other, "bot", "JOIN #a");
    IRC_EXPECT_FROM(other, "bot", "AWAY :Away");
    PEER_SKIP_TO(tom, ".*bot has joined #a");
    irc_send(knows, "PRIVMSG bot :x");
    PEER_EXPECT_LINE(knows, ":test.example 301 knows bot :*");
    irc_send(other, "PRIVMSG bot :x\r\nWHOIS bot");
    PEER_EXPECT_LINE(other, ":test.example 301 other bot :Away");
    PEER_SKIP_TO(other, ":test\\.example 301 other bot :Away");
    PEER_SEND_TEXT(tom, "/msg bot x\r\n");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] you tell bot: x \\(away\\)");
    irc_send(peer, "AWAY\r\nAWAY *");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* bot is back");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* bot is away");
    IRC_EXPECT_FROM(knows, "bot", "AWAY");
    IRC_EXPECT_FROM(knows, "bot", "AWAY :*");
    PEER_SKIP_TO(other, ":bot![^ ]* AWAY");
    IRC_EXPECT_FROM(other, "bot", "AWAY :Away");
    peer_close(peer);
    peer_close(tom);
    peer_close(other);
    peer_close(knows);
    DAEMON_STOP(daemon);
}

/* -- extended-isupport ------------------------------------------------------------------------- */

#define ITEMS "([^ ]+ )+:are supported by this server"

static void what_is_supported_can_be_asked_for(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "ISUPPORT");
    PEER_EXPECT_LINE(peer, ":test.example 451 * :You have not registered");
    register_as(peer, "alice");
    irc_send(peer, "ISUPPORT");
    PEER_EXPECT_MATCH(peer, ":test\\.example 005 alice AWAYLEN=390 " ITEMS);
    PEER_SKIP_TO(peer, ":test\\.example 005 alice .*WHOX .*");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void it_can_be_asked_for_before_the_registration(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = negotiate(daemon, "draft/extended-isupport");

    irc_send(peer, "ISUPPORT");
    PEER_EXPECT_MATCH(peer, ":test\\.example 005 \\* AWAYLEN=390 " ITEMS);
    PEER_SKIP_TO(peer, ":test\\.example 005 \\* .*WHOX .*");
    irc_send(peer, "NICK alice\r\nUSER alice 0 * :Alice\r\nCAP END");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 alice .*");
    PEER_SKIP_TO(peer, ":test\\.example 005 alice AWAYLEN=390 " ITEMS);
    PEER_SKIP_TO(peer, ":test\\.example 005 alice .*WHOX .*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* All 005, from the opening of their batch to its end. */
static void expect_batch(struct peer *peer, const char *before, const char *nick)
{
    char pattern[200];
    char *line;

    snprintf(pattern, sizeof pattern, "%s:test.example BATCH +2 draft/isupport", before);
    PEER_EXPECT_LINE(peer, pattern);
    snprintf(pattern, sizeof pattern, "@batch=2 :test.example 005 %s ", nick);
    for (;;) {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        if (strstr(line, "BATCH"))
            break;
        EXPECT(strncmp(line, pattern, strlen(pattern)) == 0, "not in the batch: %s", line);
    }
    snprintf(pattern, sizeof pattern, "%s:test.example BATCH -2", before);
    CU_ASSERT_STRING_EQUAL(line, pattern);
}

static void a_batch_is_around_it(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = negotiate(daemon, "draft/extended-isupport batch");

    irc_send(peer, "ISUPPORT");
    expect_batch(peer, "", "*");
    irc_send(peer, "CAP REQ -batch\r\nISUPPORT");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :-batch");
    PEER_EXPECT_MATCH(peer, ":test\\.example 005 \\* AWAYLEN=390 " ITEMS);
    PEER_SKIP_TO(peer, ":test\\.example 005 \\* .*WHOX .*");
    irc_send(peer, "CAP REQ batch\r\nNICK alice\r\nUSER alice 0 * :Alice\r\nCAP END");
    PEER_SKIP_TO(peer, ":test\\.example 004 .*");
    expect_batch(peer, "", "alice");
    PEER_SKIP_TO(peer, ":test\\.example 422 .*");
    irc_send(peer, "VERSION");
    PEER_EXPECT_MATCH(peer, ":test\\.example 351 .*");
    expect_batch(peer, "", "alice");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_labelled_answer_has_the_batch_within_its_own(void)
{
    struct daemon *daemon = IRC_START(NO_ACCOUNTS);
    struct peer *peer = negotiate(daemon, "draft/extended-isupport batch labeled-response");

    irc_send(peer, "@label=a ISUPPORT");
    PEER_EXPECT_LINE(peer, "@label=a :test.example BATCH +1 labeled-response");
    expect_batch(peer, "@batch=1 ", "*");
    PEER_EXPECT_LINE(peer, ":test.example BATCH -1");
    register_as(peer, "alice");
    irc_send(peer, "@label=b VERSION");
    PEER_EXPECT_LINE(peer, "@label=b :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(peer, "@batch=1 :test\\.example 351 .*");
    expect_batch(peer, "@batch=1 ", "alice");
    PEER_EXPECT_LINE(peer, ":test.example BATCH -1");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* -- network-icon ------------------------------------------------------------------------------ */

#define WITH_ICON(url)                                                                             \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\"; "      \
    "icon = \"" url "\"; };\n"                                                                     \
    "listeners = ( " IRC_LISTENER " );\n"

static void the_icon_is_told_before_and_after_a_reload(void)
{
    struct daemon *daemon = DAEMON_START(WITH_ICON("https://example.org/icon.png?size={size}"), 1);
    struct peer *peer = negotiate(daemon, "draft/extended-isupport");
    char *line;

    irc_send(peer, "ISUPPORT");
    PEER_SKIP_TO(peer, ":test\\.example 005 \\* (.* )?draft/ICON="
                       "https://example\\.org/icon\\.png\\?size=\\{size\\} :are supported .*");
    daemon_configure(daemon, WITH_ICON("http://other.example/a"));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    register_as(peer, "alice");
    irc_send(peer, "ISUPPORT");
    PEER_SKIP_TO(peer,
                 ":test\\.example 005 alice (.* )?draft/ICON=http://other\\.example/a :are .*");
    daemon_configure(daemon, WITH_ICON(""));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    irc_send(peer, "ISUPPORT\r\nPING end");
    for (;;) {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        if (strstr(line, "PONG"))
            break;
        CU_ASSERT_PTR_NULL(strstr(line, "ICON"));
    }
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
        TEST(who_has_not_negotiated_it_is_away_only_when_registered),
        TEST(who_was_away_before_is_away_from_the_beginning),
        TEST(who_has_come_back_before_is_here),
        TEST(a_reason_that_is_not_told_is_put_into_words),
        TEST(what_is_supported_can_be_asked_for),
        TEST(it_can_be_asked_for_before_the_registration),
        TEST(a_batch_is_around_it),
        TEST(a_labelled_answer_has_the_batch_within_its_own),
        TEST(the_icon_is_told_before_and_after_a_reload),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_early", tests);
}
