/* SPDX-License-Identifier: MIT */
/*
 * Starting is a sequence of steps, each of which can fail; none serves anybody. When all have
 * succeeded the server runs, and its first event says so to whoever waits for it: the process that
 * --daemon has left in the foreground, and the service manager.
 *
 * Ending takes everything down in the opposite order, whatever has been built.
 */
#include "config.h"

#include "daemon/serve.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/default.h"
#include "daemon/classes.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/gateways.h"
#include "daemon/history.h"
#include "daemon/key.h"
#include "daemon/prepare.h"
#include "daemon/status.h"
#include "daemon/storage.h"
#include "daemon/tls.h"
#include "store/store.h"
#include "transport/gateways.h"
#include "transport/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a step returns when the process has nothing more to do: see detach_fork(). */
enum { IS_PARENT = 2 };

/* Says what failed, for which no line of the configuration is to blame. */
static int fail(const char *what, int error)
{
    fprintf(stderr, "paceline: %s: %s\n", what, strerror(-error));
    return error;
}

/* -- Events while it runs ------------------------------------------------------------------- */

static void tell_manager(struct daemon *daemon, const char *what)
{
    int rc;

    if (daemon->notify.fd < 0)
        return;
    pl_blocking_begin();
    rc = notify_send(&daemon->notify, "%s", what);
    pl_blocking_end();
    if (rc < 0)
        pli_log(PL_LOG_WARNING, "the service manager cannot be told: %s", strerror(-rc));
}

/* The first event: the threads run, every socket is bound. */
static void on_started(void *argument)
{
    struct daemon *daemon = argument;
    const char *source;
    int rc;

    pli_lock(&daemon->lock);
    source = daemon->config_source;
    pli_unlock(&daemon->lock);
    pli_log(PL_LOG_INFO, "paceline %s serves, configured by %s, model %s", pl_version(), source,
            daemon->model);
    rc = detach_ready(&daemon->detach);
    if (rc < 0) {
        pli_log(PL_LOG_ERROR, "cannot go into the background: %s", strerror(-rc));
        atomic_store(&daemon->exit_status, DAEMON_FAILED);
        pl_server_stop(daemon->server);
        return;
    }
    tell_manager(daemon, "READY=1\nSTATUS=Serving");
    if (daemon->watchdog)
        pl_timer_set(daemon->watchdog, daemon->notify.watchdog);
}

/* Comes from the threads that serve, so that a pool that hangs is found out. */
static void on_watchdog(void *argument)
{
    struct daemon *daemon = argument;

    tell_manager(daemon, "WATCHDOG=1");
    pl_timer_set(daemon->watchdog, daemon->notify.watchdog);
}

void serve_drain(struct daemon *daemon)
{
    unsigned seconds;

    if (atomic_exchange(&daemon->stopping, true))
        return;
    pli_lock(&daemon->lock);
    seconds = daemon->config->limits.drain_timeout;
    listeners_let_go(&daemon->listeners);
    pli_unlock(&daemon->lock);
    pli_log(PL_LOG_INFO, "stopping; clients have %u seconds to take what is theirs", seconds);
    tell_manager(daemon, "STOPPING=1\nSTATUS=Stopping");
    pl_server_drain(daemon->server, seconds * 1000);
}

static void on_stop_signal(int signal, void *argument)
{
    struct daemon *daemon = argument;

    if (atomic_fetch_add(&daemon->signals, 1) == 0) {
        pli_log(PL_LOG_INFO, "asked to stop by signal %d", signal);
        serve_drain(daemon);
    } else {
        pli_log(PL_LOG_INFO, "asked to stop again, at once");
        pl_server_stop(daemon->server);
    }
}

static void on_reload_signal(int signal, void *argument)
{
    int rc = reload_request(argument, NULL, NULL);

    (void)signal;
    if (rc < 0 && rc != -ECANCELED)
        pli_log(PL_LOG_ERROR, "the configuration stays as it was: %s", strerror(-rc));
}

/* -- Starting ------------------------------------------------------------------------------- */

