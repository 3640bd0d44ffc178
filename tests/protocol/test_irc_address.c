/* SPDX-License-Identifier: MIT */
/* IRC: how many connections one address may have, and how often it may connect. */
#include "config.h"

#include "tests/lib/network.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define EVERYWHERE                                                                                 \
    DAEMON_SERVER "listeners = ( { service = \"irc\"; address = \"*\"; port = 0; } );\n"

static struct peer_target one, other;

static struct daemon *start(const char *configuration)
{
    struct daemon *daemon = DAEMON_START(configuration, 1);

    one = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_ADDRESS};
    other = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    one.port = other.port = DAEMON_PORT(daemon, "irc", 0);
    return daemon;
}

#define EXPECT_SERVED(target) expect_served(HERE, target)
static struct peer *expect_served(struct place place, const struct peer_target *target)
{
    struct peer *peer = peer_must_open(place, target);

    irc_send(peer, "PING here");
    peer_must_receive_line(place, peer, ":test.example PONG test.example :here");
    return peer;
}

#define EXPECT_REFUSED(target, line) expect_refused(HERE, target, line)
static void expect_refused(struct place place, const struct peer_target *target, const char *line)
{
    struct peer *peer = peer_must_open(place, target);

    peer_must_receive_line(place, peer, line);
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
}

static void one_address_has_so_many_connections(void)
{
    static const char refusal[] = "ERROR :Closing link: (Too many connections from your address)";
    struct daemon *daemon = start(EVERYWHERE "limits: { per_address = 2; };\n");
    struct peer *a = EXPECT_SERVED(&one);
    struct peer *b = EXPECT_SERVED(&one);
    struct peer *c;

    EXPECT_REFUSED(&one, refusal);
    EXPECT_REFUSED(&one, refusal);
    c = EXPECT_SERVED(&other);
    peer_close(c);
    peer_close(b);
    peer_close(a);
    DAEMON_STOP(daemon);
}

/* One connection a minute: none more comes while this runs. */
static void one_address_connects_so_often(void)
{
    static const char refusal[] = "ERROR :Closing link: (Your address connects too often)";
    struct daemon *daemon = start(EVERYWHERE "limits: { connect_rate = 1; connect_burst = 3; };\n");
    struct peer *a = EXPECT_SERVED(&one);
    struct peer *b;

    peer_close(EXPECT_SERVED(&one)); /* who has gone counts, too */
    peer_close(EXPECT_SERVED(&one));
    EXPECT_REFUSED(&one, refusal);
    EXPECT_REFUSED(&one, refusal);
    b = EXPECT_SERVED(&other);
    for (int i = 0; i < 10; i++) /* loopback is exempt */
        peer_close(EXPECT_SERVED(&((struct peer_target){.port = one.port})));
    irc_send(a, "PING still");
    PEER_EXPECT_LINE(a, ":test.example PONG test.example :still");
    peer_close(b);
    peer_close(a);
    DAEMON_STOP(daemon);
}

static void a_reload_changes_how_often(void)
{
    static const char refusal[] = "ERROR :Closing link: (Your address connects too often)";
    struct daemon *daemon = start(EVERYWHERE "limits: { connect_rate = 1; connect_burst = 1; };\n");

    peer_close(EXPECT_SERVED(&one));
    EXPECT_REFUSED(&one, refusal);
    daemon_configure(daemon, EVERYWHERE "limits: { connect_rate = 0; };\n");
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    for (int i = 0; i < 10; i++)
        peer_close(EXPECT_SERVED(&one));
    daemon_configure(daemon, EVERYWHERE "limits: { connect_rate = 1; connect_burst = 1; };\n");
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    peer_close(EXPECT_SERVED(&other));
    EXPECT_REFUSED(&other, refusal);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"one address has so many connections", one_address_has_so_many_connections},
        {"one address connects so often", one_address_connects_so_often},
        {"a reload changes how often", a_reload_changes_how_often},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    return models_main(argc, argv, "IRC's limits by address", tests);
}
