/* SPDX-License-Identifier: MIT */
/*
 * Keys of session tickets (RFC 8446, section 4.6.1; RFC 5077): with the present one tickets are sealed,
 * and what the one before it has sealed is still opened. They are in memory alone, so that no file can
 * give away what was said; a server that starts anew has nobody resume, which costs a full handshake.
 *
 * Who needs a key looks first whether it is time for another, so nothing has to be done where there is
 * no handshake. Any thread.
 */
#ifndef PLI_TRANSPORT_TLS_TICKETS_H
#define PLI_TRANSPORT_TLS_TICKETS_H

#include <stdint.h>

#define PLI_TLS_TICKET_NAME 16

struct pli_tls_ticket_key {
    unsigned char name[PLI_TLS_TICKET_NAME]; /* stands in the ticket */
    unsigned char cipher[32];                /* AES-256 */
    unsigned char mac[32];                   /* HMAC with SHA-256 */
};

struct pli_tls_tickets;

/* Makes a set with one reference and without a key. NULL without memory. */
struct pli_tls_tickets *pli_tls_tickets_new(void);
struct pli_tls_tickets *pli_tls_tickets_ref(struct pli_tls_tickets *tickets);
void pli_tls_tickets_unref(struct pli_tls_tickets *tickets); /* NULL is allowed */

/* Has tickets sealed with another key from now on, and with each for LIFETIME nanoseconds, at least 1. */
void pli_tls_tickets_renew(struct pli_tls_tickets *tickets, uint64_t lifetime);

/*
 * The key to seal with at that time (pli_clock_now()); the caller cleanses it. Returns 0, or -EIO where
 * there is no randomness for one.
 */
int pli_tls_tickets_seal(struct pli_tls_tickets *tickets, uint64_t now,
                         struct pli_tls_ticket_key *key);

/*
 * The key of that name, if a ticket may still be opened with it at that time. Returns 0, or
 * PLI_TLS_TICKETS_FORMER: it is one that the caller should replace the ticket of; -ENOENT: there is none;
 * or -EIO.
 */
#define PLI_TLS_TICKETS_FORMER 1
int pli_tls_tickets_open(struct pli_tls_tickets *tickets, uint64_t now,
                         const unsigned char name[PLI_TLS_TICKET_NAME],
                         struct pli_tls_ticket_key *key);

#endif
