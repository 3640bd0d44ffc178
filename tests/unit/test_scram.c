/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-256 as RFC 5802 and RFC 7677 have it, by hand, with everything that can be wrong in it. */
#include "config.h"

#include "account/sasl.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/unit.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MORE  ACCOUNT_SASL_MORE
#define BARE  "n=alice,r=fyko+d2lbbFgONRv9qkxdawL"
#define TEXT  8192   /* bytes of any message here, its NUL included */
#define NO_CB "biws" /* "n,," */

static struct accounts accounts;
static struct account_sasl *sasl;
static char answer[TEXT]; /* to the last message */

static void begin(void)
{
    static const struct account_who who = {.address = "192.0.2.1", .nick = "", .fingerprint = ""};

    CU_ASSERT_EQUAL_FATAL(account_sasl_new(&accounts, &who, "SCRAM-SHA-256", &sasl), 0);
}

static void finish(void)
{
    account_sasl_free(sasl);
    sasl = NULL;
}

static int say_bytes(const char *message, size_t length)
{
    void *said;
    size_t said_length;
    int rc = account_sasl_step(sasl, message, length, &said, &said_length);

    CU_ASSERT_FATAL(said_length < TEXT && memchr(said ? said : "", '\0', said_length) == NULL);
    CU_ASSERT(rc == MORE || !said);
    if (said)
        memcpy(answer, said, said_length);
    answer[said_length] = '\0';
    free(said);
    return rc;
}

static int say(const char *message)
{
    return say_bytes(message, strlen(message));
}

/* -- The client's arithmetic ---------------------------------------------------------------------------- */

static void encode(const unsigned char *bytes, size_t length, char *out)
{
    EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
}

static void sign(const unsigned char *key, const char *text, unsigned char out[PLI_PASSWORD_KEY])
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(HMAC(EVP_sha256(), key, PLI_PASSWORD_KEY,
                                      (const unsigned char *)text, strlen(text), out, NULL));
}

/* The proof for what has been said, and the signature that the server answers. */
static void prove(const char *said, char proof[64], char verifier[64])
{
    const struct pli_password *keys = &accounts.keys;
    unsigned char salted[PLI_PASSWORD_KEY], key[PLI_PASSWORD_KEY], signature[PLI_PASSWORD_KEY];

    CU_ASSERT_FATAL(PKCS5_PBKDF2_HMAC(FAKE_PASSWORD, -1, keys->salt, (int)keys->salt_length,
                                      (int)keys->iterations, EVP_sha256(), sizeof salted, salted));
    sign(salted, "Client Key", key);
    sign(keys->stored_key, said, signature);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] ^= signature[i];
    encode(key, sizeof key, proof);
    sign(keys->server_key, said, signature);
    encode(signature, sizeof signature, verifier);
}

/*
 * Says the first message with FLAG before it and writes the one that proves the password to FINAL, with
 * BINDING for the first message's head in base64, and what the server should answer to EXPECTED.
 */
static void ask(const char *flag, const char *binding, char final[TEXT], char expected[TEXT])
{
    char first[TEXT], said[2 * TEXT], proof[64], verifier[64];
    int nonce;

    (void)snprintf(first, sizeof first, "%s" BARE, flag);
    CU_ASSERT_EQUAL_FATAL(say(first), MORE);
    CU_ASSERT_FATAL(strncmp(answer, strchr(BARE, ',') + 1, strlen(strchr(BARE, ',') + 1)) == 0);
    nonce = (int)strcspn(answer, ",");
    (void)snprintf(final, TEXT, "c=%s,%.*s", binding, nonce, answer);
    (void)snprintf(said, sizeof said, BARE ",%s,%s", answer, final);
    prove(said, proof, verifier);
    (void)snprintf(final + strlen(final), TEXT - strlen(final), ",p=%s", proof);
    (void)snprintf(expected, TEXT, "v=%s", verifier);
}

/* -- Tests --------------------------------------------------------------------------------------------- */

static void expect_login(const char *flag, const char *binding)
{
    char final[TEXT], expected[TEXT];

    begin();
    ask(flag, binding, final, expected);
    CU_ASSERT_EQUAL(say(final), MORE);
    CU_ASSERT_STRING_EQUAL(answer, expected);
    CU_ASSERT_EQUAL(say(""), 0);
    CU_ASSERT_STRING_EQUAL(account_sasl_name(sasl), FAKE_ACCOUNT);
    CU_ASSERT_EQUAL(say(""), ACCOUNT_WRONG);
    finish();
}

