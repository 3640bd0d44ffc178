/* SPDX-License-Identifier: MIT */
/*
 * paceline(8). The life of the daemon:
 *
 *  1. options, configuration (here). --check, --dump-config, --make-cert, --version and --help end here.
 *  2. start (serve.c): umask, descriptors, what the service manager has passed; with --daemon the
 *     fork, still with one thread; the pid file; the server and its signals; every socket bound,
 *     the control socket too; privileges given up; the log and the store opened; the ports written
 *     out. What goes wrong up to here is said on standard error, and nobody was served.
 *  3. pl_server_run(): the main thread becomes one of the pool's. The first event tells whoever
 *     waits (the process in the foreground, the service manager) that the daemon is ready.
 *  4. Events: clients (src/talk, src/echo), operators (control.c), SIGHUP (reload.c, in a thread of
 *     its own), the watchdog's timer.
 *  5. SIGTERM, SIGINT or an operator begin the drain, a second signal ends it at once;
 *     pl_server_run() returns, everything is taken down, exit.
 *
 * The root of everything is `daemon` in main(); there are no other variables that live as long.
 */
#include "config.h"

#include "config/default.h"
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/make_cert.h"
#include "daemon/prepare.h"
#include "daemon/serve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether all that was written to standard output has arrived. */
static int finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return DAEMON_STOPPED;
    fprintf(stderr, "paceline: standard output: %s\n", strerror(errno));
    return DAEMON_FAILED;
}

/* 0, or the exit status after it was said what is wrong. */
static int load(struct daemon *daemon)
{
    struct config_errors errors;
    int rc;

    config_errors_init(&errors);
    rc = config_load_default(daemon->options.config, &daemon->config, &daemon->config_source,
                             &errors);
    config_errors_print(&errors, stderr);
    config_errors_deinit(&errors);
    if (rc >= 0)
        return rc == 0 ? 0 : DAEMON_CONFIG;
    fprintf(stderr, "paceline: %s\n", strerror(-rc));
    return DAEMON_FAILED;
}

static int act(struct daemon *daemon)
{
    int rc;

    switch (daemon->options.action) {
    case OPTIONS_CHECK:
        rc = check(daemon);
        return rc == DAEMON_STOPPED ? finish_output() : rc;
    case OPTIONS_DUMP_CONFIG:
        rc = config_dump(daemon->config, stdout);
        if (rc == 0)
            return finish_output();
        fprintf(stderr, "paceline: standard output: %s\n", strerror(-rc));
        return DAEMON_FAILED;
    case OPTIONS_MAKE_CERT:
        rc = make_cert(daemon);
        return rc == DAEMON_STOPPED ? finish_output() : rc;
    default:
        return serve(daemon);
    }
}

/* All up to the end, of which the status is returned. */
static int begin(struct daemon *daemon, int argc, char **argv)
{
    int status;

    if (options_parse(&daemon->options, argc, argv) < 0)
        return DAEMON_USAGE;
    if (daemon->options.action == OPTIONS_HELP) {
        options_help(stdout);
        return finish_output();
    }
    if (daemon->options.action == OPTIONS_VERSION) {
        printf("paceline %s\n", pl_version());
        return finish_output();
    }
    status = load(daemon);
    if (status == 0)
        status = act(daemon);
    config_unref(daemon->config);
    return status;
}

int main(int argc, char **argv)
{
    struct daemon daemon = {0};
    int status;

    if (prepare_streams() < 0)
        return DAEMON_FAILED;
    restart_init(&daemon.restart, argv);
    status = begin(&daemon, argc, argv);
    if (status == DAEMON_STOPPED && atomic_load(&daemon.again)) {
        fprintf(stderr, "paceline: cannot start again: %s\n",
                strerror(-restart_now(&daemon.restart)));
        status = DAEMON_FAILED;
    }
    restart_deinit(&daemon.restart);
    return status;
}
