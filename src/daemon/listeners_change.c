/* SPDX-License-Identifier: MIT */
/*
 * Changing listeners while the server runs, in three passes, so that what is in nobody's way fails
 * before anything has happened:
 *
 * 1. What is only new is opened.
 * 2. What is new and needs the address of one that goes (127.0.0.1 becoming "*", say) has that one
 *    closed first. This is the only case in which a failure means to open something again.
 * 3. Where only the service changes, or how it is spoken, the new one is put on the same socket.
 *
 * Until all have succeeded the daemon's own list is in force. A door of it that is closed early is
 * taken out under the daemon's lock, so that nobody asks a closed one for its port.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

static struct door *old_door(const struct change *change, const struct config_listener_diff *entry)
{
    return &change->before->doors[entry->before - change->old_config->listeners];
}

static struct door *new_door(const struct change *change, const struct config_listener_diff *entry)
{
    return &change->after->doors[entry->after - change->new_config->listeners];
}

/* Whether it has to be opened: it is new, or an earlier reload has lost it. */
static bool is_wanted(const struct change *change, const struct config_listener_diff *entry)
{
    return entry->fate == CONFIG_ADDED ||
           (entry->fate != CONFIG_REMOVED && !old_door(change, entry)->listener);
}

/* Whether connections are taken otherwise: what a listener does with them it does for good. */
static bool differs(const struct config_listener *one, const struct config_listener *other)
{
    return strcmp(one->service, other->service) != 0 ||
           one->proxy_protocol != other->proxy_protocol || one->tls != other->tls;
}

/* Whether it stays where it is, with another service, or the same in another way. */
static bool is_reused(const struct change *change, const struct config_listener_diff *entry)
{
    return entry->fate == CONFIG_CHANGED && !is_wanted(change, entry) &&
           differs(entry->before, entry->after);
}

/* -- Opening -------------------------------------------------------------------------------- */

/* Those that nobody of ours is in the way of. What is left over stays closed. */
static int open_new(const struct change *change)
{
    int result = 0;
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        int rc;

        if (!is_wanted(change, entry))
            continue;
        rc = door_open(new_door(change, entry), change->daemon, change->new_config, entry->after,
                       -1, 0);
        if (rc < 0 && rc != -EADDRINUSE)
            result = door_blame(change->new_config, entry->after, rc, change->errors);
        if (result == -ENOMEM)
            break;
    }
    return result;
}

/* Whether one of ours that goes is what may stand in a new one's way. */
static bool frees_address(const struct change *change, const struct config_listener_diff *going,
                          const struct config_listener *wanted)
{
    const struct door *door;

    if (going->fate != CONFIG_REMOVED)
        return false;
    door = old_door(change, going);
    if (!door->listener || *going->before->path || *wanted->path)
        return door->listener && strcmp(going->before->path, wanted->path) == 0;
    return door->port == wanted->port;
}

static void close_old(const struct change *change, const struct config_listener_diff *entry)
{
    struct door closed;

    pli_lock(&change->daemon->lock);
    closed = *old_door(change, entry);
    *old_door(change, entry) = DOOR_CLOSED;
    old_door(change, entry)->port = closed.port; /* for reopen() */
    pli_unlock(&change->daemon->lock);
    door_close(&closed);
}

/*
 * Closes what is in the way of ENTRY's door. It was tried to open that, so it is known that nothing
 * but the address is missing: the kernel looks at privileges first. Returns 0, or -EADDRINUSE when
 * there is nothing of ours in the way.
 */
static int make_way(const struct change *change, const struct config_listener_diff *entry)
{
    int rc = -EADDRINUSE;
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *going = &change->diff->listeners[i];

        if (!frees_address(change, going, entry->after))
            continue;
        close_old(change, going);
        rc = 0;
    }
    return rc;
}

static int open_in_place(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        int rc;

        if (!is_wanted(change, entry) || new_door(change, entry)->listener)
            continue;
        rc = make_way(change, entry);
        if (rc == 0)
            rc = door_open(new_door(change, entry), change->daemon, change->new_config,
                           entry->after, -1, pli_clock_now() + PATIENCE);
        if (rc < 0)
            return door_blame(change->new_config, entry->after, rc, change->errors);
    }
    return 0;
}

/* Has the socket of an old door served by the new service as well. */
static int reuse(const struct change *change, const struct config_listener_diff *entry,
                 struct pl_listener **out)
{
    int rc;
    int fd;

    pli_lock(&change->daemon->lock); /* a stop may be closing it */
    fd = fcntl(old_door(change, entry)->fd, F_DUPFD_CLOEXEC, 3);
    pli_unlock(&change->daemon->lock);
    if (fd < 0)
        return -errno;
    rc = door_serve(fd, change->daemon, change->new_config, entry->after, out);
    close(fd);
    return rc;
}

