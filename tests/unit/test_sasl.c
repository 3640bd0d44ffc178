/* SPDX-License-Identifier: MIT */
/* Logins by SASL: what is offered, GNU SASL's own client, and messages as no client sends them. */
#include "config.h"

#include "account/sasl.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/unit.h"
#include "tests/unit/sasl_client.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MORE ACCOUNT_SASL_MORE

static struct accounts accounts;

static const struct account_who over_tls = {
    .address = "192.0.2.1", .nick = "al", .fingerprint = FAKE_FINGERPRINT, .is_private = true};
static const struct account_who in_clear = {.address = "192.0.2.2", .nick = "", .fingerprint = ""};

static void begin(void)
{
    CU_ASSERT_EQUAL_FATAL(fake_accounts_init(&accounts), 0);
}

static void finish(void)
{
    fake_accounts_deinit(&accounts);
}

/* -- What is offered -------------------------------------------------------------------------------- */

static void expect_list(const struct account_who *who, const char *expected)
{
    char list[ACCOUNT_SASL_MECHANISMS];

    account_sasl_list(&accounts, who, list);
    CU_ASSERT_STRING_EQUAL(list, expected);
}

static void each_is_offered_what_they_can_use(void)
{
    begin();
    expect_list(&over_tls, "EXTERNAL,PLAIN,SCRAM-SHA-256");
    expect_list(&in_clear, "SCRAM-SHA-256");
    accounts.plain_text = true;
    expect_list(&in_clear, "PLAIN,SCRAM-SHA-256");
    accounts.state = -EROFS;
    expect_list(&over_tls, "");
    accounts.state = 0;
    accounts.kept = false;
    expect_list(&over_tls, "");
    finish();
}

static int start(const struct account_who *who, const char *mechanism)
{
    struct account_sasl *sasl = NULL;
    int rc = account_sasl_new(&accounts, who, mechanism, &sasl);

    account_sasl_free(sasl);
    return rc;
}

static void only_what_is_offered_begins(void)
{
    static const char *const others[] = {
        "",      "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "CRAM-MD5", "DIGEST-MD5", "ANONYMOUS",
        "LOGIN", "GSSAPI",      "PLAIN,EXTERNAL",     "OPENID20"};

    begin();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CU_ASSERT_EQUAL(start(&over_tls, others[i]), ACCOUNT_MISSING);
    CU_ASSERT_EQUAL(start(&over_tls, "PLAIN"), 0);
    CU_ASSERT_EQUAL(start(&over_tls, "plain"), 0);
    CU_ASSERT_EQUAL(start(&over_tls, "EXTERNAL"), 0);
    CU_ASSERT_EQUAL(start(&over_tls, "SCRAM-SHA-256"), 0);
    CU_ASSERT_EQUAL(start(&in_clear, "SCRAM-SHA-256"), 0);
    CU_ASSERT_EQUAL(start(&in_clear, "PLAIN"), ACCOUNT_MISSING);
    CU_ASSERT_EQUAL(start(&in_clear, "EXTERNAL"), ACCOUNT_MISSING);
    accounts.state = -EIO;
    CU_ASSERT_EQUAL(start(&over_tls, "PLAIN"), ACCOUNT_AWAY);
    accounts.kept = false;
    CU_ASSERT_EQUAL(start(&over_tls, "PLAIN"), ACCOUNT_MISSING);
    finish();
}

/* -- One message: PLAIN and EXTERNAL ------------------------------------------------------------------ */

