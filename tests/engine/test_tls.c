/* SPDX-License-Identifier: MIT */
/* Connections that speak TLS, and those that should and do not. */
#include "config.h"

#include "tests/engine/tls.h"
#include "tests/lib/peer_tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>

/* The record of an alert (RFC 8446, section 6): fatal, and what for. */
#define ALERT_SIZE 7

static size_t say_refused(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "refused: %s\n", pl_reason_text(reason));

    (void)context;
    return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

static const struct pl_service hooks = {.line = record_echo, .refuse = say_refused};

static struct engine *start_with(struct pl_listener_options *options)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate certificate = WALLET_ADD(wallet, "localhost");
    struct engine *engine;

    options->tls = tls_new(&certificate, 1);
    engine = engine_prepare(&hooks, NULL, options);
    pl_tls_unref(options->tls);
    wallet_free(wallet);
    return engine;
}

static struct engine *start(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = start_with(&options);

    server_start(engine->server);
    return engine;
}

static struct peer *connect_tls(struct engine *engine, int version)
{
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_TLS(peer, .version = version);
    return peer;
}

/* -- What is agreed upon ---------------------------------------------------------------- */

static void both_versions_are_spoken(void)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    struct engine *engine = start();

    for (size_t i = 0; i < 2; i++) {
        struct peer *peer = connect_tls(engine, versions[i]);
        struct pl_session *session = ENGINE_SESSION(engine, i);

        EXPECT(pl_session_is_tls(session), "it is not TLS");
        pl_session_unref(session);
        ENGINE_PING(peer);
        EXPECT(SSL_version(peer_tls_ssl(peer)) == versions[i], "another version");
        peer_close(peer);
    }
    engine_finish(engine);
}

static void older_versions_are_refused(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);
    int alert;

    EXPECT_RESULT(peer_tls(peer, &(struct peer_tls_wish){.version = TLS1_1_VERSION}, &alert),
                  -EPROTO);
    EXPECT_RESULT(alert, SSL_AD_PROTOCOL_VERSION);
    PEER_DRAIN(peer);
    peer_close(peer);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 0);
    engine_finish(engine);
}

/* What a session says of itself. */
static void tell(struct pl_session *session, const struct pl_line *line)
{
    char text[PL_FINGERPRINT_TEXT];

    (void)line;
    pl_session_printf(session, "%s %s %d\n", pl_session_tls_version(session),
                      pl_session_tls_cipher(session),
                      pl_session_tls_fingerprint(session, text, sizeof(text)));
}

static void session_tells_what_is_spoken(void)
{
    static const struct pl_service telling = {.line = tell};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate certificate = WALLET_ADD(wallet, "localhost");
    struct engine *engine;
    struct peer *peer;
    char text[100];

    options.tls = tls_new(&certificate, 1);
    engine = engine_start_with(&telling, &options);
    pl_tls_unref(options.tls);
    peer = connect_tls(engine, TLS1_3_VERSION);
    snprintf(text, sizeof(text), "TLSv1.3 %s %d\n", SSL_get_cipher_name(peer_tls_ssl(peer)),
             -ENOENT);
    PEER_SEND_TEXT(peer, "?\n");
    PEER_EXPECT(peer, text);
    peer_close(peer);
    engine_finish(engine);
    wallet_free(wallet);
}

/* -- Ends -------------------------------------------------------------------------------- */

static void end_of_input_leaves_a_last_line(void)
{
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);

    PEER_SEND_TEXT(peer, "one\nlast");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "one\nlast");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    engine_finish(engine);
}

/* Who ends the connection beneath it may be somebody else. */
static void cut_connection_leaves_none(void)
{
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);

    PEER_SEND_TEXT(peer, "one\nlast");
    PEER_EXPECT(peer, "one\n");
    shutdown(peer_descriptor(peer), SHUT_WR);
    PEER_EXPECT_END(peer);
    peer_close(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 1);
    engine_finish(engine);
}

