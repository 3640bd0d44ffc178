/* SPDX-License-Identifier: MIT */
/* Names of those who come, and lists of bad addresses, as a name server of the test's tells them. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/nameserver.h"
#include "tests/lib/network.h"
#include "tests/protocol/irc_peers.h"
#include "tests/protocol/limit_hits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define CLOAK "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

/* The addresses that peers come from, as they are asked for. */
#define ONE_POINTER   "1.100.51.198.in-addr.arpa"
#define ONE_LISTED    "1.100.51.198.list.example"
#define OTHER_POINTER "2.100.51.198.in-addr.arpa"

static struct nameserver *names;
static struct peer_target one, other, local, talk;

/* A configuration that asks the test's name server; DNS and LISTS are what it says besides. */
static const char *configuration(const char *dns, const char *lists)
{
    static char text[2048];

    snprintf(text, sizeof(text),
             DAEMON_SERVER
             "listeners = ( { service = \"irc\"; address = \"*\"; port = 0; }, { service = "
             "\"talk\"; address = \"*\"; port = 0; } );\n"
             "dns: { server = \"127.0.0.1\"; port = %u; %s };\n%s" IRC_OPERS,
             nameserver_port(names), dns, lists);
    return text;
}

static struct daemon *start(const char *dns, const char *lists)
{
    struct daemon *daemon;

    names = nameserver_start();
    daemon = DAEMON_START(configuration(dns, lists), 2);
    one = talk = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_ADDRESS};
    other = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    local = (struct peer_target){.address = NULL};
    one.port = other.port = local.port = DAEMON_PORT(daemon, "irc", 0);
    talk.port = DAEMON_PORT(daemon, "talk", 0);
    return daemon;
}

static void stop(struct daemon *daemon)
{
    DAEMON_STOP(daemon);
    nameserver_stop(names);
}

static struct peer *say_hello(const struct peer_target *target, const char *nick)
{
    struct peer *peer = peer_must_open(HERE, target);

    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER %s 0 * :%s", nick, nick);
    return peer;
}

/* One who is welcomed with a host that matches HOST. */
#define EXPECT_HOST(target, nick, host) expect_host(HERE, target, nick, host)
static struct peer *expect_host(struct place place, const struct peer_target *target,
                                const char *nick, const char *host)
{
    struct peer *peer = say_hello(target, nick);
    char expected[200];

    snprintf(expected, sizeof(expected), ":test.example 001 %s :.* %s!~%s@%s", nick, nick, nick,
             host);
    peer_must_match(place, peer, expected);
    peer_must_skip_to(place, peer, ":test.example 422 .*");
    return peer;
}

static void a_name_that_leads_back_is_the_host(void)
{
    struct daemon *daemon = start("resolve = true;", "");
    struct peer *a, *b, *c;

    nameserver_pointer(names, ONE_POINTER, "alice.example.org");
    nameserver_address(names, "alice.example.org", "203.0.113.9");
    nameserver_address(names, "alice.example.org", NETWORK_ADDRESS);
    nameserver_pointer(names, OTHER_POINTER, "bank.example.com");
    nameserver_address(names, "bank.example.com", "203.0.113.9");
    a = EXPECT_HOST(&one, "alice", "alice\\.example\\.org");
    b = EXPECT_HOST(&other, "bob", CLOAK); /* anybody can say so of an address */
    c = EXPECT_HOST(&local, "carol", CLOAK);
    irc_send(a, "WHOIS alice");
    PEER_EXPECT_LINE(a, ":test.example 311 alice alice ~alice alice.example.org * :alice");
    CU_ASSERT_EQUAL(nameserver_asked(names, "1.0.0.127.in-addr.arpa"), 0);
    LIMIT_HITS(daemon, "dns_timeout", 0);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    stop(daemon);
}

