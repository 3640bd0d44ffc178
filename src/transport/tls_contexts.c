/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/tls_contexts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "transport/tls_tickets.h"

/* Of TLS 1.2: forward secrecy and authenticated encryption, nothing else. 1.3 has only such. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

/* Bytes that a client's certificates may take together. */
#define MOST_CERTIFICATES 32768

/* Marks sessions as this library's: without it clients with certificates could not resume theirs. */
static const unsigned char session_context[] = "paceline";

/* -- What is wrong ----------------------------------------------------------- */

/* What OpenSSL has found first, which is nearest to the cause. */
static const char *cause(void)
{
    unsigned long code = ERR_peek_error();
    const char *text;

    if (ERR_SYSTEM_ERROR(code))
        return strerror(ERR_GET_REASON(code));
    text = ERR_reason_error_string(code);
    return text ? text : "it cannot be used";
}

static int complain(const struct pli_tls_error *error, const char *what)
{
    if (error->size > 0)
        snprintf(error->text, error->size, "%s: %s", what, cause());
    ERR_clear_error();
    return -EINVAL;
}

static int complain_memory(const struct pli_tls_error *error)
{
    if (error->size > 0)
        snprintf(error->text, error->size, "%s", strerror(ENOMEM));
    ERR_clear_error();
    return -ENOMEM;
}

/* -- Contexts ---------------------------------------------------------------- */

/* Nobody is there to be asked. */
static int no_passphrase(char *text, int size, int writing, void *argument)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)argument;
    return 0;
}

/* A certificate is looked at by whoever knows its fingerprint: no authority has to vouch for it. */
static int accept_certificate(X509_STORE_CTX *store, void *argument)
{
    (void)store;
    (void)argument;
    return 1;
}

/* The certificate is that of the host that the client has named, where there is one for it. */
static int choose(SSL *ssl, int *alert, void *argument)
{
    const struct pli_tls_contexts *contexts = argument;
    const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    if (!host)
        return SSL_TLSEXT_ERR_NOACK;
    for (size_t i = 0; i < contexts->count; i++) {
        X509 *certificate = SSL_CTX_get0_certificate(contexts->list[i]);

        if (X509_check_host(certificate, host, 0, 0, NULL) == 1) {
            SSL_set_SSL_CTX(ssl, contexts->list[i]);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* -- Tickets ----------------------------------------------------------------- */

static bool use_key(struct pli_tls_ticket_key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
                    EVP_MAC_CTX *mac, int seals)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seals) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/* As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) wants it: 0: not ours, 2: it is to have another ticket. */
static int find_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                           EVP_MAC_CTX *mac, int seals)
{
    struct pli_tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct pli_tls_ticket_key key;
    int rc = seals ? pli_tls_tickets_seal(tickets, pli_clock_now(), &key)
                   : pli_tls_tickets_open(tickets, pli_clock_now(), name, &key);

    if (rc < 0)
        return rc == -ENOENT ? 0 : -1;
    if (seals) {
        memcpy(name, key.name, sizeof(key.name));
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
            rc = -EIO;
    }
    if (rc >= 0 && !use_key(&key, iv, cipher, mac, seals))
        rc = -EIO;
    OPENSSL_cleanse(&key, sizeof(key));
    return rc < 0 ? -1 : rc == PLI_TLS_TICKETS_FORMER ? 2 : 1;
}

/* Sessions are kept in tickets alone, by the clients. */
static int set_tickets(SSL_CTX *context, struct pli_tls_contexts *contexts)
{
    unsigned lifetime = contexts->ticket_lifetime;

    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, lifetime > 0 ? 1 : 0);
    if (lifetime == 0) {
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        return 0;
    }
    SSL_CTX_set_timeout(context, (long)lifetime);
    if (SSL_CTX_set_app_data(context, contexts->tickets) != 1 ||
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, find_ticket_key) != 1)
        return -ENOMEM;
    return 0;
}

/* -- Making ------------------------------------------------------------------ */

/* What all connections have in common. */
static int set_rules(SSL_CTX *context, const struct pl_tls_options *options,
                     const struct pli_tls_error *error)
{
    const char *ciphers = options->ciphers && *options->ciphers ? options->ciphers : CIPHERS;
    int least = options->min_version == PL_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;

    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, NULL);
    SSL_CTX_set_cert_verify_callback(context, accept_certificate, NULL);
    SSL_CTX_set_max_cert_list(context, MOST_CERTIFICATES);
    if (!SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1) ||
        !SSL_CTX_set_min_proto_version(context, least))
        return complain_memory(error);
    if (!SSL_CTX_set_cipher_list(context, ciphers))
        return complain(error, ciphers);
    return 0;
}

static int load(SSL_CTX *context, const struct pl_tls_certificate *files,
                const struct pli_tls_error *error)
{
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        return complain(error, files->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return complain(error, files->key);
    return 0;
}

/* Adds one to the set, whose it is whatever comes of it. */
static int add(struct pli_tls_contexts *contexts, const struct pl_tls_options *options,
               const struct pli_tls_error *error)
{
    const struct pl_tls_certificate *files = &options->certificates[contexts->count];
    SSL_CTX *context;
    int rc;

    ERR_clear_error();
    context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return complain_memory(error);
    contexts->list[contexts->count++] = context;
    rc = set_rules(context, options, error);
    if (rc == 0)
        rc = load(context, files, error);
    if (rc < 0)
        return rc;
    if (set_tickets(context, contexts) < 0)
        return complain_memory(error);
    SSL_CTX_set_tlsext_servername_callback(context, choose);
    SSL_CTX_set_tlsext_servername_arg(context, contexts);
    return 0;
}

int pli_tls_contexts_new(const struct pl_tls_options *options, struct pli_tls_tickets *tickets,
                         const struct pli_tls_error *error, struct pli_tls_contexts **out)
{
    struct pli_tls_contexts *contexts =
        malloc(sizeof(*contexts) + options->count * sizeof(contexts->list[0]));
    int rc = 0;

    if (!contexts)
        return complain_memory(error);
    *contexts = (struct pli_tls_contexts){.references = 1,
                                          .method = pli_tls_method_new(),
                                          .tickets = pli_tls_tickets_ref(tickets),
                                          .ticket_lifetime = options->ticket_lifetime};
    if (!contexts->method)
        rc = complain_memory(error);
    for (size_t i = 0; rc == 0 && i < options->count; i++)
        rc = add(contexts, options, error);
    if (rc < 0) {
        pli_tls_contexts_unref(contexts);
        return rc;
    }
    *out = contexts;
    return 0;
}

int pli_tls_contexts_stale(const struct pli_tls_contexts *contexts)
{
    for (size_t i = 0; i < contexts->count; i++) {
        X509 *certificate = SSL_CTX_get0_certificate(contexts->list[i]);

        /* A time that cannot be read, 0, is neither before nor after now. */
        if (X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0 ||
            X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
            return (int)i;
    }
    return -1;
}

struct pli_tls_contexts *pli_tls_contexts_ref(struct pli_tls_contexts *contexts)
{
    atomic_fetch_add_explicit(&contexts->references, 1, memory_order_relaxed);
    return contexts;
}

void pli_tls_contexts_unref(struct pli_tls_contexts *contexts)
{
    if (!contexts || atomic_fetch_sub_explicit(&contexts->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < contexts->count; i++)
        SSL_CTX_free(contexts->list[i]);
    pli_tls_tickets_unref(contexts->tickets);
    BIO_meth_free(contexts->method);
    free(contexts);
}
