/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "transport/events.h"
#include "transport/listener.h"
#include "transport/session.h"

#define MOST_THREADS 1024u
#define MOST_BATCH   1024u
#define MOST_QUEUE   65536u

const char *const *pl_models(void)
{
    return pli_model_names();
}

const char *pl_model_missing(const char *name)
{
    const struct pli_model *model = pli_model_find(name);

    return model ? pli_model_missing(model) : "there is no such model";
}

static void drain_over(void *argument)
{
    pl_server_stop(argument);
}

static int check_options(const struct pl_server_options *options)
{
    if (options->threads > MOST_THREADS || options->spare_threads > MOST_THREADS ||
        options->batch < 1 || options->batch > MOST_BATCH || options->queue < 1 ||
        options->queue > MOST_QUEUE || options->helper_threads < 1 ||
        options->helper_threads > MOST_THREADS || options->prefix_ipv4 < 1 ||
        options->prefix_ipv4 > 32 || options->prefix_ipv6 < 1 || options->prefix_ipv6 > 128)
        return -EINVAL;
    return 0;
}

void pl_server_set_limits(struct pl_server *server, unsigned max_sessions, unsigned per_address)
{
    pli_lock(&server->lock);
    server->max_sessions = max_sessions;
    server->per_address = per_address;
    pli_unlock(&server->lock);
}

void pl_server_set_connect_rate(struct pl_server *server, unsigned per_minute, unsigned burst)
{
    pli_lock(&server->lock);
    pli_connect_rate_set(&server->connects, per_minute, burst);
    pli_unlock(&server->lock);
}

void pl_server_set_prefixes(struct pl_server *server, unsigned ipv4, unsigned ipv6)
{
    pli_lock(&server->lock);
    server->prefixes = (struct pli_prefixes){(uint8_t)ipv4, (uint8_t)ipv6};
    pli_unlock(&server->lock);
}

static int start(struct pl_server *server, const struct pli_model *model,
                 const struct pl_server_options *options)
{
    struct pli_engine_options engine = {
        .threads = options->threads ? options->threads : pli_cpu_count(),
        .spare_threads = options->spare_threads,
        .batch = options->batch,
        .queue = options->queue,
        .connection_threads = options->connection_threads,
    };
    int rc = pli_helpers_init(&server->helpers, options->helper_threads, options->helper_queue);

    if (rc < 0)
        return rc;
    rc = pli_engine_init(&server->engine, model, &engine);
    if (rc < 0) {
        pli_helpers_deinit(&server->helpers);
        return rc;
    }
    rc = pl_timer_new(server, drain_over, server, &server->drain_timer);
    if (rc < 0) {
        pli_engine_deinit(&server->engine);
        pli_helpers_deinit(&server->helpers);
    }
    return rc;
}

int pl_server_new(const struct pl_server_options *options, struct pl_server **out)
{
    const struct pli_model *model = options->model ? pli_model_find(options->model) : NULL;
    struct pl_server *server;
    int rc = model ? check_options(options) : -EINVAL;

    if (rc < 0)
        return rc;
    if (pli_model_missing(model))
        return -ENOTSUP;
    server = calloc(1, sizeof(*server));
    if (!server)
        return -ENOMEM;
    rc = start(server, model, options);
    if (rc < 0) {
        free(server);
        return rc;
    }
    pli_mutex_init(&server->lock, PLI_RANK_SERVER);
    pli_log_limit_init(&server->turned_away);
    server->nothing = eventfd(0, EFD_CLOEXEC);
    server->reserve = fcntl(server->nothing, F_DUPFD_CLOEXEC, 0);
    pl_server_set_prefixes(server, options->prefix_ipv4, options->prefix_ipv6);
    pl_server_set_limits(server, options->max_sessions, options->per_address);
    pl_server_set_connect_rate(server, options->connect_rate, options->connect_burst);
    *out = server;
    return 0;
}

struct ending {
    struct pl_server *server;
    bool found; /* a handle that had not ended */
};

/* No thread runs any more: each handle sees its end here. The engine's own ends with the engine. */
static void end_handle(struct pli_handle *handle, void *argument)
{
    struct pl_session *session = pli_session_of(handle);
    struct ending *ending = argument;

    if (handle == ending->server->engine.timer)
        return;
    pli_listener_let_go(handle);
    pli_events_let_go(handle);
    if (atomic_load(&handle->word) & PLI_CLAIM)
        return; /* it has ended before */
    ending->found = true;
    if (session)
        pli_session_end(session, PL_REASON_STOPPING);
    pli_handle_kick(handle, session ? PLI_HUP : PLI_CLOSE);
}

void pl_server_free(struct pl_server *server)
{
    struct ending ending = {.server = server};

    if (!server)
        return;
    server->freeing = true;
    pli_helpers_stop(&server->helpers);
    /* A session's last call may make something new, in a place that was passed already. */
    do {
        ending.found = false;
        pli_table_each(&server->engine.table, end_handle, &ending);
    } while (ending.found);
    pli_engine_deinit(&server->engine);
    pli_helpers_deinit(&server->helpers);
    if (server->reserve >= 0)
        close(server->reserve);
    if (server->nothing >= 0)
        close(server->nothing);
    pli_log_limit_deinit(&server->turned_away);
    pli_classes_deinit(&server->classes);
    pli_mutex_deinit(&server->lock);
    free(server->gateways);
    free(server);
}

int pl_server_run(struct pl_server *server)
{
    if (atomic_exchange(&server->running, true))
        return -EBUSY;
    return server->engine.model->run(&server->engine);
}

void pl_server_stop(struct pl_server *server)
{
    server->engine.model->stop(&server->engine);
}

