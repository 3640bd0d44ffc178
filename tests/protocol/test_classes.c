/* SPDX-License-Identifier: MIT */
/* Classes of connections by address, and addresses that count as one by what they begin with. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/models.h"
#include "tests/lib/network.h"
#include "tests/protocol/irc_peers.h"
#include "tests/protocol/limit_hits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define EVERYWHERE                                                                                 \
    DAEMON_SERVER "listeners = ( { service = \"irc\"; address = \"*\"; port = 0; }, "              \
                  "{ service = \"talk\"; address = \"*\"; port = 0; } );\n"

/* NETWORK_ADDRESS is in the first, NETWORK_OTHER_ADDRESS in the second. */
#define ONE "{ name = \"one\"; from = ( \"198.51.100.1\", \"2001:db8::/32\" ); "
#define TWO "{ name = \"two\"; from = \"198.51.100.0/24\"; "

static struct peer_target one, other, local, talk;

static struct daemon *start(const char *configuration)
{
    struct daemon *daemon = DAEMON_START(configuration, 2);

    one = talk = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_ADDRESS};
    other = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    local = (struct peer_target){.address = NULL};
    one.port = other.port = local.port = DAEMON_PORT(daemon, "irc", 0);
    talk.port = DAEMON_PORT(daemon, "talk", 0);
    return daemon;
}

static void reload(struct daemon *daemon, const char *configuration)
{
    daemon_configure(daemon, configuration);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
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

/* One who has registered. */
static struct peer *join(const struct peer_target *target, const char *nick)
{
    struct peer *peer = peer_must_open(HERE, target);

    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER %s 0 * :%s", nick, nick);
    PEER_SKIP_TO(peer, ":test.example 422 .*");
    return peer;
}

static void expect_classes(struct daemon *daemon, const char *expected)
{
    struct command_result result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s",
                                               daemon_path(daemon, "control"), "classes");

    COMMAND_EXPECT(&result, 0);
    EXPECT(strcmp(result.out, expected) == 0, "the classes are\n%s", result.out);
    command_clear(&result);
}

static void the_first_class_that_has_the_address_counts(void)
{
    static const char full[] = "ERROR :Closing link: (Too many connections from your network)";
    struct daemon *daemon =
        start(EVERYWHERE "classes = ( " ONE "connections = 1; }, " TWO "connections = 2; } );\n");
    struct peer *a = EXPECT_SERVED(&one);
    struct peer *b = EXPECT_SERVED(&other);
    struct peer *c = EXPECT_SERVED(&other);
    struct peer *d = EXPECT_SERVED(&local); /* in none */

    EXPECT_REFUSED(&one, full);
    EXPECT_REFUSED(&other, full);
    LIMIT_HITS(daemon, "class", 2);
    expect_classes(daemon, "class: one 1 1\nclass: two 2 2\n");
    peer_close(a);
    peer_close(b);
    peer_close(c);
    peer_close(d);
    DAEMON_STOP(daemon);
}

static void a_class_has_its_own_number_by_address(void)
{
    static const char many[] = "ERROR :Closing link: (Too many connections from your address)";
    struct daemon *daemon = start(EVERYWHERE "limits: { per_address = 1; };\n"
                                             "classes = ( " ONE "per_address = 2; } );\n");
    struct peer *a = EXPECT_SERVED(&one);
    struct peer *b = EXPECT_SERVED(&one);
    struct peer *c = EXPECT_SERVED(&other);

    EXPECT_REFUSED(&one, many);
    EXPECT_REFUSED(&other, many);
    LIMIT_HITS(daemon, "per_address", 2);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    DAEMON_STOP(daemon);
}

static void a_class_has_its_own_queues_and_flood_control(void)
{
    struct daemon *daemon = start(
        EVERYWHERE "limits: { flood_rate = 1; flood_burst = 2; };\n"
                   "classes = ( " ONE "sendq = 4096; flood_rate = 0; flood_burst = 0; } );\n");
    struct peer *a = join(&one, "alice");
    struct peer *b = join(&local, "bob");
    char letters[401];

    for (int i = 0; i < 100; i++)
        irc_send(a, "PING %d", i);
    PEER_SKIP_TO(a, ":test.example PONG test.example :99");
    LIMIT_HITS(daemon, "sendq", 0);
    memset(letters, 'x', sizeof(letters) - 1);
    letters[sizeof(letters) - 1] = '\0';
    irc_send(a, "JOIN #a");
    irc_send(a, "MODE #a +%s", letters); /* each letter is answered */
    PEER_SKIP_TO(a, "ERROR :Closing link: .* \\(SendQ exceeded\\)");
    LIMIT_HITS(daemon, "sendq", 1);
    peer_close(a);
    peer_close(b);
    DAEMON_STOP(daemon);
}

