/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/served.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME     "\\[[0-2][0-9]:[0-5][0-9]\\] "
#define ONE_TALK "listeners = ( { service = \"talk\"; port = 0; } );\n"

/* Connects to TARGET and stands in the lobby with PEOPLE in it as NICK, all greetings read. */
static struct peer *arrive(struct place place, const struct peer_target *target, const char *nick)
{
    struct peer *peer = peer_must_open(place, target);
    char text[200];

    peer_must_receive_line(place, peer, "Welcome to Paceline.");
    peer_must_receive_line(place, peer, "What is your nickname?");
    snprintf(text, sizeof(text), "%s\n", nick);
    peer_must_send_text(place, peer, text);
    snprintf(text, sizeof(text), TIME "\\* you are %s", nick);
    peer_must_match(place, peer, text);
    peer_must_receive_line(place, peer,
                           "What you type is said in the room; /help lists the commands.");
    peer_must_match(place, peer, TIME "\\* you have joined #lobby");
    snprintf(text, sizeof(text), "[0-9]+ (person|people) in #lobby: .*%s", nick);
    peer_must_match(place, peer, text);
    return peer;
}
#define ARRIVE(daemon, nick)                                                                       \
    arrive(HERE, &(struct peer_target){.port = DAEMON_PORT(daemon, "talk", 0)}, nick)

static void people_on_ipv4_ipv6_and_unix_sockets_share_a_room(void)
{
    bool ipv6 = served_ipv6();
    struct daemon *daemon =
        SERVED_START("listeners = ( { service = \"talk\"; address = \"*\"; port = 0; },\n"
                     "{ service = \"talk\"; path = \"@DIR@/talk\"; } );\n",
                     2);
    unsigned port = DAEMON_PORT(daemon, "talk", 0);
    struct peer *ann = arrive(HERE, &(struct peer_target){.port = port}, "ann");
    struct peer *bob, *cat;

    bob = arrive(HERE, &(struct peer_target){.address = ipv6 ? "::1" : NULL, .port = port}, "bob");
    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    cat = arrive(HERE, &(struct peer_target){.path = daemon_path(daemon, "talk")}, "cat");
    PEER_EXPECT_MATCH(ann, TIME "\\* cat has joined #lobby");
    PEER_EXPECT_MATCH(bob, TIME "\\* cat has joined #lobby");

    PEER_SEND_TEXT(ann, "hello\n");
    PEER_EXPECT_MATCH(bob, TIME "<ann> hello");
    PEER_EXPECT_MATCH(cat, TIME "<ann> hello");
    PEER_SEND_TEXT(bob, "hello ann\r\n");
    PEER_EXPECT_MATCH(ann, TIME "<bob> hello ann");
    PEER_EXPECT_MATCH(cat, TIME "<bob> hello ann");
    PEER_SEND_TEXT(cat, "/me waves\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* cat waves");
    PEER_EXPECT_MATCH(bob, TIME "\\* cat waves");

    PEER_SEND_TEXT(cat, "/quit see you\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* cat has quit \\(see you\\)");
    PEER_EXPECT_MATCH(bob, TIME "\\* cat has quit \\(see you\\)");
    PEER_EXPECT_LINE(cat, "Goodbye.");
    PEER_EXPECT_END(cat);
    peer_close(cat);
    peer_close(bob);
    PEER_EXPECT_MATCH(ann, TIME "\\* bob has quit \\(connection closed\\)");
    peer_close(ann);
    DAEMON_STOP(daemon);
}

static void nickname_is_asked_for_until_it_will_do(void)
{
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_EXPECT_LINE(peer, "Welcome to Paceline.");
    PEER_EXPECT_LINE(peer, "What is your nickname?");
    PEER_SEND_TEXT(peer, "1two\n");
    PEER_EXPECT_MATCH(peer, "That is no nickname: .*");
    PEER_EXPECT_LINE(peer, "What is your nickname?");
    PEER_SEND_TEXT(peer, "ANN\n");
    PEER_EXPECT_MATCH(peer, ".*(taken|in use).*");
    PEER_EXPECT_LINE(peer, "What is your nickname?");
    PEER_SEND_TEXT(peer, "bob\n");
    PEER_EXPECT_MATCH(peer, TIME "\\* you are bob");
    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    peer_close(peer);
    peer_close(ann);
    DAEMON_STOP(daemon);
}