/* What is neither a session nor a listener nor a connector ignores it. */
static void drain_handle(struct pli_handle *handle, void *argument)
{
    (void)argument;
    pli_handle_touch(handle, PLI_DRAIN);
}

void pl_server_drain(struct pl_server *server, unsigned milliseconds)
{
    if (atomic_exchange(&server->draining, true))
        return;
    pl_timer_set(server->drain_timer, milliseconds);
    pli_table_each(&server->engine.table, drain_handle, NULL);
    if (atomic_load(&server->sessions) == 0)
        pl_server_stop(server);
}

void pli_server_session_began(struct pl_server *server)
{
    atomic_fetch_add(&server->sessions, 1);
}

void pli_server_session_ended(struct pl_server *server)
{
    if (atomic_fetch_sub(&server->sessions, 1) == 1 && atomic_load(&server->draining))
        pl_server_stop(server);
}

/* Counts a session of that address. Who is turned away for there being too many has still come. */
static int admit_address_locked(struct pl_server *server, struct pli_address *peer,
                                const struct pli_class *class)
{
    struct pli_address group;
    int rc;

    if (pli_address_is_local(peer))
        return 0;
    peer->bits = pli_prefix_of(&server->prefixes, peer);
    group = pli_address_group(peer, peer->bits);
    if (!pli_connect_rate_take(&server->connects, &group, pli_clock_now()))
        return PL_REASON_CONNECT_RATE;
    rc = pli_address_count(&server->addresses, &group,
                           class ? class->per_address : server->per_address);
    if (rc < 0)
        return rc == -EUSERS ? PL_REASON_PER_ADDRESS : PL_REASON_NO_MEMORY;
    return 0;
}

void pli_server_set_denies(struct pl_server *server,
                           bool (*denies)(const struct pli_address *peer, void *context),
                           void *context)
{
    server->denies = denies;
    server->denies_context = context;
}

static bool is_denied(const struct pl_server *server, const struct pli_address *peer)
{
    return server->denies && server->denies(peer, server->denies_context);
}

/* The same in its class. */
static int admit_peer_locked(struct pl_server *server, struct pli_address *peer,
                             struct pli_class *class)
{
    int reason;

    if (class && class->connections && class->count->sessions >= class->connections)
        return PL_REASON_CLASS_FULL;
    reason = admit_address_locked(server, peer, class);
    if (reason == 0 && class)
        class->count->sessions++;
    return reason;
}

static void dismiss_peer_locked(struct pl_server *server, const struct pli_address *peer,
                                struct pli_class *class)
{
    struct pli_address group;

    if (class)
        class->count->sessions--;
    if (!peer || pli_address_is_local(peer))
        return;
    group = pli_address_group(peer, peer->bits);
    pli_address_uncount(&server->addresses, &group);
}

struct pli_class *pli_server_class_of(struct pl_server *server, const struct pli_address *peer)
{
    struct pli_class *class;

    pli_lock(&server->lock);
    class = pli_classes_find(&server->classes, peer);
    if (class)
        pli_class_ref(class);
    pli_unlock(&server->lock);
    return class;
}

int pli_server_admit(struct pl_server *server, struct pli_address *peer, struct pli_class **out)
{
    struct pli_class *class;
    int reason = 0;

    *out = NULL;
    if (peer && is_denied(server, peer))
        return PL_REASON_BANNED;
    pli_lock(&server->lock);
    class = peer ? pli_classes_find(&server->classes, peer) : NULL;
    if (server->max_sessions && server->counted >= server->max_sessions)
        reason = PL_REASON_FULL;
    else if (peer)
        reason = admit_peer_locked(server, peer, class);
    if (reason == 0) {
        server->counted++;
        *out = class ? pli_class_ref(class) : NULL;
    }
    pli_unlock(&server->lock);
    return reason;
}

int pli_server_move(struct pl_server *server, const struct pli_address *former,
                    struct pli_class *former_class, struct pli_address *peer,
                    struct pli_class *class)
{
    int reason;

    if (is_denied(server, peer))
        return PL_REASON_BANNED;
    pli_lock(&server->lock);
    reason = admit_peer_locked(server, peer, class);
    if (reason == 0)
        dismiss_peer_locked(server, former, former_class);
    pli_unlock(&server->lock);
    return reason;
}

void pli_server_dismiss(struct pl_server *server, const struct pli_address *peer,
                        struct pli_class *class)
{
    pli_lock(&server->lock);
    server->counted--;
    dismiss_peer_locked(server, peer, class);
    pli_unlock(&server->lock);
}

struct pl_session *pl_server_find(struct pl_server *server, uint64_t id)
{
    struct pli_handle *handle = pli_table_find(&server->engine.table, id);
    struct pl_session *session = handle ? pli_session_of(handle) : NULL;

    if (session && atomic_load_explicit(&session->reason, memory_order_acquire) == 0)
        return session;
    if (handle)
        pli_handle_unref(handle); /* something else, or a session that has ended */
    return NULL;
}

void pl_server_stats(struct pl_server *server, struct pl_stats *stats)
{
    struct pli_counters sum;

    pli_engine_count(&server->engine, &sum);
    *stats = (struct pl_stats){
        .sessions = atomic_load(&server->sessions),
        .accepted = atomic_load(&server->accepted),
        .connected = atomic_load(&server->connected),
        .refused = atomic_load(&server->refused),
        .lines = sum.lines,
        .bytes_in = sum.bytes_in,
        .bytes_out = sum.bytes_out,
        .events = sum.events,
        .waits = sum.waits,
        .writes = sum.writes,
        .promotions = atomic_load(&server->engine.promotions),
        .spares_exhausted = atomic_load(&server->engine.spares_exhausted),
    };
    server->engine.model->threads(&server->engine, &stats->threads, &stats->spare_threads);
}