static void a_class_has_its_own_times(void)
{
    struct daemon *daemon =
        start(EVERYWHERE "classes = ( " ONE "registration_timeout = 1; ping_interval = 1; } );\n");
    struct peer *a = peer_must_open(HERE, &one);
    struct peer *b = peer_must_open(HERE, &talk);
    struct peer *c = join(&one, "carol");

    PEER_SKIP_TO(a, "ERROR :Closing link: .* \\(Registration timed out\\)");
    PEER_SKIP_TO(b, "Goodbye: no nickname was given in time.");
    PEER_SKIP_TO(c, "ERROR :Closing link: .* \\(Ping timeout\\)");
    peer_close(a);
    peer_close(b);
    peer_close(c);
    DAEMON_STOP(daemon);
}

static void a_class_has_its_own_number_of_channels(void)
{
    struct daemon *daemon = start(EVERYWHERE "limits: { channels_per_user = 1; };\n"
                                             "classes = ( " ONE "channels_per_user = 2; }, " TWO
                                             "channels_per_user = 0; } );\n");
    struct peer *a = peer_must_open(HERE, &one);
    struct peer *b = join(&other, "bob");
    struct peer *c = join(&local, "carol");

    irc_send(a, "NICK alice");
    irc_send(a, "USER a 0 * :a");
    PEER_SKIP_TO(a, ".* CHANLIMIT=#:2 .*");
    PEER_SKIP_TO(a, ":test.example 422 .*");
    irc_send(a, "JOIN #a,#b,#c");
    PEER_SKIP_TO(a, ":test.example 366 alice #b :.*");
    PEER_EXPECT_MATCH(a, ":test.example 405 alice #c :.*");
    irc_send(b, "JOIN #d,#e,#f");
    PEER_SKIP_TO(b, ":test.example 366 bob #f :.*");
    irc_send(c, "JOIN #g,#h");
    PEER_SKIP_TO(c, ":test.example 405 carol #h :.*");
    peer_close(a);
    peer_close(b);
    peer_close(c);
    DAEMON_STOP(daemon);
}

static void a_class_has_its_own_password(void)
{
    struct daemon *daemon =
        start("server: { name = \"test.example\"; state_dir = \"@DIR@\"; "
              "control = \"@DIR@/control\"; password = \"general\"; };\n"
              "listeners = ( { service = \"irc\"; address = \"*\"; port = 0; "
              "}, { service = \"talk\"; address = \"*\"; port = 0; } );\n"
              "classes = ( " ONE "password = \"particular\"; }, " TWO "password = \"\"; } );\n");
    struct peer *a = peer_must_open(HERE, &one);
    struct peer *b = peer_must_open(HERE, &one);
    struct peer *c = join(&other, "carol"); /* needs none */
    struct peer *d = peer_must_open(HERE, &local);

    irc_send(a, "PASS particular");
    irc_send(a, "NICK alice");
    irc_send(a, "USER a 0 * :a");
    PEER_SKIP_TO(a, ":test.example 001 alice :.*");
    irc_send(b, "PASS general");
    irc_send(b, "NICK bob");
    irc_send(b, "USER b 0 * :b");
    PEER_SKIP_TO(b, ":test.example 464 bob :.*");
    irc_send(d, "PASS general");
    irc_send(d, "NICK dave");
    irc_send(d, "USER d 0 * :d");
    PEER_SKIP_TO(d, ":test.example 001 dave :.*");
    peer_close(a);
    peer_close(b);
    peer_close(c);
    peer_close(d);
    DAEMON_STOP(daemon);
}

