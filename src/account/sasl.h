/* SPDX-License-Identifier: MIT */
/*
 * Logins by SASL (RFC 4422): PLAIN (RFC 4616), EXTERNAL and SCRAM-SHA-256 (RFC 5802, RFC 7677), and no
 * other mechanism, by GNU SASL. How the messages travel is a protocol's matter: this takes and makes
 * them as bytes. A build without GNU SASL knows no mechanism.
 */
#ifndef ACCOUNT_SASL_H
#define ACCOUNT_SASL_H

#include "account/account.h"

#define ACCOUNT_SASL_MECHANISMS 64   /* bytes of their list, with its NUL */
#define ACCOUNT_SASL_MESSAGE    4096 /* bytes of a message of the client's, at most */

struct account_sasl;

/*
 * The mechanisms that WHO may use now, with commas between them; EXTERNAL for who has shown a certificate,
 * PLAIN where passwords may come in clear. "" if the store is away or there are none.
 */
void account_sasl_list(struct accounts *accounts, const struct account_who *who,
                       char list[static ACCOUNT_SASL_MECHANISMS]);

/*
 * Begins an exchange. WHO is copied. Returns 0, ACCOUNT_MISSING (no such mechanism, or not for WHO),
 * ACCOUNT_AWAY, or -ENOMEM. Any thread; waits for nothing.
 */
int account_sasl_new(struct accounts *accounts, const struct account_who *who,
                     const char *mechanism, struct account_sasl **out);
void account_sasl_free(struct account_sasl *sasl); /* NULL is allowed */

/*
 * Takes the client's next message (helper). *ANSWER is one to be sent, of *ANSWER_LENGTH bytes, to be freed by
 * the caller, NULL if there is none. Returns ACCOUNT_SASL_MORE (the answer, which may be empty, is sent
 * and the client's next message awaited), 0 (it is logged in as account_sasl_name(); any answer has been
 * sent before), an account_outcome (it is not), or a negative errno; the exchange is over but for the first.
 */
#define ACCOUNT_SASL_MORE 100
int account_sasl_step(struct account_sasl *sasl, const void *message, size_t length, void **answer,
                      size_t *answer_length);

/* Of who has logged in. */
const char *account_sasl_name(const struct account_sasl *sasl);

#endif
