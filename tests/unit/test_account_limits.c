/* SPDX-License-Identifier: MIT */
/* How often logins may fail and accounts be registered; the clock goes when the test says so. */
#include "config.h"

#include "account/throttle.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"

#include <string.h>

static struct account_house house;

#define REGISTER(name, outcome) EXPECT_RESULT(account_house_register(&house, name, "x"), outcome)
#define LOGIN(name, password, outcome)                                                             \
    EXPECT_RESULT(account_house_login(&house, name, password), outcome)

/* -- Throttles ---------------------------------------------------------------------------------- */

static struct account_throttle throttle;

static bool allows(const char *key, unsigned limit, uint64_t now)
{
    return account_throttle_allows(&throttle, key, strlen(key), (struct account_limit){limit, 100},
                                   now);
}

static void count(const char *key, unsigned limit, uint64_t now)
{
    EXPECT_RESULT(account_throttle_count(&throttle, key, strlen(key),
                                         (struct account_limit){limit, 100}, now),
                  0);
}

static void so_many_are_allowed_at_once_and_then_one_at_a_time(void)
{
    EXPECT_RESULT(account_throttle_init(&throttle, 10), 0);
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT(allows("a", 4, 1000));
        count("a", 4, 1000);
    }
    CU_ASSERT(!allows("a", 4, 1000));
    CU_ASSERT(allows("b", 4, 1000));
    CU_ASSERT(!allows("a", 4, 1024));
    CU_ASSERT(allows("a", 4, 1025));
    count("a", 4, 1025);
    CU_ASSERT(!allows("a", 4, 1049));
    CU_ASSERT(allows("a", 4, 1050));
    CU_ASSERT(allows("a", 0, 1025)); /* no limit */
    count("a", 4, 1026);             /* past the limit: no longer than the period */
    count("a", 4, 1026);
    CU_ASSERT(!allows("a", 4, 1050));
    CU_ASSERT(allows("a", 4, 1051));
    account_throttle_deinit(&throttle);
}

static void what_is_taken_back_or_forgotten_has_not_been(void)
{
    struct account_limit limit = {1, 100};

    EXPECT_RESULT(account_throttle_init(&throttle, 10), 0);
    count("a", 1, 1000);
    account_throttle_take_back(&throttle, "a", 1, limit);
    CU_ASSERT(allows("a", 1, 1000));
    account_throttle_take_back(&throttle, "a", 1, limit);
    account_throttle_take_back(&throttle, "b", 1, limit);
    count("a", 1, 1000);
    CU_ASSERT(!allows("a", 1, 1000));
    account_throttle_forget(&throttle, "a", 1);
    account_throttle_forget(&throttle, "a", 1);
    CU_ASSERT(allows("a", 1, 1000));
    CU_ASSERT_EQUAL(throttle.keys.count, 0);
    account_throttle_deinit(&throttle);
}

static void memory_is_bounded_and_the_oldest_goes_first(void)
{
    char key[2] = "a";

    EXPECT_RESULT(account_throttle_init(&throttle, 3), 0);
    for (char c = 'a'; c <= 'c'; c++) {
        key[0] = c;
        count(key, 1, 1000);
    }
    count("a", 1, 1001);
    count("d", 1, 1001);
    CU_ASSERT_EQUAL(throttle.keys.count, 3);
    CU_ASSERT(!allows("a", 1, 1002));
    CU_ASSERT(allows("b", 1, 1002));
    CU_ASSERT(!allows("c", 1, 1002));
    count("e", 1, 2000); /* what means nothing any more goes */
    CU_ASSERT(throttle.keys.count <= 2);
    account_throttle_deinit(&throttle);
}

/* -- Logins ------------------------------------------------------------------------------------- */

static void begin(unsigned failures, unsigned registrations)
{
    account_house_begin(&house);
    REGISTER("Ann", 0);
    REGISTER("Bob", 0);
    house.settings.failures = failures;
    house.settings.registrations = registrations;
    account_house_configure(&house);
}

static void an_account_is_not_tried_again_and_again(void)
{
    unsigned long before;

    begin(3, 0);
    house.who.address = "127.0.0.1";
    for (unsigned i = 0; i < 3; i++)
        LOGIN("Ann", "wrong", ACCOUNT_WRONG);
    before = account_house_derivations(&house);
    LOGIN("Ann", "x", ACCOUNT_TOO_OFTEN);
    LOGIN("aNN", "x", ACCOUNT_TOO_OFTEN);
    CU_ASSERT_EQUAL(account_house_derivations(&house), before);
    LOGIN("Bob", "x", 0);
    account_house_pass(200);
    LOGIN("Ann", "wrong", ACCOUNT_WRONG);
    LOGIN("Ann", "x", ACCOUNT_TOO_OFTEN);
    account_house_pass(200);
    LOGIN("Ann", "x", 0);
    for (unsigned i = 0; i < 3; i++) /* the count has ended */
        LOGIN("Ann", "wrong", ACCOUNT_WRONG);
    LOGIN("Ann", "x", ACCOUNT_TOO_OFTEN);
    account_house_end(&house);
}

