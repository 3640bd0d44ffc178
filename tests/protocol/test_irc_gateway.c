/* SPDX-License-Identifier: MIT */
/* IRC through gateways: PROXY headers, and WEBIRC. */
#include "config.h"

#include "base/password.h"
#include "tests/lib/models.h"
#include "tests/lib/network.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST   "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"
#define SECRET "sesame-1"

/* A listener behind proxies, and one that is not. */
#define LISTENERS                                                                                  \
    DAEMON_SERVER "listeners = (\n"                                                                \
                  "{ service = \"irc\"; address = \"*\"; port = 0; proxy_protocol = true; },\n"    \
                  "{ service = \"irc\"; address = \"*\"; port = 0; } );\n"
#define GATEWAYS                                                                                   \
    "gateways = ( { from = \"127.0.0.0/8\"; proxy_protocol = true; },\n"                           \
    "{ from = \"" NETWORK_OTHER_ADDRESS "\"; webirc_password = \"" SECRET "\"; } );\n"
#define BOTH LISTENERS GATEWAYS

static struct peer_target behind, plain, gateway;

static void find_ports(struct daemon *daemon)
{
    behind = plain = (struct peer_target){0};
    gateway = (struct peer_target){.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    behind.port = DAEMON_PORT(daemon, "irc", 0);
    gateway.port = plain.port = DAEMON_PORT(daemon, "irc", 1);
}

static struct daemon *start(const char *configuration)
{
    struct daemon *daemon = DAEMON_START(configuration, 2);

    find_ports(daemon);
    return daemon;
}

static void sign_on(struct peer *peer, const char *nick)
{
    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER %s 0 * :Real %s", nick, nick);
    PEER_SKIP_TO(peer, ":test\\.example (376|422) .*");
}

/* A client of that address, through the proxy. */
static struct peer *connect_for(const char *address)
{
    struct peer *peer = peer_must_open(HERE, &behind);

    irc_send(peer, "PROXY TCP%c %s %s 4711 6667", strchr(address, ':') ? '6' : '4', address,
             strchr(address, ':') ? "::1" : "198.51.100.1");
    return peer;
}

static struct peer *join_for(const char *address, const char *nick)
{
    struct peer *peer = connect_for(address);

    sign_on(peer, nick);
    return peer;
}

#define EXPECT_WHOIS(peer, nick, host, address) expect_whois(HERE, peer, nick, host, address)
static void expect_whois(struct place place, struct peer *peer, const char *nick, const char *host,
                         const char *address)
{
    char text[300];

    irc_send(peer, "WHOIS %s", nick);
    snprintf(text, sizeof text, ":test\\.example 311 %s %s ~%s %s \\* :Real %s", nick, nick, nick,
             host, nick);
    peer_must_match(place, peer, text);
    snprintf(text, sizeof text, ":test\\.example 338 %s %s ~%s@%s %s .*", nick, nick, nick, address,
             address);
    peer_must_skip_to(place, peer, text);
    peer_must_skip_to(place, peer, ".* 318 .*");
}

#define EXPECT_ERROR(peer, reason) expect_error(HERE, peer, reason)
static void expect_error(struct place place, struct peer *peer, const char *reason)
{
    char text[200];

    snprintf(text, sizeof text, "ERROR :Closing link: ([^ ]+ )?\\(%s\\)", reason);
    peer_must_skip_to(place, peer, text);
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
}

/* -- PROXY headers -------------------------------------------------------------------------------- */

static void whois_shows_whom_the_proxy_names(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = join_for("192.0.2.7", "alice");
    struct peer *bob = join_for("2001:db8::7", "bob");

    EXPECT_WHOIS(alice, "alice", HOST, "192\\.0\\.2\\.7");
    EXPECT_WHOIS(bob, "bob", HOST, "2001:db8::7");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void a_ban_hits_whom_the_proxy_names(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = join_for("192.0.2.7", "alice");
    struct peer *bob = join_for("192.0.2.8", "bob");
    struct peer *carol = join_for("198.51.100.9", "carol");

    irc_send(alice, "JOIN #here");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(alice, "MODE #here +b *!*@192.0.2.8");
    IRC_EXPECT_FROM(alice, "alice", "MODE #here +b *!*@192.0.2.8");
    irc_send(bob, "JOIN #here");
    PEER_EXPECT_LINE(bob, ":test.example 474 bob #here :Cannot join channel (+b)");
    irc_send(carol, "JOIN #here");
    PEER_SKIP_TO(carol, ".* 366 .*");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

static void whom_the_proxy_names_has_so_many_connections(void)
{
    struct daemon *daemon = start(BOTH "limits: { per_address = 1; };\n");
    struct peer *alice = join_for("192.0.2.7", "alice");
    struct peer *bob = join_for("192.0.2.8", "bob");

    EXPECT_ERROR(connect_for("192.0.2.7"), "Too many connections from your address");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void elsewhere_a_header_is_an_unknown_command(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = peer_must_open(HERE, &plain);

    irc_send(alice, "PROXY TCP4 192.0.2.7 198.51.100.1 4711 6667");
    PEER_EXPECT_LINE(alice, ":test.example 421 * PROXY :Unknown command");
    sign_on(alice, "alice");
    EXPECT_WHOIS(alice, "alice", HOST, "127\\.0\\.0\\.1");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void without_a_header_nobody_comes(void)
{
    struct daemon *daemon = start(BOTH "limits: { proxy_timeout = 1; };\n");
    struct peer *silent = peer_must_open(HERE, &behind);
    struct peer *alice = peer_must_open(HERE, &behind);
    struct peer *stranger;

    irc_send(alice, "PASS secret-1");
    PEER_EXPECT_GONE(alice);
    DAEMON_EXPECT_LOG(daemon, "irc: no PROXY header from 127.0.0.1: something else");
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), "secret-1"));
    PEER_EXPECT_GONE(silent);
    DAEMON_EXPECT_LOG(daemon, "irc: no PROXY header from 127.0.0.1: it has not come in time");
    gateway.port = behind.port;
    stranger = peer_must_open(HERE, &gateway);
    PEER_EXPECT_GONE(stranger);
    DAEMON_EXPECT_LOG(daemon, "irc: " NETWORK_OTHER_ADDRESS
                              " is no gateway that may speak the PROXY protocol");
    peer_close(stranger);
    peer_close(silent);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- WEBIRC --------------------------------------------------------------------------------------- */

static struct peer *connect_gateway(void)
{
    return peer_must_open(HERE, &gateway);
}

static void webirc_names_the_client(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = connect_gateway();
    struct peer *bob = connect_gateway();
    struct peer *carol = connect_gateway();

    irc_send(alice, "WEBIRC " SECRET " web client.example.net 192.0.2.7");
    sign_on(alice, "alice");
    EXPECT_WHOIS(alice, "alice", "client\\.example\\.net", "192\\.0\\.2\\.7");
    irc_send(bob,
             "WEBIRC " SECRET " web 2001:db8::7 2001:db8::7 :secure remote-port=7 local-port=8");
    sign_on(bob, "bob");
    EXPECT_WHOIS(bob, "bob", HOST, "2001:db8::7");
    sign_on(carol, "carol"); /* a gateway may as well come for itself */
    EXPECT_WHOIS(carol, "carol", HOST, "198\\.51\\.100\\.2");
    irc_send(carol, "WEBIRC " SECRET " web client.example.net 192.0.2.7");
    PEER_EXPECT_LINE(carol, ":test.example 462 carol :You may not reregister");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

static void what_is_no_host_name_is_not_shown(void)
{
    static const char *const hosts[] = {
        "-client.example",
        "client..example",
        "192.0.2.7",
        "client_1.example",
        "a!b@c",
        "192.0.2.8",
        "1.2",
        "a.b.c.ip",
        "x.IP",
        "client.example.",
        "2001:db8::1",
        "clients.\303\244",
        "a123456789a123456789a123456789a123456789a123456789a123456789.example",
    };
    struct daemon *daemon = start(BOTH);

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct peer *peer = connect_gateway();

        irc_send(peer, "WEBIRC " SECRET " web %s 192.0.2.7", hosts[i]);
        sign_on(peer, "alice");
        EXPECT_WHOIS(peer, "alice", HOST, "192\\.0\\.2\\.7");
        irc_send(peer, "QUIT");
        PEER_DRAIN(peer);
        peer_close(peer);
    }
    DAEMON_STOP(daemon);
}

/* Sends a line in a connection of its own, which ends for REASON; the log says it, too. */
#define EXPECT_REFUSED(daemon, target, line, reason)                                               \
    expect_refused(HERE, daemon, target, line, reason)
static void expect_refused(struct place place, struct daemon *daemon,
                           const struct peer_target *target, const char *line, const char *reason)
{
    struct peer *peer = peer_must_open(place, target);
    char text[200];

    irc_send(peer, "%s", line);
    expect_error(place, peer, reason);
    snprintf(text, sizeof text, "WEBIRC from %s is refused: %s",
             target->from ? target->from : "127.0.0.1", reason);
    daemon_expect_log(place, daemon, text);
}

static void who_is_not_believed_is_sent_away(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *peer = connect_gateway();

    irc_send(peer, "WEBIRC " SECRET " web client.example");
    PEER_EXPECT_LINE(peer, ":test.example 461 * WEBIRC :Not enough parameters");
    peer_close(peer);
    EXPECT_REFUSED(daemon, &plain, "WEBIRC " SECRET " web a.example 192.0.2.7",
                   "Not a WEBIRC gateway");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC wrong-one web a.example 192.0.2.7",
                   "Invalid WEBIRC password");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET "1 web a.example 192.0.2.7",
                   "Invalid WEBIRC password");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example nowhere",
                   "Invalid WEBIRC address");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example 192.0.2.07",
                   "Invalid WEBIRC address");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example 192.0.2.0/24",
                   "Invalid WEBIRC address");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example [2001:db8::1]",
                   "Invalid WEBIRC address");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example :", "Invalid WEBIRC address");
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), SECRET));
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), "wrong-one"));
    DAEMON_STOP(daemon);
}

