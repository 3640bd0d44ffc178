/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/password.h"

#include "base/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MECHANISM   "SCRAM-SHA-256$"
#define SALT_LENGTH 16

/* -- Keys --------------------------------------------------------------------------------------- */

static bool hmac(const unsigned char *key, const char *text, unsigned char out[PLI_PASSWORD_KEY])
{
    return HMAC(EVP_sha256(), key, PLI_PASSWORD_KEY, (const unsigned char *)text, strlen(text), out,
                NULL) != NULL;
}

int pli_password_derive(struct pli_password *password, const char *plain, size_t length)
{
    unsigned char salted[PLI_PASSWORD_KEY];
    unsigned char client_key[PLI_PASSWORD_KEY];
    bool done;

    if (length > INT_MAX)
        return -ENOMEM;
    done =
        PKCS5_PBKDF2_HMAC(plain, (int)length, password->salt, (int)password->salt_length,
                          (int)password->iterations, EVP_sha256(), PLI_PASSWORD_KEY, salted) &&
        hmac(salted, "Client Key", client_key) &&
        EVP_Digest(client_key, sizeof client_key, password->stored_key, NULL, EVP_sha256(), NULL) &&
        hmac(salted, "Server Key", password->server_key);
    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(client_key, sizeof client_key);
    return done ? 0 : -ENOMEM;
}

int pli_password_make(struct pli_password *password, const char *plain, size_t length)
{
    password->iterations = PLI_PASSWORD_ITERATIONS;
    password->salt_length = SALT_LENGTH;
    if (RAND_bytes(password->salt, SALT_LENGTH) != 1)
        return -EIO;
    return pli_password_derive(password, plain, length);
}

int pli_password_verify(const struct pli_password *password, const char *plain, size_t length)
{
    struct pli_password given = *password;
    int rc = pli_password_derive(&given, plain, length);

    if (rc == 0)
        rc = CRYPTO_memcmp(given.stored_key, password->stored_key, PLI_PASSWORD_KEY) == 0;
    OPENSSL_cleanse(&given, sizeof given);
    return rc;
}

/* -- Text ----------------------------------------------------------------------------------------- */

void pli_password_print(const struct pli_password *password, char text[static PLI_PASSWORD_TEXT])
{
    char *at = text + snprintf(text, PLI_PASSWORD_TEXT, MECHANISM "%u:", password->iterations);

    at = pli_base64_encode(password->salt, password->salt_length, at);
    *at++ = '$';
    at = pli_base64_encode(password->stored_key, PLI_PASSWORD_KEY, at);
    *at++ = ':';
    at = pli_base64_encode(password->server_key, PLI_PASSWORD_KEY, at);
    *at = '\0';
}

static bool read_iterations(const char **text, unsigned *iterations)
{
    size_t digits = strspn(*text, "0123456789");

    if (digits == 0 || digits > 8 || **text == '0')
        return false;
    *iterations = 0;
    for (size_t i = 0; i < digits; i++)
        *iterations = *iterations * 10 + (unsigned)((*text)[i] - '0');
    *text += digits;
    return *iterations >= PLI_PASSWORD_ITERATIONS_MIN && *iterations <= PLI_PASSWORD_ITERATIONS_MAX;
}

bool pli_password_is_hash(const char *text)
{
    return strncmp(text, MECHANISM, strlen(MECHANISM)) == 0;
}

bool pli_password_parse(const char *text, struct pli_password *password)
{
    *password = (struct pli_password){0};
    if (strncmp(text, MECHANISM, strlen(MECHANISM)) != 0)
        return false;
    text += strlen(MECHANISM);
    if (!read_iterations(&text, &password->iterations) || *text++ != ':')
        return false;
    password->salt_length = pli_base64_decode(&text, password->salt, PLI_PASSWORD_SALT_MAX);
    if (password->salt_length == 0 || *text++ != '$')
        return false;
    if (pli_base64_decode(&text, password->stored_key, PLI_PASSWORD_KEY) != PLI_PASSWORD_KEY ||
        *text++ != ':')
        return false;
    return pli_base64_decode(&text, password->server_key, PLI_PASSWORD_KEY) == PLI_PASSWORD_KEY &&
           !*text;
}