static void names_that_are_nobodys_are_counted_alike(void)
{
    begin(2, 0);
    LOGIN("Nobody", "x", ACCOUNT_WRONG);
    LOGIN("Nobody", "x", ACCOUNT_WRONG);
    LOGIN("Nobody", "x", ACCOUNT_TOO_OFTEN);
    account_house_end(&house);
}

static void an_address_does_not_try_one_account_after_the_other(void)
{
    begin(2, 0);
    LOGIN("a", "x", ACCOUNT_WRONG);
    LOGIN("b", "x", ACCOUNT_WRONG);
    LOGIN("Ann", "x", ACCOUNT_TOO_OFTEN);
    house.who.address = "192.0.2.2";
    LOGIN("Ann", "x", 0);
    house.who.address = "2001:db8:0:1::1";
    LOGIN("c", "x", ACCOUNT_WRONG);
    house.who.address = "2001:db8:0:1::2";
    LOGIN("d", "x", ACCOUNT_WRONG);
    house.who.address = "2001:db8:0:1:ffff::";
    LOGIN("Ann", "x", ACCOUNT_TOO_OFTEN);
    house.who.address = "2001:db8:0:2::1";
    LOGIN("Ann", "x", 0);
    account_house_end(&house);
}

/* Gateways, bouncers, web clients: everybody may come from there. */
static void the_machine_itself_is_not_counted(void)
{
    static const char *const addresses[] = {"127.0.0.1", "127.9.9.9", "::1", "unix", "", NULL};

    begin(2, 1);
    for (size_t i = 0; addresses[i]; i++) {
        char name[4] = {'n', (char)('a' + i), 'a', '\0'};

        house.who.address = addresses[i];
        for (char c = 'a'; c < 'e'; c++) {
            name[2] = c;
            LOGIN(name, "x", ACCOUNT_WRONG);
        }
        REGISTER(name, 0);
        name[2] = 'f';
        REGISTER(name, 0);
    }
    account_house_end(&house);
}

static void a_login_that_is_right_does_not_clear_its_address(void)
{
    begin(2, 0);
    LOGIN("a", "x", ACCOUNT_WRONG);
    LOGIN("Bob", "x", 0);
    LOGIN("b", "x", ACCOUNT_WRONG);
    LOGIN("Bob", "x", ACCOUNT_TOO_OFTEN);
    account_house_end(&house);
}

static int judged(const char *name, bool right)
{
    return account_judged(house.accounts, &house.who, name, right);
}

/* By keys that were asked for before the limit was reached. */
static void many_tries_at_once_are_no_way_around(void)
{
    struct pli_password keys;
    bool known;

    begin(2, 0);
    for (unsigned i = 0; i < 4; i++)
        EXPECT_RESULT(account_keys(house.accounts, &house.who, "Ann", &keys, &known, house.name),
                      0);
    EXPECT_RESULT(judged("ann", false), ACCOUNT_WRONG);
    EXPECT_RESULT(judged("ann", false), ACCOUNT_WRONG);
    EXPECT_RESULT(judged("ann", false), ACCOUNT_TOO_OFTEN);
    EXPECT_RESULT(judged("ann", true), ACCOUNT_TOO_OFTEN);
    EXPECT_RESULT(account_keys(house.accounts, &house.who, "Ann", &keys, &known, house.name),
                  ACCOUNT_TOO_OFTEN);
    account_house_pass(301);
    EXPECT_RESULT(judged("ann", true), 0);
    EXPECT_RESULT(judged("not a name", true), ACCOUNT_WRONG);
    account_house_end(&house);
}

/* -- Registrations ------------------------------------------------------------------------------ */

static void registrations_are_counted_by_address(void)
{
    begin(0, 2);
    REGISTER("a", 0);
    REGISTER("Ann", ACCOUNT_TAKEN); /* none, so it is not counted */
    REGISTER("b", 0);
    REGISTER("c", ACCOUNT_TOO_MANY);
    EXPECT_RESULT(account_register(house.accounts, &house.who, "d", "", "x", true, house.name), 0);
    house.who.address = "192.0.2.2";
    REGISTER("c", 0);
    house.who.address = "192.0.2.1";
    account_house_pass(1799);
    REGISTER("e", ACCOUNT_TOO_MANY);
    account_house_pass(1);
    REGISTER("e", 0);
    REGISTER("f", ACCOUNT_TOO_MANY);
    account_house_end(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"so many are allowed at once and then one at a time",
         so_many_are_allowed_at_once_and_then_one_at_a_time},
        {"what is taken back or forgotten has not been",
         what_is_taken_back_or_forgotten_has_not_been},
        {"memory is bounded and the oldest goes first",
         memory_is_bounded_and_the_oldest_goes_first},
        {"an account is not tried again and again", an_account_is_not_tried_again_and_again},
        {"names that are nobody's are counted alike", names_that_are_nobodys_are_counted_alike},
        {"an address does not try one account after the other",
         an_address_does_not_try_one_account_after_the_other},
        {"the machine itself is not counted", the_machine_itself_is_not_counted},
        {"a login that is right does not clear its address",
         a_login_that_is_right_does_not_clear_its_address},
        {"many tries at once are no way around", many_tries_at_once_are_no_way_around},
        {"registrations are counted by address", registrations_are_counted_by_address},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "accounts' limits", tests);
}
