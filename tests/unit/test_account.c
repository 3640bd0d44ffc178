/* SPDX-License-Identifier: MIT */
/* Accounts with a store of SQLite's: every outcome of registering, logging in and changing. */
#include "config.h"

#include "tests/unit/account_house.h"

#include "account/inside.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct account_house house;

#define REGISTER(name, password, outcome)                                                          \
    EXPECT_RESULT(account_house_register(&house, name, password), outcome)
#define LOGIN(name, password, outcome)                                                             \
    EXPECT_RESULT(account_house_login(&house, name, password), outcome)

static bool is_owned(const char *nick, const char *owner)
{
    char found[ACCOUNT_NAME_MAX + 1];

    return accounts_owner(house.accounts, nick, strlen(nick), found) && strcmp(found, owner) == 0;
}

static void an_account_is_registered_logged_in_to_and_outlives_a_restart(void)
{
    account_house_begin(&house);
    REGISTER("Ann", "s3cret", 0);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    REGISTER("*", "other", 0);
    CU_ASSERT_STRING_EQUAL(house.name, "Nick");
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 2);
    LOGIN("aNN", "s3cret", 0);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    LOGIN("Ann", "S3cret", ACCOUNT_WRONG);
    LOGIN("Ann", "", ACCOUNT_WRONG);
    LOGIN("Bob", "s3cret", ACCOUNT_WRONG);
    account_house_restart(&house);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 2);
    LOGIN("ann", "s3cret", 0);
    CU_ASSERT(is_owned("ANN", "Ann"));
    CU_ASSERT(is_owned("nick", "Nick"));
    CU_ASSERT(!is_owned("bob", "Bob"));
    account_house_end(&house);
}

static void a_name_is_one_persons_whatever_its_case(void)
{
    account_house_begin(&house);
    REGISTER("Ann", "one", 0);
    REGISTER("aNN", "two", ACCOUNT_TAKEN);
    LOGIN("ann", "one", 0);
    LOGIN("ann", "two", ACCOUNT_WRONG);
    account_house_end(&house);
}

static void what_is_no_name_is_not_registered(void)
{
    char name[ACCOUNT_NAME_MAX + 2];

    account_house_begin(&house);
    REGISTER("", "x", ACCOUNT_BAD_NAME);
    REGISTER("a b", "x", ACCOUNT_BAD_NAME);
    REGISTER("1a", "x", ACCOUNT_BAD_NAME);
    REGISTER("nickserv", "x", ACCOUNT_BAD_NAME);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    REGISTER(name, "x", ACCOUNT_BAD_NAME);
    name[ACCOUNT_NAME_MAX] = '\0';
    REGISTER(name, "x", 0);
    CU_ASSERT_STRING_EQUAL(house.name, name);
    house.who.nick = "";
    REGISTER("*", "x", ACCOUNT_BAD_NAME);
    account_house_end(&house);
}

static void passwords_have_bounds_and_are_text(void)
{
    char password[ACCOUNT_PASSWORD_MAX + 2];

    account_house_begin(&house);
    house.settings.min_password = 4;
    account_house_configure(&house);
    REGISTER("a", "", ACCOUNT_WEAK_PASSWORD);
    REGISTER("a", "abc", ACCOUNT_WEAK_PASSWORD);
    REGISTER("a", "abcd", 0);
    REGISTER("b",
             "ab\xff"
             "cd",
             ACCOUNT_BAD_PASSWORD);
    memset(password, 'p', sizeof password - 1);
    password[sizeof password - 1] = '\0';
    REGISTER("b", password, ACCOUNT_BAD_PASSWORD);
    LOGIN("b", password, ACCOUNT_WRONG);
    password[ACCOUNT_PASSWORD_MAX] = '\0';
    REGISTER("b", password, 0);
    LOGIN("b", password, 0);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "b", "abc"),
                  ACCOUNT_WEAK_PASSWORD);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "c", "abcd"), ACCOUNT_MISSING);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "B", "p\xc3\xa4sswort"), 0);
    LOGIN("b", "p\xc3\xa4sswort", 0);
    LOGIN("b", password, ACCOUNT_WRONG);
    account_house_end(&house);
}

static void settings_close_registration(void)
{
    account_house_begin(&house);
    house.settings.before_connect = false;
    account_house_configure(&house);
    REGISTER("Ann", "x", ACCOUNT_CLOSED);
    house.who.takes_part = true;
    house.settings.custom_names = false;
    account_house_configure(&house);
    REGISTER("Ann", "x", ACCOUNT_NAME_NOT_NICK);
    REGISTER("nick", "x", 0);
    house.settings.email_required = true;
    account_house_configure(&house);
    house.who.nick = "Other";
    REGISTER("*", "x", ACCOUNT_NEED_EMAIL);
    house.settings.registration = false;
    account_house_configure(&house);
    REGISTER("Other", "x", ACCOUNT_CLOSED);
    EXPECT_RESULT(account_register(house.accounts, &house.who, "Bob", "", "x", true, house.name),
                  0); /* operators may */
    CU_ASSERT_STRING_EQUAL(house.name, "Bob");
    account_house_end(&house);
}

