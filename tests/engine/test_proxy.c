/* SPDX-License-Identifier: MIT */
/* Listeners behind a proxy: whom sessions come from, and who is turned away. */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/lib/folder.h"
#include "tests/lib/network.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "PROXY TCP4 192.0.2.7 198.51.100.1 4711 6667\r\n"

static const char binary[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x11"
                             "\xc0\0\2\x08\xc6\x33\x64\1\x12\x68\x1a\x0b"
                             "\x04\0\2\n\n";

/* Tells who the session is from, before anything else is said. */
static int say_peer(struct pl_session *session, void *context)
{
    char text[PL_ADDRESS_TEXT];

    (void)context;
    return pl_session_printf(session, "%s %u\n", pl_session_peer(session, text, sizeof(text)),
                             pl_session_peer_port(session));
}

static size_t say_refused(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "refused: %s\n", pl_reason_text(reason));

    (void)context;
    return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

static const struct pl_service hooks = {
    .open = say_peer, .line = record_echo, .refuse = say_refused};

/* -- The server under test ------------------------------------------------------------------ */

/* Lines of the library's log that tell of somebody who was not believed. */
static atomic_uint told;

static void count_log(enum pl_log_level level, const char *text, void *argument)
{
    (void)argument;
    if (level == PL_LOG_WARNING && (strstr(text, "PROXY header") || strstr(text, "no gateway")))
        atomic_fetch_add(&told, 1);
}

static void set_gateways(struct engine *engine, const char *text, bool names_peers)
{
    struct pl_gateway gateways[2] = {{.proxy_protocol = true}, {.names_peers = true}};

    EXPECT_RESULT(pl_network_parse(text, &gateways[0].network), 0);
    gateways[1].network = gateways[0].network;
    EXPECT_RESULT(pl_server_set_gateways(engine->handle, gateways, names_peers ? 2 : 1), 0);
}

/* Behind any proxy of this machine. */
static struct engine *start_with(const struct pl_service *service,
                                 const struct pl_server_options *server, unsigned timeout)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;

    options.address = "*";
    options.proxy_protocol = true;
    options.proxy_timeout = timeout;
    engine = engine_prepare(service, server, &options);
    set_gateways(engine, "127.0.0.0/8", false);
    server_start(engine->server);
    atomic_store(&told, 0);
    return engine;
}

static struct engine *start(void)
{
    return start_with(&hooks, NULL, 0);
}

#define EXPECT_TOLD(count) expect_told(HERE, count)
static void expect_told(struct place place, unsigned count)
{
    uint64_t deadline = expect_deadline();

    while (atomic_load(&told) < count && expect_remaining(deadline) > 0)
        poll(NULL, 0, 1);
    if (atomic_load(&told) != count)
        expect_fail(place, "the log has %u lines, not %u", atomic_load(&told), count);
}

/* Closed without a word, and never seen by the service. */
#define EXPECT_UNSEEN(engine, peer) expect_unseen(HERE, engine, peer)
static void expect_unseen(struct place place, struct engine *engine, struct peer *peer)
{
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
    if (recorder_count(engine->recorder, RECORD_OPEN) > 0)
        expect_fail(place, "the service has seen it");
}

/* -- Headers -------------------------------------------------------------------------------- */

static void header_names_the_peer(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, HEADER);
    PEER_EXPECT(peer, "192.0.2.7 4711\n");
    ENGINE_PING(peer);
    peer_close(peer);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND(peer, binary, sizeof(binary) - 1);
    PEER_EXPECT(peer, "192.0.2.8 4712\n");
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
}

static void lines_may_follow_at_once(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, HEADER "one\r\ntwo\nthr");
    PEER_EXPECT(peer, "192.0.2.7 4711\none\r\ntwo\n");
    PEER_SEND_TEXT(peer, "ee\n" HEADER); /* the second is a line as any other */
    PEER_EXPECT(peer, "three\n" HEADER);
    peer_close(peer);
    engine_finish(engine);
}

