/* SPDX-License-Identifier: MIT */
/* Passwords as they are kept. */
#include "config.h"

#include "base/password.h"
#include "tests/lib/unit.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdio.h>
#include <string.h>

/* The exchange of RFC 7677, section 3. */
#define SALT    "W22ZaJ0SNY7soEsUEjb6gQ=="
#define NONCE   "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define MESSAGE "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" NONCE ",s=" SALT ",i=4096,c=biws,r=" NONCE
#define PROOF   "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define VERIFY  "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void from_base64(const char *text, unsigned char *out)
{
    CU_ASSERT_FATAL(EVP_DecodeBlock(out, (const unsigned char *)text, (int)strlen(text)) > 0);
}

static void sign(const unsigned char *key, unsigned char out[PLI_PASSWORD_KEY])
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(HMAC(EVP_sha256(), key, PLI_PASSWORD_KEY,
                                      (const unsigned char *)MESSAGE, strlen(MESSAGE), out, NULL));
}

static void the_keys_are_those_of_rfc_7677(void)
{
    struct pli_password password = {.iterations = 4096, .salt_length = 16};
    unsigned char bytes[48];
    unsigned char signature[PLI_PASSWORD_KEY];
    unsigned char hash[PLI_PASSWORD_KEY];

    from_base64(SALT, bytes);
    memcpy(password.salt, bytes, 16);
    CU_ASSERT_EQUAL(pli_password_derive(&password, "pencil", 6), 0);
    sign(password.server_key, signature);
    from_base64(VERIFY, bytes);
    CU_ASSERT(memcmp(signature, bytes, PLI_PASSWORD_KEY) == 0);
    /* The proof is the client's key, hidden by its signature; the stored key is that key's hash. */
    sign(password.stored_key, signature);
    from_base64(PROOF, bytes);
    for (size_t i = 0; i < PLI_PASSWORD_KEY; i++)
        bytes[i] ^= signature[i];
    CU_ASSERT(EVP_Digest(bytes, PLI_PASSWORD_KEY, hash, NULL, EVP_sha256(), NULL));
    CU_ASSERT(memcmp(hash, password.stored_key, PLI_PASSWORD_KEY) == 0);
}

static void what_is_made_is_verified(void)
{
    struct pli_password password;

    CU_ASSERT_EQUAL_FATAL(pli_password_make(&password, "correct horse", 13), 0);
    CU_ASSERT_EQUAL(pli_password_verify(&password, "correct horse", 13), 1);
    CU_ASSERT_EQUAL(pli_password_verify(&password, "correct horsE", 13), 0);
    CU_ASSERT_EQUAL(pli_password_verify(&password, "correct hors", 12), 0);
    CU_ASSERT_EQUAL(pli_password_verify(&password, "", 0), 0);
}

static void the_same_password_is_salted_differently(void)
{
    struct pli_password one, other;

    CU_ASSERT_EQUAL_FATAL(pli_password_make(&one, "same", 4), 0);
    CU_ASSERT_EQUAL_FATAL(pli_password_make(&other, "same", 4), 0);
    CU_ASSERT(memcmp(one.salt, other.salt, one.salt_length) != 0);
    CU_ASSERT(memcmp(one.stored_key, other.stored_key, PLI_PASSWORD_KEY) != 0);
    CU_ASSERT_EQUAL(one.iterations, PLI_PASSWORD_ITERATIONS);
}

static void salts_of_all_lengths_are_written_and_read(void)
{
    struct pli_password password = {.iterations = 4096};
    struct pli_password again;
    char text[PLI_PASSWORD_TEXT];

    for (size_t i = 0; i < PLI_PASSWORD_SALT_MAX; i++)
        password.salt[i] = (unsigned char)(37 * i + 251);
    for (size_t i = 0; i < PLI_PASSWORD_KEY; i++) {
        password.stored_key[i] = (unsigned char)(255 - i);
        password.server_key[i] = (unsigned char)(91 * i);
    }
    for (size_t length = 1; length <= PLI_PASSWORD_SALT_MAX; length++) {
        password.salt_length = length;
        pli_password_print(&password, text);
        CU_ASSERT_FATAL(pli_password_parse(text, &again));
        CU_ASSERT_EQUAL(again.iterations, 4096);
        CU_ASSERT_EQUAL_FATAL(again.salt_length, length);
        CU_ASSERT(memcmp(again.salt, password.salt, length) == 0);
        CU_ASSERT(memcmp(again.stored_key, password.stored_key, PLI_PASSWORD_KEY) == 0);
        CU_ASSERT(memcmp(again.server_key, password.server_key, PLI_PASSWORD_KEY) == 0);
    }
    password.iterations = PLI_PASSWORD_ITERATIONS_MAX;
    pli_password_print(&password, text);
    CU_ASSERT(strlen(text) < PLI_PASSWORD_TEXT);
    CU_ASSERT(pli_password_parse(text, &again));
}

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void other_texts_are_refused(void)
{
    static const char *const texts[] = {
        "",
        "pencil",
        "SCRAM-SHA-1$4096:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$4095:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$04096:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$10000001:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$99999999999999999999:" SALT "$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gR==$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:W===$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:" KEY KEY KEY "$" KEY ":" KEY,
        "SCRAM-SHA-256$4096:" SALT "$" SALT ":" KEY,
        "SCRAM-SHA-256$4096:" SALT "$" KEY ":" SALT,
        "SCRAM-SHA-256$4096:" SALT "$" KEY,
        "SCRAM-SHA-256$4096:" SALT "$" KEY ":" KEY " ",
        "SCRAM-SHA-256$4096:" SALT "$" KEY ":" KEY KEY,
    };
    struct pli_password password;

    CU_ASSERT(pli_password_parse("SCRAM-SHA-256$4096:" SALT "$" KEY ":" KEY, &password));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CU_ASSERT_FALSE(pli_password_parse(texts[i], &password));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the keys are those of RFC 7677", the_keys_are_those_of_rfc_7677},
        {"what is made is verified", what_is_made_is_verified},
        {"the same password is salted differently", the_same_password_is_salted_differently},
        {"salts of all lengths are written and read", salts_of_all_lengths_are_written_and_read},
        {"other texts are refused", other_texts_are_refused},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "password", tests);
}
