/* SPDX-License-Identifier: MIT */
/*
 * A reload prepares everything that can fail before it changes anything: the snapshot, the files
 * that it names, the log's target, the sockets. Then it puts all of it in force. The snapshot and
 * the listeners are changed by the reload thread alone, which therefore reads them without the
 * lock.
 */
#include "config.h"

#include "daemon/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "config/default.h"
#include "config/diff.h"
#include "daemon/classes.h"
#include "daemon/daemon.h"
#include "daemon/gateways.h"
#include "daemon/history.h"
#include "daemon/key.h"
#include "daemon/storage.h"
#include "daemon/tls.h"
#include "transport/gateways.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reload_request {
    struct reload_request *next;
    void (*done)(int result, const struct config_errors *messages, void *argument);
    void *argument;
};

/* What a reload is about to put in force. */
struct plan {
    struct config *config;
    const char *source;
    struct config_diff diff;
    struct log_target log;
    struct services_settings settings;
    struct listeners listeners;
    struct pli_gateways *gateways; /* the server's, once in force */
    struct tls_plan tls;
};

/* -- One reload ----------------------------------------------------------------------------- */

/* Settings that only a start puts in force are named, each. */
static void warn_of_others(const struct plan *plan, struct config_errors *messages)
{
    char key[80];
    size_t i;

    for (i = 0; i < plan->diff.key_count; i++) {
        const struct config_key *changed = plan->diff.keys[i];

        if (changed->reload)
            continue;
        snprintf(key, sizeof(key), "%s.%s", changed->group, changed->name);
        config_errors_add(messages, config_place_of(plan->config, changed->group, changed->name),
                          key, "takes effect at the next start");
    }
}

/* Makes sure of the state folder if a listener is to be there. */
static int open_state(struct daemon *daemon, const struct config *config,
                      struct config_errors *messages)
{
    size_t i;

    daemon->state.bad = false; /* another try */
    for (i = 0; i < config->listener_count; i++)
        if (*config->listeners[i].path && *config->listeners[i].path != '/')
            return state_open(&daemon->state, config, &daemon->privileges, messages);
    return 0;
}

/*
 * The step that comes last, as it changes what is served already: everything else is ready. It can
 * fail for want of memory only.
 */
static int prepare_sockets(struct daemon *daemon, struct plan *plan, struct config_errors *messages)
{
    int rc = config_diff_init(&plan->diff, daemon->config, plan->config);

    if (rc < 0)
        return rc;
    rc = listeners_prepare(&plan->listeners, daemon, &plan->diff, plan->config, messages);
    if (rc == 0) {
        rc = services_apply(&daemon->services, &plan->settings);
        if (rc == 0)
            return 0;
        listeners_abandon(&plan->listeners, daemon, &plan->diff, plan->config);
    }
    config_diff_deinit(&plan->diff);
    return rc;
}

/* Sees to the key that the first listeners for people need: there are no sessions of them yet. */
static int prepare_key(struct daemon *daemon, const struct config *config,
                       struct config_errors *messages)
{
    struct chat_cloak_key key;
    int rc;

    if (!key_is_wanted(daemon, config))
        return 0;
    rc = key_find(daemon, config, &key, messages);
    if (rc == 0)
        rc = services_put_key(&daemon->services, &key);
    return rc;
}

/* Opens the store for the first listener for people, likewise; if that is not to be, it stays open. */
static int prepare_storage(struct daemon *daemon, const struct config *config,
                           struct config_errors *messages)
{
    int rc;

    if (!storage_is_wanted(daemon, config))
        return 0;
    rc = storage_prepare(daemon, config, messages);
    return rc == 0 ? storage_open(daemon, config, messages) : rc;
}