/* Whom the daemon is to become. */
static int find_user(struct daemon *daemon, struct config_errors *errors)
{
    const char *user = daemon->config->server.user;
    int rc;

    if (!*user)
        return 0;
    rc = privileges_find(&daemon->privileges, user);
    if (rc == 0 && daemon->privileges.uid == geteuid()) {
        privileges_deinit(&daemon->privileges); /* it is that user already */
    } else if (rc == 0 && geteuid() != 0) {
        pli_log(PL_LOG_WARNING, "server.user is left aside: only root can become %s", user);
        privileges_deinit(&daemon->privileges);
    }
    if (rc == 0 || rc == -ENOMEM)
        return rc;
    config_errors_add(errors, config_place_of(daemon->config, "server", "user"), "server.user",
                      "%s: %s", user,
                      rc == -ENOENT  ? "there is no such user"
                      : rc == -EPERM ? "the daemon gives privileges up, so it cannot become root"
                                     : strerror(-rc));
    return CONFIG_INVALID;
}

/* What the environment and the command line say, before anything is opened. */
static int take_stock(struct daemon *daemon, struct config_errors *errors)
{
    bool leaves = daemon->options.detach;
    int rc = notify_init(&daemon->notify);

    if (rc < 0)
        pli_log(PL_LOG_WARNING, "the service manager cannot be told: %s", strerror(-rc));
    rc = activation_init(&daemon->activation, errors);
    if (rc == 0)
        rc = find_user(daemon, errors);
    if (rc == 0)
        rc = state_init(&daemon->state, daemon->config);
    if (rc == 0)
        rc = prepare_path(daemon->options.config, leaves, &daemon->config_path);
    if (rc == 0)
        rc = prepare_path(daemon->options.pidfile, leaves, &daemon->pidfile_path);
    return rc;
}

/* Into the background, if so asked; in the parent *STATUS is what to exit with. */
static int detach(struct daemon *daemon, int *status)
{
    int rc;

    if (!daemon->options.detach)
        return 0;
    rc = detach_fork(&daemon->detach, status);
    if (rc < 0)
        return fail("cannot go into the background", rc);
    return rc > 0 ? IS_PARENT : 0;
}

static int write_pidfile(struct daemon *daemon)
{
    int rc;

    if (!daemon->pidfile_path)
        return 0;
    rc = pidfile_create(&daemon->pidfile, daemon->pidfile_path);
    if (rc == -EEXIST)
        fprintf(stderr, "paceline: %s: held by a process that runs\n", daemon->pidfile_path);
    else if (rc < 0)
        fail(daemon->pidfile_path, rc);
    return rc;
}

static int watch_signals(struct daemon *daemon)
{
    int rc = pl_server_on_signal(daemon->server, SIGTERM, on_stop_signal, daemon);

    if (rc == 0)
        rc = pl_server_on_signal(daemon->server, SIGINT, on_stop_signal, daemon);
    if (rc == 0)
        rc = pl_server_on_signal(daemon->server, SIGHUP, on_reload_signal, daemon);
    return rc;
}

static int set_gateways(struct daemon *daemon)
{
    struct pli_gateways *gateways;
    int rc = gateways_make(daemon->config, &gateways);

    if (rc == 0)
        pli_server_put_gateways(daemon->server, gateways);
    return rc;
}

static int make_server(struct daemon *daemon)
{
    const struct config *config = daemon->config;
    struct pl_server_options options = PL_SERVER_OPTIONS;
    int rc;

    options.model = daemon->model = config->pool.model;
    options.threads = config->pool.threads;
    options.spare_threads = config->pool.spare_threads;
    options.batch = config->pool.batch;
    options.queue = config->pool.queue;
    options.connection_threads = config->pool.connection_threads;
    options.helper_threads = config->pool.helper_threads;
    options.helper_queue = config->pool.helper_queue;
    options.max_sessions = config->limits.connections;
    options.per_address = config->limits.per_address;
    options.connect_rate = config->limits.connect_rate;
    options.connect_burst = config->limits.connect_burst;
    options.prefix_ipv4 = config->limits.prefix_ipv4;
    options.prefix_ipv6 = config->limits.prefix_ipv6;
    rc = pl_server_new(&options, &daemon->server);
    if (rc == 0)
        rc = set_gateways(daemon);
    if (rc == 0)
        rc = classes_set(daemon, config);
    if (rc == 0)
        rc = watch_signals(daemon);
    if (rc == 0 && daemon->notify.watchdog > 0)
        rc = pl_timer_new(daemon->server, on_watchdog, daemon, &daemon->watchdog);
    if (rc == 0)
        rc = pl_server_post(daemon->server, on_started, daemon);
    return rc < 0 ? fail("cannot make the server", rc) : 0;
}