static void a_name_that_is_none_is_not_shown(void)
{
    static const char *const bad[] = {
        "under_score.example.org",
        "-dash.example.org",
        "alone",
        "aaaaaaaa.bbbbbbbb.cccccccc.ip",
        "10.11.12.13",
        "a-name-longer-than-63-bytes-is-none-that-we.would.show.example.org"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct daemon *daemon = start("resolve = true;", "");
        struct peer *a;

        nameserver_pointer(names, ONE_POINTER, bad[i]);
        nameserver_address(names, bad[i], NETWORK_ADDRESS);
        a = EXPECT_HOST(&one, "alice", CLOAK);
        CU_ASSERT_EQUAL(nameserver_asked(names, bad[i]), 0);
        peer_close(a);
        stop(daemon);
    }
}

static void nobody_is_asked_unless_it_is_wanted(void)
{
    struct daemon *daemon = start("", "");
    struct peer *a;

    nameserver_pointer(names, ONE_POINTER, "alice.example.org");
    nameserver_address(names, "alice.example.org", NETWORK_ADDRESS);
    a = EXPECT_HOST(&one, "alice", CLOAK);
    CU_ASSERT_EQUAL(nameserver_asked(names, ONE_POINTER), 0);
    daemon_configure(daemon, configuration("resolve = true;", ""));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    peer_close(EXPECT_HOST(&one, "bob", "alice\\.example\\.org"));
    peer_close(a);
    stop(daemon);
}

static void an_answer_is_known_for_a_while(void)
{
    struct daemon *daemon = start("resolve = true;", "");
    char nick[] = "a0";

    nameserver_pointer(names, ONE_POINTER, "alice.example.org");
    nameserver_address(names, "alice.example.org", NETWORK_ADDRESS);
    for (int i = 0; i < 5; i++) {
        nick[1] = (char)('0' + i);
        peer_close(EXPECT_HOST(&one, nick, "alice\\.example\\.org"));
    }
    CU_ASSERT_EQUAL(nameserver_asked(names, ONE_POINTER), 1);
    daemon_configure(daemon, configuration("resolve = true; remember = 0;", ""));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    for (int i = 0; i < 3; i++) {
        nick[1] = (char)('a' + i);
        peer_close(EXPECT_HOST(&one, nick, "alice\\.example\\.org"));
    }
    CU_ASSERT_EQUAL(nameserver_asked(names, ONE_POINTER), 4);
    stop(daemon);
}

static void who_is_listed_is_turned_away(void)
{
    struct daemon *daemon = start("", "blocklists = ( { name = \"list.example\"; } );\n");
    struct peer *a = NULL;
    struct peer *b;

    nameserver_address(names, ONE_LISTED, "127.0.0.4");
    nameserver_address(names, "1.0.0.127.list.example", "127.0.0.4");
    a = say_hello(&one, "alice");
    PEER_EXPECT_MATCH(a, "ERROR :Closing link: " CLOAK
                         " \\(Your address is listed in list\\.example\\)");
    PEER_EXPECT_GONE(a);
    DAEMON_EXPECT_LOG(daemon, "irc: 198.51.100.1 is listed in list.example: turned away");
    LIMIT_HITS(daemon, "blocklists", 1);
    peer_close(EXPECT_HOST(&local, "bob", CLOAK)); /* who is on this machine is exempt */
    peer_close(EXPECT_HOST(&other, "carol", CLOAK));
    b = peer_must_open(HERE, &talk);
    PEER_SEND_TEXT(b, "dave\n");
    PEER_SKIP_TO(b, "Goodbye: your address is listed in list\\.example\\.");
    PEER_EXPECT_GONE(b);
    LIMIT_HITS(daemon, "blocklists", 2);
    peer_close(a);
    peer_close(b);
    stop(daemon);
}

