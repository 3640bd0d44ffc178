/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/scram.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARE "n=%s,r=bench%016" PRIx64

static void encode(const void *bytes, size_t length, char *out)
{
    if (length > SCRAM_TEXT / 4 * 3 - 3)
        length = SCRAM_TEXT / 4 * 3 - 3;
    EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
}

/* Returns how many bytes it is, -1: it is none. */
static int decode(const char *text, size_t length, unsigned char out[SCRAM_TEXT])
{
    size_t pads = 0;
    int count;

    if (length == 0 || length % 4 != 0 || length >= SCRAM_TEXT)
        return -1;
    while (pads < 2 && text[length - 1 - pads] == '=')
        pads++;
    count = EVP_DecodeBlock(out, (const unsigned char *)text, (int)length);
    return count < 0 ? -1 : count - (int)pads;
}

void scram_plain(const struct scram_client *client, char out[SCRAM_TEXT])
{
    char text[SCRAM_TEXT];
    int length = snprintf(text, sizeof(text), "%c%s%c%s", 0, client->name, 0, client->password);

    encode(text, (size_t)length, out);
}

void scram_first(const struct scram_client *client, uint64_t number, char out[SCRAM_TEXT])
{
    char text[SCRAM_TEXT];
    int length = snprintf(text, sizeof(text), "n,," BARE, client->name, number);

    encode(text, (size_t)length, out);
}

static void sign(const unsigned char *key, const char *text, unsigned char out[SCRAM_KEY])
{
    HMAC(EVP_sha256(), key, SCRAM_KEY, (const unsigned char *)text, strlen(text), out, NULL);
}

/* Makes sure that client->salted is for this salt, in base64, and so many iterations. */
static int stretch(struct scram_client *client, const char *salt, size_t salt_length,
                   int iterations)
{
    unsigned char bytes[SCRAM_TEXT];
    int count = decode(salt, salt_length, bytes);

    if (count <= 0 || count > SCRAM_SALT || iterations <= 0)
        return -EPROTO;
    if (count == client->salt_length && iterations == client->iterations &&
        memcmp(bytes, client->salt, (size_t)count) == 0)
        return 0;
    memcpy(client->salt, bytes, (size_t)count);
    client->salt_length = count;
    client->iterations = iterations;
    return PKCS5_PBKDF2_HMAC(client->password, -1, client->salt, count, iterations, EVP_sha256(),
                             SCRAM_KEY, client->salted) == 1
               ? 0
               : -EPROTO;
}

static void prove(const struct scram_client *client, const char *said, char proof[SCRAM_TEXT],
                  char expected[SCRAM_TEXT])
{
    unsigned char key[SCRAM_KEY], stored[SCRAM_KEY], signature[SCRAM_KEY];
    char text[SCRAM_TEXT] = "v=";

    sign(client->salted, "Client Key", key);
    EVP_Digest(key, sizeof(key), stored, NULL, EVP_sha256(), NULL);
    sign(stored, said, signature);
    for (unsigned i = 0; i < sizeof(key); i++)
        key[i] ^= signature[i];
    encode(key, sizeof(key), proof);
    sign(client->salted, "Server Key", key);
    sign(key, said, signature);
    encode(signature, sizeof(signature), text + 2);
    encode(text, strlen(text), expected);
}

int scram_final(struct scram_client *client, uint64_t number, const char *server,
                char out[SCRAM_TEXT], char expected[SCRAM_TEXT])
{
    char first[SCRAM_TEXT] = "", said[3 * SCRAM_TEXT], last[SCRAM_TEXT], proof[SCRAM_TEXT];
    int length = decode(server, strlen(server), (unsigned char *)first);
    const char *salt, *iterations;

    first[length > 0 ? length : 0] = '\0';
    salt = strstr(first, ",s=");
    iterations = salt ? strstr(salt, ",i=") : NULL;
    if (strncmp(first, "r=", 2) != 0 || !iterations ||
        stretch(client, salt + 3, (size_t)(iterations - salt - 3), atoi(iterations + 3)) != 0)
        return -EPROTO;
    snprintf(last, sizeof(last), "c=biws,%.*s", (int)(salt - first), first);
    length = snprintf(said, sizeof(said), BARE ",%s,%s", client->name, number, first, last);
    if (length < 0 || (size_t)length >= sizeof(said))
        return -EPROTO;
    prove(client, said, proof, expected);
    length = snprintf(said, sizeof(said), "%s,p=%s", last, proof);
    encode(said, (size_t)length, out);
    return 0;
}
