/* SPDX-License-Identifier: MIT */
/* Accounts in a store of the test's own, somebody who asks, and clocks that go when the test says so. */
#ifndef TESTS_UNIT_ACCOUNT_HOUSE_H
#define TESTS_UNIT_ACCOUNT_HOUSE_H

#include "account/account.h"
#include "tests/unit/store_house.h"

#include <stdatomic.h>

struct account_house {
    struct house house;
    struct accounts *accounts;
    struct account_settings settings;
    struct account_who who;
    char name[ACCOUNT_NAME_MAX + 1]; /* what the last call has given out */
};

/* With the least work for a password, and nothing that keeps anybody from anything. */
void account_house_begin(struct account_house *house);
void account_house_end(struct account_house *house);

/* Puts house->settings in force. */
void account_house_configure(struct account_house *house);

/* Stops, and starts anew with the same file. */
void account_house_restart(struct account_house *house);

/* Both clocks of all houses go on by so many seconds. */
void account_house_pass(unsigned seconds);

/* How many keys were derived from passwords, so far. */
unsigned long account_house_derivations(const struct account_house *house);

/* account_register() of NAME by whoever asks, and account_login(). */
int account_house_register(struct account_house *house, const char *name, const char *password);
int account_house_login(struct account_house *house, const char *name, const char *password);

#endif
