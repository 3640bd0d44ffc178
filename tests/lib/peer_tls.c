/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/peer_tls.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

struct tls {
    struct peer_layer layer; /* first */
    pthread_mutex_t lock;    /* one thread may send while another receives */
    SSL *ssl;
};

static SSL *ssl_of(struct peer_layer *layer)
{
    return ((struct tls *)layer)->ssl;
}

static void lock(struct peer_layer *layer)
{
    pthread_mutex_lock(&((struct tls *)layer)->lock);
    ERR_clear_error();
    errno = 0;
}

static void unlock(struct peer_layer *layer)
{
    int error = errno;

    pthread_mutex_unlock(&((struct tls *)layer)->lock);
    errno = error;
}

/* As recv(2) and send(2) would have it. */
static ssize_t outcome(SSL *ssl, int rc)
{
    switch (SSL_get_error(ssl, rc)) {
    case SSL_ERROR_NONE:
        return rc;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_SYSCALL:
        if (errno == 0)
            errno = ECONNRESET;
        return -1;
    default:
        errno = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? ECONNRESET
                                                                                       : EPROTO;
        return -1;
    }
}

static ssize_t tls_receive(struct peer_layer *layer, void *data, size_t size)
{
    ssize_t result;

    lock(layer);
    result = outcome(ssl_of(layer), SSL_read(ssl_of(layer), data, (int)size));
    unlock(layer);
    return result;
}

static ssize_t tls_send(struct peer_layer *layer, const void *data, size_t size)
{
    ssize_t result;

    lock(layer);
    result = outcome(ssl_of(layer), SSL_write(ssl_of(layer), data, (int)size));
    unlock(layer);
    return result;
}

static int tls_half_close(struct peer_layer *layer)
{
    int result;

    lock(layer);
    result = SSL_shutdown(ssl_of(layer)) < 0 ? -EPROTO : 0;
    unlock(layer);
    return result;
}

static void tls_free(struct peer_layer *layer)
{
    pthread_mutex_destroy(&((struct tls *)layer)->lock);
    SSL_free(ssl_of(layer));
    free(layer);
}

static SSL *new_ssl(struct peer *peer, const struct peer_tls_wish *wish)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;

    if (!context)
        return NULL;
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_security_level(context, 0); /* also what a server should refuse */
    if (wish->version && (!SSL_CTX_set_min_proto_version(context, wish->version) ||
                          !SSL_CTX_set_max_proto_version(context, wish->version)))
        goto out;
    if (wish->certificate &&
        (SSL_CTX_use_certificate_file(context, wish->certificate, SSL_FILETYPE_PEM) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, wish->key, SSL_FILETYPE_PEM) != 1))
        goto out;
    ssl = SSL_new(context);
    if (ssl && (!SSL_set_fd(ssl, peer_descriptor(peer)) ||
                (wish->host && !SSL_set_tlsext_host_name(ssl, (char *)(uintptr_t)wish->host)) ||
                (wish->resume && !SSL_set_session(ssl, wish->resume)))) {
        SSL_free(ssl);
        ssl = NULL;
    }
out:
    SSL_CTX_free(context);
    return ssl;
}

static int wait_for(struct peer *peer, int error, uint64_t deadline)
{
    struct pollfd poller = {.fd = peer_descriptor(peer),
                            .events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT};

    return poll(&poller, 1, expect_remaining(deadline)) == 1 ? 0 : -ETIMEDOUT;
}

static int agree(struct peer *peer, SSL *ssl, int *alert)
{
    uint64_t deadline = expect_deadline();
    int result = 0;

    *alert = -1;
    while (result == 0) {
        int rc, error;

        ERR_clear_error();
        rc = SSL_connect(ssl);
        if (rc == 1)
            return 0;
        error = SSL_get_error(ssl, rc);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            result = wait_for(peer, error, deadline);
        else
            result = -EPROTO;
    }
    if (ERR_GET_REASON(ERR_peek_error()) > SSL_AD_REASON_OFFSET)
        *alert = ERR_GET_REASON(ERR_peek_error()) - SSL_AD_REASON_OFFSET;
    ERR_clear_error();
    return result;
}

int peer_tls(struct peer *peer, const struct peer_tls_wish *wish, int *alert)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    int result;

    if (!tls)
        return -ENOMEM;
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL does not tell send(2) to raise none */
    tls->layer = (struct peer_layer){tls_receive, tls_send, tls_half_close, tls_free};
    pthread_mutex_init(&tls->lock, NULL);
    tls->ssl = new_ssl(peer, wish);
    result = tls->ssl ? agree(peer, tls->ssl, alert) : -EINVAL;
    if (result < 0)
        tls_free(&tls->layer);
    else
        peer_set_layer(peer, &tls->layer);
    return result;
}

void peer_must_tls(struct place place, struct peer *peer, const struct peer_tls_wish *wish)
{
    int alert = -1;
    int result = peer_tls(peer, wish, &alert);

    if (result < 0)
        expect_fail(place, "TLS: %s, alert %d", strerror(-result), alert);
}

SSL *peer_tls_ssl(struct peer *peer)
{
    return ssl_of(peer_layer(peer));
}

bool peer_tls_shows(struct peer *peer, const char *host)
{
    X509 *certificate = SSL_get0_peer_certificate(peer_tls_ssl(peer));

    return certificate && X509_check_host(certificate, host, 0, 0, NULL) == 1;
}
