/* SPDX-License-Identifier: MIT */
/* The daemon when one allocation fails: at any point of its start, and of a reload. */
#include "config.h"

#include "base/clock.h"
#include "config/default.h"
#include "daemon/daemon.h"
#include "daemon/history.h"
#include "daemon/serve.h"
#include "daemon/storage.h"
#include "store/store.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/peer.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static char *file;

static void configure(const char *listeners)
{
    FILE *out = fopen(file, "w");

    EXPECT(out, "%s: %s", file, strerror(errno));
    fprintf(out,
            "server: { state_dir = \"%s\"; };\n"
            "limits: { drain_timeout = 0; };\n"
            "log: { level = \"error\"; };\n"
            "listeners = ( %s );\n",
            folder, listeners);
    EXPECT(fclose(out) == 0, "%s: %s", file, strerror(errno));
}

static void begin(const char *listeners)
{
    folder = folder_new();
    EXPECT(folder, "no folder");
    file = folder_path(folder, "paceline.conf");
    configure(listeners);
}

static void end(void)
{
    free(file);
    folder_remove(folder);
}

static struct config *load(const char **source)
{
    struct config_errors errors;
    struct config *config = NULL;

    config_errors_init(&errors);
    EXPECT(config_load_default(file, &config, source, &errors) == 0, "%s",
           errors.count ? errors.messages[0] : "?");
    return config;
}

/* -- Start ---------------------------------------------------------------------------------- */

/* In a child: a whole life, whose Nth allocation fails. Its exit status, or 9 if none failed. */
static int live(long n)
{
    struct daemon daemon = {.options.config = file};
    int null = open("/dev/null", O_WRONLY);
    sigset_t term;
    int status;

    /* The signal waits until the daemon watches for it: it then stops as soon as it serves. */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    if (null < 0 || dup2(null, STDERR_FILENO) < 0 || sigprocmask(SIG_BLOCK, &term, NULL) < 0 ||
        kill(getpid(), SIGTERM) < 0)
        return 99;
    close(null);
    daemon.config = load(&daemon.config_source);
    failmalloc_after(n);
    status = serve(&daemon);
    failmalloc_off();
    config_unref(daemon.config);
    return status == 0 && !failmalloc_fired() ? 9 : status;
}

static int live_in_child(long n)
{
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    EXPECT(child >= 0, "fork: %s", strerror(errno));
    if (child == 0)
        exit(live(n)); /* not _exit(), so that leaks are looked for */
    EXPECT(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    EXPECT(WIFEXITED(status), "killed by signal %d at allocation %ld", WTERMSIG(status), n);
    return WEXITSTATUS(status);
}

static void a_start_without_memory_ends_with_1_or_works(void)
{
    int failures = 0;
    int status = 0;
    long n;

    begin("{ service = \"echo\"; port = 0; }, { service = \"talk\"; path = \"talk.sock\"; }");
    for (n = 1; status != 9; n++) {
        status = live_in_child(n);
        EXPECT(status == 0 || status == 1 || status == 9, "status %d at allocation %ld", status, n);
        failures += status == 1;
    }
    CU_ASSERT(failures > 10);
    end();
}

/* -- Reload --------------------------------------------------------------------------------- */

struct outcome {
    int done; /* eventfd */
    int result;
    size_t messages;
};

static void on_done(int result, const struct config_errors *messages, void *argument)
{
    struct outcome *outcome = argument;

    outcome->result = result;
    outcome->messages = messages->count;
    if (eventfd_write(outcome->done, 1) < 0)
        abort();
}

static void *run_server(void *argument)
{
    struct daemon *daemon = argument;

    atomic_store(&daemon->exit_status, pl_server_run(daemon->server));
    return NULL;
}

/* As much of a daemon as a reload needs. */
static void build(struct daemon *daemon)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct services_settings settings;
    struct config_errors errors;
    struct chat_cloak_key key;

    *daemon = (struct daemon){.notify.fd = -1, .state.fd = -1, .config_path = file};
    config_errors_init(&errors);
    logging_init(&daemon->logging);
    pl_set_log(NULL, NULL); /* what fails here is meant to */
    reload_init(&daemon->reload);
    pli_mutex_init(&daemon->lock, PLI_RANK_CONFIG);
    daemon->config = load(&daemon->config_source);
    EXPECT_RESULT(state_init(&daemon->state, daemon->config), 0);
    options.threads = 2;
    EXPECT_RESULT(pl_server_new(&options, &daemon->server), 0);
    EXPECT_RESULT(chat_cloak_key_make(&key), 0);
    EXPECT_RESULT(services_read(&settings, daemon->config, folder, &errors), 0);
    EXPECT_RESULT(services_init(&daemon->services, &settings, &key), 0);
    services_settings_deinit(&settings);
    EXPECT_RESULT(listeners_open(&daemon->listeners, daemon, daemon->config, &errors), 0);
}

