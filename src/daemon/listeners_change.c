/* SPDX-License-Identifier: MIT */
/*
 * Changing listeners while the server runs. What is only new is opened first: when that fails,
 * nothing has happened yet. Then come those whose address another one of ours has to free: a
 * listener that stays where it is with another service, mode or backlog, or one that wants the port
 * of one that goes (127.0.0.1 becoming "*", say). There the old one is closed and the new one
 * opened, and only if that fails the old one has to be opened again.
 *
 * A listener that is to be closed is first taken out of the daemon's list, under its lock, so that
 * nobody asks a closed one for its port.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/listeners.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* How long an address that we have given up may still be in use. */
#define PATIENCE UINT64_C(3000000000)

struct change {
    struct daemon *daemon;
    const struct config_diff *diff;
    const struct config *old_config;
    const struct config *new_config;
    struct listeners *before;
    struct listeners *after;
    struct config_errors *errors;
};

static size_t old_index(const struct change *change, const struct config_listener_diff *entry)
{
    return (size_t)(entry->before - change->old_config->listeners);
}

static size_t new_index(const struct change *change, const struct config_listener_diff *entry)
{
    return (size_t)(entry->after - change->new_config->listeners);
}

static void close_old(const struct change *change, size_t index)
{
    struct pl_listener *listener;

    pli_lock(&change->daemon->lock);
    listener = change->before->open[index];
    change->before->open[index] = NULL;
    pli_unlock(&change->daemon->lock);
    if (listener)
        pl_listener_close(listener);
}

/* Whether one of ours that goes is what may stand in a new one's way. */
static bool frees_address(const struct change *change, const struct config_listener_diff *going,
                          const struct config_listener *wanted)
{
    const struct pl_listener *open;

    if (going->fate != CONFIG_REMOVED)
        return false;
    open = change->before->open[old_index(change, going)];
    if (!open || *going->before->path || *wanted->path)
        return open && strcmp(going->before->path, wanted->path) == 0;
    return pl_listener_port(open) == wanted->port;
}

/* Closes what stands in the way of ENTRY's new listener; says whether there was anything. */
static bool make_way(const struct change *change, const struct config_listener_diff *entry)
{
    bool any = false;
    size_t i;

    if (entry->fate == CONFIG_CHANGED) {
        close_old(change, old_index(change, entry));
        return true;
    }
    for (i = 0; i < change->diff->listener_count; i++) {
        if (!frees_address(change, &change->diff->listeners[i], entry->after))
            continue;
        close_old(change, old_index(change, &change->diff->listeners[i]));
        any = true;
    }
    return any;
}

static int open_new(const struct change *change, const struct config_listener_diff *entry,
                    uint64_t deadline)
{
    return listeners_open_one(change->daemon, change->new_config, entry->after, -1, deadline,
                              &change->after->open[new_index(change, entry)]);
}

/* Whether it has to be opened: it is new, or an earlier reload has lost it. */
static bool is_wanted(const struct change *change, const struct config_listener_diff *entry)
{
    return entry->fate == CONFIG_ADDED ||
           (entry->fate == CONFIG_KEPT && !change->before->open[old_index(change, entry)]);
}

/* Those that nobody of ours is in the way of. What is left over is NULL in AFTER. */
static int open_added(const struct change *change)
{
    int result = 0;
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        int rc;

        if (!is_wanted(change, entry))
            continue;
        rc = open_new(change, entry, 0);
        if (rc == -EADDRINUSE)
            continue;
        if (rc < 0)
            result = listeners_blame(change->new_config, entry->after, rc, change->errors);
        if (result == -ENOMEM)
            break;
    }
    return result;
}

static int open_replacements(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        int rc = -EADDRINUSE;

        if (entry->fate != CONFIG_CHANGED && !is_wanted(change, entry))
            continue;
        if (change->after->open[new_index(change, entry)])
            continue;
        if (make_way(change, entry))
            rc = open_new(change, entry, pli_clock_now() + PATIENCE);
        if (rc < 0)
            return listeners_blame(change->new_config, entry->after, rc, change->errors);
    }
    return 0;
}

static void take_over_kept(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];

        if (entry->fate == CONFIG_KEPT && !is_wanted(change, entry))
            change->after->open[new_index(change, entry)] =
                change->before->open[old_index(change, entry)];
    }
}

