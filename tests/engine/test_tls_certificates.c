/* SPDX-License-Identifier: MIT */
/* Certificates: the server's, and those of clients; loading them, and what is agreed upon before. */
#include "config.h"

#include "tests/engine/tls.h"
#include "tests/lib/peer_tls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>

/* Tells the client's fingerprint. */
static void tell(struct pl_session *session, const struct pl_line *line)
{
    char text[PL_FINGERPRINT_TEXT] = "none";
    int rc = pl_session_tls_fingerprint(session, text, sizeof(text));

    (void)line;
    pl_session_printf(session, "%d %s\n", rc, text);
}

static const struct pl_service hooks = {.line = tell};

/* A server with these certificates. TLS is the caller's, too. */
static struct engine *start(const struct pl_tls_certificate *certificates, size_t count,
                            struct pl_tls **tls)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    *tls = options.tls = tls_new(certificates, count);
    return engine_start_with(&hooks, &options);
}

static int reload(struct pl_tls *tls, const struct pl_tls_certificate *certificates, size_t count,
                  char *error, size_t size)
{
    struct pl_tls_options options = PL_TLS_OPTIONS;

    options.certificates = certificates;
    options.count = count;
    return pl_tls_reload(tls, &options, error, size);
}

#define EXPECT_SHOWN(engine, named, host) expect_shown(HERE, engine, named, host)
static void expect_shown(struct place place, struct engine *engine, const char *named,
                         const char *host)
{
    struct peer *peer = PEER_CONNECT(engine->port);

    peer_must_tls(place, peer, &(struct peer_tls_wish){.host = named});
    if (!peer_tls_shows(peer, host))
        expect_fail(place, "the certificate is not for %s", host);
    peer_close(peer);
}

/* -- The server's ------------------------------------------------------------------------ */