static void take_down(struct daemon *daemon, pthread_t thread)
{
    pl_server_stop(daemon->server);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(atomic_load(&daemon->exit_status), 0);
    reload_deinit(&daemon->reload);
    storage_stop(daemon);
    daemon_history_stop(daemon);
    pl_server_free(daemon->server);
    services_deinit(&daemon->services);
    daemon_history_free(daemon);
    store_close(daemon->store);
    free(daemon->store_path);
    listeners_let_go(&daemon->listeners);
    listeners_free(&daemon->listeners);
    state_deinit(&daemon->state);
    config_unref(daemon->config);
    pli_mutex_deinit(&daemon->lock);
    logging_deinit(&daemon->logging);
}

/* Whether the N-th allocation of a reload fails it; it is over then. */
static bool reload_fails(struct daemon *daemon, struct outcome *outcome, long n, bool *fired)
{
    struct pollfd poller = {.fd = outcome->done, .events = POLLIN};
    eventfd_t count;
    int rc;

    failmalloc_after(n);
    rc = reload_request(daemon, on_done, outcome);
    if (rc == 0) {
        EXPECT(poll(&poller, 1, expect_remaining(expect_deadline())) == 1, "no end of a reload");
        EXPECT(eventfd_read(outcome->done, &count) == 0, "eventfd: %s", strerror(errno));
        rc = outcome->result;
    }
    *fired = failmalloc_fired();
    failmalloc_off();
    EXPECT(rc == 0 || rc == -ENOMEM || (rc == CONFIG_INVALID && outcome->messages > 0),
           "a reload ends with %d at allocation %ld", rc, n);
    return rc != 0;
}

static bool is_served(const char *name)
{
    char *path = folder_path(folder, name);
    struct peer *peer;
    char *line;
    int rc = peer_open(&(struct peer_target){.path = path}, &peer);

    free(path);
    if (rc < 0)
        return false;
    rc = peer_send(peer, "hello\n", 6);
    if (rc == 0)
        rc = peer_next_line(peer, &line);
    if (rc == 0 && strcmp(line, "hello") != 0)
        rc = -EPROTO;
    peer_close(peer);
    return rc == 0;
}

#define BEFORE                                                                                     \
    "{ service = \"echo\"; path = \"kept\"; }, { service = \"echo\"; path = \"changed\"; },"       \
    " { service = \"echo\"; path = \"gone\"; }"
#define AFTER                                                                                      \
    "{ service = \"echo\"; path = \"kept\"; }, { service = \"talk\"; path = \"changed\"; },"       \
    " { service = \"echo\"; path = \"new\"; }"

static void a_reload_without_memory_changes_all_or_nothing(void)
{
    struct outcome outcome = {.done = eventfd(0, EFD_CLOEXEC)};
    struct daemon daemon;
    pthread_t thread;
    bool fired = true;
    int failures = 0;
    long n;

    EXPECT(outcome.done >= 0, "eventfd: %s", strerror(errno));
    begin(BEFORE);
    build(&daemon);
    EXPECT(pthread_create(&thread, NULL, run_server, &daemon) == 0, "pthread_create");
    for (n = 1; fired; n++) {
        bool failed;

        configure(AFTER);
        failed = reload_fails(&daemon, &outcome, n, &fired);
        failures += failed;
        EXPECT(is_served("kept"), "a listener is lost at allocation %ld", n);
        EXPECT(is_served("changed") == failed, "one half of a reload at allocation %ld", n);
        EXPECT(is_served("gone") == failed, "one half of a reload at allocation %ld", n);
        EXPECT(is_served("new") == !failed, "one half of a reload at allocation %ld", n);
        configure(BEFORE);
        EXPECT(!reload_fails(&daemon, &outcome, 1000000, &failed), "no way back");
    }
    CU_ASSERT(failures > 10);
    take_down(&daemon, thread);
    close(outcome.done);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a start without memory ends with 1 or works",
         a_start_without_memory_ends_with_1_or_works},
        {"a reload without memory changes all or nothing",
         a_reload_without_memory_changes_all_or_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "daemon memory", tests);
}
