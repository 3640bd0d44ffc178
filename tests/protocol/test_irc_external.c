/* SPDX-License-Identifier: MIT */
/* EXTERNAL (RFC 4422) by AUTHENTICATE: the certificate that a client shows in TLS. */
#include "config.h"

#include "base/certificate.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/lib/peer_tls.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_sasl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In place of one that may be there. */
static void make_certificate(const char *certificate, const char *key)
{
    static const char *const hosts[] = {"test.example"};
    static const struct pli_certificate_wish wish = {
        .hosts = hosts, .count = 1, .begins = -60, .ends = 3600};

    (void)unlink(certificate);
    (void)unlink(key);
    EXPECT_RESULT(pli_certificate_make(&wish, certificate, key), 0);
}

static void external_logs_in_by_the_certificate(void)
{
    char *folder = folder_new();
    char *certificate = folder_path(folder, "cert.pem");
    char *key = folder_path(folder, "key.pem");
    char configuration[4000];
    struct daemon *daemon;
    struct peer *peer;

    make_certificate(certificate, key);
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = ( { service = \"irc\"; port = 0; tls = true; } );\n"
                           "tls: { certificate = \"%s\"; key = \"%s\"; };\n" IRC_ACCOUNTS,
             certificate, key);
    daemon = DAEMON_START(configuration, 1);
    make_certificate(certificate, key); /* another one, which is alice's */
    peer = IRC_CONNECT(daemon);
    PEER_TLS(peer, .certificate = certificate, .key = key);
    irc_register_as(peer, "alice");
    irc_send(peer, "NS REGISTER secret");
    PEER_SKIP_TO(peer, ":NickServ!.* :Account created: .*");
    irc_send(peer, "NS CERT ADD");
    PEER_EXPECT_MATCH(peer, ":NickServ!.*");
    peer_close(peer);
    peer = IRC_CONNECT(daemon);
    PEER_TLS(peer, .certificate = certificate, .key = key);
    irc_send(peer, "CAP LS 302");
    PEER_SKIP_TO(peer, ":test\\.example CAP \\* LS :.*sasl=[A-Z0-9,-]*EXTERNAL[^ ]*( .*)?");
    IRC_BEGIN(peer, "EXTERNAL");
    irc_send(peer, "AUTHENTICATE +");
    IRC_EXPECT_LOGIN(peer, "\\*");
    IRC_BEGIN(peer, "EXTERNAL");
    irc_send_message(peer, "alice", 5);
    IRC_EXPECT_LOGIN(peer, "\\*");
    IRC_BEGIN(peer, "EXTERNAL");
    irc_send_message(peer, "bob", 3);
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    peer_close(peer);
    make_certificate(certificate, key); /* and one that is nobody's */
    peer = IRC_CONNECT(daemon);
    PEER_TLS(peer, .certificate = certificate, .key = key);
    IRC_BEGIN(peer, "EXTERNAL");
    irc_send(peer, "AUTHENTICATE +");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    peer_close(peer);
    peer = IRC_CONNECT(daemon);
    PEER_TLS(peer, .host = NULL);
    irc_send(peer, "AUTHENTICATE EXTERNAL");
    PEER_EXPECT_MATCH(peer, ":test\\.example 908 \\* .*");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    peer_close(peer);
    DAEMON_STOP(daemon);
    free(certificate);
    free(key);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(external_logs_in_by_the_certificate),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_external", tests);
}
