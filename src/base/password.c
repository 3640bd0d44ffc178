/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/password.h"

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

/* -- Base64 (RFC 4648) ------------------------------------------------------------------------ */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Writes LENGTH bytes as base64 and returns where that ends. */
static char *encode(const unsigned char *bytes, size_t length, char *at)
{
    for (size_t i = 0; i < length; i += 3) {
        unsigned word = (unsigned)bytes[i] << 16;

        word |= i + 1 < length ? (unsigned)bytes[i + 1] << 8 : 0;
        word |= i + 2 < length ? (unsigned)bytes[i + 2] : 0;
        *at++ = letters[word >> 18 & 63];
        *at++ = letters[word >> 12 & 63];
        *at++ = i + 1 < length ? letters[word >> 6 & 63] : '=';
        *at++ = i + 2 < length ? letters[word & 63] : '=';
    }
    return at;
}

/* The letter's value, -1 for none. */
static int value_of(char letter)
{
    const char *at = letter ? strchr(letters, letter) : NULL;

    return at ? (int)(at - letters) : -1;
}

/*
 * Reads base64, as it is written above and not otherwise, up to MOST bytes. Moves TEXT behind it
 * and returns how many bytes it was; 0: it is none.
 */
static size_t decode(const char **text, unsigned char *bytes, size_t most)
{
    size_t count = strspn(*text, letters);
    size_t pads = strspn(*text + count, "=");
    size_t length = count * 6 / 8;
    unsigned word = 0;

    if ((count + pads) % 4 != 0 || pads > 2 || length > most)
        return 0;
    for (size_t i = 0; i < count; i++) {
        word = word << 6 | (unsigned)value_of((*text)[i]);
        if (i % 4 > 0)
            bytes[i * 6 / 8] = (unsigned char)(word >> (2 * (3 - i % 4)) & 0xff);
    }
    if (word & ((1u << (2 * pads)) - 1))
        return 0; /* bits that belong to no byte */
    *text += count + pads;
    return length;
}

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

    at = encode(password->salt, password->salt_length, at);
    *at++ = '$';
    at = encode(password->stored_key, PLI_PASSWORD_KEY, at);
    *at++ = ':';
    at = encode(password->server_key, PLI_PASSWORD_KEY, at);
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
    password->salt_length = decode(&text, password->salt, PLI_PASSWORD_SALT_MAX);
    if (password->salt_length == 0 || *text++ != '$')
        return false;
    if (decode(&text, password->stored_key, PLI_PASSWORD_KEY) != PLI_PASSWORD_KEY || *text++ != ':')
        return false;
    return decode(&text, password->server_key, PLI_PASSWORD_KEY) == PLI_PASSWORD_KEY && !*text;
}
