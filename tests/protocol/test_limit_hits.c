/* SPDX-License-Identifier: MIT */
/* Each limit that is run into is counted by its name, on the control socket and in STATS h. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"
#include "tests/protocol/limit_hits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TALK_TOO                                                                                   \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n"

/* LENGTH times x. */
static const char *xs(size_t length)
{
    static char text[8192];

    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

static void nothing_is_counted_while_all_goes_well(void)
{
    struct daemon *daemon = IRC_START(IRC_OPERS);
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *control = PEER_OPEN(.path = daemon_path(daemon, "control"));
    char *line;

    irc_send(alice, "PRIVMSG #a :hello");
    IRC_EXPECT_NOTHING(alice);
    PEER_SEND_TEXT(control, "limits\n");
    PEER_EXPECT_LINE(control, "connections: 0");
    do {
        EXPECT_RESULT(peer_next_line(control, &line), 0);
        EXPECT(strcmp(line, "ok") == 0 || strstr(line, ": 0"), "%s", line);
    } while (strcmp(line, "ok") != 0);
    PEER_SEND_TEXT(control, "status\n");
    PEER_SKIP_TO(control, "limits_hit: 0");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "STATS h");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice h :End of /STATS report");
    peer_close(control);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void connections_that_are_too_many_are_counted(void)
{
    struct daemon *daemon = IRC_START("limits: { connections = 1; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    for (int i = 0; i < 3; i++) {
        struct peer *peer = IRC_CONNECT(daemon);

        PEER_EXPECT_LINE(peer, "ERROR :Closing link: (Server is full)");
        PEER_EXPECT_GONE(peer);
        peer_close(peer);
    }
    LIMIT_HITS(daemon, "connections", 3);
    LIMIT_HITS(daemon, "descriptors", 0);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void lines_and_queues_are_counted(void)
{
    struct daemon *daemon = IRC_START(
        "limits: { line = 512; sendq = 8192; high_water = 8192; recvq = 1024; flood_rate = 1; "
        "flood_burst = 60; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char text[700];
    int rc = 0;

    irc_send(alice, "PRIVMSG #a :%s", xs(600));
    PEER_SKIP_TO(alice, ":test.example 417 alice :.*");
    LIMIT_HITS(daemon, "line", 0); /* with tags it might be longer */
    irc_send(alice, "PRIVMSG #a :%s", xs(6000));
    PEER_SKIP_TO(alice, ":test.example 417 alice :.*");
    LIMIT_HITS(daemon, "line", 1);
    for (int i = 0; i < 40; i++) /* each letter is answered */
        irc_send(bob, "MODE #a +%s", xs(400));
    PEER_SKIP_TO(bob, "ERROR :Closing link: .* \\(SendQ exceeded\\)");
    LIMIT_HITS(daemon, "sendq", 1);
    snprintf(text, sizeof(text), "PING %.40s\r\n", xs(40));
    for (int i = 0; i < 1000 && rc == 0; i++)
        rc = peer_send(alice, text, strlen(text));
    PEER_DRAIN(alice);
    LIMIT_HITS(daemon, "recvq", 1);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void floods_are_counted_where_they_are_slowed(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 100; flood_burst = 10; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *control = PEER_OPEN(.path = daemon_path(daemon, "control"));

    for (int i = 0; i < 20; i++)
        irc_send(alice, "PING %d", i);
    PEER_SKIP_TO(alice, ":test.example PONG test.example :19");
    PEER_SEND_TEXT(control, "limits\n");
    PEER_SKIP_TO(control, "flood_burst: [1-9][0-9]*");
    PEER_SKIP_TO(control, "ok");
    peer_close(control);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_does_not_say_in_time_who_they_are_is_counted(void)
{
    struct daemon *daemon = DAEMON_START(TALK_TOO "limits: { registration_timeout = 1; };\n", 2);
    struct peer *irc = IRC_CONNECT(daemon);
    struct peer *talk = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SKIP_TO(irc, "ERROR :Closing link: .* \\(Registration timed out\\)");
    PEER_SKIP_TO(talk, "Goodbye: no nickname was given in time.");
    LIMIT_HITS(daemon, "registration_timeout", 2);
    peer_close(irc);
    peer_close(talk);
    DAEMON_STOP(daemon);
}

static void silence_is_counted(void)
{
    struct daemon *daemon = IRC_START("limits: { ping_interval = 1; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    PEER_SKIP_TO(alice, "ERROR :Closing link: .* \\(Ping timeout\\)");
    LIMIT_HITS(daemon, "ping_interval", 1);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void idleness_is_counted(void)
{
    struct daemon *daemon = IRC_START("limits: { idle_timeout = 1; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    PEER_SKIP_TO(alice, "ERROR :Closing link: .* \\(Idle timeout\\)");
    LIMIT_HITS(daemon, "idle_timeout", 1);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_people_and_channels_may_have_is_counted(void)
{
    struct daemon *daemon = IRC_START(
        "limits: { flood_rate = 0; nick_length = 8; channel_length = 10; topic_length = 5; "
        "channels_per_user = 2; masks_per_list = 1; watched_nicks = 1; };\n" IRC_OPERS);
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "NICK alice-in-wonderland");
    irc_send(alice, "JOIN #in-wonderland");
    irc_send(alice, "TOPIC #a :long topic");
    irc_send(alice, "JOIN #b");
    irc_send(alice, "JOIN #c");
    irc_send(alice, "MODE #a +b a!*@*");
    irc_send(alice, "MODE #a +b b!*@*");
    irc_send(alice, "MONITOR + x,y");
    irc_send(alice, "MODE #a +l 1");
    irc_send(alice, "MODE #b +j 1:100");
    irc_send(alice, "PRIVMSG a,b,c,d,e,f,g,h :x");
    irc_send(alice, "PING :done");
    PEER_SKIP_TO(alice, ":test.example PONG test.example :done");
    irc_send(bob, "JOIN #a");
    PEER_EXPECT_MATCH(bob, ":test.example 471 bob #a :.*");
    LIMIT_HITS(daemon, "nick_length", 1);
    LIMIT_HITS(daemon, "channel_length", 1);
    LIMIT_HITS(daemon, "topic_length", 1);
    LIMIT_HITS(daemon, "channels_per_user", 1);
    LIMIT_HITS(daemon, "masks_per_list", 1);
    LIMIT_HITS(daemon, "watched_nicks", 1);
    LIMIT_HITS(daemon, "channel_limit", 1);
    LIMIT_HITS(daemon, "targets", 1);
    irc_send(bob, "STATS h");
    PEER_EXPECT_MATCH(bob, ":test.example 481 bob :.*");
    PEER_EXPECT_LINE(bob, ":test.example 219 bob h :End of /STATS report");
    IRC_BECOME_OPERATOR(bob, "bob");
    irc_send(bob, "STATS h");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :nick_length: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :channel_length: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :topic_length: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :masks_per_list: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :watched_nicks: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :channels_per_user: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :channel_limit: 1");
    PEER_EXPECT_LINE(bob, ":test.example 249 bob :targets: 1");
    PEER_EXPECT_LINE(bob, ":test.example 219 bob h :End of /STATS report");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* A number that is a line's last word. */
static unsigned number_at_end(const char *line)
{
    return (unsigned)strtoul(strrchr(line, ' ') + 1, NULL, 10);
}

/*
 * One who reads slowly hears all that is said, in order; not that somebody types, while too much is
 * queued for them.
 */
static void who_is_behind_is_spared_chatter_and_hears_what_is_said(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; high_water = 4096; };\n");
    struct peer *alice = irc_join(daemon, "alice", "message-tags");
    struct peer *slow = PEER_OPEN(.port = DAEMON_PORT(daemon, "irc", 0),
                                  .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    unsigned said = 0;
    unsigned typed = 0;
    unsigned heard = 0;
    unsigned seen = 0;
    char *line;

    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ":test.example 366 alice #a :.*");
    PEER_SEND_TEXT(slow, "CAP REQ message-tags\r\nNICK slow\r\nUSER slow 0 * :slow\r\n"
                         "CAP END\r\nJOIN #a\r\n");
    PEER_SKIP_TO(alice, ".*:slow!.* JOIN #a");
    while (said < 40000 && (said % 500 > 0 || limit_count(HERE, daemon, "chatter") == 0)) {
        irc_send(alice, "@+typing=active TAGMSG #a");
        irc_send(alice, "PRIVMSG #a :%s %u", xs(300), said++);
        irc_send(alice, "PING :%u", said); /* not faster than it is served */
        PEER_SKIP_TO(alice, ".*PONG test.example :[0-9]+");
        typed++;
    }
    EXPECT(limit_count(HERE, daemon, "chatter") > 0, "nothing is left out of %u", typed);
    while (heard < said) {
        EXPECT_RESULT(peer_next_line(slow, &line), 0);
        seen += strstr(line, " TAGMSG ") != NULL;
        if (!strstr(line, " PRIVMSG "))
            continue;
        EXPECT(number_at_end(line) == heard, "%u expected, got %s", heard, line);
        heard++;
    }
    EXPECT(seen < typed, "all %u were told", typed);
    LIMIT_HITS(daemon, "sendq", 0);
    peer_close(slow);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void ctl_shows_the_counts_as_text_and_as_json(void)
{
    struct daemon *daemon = IRC_START("limits: { connections = 1; };\n");
    const char *socket = daemon_path(daemon, "control");
    const char *ctl = command_program("PACELINECTL");
    struct command_result result;

    result = COMMAND_RUN(NULL, ctl, "-s", socket, "limits");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strncmp(result.out, "connections: 0\ndescriptors: 0\n", 30) == 0);
    CU_ASSERT_PTR_NULL(strstr(result.out, "ok"));
    command_clear(&result);
    result = COMMAND_RUN(NULL, ctl, "-s", socket, "limits", "--json");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strncmp(result.out, "{\n  \"connections\": 0,\n", 22) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.out, "\n  \"ping_interval\": 0,\n"));
    command_clear(&result);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"nothing is counted while all goes well", nothing_is_counted_while_all_goes_well},
        {"connections that are too many are counted", connections_that_are_too_many_are_counted},
        {"lines and queues are counted", lines_and_queues_are_counted},
        {"floods are counted where they are slowed", floods_are_counted_where_they_are_slowed},
        {"who does not say in time who they are is counted",
         who_does_not_say_in_time_who_they_are_is_counted},
        {"silence is counted", silence_is_counted},
        {"idleness is counted", idleness_is_counted},
        {"what people and channels may have is counted",
         what_people_and_channels_may_have_is_counted},
        {"who is behind is spared chatter and hears what is said",
         who_is_behind_is_spared_chatter_and_hears_what_is_said},
        {"pacelinectl shows the counts as text and as JSON",
         ctl_shows_the_counts_as_text_and_as_json},
        {NULL, NULL},
    };

    return models_main(argc, argv, "limit hits", tests);
}
