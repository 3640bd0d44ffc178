/* SPDX-License-Identifier: MIT */
/*
 * TLS as a filter. OpenSSL reads from and writes to a BIO over memory of ours: input stands where the
 * session has it; output of put() goes to the thread's room, and what is said while input is taken
 * (the handshake, tickets, alerts) is kept. OpenSSL itself gives its buffers back whenever they are
 * empty (SSL_MODE_RELEASE_BUFFERS), and holds the beginning of a record that is not whole.
 *
 * What a peer may do wrong and how it is answered:
 *
 *     first byte is no handshake     foreign: the session tells it so in plain text
 *     no handshake comes of it       an alert (RFC 8446, section 6), broken
 *     a record that is too long, does not open, or is none
 *                                    an alert, broken
 *     wants to renegotiate (1.2)     a warning that says no (RFC 5246, section 7.2.2); it may go on
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <paceline/session.h>

#include "transport/filter.h"
#include "transport/tls.h"
#include "transport/tls_contexts.h"

#define RECORD    16384u /* bytes that a record carries at most */
#define HANDSHAKE 22     /* what a record of a handshake begins with (RFC 8446, section 5.1) */

struct tls_filter {
    struct pli_filter filter; /* first */
    struct pli_tls_contexts *contexts;
    SSL *ssl;
    struct pli_span input; /* within take(): what OpenSSL has not read yet */
    struct iovec *out;     /* within put(): where output goes, behind what is there; or NULL */
    size_t room;           /* within put(): how much more it may be */
    const char *wrong;     /* what the peer has done; static */
    bool begun;            /* the first byte has come */
    bool broken;           /* OpenSSL must not be called for more than to free it */
    bool short_of_memory;
};

static struct tls_filter *tls_of(struct pli_filter *filter)
{
    return (struct tls_filter *)filter;
}

static SSL *ssl_of(const struct pli_filter *filter)
{
    return ((const struct tls_filter *)filter)->ssl;
}

/* -- The BIO ----------------------------------------------------------------- */

static int bio_read(BIO *bio, char *data, int most)
{
    struct tls_filter *tls = BIO_get_data(bio);
    size_t length = tls->input.length < (size_t)most ? tls->input.length : (size_t)most;

    BIO_clear_retry_flags(bio);
    if (length == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(data, tls->input.data, length);
    tls->input.data += length;
    tls->input.length -= length;
    return (int)length;
}

static int bio_write(BIO *bio, const char *data, int length)
{
    struct tls_filter *tls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (tls->out && (size_t)length <= tls->room) {
        memcpy((char *)tls->out->iov_base + tls->out->iov_len, data, (size_t)length);
        tls->out->iov_len += (size_t)length;
        tls->room -= (size_t)length;
        return length;
    }
    if (tls->out || pli_filter_keep(&tls->filter, data, (size_t)length) < 0) {
        tls->short_of_memory = true;
        return -1;
    }
    return length;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *pli_tls_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "paceline");

    if (!method)
        return NULL;
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    BIO_meth_set_create(method, bio_create);
    return method;
}

/* -- The filter -------------------------------------------------------------- */

/* OpenSSL has refused for another reason than that it wants more input. */
static int give_up(struct tls_filter *tls, int error)
{
    const char *reason;

    if (error == SSL_ERROR_ZERO_RETURN)
        return PLI_FILTER_ENDED;
    tls->broken = true;
    if (tls->short_of_memory)
        return -ENOMEM;
    reason = ERR_reason_error_string(ERR_peek_error());
    tls->wrong = reason ? reason : "the peer has broken it off";
    ERR_clear_error();
    return PLI_FILTER_BROKEN;
}

static int tls_take(struct pli_filter *filter, struct pli_span input, char *room,
                    struct pli_span *clear)
{
    struct tls_filter *tls = tls_of(filter);
    int error = SSL_ERROR_NONE;

    *clear = (struct pli_span){.data = room};
    if (input.length == 0)
        return SSL_is_init_finished(tls->ssl) ? PLI_FILTER_FLOWS : PLI_FILTER_AGREES;
    if (!tls->begun && *input.data != HANDSHAKE)
        return PLI_FILTER_FOREIGN;
    tls->begun = true;
    tls->input = input;
    ERR_clear_error();
    while (tls->input.length > 0 && (error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ)) {
        size_t length = 0;
        int rc =
            SSL_read_ex(tls->ssl, room + clear->length, PLI_ROOM_SIZE - clear->length, &length);

        clear->length += length;
        error = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, rc);
    }
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ)
        return give_up(tls, error);
    return SSL_is_init_finished(tls->ssl) ? PLI_FILTER_FLOWS : PLI_FILTER_AGREES;
}

