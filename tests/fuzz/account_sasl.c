/* SPDX-License-Identifier: MIT */
/*
 * Exchanges of SASL: whatever a client says has a defined outcome, nobody logs in who has not proven what
 * they are asked for, and what is over stays so.
 *
 * The first byte says by which mechanism (its lower two bits; the third: by somebody without a certificate
 * whose password anybody can listen to). Then come the client's messages, each ended by LF. In them 0x02
 * stands for the nonce that the server has sent and 0x03 for the proof that belongs to what was said so far,
 * so that
 *
 *     2n,,n=alice,r=abc
 *     c=biws,r=<0x02>,p=<0x03>
 *     (nothing)
 *
 * logs in.
 */
#include "config.h"

#include "account/sasl.h"
#include "tests/lib/fake_accounts.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONCE '\x02'
#define PROOF '\x03'
#define ROOM  16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct accounts accounts;
static unsigned char client_key[PLI_PASSWORD_KEY];

/* Of the exchange. */
static char bare[ROOM];   /* the first message without its head */
static char server[ROOM]; /* the last answer */
static int proven;        /* the right proof was said, or could have been */

static void must(int holds)
{
    if (!holds)
        abort();
}

static void sign(const unsigned char *key, const char *text, unsigned char out[PLI_PASSWORD_KEY])
{
    must(HMAC(EVP_sha256(), key, PLI_PASSWORD_KEY, (const unsigned char *)text, strlen(text), out,
              NULL) != NULL);
}

static void set_up(void)
{
    unsigned char salted[PLI_PASSWORD_KEY];

    must(fake_accounts_init(&accounts) == 0);
    must(PKCS5_PBKDF2_HMAC(FAKE_PASSWORD, -1, accounts.keys.salt, (int)accounts.keys.salt_length,
                           (int)accounts.keys.iterations, EVP_sha256(), sizeof salted, salted));
    sign(salted, "Client Key", client_key);
}

static size_t put_nonce(char *out)
{
    size_t length = strcspn(server, ",");

    memcpy(out, server, length);
    return length;
}

/* TEXT is the message so far; ",p=" at its end is no part of what is signed. */
static size_t put_proof(const char *text, size_t length, char *out)
{
    static char said[3 * ROOM];
    unsigned char key[PLI_PASSWORD_KEY];

    if (length < 3 || memcmp(text + length - 3, ",p=", 3) != 0)
        return 0;
    (void)snprintf(said, sizeof said, "%s,%s,%.*s", bare, server, (int)length - 3, text);
    sign(accounts.keys.stored_key, said, key);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] ^= client_key[i];
    proven = 1;
    return (size_t)EVP_EncodeBlock((unsigned char *)out, key, sizeof key);
}

/* What the client says: TEXT with what its marks stand for. */
static char *spell(const char *text, size_t length, size_t *out_length)
{
    char *out = malloc(length + 2 * ROOM + 64);
    size_t used = 0;
    int marks = 0;

    must(out != NULL);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == NONCE && marks++ == 0)
            used += put_nonce(out + used);
        else if (text[i] == PROOF && !proven)
            used += put_proof(out, used, out + used);
        else
            out[used++] = text[i];
    }
    *out_length = used;
    return realloc(out, used > 0 ? used : 1); /* of its size, for a sanitizer to see */
}

static int has(const char *message, size_t length, const char *secret)
{
    return memmem(message, length, secret, strlen(secret)) != NULL;
}

static void remember(const char *message, size_t length, const char *answer, size_t answer_length)
{
    const char *head = memchr(message, ',', length);
    const char *end = message + length;

    if (head)
        head = memchr(head + 1, ',', (size_t)(end - head - 1));
    if (!*bare && head)
        (void)snprintf(bare, sizeof bare, "%.*s", (int)(end - head - 1), head + 1);
    must(answer_length < sizeof server && memchr(answer, '\0', answer_length) == NULL);
    memcpy(server, answer, answer_length);
    server[answer_length] = '\0';
}

/* Returns whether it goes on. */
static int say(struct account_sasl *sasl, const char *message, size_t length)
{
    void *answer;
    size_t answer_length;
    int rc;

    if (has(message, length, FAKE_PASSWORD) || has(message, length, FAKE_ODD))
        proven = 1;
    rc = account_sasl_step(sasl, message, length, &answer, &answer_length);
    must(rc == 0 || rc == ACCOUNT_SASL_MORE || rc == ACCOUNT_WRONG);
    must(rc != 0 || (proven && strcmp(account_sasl_name(sasl), FAKE_ACCOUNT) == 0));
    if (rc == ACCOUNT_SASL_MORE)
        remember(message, length, answer ? answer : "", answer_length);
    else
        must(!answer && answer_length == 0);
    free(answer);
    return rc == ACCOUNT_SASL_MORE;
}

static void converse(struct account_sasl *sasl, const char *text, size_t size)
{
    int goes_on = 1;

    while (size > 0) {
        const char *newline = memchr(text, '\n', size);
        size_t length = newline ? (size_t)(newline - text) : size;
        size_t used = newline ? length + 1 : length;
        size_t spelt_length;
        char *spelt = spell(text, length, &spelt_length);
        int more;

        must(spelt != NULL);
        more = say(sasl, spelt, spelt_length);
        must(goes_on || !more);
        goes_on = more;
        free(spelt);
        text += used;
        size -= used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const mechanisms[] = {"PLAIN", "EXTERNAL", "SCRAM-SHA-256", "SCRAM-SHA-1"};
    static const struct account_who over_tls = {
        .address = "192.0.2.1", .nick = "", .fingerprint = FAKE_FINGERPRINT, .is_private = true};
    static const struct account_who in_clear = {
        .address = "192.0.2.1", .nick = "", .fingerprint = ""};
    struct account_sasl *sasl;
    int rc, in_the_clear, which;

    if (!accounts.mechanisms)
        set_up();
    if (size == 0 || size > ROOM / 2)
        return 0;
    which = data[0] % 4;
    in_the_clear = data[0] >> 2 & 1;
    *bare = *server = '\0';
    proven = which == 1; /* by their certificate */
    rc =
        account_sasl_new(&accounts, in_the_clear ? &in_clear : &over_tls, mechanisms[which], &sasl);
    must(rc == (which == 3 || (in_the_clear && which != 2) ? ACCOUNT_MISSING : 0));
    if (rc != 0)
        return 0;
    converse(sasl, (const char *)data + 1, size - 1);
    account_sasl_free(sasl);
    return 0;
}