/* Each byte has come before the next is sent. */
static void send_slowly(struct engine *engine, struct peer *peer, const char *data, size_t size)
{
    struct pl_stats stats;

    pl_server_stats(engine->handle, &stats);
    for (size_t i = 0; i < size; i++) {
        PEER_SEND(peer, data + i, 1);
        ENGINE_WAIT_BYTES_IN(engine, stats.bytes_in + i + 1);
    }
}

static void header_may_come_in_pieces(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    send_slowly(engine, peer, HEADER "one\n", sizeof(HEADER "one\n") - 1);
    PEER_EXPECT(peer, "192.0.2.7 4711\none\n");
    peer_close(peer);
    peer = PEER_CONNECT(engine->port);
    send_slowly(engine, peer, binary, sizeof(binary) - 2);
    PEER_SEND_TEXT(peer, "\ntwo\nthree\n");
    PEER_EXPECT(peer, "192.0.2.8 4712\ntwo\nthree\n");
    peer_close(peer);
    engine_finish(engine);
}

static void input_may_end_behind_it(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, HEADER "last");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "192.0.2.7 4711\nlast");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    engine_finish(engine);
}

static void without_a_name_the_peer_is_the_proxy(void)
{
    static const char local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);
    char text[64];

    PEER_SEND_TEXT(peer, "PROXY UNKNOWN\r\n");
    snprintf(text, sizeof(text), "127.0.0.1 %u\n", peer_local_port(peer));
    PEER_EXPECT(peer, text);
    peer_close(peer);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND(peer, local, sizeof(local) - 1);
    snprintf(text, sizeof(text), "127.0.0.1 %u\n", peer_local_port(peer));
    PEER_EXPECT(peer, text);
    peer_close(peer);
    engine_finish(engine);
}

static void a_proxy_may_come_through_a_unix_socket(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct engine *engine;
    struct peer *peer;

    options.path = path;
    options.proxy_protocol = true;
    engine = engine_prepare(&hooks, NULL, &options);
    set_gateways(engine, "0.0.0.0/0", false);
    server_start(engine->server);
    peer = PEER_OPEN(.path = path);
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    set_gateways(engine, "unix", false);
    peer = PEER_OPEN(.path = path);
    PEER_SEND_TEXT(peer, HEADER);
    PEER_EXPECT(peer, "192.0.2.7 4711\n");
    peer_close(peer);
    peer = PEER_OPEN(.path = path);
    PEER_SEND_TEXT(peer, "PROXY UNKNOWN\r\n");
    PEER_EXPECT(peer, "unix 0\n");
    peer_close(peer);
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void elsewhere_it_is_a_line(void)
{
    struct engine *engine = engine_start(&hooks);
    struct peer *peer;

    set_gateways(engine, "127.0.0.0/8", false);
    peer = PEER_CONNECT(engine->port);
    PEER_EXPECT_MATCH(peer, "127\\.0\\.0\\.1 .*");
    PEER_SEND_TEXT(peer, HEADER);
    PEER_EXPECT(peer, HEADER);
    peer_close(peer);
    engine_finish(engine);
}

/* -- Who is turned away --------------------------------------------------------------------- */

static void what_is_no_header_ends_the_connection(void)
{
    static const char *const wrong[] = {"one\n", "PROXY TCP4 192.0.2.7\r\n", &HEADER[1], "\n"};
    struct engine *engine = start();

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct peer *peer = PEER_CONNECT(engine->port);

        PEER_SEND_TEXT(peer, wrong[i]);
        EXPECT_UNSEEN(engine, peer);
    }
    EXPECT_TOLD(4);
    engine_finish(engine);
}

static void half_a_header_ends_the_connection(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND(peer, HEADER, sizeof(HEADER) - 2);
    PEER_HALF_CLOSE(peer);
    EXPECT_UNSEEN(engine, peer);
    EXPECT_TOLD(1);
    engine_finish(engine);
}