static void webirc_comes_first_and_once(void)
{
    static const char claim[] = "\r\nWEBIRC " SECRET " web a.example 192.0.2.7";
    static const char *const before[] = {
        "NICK alice",     "USER alice 0 * :Alice",
        "PASS something", "CAP LS",
        "CAP LS 302",     "WEBIRC " SECRET " web a.example 192.0.2.8",
    };
    struct daemon *daemon = start(BOTH);

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        struct peer *peer = connect_gateway();

        irc_send(peer, "%s%s", before[i], claim);
        EXPECT_ERROR(peer, "WEBIRC must come first");
    }
    DAEMON_STOP(daemon);
}

static void whom_webirc_names_has_so_many_connections(void)
{
    struct daemon *daemon = start(BOTH "limits: { per_address = 1; };\n");
    struct peer *alice = connect_gateway();
    struct peer *bob = connect_gateway();
    struct peer *carol = connect_gateway();
    struct peer *dave = connect_gateway();

    irc_send(alice, "WEBIRC " SECRET " web a.example 192.0.2.7");
    sign_on(alice, "alice");
    irc_send(bob, "WEBIRC " SECRET " web a.example 192.0.2.7");
    EXPECT_ERROR(bob, "Too many connections from your address");
    sign_on(carol, "carol");
    irc_send(dave, "NICK dave\r\nUSER dave 0 * :Dave");
    EXPECT_ERROR(dave, "Too many connections from your address");
    peer_close(alice);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

/* A configuration in which the password is kept as a hash; to be freed. */
static char *hashed_configuration(void)
{
    struct pli_password password = {.iterations = 4096, .salt_length = 4, .salt = "salt"};
    char hash[PLI_PASSWORD_TEXT];
    char *text;

    EXPECT(pli_password_derive(&password, SECRET, strlen(SECRET)) == 0, "no password");
    pli_password_print(&password, hash);
    EXPECT(asprintf(&text,
                    LISTENERS "gateways = ( { from = \"127.0.0.0/8\"; proxy_protocol = true; },\n"
                              "{ from = \"198.51.100.0/24\"; webirc_password = \"%s\"; } );\n",
                    hash) > 0,
           "no memory");
    return text;
}

/* What comes in one with WEBIRC waits until the password has been checked. */
static void the_password_may_be_kept_as_a_hash(void)
{
    char *configuration = hashed_configuration();
    struct daemon *daemon = start(configuration);
    struct peer *alice = connect_gateway();

    irc_send(alice, "WEBIRC " SECRET " web client.example 192.0.2.7\r\nNICK alice\r\n"
                    "USER alice 0 * :Real alice");
    PEER_SKIP_TO(alice, ":test\\.example (376|422) .*");
    EXPECT_WHOIS(alice, "alice", "client\\.example", "192\\.0\\.2\\.7");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC wrong web a.example 192.0.2.8\r\nNICK bob",
                   "Invalid WEBIRC password");
    EXPECT_REFUSED(daemon, &gateway, "WEBIRC " SECRET " web a.example nowhere",
                   "Invalid WEBIRC address");
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), SECRET));
    peer_close(alice);
    DAEMON_STOP(daemon);
    free(configuration);
}