/* Opens an old listener again that was closed for nothing. */
static void reopen(const struct change *change, size_t index)
{
    const struct config_listener *listener = &change->old_config->listeners[index];
    struct pl_listener *opened = NULL;
    int rc = listeners_open_one(change->daemon, change->old_config, listener, -1,
                                pli_clock_now() + PATIENCE, &opened);

    if (rc < 0)
        pli_log(PL_LOG_ERROR, "listeners[%zu] (%s) is lost until the next start or reload: %s",
                index, listener->service, strerror(-rc));
    pli_lock(&change->daemon->lock);
    change->before->open[index] = opened;
    pli_unlock(&change->daemon->lock);
}

/* Closes what was opened for AFTER, and opens what was closed for it. */
static void undo(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        struct pl_listener *open = NULL;

        if (entry->fate == CONFIG_CHANGED || is_wanted(change, entry))
            open = change->after->open[new_index(change, entry)];
        if (open)
            pl_listener_close(open);
    }
    for (i = 0; i < change->before->count; i++)
        if (!change->before->open[i])
            reopen(change, i);
}

static struct change make_change(struct listeners *after, struct daemon *daemon,
                                 const struct config_diff *diff, const struct config *new_config,
                                 struct config_errors *errors)
{
    return (struct change){
        .daemon = daemon,
        .diff = diff,
        .old_config = daemon->config,
        .new_config = new_config,
        .before = &daemon->listeners,
        .after = after,
        .errors = errors,
    };
}

int listeners_prepare(struct listeners *after, struct daemon *daemon,
                      const struct config_diff *diff, const struct config *new_config,
                      struct config_errors *errors)
{
    struct change change = make_change(after, daemon, diff, new_config, errors);
    int rc = listeners_alloc(after, new_config);

    if (rc < 0)
        return rc;
    rc = open_added(&change);
    if (rc == 0)
        rc = open_replacements(&change);
    if (rc == 0)
        take_over_kept(&change);
    else
        listeners_abandon(after, daemon, diff, new_config);
    return rc;
}

void listeners_abandon(struct listeners *after, struct daemon *daemon,
                       const struct config_diff *diff, const struct config *new_config)
{
    struct change change = make_change(after, daemon, diff, new_config, NULL);

    undo(&change);
    listeners_free(after);
}

static void set_limits(const struct config *config, const struct config_listener *listener,
                       struct pl_listener *open)
{
    struct pl_listener_options limits = listeners_limits(config, listener);
    int rc = pl_listener_set_limits(open, &limits);

    if (rc < 0)
        pli_log(PL_LOG_ERROR, "listeners[%zu] (%s) keeps its old limits: %s",
                (size_t)(listener - config->listeners), listener->service, strerror(-rc));
}

/* Closes one that is gone, unless it had to make way already. */
static void finish_removed(const struct change *change, const struct config_listener_diff *entry)
{
    const struct config_listener *listener = entry->before;
    const struct pl_listener *open = change->before->open[old_index(change, entry)];
    unsigned port = open ? pl_listener_port(open) : listener->port;

    close_old(change, old_index(change, entry));
    if (*listener->path)
        pli_log(PL_LOG_INFO, "%s no longer listens at %s", listener->service, listener->path);
    else
        pli_log(PL_LOG_INFO, "%s no longer listens on address %s, port %u", listener->service,
                listener->address, port);
}

void listeners_finish(struct listeners *before, const struct listeners *after,
                      struct daemon *daemon, const struct config_diff *diff,
                      const struct config *old_config, const struct config *new_config)
{
    struct change change = {
        .daemon = daemon,
        .old_config = old_config,
        .new_config = new_config,
        .before = before,
    };
    size_t i;

    for (i = 0; i < diff->listener_count; i++) {
        const struct config_listener_diff *entry = &diff->listeners[i];

        if (entry->fate == CONFIG_REMOVED)
            finish_removed(&change, entry);
        else if (is_wanted(&change, entry) || entry->fate == CONFIG_CHANGED)
            listeners_log(daemon, entry->after, after->open[new_index(&change, entry)]);
        else
            set_limits(new_config, entry->after, after->open[new_index(&change, entry)]);
    }
    listeners_free(before);
}