static void only_certain_replies_mean_that_one_is_listed(void)
{
    struct daemon *daemon =
        start("remember = 0;",
              "blocklists = ( { name = \"list.example\"; replies = ( \"127.0.0.2\", "
              "\"127.0.0.16/28\" ); reason = \"Go away, see https://list.example/\"; } );\n");
    struct peer *a;

    nameserver_address(names, ONE_LISTED, "127.0.0.3");
    peer_close(EXPECT_HOST(&one, "alice", CLOAK));
    nameserver_address(names, ONE_LISTED, "127.0.0.20");
    a = say_hello(&one, "bob");
    PEER_EXPECT_MATCH(a,
                      "ERROR :Closing link: " CLOAK " \\(Go away, see https://list\\.example/\\)");
    PEER_EXPECT_GONE(a);
    peer_close(a);
    stop(daemon);
}

static void an_answer_that_is_no_loopback_address_lists_nobody(void)
{
    struct daemon *daemon = start("", "blocklists = ( { name = \"list.example\"; } );\n");

    nameserver_address(names, ONE_LISTED, "203.0.113.1"); /* of somebody who sells advertisements */
    peer_close(EXPECT_HOST(&one, "alice", CLOAK));
    stop(daemon);
}

static void who_is_marked_is_known_to_operators(void)
{
    struct daemon *daemon =
        start("", "blocklists = ( { name = \"list.example\"; action = \"mark\"; } );\n");
    struct peer *a;
    struct peer *b;

    nameserver_address(names, ONE_LISTED, "127.0.0.2");
    a = EXPECT_HOST(&one, "alice", CLOAK);
    DAEMON_EXPECT_LOG(daemon, "irc: 198.51.100.1 is listed in list.example: marked");
    irc_send(a, "WHOIS alice");
    PEER_SKIP_TO(a, ":test.example 338 alice alice .*");
    PEER_EXPECT_MATCH(a, ":test.example 317 .*"); /* not one's own business */
    b = EXPECT_HOST(&other, "bob", CLOAK);
    IRC_BECOME_OPERATOR(b, "bob");
    irc_send(b, "WHOIS alice");
    PEER_SKIP_TO(b, ":test.example 320 bob alice :is listed in list\\.example");
    peer_close(a);
    peer_close(b);
    stop(daemon);
}

static void a_list_that_refuses_counts_more_than_one_that_marks(void)
{
    struct daemon *daemon =
        start("", "blocklists = ( { name = \"mark.example\"; action = \"mark\"; }, "
                  "{ name = \"list.example\"; } );\n");
    struct peer *a;

    nameserver_address(names, "1.100.51.198.mark.example", "127.0.0.2");
    nameserver_address(names, ONE_LISTED, "127.0.0.2");
    a = say_hello(&one, "alice");
    PEER_EXPECT_MATCH(a, "ERROR :.* \\(Your address is listed in list\\.example\\)");
    peer_close(a);
    stop(daemon);
}

/* A resolver that says nothing holds nobody up for longer than the time-out. */
static void a_dead_resolver_delays_by_the_timeout(void)
{
    struct daemon *daemon =
        start("timeout = 1;", "blocklists = ( { name = \"silent.example\"; } );\n");
    struct peer *a = say_hello(&one, "alice");
    struct peer *b = say_hello(&local, "bob"); /* others are not held up at all */
    struct peer *c;

    PEER_SKIP_TO(b, ":test.example 422 .*");
    irc_send(a, "JOIN #a");
    irc_send(a, "PING :after");
    PEER_EXPECT_MATCH(a, ":test.example 001 alice :.*");
    PEER_SKIP_TO(a, ":alice!.* JOIN #a");
    PEER_SKIP_TO(a, ":test.example PONG test.example :after");
    LIMIT_HITS(daemon, "dns_timeout", 1);
    c = peer_must_open(HERE, &talk);
    PEER_SEND_TEXT(c, "carol\n/nick caroline\n");
    PEER_SKIP_TO(c, "What you type is said in the room; .*");
    PEER_SKIP_TO(c, ".*caroline.*");
    LIMIT_HITS(daemon, "registration_timeout", 0);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    stop(daemon);
}