/* -- Both, and reloads ---------------------------------------------------------------------------- */

static void a_proxy_may_bring_a_gateway(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = connect_for(NETWORK_OTHER_ADDRESS);
    struct peer *bob = connect_for("192.0.2.8");

    irc_send(alice, "WEBIRC " SECRET " web client.example 192.0.2.7");
    sign_on(alice, "alice");
    EXPECT_WHOIS(alice, "alice", "client\\.example", "192\\.0\\.2\\.7");
    irc_send(bob, "WEBIRC " SECRET " web client.example 192.0.2.7");
    EXPECT_ERROR(bob, "Not a WEBIRC gateway");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void reload(struct daemon *daemon, const char *configuration)
{
    daemon_configure(daemon, configuration);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
}

static void a_reload_changes_who_is_believed(void)
{
    struct daemon *daemon = start(BOTH);
    struct peer *alice = join_for("192.0.2.7", "alice");
    struct peer *early = connect_gateway();
    struct peer *bob;

    reload(daemon, LISTENERS "gateways = ( { from = \"" NETWORK_OTHER_ADDRESS
                             "\"; proxy_protocol = true; },\n"
                             "{ from = \"127.0.0.1\"; webirc_password = \"other\"; } );\n");
    bob = peer_must_open(HERE, &behind);
    PEER_EXPECT_GONE(bob);
    DAEMON_EXPECT_LOG(daemon, "irc: 127.0.0.1 is no gateway");
    peer_close(bob);
    irc_send(early, "WEBIRC " SECRET " web client.example 192.0.2.8");
    EXPECT_ERROR(early, "Not a WEBIRC gateway");
    bob = peer_must_open(HERE, &plain);
    irc_send(bob, "WEBIRC other web client.example 192.0.2.8");
    sign_on(bob, "bob");
    EXPECT_WHOIS(bob, "bob", "client\\.example", "192\\.0\\.2\\.8");
    EXPECT_WHOIS(alice, "alice", HOST, "192\\.0\\.2\\.7"); /* whoever is there stays */
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void a_reload_opens_a_listener_to_all(void)
{
    struct daemon *daemon = start(BOTH);
    char text[600];
    struct peer *alice = join_for("192.0.2.7", "alice");
    struct peer *bob;

    snprintf(text, sizeof text,
             DAEMON_SERVER "listeners = ( { service = \"irc\"; address = \"*\"; port = %u; } );\n",
             behind.port);
    daemon_configure(daemon, text);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    bob = peer_must_open(HERE, &behind);
    sign_on(bob, "bob");
    EXPECT_WHOIS(bob, "bob", HOST, "127\\.0\\.0\\.1");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"WHOIS shows whom the proxy names", whois_shows_whom_the_proxy_names},
        {"a ban hits whom the proxy names", a_ban_hits_whom_the_proxy_names},
        {"whom the proxy names has so many connections",
         whom_the_proxy_names_has_so_many_connections},
        {"elsewhere a header is an unknown command", elsewhere_a_header_is_an_unknown_command},
        {"without a header nobody comes", without_a_header_nobody_comes},
        {"WEBIRC names the client", webirc_names_the_client},
        {"what is no host name is not shown", what_is_no_host_name_is_not_shown},
        {"who is not believed is sent away", who_is_not_believed_is_sent_away},
        {"WEBIRC comes first and once", webirc_comes_first_and_once},
        {"whom WEBIRC names has so many connections", whom_webirc_names_has_so_many_connections},
        {"the password may be kept as a hash", the_password_may_be_kept_as_a_hash},
        {"a proxy may bring a gateway", a_proxy_may_bring_a_gateway},
        {"a reload changes who is believed", a_reload_changes_who_is_believed},
        {"a reload opens a listener to all", a_reload_opens_a_listener_to_all},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    return models_main(argc, argv, "IRC through gateways", tests);
}