static void a_reload_replaces_the_classes_and_keeps_count(void)
{
    static const char full[] = "ERROR :Closing link: (Too many connections from your network)";
    struct daemon *daemon =
        start(EVERYWHERE "classes = ( " ONE "ping_interval = 0; } );\n" IRC_OPERS);
    struct peer *a = join(&one, "alice");
    struct peer *b;

    IRC_BECOME_OPERATOR(a, "alice");
    irc_send(a, "STATS y");
    PEER_EXPECT_LINE(a, ":test.example 218 alice Y one 0 0 1048576 :1 connection");
    PEER_EXPECT_LINE(a, ":test.example 219 alice y :End of /STATS report");
    reload(daemon,
           EVERYWHERE "classes = ( " TWO "connections = 5; }, " ONE
                      "connections = 1; ping_interval = 77; sendq = 4096; } );\n" IRC_OPERS);
    irc_send(a, "STATS y");
    PEER_EXPECT_LINE(a, ":test.example 218 alice Y two 120 0 1048576 :0 of 5 connections");
    PEER_EXPECT_LINE(a, ":test.example 218 alice Y one 77 0 4096 :1 of 1 connections");
    PEER_EXPECT_LINE(a, ":test.example 219 alice y :End of /STATS report");
    b = EXPECT_SERVED(&one); /* the order is another one */
    expect_classes(daemon, "class: two 1 5\nclass: one 1 1\n");
    peer_close(b);
    reload(daemon, EVERYWHERE "classes = ( " ONE "connections = 1; } );\n" IRC_OPERS);
    EXPECT_REFUSED(&one, full);
    reload(daemon, EVERYWHERE IRC_OPERS);
    expect_classes(daemon, "");
    b = EXPECT_SERVED(&one);
    irc_send(a, "PING still"); /* what held for its class does not any more */
    PEER_EXPECT_LINE(a, ":test.example PONG test.example :still");
    peer_close(a);
    peer_close(b);
    DAEMON_STOP(daemon);
}

static void addresses_with_the_same_prefix_count_as_one(void)
{
    static const char many[] = "ERROR :Closing link: (Too many connections from your address)";
    static const char often[] = "ERROR :Closing link: (Your address connects too often)";
    struct daemon *daemon = start(EVERYWHERE "limits: { per_address = 1; prefix_ipv4 = 30; };\n");
    struct peer *a = EXPECT_SERVED(&one);
    struct peer *b;

    EXPECT_REFUSED(&other, many);
    reload(daemon, EVERYWHERE "limits: { per_address = 1; };\n");
    b = EXPECT_SERVED(&other);
    EXPECT_REFUSED(&other, many);
    peer_close(a);
    peer_close(b);
    reload(daemon,
           EVERYWHERE "limits: { connect_rate = 1; connect_burst = 1; prefix_ipv4 = 8; };\n");
    peer_close(EXPECT_SERVED(&one));
    EXPECT_REFUSED(&other, often);
    DAEMON_STOP(daemon);
}

static void what_one_customer_has_of_ipv6_counts_as_one(void)
{
    static const char many[] = "ERROR :Closing link: (Too many connections from your address)";
    static const char server[] = "2001:db8:0:9::1";
    struct daemon *daemon = start(EVERYWHERE "limits: { per_address = 1; };\n");
    struct peer_target a = {.address = server, .port = one.port, .from = "2001:db8::1"};
    struct peer_target b = {.address = server, .port = one.port, .from = "2001:db8::2"};
    struct peer_target c = {.address = server, .port = one.port, .from = "2001:db8:0:1::1"};
    struct peer *peers[3];

    peers[0] = EXPECT_SERVED(&a);
    EXPECT_REFUSED(&b, many);
    peers[1] = EXPECT_SERVED(&c);
    reload(daemon, EVERYWHERE "limits: { per_address = 1; prefix_ipv6 = 128; };\n");
    peers[2] = EXPECT_SERVED(&b);
    EXPECT_REFUSED(&b, many);
    for (int i = 0; i < 3; i++)
        peer_close(peers[i]);
    DAEMON_STOP(daemon);
}

static int add_ipv6(void)
{
    static const char *const addresses[] = {"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1",
                                            "2001:db8:0:9::1"};
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(addresses) / sizeof(addresses[0]); i++)
        result = network_add_ipv6(addresses[i]);
    if (result < 0)
        fprintf(stderr, "IPv6 is left out: %s\n", strerror(-result));
    return result;
}

int main(int argc, char **argv)
{
    struct unit_test tests[] = {
        {"the first class that has the address counts",
         the_first_class_that_has_the_address_counts},
        {"a class has its own number by address", a_class_has_its_own_number_by_address},
        {"a class has its own queues and flood control",
         a_class_has_its_own_queues_and_flood_control},
        {"a class has its own times", a_class_has_its_own_times},
        {"a class has its own number of channels", a_class_has_its_own_number_of_channels},
        {"a class has its own password", a_class_has_its_own_password},
        {"a reload replaces the classes and keeps count",
         a_reload_replaces_the_classes_and_keeps_count},
        {"addresses with the same prefix count as one",
         addresses_with_the_same_prefix_count_as_one},
        {"what one customer has of IPv6 counts as one",
         what_one_customer_has_of_ipv6_counts_as_one},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    if (add_ipv6() < 0)
        tests[8] = (struct unit_test){NULL, NULL};
    return models_main(argc, argv, "classes of connections", tests);
}
