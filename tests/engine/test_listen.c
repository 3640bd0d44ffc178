/* SPDX-License-Identifier: MIT */
/* Listeners: where they can be, and how they come and go. */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/lib/folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A service that says who the peer is. */
static void tell_peer(struct pl_session *session, const struct pl_line *line)
{
    char text[PL_ADDRESS_TEXT];
    uint32_t uid = 0, gid = 0;
    int credentials = pl_session_credentials(session, &uid, &gid);

    (void)line;
    pl_session_printf(session, "%s %u %s", pl_session_peer(session, text, sizeof(text)),
                      pl_session_peer_port(session),
                      pl_session_is_local(session) ? "local" : "remote");
    if (credentials == 0)
        pl_session_printf(session, " uid %u gid %u", (unsigned)uid, (unsigned)gid);
    pl_session_printf(session, "\n");
}

static const struct pl_service who_service = {.line = tell_peer};

static struct pl_listener_options at_address(const char *address)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.address = address;
    return options;
}

static struct pl_listener_options at_path(const char *path)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.path = path;
    return options;
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        close(fd);
    if (!have)
        fputs("(no IPv6 here) ", stderr);
    return have;
}

static void expect_who(const struct peer_target *target, const char *address, const char *rest)
{
    struct peer *peer = peer_must_open(HERE, target);
    char wanted[200];

    PEER_SEND_TEXT(peer, "who am I\n");
    snprintf(wanted, sizeof(wanted), "%s %u %s", address, peer_local_port(peer), rest);
    PEER_EXPECT_LINE(peer, wanted);
    peer_close(peer);
}

static void ipv6_is_served(void)
{
    struct pl_listener_options options = at_address("::1");
    struct engine *engine;

    if (!have_ipv6())
        return;
    engine = engine_start_with(&who_service, &options);
    expect_who(&(struct peer_target){.address = "::1", .port = engine->port}, "::1", "local");
    engine_finish(engine);
}

static void star_is_every_address_of_both_families(void)
{
    struct pl_listener_options options = at_address("*");
    struct engine *engine = engine_start_with(&who_service, &options);

    expect_who(&(struct peer_target){.port = engine->port}, "127.0.0.1", "local");
    if (have_ipv6())
        expect_who(&(struct peer_target){.address = "::1", .port = engine->port}, "::1", "local");
    engine_finish(engine);
}

static void no_address_is_the_loopback_address(void)
{
    struct pl_listener_options options = at_address(NULL);
    struct engine *engine = engine_start_with(&who_service, &options);

    expect_who(&(struct peer_target){.port = engine->port}, "127.0.0.1", "local");
    engine_finish(engine);
}

static void unix_socket_knows_who_is_there(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct pl_listener_options options = at_path(path);
    struct engine *engine = engine_start_with(&who_service, &options);
    char wanted[100];

    EXPECT_RESULT(engine->port, 0);
    snprintf(wanted, sizeof(wanted), "local uid %u gid %u", (unsigned)getuid(), (unsigned)getgid());
    expect_who(&(struct peer_target){.path = path}, "unix", wanted);
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void unix_peer_that_closes_is_served_to_its_end(void)
{
    static const struct pl_service hooks = {.name = "silent"};
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct pl_listener_options options = at_path(path);
    struct engine *engine = engine_start_with(&hooks, &options);
    struct peer *peer;
    size_t i;

    for (i = 0; i < 50; i++) {
        peer = PEER_OPEN(.path = path);
        PEER_SEND_TEXT(peer, "one\ntwo\nthree");
        peer_close(peer);
        EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, i)->detail, PL_REASON_EOF);
        EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 3 * (i + 1));
    }
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void unix_socket_has_the_mode_asked_for(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct pl_listener_options options = at_path(path);
    struct engine *engine;
    struct stat status;

    options.path_mode = 0600;
    engine = engine_start_with(&who_service, &options);
    EXPECT_RESULT(stat(path, &status), 0);
    EXPECT_RESULT(status.st_mode & 0777, 0600);
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void old_unix_socket_is_replaced(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct pl_listener_options options = at_path(path);
    struct sockaddr_un_path {
        sa_family_t family;
        char path[108];
    } address = {.family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct engine *engine;
    struct peer *peer;

    snprintf(address.path, sizeof(address.path), "%s", path);
    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind: %s",
           strerror(errno));
    close(fd); /* its name stays behind */
    engine = engine_start_with(&suite_echo, &options);
    peer = PEER_OPEN(.path = path);
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void file_that_is_no_socket_is_left_alone(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "precious");
    struct pl_listener_options options = at_path(path);
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    FILE *file = fopen(path, "w");
    struct stat status;

    EXPECT(file && fputs("precious", file) >= 0 && fclose(file) == 0, "%s", strerror(errno));
    EXPECT(pl_server_listen(engine->handle, recorder_service(engine->recorder), engine->recorder,
                            &options, NULL) < 0,
           "it was taken for a socket");
    EXPECT_RESULT(stat(path, &status), 0);
    EXPECT(S_ISREG(status.st_mode) && status.st_size == 8, "it was touched");
    engine_finish(engine);
    free(path);
    folder_remove(folder);
}

static void socket_can_be_taken_over(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* a blocking one */
    struct engine *engine;
    struct peer *peer;

    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               listen(fd, 10) == 0,
           "%s", strerror(errno));
    options.fd = fd;
    engine = engine_start_with(&suite_echo, &options);
    EXPECT(engine->port > 0, "it has no port");
    peer = PEER_CONNECT(engine->port);
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
}

