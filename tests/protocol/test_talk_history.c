/* SPDX-License-Identifier: MIT */
/* Talk: what was said before in a room, and what is found by its words. */
#include "config.h"

#include "tests/lib/daemon.h"
#include "tests/lib/models.h"
#include "tests/lib/peer.h"
#include "tests/lib/unit.h"

#include <stdio.h>

#define TALK                                                                                       \
    DAEMON_SERVER "listeners = ( { service = \"talk\"; port = 0; } );\n"                           \
                  "limits: { flood_rate = 0; };\n"
#define TIME "\\[[0-2][0-9]:[0-5][0-9]\\] "
#define DAY  "--- [0-9]{4}-[0-9]{2}-[0-9]{2} ---"

static struct peer *come(struct daemon *daemon, const char *nick)
{
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    char line[100];

    PEER_EXPECT_LINE(peer, "Welcome to Paceline.");
    PEER_EXPECT_LINE(peer, "What is your nickname?");
    snprintf(line, sizeof line, "%s\n", nick);
    PEER_SEND_TEXT(peer, line);
    PEER_SKIP_TO(peer, "[0-9]+ (person|people) in #lobby: .*");
    return peer;
}

static void who_comes_later_sees_what_was_said(void)
{
    struct daemon *daemon = DAEMON_START(TALK, 1);
    struct peer *ann = come(daemon, "ann");
    struct peer *bob;

    PEER_SEND_TEXT(ann, "/history\n");
    PEER_EXPECT_LINE(ann, "Nothing has been said here before.");
    PEER_SEND_TEXT(ann, "one\n/me waves\nthree cats\n/who\n");
    PEER_EXPECT_LINE(ann, "1 person in #lobby: ann");
    bob = come(daemon, "bob");
    PEER_SKIP_TO(ann, TIME "\\* bob has joined #lobby");
    PEER_SEND_TEXT(bob, "/history\nafter\n");
    PEER_EXPECT_MATCH(bob, DAY);
    PEER_EXPECT_MATCH(bob, TIME "<ann> one");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann waves");
    PEER_EXPECT_MATCH(bob, TIME "<ann> three cats");
    PEER_EXPECT_LINE(bob, "--- 3 lines ---");
    PEER_EXPECT_MATCH(ann, TIME "<bob> after");
    PEER_SEND_TEXT(bob, "/history 1\n");
    PEER_EXPECT_MATCH(bob, DAY);
    PEER_EXPECT_MATCH(bob, TIME "<bob> after");
    PEER_EXPECT_LINE(bob, "--- 1 line ---");
    PEER_SEND_TEXT(bob, "/history much\n/history 0\n");
    PEER_EXPECT_LINE(bob, "Usage: /history [lines]");
    PEER_EXPECT_LINE(bob, "Usage: /history [lines]");
    peer_close(bob);
    peer_close(ann);
    DAEMON_STOP(daemon);
}

static void words_are_found(void)
{
    struct daemon *daemon = DAEMON_START(TALK, 1);
    struct peer *ann = come(daemon, "ann");

    PEER_SEND_TEXT(ann, "three Cats\nthree dogs\n/search cats three\n/search mice\n/search\n");
    PEER_EXPECT_MATCH(ann, DAY);
    PEER_EXPECT_MATCH(ann, TIME "<ann> three Cats");
    PEER_EXPECT_LINE(ann, "--- 1 line ---");
    PEER_EXPECT_LINE(ann, "Nothing is found.");
    PEER_EXPECT_LINE(ann, "Usage: /search words");
    PEER_SEND_TEXT(ann, "/leave\n/history\n");
    PEER_SKIP_TO(ann, "You talk in no room; /join #room takes you to one\\.");
    peer_close(ann);
    DAEMON_STOP(daemon);
}

static void where_nothing_is_kept_that_is_said(void)
{
    struct daemon *daemon = DAEMON_START(TALK "history: { enabled = false; };\n", 1);
    struct peer *ann = come(daemon, "ann");

    PEER_SEND_TEXT(ann, "/history\n/search x\n");
    PEER_EXPECT_LINE(ann, "Nothing is kept here.");
    PEER_EXPECT_LINE(ann, "Nothing is kept here.");
    peer_close(ann);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who comes later sees what was said", who_comes_later_sees_what_was_said},
        {"words are found", words_are_found},
        {"where nothing is kept that is said", where_nothing_is_kept_that_is_said},
        {NULL, NULL},
    };

    return models_main(argc, argv, "talk, history", tests);
}