static void rooms_are_apart(void)
{
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *bob = ARRIVE(daemon, "bob");

    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    PEER_SEND_TEXT(ann, "/join #dev\nnobody hears this\n/leave\nback again\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* you have joined #dev");
    PEER_EXPECT_LINE(ann, "1 person in #dev: ann");
    PEER_EXPECT_MATCH(ann, TIME "\\* you have left #dev");
    PEER_EXPECT_LINE(ann, "You talk in #lobby now.");
    PEER_EXPECT_MATCH(bob, TIME "<ann> back again");

    PEER_SEND_TEXT(bob, "/join #dev\n");
    PEER_EXPECT_MATCH(bob, TIME "\\* you have joined #dev");
    PEER_EXPECT_LINE(bob, "1 person in #dev: bob");
    PEER_SEND_TEXT(ann, "/join #dev\n");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann has joined #dev");
    PEER_EXPECT_MATCH(ann, TIME "\\* you have joined #dev");
    PEER_EXPECT_LINE(ann, "2 people in #dev: bob ann");
    PEER_SEND_TEXT(ann, "/leave #lobby\n");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann has left #lobby");
    PEER_SEND_TEXT(bob, "/topic cats\n/rooms\n"); /* who came first is the room's operator */
    PEER_EXPECT_MATCH(ann, TIME "\\* you have left #lobby");
    PEER_EXPECT_MATCH(ann, TIME "\\* bob has set the topic of #dev: cats");
    PEER_EXPECT_MATCH(bob, TIME "\\* you have set the topic of #dev: cats");
    PEER_EXPECT_LINE(bob, "2 rooms:");
    PEER_EXPECT_LINE(bob, "* #dev (2): cats");
    PEER_EXPECT_LINE(bob, "+ #lobby (1)");
    peer_close(ann);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void messages_and_names_reach_whom_they_concern(void)
{
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *bob = ARRIVE(daemon, "bob");

    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    PEER_SEND_TEXT(ann, "/msg bob psst\n");
    PEER_EXPECT_MATCH(ann, TIME "you tell bob: psst");
    PEER_EXPECT_MATCH(bob, TIME "ann tells you: psst");
    PEER_SEND_TEXT(ann, "/nick zoe\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* you are now called zoe");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann is now called zoe");
    PEER_SEND_TEXT(ann, "//slash\n");
    PEER_EXPECT_MATCH(bob, TIME "<zoe> /slash");
    PEER_SEND_TEXT(bob, "/who\n/jion #dev\n/help\n");
    PEER_EXPECT_MATCH(bob, "2 people in #lobby: (zoe bob|bob zoe)");
    PEER_EXPECT_MATCH(bob, "There is no command /jion\\. Did you mean /join\\?.*");
    PEER_SKIP_TO(bob, " +/quit .*");
    peer_close(ann);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

/* What one types cannot meddle with another's terminal, whatever it is. */
static void text_reaches_others_clean(void)
{
    static const char dirty[] = "\xff\xfb\x01"          /* telnet: WILL ECHO */
                                "\xff\xfa\x18\x00xterm" /* a subnegotiation with a line end */
                                "\n\xff\xf0"
                                "a\tb\x1b[2Jc\x07\x7f"
                                " \xc2\x9b" /* C1 */
                                "\xc3\xbc \xc3( \xed\xa0\x80.\n";
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *bob = ARRIVE(daemon, "bob");
    char *line;

    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    PEER_SEND(ann, dirty, sizeof(dirty) - 1);
    PEER_SEND_TEXT(ann, "next\n");
    EXPECT_RESULT(peer_next_line(bob, &line), 0);
    EXPECT(strlen(line) > 8 && strncmp(line + 8, "<ann> a b[2Jc \xc3\xbc ", 17) == 0, "got %s",
           line);
    EXPECT(strstr(line, "\xef\xbf\xbd("), "no replacement character: %s", line);
    EXPECT(!strpbrk(line, "\x1b\x07\x7f\t"), "control characters: %s", line);
    EXPECT(!strstr(line, "\xc2\x9b") && !strstr(line, "\xff") && !strstr(line, "\xed\xa0"),
           "not clean: %s", line);
    PEER_EXPECT_MATCH(bob, TIME "<ann> next");
    peer_close(ann);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

enum { SPEAKERS = 4, LINES = 30 };

static void expect_same_order(struct peer *a, struct peer *b)
{
    char *line, copy[200];
    int i;

    for (i = 0; i < SPEAKERS * LINES; i++) {
        EXPECT_RESULT(peer_next_line(a, &line), 0);
        snprintf(copy, sizeof(copy), "%s", line);
        EXPECT_RESULT(peer_next_line(b, &line), 0);
        /* Without the time, which is each line's own. */
        EXPECT(strlen(line) > 8 && strcmp(line + 8, copy + 8) == 0, "%s, but %s", copy, line);
    }
}

static void everybody_sees_the_same_order(void)
{
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *speakers[SPEAKERS];
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *bob = ARRIVE(daemon, "bob");
    char text[32];
    int i, k;

    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    for (i = 0; i < SPEAKERS; i++) {
        sprintf(text, "speaker%d", i);
        speakers[i] = ARRIVE(daemon, text);
        PEER_EXPECT_MATCH(ann, TIME "\\* speaker. has joined #lobby");
        PEER_EXPECT_MATCH(bob, TIME "\\* speaker. has joined #lobby");
    }
    for (k = 0; k < LINES; k++) {
        for (i = 0; i < SPEAKERS; i++) {
            sprintf(text, "line %d\n", k);
            PEER_SEND_TEXT(speakers[i], text);
        }
    }
    expect_same_order(ann, bob);
    for (i = 0; i < SPEAKERS; i++)
        peer_close(speakers[i]);
    peer_close(ann);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void stop_is_told_to_everybody(void)
{
    struct daemon *daemon = SERVED_START(ONE_TALK, 1);
    struct peer *ann = ARRIVE(daemon, "ann");
    struct peer *newcomer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_EXPECT_LINE(newcomer, "Welcome to Paceline.");
    PEER_EXPECT_LINE(newcomer, "What is your nickname?");
    daemon_signal(daemon, SIGTERM);
    PEER_EXPECT_MATCH(ann, "Goodbye: .+");
    PEER_EXPECT_END(ann);
    PEER_EXPECT_MATCH(newcomer, "Goodbye: .+");
    PEER_EXPECT_END(newcomer);
    peer_close(ann);
    peer_close(newcomer);
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"people on IPv4, IPv6 and Unix sockets share a room",
         people_on_ipv4_ipv6_and_unix_sockets_share_a_room},
        {"a nickname is asked for until it will do", nickname_is_asked_for_until_it_will_do},
        {"rooms are apart", rooms_are_apart},
        {"messages and names reach whom they concern", messages_and_names_reach_whom_they_concern},
        {"text reaches others clean", text_reaches_others_clean},
        {"everybody sees the same order", everybody_sees_the_same_order},
        {"a stop is told to everybody", stop_is_told_to_everybody},
        {NULL, NULL},
    };

    return models_main(argc, argv, "talk", tests);
}