static void stop_says_goodbye_to_all(void)
{
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);
    struct peer *waiting = PEER_CONNECT(engine->port);

    ENGINE_PING(peer);
    pl_server_drain(engine->handle, 10000);
    PEER_EXPECT_END(peer);
    PEER_EXPECT_GONE(waiting);
    peer_close(peer);
    peer_close(waiting);
    engine_finish(engine);
}

/* -- Who breaks the rules ---------------------------------------------------------------- */

static void plain_text_is_told_so(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);
    char text[100];

    PEER_SEND_TEXT(peer, "NICK alice\r\n");
    snprintf(text, sizeof(text), "refused: %s\n", pl_reason_text(PL_REASON_PLAIN));
    PEER_EXPECT(peer, text);
    PEER_EXPECT_END(peer);
    peer_close(peer);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 0);
    engine_finish(engine);
}

/* Sends bytes that are no part of what the peer speaks. */
static void send_raw(struct peer *peer, const void *data, size_t size)
{
    EXPECT(send(peer_descriptor(peer), data, size, MSG_NOSIGNAL) == (ssize_t)size, "send: %s",
           strerror(errno));
}

static void expect_alert(struct place place, struct peer *peer, unsigned char alert)
{
    const unsigned char record[ALERT_SIZE] = {21, 3, 1, 0, 2, 2, alert};
    const char *kept;

    if (peer_receive(peer, ALERT_SIZE) < 0)
        expect_fail(place, "no alert has come");
    peer_kept(peer, &kept);
    if (kept[0] != 21 || kept[5] != 2 || kept[6] != (char)record[6])
        expect_fail(place, "no alert but %d %d %d", kept[0], kept[5], kept[6]);
    peer_drop(peer, ALERT_SIZE);
    peer_must_end(place, peer, PEER_END_ANY);
}

static void handshake_that_is_none_is_told_so(void)
{
    static const unsigned char bad[] = {22, 3, 1, 0, 4,
                                        2,  0, 0, 0}; /* a server's, not a client's */
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    send_raw(peer, bad, sizeof(bad));
    expect_alert(HERE, peer, SSL_AD_UNEXPECTED_MESSAGE);
    peer_close(peer);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 0);
    engine_finish(engine);
}

static void oversized_first_record_is_told_so(void)
{
    static const unsigned char head[] = {22, 3, 1, 0xff, 0xff};
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    send_raw(peer, head, sizeof(head));
    expect_alert(HERE, peer, SSL_AD_RECORD_OVERFLOW);
    peer_close(peer);
    engine_finish(engine);
}

/* The alert comes encrypted, and nothing after it. */
static void expect_broken(struct place place, struct engine *engine, struct peer *peer, int alert)
{
    SSL *ssl = peer_tls_ssl(peer);

    if (peer_receive_end(peer) != -EPROTO)
        expect_fail(place, "it was to be broken");
    if (ERR_GET_REASON(ERR_peek_error()) != alert + SSL_AD_REASON_OFFSET)
        expect_fail(place, "another alert: %s", ERR_reason_error_string(ERR_peek_error()));
    EXPECT(SSL_get_error(ssl, -1) != SSL_ERROR_NONE, "nothing is wrong");
    EXPECT_RESULT(recorder_get(place, engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_TLS);
}

static void oversized_record_ends_the_session(void)
{
    static const unsigned char head[] = {23, 3, 3, 0xff, 0xff};
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);

    ENGINE_PING(peer);
    send_raw(peer, head, sizeof(head));
    expect_broken(HERE, engine, peer, SSL_AD_RECORD_OVERFLOW);
    peer_close(peer);
    engine_finish(engine);
}

static void record_that_does_not_open_ends_the_session(void)
{
    unsigned char record[5 + 100] = {23, 3, 3, 0, 100};
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);
    struct peer *other = connect_tls(engine, 0);

    ENGINE_PING(peer);
    send_raw(peer, record, sizeof(record));
    expect_broken(HERE, engine, peer, SSL_AD_BAD_RECORD_MAC);
    ENGINE_PING(other);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

