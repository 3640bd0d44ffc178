/* SPDX-License-Identifier: MIT */
/* IRC over TLS: who is known to speak it, channels for those who do, and strict transport security. */
#include "config.h"

#include "base/certificate.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/lib/peer_tls.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Plain text first, then TLS. */
#define BOTH                                                                                       \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ",\n"                                              \
                  " { service = \"irc\"; port = 0; tls = true; },\n"                               \
                  " { service = \"talk\"; port = 0; } );\n"

/* A folder with a certificate. */
static char *make_folder(void)
{
    static const char *const hosts[] = {"test.example"};
    static const struct pli_certificate_wish wish = {
        .hosts = hosts, .count = 1, .begins = -60, .ends = 3600};
    char *folder = folder_new();
    char *certificate = folder_path(folder, "cert.pem");
    char *key = folder_path(folder, "key.pem");

    EXPECT_RESULT(pli_certificate_make(&wish, certificate, key), 0);
    free(certificate);
    free(key);
    return folder;
}

/* Those listeners, the certificate of FOLDER, and REST besides; valid until the next call. */
static const char *with(const char *folder, const char *rest)
{
    static char text[4000];

    snprintf(text, sizeof(text),
             BOTH "tls: { certificate = \"%s/cert.pem\"; key = \"%s/key.pem\"; };\n%s", folder,
             folder, rest);
    return text;
}

static struct daemon *start(const char *rest)
{
    char *folder = make_folder();
    struct daemon *daemon = DAEMON_START(with(folder, rest), 3);

    folder_remove(folder);
    return daemon;
}

static void reload(struct daemon *daemon, const char *folder, const char *rest)
{
    daemon_configure(daemon, with(folder, rest));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
}

static struct peer *connect_plain(struct daemon *daemon)
{
    return PEER_CONNECT(DAEMON_PORT(daemon, "irc", 0));
}

static struct peer *connect_tls(struct daemon *daemon)
{
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "irc", 1));

    PEER_TLS(peer, .host = NULL);
    return peer;
}

static struct peer *sign_on(struct peer *peer, const char *nick)
{
    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER %s 0 * :%s", nick, nick);
    PEER_SKIP_TO(peer, ":test.example 422 .*");
    return peer;
}

/* Has said that it knows of values, and hears of changes. */
static struct peer *sign_on_302(struct peer *peer, const char *nick)
{
    irc_send(peer, "CAP LS 302");
    irc_send(peer, "CAP END");
    return sign_on(peer, nick);
}

