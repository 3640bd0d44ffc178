/* SPDX-License-Identifier: MIT */
/* SASL with accounts as they are, in a store: what both sides take for the same, and what nobody finds out. */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"
#include "tests/unit/sasl_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CERTIFICATE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct account_house house;
static struct sasl_end end;

static void begin(const char *password)
{
    account_house_begin(&house);
    EXPECT_RESULT(account_house_register(&house, "Ann", password), 0);
}

static void finish(void)
{
    account_house_end(&house);
}

static int converse(const char *mechanism, const char *name, const char *password)
{
    struct sasl_client client = {.mechanism = mechanism, .name = name, .password = password};

    if (strcmp(mechanism, "EXTERNAL") == 0)
        client = (struct sasl_client){.mechanism = mechanism, .authzid = name};
    return sasl_converse(house.accounts, &house.who, &client, &end);
}

#define SCRAM(name, password) converse("SCRAM-SHA-256", name, password)
#define PLAIN(name, password) converse("PLAIN", name, password)

static void each_mechanism_logs_in(void)
{
    begin("s3cret");
    house.who.is_private = true;
    house.who.fingerprint = CERTIFICATE;
    EXPECT_RESULT(account_certificate_add(house.accounts, "ann", CERTIFICATE), 0);
    CU_ASSERT_EQUAL(PLAIN("ANN", "s3cret"), 0);
    CU_ASSERT_STRING_EQUAL(end.name, "Ann");
    CU_ASSERT_EQUAL(SCRAM("ANN", "s3cret"), 0);
    CU_ASSERT_STRING_EQUAL(end.name, "Ann");
    CU_ASSERT_EQUAL(converse("EXTERNAL", "", NULL), 0);
    CU_ASSERT_STRING_EQUAL(end.name, "Ann");
    CU_ASSERT_EQUAL(converse("EXTERNAL", "ann", NULL), 0);
    CU_ASSERT_EQUAL(converse("EXTERNAL", "bob", NULL), ACCOUNT_WRONG);
    account_house_restart(&house);
    CU_ASSERT_EQUAL(SCRAM("ann", "s3cret"), 0);
    finish();
}

/* SASLprep makes "a" of the feminine ordinal, and nothing of a soft hyphen (RFC 4013, 3). */
static void what_saslprep_takes_for_the_same_is_the_same(void)
{
    static const char *const same[] = {"IX a", "I\xC2\xADX a", "IX \xC2\xAA",
                                       "\xE2\x85\xA8\xC2\xA0\xC2\xAA"};

    begin("I\xC2\xADX \xC2\xAA");
    house.who.is_private = true;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        CU_ASSERT_EQUAL(account_house_login(&house, "ann", same[i]), 0);
        CU_ASSERT_EQUAL(PLAIN("ann", same[i]), 0);
        CU_ASSERT_EQUAL(SCRAM("ann", same[i]), 0);
    }
    CU_ASSERT_EQUAL(SCRAM("ann", "ix a"), ACCOUNT_WRONG);
    finish();
}

static void what_saslprep_does_not_know_can_be_a_password(void)
{
    begin("key \xF0\x9F\x94\x91");
    house.who.is_private = true;
    CU_ASSERT_EQUAL(PLAIN("ann", "key \xF0\x9F\x94\x91"), 0);
    CU_ASSERT_EQUAL(PLAIN("ann", "key \xF0\x9F\x94\x92"), ACCOUNT_WRONG);
    finish();
}

/* The server's first answer without its nonce: ",s=SALT,i=ITERATIONS". */
static const char *offered(void)
{
    return end.offer + strcspn(end.offer, ",");
}

static void nobody_is_told_who_has_an_account(void)
{
    char known[200], unknown[200];

    begin("s3cret");
    CU_ASSERT_EQUAL(SCRAM("ann", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(end.steps, 2);
    (void)snprintf(known, sizeof known, "%s", offered());
    CU_ASSERT_EQUAL(SCRAM("bob", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(end.steps, 2);
    (void)snprintf(unknown, sizeof unknown, "%s", offered());
    CU_ASSERT_STRING_NOT_EQUAL(known, unknown);
    CU_ASSERT_EQUAL(strlen(known), strlen(unknown));
    CU_ASSERT_STRING_EQUAL(strstr(known, ",i="), strstr(unknown, ",i="));
    CU_ASSERT_EQUAL(SCRAM("BOB", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_STRING_EQUAL(unknown, offered());
    CU_ASSERT_EQUAL(SCRAM("ann", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_STRING_EQUAL(known, offered());
    finish();
}

/* Whoever proves by SCRAM does the work themselves; PLAIN costs one derivation, for whatever name. */
static void only_plain_costs_the_server_a_hash(void)
{
    unsigned long before;

    begin("s3cret");
    house.who.is_private = true;
    before = account_house_derivations(&house);
    CU_ASSERT_EQUAL(SCRAM("ann", "s3cret"), 0);
    CU_ASSERT_EQUAL(SCRAM("ann", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(SCRAM("bob", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(account_house_derivations(&house), before);
    CU_ASSERT_EQUAL(PLAIN("ann", "s3cret"), 0);
    CU_ASSERT_EQUAL(PLAIN("ann", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("bob", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(account_house_derivations(&house), before + 3);
    finish();
}

static void wrong_proofs_count_as_failed_logins(void)
{
    begin("s3cret");
    house.settings.failures = 3;
    house.settings.failure_time = 60;
    account_house_configure(&house);
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(SCRAM("ann", "wrong"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(SCRAM("ann", "s3cret"), ACCOUNT_TOO_OFTEN);
    CU_ASSERT_EQUAL(end.steps, 1);
    account_house_pass(61);
    CU_ASSERT_EQUAL(SCRAM("ann", "s3cret"), 0);
    finish();
}

static void without_a_store_nobody_logs_in(void)
{
    char list[ACCOUNT_SASL_MECHANISMS];

    begin("s3cret");
    account_sasl_list(house.accounts, &house.who, list);
    CU_ASSERT_STRING_NOT_EQUAL(list, "");
    accounts_let_go(house.accounts);
    account_sasl_list(house.accounts, &house.who, list);
    CU_ASSERT_STRING_EQUAL(list, "");
    CU_ASSERT_EQUAL(SCRAM("ann", "s3cret"), ACCOUNT_MISSING);
    finish();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"each mechanism logs in", each_mechanism_logs_in},
        {"what SASLprep takes for the same is the same",
         what_saslprep_takes_for_the_same_is_the_same},
        {"what SASLprep does not know can be a password",
         what_saslprep_does_not_know_can_be_a_password},
        {"nobody is told who has an account", nobody_is_told_who_has_an_account},
        {"only PLAIN costs the server a hash", only_plain_costs_the_server_a_hash},
        {"wrong proofs count as failed logins", wrong_proofs_count_as_failed_logins},
        {"without a store nobody logs in", without_a_store_nobody_logs_in},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "SASL with accounts", tests);
}
