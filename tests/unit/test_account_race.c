/* SPDX-License-Identifier: MIT */
/* Several threads on the same names: each is one person's, and what is known in memory stays true. */
#include "config.h"

#include "account/inside.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define NAMES   12
#define TURNS   40

static struct account_house house;

struct worker {
    pthread_t thread;
    unsigned number;
    unsigned seed;
    unsigned outcomes[ACCOUNT_AWAY + 1];
    int error; /* an errno, or an outcome that cannot be */
};

static void start(struct worker workers[static THREADS], void *(*body)(void *))
{
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i, .seed = i + 1};
        EXPECT_RESULT(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT_RESULT(pthread_join(workers[i].thread, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT_RESULT(workers[i].error, 0);
}

static void note(struct worker *worker, int outcome)
{
    if (outcome < 0 || outcome == ACCOUNT_AWAY)
        worker->error = outcome;
    else
        worker->outcomes[outcome]++;
}

/* All register the same names, each with a password of its own. */
static void *enlist_all(void *argument)
{
    struct worker *worker = argument;
    char name[16], password[16], out[ACCOUNT_NAME_MAX + 1];

    snprintf(password, sizeof password, "%u", worker->number);
    for (unsigned i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "%s%u", worker->number % 2 ? "n" : "N", i);
        note(worker, account_register(house.accounts, &house.who, name, "*", password, false, out));
    }
    return NULL;
}

static void of_all_who_register_a_name_at_once_one_has_it(void)
{
    struct worker workers[THREADS];
    unsigned made = 0, taken = 0;

    account_house_begin(&house);
    start(workers, enlist_all);
    for (unsigned i = 0; i < THREADS; i++) {
        made += workers[i].outcomes[0];
        taken += workers[i].outcomes[ACCOUNT_TAKEN];
    }
    CU_ASSERT_EQUAL(made, NAMES);
    CU_ASSERT_EQUAL(taken, NAMES * (THREADS - 1));
    CU_ASSERT_EQUAL(accounts_count(house.accounts), NAMES);
    for (unsigned i = 0; i < NAMES; i++) {
        unsigned fits = 0;
        char name[16];

        snprintf(name, sizeof name, "n%u", i);
        for (unsigned j = 0; j < THREADS; j++) {
            char password[16];

            snprintf(password, sizeof password, "%u", j);
            fits += account_house_login(&house, name, password) == 0;
        }
        CU_ASSERT_EQUAL(fits, 1);
    }
    account_house_end(&house);
}

static void *change_at_random(void *argument)
{
    struct worker *worker = argument;
    char name[16], out[ACCOUNT_NAME_MAX + 1];

    for (unsigned i = 0; i < TURNS; i++) {
        unsigned what = (unsigned)rand_r(&worker->seed) % 8;

        snprintf(name, sizeof name, "n%u", (unsigned)rand_r(&worker->seed) % 3);
        if (what < 3)
            note(worker, account_register(house.accounts, &house.who, name, "*", "x", false, out));
        else if (what < 6)
            note(worker, account_drop(house.accounts, name));
        else
            note(worker, account_set_protection(house.accounts, name, what == 6));
        (void)accounts_owner(house.accounts, name, strlen(name), out);
    }
    return NULL;
}

static void compare(const struct account_view *view, void *argument)
{
    char owner[ACCOUNT_NAME_MAX + 1];
    unsigned *count = argument;

    ++*count;
    CU_ASSERT_EQUAL(accounts_owner(house.accounts, view->name, strlen(view->name), owner),
                    view->protects);
}

static void what_is_known_in_memory_is_what_the_store_has(void)
{
    struct worker workers[THREADS];
    unsigned count = 0;

    account_house_begin(&house);
    start(workers, change_at_random);
    EXPECT_RESULT(accounts_each(house.accounts, compare, &count), 0);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), count);
    CU_ASSERT(pli_list_is_empty(&house.accounts->coming));
    account_house_end(&house);
}

/* By which the picture in memory, and a mail that fails, know which one of a name is meant. */
static void accounts_of_one_moment_have_times_of_their_own(void)
{
    struct account_view ann, bob;

    account_house_begin(&house); /* where the clock stands still */
    EXPECT_RESULT(account_house_register(&house, "ann", "x"), 0);
    EXPECT_RESULT(account_house_register(&house, "bob", "x"), 0);
    EXPECT_RESULT(account_look(house.accounts, "ann", &ann), 0);
    EXPECT_RESULT(account_look(house.accounts, "bob", &bob), 0);
    CU_ASSERT(ann.created < bob.created);
    account_house_end(&house);
}

/* As an import does: nobody has told the accounts. */
static void what_others_put_into_the_store_is_known_too(void)
{
    struct store_change ann = add_account("ann"), bad = add_account("b b"),
                        other = add_account("carl");

    account_house_begin(&house);
    ann.record.account.name = "Ann";
    ann.record.account.flags = 0;
    other.record.account.name = "dora"; /* that is not its name */
    EXPECT_RESULT(store_apply(house.house.store, &ann), 0);
    EXPECT_RESULT(store_apply(house.house.store, &bad), 0);
    EXPECT_RESULT(store_apply(house.house.store, &other), 0);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 1);
    EXPECT_RESULT(account_house_register(&house, "ANN", "x"), ACCOUNT_TAKEN);
    EXPECT_RESULT(account_house_login(&house, "ann", "x"), ACCOUNT_WRONG); /* it has no keys */
    account_house_restart(&house);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 1);
    ann.operation = STORE_DROP;
    EXPECT_RESULT(store_apply(house.house.store, &ann), 0);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 0);
    account_house_end(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"of all who register a name at once one has it",
         of_all_who_register_a_name_at_once_one_has_it},
        {"what is known in memory is what the store has",
         what_is_known_in_memory_is_what_the_store_has},
        {"accounts of one moment have times of their own",
         accounts_of_one_moment_have_times_of_their_own},
        {"what others put into the store is known too",
         what_others_put_into_the_store_is_known_too},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "accounts by many", tests);
}