/* What comes of an exchange of one message; whoever is logged in is FAKE_ACCOUNT, and nothing is answered. */
static int one_message(const char *mechanism, const void *message, size_t length)
{
    struct account_sasl *sasl = NULL;
    void *answer = &sasl;
    size_t answer_length = 1;
    int rc;

    CU_ASSERT_EQUAL_FATAL(account_sasl_new(&accounts, &over_tls, mechanism, &sasl), 0);
    rc = account_sasl_step(sasl, message, length, &answer, &answer_length);
    CU_ASSERT_NOT_EQUAL(rc, MORE);
    CU_ASSERT_PTR_NULL(answer);
    CU_ASSERT_EQUAL(answer_length, 0);
    CU_ASSERT_STRING_EQUAL(account_sasl_name(sasl), rc == 0 ? FAKE_ACCOUNT : "");
    CU_ASSERT_EQUAL(account_sasl_step(sasl, message, length, &answer, &answer_length),
                    ACCOUNT_WRONG);
    account_sasl_free(sasl);
    return rc;
}

/* Of a literal, which may have NULs in it. */
#define PLAIN(text)    one_message("PLAIN", text, sizeof(text) - 1)
#define EXTERNAL(text) one_message("EXTERNAL", text, sizeof(text) - 1)

static void plain_takes_name_and_password(void)
{
    begin();
    CU_ASSERT_EQUAL(PLAIN("\0Alice\0" FAKE_PASSWORD), 0);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0" FAKE_PASSWORD), 0);
    CU_ASSERT_EQUAL(PLAIN("ALICE\0alice\0" FAKE_PASSWORD), 0);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0pen"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0alic\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.right, 3);
    CU_ASSERT_EQUAL(accounts.wrong, 2);
    finish();
}