static void who_only_looks_is_nothing_to_tell_of(void)
{
    struct engine *engine = start();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_HALF_CLOSE(peer);
    EXPECT_UNSEEN(engine, peer);
    EXPECT_TOLD(0);
    engine_finish(engine);
}

static void header_must_come_in_time(void)
{
    struct engine *engine = start_with(&hooks, NULL, 1);
    struct peer *late = PEER_CONNECT(engine->port);
    struct peer *later = PEER_CONNECT(engine->port);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, HEADER);
    PEER_EXPECT(peer, "192.0.2.7 4711\n");
    PEER_SEND(later, HEADER, sizeof(HEADER) - 2);
    PEER_EXPECT_GONE(late);
    PEER_EXPECT_GONE(later);
    EXPECT_TOLD(2);
    ENGINE_PING(peer); /* its time is not bounded */
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 1);
    peer_close(late);
    peer_close(later);
    peer_close(peer);
    engine_finish(engine);
}

static void only_gateways_connect(void)
{
    struct peer_target stranger = {.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    struct engine *engine = start();
    struct peer *peer;

    stranger.port = engine->port;
    peer = peer_must_open(HERE, &stranger);
    (void)peer_send(peer, HEADER, sizeof(HEADER) - 1); /* it may have been closed by then */
    EXPECT_UNSEEN(engine, peer);
    EXPECT_TOLD(1);
    set_gateways(engine, NETWORK_OTHER_ADDRESS, false);
    peer = peer_must_open(HERE, &stranger);
    PEER_SEND_TEXT(peer, HEADER);
    PEER_EXPECT(peer, "192.0.2.7 4711\n");
    peer_close(peer);
    peer = PEER_CONNECT(engine->port); /* is none any more */
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    EXPECT_TOLD(2);
    EXPECT_RESULT(pl_server_set_gateways(engine->handle, NULL, 0), 0);
    peer = peer_must_open(HERE, &stranger);
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    EXPECT_TOLD(3);
    engine_finish(engine);
}

static void a_stop_does_not_wait_for_headers(void)
{
    struct engine *engine = start();
    struct peer *none = PEER_CONNECT(engine->port);
    struct peer *half = PEER_CONNECT(engine->port);

    PEER_SEND(half, HEADER, sizeof(HEADER) - 2);
    ENGINE_WAIT_BYTES_IN(engine, sizeof(HEADER) - 2);
    pl_server_drain(engine->handle, 60000);
    PEER_EXPECT_GONE(none);
    PEER_EXPECT_GONE(half);
    peer_close(none);
    peer_close(half);
    engine_finish(engine);
}

/* -- Counting ------------------------------------------------------------------------------- */

static struct peer *connect_for(struct engine *engine, const char *address)
{
    struct peer *peer = PEER_CONNECT(engine->port);
    char text[128];

    snprintf(text, sizeof(text), "PROXY TCP4 %s 198.51.100.1 4711 6667\r\n", address);
    PEER_SEND_TEXT(peer, text);
    return peer;
}

static struct engine *start_limited(const struct pl_service *service, unsigned per_address,
                                    unsigned connect_rate)
{
    struct pl_server_options options = suite_options();

    options.per_address = per_address;
    options.connect_rate = connect_rate;
    options.connect_burst = 1;
    return start_with(service, &options, 0);
}

#define EXPECT_REFUSED(peer, reason) expect_refused(HERE, peer, reason)
static void expect_refused(struct place place, struct peer *peer, enum pl_reason reason)
{
    char wanted[200];

    snprintf(wanted, sizeof(wanted), "refused: %s\n", pl_reason_text(reason));
    peer_must_receive_text(place, peer, wanted);
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
}

static void named_addresses_have_so_many_sessions(void)
{
    struct engine *engine = start_limited(&hooks, 1, 0);
    struct peer *one = connect_for(engine, "192.0.2.7");
    uint64_t deadline = expect_deadline();
    struct peer *other, *again;
    char *line;

    PEER_EXPECT(one, "192.0.2.7 4711\n");
    EXPECT_REFUSED(connect_for(engine, "192.0.2.7"), PL_REASON_PER_ADDRESS);
    other = connect_for(engine, "192.0.2.8");
    PEER_EXPECT(other, "192.0.2.8 4711\n");
    peer_close(one);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    for (;;) { /* the end is told before it is counted */
        again = connect_for(engine, "192.0.2.7");
        if (peer_next_line(again, &line) == 0 && strcmp(line, "192.0.2.7 4711") == 0)
            break;
        peer_close(again);
        EXPECT(expect_remaining(deadline) > 0, "nobody from there is served any more");
        poll(NULL, 0, 1);
    }
    EXPECT_REFUSED(connect_for(engine, "192.0.2.7"), PL_REASON_PER_ADDRESS);
    peer_close(other);
    peer_close(again);
    engine_finish(engine);
}

static void named_addresses_connect_so_often(void)
{
    struct engine *engine = start_limited(&hooks, 0, 1);
    struct peer *one = connect_for(engine, "192.0.2.7");
    struct peer *other = connect_for(engine, "192.0.2.8");

    PEER_EXPECT(one, "192.0.2.7 4711\n");
    PEER_EXPECT(other, "192.0.2.8 4711\n");
    EXPECT_REFUSED(connect_for(engine, "192.0.2.7"), PL_REASON_CONNECT_RATE);
    peer_close(one);
    peer_close(other);
    engine_finish(engine);
}

/* From an address that is not exempt; each waits for its header. */
static void the_proxy_itself_is_not_counted(void)
{
    struct engine *engine = start_limited(&hooks, 1, 1);
    struct peer_target target = {
        .address = NETWORK_ADDRESS, .port = engine->port, .from = NETWORK_OTHER_ADDRESS};
    struct peer *peers[5];
    char text[64];

    set_gateways(engine, NETWORK_OTHER_ADDRESS, false);
    for (unsigned i = 0; i < 5; i++)
        peers[i] = peer_must_open(HERE, &target);
    for (unsigned i = 0; i < 5; i++) {
        snprintf(text, sizeof(text), "PROXY TCP4 192.0.2.%u 198.51.100.1 %u 1\r\n", i + 1, i);
        PEER_SEND_TEXT(peers[i], text);
        snprintf(text, sizeof(text), "192.0.2.%u %u\n", i + 1, i);
        PEER_EXPECT(peers[i], text);
    }
    for (unsigned i = 0; i < 5; i++)
        peer_close(peers[i]);
    engine_finish(engine);
}

/* -- Names that the service is told --------------------------------------------------------- */

/* Each line is an address to be put in the place of the peer's, or "own". */
static void take_name(struct pl_session *session, const struct pl_line *line)
{
    char text[PL_ADDRESS_TEXT];
    int rc;

    snprintf(text, sizeof(text), "%.*s", (int)line->length, line->text);
    rc = pl_session_set_peer(session, strcmp(text, "own") == 0 ? NULL : text, 99);
    if (rc > 0)
        pl_session_printf(session, "%s\n", pl_reason_text((enum pl_reason)rc));
    else if (rc < 0)
        pl_session_printf(session, "no address\n");
    else
        say_peer(session, NULL);
}

static const struct pl_service naming = {
    .flags = PL_SERVICE_NAMES_PEERS, .line = take_name, .refuse = say_refused};

static struct engine *start_naming(void)
{
    struct pl_server_options server = suite_options();
    struct pl_listener_options listener = PL_LISTENER_OPTIONS;
    struct engine *engine;

    server.per_address = 1;
    listener.address = "*";
    engine = engine_prepare(&naming, &server, &listener);
    set_gateways(engine, NETWORK_OTHER_ADDRESS, true);
    server_start(engine->server);
    return engine;
}

static void service_names_the_peer(void)
{
    struct engine *engine = start_naming();
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "192.0.2.1\n2001:db8::1\n::ffff:192.0.2.2\nnobody\n192.0.2.3/32\n");
    PEER_EXPECT(peer, "192.0.2.1 99\n2001:db8::1 99\n192.0.2.2 99\nno address\nno address\n");
    PEER_SEND_TEXT(peer, "own\n");
    PEER_EXPECT(peer, "192.0.2.2 99\n");
    peer_close(peer);
    engine_finish(engine);
}