static void expect_failure(const char *flag, const char *binding)
{
    char final[TEXT], expected[TEXT];

    begin();
    ask(flag, binding, final, expected);
    CU_ASSERT_EQUAL(say(final), ACCOUNT_WRONG);
    CU_ASSERT_STRING_EQUAL(answer, "");
    finish();
}

static void salt_and_iterations_are_the_account_s(void)
{
    char expected[TEXT], salt[64];

    encode(accounts.keys.salt, accounts.keys.salt_length, salt);
    (void)snprintf(expected, sizeof expected, ",s=%s,i=%u", salt, accounts.keys.iterations);
    begin();
    CU_ASSERT_EQUAL(say("n,," BARE), MORE);
    CU_ASSERT_STRING_EQUAL(answer + strcspn(answer, ","), expected);
    finish();
}

static void the_server_s_nonce_is_another_one_each_time(void)
{
    char before[TEXT];

    begin();
    CU_ASSERT_EQUAL(say("n,," BARE), MORE);
    memcpy(before, answer, sizeof before);
    finish();
    begin();
    CU_ASSERT_EQUAL(say("n,," BARE), MORE);
    CU_ASSERT_STRING_NOT_EQUAL(answer, before);
    finish();
}

static void a_channel_may_be_unbound(void)
{
    expect_login("n,,", "biws");
    expect_login("y,,", "eSws");
    expect_login("n,a=alice,", "bixhPWFsaWNlLA==");
}

static void a_head_that_was_changed_on_the_way_is_noticed(void)
{
    expect_failure("n,,", "eSws");
    expect_failure("y,,", "biws");
    expect_failure("n,a=alice,", "biws");
    expect_failure("n,,", "biwsAA==");
    expect_failure("n,,", "");
    expect_failure("n,,", "b");
    expect_failure("n,,", "!!!!");
}

/* The first message that makes no sense, or wants what is not there, ends it. */
static void first_messages_that_are_none_fail(void)
{
    static const char *const wrong[] = {
        "",
        "p=tls-unique,," BARE,
        "p=tls-exporter,," BARE,
        "p=tls-server-end-point,," BARE,
        "q,," BARE,
        "n," BARE,
        "n",
        "n,",
        "n,,",
        "n,,n=alice",
        "n,,r=abc",
        "n,,n=,r=abc",
        "n,,n=alice,r=",
        "n,,m=ext,n=alice,r=abc",
        "n,,r=abc,n=alice",
        "n,a=bob," BARE,
        "n,b=alice," BARE,
        "n,,n=al\xff,r=abc",
        "c=biws,r=abc,p=AAAA",
    };
    unsigned before = accounts.wrong;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin();
        if (say(wrong[i]) != ACCOUNT_WRONG)
            CU_FAIL(wrong[i]);
        CU_ASSERT_EQUAL(say("n,," BARE), ACCOUNT_WRONG);
        finish();
    }
    CU_ASSERT_EQUAL(accounts.wrong, before); /* nobody has tried a password */
}

/* A final message that differs from the right one in one place. */
static void expect_no_login(const char *find, const char *put)
{
    char final[TEXT], changed[TEXT], expected[TEXT];
    unsigned before = accounts.wrong;
    const char *at;

    begin();
    ask("n,,", NO_CB, final, expected);
    at = strstr(final, find);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - final), final, put,
                   at + strlen(find));
    if (say(changed) != ACCOUNT_WRONG)
        CU_FAIL(put);
    CU_ASSERT_EQUAL(accounts.wrong, before + 1);
    CU_ASSERT_STRING_EQUAL(answer, "");
    CU_ASSERT_EQUAL(say(final), ACCOUNT_WRONG);
    finish();
}

static void final_messages_with_anything_wrong_fail(void)
{
    expect_no_login("r=fyko", "r=Fyko");
    expect_no_login("r=fyko+d2lbbFgONRv9qkxdawL", "r=");
    expect_no_login(",r=fyko", ",r=xfyko");
    expect_no_login(",r=", ",x=");
    expect_no_login(",p=", "x,p=");
    expect_no_login(",p=", ",p=AAAA");
    expect_no_login(",p=", ",p=!");
    expect_no_login(",p=", ",p==");
    expect_no_login(",p=", ",");
    expect_no_login(",p=", ",m=x,p=");
    expect_no_login("c=biws,", "");
    expect_no_login("c=", "d=");
    expect_no_login("=", "");
}

