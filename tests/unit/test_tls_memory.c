/* SPDX-License-Identifier: MIT */
/*
 * TLS where each allocation fails in turn, those within OpenSSL as well: what cannot be made says so, and
 * a connection that lacks memory ends, and nothing else does. A client in the same thread, whose memory
 * is spared, talks with a filter; what it and the filter say goes from hand to hand.
 */
#include "config.h"

#include "base/certificate.h"
#include "engine/worker.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"
#include "transport/filter.h"
#include "transport/tls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define QUESTION "question\n"
#define ANSWER   "answer\n"

/* -- OpenSSL's memory ------------------------------------------------------------------- */

static atomic_long held; /* blocks that it has */

static void *take(size_t size, const char *file, int line)
{
    void *block = malloc(size);

    (void)file;
    (void)line;
    if (block)
        atomic_fetch_add(&held, 1);
    return block;
}

static void give(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    if (block)
        atomic_fetch_sub(&held, 1);
    free(block);
}

static void *change(void *block, size_t size, const char *file, int line)
{
    if (!block)
        return take(size, file, line);
    if (size > 0)
        return realloc(block, size);
    give(block, file, line);
    return NULL;
}

/* -- A server and a client -------------------------------------------------------------- */

static char *folder;
static char *certificate_path, *key_path;
static SSL_CTX *clients;
static char *room;

static int make_tls(struct pl_tls **tls, char *error, size_t size)
{
    struct pl_tls_certificate files = {certificate_path, key_path};
    struct pl_tls_options options = PL_TLS_OPTIONS;

    options.certificates = &files;
    options.count = 1;
    return pl_tls_new(&options, tls, error, size);
}

struct visit {
    struct pli_filter *filter;
    SSL *client;
    BIO *in, *out; /* the client's */
    bool heard;    /* the question has come */
};

/* What the client has to say comes. Returns 0, a pli_filter_outcome that ends it, or -ENOMEM. */
static int give_filter(struct visit *visit)
{
    char data[8192];
    int length, rc = 0;

    failmalloc_spare(true);
    length = BIO_read(visit->out, data, sizeof(data));
    failmalloc_spare(false);
    while (rc <= PLI_FILTER_AGREES && rc >= 0 && length > 0) {
        struct pli_span clear;

        rc = visit->filter->class->take(
            visit->filter, (struct pli_span){.data = data, .length = (size_t)length}, room, &clear);
        if (rc == PLI_FILTER_FLOWS && clear.length > 0) {
            EXPECT(clear.length == strlen(QUESTION) &&
                       memcmp(clear.data, QUESTION, clear.length) == 0,
                   "it is another question");
            visit->heard = true;
        }
        failmalloc_spare(true);
        length = BIO_read(visit->out, data, sizeof(data));
        failmalloc_spare(false);
    }
    return rc > PLI_FILTER_AGREES || rc < 0 ? rc : 0;
}

/* What the filter has to say comes. Returns whether that was anything. */
static bool give_client(struct visit *visit)
{
    struct iovec kept = pli_filter_kept(visit->filter);

    if (kept.iov_len == 0)
        return false;
    failmalloc_spare(true);
    EXPECT(BIO_write(visit->in, kept.iov_base, (int)kept.iov_len) == (int)kept.iov_len, "no room");
    failmalloc_spare(false);
    pli_filter_written(visit->filter, kept.iov_len);
    return true;
}

/* The client goes on with its handshake. */
static bool agree(struct visit *visit)
{
    bool done;

    failmalloc_spare(true);
    done = SSL_do_handshake(visit->client) == 1;
    ERR_clear_error();
    failmalloc_spare(false);
    return done;
}

static int shake_hands(struct visit *visit)
{
    int rc = 0;
    bool done;

    do {
        done = agree(visit);
        rc = give_filter(visit);
    } while (rc == 0 && (give_client(visit) || !done));
    return rc;
}

static int ask(struct visit *visit)
{
    failmalloc_spare(true);
    EXPECT(SSL_write(visit->client, QUESTION, (int)strlen(QUESTION)) > 0, "no question");
    failmalloc_spare(false);
    return give_filter(visit);
}

static int answer(struct visit *visit)
{
    const struct iovec part = {.iov_base = (char[]){ANSWER}, .iov_len = strlen(ANSWER)};
    struct iovec out;
    ssize_t used = visit->filter->class->put(visit->filter, &part, 1, room, &out);
    char text[100];

    if (used < 0)
        return (int)used;
    failmalloc_spare(true);
    EXPECT(used == (ssize_t)strlen(ANSWER), "only %zd bytes are put", used);
    EXPECT(BIO_write(visit->in, out.iov_base, (int)out.iov_len) == (int)out.iov_len, "no room");
    EXPECT(SSL_read(visit->client, text, sizeof(text)) == (int)strlen(ANSWER) &&
               memcmp(text, ANSWER, strlen(ANSWER)) == 0,
           "it is another answer");
    failmalloc_spare(false);
    return 0;
}

static int part(struct visit *visit)
{
    int rc = visit->filter->class->end(visit->filter);
    char byte;

    if (rc < 0)
        return rc;
    give_client(visit);
    failmalloc_spare(true);
    EXPECT(SSL_read(visit->client, &byte, 1) <= 0 &&
               (SSL_get_shutdown(visit->client) & SSL_RECEIVED_SHUTDOWN),
           "it has no end");
    ERR_clear_error();
    failmalloc_spare(false);
    return 0;
}