static void gateway_counts_as_whom_it_names(void)
{
    struct engine *engine = start_naming();
    struct peer_target target = {
        .address = NETWORK_ADDRESS, .port = engine->port, .from = NETWORK_OTHER_ADDRESS};
    struct peer *a = peer_must_open(HERE, &target);
    struct peer *b = peer_must_open(HERE, &target);
    struct peer *c = peer_must_open(HERE, &target);

    PEER_SEND_TEXT(a, "192.0.2.1\n");
    PEER_EXPECT(a, "192.0.2.1 99\n");
    PEER_SEND_TEXT(b, "192.0.2.1\n192.0.2.2\n192.0.2.2\n");
    PEER_EXPECT(b, "too many connections from your address\n192.0.2.2 99\n192.0.2.2 99\n");
    PEER_SEND_TEXT(a, "192.0.2.3\n");
    PEER_EXPECT(a, "192.0.2.3 99\n");
    PEER_SEND_TEXT(b, "192.0.2.1\n"); /* which is free now */
    PEER_EXPECT(b, "192.0.2.1 99\n");
    PEER_SEND_TEXT(c, "own\n");
    PEER_EXPECT_MATCH(c, "198\\.51\\.100\\.2 .*");
    PEER_SEND_TEXT(c, "own\n");
    PEER_EXPECT_MATCH(c, "198\\.51\\.100\\.2 .*");
    peer_close(a);
    a = peer_must_open(HERE, &target);
    PEER_SEND_TEXT(a, "own\n");
    PEER_EXPECT(a, "too many connections from your address\n");
    peer_close(a);
    peer_close(b);
    peer_close(c);
    engine_finish(engine);
}