static void passwords_do_not_come_in_clear(void)
{
    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    house.who.is_private = false;
    REGISTER("Bob", "x", ACCOUNT_NEED_PRIVACY);
    LOGIN("Ann", "x", ACCOUNT_NEED_PRIVACY);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "Ann", "y"),
                  ACCOUNT_NEED_PRIVACY);
    house.settings.plain_text = true;
    account_house_configure(&house);
    REGISTER("Bob", "x", 0);
    LOGIN("Ann", "x", 0);
    account_house_end(&house);
}

static void who_is_unknown_costs_as_much_as_who_is_known(void)
{
    unsigned long before;

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    before = account_house_derivations(&house);
    LOGIN("Ann", "x", 0);
    CU_ASSERT_EQUAL(account_house_derivations(&house) - before, 1);
    LOGIN("Ann", "y", ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(account_house_derivations(&house) - before, 2);
    LOGIN("Nobody", "y", ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(account_house_derivations(&house) - before, 3);
    account_house_end(&house);
}

static int keys_of(const char *name, struct pli_password *keys, bool *known)
{
    return account_keys(house.accounts, &house.who, name, keys, known, house.name);
}

static void keys_of_nobody_look_like_keys_and_stay_the_same(void)
{
    struct pli_password ann, one, same, other;
    bool known;

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    EXPECT_RESULT(keys_of("ann", &ann, &known), 0);
    CU_ASSERT(known);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    CU_ASSERT_EQUAL(pli_password_verify(&ann, "x", 1), 1);
    EXPECT_RESULT(keys_of("nobody", &one, &known), 0);
    CU_ASSERT(!known);
    CU_ASSERT_STRING_EQUAL(house.name, "");
    CU_ASSERT_EQUAL(one.iterations, ann.iterations);
    CU_ASSERT_EQUAL(one.salt_length, ann.salt_length);
    account_house_restart(&house);
    EXPECT_RESULT(keys_of("NoBody", &same, &known), 0);
    CU_ASSERT(memcmp(&one, &same, sizeof one) == 0);
    EXPECT_RESULT(keys_of("somebody", &other, &known), 0);
    CU_ASSERT(memcmp(one.salt, other.salt, one.salt_length) != 0);
    EXPECT_RESULT(keys_of("not a name", &other, &known), ACCOUNT_WRONG);
    account_house_end(&house);
}

static void other_iterations_go_for_new_passwords_only(void)
{
    struct pli_password keys;
    bool known;

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    house.settings.iterations = 5000;
    account_house_configure(&house);
    LOGIN("Ann", "x", 0);
    EXPECT_RESULT(keys_of("Ann", &keys, &known), 0);
    CU_ASSERT_EQUAL(keys.iterations, 4096);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "Ann", "x"), 0);
    EXPECT_RESULT(keys_of("Ann", &keys, &known), 0);
    CU_ASSERT_EQUAL(keys.iterations, 5000);
    EXPECT_RESULT(keys_of("nobody", &keys, &known), 0);
    CU_ASSERT_EQUAL(keys.iterations, 5000);
    account_house_end(&house);
}

static void an_account_that_is_dropped_is_gone_and_its_name_free(void)
{
    struct account_view view;

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    EXPECT_RESULT(account_drop(house.accounts, "ANN"), 0);
    EXPECT_RESULT(account_drop(house.accounts, "ANN"), ACCOUNT_MISSING);
    EXPECT_RESULT(account_look(house.accounts, "Ann", &view), ACCOUNT_MISSING);
    CU_ASSERT(!is_owned("Ann", "Ann"));
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 0);
    LOGIN("Ann", "x", ACCOUNT_WRONG);
    REGISTER("aNN", "y", 0);
    CU_ASSERT(is_owned("Ann", "aNN"));
    account_house_end(&house);
}

