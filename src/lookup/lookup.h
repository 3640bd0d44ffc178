/* SPDX-License-Identifier: MIT */
/*
 * What the domain name system knows of those who come: a name of their address that leads back to
 * it, and whether lists of bad addresses have it. Asking takes long and may take for ever, so it is
 * done by a few threads of its own, which nothing else waits for, while the session is parked; a
 * session that has waited long enough goes on without an answer. What was found out is known for a
 * while.
 *
 * Life of a lookup: lookup_begin() makes it and parks the session; it belongs to the session and to
 * the thread that works on it, and to whoever of the two ends later. Either the thread is done, or
 * the session gives up: whoever is first, by the state, resumes the session.
 */
#ifndef LOOKUP_LOOKUP_H
#define LOOKUP_LOOKUP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include <paceline/network.h>

#include "lookup/cache.h"

#define LOOKUP_LIST_MAX    128 /* bytes of a list's name */
#define LOOKUP_REASON_MAX  255
#define LOOKUP_REPLIES_MAX 16

struct pl_session;
struct lookup;
struct lookup_rules;
struct lookups;

/* A list of bad addresses (RFC 5782). */
struct lookup_list {
    char name[LOOKUP_LIST_MAX + 1];
    char reason[LOOKUP_REASON_MAX + 1]; /* what those are told who are in it */
    bool refuse;                        /* they are turned away; otherwise they are marked */
    struct pl_network replies[LOOKUP_REPLIES_MAX]; /* answers that mean that it has an address */
    size_t reply_count;
};

struct lookup_settings {
    bool resolve;              /* names of addresses are asked for */
    unsigned timeout;          /* seconds that somebody waits, 1 or more */
    unsigned remember;         /* seconds that an answer is known */
    struct sockaddr_in server; /* to be asked; its family 0: those of the system */
    const struct lookup_list *lists;
    size_t list_count;
};

struct lookup_answer {
    char host[LOOKUP_HOST_MAX + 1]; /* "": none that may be shown */
    char list[LOOKUP_LIST_MAX + 1]; /* that has the address; "": none */
    char reason[LOOKUP_REASON_MAX + 1];
    bool refuse;
    bool late; /* nobody has answered in time */
    bool busy; /* too much was asked already */
};

/*
 * Makes what asks, with at most THREADS at once, which are started when first needed. SETTINGS are
 * copied. Returns 0 or -ENOMEM.
 */
int lookups_new(const struct lookup_settings *settings, unsigned threads, struct lookups **lookups);

/* Ends the threads, when the server does not run any more but before it is freed. NULL is allowed. */
void lookups_stop(struct lookups *lookups);

/* When no session is left. NULL is allowed. */
void lookups_free(struct lookups *lookups);

/*
 * Replaces the settings for those who come, in two steps, of which only the first may fail: makes
 * rules of a copy, which returns NULL without memory, and puts them in force. Any thread.
 */
struct lookup_rules *lookup_rules_new(const struct lookup_settings *settings);
void lookup_rules_unref(struct lookup_rules *rules);
void lookups_put(struct lookups *lookups, struct lookup_rules *rules);

/*
 * Asks about the peer of SESSION; who is on this machine is not asked about. Returns NULL and puts
 * what there is to know into ANSWER; or a lookup, and then the session is parked. In a call.
 */
struct lookup *lookup_begin(struct lookups *lookups, struct pl_session *session,
                            struct lookup_answer *answer);

/* How long the session should wait for it, in milliseconds. */
unsigned lookup_patience(const struct lookup *lookup);

/* The session has waited long enough: it is resumed. In a call. */
void lookup_give_up(struct lookup *lookup);

/* The session is resumed: takes the answer, and frees the lookup. In a call. */
void lookup_end(struct lookup *lookup, struct lookup_answer *answer);

/* Logs that a list has the peer's address, if one has it, under the name of the SERVICE. In a call. */
void lookup_log(const struct lookup_answer *answer, const char *service,
                struct pl_session *session);

/* Frees one that nobody waits for any more, as the session ends. NULL is allowed. */
void lookup_free(struct lookup *lookup);

#endif
