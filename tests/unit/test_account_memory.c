/* SPDX-License-Identifier: MIT */
/* Allocations that fail: a call says so and has done nothing, or has done all of it. */
#include "config.h"

#include "account/nickserv.h"

#include "account/inside.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct account_house house;

/* What is known in memory is what the store has. */
static void expect_true_picture(void)
{
    EXPECT_RESULT(accounts_count(house.accounts),
                  house_count(&house.house, STORE_ALL_ACCOUNTS, NULL));
    EXPECT(pli_list_is_empty(&house.accounts->coming), "something is still coming");
}

/* Has each allocation of CALL fail in turn; it returns WANTED where none does, and else may have -ENOMEM. */
static void without_memory(struct place place, int (*call)(long turn), int wanted)
{
    bool done = false;

    for (long n = 1; !done; n++) {
        int rc;

        failmalloc_after(n);
        rc = call(n);
        done = !failmalloc_fired();
        failmalloc_off();
        if (rc != wanted && (done || rc != -ENOMEM))
            expect_fail(place, "without allocation %ld: %d", n, rc);
        expect_true_picture();
    }
}
#define WITHOUT_MEMORY(call, wanted) without_memory(HERE, call, wanted)

static int make_accounts(long turn)
{
    struct accounts *accounts;
    int rc = accounts_new(&house.settings, &accounts);

    (void)turn;
    if (rc == 0)
        rc = accounts_configure(accounts, &house.settings);
    accounts_free(accounts);
    return rc;
}

static void accounts_are_made_and_configured(void)
{
    account_house_begin(&house);
    WITHOUT_MEMORY(make_accounts, 0);
    account_house_end(&house);
}

static int enlist(long turn)
{
    char name[32];

    snprintf(name, sizeof name, "n%ld", turn);
    return account_house_register(&house, name, "x");
}

static int enlist_by_mail(long turn)
{
    char name[32];

    snprintf(name, sizeof name, "m%ld", turn);
    return account_register(house.accounts, &house.who, name, "a@b.example", "x", false,
                            house.name);
}

static void names_are_registered(void)
{
    account_house_begin(&house);
    house.settings.registrations = 1000;
    account_house_configure(&house);
    WITHOUT_MEMORY(enlist, 0);
    account_house_end(&house);
}

static void names_are_registered_by_mail(void)
{
    account_house_begin(&house);
    house.settings.mail_command = "true";
    account_house_configure(&house);
    WITHOUT_MEMORY(enlist_by_mail, ACCOUNT_UNVERIFIED);
    account_house_end(&house);
}

static int log_in(long turn)
{
    (void)turn;
    return account_house_login(&house, "Ann", "x");
}

static int fail_to_log_in(long turn)
{
    char name[32];

    snprintf(name, sizeof name, "n%ld", turn);
    return account_house_login(&house, name, "x");
}

static int log_in_by_certificate(long turn)
{
    (void)turn;
    return account_login_certificate(house.accounts, &house.who, "", house.name);
}

static int change(long turn)
{
    int rc = account_set_password(house.accounts, &house.who, "Ann", "x");

    (void)turn;
    return rc == 0 ? account_set_email(house.accounts, "Ann", "a@b.example") : rc;
}

static void logins_and_changes(void)
{
    account_house_begin(&house);
    EXPECT_RESULT(account_house_register(&house, "Ann", "x"), 0);
    EXPECT_RESULT(account_certificate_add(house.accounts, "Ann", PRINT), 0);
    house.who.fingerprint = PRINT;
    house.settings.failures = 1000;
    account_house_configure(&house);
    WITHOUT_MEMORY(log_in, 0);
    WITHOUT_MEMORY(fail_to_log_in, ACCOUNT_WRONG);
    WITHOUT_MEMORY(log_in_by_certificate, 0);
    WITHOUT_MEMORY(change, 0);
    EXPECT_RESULT(log_in(0), 0);
    account_house_end(&house);
}

static int say(const char *line)
{
    struct nickserv_request request = {.who = house.who, .account = "Ann", .line = line};
    struct nickserv_answer answer;
    int rc = nickserv_run(house.accounts, &request, &answer);

    if (rc == 0)
        EXPECT(answer.lines, "no answer");
    nickserv_answer_deinit(&answer);
    return rc;
}

static int ask(long turn)
{
    int rc = say("HELP");

    (void)turn;
    if (rc == 0)
        rc = say("CERT LIST");
    return rc == 0 ? say("INFO") : rc;
}

static void nickserv_answers(void)
{
    account_house_begin(&house);
    EXPECT_RESULT(account_house_register(&house, "Ann", "x"), 0);
    WITHOUT_MEMORY(ask, 0);
    account_house_end(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"accounts are made and configured", accounts_are_made_and_configured},
        {"names are registered", names_are_registered},
        {"names are registered by mail", names_are_registered_by_mail},
        {"logins and changes", logins_and_changes},
        {"NickServ answers", nickserv_answers},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "accounts without memory", tests);
}
