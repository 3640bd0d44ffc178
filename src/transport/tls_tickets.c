/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/tls_tickets.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/lock.h"

enum { PRESENT, FORMER, KEYS };

struct pli_tls_tickets {
    _Atomic unsigned references;
    struct pli_mutex lock;                /* PLI_RANK_TLS */
    struct pli_tls_ticket_key keys[KEYS]; /* (lock) */
    unsigned count;                       /* (lock) of keys that there are */
    unsigned owed;     /* (lock) times that another is to take the present one's place */
    uint64_t lifetime; /* (lock) */
    uint64_t due;      /* (lock) when the present one ends */
};

struct pli_tls_tickets *pli_tls_tickets_new(void)
{
    struct pli_tls_tickets *tickets = calloc(1, sizeof(*tickets));

    if (!tickets)
        return NULL;
    tickets->references = 1;
    pli_mutex_init(&tickets->lock, PLI_RANK_TLS);
    return tickets;
}

struct pli_tls_tickets *pli_tls_tickets_ref(struct pli_tls_tickets *tickets)
{
    atomic_fetch_add_explicit(&tickets->references, 1, memory_order_relaxed);
    return tickets;
}

void pli_tls_tickets_unref(struct pli_tls_tickets *tickets)
{
    if (!tickets || atomic_fetch_sub_explicit(&tickets->references, 1, memory_order_acq_rel) != 1)
        return;
    pli_mutex_deinit(&tickets->lock);
    OPENSSL_cleanse(tickets->keys, sizeof(tickets->keys));
    free(tickets);
}

void pli_tls_tickets_renew(struct pli_tls_tickets *tickets, uint64_t lifetime)
{
    pli_lock(&tickets->lock);
    tickets->lifetime = lifetime;
    tickets->owed++;
    pli_unlock(&tickets->lock);
}

/* Another key is the present one, and the present one the former, as if that were done so many TIMES. */
static int rotate_locked(struct pli_tls_tickets *tickets, uint64_t now, unsigned times)
{
    struct pli_tls_ticket_key *keys = tickets->keys;
    struct pli_tls_ticket_key key;

    if (RAND_priv_bytes((unsigned char *)&key, sizeof(key)) != 1)
        return -EIO;
    if (times > 1)
        tickets->count = 0; /* it would be the one before the former */
    if (tickets->count > 0)
        keys[FORMER] = keys[PRESENT];
    else
        OPENSSL_cleanse(&keys[FORMER], sizeof(keys[FORMER]));
    keys[PRESENT] = key;
    OPENSSL_cleanse(&key, sizeof(key));
    tickets->count = tickets->count > 0 ? KEYS : 1;
    tickets->owed = 0;
    tickets->due = now + tickets->lifetime;
    return 0;
}

/* Sees to the keys as they have to be at that time. */
static int keep_locked(struct pli_tls_tickets *tickets, uint64_t now)
{
    unsigned times = tickets->owed;

    if (tickets->count > 0 && now >= tickets->due)
        times += now - tickets->due >= tickets->lifetime ? 2 : 1;
    return times > 0 || tickets->count == 0 ? rotate_locked(tickets, now, times) : 0;
}

int pli_tls_tickets_seal(struct pli_tls_tickets *tickets, uint64_t now,
                         struct pli_tls_ticket_key *key)
{
    int rc;

    pli_lock(&tickets->lock);
    rc = keep_locked(tickets, now);
    if (rc == 0)
        *key = tickets->keys[PRESENT];
    pli_unlock(&tickets->lock);
    return rc;
}

int pli_tls_tickets_open(struct pli_tls_tickets *tickets, uint64_t now,
                         const unsigned char name[PLI_TLS_TICKET_NAME],
                         struct pli_tls_ticket_key *key)
{
    int rc;

    pli_lock(&tickets->lock);
    rc = keep_locked(tickets, now);
    if (rc == 0)
        rc = -ENOENT;
    for (unsigned i = 0; rc == -ENOENT && i < tickets->count; i++) {
        if (memcmp(tickets->keys[i].name, name, PLI_TLS_TICKET_NAME) != 0)
            continue;
        *key = tickets->keys[i];
        rc = i == PRESENT ? 0 : PLI_TLS_TICKETS_FORMER;
    }
    pli_unlock(&tickets->lock);
    return rc;
}