static void a_proof_with_any_bit_wrong_fails(void)
{
    char final[TEXT], expected[TEXT];

    for (size_t i = 0; i < 43; i += 6) {
        char *letter;

        begin();
        ask("n,,", NO_CB, final, expected);
        letter = strstr(final, ",p=") + 3 + i;
        *letter = *letter == 'A' ? 'E' : 'A';
        CU_ASSERT_EQUAL(say(final), ACCOUNT_WRONG);
        finish();
    }
}

static void a_proof_of_another_length_fails(void)
{
    char final[TEXT], expected[TEXT];

    for (size_t length = 0; length <= 44; length += 4) {
        begin();
        ask("n,,", NO_CB, final, expected);
        strstr(final, ",p=")[3 + length - (length == 44)] = '\0';
        CU_ASSERT_EQUAL(say(final), ACCOUNT_WRONG);
        finish();
    }
}

static void a_proof_cannot_be_used_again(void)
{
    char final[TEXT], expected[TEXT];

    begin();
    ask("n,,", NO_CB, final, expected);
    CU_ASSERT_EQUAL(say(final), MORE);
    finish();
    begin();
    CU_ASSERT_EQUAL(say("n,," BARE), MORE);
    CU_ASSERT_EQUAL(say(final), ACCOUNT_WRONG);
    finish();
}

static void nuls_and_oversize_fail(void)
{
    static char large[ACCOUNT_SASL_MESSAGE + 1] = "n,,n=alice,r=";
    char final[TEXT], expected[TEXT];

    memset(large + 13, 'x', sizeof large - 13);
    begin();
    CU_ASSERT_EQUAL(say_bytes("n,," BARE, sizeof("n,," BARE)), ACCOUNT_WRONG);
    finish();
    begin();
    CU_ASSERT_EQUAL(say_bytes("n,,n=al\0ce,r=abc", 16), ACCOUNT_WRONG);
    finish();
    begin();
    CU_ASSERT_EQUAL(say_bytes(large, sizeof large), ACCOUNT_WRONG);
    finish();
    begin();
    CU_ASSERT_EQUAL(say_bytes(large, sizeof large - 1), MORE);
    CU_ASSERT_EQUAL(say_bytes(large, sizeof large), ACCOUNT_WRONG);
    finish();
    begin();
    ask("n,,", NO_CB, final, expected);
    CU_ASSERT_EQUAL(say_bytes(final, strlen(final) + 1), ACCOUNT_WRONG);
    finish();
}

/* So many have failed meanwhile that this one does not count. */
static void a_right_proof_can_be_too_late(void)
{
    char final[TEXT], expected[TEXT];

    accounts.verdict = ACCOUNT_TOO_OFTEN;
    begin();
    ask("n,,", NO_CB, final, expected);
    CU_ASSERT_EQUAL(say(final), ACCOUNT_TOO_OFTEN);
    CU_ASSERT_EQUAL(say(""), ACCOUNT_WRONG);
    finish();
    accounts.verdict = 0;
}

static void only_an_empty_message_confirms(void)
{
    char final[TEXT], expected[TEXT];

    begin();
    ask("n,,", NO_CB, final, expected);
    CU_ASSERT_EQUAL(say(final), MORE);
    CU_ASSERT_EQUAL(say("v"), ACCOUNT_WRONG);
    CU_ASSERT_EQUAL(say(""), ACCOUNT_WRONG);
    finish();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"salt and iterations are the account's", salt_and_iterations_are_the_account_s},
        {"the server's nonce is another one each time",
         the_server_s_nonce_is_another_one_each_time},
        {"a channel may be unbound", a_channel_may_be_unbound},
        {"a head that was changed on the way is noticed",
         a_head_that_was_changed_on_the_way_is_noticed},
        {"first messages that are none fail", first_messages_that_are_none_fail},
        {"final messages with anything wrong fail", final_messages_with_anything_wrong_fail},
        {"a proof with any bit wrong fails", a_proof_with_any_bit_wrong_fails},
        {"a proof of another length fails", a_proof_of_another_length_fails},
        {"a proof cannot be used again", a_proof_cannot_be_used_again},
        {"NULs and oversize fail", nuls_and_oversize_fail},
        {"a right proof can be too late", a_right_proof_can_be_too_late},
        {"only an empty message confirms", only_an_empty_message_confirms},
        {NULL, NULL},
    };
    int status;

    if (fake_accounts_init(&accounts) != 0)
        return 1;
    status = unit_main(argc, argv, "SCRAM", tests);
    fake_accounts_deinit(&accounts);
    return status;
}
