/* SPDX-License-Identifier: MIT */
/* IRC: up to when one has read what is said (MARKREAD). */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>

#define TIME "[-0-9]{10}T[:0-9]{8}\\.[0-9]{3}Z"

static void what_was_read_is_kept_and_never_goes_back(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "draft/read-marker");
    struct peer *bob = irc_join(daemon, "bob", "draft/read-marker");

    irc_send(alice, "MARKREAD bob");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD bob *");
    irc_send(alice, "MARKREAD Bob timestamp=2019-01-04T14:33:26.123Z");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD Bob timestamp=2019-01-04T14:33:26.123Z");
    irc_send(alice, "MARKREAD bob timestamp=2019-01-04T14:33:26.122Z");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD bob timestamp=2019-01-04T14:33:26.123Z");
    irc_send(alice, "MARKREAD bob timestamp=2020-02-29T00:00:00.000Z");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD bob timestamp=2020-02-29T00:00:00.000Z");
    irc_send(alice, "MARKREAD bob");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD bob timestamp=2020-02-29T00:00:00.000Z");
    /* Nobody reads what is not said yet. */
    irc_send(alice, "MARKREAD #nowhere timestamp=9999-12-31T23:59:59.999Z");
    PEER_EXPECT_MATCH(alice, ":test\\.example MARKREAD #nowhere timestamp=20[0-9]{2}-.*Z");
    /* It is nobody else's. */
    irc_send(bob, "MARKREAD bob");
    PEER_EXPECT_LINE(bob, ":test.example MARKREAD bob *");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_joins_learns_what_they_have_read(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "draft/read-marker batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD #a *");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :@alice");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(alice, "@label=x MARKREAD #A timestamp=2019-01-04T14:33:26.123Z");
    PEER_EXPECT_LINE(alice,
                     "@label=x :test.example MARKREAD #A timestamp=2019-01-04T14:33:26.123Z");
    irc_send(alice, "PART #a\r\n@label=y JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    PEER_EXPECT_LINE(alice, "@label=y :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice.* JOIN #a");
    PEER_EXPECT_LINE(alice,
                     "@batch=1 :test.example MARKREAD #a timestamp=2019-01-04T14:33:26.123Z");
    PEER_SKIP_TO(alice, ":test\\.example BATCH -1");
    /* Who has not negotiated it may ask, and is told nothing else. */
    irc_send(bob, "JOIN #a");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #a");
    PEER_EXPECT_MATCH(bob, ":test\\.example 353 .*");
    PEER_EXPECT_MATCH(bob, ":test\\.example 366 .*");
    irc_send(bob, "MARKREAD #a");
    PEER_EXPECT_LINE(bob, ":test.example MARKREAD #a *");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_none_is_refused(void)
{
    static const char *const wrong[] = {
        "2019-01-04T14:33:26.123Z",
        "timestamp=",
        "*",
        "timestamp=2019-02-29T14:33:26.123Z",
        "timestamp=2019-13-04T14:33:26.123Z",
        "timestamp=2019-01-04T24:33:26.123Z",
        "timestamp=2019-01-04T14:33:26Z",
        "timestamp=2019-01-04T14:33:26.123",
        "timestamp=1969-01-04T14:33:26.123Z",
    };
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", "draft/read-marker");
    char line[200];

    irc_send(alice, "MARKREAD\r\nMARKREAD :");
    for (int i = 0; i < 2; i++)
        PEER_EXPECT_LINE(alice, ":test.example FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters");
    irc_send(alice, "MARKREAD 1x\r\nMARKREAD #a,#b timestamp=2019-01-04T14:33:26.123Z");
    PEER_EXPECT_LINE(alice, ":test.example FAIL MARKREAD INVALID_PARAMS 1x :Invalid parameters");
    PEER_EXPECT_LINE(alice, ":test.example FAIL MARKREAD INVALID_PARAMS #a,#b :Invalid parameters");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        irc_send(alice, "MARKREAD #a %s", wrong[i]);
        snprintf(line, sizeof line,
                 ":test.example FAIL MARKREAD INVALID_PARAMS %s :Invalid parameters", wrong[i]);
        PEER_EXPECT_LINE(alice, line);
    }
    irc_send(alice, "MARKREAD #a");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD #a *");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void there_are_so_many_and_no_more(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    for (int i = 0; i < 256; i++) {
        irc_send(alice, "MARKREAD #%d timestamp=2019-01-04T14:33:26.123Z", i);
        PEER_EXPECT_MATCH(alice, ":test\\.example MARKREAD #[0-9]+ timestamp=" TIME);
    }
    irc_send(alice, "MARKREAD #256 timestamp=2019-01-04T14:33:26.123Z");
    PEER_EXPECT_LINE(alice, ":test.example FAIL MARKREAD INTERNAL_ERROR #256 "
                            ":You have as many read markers as there may be");
    irc_send(alice, "MARKREAD #255 timestamp=2020-01-04T14:33:26.123Z");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD #255 timestamp=2020-01-04T14:33:26.123Z");
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
        TEST(what_was_read_is_kept_and_never_goes_back),
        TEST(who_joins_learns_what_they_have_read),
        TEST(what_is_none_is_refused),
        TEST(there_are_so_many_and_no_more),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_read_marker", tests);
}