static void whois_says_who_speaks_it(void)
{
    struct daemon *daemon = start("");
    struct peer *alice = sign_on(connect_tls(daemon), "alice");
    struct peer *bob = sign_on(connect_plain(daemon), "bob");

    irc_send(bob, "WHOIS alice");
    PEER_SKIP_TO(bob, ":test\\.example 671 bob alice :is using a secure connection");
    PEER_SKIP_TO(bob, ":test\\.example 318 .*");
    irc_send(alice, "WHOIS bob");
    PEER_EXPECT_MATCH(alice, ":test\\.example 311 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 312 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 317 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 318 .*");
    irc_send(bob, "MODE bob +z");
    PEER_EXPECT_MATCH(bob, ":test\\.example 501 .*");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void channel_may_be_for_those_who_speak_it(void)
{
    struct daemon *daemon = start("");
    struct peer *alice = sign_on(connect_tls(daemon), "alice");
    struct peer *bob = sign_on(connect_plain(daemon), "bob");
    struct peer *carol = sign_on(connect_tls(daemon), "carol");
    struct peer *dave = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    irc_send(alice, "JOIN #room");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    irc_send(alice, "MODE #room +z");
    PEER_EXPECT_MATCH(alice, ":alice!.* MODE #room \\+z");
    irc_send(alice, "MODE #room");
    PEER_EXPECT_LINE(alice, ":test.example 324 alice #room +ntz");
    PEER_SKIP_TO(alice, ":test\\.example 329 .*");
    IRC_ASK(bob, "JOIN #room", "489 bob #room :Cannot join channel (+z)");
    irc_send(alice, "INVITE bob #room");
    PEER_SKIP_TO(bob, ".* INVITE bob #room");
    IRC_ASK(bob, "JOIN #room", "489 bob #room :Cannot join channel (+z)");
    irc_send(carol, "JOIN #room");
    PEER_SKIP_TO(carol, ":test\\.example 366 .*");
    PEER_SEND_TEXT(dave, "dave\n/join #room\n");
    PEER_SKIP_TO(dave, ".*That takes a connection with TLS\\..*");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    peer_close(dave);
    DAEMON_STOP(daemon);
}

static void plain_text_is_answered_by_an_error(void)
{
    struct daemon *daemon = start("");
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "irc", 1));

    irc_send(peer, "NICK alice");
    PEER_EXPECT_MATCH(peer, "ERROR :.*This port speaks TLS, not plain text.*");
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void clients_are_told_where_it_is_spoken(void)
{
    struct daemon *daemon = start("irc: { sts_port = 6697; sts_duration = 86400; };\n");
    struct peer *alice = connect_plain(daemon);
    struct peer *bob = connect_tls(daemon);
    struct peer *carol = connect_plain(daemon);

    irc_send(alice, "CAP LS 302");
    PEER_SKIP_TO(alice, ":test\\.example CAP \\* LS :.*sts=port=6697");
    irc_send(alice, "CAP REQ sts");
    PEER_EXPECT_LINE(alice, ":test.example CAP * NAK :sts");
    irc_send(bob, "CAP LS 302");
    PEER_SKIP_TO(bob, ":test\\.example CAP \\* LS :.*sts=duration=86400");
    irc_send(carol, "CAP LS"); /* who knows of no values has no use for it */
    PEER_SKIP_TO(carol, ":test\\.example CAP \\* LS :.*userhost-in-names");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

static void change_of_that_is_told(void)
{
    static const char first[] = "irc: { sts_port = 6697; sts_duration = 86400; };\n";
    char *folder = make_folder();
    struct daemon *daemon = DAEMON_START(with(folder, first), 3);
    struct peer *alice = sign_on_302(connect_plain(daemon), "alice");
    struct peer *bob = sign_on_302(connect_tls(daemon), "bob");
    struct peer *carol = sign_on(connect_tls(daemon), "carol");

    reload(daemon, folder, "irc: { sts_port = 6698; sts_duration = 86400; };\n");
    irc_send(alice, "PING a");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice NEW :sts=port=6698");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :a");
    irc_send(bob, "PING a"); /* nothing that is theirs is another */
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :a");
    reload(daemon, folder, "irc: { sts_port = 6698; sts_duration = 60; };\n");
    irc_send(bob, "PING b");
    PEER_EXPECT_LINE(bob, ":test.example CAP bob NEW :sts=duration=60");
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :b");
    reload(daemon, folder, "");
    irc_send(alice, "PING c");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :c");
    irc_send(bob, "PING c");
    PEER_EXPECT_LINE(bob, ":test.example CAP bob NEW :sts=duration=0");
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :c");
    reload(daemon, folder, first);
    irc_send(bob, "PING d");
    PEER_EXPECT_LINE(bob, ":test.example CAP bob NEW :sts=duration=86400");
    irc_send(carol, "PING d"); /* who does not know what that is */
    PEER_EXPECT_LINE(carol, ":test.example PONG test.example :d");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
    folder_remove(folder);
}

static void otherwise_they_are_not(void)
{
    struct daemon *daemon = start("");
    struct peer *alice = connect_plain(daemon);

    irc_send(alice, "CAP LS 302");
    PEER_SKIP_TO(alice, ":test\\.example CAP \\* LS :.*userhost-in-names");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* One on this machine, which is as good as TLS. */
static void gateway_may_say_that_its_client_speaks_it(void)
{
    struct daemon *daemon =
        start("gateways = ( { from = \"127.0.0.1\"; webirc_password = \"secret\"; } );\n");
    struct peer *alice = connect_plain(daemon);
    struct peer *bob = connect_tls(daemon);

    irc_send(alice, "WEBIRC secret web 192.0.2.7 192.0.2.7 :secure");
    sign_on(alice, "alice");
    irc_send(bob, "WEBIRC secret web 192.0.2.8 192.0.2.8");
    sign_on(bob, "bob");
    irc_send(bob, "WHOIS alice");
    PEER_SKIP_TO(bob, ":test\\.example 671 bob alice .*");
    PEER_SKIP_TO(bob, ":test\\.example 318 .*");
    irc_send(alice, "WHOIS bob");
    PEER_EXPECT_MATCH(alice, ":test\\.example 311 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 312 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 317 .*");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"whois says who speaks it", whois_says_who_speaks_it},
        {"channel may be for those who speak it", channel_may_be_for_those_who_speak_it},
        {"plain text is answered by an error", plain_text_is_answered_by_an_error},
        {"clients are told where it is spoken", clients_are_told_where_it_is_spoken},
        {"change of that is told", change_of_that_is_told},
        {"otherwise they are not", otherwise_they_are_not},
        {"gateway may say that its client speaks it", gateway_may_say_that_its_client_speaks_it},
        {NULL, NULL},
    };

    return models_main(argc, argv, "IRC over TLS", tests);
}