static void begin_client(struct visit *visit, int version)
{
    failmalloc_spare(true);
    visit->client = SSL_new(clients);
    visit->in = BIO_new(BIO_s_mem());
    visit->out = BIO_new(BIO_s_mem());
    EXPECT(visit->client && visit->in && visit->out, "no client");
    BIO_set_mem_eof_return(visit->in, -1);
    SSL_set_bio(visit->client, visit->in, visit->out);
    SSL_set_connect_state(visit->client);
    EXPECT(SSL_set_min_proto_version(visit->client, version) &&
               SSL_set_max_proto_version(visit->client, version),
           "no such version");
    failmalloc_spare(false);
}

/* Returns 0, or how it has ended before its time. */
static int visit_once(struct pl_tls *tls, int version)
{
    struct visit visit = {0};
    int rc = pli_tls_filter_new(tls, &visit.filter);

    if (rc < 0)
        return rc;
    begin_client(&visit, version);
    rc = shake_hands(&visit);
    if (rc == 0)
        rc = ask(&visit);
    if (rc == 0) {
        EXPECT(visit.heard, "the question has not come");
        rc = answer(&visit);
    }
    if (rc == 0)
        rc = part(&visit);
    pli_filter_free(visit.filter);
    failmalloc_spare(true);
    SSL_free(visit.client);
    failmalloc_spare(false);
    return rc;
}

/* -- Tests ------------------------------------------------------------------------------ */

/*
 * OpenSSL does without some of what it wants, and tells nobody: one that could be made may know fewer
 * algorithms, up to none that its certificate has. The next one is whole.
 */
static bool make_without_memory(long failing)
{
    struct pl_tls *tls = NULL;
    char error[300] = "";
    bool fired;
    int rc;

    failmalloc_after(failing);
    rc = make_tls(&tls, error, sizeof(error));
    failmalloc_off();
    fired = failmalloc_fired();
    EXPECT(rc == 0 || (fired && (rc == -ENOMEM || rc == -EINVAL) && *error),
           "allocation %ld: %d, \"%s\"", failing, rc, error);
    if (rc == 0) {
        rc = visit_once(tls, TLS1_3_VERSION);
        EXPECT(rc == 0 || (fired && rc == PLI_FILTER_BROKEN), "allocation %ld: %d", failing, rc);
        pl_tls_unref(tls);
    }
    EXPECT(make_tls(&tls, error, sizeof(error)) == 0, "%s", error);
    EXPECT_RESULT(visit_once(tls, TLS1_3_VERSION), 0);
    pl_tls_unref(tls);
    return fired;
}

/* There are thousands: the first ones are all tried, and of the others the fewer the later they come. */
static void what_cannot_be_made_says_so(void)
{
    long tried = 0;

    for (long failing = 1; make_without_memory(failing); failing += 1 + failing / 40)
        tried++;
    EXPECT(tried > 100, "only %ld allocations failed", tried);
}

static bool visit_without_memory(struct pl_tls *tls, int version, long failing)
{
    int rc;

    failmalloc_after(failing);
    rc = visit_once(tls, version);
    failmalloc_off();
    EXPECT(rc == 0 ||
               (failmalloc_fired() && (rc == -ENOMEM || rc == -EIO || rc == PLI_FILTER_BROKEN)),
           "allocation %ld: %d", failing, rc);
    EXPECT_RESULT(visit_once(tls, version), 0);
    return failmalloc_fired();
}

static void visits_without_memory(int version)
{
    struct pl_tls *tls = NULL;
    char error[300] = "";
    long failing, before;

    EXPECT(make_tls(&tls, error, sizeof(error)) == 0, "%s", error);
    for (failing = 1; visit_without_memory(tls, version, failing); failing++)
        ;
    EXPECT(failing > 100, "only %ld allocations failed", failing - 1);
    before = atomic_load(&held);
    for (failing = 1; visit_without_memory(tls, version, failing); failing++)
        ;
    CU_ASSERT_EQUAL(atomic_load(&held), before);
    pl_tls_unref(tls);
}

static void failed_allocation_costs_one_connection_of_tls_1_3(void)
{
    visits_without_memory(TLS1_3_VERSION);
}

static void failed_allocation_costs_one_connection_of_tls_1_2(void)
{
    visits_without_memory(TLS1_2_VERSION);
}

static void set_up(void)
{
    static const char *const host = "localhost";
    const struct pli_certificate_wish wish = {
        .hosts = &host, .count = 1, .begins = -60, .ends = 3600};

    folder = folder_new();
    certificate_path = folder ? folder_path(folder, "cert.pem") : NULL;
    key_path = folder ? folder_path(folder, "key.pem") : NULL;
    clients = SSL_CTX_new(TLS_client_method());
    room = malloc(PLI_ROOM_SIZE);
    if (!certificate_path || !key_path || !clients || !room ||
        pli_certificate_make(&wish, certificate_path, key_path) < 0)
        abort();
}

static void tear_down(void)
{
    SSL_CTX_free(clients);
    free(room);
    free(certificate_path);
    free(key_path);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what cannot be made says so", what_cannot_be_made_says_so},
        {"failed allocation costs one connection of TLS 1.3",
         failed_allocation_costs_one_connection_of_tls_1_3},
        {"failed allocation costs one connection of TLS 1.2",
         failed_allocation_costs_one_connection_of_tls_1_2},
        {NULL, NULL},
    };
    int status;

    if (CRYPTO_set_mem_functions(take, change, give) != 1)
        abort();
    set_up();
    status = unit_main(argc, argv, "TLS without memory", tests);
    tear_down();
    return status;
}
