/* SPDX-License-Identifier: MIT */
/* IRC: values under keys, and who is told of them (METADATA). */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define CAPS "batch draft/metadata-3"

/* No flood control, as tests say much. */
#define START(settings) IRC_START("limits: { flood_rate = 0; " settings " };\n")

/* The next line is from the server. */
static void expect(struct place place, struct peer *peer, const char *text)
{
    char line[600];

    snprintf(line, sizeof line, ":test.example %s", text);
    peer_must_receive_line(place, peer, line);
}
#define EXPECT_SAID(peer, text) expect(HERE, peer, text)

/* The next line is in a batch. */
static void expect_within(struct place place, struct peer *peer, const char *text)
{
    char line[600];

    snprintf(line, sizeof line, "@batch=2 :test.example %s", text);
    peer_must_receive_line(place, peer, line);
}
#define EXPECT_WITHIN(peer, text) expect_within(HERE, peer, text)

static void quiet(struct peer *peer)
{
    irc_send(peer, "PING quiet");
    PEER_SKIP_TO(peer, ".*PONG test\\.example :quiet");
}

static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
    quiet(peer);
}

static void the_limits_are_told(void)
{
    struct daemon *daemon = START("");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP LS 302");
    PEER_SKIP_TO(peer, ".* draft/metadata-3=before-connect,max-subs=50,max-keys=32,"
                       "max-key-bytes=64,max-value-bytes=400 .*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void values_are_set_shown_and_taken_off(void)
{
    struct daemon *daemon = START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    struct peer *bob = irc_join(daemon, "bob", CAPS);

    irc_send(alice, "METADATA * SET url :http://example.com\r\nMETADATA alice SET x/y.z_1-2 a b");
    EXPECT_SAID(alice, "761 alice * url * :http://example.com");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS SET :Too many parameters");
    irc_send(alice, "metadata Alice set x/y.z_1-2 :a b");
    EXPECT_SAID(alice, "761 alice Alice x/y.z_1-2 * :a b");
    irc_send(bob, "METADATA ALICE LIST");
    EXPECT_SAID(bob, "BATCH +2 metadata ALICE");
    EXPECT_WITHIN(bob, "761 bob alice url * :http://example.com");
    EXPECT_WITHIN(bob, "761 bob alice x/y.z_1-2 * :a b");
    EXPECT_SAID(bob, "BATCH -2");
    irc_send(bob, "METADATA alice GET nothing url %%x x/y.z_1-2");
    EXPECT_SAID(bob, "BATCH +2 metadata alice");
    EXPECT_WITHIN(bob, "766 bob alice nothing :Key not set");
    EXPECT_WITHIN(bob, "761 bob alice url * :http://example.com");
    EXPECT_WITHIN(bob, "WARN METADATA INVALID_KEY %x :Invalid key");
    EXPECT_WITHIN(bob, "761 bob alice x/y.z_1-2 * :a b");
    EXPECT_SAID(bob, "BATCH -2");
    irc_send(alice, "METADATA * SET url\r\nMETADATA * SET url :\r\nMETADATA * LIST");
    EXPECT_SAID(alice, "766 alice * url :Key not set");
    EXPECT_SAID(alice, "766 alice * url :Key not set");
    EXPECT_SAID(alice, "BATCH +2 metadata alice");
    EXPECT_WITHIN(alice, "761 alice alice x/y.z_1-2 * :a b");
    EXPECT_SAID(alice, "BATCH -2");
    irc_send(alice, "METADATA * SET b 1\r\nMETADATA * CLEAR\r\nMETADATA * CLEAR");
    EXPECT_SAID(alice, "761 alice * b * :1");
    EXPECT_SAID(alice, "BATCH +2 metadata alice");
    EXPECT_WITHIN(alice, "766 alice alice b :Key not set");
    EXPECT_WITHIN(alice, "766 alice alice x/y.z_1-2 :Key not set");
    EXPECT_SAID(alice, "BATCH -2");
    EXPECT_SAID(alice, "BATCH +2 metadata alice");
    EXPECT_SAID(alice, "BATCH -2");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_cannot_be_is_refused(void)
{
    struct daemon *daemon = START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    struct peer *bob = irc_join(daemon, "bob", "draft/metadata-3");
    char value[402];

    irc_send(alice, "METADATA\r\nMETADATA *\r\nMETADATA * GET\r\nMETADATA * SNEEZE\r\n"
                    "METADATA * :: hi!\r\nMETADATA * LIST x");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS * :Not enough parameters");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS * :Not enough parameters");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS GET :Not enough parameters");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS SNEEZE :Unknown subcommand");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS * :Unknown subcommand");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_PARAMS LIST :Too many parameters");
    irc_send(alice, "METADATA nobody LIST\r\nMETADATA #none SET a b\r\nMETADATA $a:x GET a\r\n"
                    "METADATA bob SUB a\r\nMETADATA #none SYNC");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_TARGET nobody :Invalid metadata target");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_TARGET #none :Invalid metadata target");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_TARGET $a:x :Invalid metadata target");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_TARGET bob :Invalid metadata target");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_TARGET #none :Invalid metadata target");
    irc_send(alice, "METADATA * SET Url x\r\nMETADATA bob SET url x\r\nMETADATA bob CLEAR");
    EXPECT_SAID(alice, "FAIL METADATA INVALID_KEY Url :Invalid key");
    EXPECT_SAID(alice, "FAIL METADATA KEY_NO_PERMISSION bob url :Permission denied");
    EXPECT_SAID(alice, "FAIL METADATA KEY_NO_PERMISSION bob * :Permission denied");
    memset(value, 'x', sizeof value - 1);
    value[401] = '\0';
    irc_send(alice, "METADATA * SET a %s", value);
    EXPECT_SAID(alice, "FAIL METADATA INVALID_VALUE a :The value is too long");
    irc_send(alice, "METADATA * SET a %.400s", value);
    PEER_EXPECT_MATCH(alice, ":test\\.example 761 alice \\* a \\* :x{400}");
    /* Names of 32 bytes may come before it. */
    irc_send(alice, "METADATA * SET aaaaaaaaaaaaaaaaaaaaaaa %.400s", value);
    EXPECT_SAID(alice, "FAIL METADATA INVALID_VALUE aaaaaaaaaaaaaaaaaaaaaaa "
                       ":The value is too long");
    irc_send(bob, "METADATA * LIST");
    EXPECT_SAID(bob, "421 bob METADATA :Unknown command");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void there_are_so_many_keys_and_no_more(void)
{
    struct daemon *daemon = START("metadata_rate = 0;");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    char line[100];

    for (int i = 0; i < 32; i++) {
        irc_send(alice, "METADATA * SET k%d v", i);
        snprintf(line, sizeof line, "761 alice * k%d * :v", i);
        EXPECT_SAID(alice, line);
    }
    irc_send(alice, "METADATA * SET k32 v\r\nMETADATA * SET k31 w");
    EXPECT_SAID(alice, "FAIL METADATA LIMIT_REACHED SET * 32 "
                       ":There are as many keys as there may be");
    EXPECT_SAID(alice, "761 alice * k31 * :w");
    for (int i = 0; i < 50; i += 10) {
        irc_send(alice, "METADATA * SUB s%d s%d s%d s%d s%d s%d s%d s%d s%d s%d", i, i + 1, i + 2,
                 i + 3, i + 4, i + 5, i + 6, i + 7, i + 8, i + 9);
        PEER_SKIP_TO(alice, ":test\\.example BATCH -2");
    }
    irc_send(alice, "METADATA * SUB s50 s1");
    EXPECT_SAID(alice, "FAIL METADATA LIMIT_REACHED SUB s50 50 "
                       ":You are subscribed to as many keys as there may be");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void changes_are_limited(void)
{
    struct daemon *daemon = START("metadata_rate = 1; metadata_burst = 2;");
    struct peer *alice = irc_join(daemon, "alice", CAPS);

    irc_send(alice, "METADATA * SET a 1\r\nMETADATA * SET a 2\r\nMETADATA * SET a :3 4\r\n"
                    "METADATA * CLEAR");
    EXPECT_SAID(alice, "761 alice * a * :1");
    EXPECT_SAID(alice, "761 alice * a * :2");
    PEER_EXPECT_MATCH(alice, ":test\\.example 775 alice [0-9]+ \\* SET a :3 4");
    PEER_EXPECT_MATCH(alice, ":test\\.example 775 alice [0-9]+ \\* CLEAR");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void keys_are_subscribed_to(void)
{
    struct daemon *daemon = START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS);

    irc_send(alice, "METADATA * SET url x\r\nMETADATA * SUB foo $x url");
    EXPECT_SAID(alice, "761 alice * url * :x");
    EXPECT_SAID(alice, "WARN METADATA INVALID_KEY $x :Invalid key");
    EXPECT_SAID(alice, "770 alice foo url");
    EXPECT_SAID(alice, "BATCH +2 metadata *ALL");
    EXPECT_WITHIN(alice, "761 alice alice url * :x");
    EXPECT_SAID(alice, "BATCH -2");
    irc_send(alice, "METADATA alice SUB url foo\r\nMETADATA * SUBS");
    EXPECT_SAID(alice, "770 alice url foo");
    EXPECT_SAID(alice, "BATCH +2 metadata-subs");
    EXPECT_WITHIN(alice, "772 alice foo url");
    EXPECT_SAID(alice, "BATCH -2");
    irc_send(alice, "METADATA * UNSUB foo bar $x\r\nMETADATA * SUBS");
    EXPECT_SAID(alice, "WARN METADATA INVALID_KEY $x :Invalid key");
    EXPECT_SAID(alice, "771 alice foo bar");
    EXPECT_SAID(alice, "BATCH +2 metadata-subs");
    EXPECT_WITHIN(alice, "772 alice url");
    EXPECT_SAID(alice, "BATCH -2");
    /* Who gives the capability back is subscribed to nothing. */
    irc_send(alice, "CAP REQ -batch\r\nCAP REQ batch\r\nMETADATA * SUBS");
    EXPECT_SAID(alice, "CAP alice ACK :-batch");
    EXPECT_SAID(alice, "CAP alice ACK :batch");
    EXPECT_SAID(alice, "BATCH +2 metadata-subs");
    EXPECT_SAID(alice, "BATCH -2");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_may_know_is_told_of_changes(void)
{
    struct daemon *daemon = START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    struct peer *bob = irc_join(daemon, "bob", CAPS);
    struct peer *carol = irc_join(daemon, "carol", CAPS);
    struct peer *dave = irc_join(daemon, "dave", CAPS);

    go_into(alice, "#a");
    go_into(bob, "#a");
    go_into(dave, "#a");
    irc_send(bob, "METADATA * SUB url");
    irc_send(carol, "METADATA * SUB url\r\nMONITOR + alice");
    irc_send(dave, "METADATA * SUB other");
    quiet(alice);
    quiet(bob);
    quiet(carol);
    quiet(dave);
    irc_send(alice, "METADATA * SET url x\r\nMETADATA * SET url x\r\nMETADATA * SET url");
    EXPECT_SAID(alice, "761 alice * url * :x");
    EXPECT_SAID(alice, "761 alice * url * :x");
    EXPECT_SAID(alice, "766 alice * url :Key not set");
    EXPECT_SAID(bob, "761 bob alice url * :x");
    EXPECT_SAID(bob, "766 bob alice url :Key not set");
    EXPECT_SAID(carol, "761 carol alice url * :x");
    EXPECT_SAID(carol, "766 carol alice url :Key not set");
    irc_send(alice, "METADATA #A SET url y");
    EXPECT_SAID(alice, "761 alice #A url * :y");
    EXPECT_SAID(bob, "761 bob #a url * :y");
    irc_send(bob, "METADATA #a SET url z\r\nMETADATA #a CLEAR");
    EXPECT_SAID(bob, "FAIL METADATA KEY_NO_PERMISSION #a url :Permission denied");
    EXPECT_SAID(bob, "FAIL METADATA KEY_NO_PERMISSION #a * :Permission denied");
    irc_send(alice, "MODE #a +h bob");
    PEER_SKIP_TO(bob, ".* MODE #a \\+h bob");
    irc_send(bob, "METADATA #a SET url z");
    EXPECT_SAID(bob, "761 bob #a url * :z");
    PEER_SKIP_TO(dave, ".* MODE #a \\+h bob");
    IRC_EXPECT_NOTHING(dave);
    IRC_EXPECT_NOTHING(carol);
    PEER_SKIP_TO(alice, ".* MODE #a \\+h bob");
    IRC_EXPECT_NOTHING(alice);
    peer_close(dave);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_comes_gets_what_is_there(void)
{
    struct daemon *daemon = START("");
    struct peer *alice = irc_join(daemon, "alice", CAPS);
    struct peer *bob = irc_join(daemon, "bob", CAPS " no-implicit-names labeled-response");

    go_into(alice, "#a");
    irc_send(alice, "METADATA * SET url x\r\nMETADATA * SET no x\r\nMETADATA #a SET url y");
    quiet(alice);
    irc_send(bob, "METADATA * SUB url\r\nPING x");
    PEER_SKIP_TO(bob, ".* PONG .*");
    irc_send(bob, "@label=l JOIN #a");
    PEER_EXPECT_LINE(bob, "@label=l :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(bob, "@batch=1 :bob.* JOIN #a");
    PEER_EXPECT_LINE(bob, "@batch=1 :test.example BATCH +2 metadata #a");
    EXPECT_WITHIN(bob, "761 bob #a url * :y");
    EXPECT_WITHIN(bob, "761 bob alice url * :x");
    PEER_EXPECT_LINE(bob, "@batch=1 :test.example BATCH -2");
    EXPECT_SAID(bob, "BATCH -1");
    irc_send(bob, "METADATA #a SYNC\r\n@label=m METADATA *ALL SYNC\r\nMETADATA alice SYNC");
    for (int i = 0; i < 2; i++) {
        if (i == 1)
            PEER_EXPECT_LINE(bob, "@label=m :test.example BATCH +1 labeled-response");
        PEER_EXPECT_MATCH(bob, i == 0 ? ":test\\.example BATCH \\+2 metadata #a"
                                      : "@batch=1 :test\\.example BATCH \\+2 metadata \\*ALL");
        EXPECT_WITHIN(bob, "761 bob #a url * :y");
        EXPECT_WITHIN(bob, "761 bob alice url * :x");
        PEER_EXPECT_MATCH(bob, "(@batch=1 )?:test\\.example BATCH -2");
    }
    EXPECT_SAID(bob, "BATCH -1");
    EXPECT_SAID(bob, "BATCH +2 metadata alice");
    EXPECT_WITHIN(bob, "761 bob alice url * :x");
    EXPECT_SAID(bob, "BATCH -2");
    irc_send(bob, "MONITOR + alice,nobody");
    PEER_EXPECT_MATCH(bob, ":test\\.example 730 bob :alice!.*");
    PEER_EXPECT_LINE(bob, ":test.example 731 bob :nobody");
    EXPECT_SAID(bob, "BATCH +2 metadata alice");
    EXPECT_WITHIN(bob, "761 bob alice url * :x");
    EXPECT_SAID(bob, "BATCH -2");
    irc_send(alice, "NICK nobody");
    PEER_EXPECT_MATCH(bob, ":alice!.* NICK :nobody");
    EXPECT_SAID(bob, "731 bob :alice");
    PEER_EXPECT_MATCH(bob, ":test\\.example 730 bob :nobody!.*");
    EXPECT_SAID(bob, "774 bob nobody 0 :Try again later");
    irc_send(bob, "MONITOR S");
    PEER_EXPECT_MATCH(bob, ":test\\.example 730 bob :nobody!.*");
    EXPECT_SAID(bob, "731 bob :alice");
    EXPECT_SAID(bob, "774 bob *ALL 0 :Try again later");
    /* What is secret is not there for others. */
    irc_send(bob, "PART #a");
    PEER_SKIP_TO(alice, ".*bob.* PART #a");
    irc_send(alice, "MODE #a +s");
    quiet(alice);
    IRC_EXPECT_FROM(bob, "bob", "PART #a");
    irc_send(bob, "METADATA #a LIST\r\nMETADATA #a SYNC\r\nMETADATA #a SET url q");
    for (int i = 0; i < 3; i++)
        EXPECT_SAID(bob, "FAIL METADATA INVALID_TARGET #a :Invalid metadata target");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_is_not_registered_yet_may_begin(void)
{
    struct daemon *daemon = START("");
    struct peer *watcher = irc_join(daemon, "watcher", CAPS);
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(watcher, "METADATA * SUB display-name\r\nMONITOR + abc");
    quiet(watcher);
    irc_send(peer, "CAP REQ :" CAPS "\r\nNICK abc\r\nMETADATA * SUB display-name");
    EXPECT_SAID(peer, "CAP * ACK :" CAPS);
    EXPECT_SAID(peer, "770 abc display-name");
    irc_send(peer, "METADATA * SET display-name :a b c\r\nMETADATA * SET x y\r\n"
                   "METADATA watcher LIST\r\nMETADATA abc LIST\r\nMETADATA * GET x z\r\n"
                   "METADATA * SYNC");
    EXPECT_SAID(peer, "761 abc * display-name * :a b c");
    EXPECT_SAID(peer, "761 abc * x * :y");
    EXPECT_SAID(peer, "FAIL METADATA INVALID_TARGET watcher :Invalid metadata target");
    EXPECT_SAID(peer, "FAIL METADATA INVALID_TARGET abc :Invalid metadata target");
    EXPECT_SAID(peer, "BATCH +2 metadata *");
    EXPECT_WITHIN(peer, "761 abc * x * :y");
    EXPECT_WITHIN(peer, "766 abc * z :Key not set");
    EXPECT_SAID(peer, "BATCH -2");
    EXPECT_SAID(peer, "BATCH +2 metadata *");
    EXPECT_WITHIN(peer, "761 abc * display-name * :a b c");
    EXPECT_SAID(peer, "BATCH -2");
    irc_send(peer, "USER u 0 * :u\r\nCAP END");
    PEER_SKIP_TO(peer, ":test\\.example BATCH \\+2 metadata abc");
    EXPECT_WITHIN(peer, "761 abc abc display-name * :a b c");
    EXPECT_WITHIN(peer, "761 abc abc x * :y");
    EXPECT_SAID(peer, "BATCH -2");
    EXPECT_SAID(peer, "422 abc :MOTD File is missing");
    PEER_EXPECT_MATCH(watcher, ":test\\.example 730 watcher :abc!.*");
    EXPECT_SAID(watcher, "774 watcher abc 0 :Try again later");
    EXPECT_SAID(watcher, "761 watcher abc display-name * :a b c");
    IRC_EXPECT_NOTHING(watcher);
    peer_close(peer);
    /* One who goes before is forgotten with all of it. */
    peer = IRC_CONNECT(daemon);
    irc_send(peer, "CAP REQ :" CAPS "\r\nMETADATA * SUB a\r\nMETADATA * SET b c\r\n"
                   "METADATA * CLEAR\r\nMETADATA * SET b c");
    EXPECT_SAID(peer, "CAP * ACK :" CAPS);
    EXPECT_SAID(peer, "770 * a");
    EXPECT_SAID(peer, "761 * * b * :c");
    EXPECT_SAID(peer, "BATCH +2 metadata *");
    EXPECT_WITHIN(peer, "766 * * b :Key not set");
    EXPECT_SAID(peer, "BATCH -2");
    EXPECT_SAID(peer, "761 * * b * :c");
    peer_close(peer);
    peer_close(watcher);
    DAEMON_STOP(daemon);
}

#define CROWD 24
#define KEYS  "k0 k1 k2 k3 k4 k5 k6 k7 k8 k9"

/* 24 people with 10 values each, which makes 264. */
static void what_is_much_is_synchronized_later(void)
{
    struct daemon *daemon = START("");
    struct peer *people[CROWD];
    struct peer *bob = irc_join(daemon, "bob", CAPS);
    char line[100];

    irc_send(bob, "METADATA * SUB " KEYS);
    quiet(bob);
    for (int i = 0; i < CROWD; i++) {
        snprintf(line, sizeof line, "p%d", i);
        people[i] = irc_join(daemon, line, CAPS);
        irc_send(people[i], "JOIN #a");
        for (int k = 0; k < 10; k++)
            irc_send(people[i], "METADATA * SET k%d %d", k, i);
        PEER_SKIP_TO(people[i], ".* 761 .* k9 .*");
    }
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    EXPECT_SAID(bob, "774 bob #a 2 :Try again later");
    irc_send(bob, "METADATA * UNSUB k0\r\nMETADATA * SUB k0");
    EXPECT_SAID(bob, "771 bob k0");
    EXPECT_SAID(bob, "770 bob k0");
    EXPECT_SAID(bob, "774 bob *ALL 0 :Try again later");
    for (int round = 0; round < 2; round++) {
        irc_send(bob, round == 0 ? "METADATA #a SYNC" : "METADATA *ALL SYNC");
        EXPECT_SAID(bob, round == 0 ? "BATCH +2 metadata #a" : "BATCH +2 metadata *ALL");
        for (int i = 0; i < CROWD; i++) {
            for (int k = 0; k < 10; k++) {
                snprintf(line, sizeof line, "761 bob p%d k%d * :%d", i, k, i);
                EXPECT_WITHIN(bob, line);
            }
        }
        EXPECT_SAID(bob, "BATCH -2");
    }
    for (int i = 0; i < CROWD; i++)
        peer_close(people[i]);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_limits_are_told),
        TEST(values_are_set_shown_and_taken_off),
        TEST(what_cannot_be_is_refused),
        TEST(there_are_so_many_keys_and_no_more),
        TEST(changes_are_limited),
        TEST(keys_are_subscribed_to),
        TEST(who_may_know_is_told_of_changes),
        TEST(who_comes_gets_what_is_there),
        TEST(who_is_not_registered_yet_may_begin),
        TEST(what_is_much_is_synchronized_later),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_metadata", tests);
}
