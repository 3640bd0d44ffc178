/* SPDX-License-Identifier: MIT */
/* The calls of paceline/tls.h. */
#include "config.h"

#include "transport/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "transport/tls_contexts.h"
#include "transport/tls_tickets.h"

#define STALE "the certificate has expired or is not valid yet"

struct pl_tls {
    _Atomic unsigned references;
    struct pli_mutex lock;             /* PLI_RANK_TLS */
    struct pli_tls_contexts *contexts; /* (lock) those in force, a reference */
    struct pli_tls_tickets *tickets;   /* const after new, a reference: they outlive a reload */
};

const char *pl_tls_missing(void)
{
    return NULL;
}

/* DETAIL may be NULL. */
static void say(char *error, size_t size, const char *what, const char *detail)
{
    if (size > 0)
        snprintf(error, size, "%s%s%s", what, detail ? ": " : "", detail ? detail : "");
}

static int make(const struct pl_tls_options *options, struct pli_tls_tickets *tickets, char *error,
                size_t size, struct pli_tls_contexts **out)
{
    if (options->count == 0) {
        say(error, size, "there is no certificate", NULL);
        return -EINVAL;
    }
    return pli_tls_contexts_new(options, tickets, &(struct pli_tls_error){error, size}, out);
}

/* What is in force from now on has another key for its tickets. */
static void renew_tickets(struct pl_tls *tls, const struct pli_tls_contexts *contexts)
{
    if (contexts->ticket_lifetime > 0)
        pli_tls_tickets_renew(tls->tickets, contexts->ticket_lifetime * (uint64_t)1000000000);
}

static void warn(const struct pl_tls_options *options, int stale)
{
    if (stale >= 0)
        pli_log(PL_LOG_WARNING, "%s: %s", options->certificates[stale].certificate, STALE);
}

int pl_tls_new(const struct pl_tls_options *options, struct pl_tls **out, char *error, size_t size)
{
    struct pl_tls *tls = calloc(1, sizeof(*tls));
    int rc;

    if (tls)
        tls->tickets = pli_tls_tickets_new();
    if (!tls || !tls->tickets) {
        say(error, size, strerror(ENOMEM), NULL);
        free(tls);
        return -ENOMEM;
    }
    rc = make(options, tls->tickets, error, size, &tls->contexts);
    if (rc < 0) {
        pli_tls_tickets_unref(tls->tickets);
        free(tls);
        return rc;
    }
    warn(options, pli_tls_contexts_stale(tls->contexts));
    renew_tickets(tls, tls->contexts);
    tls->references = 1;
    pli_mutex_init(&tls->lock, PLI_RANK_TLS);
    *out = tls;
    return 0;
}

struct pli_tls_contexts *pli_tls_contexts_of(struct pl_tls *tls)
{
    struct pli_tls_contexts *contexts;

    pli_lock(&tls->lock);
    contexts = pli_tls_contexts_ref(tls->contexts);
    pli_unlock(&tls->lock);
    return contexts;
}

bool pli_tls_is_stale(struct pl_tls *tls)
{
    struct pli_tls_contexts *contexts = pli_tls_contexts_of(tls);
    bool stale = pli_tls_contexts_stale(contexts) >= 0;

    pli_tls_contexts_unref(contexts);
    return stale;
}

int pli_tls_make(struct pl_tls *tls, const struct pl_tls_options *options, char *error, size_t size,
                 struct pli_tls_contexts **out)
{
    int rc = make(options, tls->tickets, error, size, out);
    int stale;

    if (rc < 0)
        return rc;
    stale = pli_tls_contexts_stale(*out);
    if (stale >= 0 && !pli_tls_is_stale(tls)) { /* it would replace what is valid */
        say(error, size, options->certificates[stale].certificate, STALE);
        pli_tls_contexts_unref(*out);
        return -EKEYEXPIRED;
    }
    warn(options, stale);
    return 0;
}

void pli_tls_put(struct pl_tls *tls, struct pli_tls_contexts *contexts)
{
    struct pli_tls_contexts *before;

    renew_tickets(tls, contexts);
    pli_lock(&tls->lock);
    before = tls->contexts;
    tls->contexts = contexts;
    pli_unlock(&tls->lock);
    pli_tls_contexts_unref(before);
}

void pli_tls_drop(struct pli_tls_contexts *contexts)
{
    pli_tls_contexts_unref(contexts);
}

int pl_tls_reload(struct pl_tls *tls, const struct pl_tls_options *options, char *error,
                  size_t size)
{
    struct pli_tls_contexts *contexts;
    int rc = pli_tls_make(tls, options, error, size, &contexts);

    if (rc == 0)
        pli_tls_put(tls, contexts);
    return rc;
}

struct pl_tls *pl_tls_ref(struct pl_tls *tls)
{
    atomic_fetch_add_explicit(&tls->references, 1, memory_order_relaxed);
    return tls;
}

void pl_tls_unref(struct pl_tls *tls)
{
    if (!tls || atomic_fetch_sub_explicit(&tls->references, 1, memory_order_acq_rel) != 1)
        return;
    pli_tls_contexts_unref(tls->contexts);
    pli_mutex_deinit(&tls->lock);
    pli_tls_tickets_unref(tls->tickets);
    free(tls);
}
