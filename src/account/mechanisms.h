/* SPDX-License-Identifier: MIT */
/*
 * What all exchanges of SASL (account/sasl.h) share: GNU SASL's library context. It belongs to the
 * accounts, is made with them, and is only read from then on, by any thread.
 */
#ifndef ACCOUNT_MECHANISMS_H
#define ACCOUNT_MECHANISMS_H

struct account_mechanisms;
struct accounts;

/* Returns 0, -ENOMEM or -EIO. In a build without GNU SASL there is nothing to be made, and *OUT is NULL. */
int account_mechanisms_new(struct account_mechanisms **out);
void account_mechanisms_free(struct account_mechanisms *mechanisms); /* NULL is allowed */

/* Those of the accounts. */
struct account_mechanisms *accounts_mechanisms(struct accounts *accounts);

#endif