static void session_knows_its_network(void)
{
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    struct pl_network network;

    EXPECT_RESULT(pl_network_parse("127.0.0.0/8", &network), 0);
    EXPECT(pl_session_is_from(session, &network), "not from 127.0.0.0/8");
    EXPECT_RESULT(pl_network_parse("128.0.0.0/8", &network), 0);
    EXPECT(!pl_session_is_from(session, &network), "from 128.0.0.0/8");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"header names the peer", header_names_the_peer},
        {"lines may follow at once", lines_may_follow_at_once},
        {"header may come in pieces", header_may_come_in_pieces},
        {"input may end behind it", input_may_end_behind_it},
        {"without a name the peer is the proxy", without_a_name_the_peer_is_the_proxy},
        {"what is no header ends the connection", what_is_no_header_ends_the_connection},
        {"only gateways connect", only_gateways_connect},
        {"a stop does not wait for headers", a_stop_does_not_wait_for_headers},
        {"named addresses have so many sessions", named_addresses_have_so_many_sessions},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"a proxy may come through a Unix socket", a_proxy_may_come_through_a_unix_socket},
        {"elsewhere it is a line", elsewhere_it_is_a_line},
        {"half a header ends the connection", half_a_header_ends_the_connection},
        {"who only looks is nothing to tell of", who_only_looks_is_nothing_to_tell_of},
        {"header must come in time", header_must_come_in_time},
        {"named addresses connect so often", named_addresses_connect_so_often},
        {"the proxy itself is not counted", the_proxy_itself_is_not_counted},
        {"service names the peer", service_names_the_peer},
        {"gateway counts as whom it names", gateway_counts_as_whom_it_names},
        {"session knows its network", session_knows_its_network},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    pl_set_log(count_log, NULL);
    return suite_main(argc, argv, "behind a proxy", each, once);
}
