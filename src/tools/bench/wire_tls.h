/* SPDX-License-Identifier: MIT */
/* TLS of the load (wire.h): by OpenSSL, or by nobody in a build without it. */
#ifndef TOOLS_BENCH_WIRE_TLS_H
#define TOOLS_BENCH_WIRE_TLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_st;

struct ssl_ctx_st *wire_tls_new(void);
void wire_tls_free(struct ssl_ctx_st *context); /* NULL is allowed */

/* INDEX is for messages. */
struct ssl_st *wire_tls_open(struct ssl_ctx_st *context, int fd, uint64_t index);
void wire_tls_close(struct ssl_st *tls);

ssize_t wire_tls_send(struct ssl_st *tls, const void *data, size_t size);
ssize_t wire_tls_receive(struct ssl_st *tls, void *data, size_t size);

#endif
