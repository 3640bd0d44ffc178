/* SPDX-License-Identifier: MIT */
/* irssi and WeeChat log in to an account over TLS, in the ways that they know. */
#include "config.h"

#include "base/certificate.h"
#include "tests/clients/company.h"
#include "tests/lib/folder.h"
#include "tests/lib/peer_tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * A daemon that speaks TLS, and plain text besides, and knows the account alice, whose owner has gone.
 */
struct house {
    char *folder;
    char *certificate; /* of the daemon, and alice's */
    char *key;
    struct daemon *daemon;
};

#define CONFIGURATION                                                                              \
    DAEMON_SERVER "listeners = ( { service = \"irc\"; port = 0; },\n"                              \
                  " { service = \"irc\"; port = 0; tls = true; } );\n"                             \
                  "tls: { certificate = \"%s\"; key = \"%s\"; };\n"                                \
                  "accounts: { iterations = 4096; };\n"

static struct house open_house(void)
{
    static const char *const hosts[] = {"test.example"};
    static const struct pli_certificate_wish wish = {
        .hosts = hosts, .count = 1, .begins = -60, .ends = 3600};
    struct house house = {.folder = folder_new()};
    char configuration[4000];
    struct peer *alice;

    house.certificate = folder_path(house.folder, "cert.pem");
    house.key = folder_path(house.folder, "key.pem");
    EXPECT_RESULT(pli_certificate_make(&wish, house.certificate, house.key), 0);
    snprintf(configuration, sizeof(configuration), CONFIGURATION, house.certificate, house.key);
    house.daemon = DAEMON_START(configuration, 2);
    alice = PEER_CONNECT(DAEMON_PORT(house.daemon, "irc", 1));
    PEER_TLS(alice, .certificate = house.certificate, .key = house.key);
    PEER_SEND_TEXT(alice, "NICK alice\r\nUSER alice 0 * :Alice\r\nREGISTER * * secret\r\n"
                          "NS CERT ADD\r\n");
    PEER_SKIP_TO(alice, ":test\\.example 900 alice .*");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :.*");
    PEER_SEND_TEXT(alice, "QUIT\r\n");
    PEER_DRAIN(alice);
    peer_close(alice);
    return house;
}

static void close_house(struct house *house)
{
    DAEMON_STOP(house->daemon);
    free(house->certificate);
    free(house->key);
    folder_remove(house->folder);
}

/* irssi, which connects by itself; SERVER and NETWORK are what its configuration has of those. */
static struct terminal *start_irssi(struct house *house, const char *server, const char *network)
{
    char folder[256], path[300], command[400];
    FILE *file;

    snprintf(folder, sizeof(folder), "%s", daemon_path(house->daemon, "irssi"));
    snprintf(path, sizeof(path), "%s/config", folder);
    EXPECT(mkdir(folder, 0700) == 0, "%s: %s", folder, strerror(errno));
    file = fopen(path, "w");
    EXPECT(file, "%s: %s", path, strerror(errno));
    fprintf(file,
            "servers = ( { address = \"127.0.0.1\"; port = \"%u\"; chatnet = \"test\"; "
            "use_tls = \"yes\"; tls_verify = \"no\"; autoconnect = \"yes\"; %s } );\n"
            "chatnets = { test = { type = \"IRC\"; nick = \"iris\"; %s }; };\n"
            "settings = { \"irc/core\" = { cmd_queue_speed = \"1msec\"; "
            "cmds_max_at_once = \"1000\"; }; };\n",
            DAEMON_PORT(house->daemon, "irc", 1), server, network);
    EXPECT(fclose(file) == 0, "%s: %s", path, strerror(errno));
    snprintf(command, sizeof(command), "exec irssi --home='%s'", folder);
    return TERMINAL_OPEN(folder, command);
}

/* Somebody else sees that they are logged in. */
static void expect_account(struct house *house, const char *nick)
{
    struct peer *bob = PEER_CONNECT(DAEMON_PORT(house->daemon, "irc", 0));
    char text[100], expected[100];

    PEER_SEND_TEXT(bob, "NICK bob\r\nUSER bob 0 * :Bob\r\n");
    PEER_SKIP_TO(bob, ":test\\.example 422 bob .*");
    snprintf(text, sizeof(text), "WHOIS %s\r\n", nick);
    PEER_SEND_TEXT(bob, text);
    snprintf(expected, sizeof(expected), ":test\\.example 330 bob %s alice :is logged in as", nick);
    PEER_SKIP_TO(bob, expected);
    PEER_SKIP_TO(bob, ":test\\.example 671 bob .*");
    peer_close(bob);
}

static void irssi_logs_in_by_plain(void)
{
    struct house house = open_house();
    struct terminal *iris = start_irssi(&house, "",
                                        "sasl_mechanism = \"PLAIN\"; sasl_username = \"alice\"; "
                                        "sasl_password = \"secret\";");

    TERMINAL_EXPECT(iris, ".*SASL authentication succeeded.*");
    TERMINAL_EXPECT(iris, ".*Mode change \\[\\+i\\] for user iris.*");
    expect_account(&house, "iris");
    terminal_close(iris);
    close_house(&house);
}

static void irssi_logs_in_by_its_certificate(void)
{
    struct house house = open_house();
    char certificate[600];
    struct terminal *iris;

    snprintf(certificate, sizeof(certificate), "tls_cert = \"%s\"; tls_pkey = \"%s\";",
             house.certificate, house.key);
    iris = start_irssi(&house, certificate,
                       "sasl_mechanism = \"EXTERNAL\"; sasl_username = \"alice\";");
    TERMINAL_EXPECT(iris, ".*SASL authentication succeeded.*");
    TERMINAL_EXPECT(iris, ".*Mode change \\[\\+i\\] for user iris.*");
    expect_account(&house, "iris");
    terminal_close(iris);
    close_house(&house);
}

static void weechat_logs_in_by_scram(void)
{
    struct house house = open_house();
    const char *folder = daemon_path(house.daemon, "weechat");
    struct weechat *wei;

    EXPECT(mkdir(folder, 0700) == 0, "%s: %s", folder, strerror(errno));
    wei = WEECHAT_LOG_IN(folder, DAEMON_PORT(house.daemon, "irc", 1), "wei", "alice", "secret");
    WEECHAT_EXPECT(wei, "server", "--\tSASL authentication successful");
    WEECHAT_EXPECT(wei, "server", "--\tMOTD File is missing");
    expect_account(&house, "wei");
    weechat_close(wei);
    close_house(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"irssi logs in by PLAIN", irssi_logs_in_by_plain},
        {"irssi logs in by its certificate", irssi_logs_in_by_its_certificate},
        {"WeeChat logs in by SCRAM-SHA-256", weechat_logs_in_by_scram},
        {NULL, NULL},
    };

    return company_main(argc, argv, "login", tests);
}