static void an_owner_changes_address_and_protection(void)
{
    struct account_view view;

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    EXPECT_RESULT(account_set_email(house.accounts, "ann", "ann@example.org"), 0);
    EXPECT_RESULT(account_set_email(house.accounts, "ann", "ann@@example.org"), ACCOUNT_BAD_EMAIL);
    EXPECT_RESULT(account_set_protection(house.accounts, "ann", false), 0);
    CU_ASSERT(!is_owned("Ann", "Ann"));
    EXPECT_RESULT(account_look(house.accounts, "ann", &view), 0);
    CU_ASSERT_STRING_EQUAL(view.name, "Ann");
    CU_ASSERT_STRING_EQUAL(view.email, "ann@example.org");
    CU_ASSERT(view.verified && !view.protects && view.created > 0);
    account_house_restart(&house);
    CU_ASSERT(!is_owned("Ann", "Ann"));
    EXPECT_RESULT(account_set_protection(house.accounts, "ann", true), 0);
    CU_ASSERT(is_owned("Ann", "Ann"));
    EXPECT_RESULT(account_set_email(house.accounts, "ann", "*"), 0);
    house.settings.email_required = true;
    account_house_configure(&house);
    EXPECT_RESULT(account_set_email(house.accounts, "ann", ""), ACCOUNT_NEED_EMAIL);
    EXPECT_RESULT(account_set_email(house.accounts, "eve", "a@b"), ACCOUNT_MISSING);
    EXPECT_RESULT(account_set_protection(house.accounts, "e v e", true), ACCOUNT_MISSING);
    account_house_end(&house);
}

/* -- Certificates ------------------------------------------------------------------------------- */

#define PRINT       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER_PRINT "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define COLONS                                                                                     \
    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:"   \
    "CD:EF"

static int login_certificate(const char *fingerprint, const char *name)
{
    house.who.fingerprint = fingerprint;
    memset(house.name, 0, sizeof house.name);
    return account_login_certificate(house.accounts, &house.who, name, house.name);
}

static void a_certificate_stands_for_its_account_alone(void)
{
    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    REGISTER("Bob", "x", 0);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", COLONS), 0);
    EXPECT_RESULT(account_certificate_add(house.accounts, "bob", PRINT), ACCOUNT_TAKEN);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", PRINT), ACCOUNT_TAKEN);
    EXPECT_RESULT(account_certificate_add(house.accounts, "eve", OTHER_PRINT), ACCOUNT_MISSING);
    EXPECT_RESULT(login_certificate(PRINT, ""), 0);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    EXPECT_RESULT(login_certificate(PRINT, "aNN"), 0);
    EXPECT_RESULT(login_certificate(PRINT, "Bob"), ACCOUNT_WRONG);
    EXPECT_RESULT(login_certificate(PRINT, "b b"), ACCOUNT_WRONG);
    EXPECT_RESULT(login_certificate(OTHER_PRINT, "Ann"), ACCOUNT_WRONG);
    EXPECT_RESULT(login_certificate("", ""), ACCOUNT_WRONG);
    EXPECT_RESULT(account_certificate_drop(house.accounts, "bob", PRINT), ACCOUNT_MISSING);
    EXPECT_RESULT(account_certificate_drop(house.accounts, "ann", PRINT), 0);
    EXPECT_RESULT(account_certificate_drop(house.accounts, "ann", PRINT), ACCOUNT_MISSING);
    EXPECT_RESULT(login_certificate(PRINT, "Ann"), ACCOUNT_WRONG);
    account_house_end(&house);
}

static void what_is_no_fingerprint_is_refused(void)
{
    static const char *const bad[] = {"",
                                      "abc",
                                      PRINT "0",
                                      PRINT ":00",
                                      "g" PRINT,
                                      "zz23456789abcdef0123456789abcdef0"
                                      "123456789abcdef0123456789abcdef",
                                      NULL};

    account_house_begin(&house);
    REGISTER("Ann", "x", 0);
    for (size_t i = 0; bad[i]; i++) {
        EXPECT_RESULT(account_certificate_add(house.accounts, "ann", bad[i]),
                      ACCOUNT_BAD_FINGERPRINT);
        EXPECT_RESULT(account_certificate_drop(house.accounts, "ann", bad[i]),
                      ACCOUNT_BAD_FINGERPRINT);
        EXPECT_RESULT(login_certificate(bad[i], ""), ACCOUNT_WRONG);
    }
    account_house_end(&house);
}

static void note_certificate(const char *fingerprint, uint64_t added, void *argument)
{
    char *noted = argument;

    CU_ASSERT(added > 0);
    strncat(noted, fingerprint, 3);
}