/* Notes the last alert that the server has sent. */
static void note_alert(int sent, int version, int type, const void *data, size_t length, SSL *ssl,
                       void *argument)
{
    const unsigned char *bytes = data;
    int *alert = argument;

    (void)version;
    (void)ssl;
    if (!sent && type == 21 && length == 2)
        *alert = bytes[0] << 8 | bytes[1];
}

/* A warning: the server would go on as it was, though this client does not. */
static void renegotiation_is_refused_by_a_warning(void)
{
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, TLS1_2_VERSION);
    SSL *ssl = peer_tls_ssl(peer);
    int alert = 0;

    ENGINE_PING(peer);
    SSL_set_msg_callback(ssl, note_alert);
    SSL_set_msg_callback_arg(ssl, &alert);
    EXPECT(SSL_renegotiate(ssl) == 1, "no renegotiation");
    EXPECT_RESULT(peer_receive_end(peer), -EPROTO);
    EXPECT_RESULT(alert, 1 << 8 | SSL_AD_NO_RENEGOTIATION);
    peer_close(peer);
    engine_finish(engine);
}

static void record_may_come_in_pieces(void)
{
    struct engine *engine = start();
    struct peer *peer = connect_tls(engine, 0);
    SSL *ssl = peer_tls_ssl(peer);
    BIO *memory = BIO_new(BIO_s_mem());
    BIO *socket_bio = SSL_get_wbio(ssl);
    struct pl_stats stats;
    char *data;
    long size;

    ENGINE_PING(peer);
    BIO_up_ref(socket_bio);
    SSL_set0_wbio(ssl, memory);
    EXPECT(SSL_write(ssl, "slow\n", 5) == 5, "SSL_write");
    size = BIO_get_mem_data(memory, &data);
    pl_server_stats(engine->handle, &stats);
    for (long i = 0; i < size; i++) {
        send_raw(peer, data + i, 1);
        ENGINE_WAIT_BYTES_IN(engine, stats.bytes_in + (uint64_t)i + 1);
    }
    SSL_set0_wbio(ssl, socket_bio);
    PEER_EXPECT(peer, "slow\n");
    peer_close(peer);
    engine_finish(engine);
}

/* -- Before the handshake ---------------------------------------------------------------- */

static void handshake_must_be_done_in_time(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *silent, *slow, *peer;

    options.tls_timeout = 1;
    engine = start_with(&options);
    server_start(engine->server);
    peer = connect_tls(engine, 0);
    silent = PEER_CONNECT(engine->port);
    slow = PEER_CONNECT(engine->port);
    send_raw(slow, "\x16\x03\x01", 3);
    PEER_EXPECT_GONE(silent);
    PEER_EXPECT_GONE(slow);
    ENGINE_PING(peer);
    peer_close(peer);
    peer_close(silent);
    peer_close(slow);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 1);
    engine_finish(engine);
}

static void half_a_handshake_is_never_seen(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);
    struct peer *looking = PEER_CONNECT(engine->port);

    send_raw(peer, "\x16\x03\x01", 3);
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT_GONE(peer);
    PEER_HALF_CLOSE(looking);
    PEER_EXPECT_GONE(looking);
    peer_close(peer);
    peer_close(looking);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 0);
    engine_finish(engine);
}

/* Behind a proxy of this machine. */
static struct engine *start_behind_proxy(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct pl_gateway gateway = {.proxy_protocol = true};
    struct engine *engine;

    options.proxy_protocol = true;
    engine = start_with(&options);
    EXPECT_RESULT(pl_network_parse("127.0.0.0/8", &gateway.network), 0);
    EXPECT_RESULT(pl_server_set_gateways(engine->handle, &gateway, 1), 0);
    server_start(engine->server);
    return engine;
}

static void proxy_header_comes_before_the_handshake(void)
{
    static const char header[] = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 6697\r\n";
    struct engine *engine = start_behind_proxy();
    struct peer *peer = PEER_CONNECT(engine->port);
    struct pl_session *session;
    char text[PL_ADDRESS_TEXT];

    send_raw(peer, header, sizeof(header) - 1);
    PEER_TLS(peer, .version = 0);
    session = ENGINE_SESSION(engine, 0);
    pl_session_peer(session, text, sizeof(text));
    EXPECT(strcmp(text, "192.0.2.7") == 0, "it is from %s", text);
    pl_session_unref(session);
    ENGINE_PING(peer);
    peer_close(peer);
    peer = PEER_CONNECT(engine->port);
    send_raw(peer, header, sizeof(header) - 1);
    send_raw(peer, "NICK a\n", 7);
    PEER_EXPECT_MATCH(peer, "refused: .*");
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    engine_finish(engine);
}