static void host_that_is_named_has_its_certificate(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate all[] = {WALLET_ADD(wallet, "a.example"),
                                       WALLET_ADD(wallet, "*.b.example")};
    struct pl_tls *tls;
    struct engine *engine = start(all, 2, &tls);

    EXPECT_SHOWN(engine, NULL, "a.example");
    EXPECT_SHOWN(engine, "a.example", "a.example");
    EXPECT_SHOWN(engine, "irc.b.example", "irc.b.example");
    EXPECT_SHOWN(engine, "c.example", "a.example");
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static void reload_is_for_connections_to_come(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate old = WALLET_ADD(wallet, "old.example");
    struct pl_tls_certificate new = WALLET_ADD(wallet, "new.example");
    struct pl_tls *tls;
    struct engine *engine = start(&old, 1, &tls);
    struct peer *peer = PEER_CONNECT(engine->port);
    char error[200] = "";

    PEER_TLS(peer, .host = NULL);
    EXPECT_RESULT(reload(tls, &new, 1, error, sizeof(error)), 0);
    EXPECT_SHOWN(engine, NULL, "new.example");
    PEER_SEND_TEXT(peer, "?\n");
    PEER_EXPECT(peer, "-2 none\n");
    peer_close(peer);
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

#define EXPECT_ERROR(tls, certificate, rc, text) expect_error(HERE, tls, certificate, rc, text)
static void expect_error(struct place place, struct pl_tls *tls,
                         struct pl_tls_certificate certificate, int rc, const char *text)
{
    char error[200] = "";
    int result = reload(tls, &certificate, 1, error, sizeof(error));

    if (result != rc || !strstr(error, text))
        expect_fail(place, "reload: %d, %s", result, error);
}

static void what_cannot_be_used_leaves_what_is_there(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate good = WALLET_ADD(wallet, "good.example");
    struct pl_tls_certificate other = WALLET_ADD(wallet, "other.example");
    const char *junk = wallet_write(wallet, "nothing\n");
    struct pl_tls *tls;
    struct engine *engine = start(&good, 1, &tls);

    EXPECT_ERROR(tls, ((struct pl_tls_certificate){other.certificate, good.key}), -EINVAL,
                 "mismatch");
    EXPECT_ERROR(tls, ((struct pl_tls_certificate){"/no/such/file", good.key}), -EINVAL,
                 "/no/such/file: No such file or directory");
    EXPECT_ERROR(tls, ((struct pl_tls_certificate){other.certificate, "/no/such/key"}), -EINVAL,
                 "/no/such/key: No such file or directory");
    EXPECT_ERROR(tls, ((struct pl_tls_certificate){junk, good.key}), -EINVAL, junk);
    EXPECT_ERROR(tls, ((struct pl_tls_certificate){good.certificate, junk}), -EINVAL, junk);
    EXPECT_ERROR(tls, wallet_add(HERE, wallet, "past.example", -7200, -3600), -EKEYEXPIRED,
                 "expired");
    EXPECT_ERROR(tls, wallet_add(HERE, wallet, "future.example", 3600, 7200), -EKEYEXPIRED,
                 "not valid yet");
    EXPECT_SHOWN(engine, NULL, "good.example");
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static atomic_uint warnings;

static void count_warnings(enum pl_log_level level, const char *text, void *argument)
{
    (void)argument;
    if (level == PL_LOG_WARNING && strstr(text, "expired"))
        atomic_fetch_add(&warnings, 1);
}

/* Who starts with one has no better; and a reload for other reasons must still be possible. */
static void expired_certificate_is_used_with_a_warning(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate past = wallet_add(HERE, wallet, "past.example", -7200, -3600);
    struct pl_tls *tls;
    struct engine *engine;
    char error[200] = "";

    atomic_store(&warnings, 0);
    engine = start(&past, 1, &tls);
    EXPECT_RESULT(atomic_load(&warnings), 1);
    EXPECT_SHOWN(engine, NULL, "past.example");
    EXPECT_RESULT(reload(tls, &past, 1, error, sizeof(error)), 0);
    EXPECT_RESULT(atomic_load(&warnings), 2);
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static void options_that_cannot_be_are_refused(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate good = WALLET_ADD(wallet, "good.example");
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct pl_tls *tls = NULL;
    char error[200] = "";

    EXPECT_RESULT(pl_tls_new(&options, &tls, error, sizeof(error)), -EINVAL);
    EXPECT(strcmp(error, "there is no certificate") == 0, "%s", error);
    options.certificates = &good;
    options.count = 1;
    options.ciphers = "NONE-SUCH";
    EXPECT_RESULT(pl_tls_new(&options, &tls, error, sizeof(error)), -EINVAL);
    EXPECT(strcmp(error, "NONE-SUCH: no cipher match") == 0, "%s", error);
    EXPECT_RESULT(pl_tls_new(&options, &tls, NULL, 0), -EINVAL);
    EXPECT(!pl_tls_missing(), "there is TLS");
    wallet_free(wallet);
}

static void newer_versions_may_be_asked_for(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate good = WALLET_ADD(wallet, "good.example");
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct pl_tls *tls;
    struct engine *engine = start(&good, 1, &tls);
    struct peer *peer = PEER_CONNECT(engine->port);
    int alert;

    options.certificates = &good;
    options.count = 1;
    options.min_version = PL_TLS_1_3;
    EXPECT_RESULT(pl_tls_reload(tls, &options, NULL, 0), 0);
    EXPECT_RESULT(peer_tls(peer, &(struct peer_tls_wish){.version = TLS1_2_VERSION}, &alert),
                  -EPROTO);
    EXPECT_RESULT(alert, SSL_AD_PROTOCOL_VERSION);
    peer_close(peer);
    EXPECT_SHOWN(engine, NULL, "good.example");
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

/* -- Clients' ---------------------------------------------------------------------------- */

static void fingerprint_of(const char *path, char text[PL_FINGERPRINT_TEXT])
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    unsigned char digest[32];
    unsigned length;

    EXPECT(certificate && X509_digest(certificate, EVP_sha256(), digest, &length), "no digest");
    for (unsigned i = 0; i < length; i++)
        sprintf(text + 2 * (size_t)i, "%02x", (unsigned)digest[i]);
    X509_free(certificate);
    fclose(file);
}

/* Waits for the ticket, which comes with the first answer, and takes what it stands for. */
static SSL_SESSION *take_session(struct peer *peer, const char *answer)
{
    PEER_SEND_TEXT(peer, "?\n");
    PEER_EXPECT(peer, answer);
    return SSL_get1_session(peer_tls_ssl(peer));
}

static void resume_with(struct engine *engine, int version, SSL_SESSION *session,
                        const char *answer)
{
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_TLS(peer, .version = version, .resume = session);
    EXPECT(SSL_session_reused(peer_tls_ssl(peer)), "it is a new one");
    PEER_SEND_TEXT(peer, "?\n");
    PEER_EXPECT(peer, answer);
    PEER_HALF_CLOSE(peer); /* or else its session would not be gone on with (RFC 5246, 7.2.1) */
    peer_close(peer);
}

/* It is not taken: what is agreed upon is new. */
static void expect_anew(struct engine *engine, int version, SSL_SESSION *session)
{
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_TLS(peer, .version = version, .resume = session);
    EXPECT(!SSL_session_reused(peer_tls_ssl(peer)), "it has been gone on with");
    peer_close(peer);
}

/* Shows a certificate, and goes on with what was agreed upon, also after a reload. */
static void client_is_known_by_its_certificate(int version)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate server = WALLET_ADD(wallet, "server.example");
    struct pl_tls_certificate client = WALLET_ADD(wallet, "client");
    struct pl_tls *tls;
    struct engine *engine = start(&server, 1, &tls);
    struct peer *peer = PEER_CONNECT(engine->port);
    char fingerprint[PL_FINGERPRINT_TEXT];
    char answer[100];
    SSL_SESSION *session;

    fingerprint_of(client.certificate, fingerprint);
    snprintf(answer, sizeof(answer), "0 %s\n", fingerprint);
    PEER_TLS(peer, .version = version, .certificate = client.certificate, .key = client.key);
    session = take_session(peer, answer);
    resume_with(engine, version, session, answer);
    EXPECT_RESULT(reload(tls, &server, 1, NULL, 0), 0);
    resume_with(engine, version, session, answer);
    SSL_SESSION_free(session);
    peer_close(peer);
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static void client_is_known_in_tls_1_3(void)
{
    client_is_known_by_its_certificate(TLS1_3_VERSION);
}

static void client_is_known_in_tls_1_2(void)
{
    client_is_known_by_its_certificate(TLS1_2_VERSION);
}

/* The ticket is sealed with a key that has the place of the former, then none. */
static void ticket_survives_one_reload_and_not_two(int version)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate server = WALLET_ADD(wallet, "server.example");
    struct pl_tls *tls;
    struct engine *engine = start(&server, 1, &tls);
    struct peer *peer = PEER_CONNECT(engine->port);
    SSL_SESSION *session;

    PEER_TLS(peer, .version = version);
    session = take_session(peer, "-2 none\n");
    PEER_HALF_CLOSE(peer);
    peer_close(peer);
    EXPECT_RESULT(reload(tls, &server, 1, NULL, 0), 0);
    resume_with(engine, version, session, "-2 none\n");
    EXPECT_RESULT(reload(tls, &server, 1, NULL, 0), 0);
    expect_anew(engine, version, session);
    SSL_SESSION_free(session);
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static void ticket_of_tls_1_3_survives_one_reload_and_not_two(void)
{
    ticket_survives_one_reload_and_not_two(TLS1_3_VERSION);
}

static void ticket_of_tls_1_2_survives_one_reload_and_not_two(void)
{
    ticket_survives_one_reload_and_not_two(TLS1_2_VERSION);
}

static void there_need_be_no_tickets(void)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate server = WALLET_ADD(wallet, "server.example");
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct pl_tls *tls;
    struct engine *engine = start(&server, 1, &tls);

    options.certificates = &server;
    options.count = 1;
    options.ticket_lifetime = 0;
    EXPECT_RESULT(pl_tls_reload(tls, &options, NULL, 0), 0);
    for (size_t i = 0; i < 2; i++) {
        struct peer *peer = PEER_CONNECT(engine->port);
        SSL_SESSION *session;

        PEER_TLS(peer, .version = versions[i]);
        session = take_session(peer, "-2 none\n");
        EXPECT(!SSL_SESSION_has_ticket(session), "there is a ticket");
        SSL_SESSION_free(session);
        peer_close(peer);
    }
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static void client_without_certificate_is_welcome(void)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate server = WALLET_ADD(wallet, "server.example");
    struct pl_tls *tls;
    struct engine *engine = start(&server, 1, &tls);
    struct peer *peer = PEER_CONNECT(engine->port);
    SSL_SESSION *session;

    PEER_TLS(peer, .host = NULL);
    session = take_session(peer, "-2 none\n");
    resume_with(engine, TLS1_3_VERSION, session, "-2 none\n");
    SSL_SESSION_free(session);
    peer_close(peer);
    engine_finish(engine);
    pl_tls_unref(tls);
    wallet_free(wallet);
}

static const struct unit_test each[] = {
    {"reload is for connections to come", reload_is_for_connections_to_come},
    {"client is known in TLS 1.3", client_is_known_in_tls_1_3},
    {0},
};

static const struct unit_test once[] = {
    {"host that is named has its certificate", host_that_is_named_has_its_certificate},
    {"what cannot be used leaves what is there", what_cannot_be_used_leaves_what_is_there},
    {"expired certificate is used with a warning", expired_certificate_is_used_with_a_warning},
    {"options that cannot be are refused", options_that_cannot_be_are_refused},
    {"newer versions may be asked for", newer_versions_may_be_asked_for},
    {"client is known in TLS 1.2", client_is_known_in_tls_1_2},
    {"ticket of TLS 1.3 survives one reload and not two",
     ticket_of_tls_1_3_survives_one_reload_and_not_two},
    {"ticket of TLS 1.2 survives one reload and not two",
     ticket_of_tls_1_2_survives_one_reload_and_not_two},
    {"there need be no tickets", there_need_be_no_tickets},
    {"client without certificate is welcome", client_without_certificate_is_welcome},
    {0},
};

int main(int argc, char **argv)
{
    pl_set_log(count_warnings, NULL);
    return suite_main(argc, argv, "TLS certificates", each, once);
}