static int listen_at(struct engine *engine, const struct pl_listener_options *options,
                     struct pl_listener **listener)
{
    return pl_server_listen(engine->handle, recorder_service(engine->recorder), engine->recorder,
                            options, listener);
}

static void port_in_use_is_an_error(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer;

    options.port = engine->port;
    EXPECT_RESULT(listen_at(engine, &options, NULL), -EADDRINUSE);
    peer = PEER_CONNECT(engine->port);
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
}

static void port_can_be_used_again_at_once(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct pl_session *session;
    struct peer *peer;
    int i;

    for (i = 0; i < 3; i++) {
        engine = engine_start_with(&suite_echo, &options);
        options.port = engine->port;
        peer = PEER_CONNECT(engine->port);
        session = ENGINE_SESSION(engine, 0);
        pl_session_close(session); /* the server's end goes first and keeps the port a while */
        pl_session_unref(session);
        PEER_EXPECT_END(peer);
        peer_close(peer);
        engine_finish(engine);
    }
}

static void senseless_options_are_refused(void)
{
    struct pl_listener_options good = PL_LISTENER_OPTIONS;
    struct pl_listener_options bad;
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);

    bad = good;
    bad.address = "no such address";
    EXPECT_RESULT(listen_at(engine, &bad, NULL), -EINVAL);
    bad = good;
    bad.port = 65536;
    EXPECT_RESULT(listen_at(engine, &bad, NULL), -EINVAL);
    bad = good;
    bad.max_line = 0;
    EXPECT_RESULT(listen_at(engine, &bad, NULL), -EINVAL);
    bad = at_path("/nonexistent/folder/socket");
    EXPECT(listen_at(engine, &bad, NULL) < 0, "a socket in no folder");
    bad = at_path("/tmp/a-name-that-is-too-long-for-a-unix-socket-"
                  "0123456789012345678901234567890123456789012345678901234567890123456789");
    EXPECT(listen_at(engine, &bad, NULL) < 0, "a socket with too long a name");
    engine_finish(engine);
}

static void expect_no_server(struct pl_server_options options)
{
    struct pl_server *server = NULL;

    EXPECT_RESULT(pl_server_new(&options, &server), -EINVAL);
}

static void senseless_servers_are_refused(void)
{
    struct pl_server_options options = suite_options();

    options.model = "no-such-model";
    expect_no_server(options);
    options = suite_options();
    options.batch = 0;
    expect_no_server(options);
    options.batch = 1025;
    expect_no_server(options);
}

static void threads_follow_the_processors_by_default(void)
{
    struct pl_server_options options = suite_options();
    struct engine *engine;
    struct pl_stats stats;
    struct peer *peer;

    options.threads = 0;
    engine = engine_prepare(&suite_echo, &options, NULL);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    ENGINE_PING(peer);
    pl_server_stats(engine->handle, &stats);
    EXPECT(stats.threads >= 1 && stats.threads <= 10000, "%u threads", stats.threads);
    peer_close(peer);
    engine_finish(engine);
}

static int greet(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_printf(session, "another service\n");
}

static void listeners_have_services_of_their_own(void)
{
    static const struct pl_service hooks = {.open = greet};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct recorder *recorder = recorder_new(&hooks);
    struct pl_listener *second;
    struct peer *a, *b;

    EXPECT_RESULT(
        pl_server_listen(engine->handle, recorder_service(recorder), recorder, &options, &second),
        0);
    server_start(engine->server);
    a = PEER_CONNECT(engine->port);
    b = PEER_CONNECT(pl_listener_port(second));
    ENGINE_PING(a);
    PEER_EXPECT(b, "another service\n");
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
    recorder_check(recorder);
    recorder_free(recorder);
}

static void listener_may_come_while_the_server_runs(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = engine_start(&suite_echo);
    struct pl_listener *second;
    struct peer *a = PEER_CONNECT(engine->port);
    struct peer *b;

    ENGINE_PING(a);
    EXPECT_RESULT(listen_at(engine, &options, &second), 0);
    b = PEER_CONNECT(pl_listener_port(second));
    ENGINE_PING(b);
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
}

/* Connects until nobody listens any more, "now or very soon". */
static void expect_refused(unsigned port)
{
    uint64_t deadline = expect_deadline();
    struct peer *peer;
    int result;

    while ((result = peer_open(&(struct peer_target){.port = port}, &peer)) == 0) {
        peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "it still listens");
        poll(NULL, 0, 1);
    }
    EXPECT(result == -ECONNREFUSED || result == -ECONNRESET, "%s", strerror(-result));
}