static void an_account_has_so_many_certificates(void)
{
    char noted[40] = "";

    account_house_begin(&house);
    house.settings.certificates = 1;
    account_house_configure(&house);
    REGISTER("Ann", "x", 0);
    EXPECT_RESULT(account_certificates(house.accounts, "ann", note_certificate, noted), 0);
    EXPECT_RESULT(account_certificates(house.accounts, "eve", note_certificate, noted),
                  ACCOUNT_MISSING);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", PRINT), 0);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", OTHER_PRINT), ACCOUNT_TOO_MANY);
    house.settings.certificates = 2;
    account_house_configure(&house);
    account_house_pass(1);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", OTHER_PRINT), 0);
    EXPECT_RESULT(account_certificates(house.accounts, "ann", note_certificate, noted), 0);
    CU_ASSERT_STRING_EQUAL(noted, "012112");
    account_house_end(&house);
}

/* -- A store that is not there ------------------------------------------------------------------ */

static void while_the_store_cannot_be_written_people_still_log_in(void)
{
    sqlite3 *other;

    account_house_begin(&house);
    house.house.options.busy = 0;
    account_house_restart(&house);
    REGISTER("Ann", "x", 0);
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", PRINT), 0);
    other = other_program(&house.house, "BEGIN IMMEDIATE");
    REGISTER("Bob", "x", ACCOUNT_AWAY);
    house_wait_state(&house.house, -EBUSY);
    EXPECT_RESULT(accounts_state(house.accounts), -EBUSY);
    REGISTER("Bob", "x", ACCOUNT_AWAY);
    EXPECT_RESULT(account_drop(house.accounts, "ann"), ACCOUNT_AWAY);
    EXPECT_RESULT(account_set_email(house.accounts, "ann", "a@b"), ACCOUNT_AWAY);
    EXPECT_RESULT(account_set_password(house.accounts, &house.who, "ann", "y"), ACCOUNT_AWAY);
    EXPECT_RESULT(account_certificate_drop(house.accounts, "ann", PRINT), ACCOUNT_AWAY);
    LOGIN("Ann", "x", 0);
    EXPECT_RESULT(login_certificate(PRINT, ""), 0);
    CU_ASSERT(is_owned("Ann", "Ann"));
    other_program_ends(other);
    house_wait_state(&house.house, 0);
    REGISTER("Bob", "x", 0);
    account_house_end(&house);
}

static void where_nothing_is_kept_there_are_no_accounts(void)
{
    struct account_view view;
    struct accounts *kept;

    account_house_begin(&house);
    kept = house.accounts;
    EXPECT_RESULT(accounts_new(&house.settings, &house.accounts), 0);
    CU_ASSERT(!accounts_are_kept(house.accounts));
    EXPECT_RESULT(accounts_state(house.accounts), -ENOTSUP);
    REGISTER("Ann", "x", ACCOUNT_AWAY);
    LOGIN("Ann", "x", ACCOUNT_AWAY);
    EXPECT_RESULT(account_look(house.accounts, "Ann", &view), ACCOUNT_AWAY);
    accounts_free(house.accounts);
    house.accounts = kept;
    account_house_end(&house);
}

static void every_outcome_has_words(void)
{
    for (int i = 0; i <= ACCOUNT_AWAY; i++)
        CU_ASSERT(strlen(account_words(i)) > 3);
    CU_ASSERT_STRING_EQUAL(account_words(-ENOMEM), "The server is out of memory");
    CU_ASSERT_STRING_EQUAL(account_words(-EIO), account_words(1000));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an account is registered, logged in to and outlives a restart",
         an_account_is_registered_logged_in_to_and_outlives_a_restart},
        {"a name is one person's whatever its case", a_name_is_one_persons_whatever_its_case},
        {"what is no name is not registered", what_is_no_name_is_not_registered},
        {"passwords have bounds and are text", passwords_have_bounds_and_are_text},
        {"settings close registration", settings_close_registration},
        {"passwords do not come in clear", passwords_do_not_come_in_clear},
        {"who is unknown costs as much as who is known",
         who_is_unknown_costs_as_much_as_who_is_known},
        {"keys of nobody look like keys and stay the same",
         keys_of_nobody_look_like_keys_and_stay_the_same},
        {"other iterations go for new passwords only", other_iterations_go_for_new_passwords_only},
        {"an account that is dropped is gone and its name free",
         an_account_that_is_dropped_is_gone_and_its_name_free},
        {"an owner changes address and protection", an_owner_changes_address_and_protection},
        {"a certificate stands for its account alone", a_certificate_stands_for_its_account_alone},
        {"what is no fingerprint is refused", what_is_no_fingerprint_is_refused},
        {"an account has so many certificates", an_account_has_so_many_certificates},
        {"while the store cannot be written people still log in",
         while_the_store_cannot_be_written_people_still_log_in},
        {"where nothing is kept there are no accounts",
         where_nothing_is_kept_there_are_no_accounts},
        {"every outcome has words", every_outcome_has_words},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "accounts", tests);
}