/* All threads that ask wait for a resolver that says nothing: passwords are checked nevertheless. */
static void passwords_do_not_wait_for_names(void)
{
    struct daemon *daemon =
        start("timeout = 8; threads = 1;", "blocklists = ( { name = \"silent.example\"; } );\n");
    struct peer *a[8];
    struct peer *b;

    for (int i = 0; i < 8; i++) {
        char nick[] = "alice0";

        nick[5] = (char)('0' + i);
        a[i] = say_hello(&one, nick);
    }
    b = EXPECT_HOST(&local, "bob", CLOAK);
    IRC_BECOME_OPERATOR(b, "bob");
    LIMIT_HITS(daemon, "dns_timeout", 0); /* all of them wait */
    for (int i = 0; i < 8; i++)
        peer_close(a[i]);
    peer_close(b);
    stop(daemon);
}

static void who_goes_meanwhile_is_gone(void)
{
    struct daemon *daemon =
        start("timeout = 2;", "blocklists = ( { name = \"silent.example\"; } );\n");
    struct peer *b;

    for (int i = 0; i < 10; i++) {
        struct peer *a = say_hello(&one, "alice");

        if (i % 2)
            peer_reset(a);
        else
            peer_close(a);
    }
    b = EXPECT_HOST(&local, "bob", CLOAK);
    peer_close(b);
    stop(daemon);
}

static void ipv6_is_asked_for_by_nibbles(void)
{
    static const char nibbles[] = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
    struct daemon *daemon =
        start("resolve = true; remember = 0;", "blocklists = ( { name = \"list.example\"; } );\n");
    struct peer_target a = {.address = "2001:db8::1", .from = "2001:db8::1", .port = one.port};
    struct peer *peer;
    char name[200];

    snprintf(name, sizeof(name), "%s.ip6.arpa", nibbles);
    nameserver_pointer(names, name, "six.example.org");
    nameserver_address(names, "six.example.org", "2001:db8::1");
    peer_close(EXPECT_HOST(&a, "alice", "six\\.example\\.org"));
    snprintf(name, sizeof(name), "%s.list.example", nibbles);
    nameserver_address(names, name, "127.0.0.2");
    peer = say_hello(&a, "bob");
    PEER_EXPECT_MATCH(peer, "ERROR :.* \\(Your address is listed in list\\.example\\)");
    peer_close(peer);
    stop(daemon);
}

int main(int argc, char **argv)
{
    struct unit_test tests[] = {
        {"a name that leads back is the host", a_name_that_leads_back_is_the_host},
        {"a name that is none is not shown", a_name_that_is_none_is_not_shown},
        {"nobody is asked unless it is wanted", nobody_is_asked_unless_it_is_wanted},
        {"an answer is known for a while", an_answer_is_known_for_a_while},
        {"who is listed is turned away", who_is_listed_is_turned_away},
        {"only certain replies mean that one is listed",
         only_certain_replies_mean_that_one_is_listed},
        {"an answer that is no loopback address lists nobody",
         an_answer_that_is_no_loopback_address_lists_nobody},
        {"who is marked is known to operators", who_is_marked_is_known_to_operators},
        {"a list that refuses counts more than one that marks",
         a_list_that_refuses_counts_more_than_one_that_marks},
        {"a dead resolver delays by the timeout", a_dead_resolver_delays_by_the_timeout},
        {"passwords do not wait for names", passwords_do_not_wait_for_names},
        {"who goes meanwhile is gone", who_goes_meanwhile_is_gone},
        {"IPv6 is asked for by nibbles", ipv6_is_asked_for_by_nibbles},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    result = network_add_ipv6("2001:db8::1");
    if (result < 0) {
        fprintf(stderr, "IPv6 is left out: %s\n", strerror(-result));
        tests[sizeof(tests) / sizeof(tests[0]) - 2] = (struct unit_test){NULL, NULL};
    }
    return models_main(argc, argv, "names and lists", tests);
}
