/* SPDX-License-Identifier: MIT */
/* Where there is no OpenSSL: nothing speaks TLS, so none of the others is ever called. */
#include "config.h"

#include "tools/bench/wire_tls.h"

#include "tools/bench/fail.h"

#include <errno.h>

struct ssl_ctx_st *wire_tls_new(void)
{
    bench_usage("--tls: this paceline-bench was built without it");
}

void wire_tls_free(struct ssl_ctx_st *context)
{
    (void)context;
}

struct ssl_st *wire_tls_open(struct ssl_ctx_st *context, int fd, uint64_t index)
{
    (void)context;
    (void)fd;
    bench_fail("connection %ju: no TLS", (uintmax_t)index);
}

void wire_tls_close(struct ssl_st *tls)
{
    (void)tls;
}

ssize_t wire_tls_send(struct ssl_st *tls, const void *data, size_t size)
{
    (void)tls;
    (void)data;
    (void)size;
    errno = ENOTSUP;
    return -1;
}

ssize_t wire_tls_receive(struct ssl_st *tls, void *data, size_t size)
{
    (void)tls;
    (void)data;
    (void)size;
    errno = ENOTSUP;
    return -1;
}