static void sessions_outlive_their_listener(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    ENGINE_PING(peer);
    pl_listener_close(engine->listener);
    expect_refused(engine->port);
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
}

static void listeners_come_and_go_under_load(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);
    struct pl_listener *listener;
    struct peer *others[4];
    int i, k;

    for (i = 0; i < 50; i++) {
        EXPECT_RESULT(listen_at(engine, &options, &listener), 0);
        for (k = 0; k < 4; k++)
            others[k] = PEER_CONNECT(pl_listener_port(listener));
        PEER_SEND_TEXT(peer, "ping\n");
        pl_listener_close(listener); /* with connections that may not have been accepted yet */
        PEER_EXPECT(peer, "ping\n");
        for (k = 0; k < 4; k++)
            peer_close(others[k]);
    }
    peer_close(peer);
    engine_finish(engine);
}

static void new_limits_hold_for_new_sessions(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = engine_start(&suite_echo);
    struct peer *old = PEER_CONNECT(engine->port);
    struct peer *new;

    ENGINE_PING(old);
    options.max_line = 8;
    EXPECT_RESULT(pl_listener_set_limits(engine->listener, &options), 0);
    new = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(old, "longer than eight\nok\n");
    PEER_EXPECT(old, "longer than eight\nok\n");
    PEER_SEND_TEXT(new, "longer than eight\nok\n");
    PEER_EXPECT(new, "ok\n");
    options.max_line = 0;
    EXPECT_RESULT(pl_listener_set_limits(engine->listener, &options), -EINVAL);
    peer_close(old);
    peer_close(new);
    engine_finish(engine);
}

enum { COMERS = 150, OPENING_MAX = 64 };

static int open_at_gate(struct pl_session *session, void *context)
{
    (void)session;
    gate_pass(recorder_user(context));
    return 0;
}

/* Where a thread accepts that the gate does not hold, it runs into the limit. */
static void wait_until_accepting_waits(struct engine *engine)
{
    uint64_t deadline = expect_deadline();

    while (pl_server_limit_hits(engine->handle, PL_LIMIT_OPENING) == 0) {
        EXPECT(expect_remaining(deadline) > 0, "accepting goes on and on");
        poll(NULL, 0, 1);
    }
}

static void accepting_waits_for_those_who_open(void)
{
    static const struct pl_service hooks = {.open = open_at_gate, .line = record_echo};
    unsigned threads = suite_options().threads;
    /* Who accepts for all may be held by the first of its own. */
    unsigned held = suite_serving() == SUITE_ONE_THREAD && !suite_accepts_apart() ? 1 : threads;
    struct peer *peers[COMERS];
    struct gate *gate = gate_new();
    struct engine *engine;
    struct pl_stats stats;

    if (suite_serving() != SUITE_OWN_THREAD) {
        engine = engine_prepare(&hooks, NULL, NULL);
        recorder_set_user(engine->recorder, gate);
        server_start(engine->server);
        for (int i = 0; i < COMERS; i++)
            peers[i] = PEER_CONNECT(engine->port);
        GATE_WAIT(gate, held); /* all others wait */
        if (suite_accepts_apart())
            wait_until_accepting_waits(engine);
        pl_server_stats(engine->handle, &stats);
        EXPECT(stats.accepted <= threads + OPENING_MAX, "%llu are accepted",
               (unsigned long long)stats.accepted);
        gate_open(gate);
        for (int i = 0; i < COMERS; i++)
            ENGINE_PING(peers[i]);
        for (int i = 0; i < COMERS; i++)
            peer_close(peers[i]);
        engine_finish(engine);
    }
    gate_free(gate);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"IPv6 is served", ipv6_is_served},
        {"* is every address of both families", star_is_every_address_of_both_families},
        {"a Unix socket knows who is there", unix_socket_knows_who_is_there},
        {"a Unix peer that closes is served to its end",
         unix_peer_that_closes_is_served_to_its_end},
        {"a socket can be taken over", socket_can_be_taken_over},
        {"a port in use is an error", port_in_use_is_an_error},
        {"a port can be used again at once", port_can_be_used_again_at_once},
        {"listeners have services of their own", listeners_have_services_of_their_own},
        {"a listener may come while the server runs", listener_may_come_while_the_server_runs},
        {"sessions outlive their listener", sessions_outlive_their_listener},
        {"listeners come and go under load", listeners_come_and_go_under_load},
        {"new limits hold for new sessions", new_limits_hold_for_new_sessions},
        {"accepting waits for those who open", accepting_waits_for_those_who_open},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"no address is the loopback address", no_address_is_the_loopback_address},
        {"a Unix socket has the mode asked for", unix_socket_has_the_mode_asked_for},
        {"an old Unix socket is replaced", old_unix_socket_is_replaced},
        {"a file that is no socket is left alone", file_that_is_no_socket_is_left_alone},
        {"senseless options are refused", senseless_options_are_refused},
        {"senseless servers are refused", senseless_servers_are_refused},
        {"threads follow the processors by default", threads_follow_the_processors_by_default},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "listen", each, once);
}