/* The first bytes of the parts, as many as a record carries: in ROOM, if they are not together. */
static struct iovec gather(const struct iovec *parts, int count, char *room)
{
    struct iovec record = {.iov_base = room};

    if (count == 1 || parts->iov_len >= RECORD) {
        record = *parts;
        if (record.iov_len > RECORD)
            record.iov_len = RECORD;
        return record;
    }
    for (int i = 0; i < count && record.iov_len < RECORD; i++) {
        size_t rest = RECORD - record.iov_len;
        size_t length = parts[i].iov_len < rest ? parts[i].iov_len : rest;

        memcpy(room + record.iov_len, parts[i].iov_base, length);
        record.iov_len += length;
    }
    return record;
}

static ssize_t tls_put(struct pli_filter *filter, const struct iovec *parts, int count, char *room,
                       struct iovec *out)
{
    struct tls_filter *tls = tls_of(filter);
    struct iovec record = gather(parts, count, room);
    size_t written = 0;
    int rc;

    *out = (struct iovec){.iov_base = room + RECORD};
    tls->out = out;
    tls->room = PLI_ROOM_SIZE - RECORD;
    ERR_clear_error();
    rc = SSL_write_ex(tls->ssl, record.iov_base, record.iov_len, &written);
    tls->out = NULL;
    if (rc == 1)
        return (ssize_t)written;
    tls->broken = true;
    ERR_clear_error();
    return -EIO;
}

static int tls_end(struct pli_filter *filter)
{
    struct tls_filter *tls = tls_of(filter);

    if (tls->broken || !SSL_is_init_finished(tls->ssl))
        return 0;
    ERR_clear_error();
    if (SSL_shutdown(tls->ssl) >= 0)
        return 0;
    tls->broken = true; /* nothing else can be wrong than that there was no memory for it */
    ERR_clear_error();
    return -ENOMEM;
}

static const char *tls_wrong(const struct pli_filter *filter)
{
    return ((const struct tls_filter *)filter)->wrong;
}

static void tls_free(struct pli_filter *filter)
{
    struct tls_filter *tls = tls_of(filter);

    SSL_free(tls->ssl);
    pli_tls_contexts_unref(tls->contexts);
    free(tls);
}

static const struct pli_filter_class tls_class = {
    .name = "TLS",
    .take = tls_take,
    .put = tls_put,
    .end = tls_end,
    .wrong = tls_wrong,
    .free = tls_free,
};

static int open_ssl(struct tls_filter *tls)
{
    BIO *bio = BIO_new(tls->contexts->method);

    tls->ssl = SSL_new(tls->contexts->list[0]);
    if (!bio || !tls->ssl) {
        BIO_free(bio);
        ERR_clear_error();
        return -ENOMEM;
    }
    BIO_set_data(bio, tls);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_accept_state(tls->ssl);
    return 0;
}

int pli_tls_filter_new(struct pl_tls *owner, struct pli_filter **out)
{
    struct tls_filter *tls = calloc(1, sizeof(*tls));
    int rc;

    if (!tls)
        return -ENOMEM;
    tls->filter.class = &tls_class;
    tls->contexts = pli_tls_contexts_of(owner);
    rc = open_ssl(tls);
    if (rc < 0) {
        tls_free(&tls->filter);
        return rc;
    }
    *out = &tls->filter;
    return 0;
}

/* -- What was agreed upon ---------------------------------------------------- */

const char *pli_tls_version(const struct pli_filter *filter)
{
    return SSL_get_version(ssl_of(filter));
}

const char *pli_tls_cipher(const struct pli_filter *filter)
{
    return SSL_get_cipher_name(ssl_of(filter));
}

int pli_tls_fingerprint(const struct pli_filter *filter, char *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    X509 *certificate = SSL_get0_peer_certificate(ssl_of(filter));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (!certificate)
        return -ENOENT;
    if (size < PL_FINGERPRINT_TEXT)
        return -EINVAL;
    if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1) {
        ERR_clear_error();
        return -ENOMEM;
    }
    for (unsigned i = 0; i < length; i++) {
        *text++ = digits[digest[i] >> 4];
        *text++ = digits[digest[i] & 15];
    }
    *text = '\0';
    return 0;
}
