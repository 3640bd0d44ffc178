/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/wire_tls.h"

#include "tools/bench/fail.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>

/* OpenSSL writes without MSG_NOSIGNAL. */
struct ssl_ctx_st *wire_tls_new(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (!context)
        bench_fail("no TLS: out of memory");
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    signal(SIGPIPE, SIG_IGN);
    return context;
}

void wire_tls_free(struct ssl_ctx_st *context)
{
    SSL_CTX_free(context);
}

struct ssl_st *wire_tls_open(struct ssl_ctx_st *context, int fd, uint64_t index)
{
    SSL *tls = SSL_new(context);
    int rc;

    if (!tls || SSL_set_fd(tls, fd) != 1)
        bench_fail("connection %ju: no TLS: out of memory", (uintmax_t)index);
    ERR_clear_error();
    rc = SSL_connect(tls);
    if (rc != 1) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());

        bench_fail("connection %ju: no TLS: %s", (uintmax_t)index,
                   reason ? reason : "the server has closed it, or does not answer");
    }
    return tls;
}

void wire_tls_close(struct ssl_st *tls)
{
    ERR_clear_error();
    SSL_shutdown(tls);
    SSL_free(tls);
}

/* Of a call that has moved nothing: what recv(2) and send(2) would return. */
static ssize_t failed(SSL *tls, int rc)
{
    switch (SSL_get_error(tls, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        if (errno == 0)
            errno = ECONNRESET;
        return -1;
    default:
        errno = EPROTO;
        return -1;
    }
}

static int at_most(size_t size)
{
    return size > INT_MAX ? INT_MAX : (int)size;
}

ssize_t wire_tls_send(struct ssl_st *tls, const void *data, size_t size)
{
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_write(tls, data, at_most(size));
    return rc > 0 ? rc : failed(tls, rc);
}

ssize_t wire_tls_receive(struct ssl_st *tls, void *data, size_t size)
{
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_read(tls, data, at_most(size));
    return rc > 0 ? rc : failed(tls, rc);
}