static void handshake_comes_not_before_the_proxy_header(void)
{
    struct engine *engine = start_behind_proxy();
    struct peer *peer = PEER_CONNECT(engine->port);
    int alert;

    EXPECT(peer_tls(peer, &(struct peer_tls_wish){0}, &alert) < 0, "it has been agreed upon");
    peer_close(peer);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 0);
    engine_finish(engine);
}

/* Words would need a handshake, which is what the server spares. */
static void who_is_turned_away_before_the_handshake_gets_an_alert(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = start_with(&options);
    struct peer *peer, *other;
    int alert;

    pl_server_set_limits(engine->handle, 1, 0);
    server_start(engine->server);
    peer = connect_tls(engine, 0);
    ENGINE_PING(peer);
    other = PEER_CONNECT(engine->port);
    expect_alert(HERE, other, SSL_AD_INTERNAL_ERROR);
    peer_close(other);
    other = PEER_CONNECT(engine->port);
    EXPECT(poll(&(struct pollfd){.fd = peer_descriptor(other), .events = POLLIN}, 1,
                expect_remaining(expect_deadline())) == 1,
           "no alert has come");
    EXPECT_RESULT(peer_tls(other, &(struct peer_tls_wish){0}, &alert), -EPROTO);
    EXPECT_RESULT(alert, SSL_AD_INTERNAL_ERROR);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void who_is_turned_away_behind_a_proxy_gets_an_alert(void)
{
    static const char header[] = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 6697\r\n";
    struct engine *engine = start_behind_proxy();
    struct peer *peer = PEER_CONNECT(engine->port);
    struct peer *other = PEER_CONNECT(engine->port);

    pl_server_set_limits(engine->handle, 0, 1);
    send_raw(peer, header, sizeof(header) - 1);
    PEER_TLS(peer, .version = 0);
    ENGINE_PING(peer);
    send_raw(other, header, sizeof(header) - 1);
    expect_alert(HERE, other, SSL_AD_ACCESS_DENIED);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static const struct unit_test each[] = {
    {"both versions are spoken", both_versions_are_spoken},
    {"end of input leaves a last line", end_of_input_leaves_a_last_line},
    {"cut connection leaves none", cut_connection_leaves_none},
    {"stop says goodbye to all", stop_says_goodbye_to_all},
    {"plain text is told so", plain_text_is_told_so},
    {"record that does not open ends the session", record_that_does_not_open_ends_the_session},
    {"PROXY header comes before the handshake", proxy_header_comes_before_the_handshake},
    {0},
};

static const struct unit_test once[] = {
    {"older versions are refused", older_versions_are_refused},
    {"session tells what is spoken", session_tells_what_is_spoken},
    {"handshake that is none is told so", handshake_that_is_none_is_told_so},
    {"oversized first record is told so", oversized_first_record_is_told_so},
    {"oversized record ends the session", oversized_record_ends_the_session},
    {"renegotiation is refused by a warning", renegotiation_is_refused_by_a_warning},
    {"record may come in pieces", record_may_come_in_pieces},
    {"handshake must be done in time", handshake_must_be_done_in_time},
    {"half a handshake is never seen", half_a_handshake_is_never_seen},
    {"handshake comes not before the PROXY header", handshake_comes_not_before_the_proxy_header},
    {"who is turned away before the handshake gets an alert",
     who_is_turned_away_before_the_handshake_gets_an_alert},
    {"who is turned away behind a proxy gets an alert",
     who_is_turned_away_behind_a_proxy_gets_an_alert},
    {0},
};

int main(int argc, char **argv)
{
    return suite_main(argc, argv, "TLS", each, once);
}