static void a_password_that_saslprep_does_not_know_is_taken_as_it_is(void)
{
    begin();
    CU_ASSERT_EQUAL(PLAIN("\0alice\0" FAKE_ODD), 0);
    CU_ASSERT_EQUAL(PLAIN("\0bob\0" FAKE_ODD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("bob\0alice\0" FAKE_ODD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0\x01\x7f"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0\xff\xfe"), ACCOUNT_WRONG);
    finish();
}

static void nobody_acts_for_somebody_else(void)
{
    begin();
    CU_ASSERT_EQUAL(PLAIN("bob\0alice\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("alicea\0alice\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("alic\0alice\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.right, 0);
    CU_ASSERT_EQUAL(EXTERNAL("bob"), ACCOUNT_WRONG);
    finish();
}

static void what_is_no_message_of_plain_fails(void)
{
    static char large[ACCOUNT_SASL_MESSAGE + 1] = "\0alice\0";

    begin();
    memset(large + 7, 'x', sizeof large - 7);
    CU_ASSERT_EQUAL(PLAIN(""), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("alice"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("alice\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0" FAKE_PASSWORD "\0"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0\0"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0\0" FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(PLAIN("\0alice\0"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.right, 0);
    CU_ASSERT_EQUAL(one_message("PLAIN", large, sizeof large), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.wrong, 3); /* empty names, empty passwords */
    CU_ASSERT_EQUAL(one_message("PLAIN", large, sizeof large - 1), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.wrong, 4);
    finish();
}

static void external_takes_whose_the_certificate_is(void)
{
    begin();
    CU_ASSERT_EQUAL(EXTERNAL(""), 0);
    CU_ASSERT_EQUAL(EXTERNAL("alice"), 0);
    CU_ASSERT_EQUAL(EXTERNAL("al\0ice"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(EXTERNAL("\0"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(accounts.right, 2);
    finish();
}

static void why_it_was_refused_is_told(void)
{
    static const int refusals[] = {ACCOUNT_WRONG,
                                   ACCOUNT_UNVERIFIED,
                                   ACCOUNT_TOO_OFTEN,
                                   ACCOUNT_NEED_PRIVACY,
                                   ACCOUNT_AWAY,
                                   -ENOMEM,
                                   -EIO};

    begin();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        accounts.refusal = refusals[i];
        CU_ASSERT_EQUAL(PLAIN("\0alice\0" FAKE_PASSWORD), refusals[i]);
        CU_ASSERT_EQUAL(PLAIN("\0alice\0" FAKE_ODD), refusals[i]);
        CU_ASSERT_EQUAL(EXTERNAL(""), refusals[i]);
        CU_ASSERT_EQUAL(one_message("SCRAM-SHA-256", "n,,n=alice,r=abc", 16), refusals[i]);
    }
    finish();
}

/* -- SCRAM with GNU SASL's client ------------------------------------------------------------------- */

static struct sasl_end end;

static int prove(const char *name, const char *authzid, const char *password)
{
    struct sasl_client client = {"SCRAM-SHA-256", name, authzid, password};

    return sasl_converse(&accounts, &in_clear, &client, &end);
}

static void scram_proves_the_password(void)
{
    begin();
    CU_ASSERT_EQUAL(prove("Alice", NULL, FAKE_PASSWORD), 0);
    CU_ASSERT_EQUAL(end.steps, 3);
    CU_ASSERT_STRING_EQUAL(end.name, FAKE_ACCOUNT);
    CU_ASSERT_EQUAL(accounts.right, 1);
    CU_ASSERT_STRING_EQUAL(accounts.name, "Alice");
    CU_ASSERT_EQUAL(prove("alice", "Alice", FAKE_PASSWORD), 0);
    CU_ASSERT_EQUAL(accounts.right, 2);
    CU_ASSERT_EQUAL(accounts.wrong, 0);
    finish();
}

static void scram_fails_alike_with_a_wrong_password_and_without_an_account(void)
{
    begin();
    CU_ASSERT_EQUAL(prove("alice", NULL, "pen"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(end.steps, 2);
    CU_ASSERT_EQUAL(prove("bob", NULL, "pen"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(end.steps, 2);
    CU_ASSERT_STRING_EQUAL(accounts.name, "bob");
    CU_ASSERT_EQUAL(accounts.wrong, 2);
    CU_ASSERT_EQUAL(prove("alice", "bob", FAKE_PASSWORD), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(end.steps, 1);
    CU_ASSERT_EQUAL(accounts.right, 0);
    finish();
}

#define THREADS 4
#define TIMES   20

/* Returns NULL if all came out as it should. */
static void *log_in_again_and_again(void *argument)
{
    for (int i = 0; i < TIMES; i++) {
        struct sasl_client client = {"SCRAM-SHA-256", "alice", NULL, i % 2 ? "pen" : FAKE_PASSWORD};
        struct sasl_end ended;

        if (sasl_converse(&accounts, &in_clear, &client, &ended) != (i % 2 ? ACCOUNT_WRONG : 0))
            return argument;
    }
    return NULL;
}

static void many_log_in_at_once(void)
{
    pthread_t threads[THREADS];
    void *failed[THREADS];

    begin();
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, log_in_again_and_again, &accounts),
                              0);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_join(threads[i], &failed[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_PTR_NULL(failed[i]);
    CU_ASSERT_EQUAL(accounts.right, THREADS * TIMES / 2);
    CU_ASSERT_EQUAL(accounts.wrong, THREADS * TIMES / 2);
    finish();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"each is offered what they can use", each_is_offered_what_they_can_use},
        {"only what is offered begins", only_what_is_offered_begins},
        {"PLAIN takes name and password", plain_takes_name_and_password},
        {"a password that SASLprep does not know is taken as it is",
         a_password_that_saslprep_does_not_know_is_taken_as_it_is},
        {"nobody acts for somebody else", nobody_acts_for_somebody_else},
        {"what is no message of PLAIN fails", what_is_no_message_of_plain_fails},
        {"EXTERNAL takes whose the certificate is", external_takes_whose_the_certificate_is},
        {"why it was refused is told", why_it_was_refused_is_told},
        {"SCRAM proves the password", scram_proves_the_password},
        {"SCRAM fails alike with a wrong password and without an account",
         scram_fails_alike_with_a_wrong_password_and_without_an_account},
        {"many log in at once", many_log_in_at_once},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "SASL", tests);
}
