/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-256 (RFC 5802, RFC 7677) by AUTHENTICATE. */
#include "config.h"

#include "base/base64.h"
#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_sasl.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scram {
    char first_bare[600];
    char nonce[500];
    unsigned char server_key[32];
    char auth_message[3000];
};

static void hmac(const void *key, const char *text, unsigned char out[32])
{
    EXPECT(HMAC(EVP_sha256(), key, 32, (const unsigned char *)text, strlen(text), out, NULL),
           "no HMAC");
}

/* The client's last message, by RFC 5802, for what the server has sent. */
static void make_final(struct scram *scram, const char *server_first, const char *password,
                       char *final, size_t size)
{
    unsigned char salt[100], salted[32], client[32], stored[32], proof[32];
    char combined[500], salt_text[100], proof_text[PLI_BASE64_LENGTH(32) + 1] = "";
    const char *at = salt_text;
    size_t salt_length;
    unsigned rounds;

    EXPECT(sscanf(server_first, "r=%499[^,],s=%99[^,],i=%u", combined, salt_text, &rounds) == 3,
           "that is not it: %s", server_first);
    EXPECT(strncmp(combined, scram->nonce, strlen(scram->nonce)) == 0, "another nonce");
    salt_length = pli_base64_decode(&at, salt, sizeof(salt));
    EXPECT(PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, (int)salt_length, (int)rounds,
                             EVP_sha256(), 32, salted),
           "no PBKDF2");
    hmac(salted, "Client Key", client);
    hmac(salted, "Server Key", scram->server_key);
    SHA256(client, 32, stored);
    snprintf(scram->auth_message, sizeof(scram->auth_message), "%s,%s,c=biws,r=%s",
             scram->first_bare, server_first, combined);
    hmac(stored, scram->auth_message, proof);
    for (int i = 0; i < 32; i++)
        proof[i] ^= client[i];
    (void)pli_base64_encode(proof, 32, proof_text);
    snprintf(final, size, "c=biws,r=%s,p=%s", combined, proof_text);
}

/* The exchange up to the server's answer to the proof, with a nonce of that length. */
static void prove(struct peer *peer, struct scram *scram, size_t nonce, const char *name,
                  const char *password)
{
    char first[700], final[1000];
    char *server_first;

    memset(scram->nonce, 'n', nonce);
    scram->nonce[nonce] = '\0';
    snprintf(scram->first_bare, sizeof(scram->first_bare), "n=%s,r=%s", name, scram->nonce);
    snprintf(first, sizeof(first), "n,,%s", scram->first_bare);
    IRC_BEGIN(peer, "SCRAM-SHA-256");
    irc_send_message(peer, first, strlen(first));
    server_first = IRC_RECEIVE_MESSAGE(peer);
    make_final(scram, server_first, password, final, sizeof(final));
    free(server_first);
    irc_send_message(peer, final, strlen(final));
}

static void scram_proves_and_is_proved_to(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);
    static const size_t nonces[] = {24, 290, 400}; /* the longer ones take several chunks */

    for (size_t i = 0; i < 3; i++) {
        char expected[PLI_BASE64_LENGTH(32) + 3] = "v=";
        unsigned char signature[32];
        struct scram scram;
        char *server_final;

        prove(peer, &scram, nonces[i], "alice", "secret");
        server_final = IRC_RECEIVE_MESSAGE(peer);
        hmac(scram.server_key, scram.auth_message, signature);
        (void)pli_base64_encode(signature, 32, expected + 2);
        CU_ASSERT_STRING_EQUAL(server_final, expected);
        free(server_final);
        irc_send(peer, "AUTHENTICATE +");
        IRC_EXPECT_LOGIN(peer, "\\*");
    }
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void scram_tells_nothing_of_who_there_is(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);
    struct scram scram;

    prove(peer, &scram, 24, "alice", "wrong");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    prove(peer, &scram, 24, "nobody", "secret");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_wrong_nonce_or_channel_binding_is_refused(void)
{
    static const char *const firsts[] = {"y,,n=alice,r=nnnn", "p=tls-unique,,n=alice,r=nnnn",
                                         "n,a=bob,n=alice,r=nnnn", "n,,n=alice", "n,,m=x,n=a,r=n"};
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);
    char *server_first;

    IRC_BEGIN(peer, "SCRAM-SHA-256");
    irc_send_message(peer, "n,,n=alice,r=nnnn", 17);
    server_first = IRC_RECEIVE_MESSAGE(peer);
    free(server_first);
    irc_send_message(peer, "c=biws,r=mmmm,p=AAAA", 20);
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    for (size_t i = 1; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        if (i == 2)
            continue; /* whose authorization is looked at with the proof */
        IRC_BEGIN(peer, "SCRAM-SHA-256");
        irc_send_message(peer, firsts[i], strlen(firsts[i]));
        PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    }
    peer_close(peer);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(scram_proves_and_is_proved_to),
        TEST(scram_tells_nothing_of_who_there_is),
        TEST(a_wrong_nonce_or_channel_binding_is_refused),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_scram", tests);
}