/* What stays is taken over, by another listener where one is needed. */
static int take_over(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        struct door *door;
        int rc;

        if (entry->fate == CONFIG_REMOVED || is_wanted(change, entry))
            continue;
        door = new_door(change, entry);
        if (!is_reused(change, entry)) {
            door->listener = old_door(change, entry)->listener;
            continue;
        }
        rc = reuse(change, entry, &door->listener);
        if (rc < 0)
            return door_blame(change->new_config, entry->after, rc, change->errors);
    }
    return 0;
}

/* -- The way back --------------------------------------------------------------------------- */

/* Closes what was opened for AFTER. */
static void close_new(const struct change *change)
{
    size_t i;

    for (i = 0; i < change->diff->listener_count; i++) {
        const struct config_listener_diff *entry = &change->diff->listeners[i];
        struct door *door;

        if (entry->fate == CONFIG_REMOVED)
            continue;
        door = new_door(change, entry);
        if (is_wanted(change, entry))
            door_close(door);
        else if (is_reused(change, entry) && door->listener)
            pl_listener_close(door->listener);
    }
}

/* Opens an old listener again that was closed for nothing, at the port that it had. */
static void reopen(const struct change *change, size_t index)
{
    struct config_listener listener = change->old_config->listeners[index];
    struct door door;
    int rc;

    listener.port = change->before->doors[index].port;
    rc = door_open(&door, change->daemon, change->old_config, &listener, -1,
                   pli_clock_now() + PATIENCE);
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "listeners[%zu] (%s) is lost until the next start or reload: %s",
                index, listener.service, strerror(-rc));
    pli_lock(&change->daemon->lock);
    change->before->doors[index] = door;
    pli_unlock(&change->daemon->lock);
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
    rc = open_new(&change);
    if (rc == 0)
        rc = open_in_place(&change);
    if (rc == 0)
        rc = take_over(&change);
    if (rc != 0)
        listeners_abandon(after, daemon, diff, new_config);
    return rc;
}

void listeners_abandon(struct listeners *after, struct daemon *daemon,
                       const struct config_diff *diff, const struct config *new_config)
{
    struct change change = make_change(after, daemon, diff, new_config, NULL);
    size_t i;

    close_new(&change);
    for (i = 0; i < change.before->count; i++)
        if (!change.before->doors[i].listener)
            reopen(&change, i);
    listeners_free(after);
}

/* -- The way on ----------------------------------------------------------------------------- */

void listeners_move_locked(struct listeners *after, struct listeners *before,
                           const struct config_diff *diff, const struct config *old_config,
                           const struct config *new_config)
{
    const struct change change = {
        .old_config = old_config,
        .new_config = new_config,
        .before = before,
        .after = after,
    };
    size_t i;

    for (i = 0; i < diff->listener_count; i++) {
        const struct config_listener_diff *entry = &diff->listeners[i];
        struct door *from;
        struct door *to;

        if (entry->fate == CONFIG_REMOVED || is_wanted(&change, entry))
            continue;
        from = old_door(&change, entry);
        to = new_door(&change, entry);
        to->fd = from->fd;
        to->path = from->path;
        to->port = from->port;
        from->fd = -1;
        from->path = NULL;
    }
}

/* Closes one that is gone, unless it had to make way already. */
static void finish_removed(const struct change *change, const struct config_listener_diff *entry)
{
    const struct config_listener *listener = entry->before;
    struct door *door = old_door(change, entry);

    if (*listener->path)
        pli_log(PL_LOG_INFO, "%s no longer listens at %s", listener->service, listener->path);
    else
        pli_log(PL_LOG_INFO, "%s no longer listens on address %s, port %u", listener->service,
                listener->address, door->port);
    door_close(door);
}

void listeners_finish(struct listeners *before, const struct listeners *after,
                      struct daemon *daemon, const struct config_diff *diff,
                      const struct config *old_config, const struct config *new_config)
{
    struct listeners now = *after;
    struct change change = {
        .daemon = daemon,
        .old_config = old_config,
        .new_config = new_config,
        .before = before,
        .after = &now,
    };
    size_t i;

    for (i = 0; i < diff->listener_count; i++) {
        const struct config_listener_diff *entry = &diff->listeners[i];

        if (entry->fate == CONFIG_REMOVED) {
            finish_removed(&change, entry);
            continue;
        }
        if (is_reused(&change, entry))
            pl_listener_close(old_door(&change, entry)->listener);
        if (is_reused(&change, entry) || is_wanted(&change, entry))
            door_log(new_door(&change, entry), daemon, entry->after);
        door_adjust(new_door(&change, entry), daemon, new_config, entry->after);
    }
    listeners_free(before);
}