/* The log and what follows it. */
static int prepare_rest(struct daemon *daemon, struct plan *plan, struct config_errors *messages)
{
    int rc = logging_open(daemon, plan->config, &plan->log, messages);

    if (rc != 0)
        return rc;
    rc = tls_prepare(daemon, plan->config, &plan->tls, messages);
    if (rc == 0) {
        rc = prepare_sockets(daemon, plan, messages);
        if (rc != 0)
            tls_abandon(daemon, &plan->tls);
    }
    if (rc != 0)
        log_target_close(&plan->log);
    return rc;
}

static int prepare(struct daemon *daemon, struct plan *plan, struct config_errors *messages)
{
    int rc = open_state(daemon, plan->config, messages);

    if (rc == 0)
        rc = prepare_key(daemon, plan->config, messages);
    if (rc == 0)
        rc = prepare_storage(daemon, plan->config, messages);
    if (rc == 0)
        rc = services_read(&plan->settings, plan->config, daemon->state.path, messages);
    if (rc != 0)
        return rc;
    rc = gateways_make(plan->config, &plan->gateways);
    if (rc == 0)
        rc = prepare_rest(daemon, plan, messages);
    services_settings_deinit(&plan->settings);
    if (rc != 0)
        free(plan->gateways);
    return rc;
}

static void put_in_force(struct daemon *daemon, struct plan *plan)
{
    const struct config_limits *limits = &plan->config->limits;
    struct config *old_config = daemon->config;
    struct listeners old_listeners;

    pli_lock(&daemon->lock);
    old_listeners = daemon->listeners;
    listeners_move_locked(&plan->listeners, &old_listeners, &plan->diff, old_config, plan->config);
    daemon->config = plan->config;
    daemon->config_source = plan->source;
    daemon->listeners = plan->listeners;
    if (atomic_load(&daemon->stopping)) /* serve_drain() has found the old ones */
        listeners_let_go(&daemon->listeners);
    pli_unlock(&daemon->lock);
    tls_put_in_force(daemon, &plan->tls);
    pli_server_put_gateways(daemon->server, plan->gateways);
    daemon_history_apply(daemon, plan->config);
    pl_server_set_prefixes(daemon->server, limits->prefix_ipv4, limits->prefix_ipv6);
    pl_server_set_limits(daemon->server, limits->connections, limits->per_address);
    pl_server_set_connect_rate(daemon->server, limits->connect_rate, limits->connect_burst);
    if (classes_set(daemon, plan->config) < 0)
        pli_log(PL_LOG_ERROR, "the classes stay as they were: out of memory");
    logging_set(&daemon->logging, &plan->log, logging_wanted(daemon, plan->config));
    listeners_finish(&old_listeners, &plan->listeners, daemon, &plan->diff, old_config,
                     plan->config);
    config_diff_deinit(&plan->diff);
    config_unref(old_config);
}

static int reload_now(struct daemon *daemon, struct config_errors *messages)
{
    struct plan plan = {0};
    int rc = config_load_default(daemon->config_path, &plan.config, &plan.source, messages);

    if (rc != 0)
        return rc;
    rc = prepare(daemon, &plan, messages);
    if (rc != 0) {
        config_unref(plan.config);
        return rc;
    }
    warn_of_others(&plan, messages);
    put_in_force(daemon, &plan);
    return 0;
}

static void log_result(struct daemon *daemon, int result, const struct config_errors *messages)
{
    enum pl_log_level level = result == 0 ? PL_LOG_WARNING : PL_LOG_ERROR;
    size_t i;

    for (i = 0; i < messages->count; i++)
        pli_log(level, "%s", messages->messages[i]);
    if (result < 0)
        pli_log(PL_LOG_ERROR, "the configuration stays as it was: %s", strerror(-result));
    else if (result > 0)
        pli_log(PL_LOG_ERROR, "the configuration stays as it was");
    else
        pli_log(PL_LOG_INFO, "the configuration is reloaded from %s", daemon->config_source);
}

