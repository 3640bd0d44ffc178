/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/origin.h"

#include <errno.h>
#include <stdlib.h>

#include <paceline/message.h>
#include <paceline/tls.h>

#include "transport/server.h"

#define NS_PER_S 1000000000u

static bool drop(struct pli_limits *limits)
{
    return limits && atomic_fetch_sub_explicit(&limits->references, 1, memory_order_acq_rel) == 1;
}

static void limits_free(struct pli_limits *limits)
{
    pli_class_unref(limits->class);
    free(limits);
}

/* Variants have none themselves. */
void pli_limits_unref(struct pli_limits *limits)
{
    struct pli_limits *variant;

    if (!drop(limits))
        return;
    while ((variant = limits->variants)) {
        limits->variants = variant->next;
        if (drop(variant))
            limits_free(variant);
    }
    limits_free(limits);
}

static int limits_new(const struct pl_listener_options *options, struct pli_limits **out)
{
    struct pli_limits *limits;

    if (options->max_line < 2 || options->max_line > INT32_MAX || options->recvq < 1 ||
        options->recvq > INT32_MAX || options->sendq < 1 || options->sendq > PL_MESSAGE_MAX ||
        options->high_water > options->sendq)
        return -EINVAL;
    limits = malloc(sizeof(*limits));
    if (!limits)
        return -ENOMEM;
    *limits = (struct pli_limits){
        .references = 1,
        .lines = {.max_line = options->max_line, .recvq = options->recvq},
        .sendq = options->sendq,
        .high_water = options->high_water,
        .write_timeout = (uint64_t)options->write_timeout * NS_PER_S,
        .idle_timeout = (uint64_t)options->idle_timeout * NS_PER_S,
        .proxy_timeout = (uint64_t)options->proxy_timeout * NS_PER_S,
        .tls_timeout = (uint64_t)options->tls_timeout * NS_PER_S,
    };
    *out = limits;
    return 0;
}

int pli_origin_new(struct pl_server *server, const struct pl_service *service, void *context,
                   const struct pl_listener_options *options, struct pli_origin **out)
{
    struct pli_origin *origin = malloc(sizeof(*origin));
    int rc;

    if (!origin)
        return -ENOMEM;
    *origin = (struct pli_origin){.references = 1,
                                  .exempt = options->exempt,
                                  .proxy_protocol = options->proxy_protocol,
                                  .server = server,
                                  .begun = &server->accepted,
                                  .service = service,
                                  .context = context};
    rc = limits_new(options, &origin->limits);
    if (rc < 0) {
        free(origin);
        return rc;
    }
    if (options->tls)
        origin->tls = pl_tls_ref(options->tls);
    *out = origin;
    return 0;
}

struct pli_origin *pli_origin_ref(struct pli_origin *origin)
{
    atomic_fetch_add_explicit(&origin->references, 1, memory_order_relaxed);
    return origin;
}

void pli_origin_unref(struct pli_origin *origin)
{
    if (!origin || atomic_fetch_sub_explicit(&origin->references, 1, memory_order_acq_rel) != 1)
        return;
    pli_limits_unref(origin->limits);
    pl_tls_unref(origin->tls);
    free(origin);
}

/* Those of LIMITS for a class; NULL without memory. */
static struct pli_limits *variant_locked(struct pli_limits *limits, struct pli_class *class)
{
    struct pli_limits *variant = limits->variants;

    while (variant && variant->class != class)
        variant = variant->next;
    if (variant)
        return variant;
    variant = malloc(sizeof(*variant));
    if (!variant)
        return NULL;
    *variant = (struct pli_limits){
        .references = 1,
        .lines = {.max_line = limits->lines.max_line, .recvq = class->recvq},
        .sendq = class->sendq,
        .high_water = limits->high_water < class->sendq ? limits->high_water : class->sendq,
        .write_timeout = limits->write_timeout,
        .idle_timeout = limits->idle_timeout,
        .tls_timeout = limits->tls_timeout,
        .class = pli_class_ref(class),
        .next = limits->variants,
    };
    limits->variants = variant;
    return variant;
}

struct pli_limits *pli_origin_limits(struct pli_origin *origin, struct pli_class *class)
{
    struct pli_limits *limits;

    pli_lock(&origin->server->lock);
    limits = class ? variant_locked(origin->limits, class) : origin->limits;
    if (limits)
        atomic_fetch_add_explicit(&limits->references, 1, memory_order_relaxed);
    pli_unlock(&origin->server->lock);
    return limits;
}

int pli_origin_set_limits(struct pli_origin *origin, const struct pl_listener_options *options)
{
    struct pli_limits *limits;
    struct pli_limits *before;
    int rc = limits_new(options, &limits);

    if (rc < 0)
        return rc;
    pli_lock(&origin->server->lock);
    before = origin->limits;
    origin->limits = limits;
    pli_unlock(&origin->server->lock);
    pli_limits_unref(before);
    return 0;
}

/* -- Sessions that open ------------------------------------------------ */

/*
 * The listener says that it waits and looks again; a session counts itself out and looks whether the
 * listener waits. In one order for all, so that one of the two sees the other.
 */
bool pli_origin_is_crowded(struct pli_origin *origin)
{
    if (atomic_load(&origin->opening) < PLI_OPENING_MAX)
        return false;
    atomic_store(&origin->crowded, true);
    return atomic_load(&origin->opening) > PLI_OPENING_MAX / 2 ||
           !atomic_exchange(&origin->crowded, false);
}

void pli_origin_accepted(struct pli_origin *origin)
{
    atomic_fetch_add(&origin->opening, 1);
}

void pli_origin_opened(struct pli_origin *origin)
{
    struct pli_handle *listener;

    if (atomic_fetch_sub(&origin->opening, 1) - 1 > PLI_OPENING_MAX / 2 ||
        !atomic_load(&origin->crowded) || !atomic_exchange(&origin->crowded, false))
        return;
    listener = pli_table_find(&origin->server->engine.table, origin->listener);
    if (!listener)
        return;
    pli_handle_touch(listener, PLI_IN);
    pli_handle_unref(listener);
}