static int reload(void *context, char **messages)
{
    return reload_wait(context, messages);
}

static char *report(void *context, enum irc_report report)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    if (report == IRC_REPORT_PORTS)
        status_print_ports(context, file);
    else if (report == IRC_REPORT_TRAFFIC)
        status_print_traffic(context, file);
    else
        status_print_memory(file);
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

static void stop(void *context, bool again)
{
    struct daemon *daemon = context;

    if (again)
        atomic_store(&daemon->again, true);
    serve_drain(daemon);
}

static bool may_restart(void *context, const char **why_not)
{
    const struct daemon *daemon = context;

    *why_not = daemon->activation.count > 0
                   ? "The service manager has opened the sockets: it has to restart the server"
               : daemon->privileges.name
                   ? "The server has given up the privileges with which it was started"
                   : NULL;
    return !*why_not;
}

/* What the configuration's file is called, without its folders. */
static const char *file_name(const struct daemon *daemon)
{
    const char *path = daemon->config_path ? daemon->config_path : CONFIG_DEFAULT_FILE;
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Whether somebody who connects is banned by their address. */
static bool denies(const struct pli_address *peer, void *context)
{
    size_t size = peer->family == AF_INET ? 4 : 16;

    return peer->family != AF_UNIX && chat_denies(context, peer->bytes, size);
}

static int make_services(struct daemon *daemon, struct config_errors *errors)
{
    struct services_settings settings;
    struct chat_cloak_key key;
    struct irc_host host = {.reload = reload,
                            .stop = stop,
                            .may_restart = may_restart,
                            .report = report,
                            .context = daemon,
                            .file = file_name(daemon)};
    int rc = services_read(&settings, daemon->config, daemon->state.path, errors);

    if (rc != 0)
        return rc;
    rc = key_find(daemon, daemon->config, &key, errors);
    if (rc == 0) {
        rc = services_init(&daemon->services, &settings, &key);
        if (rc == 0)
            rc = services_time(&daemon->services, daemon->server);
        if (rc < 0) {
            fail("cannot prepare the services", rc);
        } else {
            irc_set_host(daemon->services.irc, &host);
            pli_server_set_denies(daemon->server, denies, daemon->services.world);
        }
    }
    services_settings_deinit(&settings);
    return rc;
}

/* Everything that is bound, so that one run shows all that is wrong. */
static int open_sockets(struct daemon *daemon, struct config_errors *errors)
{
    struct tls_plan tls;
    int listeners = tls_prepare(daemon, daemon->config, &tls, errors);
    int control;

    if (listeners == 0)
        listeners = listeners_open(&daemon->listeners, daemon, daemon->config, errors);
    if (listeners < 0)
        return listeners;
    control = control_open(daemon, daemon->config, errors);
    return control ? control : listeners;
}

static int drop_privileges(struct daemon *daemon)
{
    const char *step;
    int rc;

    if (!daemon->privileges.name) {
        if (geteuid() == 0)
            pli_log(PL_LOG_WARNING, "running as root; server.user names whom to become instead");
        return 0;
    }
    rc = privileges_drop(&daemon->privileges, &step);
    if (rc == 0)
        return 0;
    fprintf(stderr, "paceline: cannot become %s: cannot %s: %s\n", daemon->privileges.name, step,
            strerror(-rc));
    return rc;
}

/* As the user that will open it again at a reload. */
static int open_log(struct daemon *daemon, struct config_errors *errors)
{
    struct log_target target;
    int rc = logging_open(daemon, daemon->config, &target, errors);

    if (rc == 0)
        logging_set(&daemon->logging, &target, logging_wanted(daemon, daemon->config));
    return rc;
}

static int print_ports(struct daemon *daemon)
{
    size_t i;

    for (i = 0; i < daemon->listeners.count; i++)
        door_log(&daemon->listeners.doors[i], daemon, &daemon->config->listeners[i]);
    if (!daemon->options.print_ports)
        return 0;
    listeners_print(&daemon->listeners, daemon, daemon->config, "", stdout);
    return fflush(stdout) != 0 ? fail("standard output", -errno) : 0;
}

static int start(struct daemon *daemon, struct config_errors *errors, int *status)
{
    int rc;

    prepare_process();
    rc = take_stock(daemon, errors);
    if (rc == 0)
        rc = detach(daemon, status);
    if (rc == 0)
        rc = write_pidfile(daemon);
    if (rc == 0)
        rc = make_server(daemon);
    if (rc == 0)
        rc = make_services(daemon, errors);
    if (rc == 0)
        rc = storage_prepare(daemon, daemon->config, errors);
    if (rc == 0)
        rc = open_sockets(daemon, errors);
    if (rc == 0)
        rc = drop_privileges(daemon);
    if (rc == 0)
        rc = open_log(daemon, errors);
    if (rc == 0)
        rc = storage_open(daemon, daemon->config, errors);
    if (rc == 0)
        rc = print_ports(daemon);
    return rc;
}

/* -- From the beginning to the end ---------------------------------------------------------- */

static void init(struct daemon *daemon)
{
    daemon->detach = DETACH_NONE;
    daemon->pidfile = PIDFILE_NONE;
    daemon->notify.fd = -1;
    daemon->state.fd = -1;
    daemon->started = pli_clock_now();
    logging_init(&daemon->logging);
    reload_init(&daemon->reload);
    pli_mutex_init(&daemon->lock, PLI_RANK_CONFIG);
}

/* The server does not run (any more). */
static void deinit(struct daemon *daemon)
{
    int rc;

    reload_deinit(&daemon->reload);
    pl_timer_free(daemon->watchdog);
    services_stop(&daemon->services);
    storage_stop(daemon); /* whoever waits for it is told while there are sessions */
    daemon_history_stop(daemon);
    pl_server_free(daemon->server);
    services_deinit(&daemon->services);
    daemon_history_free(daemon);
    store_close(daemon->store);
    free(daemon->store_path);
    listeners_let_go(&daemon->listeners);
    listeners_free(&daemon->listeners);
    pl_tls_unref(daemon->tls);
    activation_deinit(&daemon->activation);
    rc = pidfile_remove(&daemon->pidfile);
    if (rc < 0)
        pli_log(PL_LOG_WARNING, "%s: %s", daemon->pidfile_path, strerror(-rc));
    notify_deinit(&daemon->notify);
    detach_deinit(&daemon->detach);
    state_deinit(&daemon->state);
    privileges_deinit(&daemon->privileges);
    pli_mutex_deinit(&daemon->lock);
    free(daemon->config_path);
    free(daemon->pidfile_path);
    logging_deinit(&daemon->logging);
}

static void run(struct daemon *daemon)
{
    int rc = pl_server_run(daemon->server);

    if (rc < 0) {
        pli_log(PL_LOG_ERROR, "the server cannot run: %s", strerror(-rc));
        atomic_store(&daemon->exit_status, DAEMON_FAILED);
    }
    pli_log(PL_LOG_INFO, "stopped");
}

int serve(struct daemon *daemon)
{
    struct config_errors errors;
    int status = DAEMON_FAILED;
    int rc;

    init(daemon);
    config_errors_init(&errors);
    rc = start(daemon, &errors, &status);
    config_errors_print(&errors, stderr);
    config_errors_deinit(&errors);
    if (rc == -ENOMEM)
        fprintf(stderr, "paceline: out of memory\n");
    if (rc == 0) {
        run(daemon);
        status = atomic_load(&daemon->exit_status);
    } else if (rc == CONFIG_INVALID) {
        status = DAEMON_CONFIG;
    }
    deinit(daemon);
    return status;
}