static void tell_manager(struct daemon *daemon, const char *what)
{
    int rc =
        notify_send(&daemon->notify, "%s\nMONOTONIC_USEC=%" PRIu64, what, pli_clock_now() / 1000);

    if (rc < 0)
        pli_log(PL_LOG_WARNING, "the service manager cannot be told: %s", strerror(-rc));
}

static void serve_request(struct daemon *daemon, const struct reload_request *request)
{
    struct config_errors messages;
    int result;

    config_errors_init(&messages);
    tell_manager(daemon, "RELOADING=1\nSTATUS=Reloading the configuration");
    result = reload_now(daemon, &messages);
    log_result(daemon, result, &messages);
    if (!atomic_load(&daemon->stopping))
        tell_manager(daemon, result == 0 ? "READY=1\nSTATUS=Serving"
                                         : "READY=1\nSTATUS=Serving; the last reload failed");
    if (request->done)
        request->done(result, &messages, request->argument);
    config_errors_deinit(&messages);
}

/* -- The thread ----------------------------------------------------------------------------- */

static struct reload_request *take_request(struct reload *reload)
{
    struct reload_request *request = NULL;

    pli_lock(&reload->lock);
    reload->running = false;
    while (!reload->first && !reload->stopping)
        pli_cond_wait(&reload->changed, &reload->lock);
    if (!reload->stopping) {
        request = reload->first;
        reload->first = request->next;
        reload->running = true;
    }
    pli_unlock(&reload->lock);
    return request;
}

static void *thread_body(void *argument)
{
    struct daemon *daemon = argument;
    struct reload_request *request;

    while ((request = take_request(&daemon->reload))) {
        serve_request(daemon, request);
        free(request);
    }
    return NULL;
}

static int start_thread_locked(struct daemon *daemon)
{
    struct reload *reload = &daemon->reload;
    int rc;

    if (reload->started)
        return 0;
    rc = pli_thread_start(&reload->thread, "reload", thread_body, daemon);
    reload->started = rc == 0;
    return rc;
}

static void append_locked(struct reload *reload, struct reload_request *request)
{
    struct reload_request **end = &reload->first;

    while (*end)
        end = &(*end)->next;
    *end = request;
}

int reload_request(struct daemon *daemon,
                   void (*done)(int result, const struct config_errors *messages, void *argument),
                   void *argument)
{
    struct reload *reload = &daemon->reload;
    struct reload_request *request;
    int rc = -ECANCELED;

    if (atomic_load(&daemon->stopping))
        return rc;
    request = malloc(sizeof(*request));
    if (!request)
        return -ENOMEM;
    *request = (struct reload_request){.done = done, .argument = argument};
    pli_lock(&reload->lock);
    if (!reload->stopping)
        rc = start_thread_locked(daemon);
    if (rc == 0)
        append_locked(reload, request);
    pli_unlock(&reload->lock);
    if (rc == 0)
        pli_cond_signal(&reload->changed);
    else
        free(request);
    return rc;
}

bool reload_is_running(struct reload *reload)
{
    bool running;

    pli_lock(&reload->lock);
    running = reload->running;
    pli_unlock(&reload->lock);
    return running;
}

void reload_init(struct reload *reload)
{
    *reload = (struct reload){0};
    pli_mutex_init(&reload->lock, PLI_RANK_CONFIG);
    pli_cond_init(&reload->changed);
}

void reload_deinit(struct reload *reload)
{
    static const struct config_errors none;
    struct reload_request *request;
    bool started;

    pli_lock(&reload->lock);
    reload->stopping = true;
    started = reload->started;
    pli_unlock(&reload->lock);
    pli_cond_signal(&reload->changed);
    if (started)
        pthread_join(reload->thread, NULL);
    while ((request = reload->first)) {
        reload->first = request->next;
        if (request->done)
            request->done(-ECANCELED, &none, request->argument);
        free(request);
    }
    pli_cond_deinit(&reload->changed);
    pli_mutex_deinit(&reload->lock);
}
