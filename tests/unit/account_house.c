/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/account_house.h"

#include "account/inside.h"
#include "tests/lib/expect.h"

#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S UINT64_C(1000)

static atomic_uint passed; /* seconds */

static uint64_t now(void)
{
    return (100000 + atomic_load(&passed)) * NS_PER_S;
}

static uint64_t wall(void)
{
    return (1700000000 + (uint64_t)atomic_load(&passed)) * MS_PER_S;
}

void account_house_pass(unsigned seconds)
{
    atomic_fetch_add(&passed, seconds);
}

static void open_accounts(struct account_house *house)
{
    EXPECT_RESULT(accounts_new(&house->settings, &house->accounts), 0);
    house->accounts->now = now;
    house->accounts->wall = wall;
    EXPECT_RESULT(accounts_put_secret(house->accounts, "secret", 6), 0);
    EXPECT_RESULT(accounts_keep(house->accounts, house->house.store), 0);
}

void account_house_begin(struct account_house *house)
{
    house->settings = (struct account_settings){.server = "irc.example.org",
                                                .network = "Example",
                                                .registration = true,
                                                .before_connect = true,
                                                .custom_names = true,
                                                .mail_command = "",
                                                .min_password = 1,
                                                .iterations = 4096,
                                                .verify_time = 3600,
                                                .failure_time = 600,
                                                .certificates = 16};
    house->who = (struct account_who){
        .address = "192.0.2.1", .nick = "Nick", .fingerprint = "", .is_private = true};
    house_begin(&house->house);
    open_accounts(house);
}

void account_house_end(struct account_house *house)
{
    store_stop(house->house.store);
    accounts_free(house->accounts);
    house_end(&house->house);
}

void account_house_configure(struct account_house *house)
{
    EXPECT_RESULT(accounts_configure(house->accounts, &house->settings), 0);
}

void account_house_restart(struct account_house *house)
{
    store_stop(house->house.store);
    accounts_free(house->accounts);
    house_close(&house->house);
    EXPECT_RESULT(house_open(&house->house), 0);
    open_accounts(house);
}

unsigned long account_house_derivations(const struct account_house *house)
{
    return atomic_load(&house->accounts->derivations);
}

int account_house_register(struct account_house *house, const char *name, const char *password)
{
    memset(house->name, 0, sizeof house->name);
    return account_register(house->accounts, &house->who, name, "*", password, false, house->name);
}

int account_house_login(struct account_house *house, const char *name, const char *password)
{
    memset(house->name, 0, sizeof house->name);
    return account_login(house->accounts, &house->who, name, password, house->name);
}
