/* SPDX-License-Identifier: MIT */
/*
 * The TLS filter over memory, before, within and after a handshake, with a client that means well and
 * somebody on the way who does not. Whatever comes has a defined outcome; what the service gets is the
 * beginning of what the client has said, and all of it unless somebody has meddled; and the same holds
 * the other way round.
 *
 * The first byte says how the client is: bit 0: TLS 1.2, else 1.3; bits 1 to 3 are 0: it agrees in full,
 * else it resumes; bit 4: it has agreed before the script begins. Then come steps, each a byte and what it
 * takes. The keys are others each time, but nothing here goes by them.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/certificate.h"
#include "engine/worker.h"
#include "transport/filter.h"
#include "transport/tls.h"

#define MUST(condition) ((condition) ? (void)0 : abort())

#define STEPS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TLS_1_3, TLS_1_2, VERSIONS };

/* Of the program. */
static struct pl_tls *server_tls;
static SSL_CTX *contexts[VERSIONS];
static unsigned char *tickets[VERSIONS]; /* sessions to resume, as they are written down */
static int ticket_lengths[VERSIONS];

/* One way: how many bytes were said, and have come. Each is known by where it stands. */
struct way {
    size_t said;
    size_t heard;
};

struct talk {
    struct pli_filter *filter;
    SSL *client;
    BIO *in, *out; /* the client's; it has them */
    struct way up, down;
    const uint8_t *script;
    size_t left;
    size_t piece;  /* that the filter is given at once */
    bool begun;    /* it was given something */
    bool flows;    /* it says that bytes do */
    bool deaf;     /* it takes nothing more */
    bool mute;     /* and has nothing put into it */
    bool meddled;  /* somebody has */
    bool finished; /* the client says nothing more */
    bool stopped;  /* nor does the server */
};

/* -- Both ways ------------------------------------------------------------------------------- */

static char letter(size_t at)
{
    return (char)(at * 7 % 251);
}

static void say(struct way *way, char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        data[i] = letter(way->said++);
}

static void hear(struct way *way, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        MUST(data[i] == letter(way->heard++));
    MUST(way->heard <= way->said);
}

static void *room_of(size_t size)
{
    void *room = malloc(size > 0 ? size : 1);

    MUST(room != NULL);
    return room;
}

/* What the server says has come to the client, which says what it has to say to that. */
static void listen_to_server(struct talk *talk, const void *data, size_t length)
{
    char text[4096];
    int got;

    if (length > 0)
        MUST(BIO_write(talk->in, data, (int)length) == (int)length);
    while ((got = SSL_read(talk->client, text, sizeof(text))) > 0)
        hear(&talk->down, text, (size_t)got);
    ERR_clear_error();
}

static void take_kept(struct talk *talk)
{
    struct iovec kept = pli_filter_kept(talk->filter);

    if (kept.iov_len == 0)
        return;
    listen_to_server(talk, kept.iov_base, kept.iov_len);
    if (kept.iov_len > 1) /* as if not all could be written */
        pli_filter_written(talk->filter, kept.iov_len / 2);
    pli_filter_written(talk->filter, pli_filter_kept(talk->filter).iov_len);
    MUST(pli_filter_kept(talk->filter).iov_len == 0);
}

static void note_outcome(struct talk *talk, int outcome, char first)
{
    MUST(outcome >= PLI_FILTER_FLOWS && outcome <= PLI_FILTER_FOREIGN);
    MUST(outcome != PLI_FILTER_FOREIGN || (!talk->begun && first != 22));
    MUST(outcome != PLI_FILTER_AGREES || !talk->flows);
    MUST(outcome != PLI_FILTER_BROKEN || talk->filter->class->wrong(talk->filter));
    MUST(outcome <= PLI_FILTER_ENDED || talk->meddled);
    MUST(outcome != PLI_FILTER_ENDED || talk->finished || talk->meddled);
    talk->begun = true;
    talk->flows = talk->flows || outcome == PLI_FILTER_FLOWS || outcome == PLI_FILTER_ENDED;
    talk->deaf = outcome >= PLI_FILTER_ENDED;
    talk->mute = outcome > PLI_FILTER_ENDED;
}

/* One read of the session. The blocks are of their sizes, for a sanitizer to see. */
static void take_piece(struct talk *talk, const char *data, size_t length)
{
    char *copy = room_of(length);
    char *room = room_of(PLI_ROOM_SIZE);
    struct pli_span clear;
    int outcome;

    memcpy(copy, data, length);
    outcome = talk->filter->class->take(
        talk->filter, (struct pli_span){.data = copy, .length = length}, room, &clear);
    note_outcome(talk, outcome, *copy);
    MUST(clear.length <= PLI_ROOM_SIZE && (clear.length == 0 || clear.data == room));
    hear(&talk->up, clear.data, clear.length);
    free(room);
    free(copy);
    if (outcome != PLI_FILTER_FOREIGN)
        take_kept(talk);
}

static void give(struct talk *talk, const char *data, size_t length)
{
    while (length > 0 && !talk->deaf) {
        size_t piece = length < talk->piece ? length : talk->piece;

        take_piece(talk, data, piece);
        data += piece;
        length -= piece;
    }
}

/* What the client has to say, to be freed. */
static char *pending(struct talk *talk, size_t *length)
{
    int size = (int)BIO_ctrl_pending(talk->out);
    char *data = room_of((size_t)size);

    *length = 0;
    if (size > 0) {
        MUST(BIO_read(talk->out, data, size) == size);
        *length = (size_t)size;
    }
    return data;
}

/* Until neither has anything more to say to what the other one said. */
static void deliver(struct talk *talk)
{
    size_t length;

    do {
        char *data = pending(talk, &length);

        give(talk, data, length);
        free(data);
    } while (length > 0);
}

/* -- Steps ----------------------------------------------------------------------------------- */

static unsigned next(struct talk *talk)
{
    if (talk->left == 0)
        return 0;
    talk->left--;
    return *talk->script++;
}

static void agree(struct talk *talk)
{
    listen_to_server(talk, NULL, 0);
    deliver(talk);
}

static void write_text(struct talk *talk)
{
    size_t length = next(talk) * (size_t)257 + 1;
    char *text;
    bool can = SSL_is_init_finished(talk->client) && !talk->finished &&
               !(SSL_get_shutdown(talk->client) & SSL_SENT_SHUTDOWN);

    if (!can)
        return;
    text = room_of(length);
    say(&talk->up, text, length);
    if (SSL_write(talk->client, text, (int)length) != (int)length) {
        MUST(talk->meddled); /* the client has noticed */
        ERR_clear_error();
    }
    free(text);
}

static void send_raw(struct talk *talk)
{
    size_t length = next(talk);

    if (length > talk->left)
        length = talk->left;
    talk->meddled = talk->meddled || length > 0;
    give(talk, (const char *)talk->script, length);
    talk->script += length;
    talk->left -= length;
}

/* What the client has said comes, and what it says to the answer waits. */
static void pass_on(struct talk *talk)
{
    size_t length;
    char *data = pending(talk, &length);

    give(talk, data, length);
    free(data);
}

/* One byte of what the client says is another. */
static void spoil(struct talk *talk)
{
    size_t length, at = next(talk) << 8;
    char *data = pending(talk, &length);

    at |= next(talk);
    if (length > 0) {
        data[at % length] ^= (char)(next(talk) | 1);
        talk->meddled = true;
    }
    give(talk, data, length);
    free(data);
}

/* Only the first part of it comes; or it comes twice. */
static void cut(struct talk *talk, bool twice)
{
    size_t length, part = next(talk);
    char *data = pending(talk, &length);

    talk->meddled = talk->meddled || length > 0;
    if (twice)
        give(talk, data, length);
    if (length > 0)
        give(talk, data, part % (length + 1));
    free(data);
}

/* What is queued is put, as a session does it: as long as there is any, and nothing is kept. */
static void put(struct talk *talk)
{
    size_t length = next(talk) * (size_t)257 + 1;
    size_t first = next(talk) * (size_t)64 % length;
    char *text, *at, *room = room_of(PLI_ROOM_SIZE);

    text = at = room_of(length);
    if (talk->flows && !talk->mute)
        say(&talk->down, text, length);
    while (length > 0 && talk->flows && !talk->mute) {
        struct iovec parts[] = {{at, first}, {at + first, length - first}};
        int count = first > 0 ? 2 : 1;
        struct iovec out;
        ssize_t used = talk->filter->class->put(talk->filter, first > 0 ? parts : parts + 1, count,
                                                room, &out);

        MUST(used > 0 && (size_t)used <= length);
        MUST((char *)out.iov_base >= room &&
             (char *)out.iov_base + out.iov_len <= room + PLI_ROOM_SIZE);
        listen_to_server(talk, out.iov_base, out.iov_len);
        at += used;
        length -= (size_t)used;
        first = first > (size_t)used ? first - (size_t)used : 0;
    }
    free(text);
    free(room);
}

/* Other keys (RFC 8446, section 4.6.3), or what TLS 1.2 had for that, after which the client goes. */
static void ask_for_keys(struct talk *talk)
{
    if (!SSL_is_init_finished(talk->client))
        return;
    if (SSL_version(talk->client) == TLS1_3_VERSION) {
        SSL_key_update(talk->client, SSL_KEY_UPDATE_REQUESTED);
    } else {
        SSL_renegotiate(talk->client);
        talk->meddled = true;
    }
    SSL_do_handshake(talk->client);
    ERR_clear_error();
}

static void finish(struct talk *talk)
{
    if (SSL_is_init_finished(talk->client) && SSL_shutdown(talk->client) >= 0)
        talk->finished = true;
    ERR_clear_error();
}

/* The session has nothing more to put, which it says once, and what still comes it does not hand on. */
static void stop(struct talk *talk)
{
    if (talk->stopped)
        return;
    talk->stopped = true;
    MUST(talk->filter->class->end(talk->filter) == 0);
    take_kept(talk);
    talk->deaf = talk->mute = true;
    talk->meddled = true;
}

static void take_step(struct talk *talk)
{
    switch (next(talk) % 12) {
    case 0:
        send_raw(talk);
        break;
    case 1:
        agree(talk);
        break;
    case 2:
        write_text(talk);
        break;
    case 3:
        spoil(talk);
        break;
    case 4:
        cut(talk, false);
        break;
    case 5:
        cut(talk, true);
        break;
    case 6:
        talk->piece = next(talk) + 1;
        break;
    case 7:
        put(talk);
        break;
    case 8:
        ask_for_keys(talk);
        break;
    case 9:
        finish(talk);
        break;
    case 10:
        stop(talk);
        break;
    case 11:
        pass_on(talk);
        break;
    }
}

/* -- The program ----------------------------------------------------------------------------- */

static void make_server(void)
{
    static const char *const host = "localhost";
    const struct pli_certificate_wish wish = {
        .hosts = &host, .count = 1, .begins = 0, .ends = 3600};
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct pl_tls_certificate files;
    char folder[] = "/tmp/paceline-fuzz-XXXXXX";
    char certificate[64], key[64], error[200];

    MUST(mkdtemp(folder) != NULL);
    (void)snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
    (void)snprintf(key, sizeof(key), "%s/key.pem", folder);
    MUST(pli_certificate_make(&wish, certificate, key) == 0);
    files = (struct pl_tls_certificate){certificate, key};
    options.certificates = &files;
    options.count = 1;
    MUST(pl_tls_new(&options, &server_tls, error, sizeof(error)) == 0);
    MUST(unlink(certificate) == 0 && unlink(key) == 0 && rmdir(folder) == 0);
}

static void resume(SSL *client, int version)
{
    const unsigned char *at = tickets[version];
    SSL_SESSION *session = d2i_SSL_SESSION(NULL, &at, ticket_lengths[version]);

    MUST(session && SSL_set_session(client, session) == 1);
    SSL_SESSION_free(session);
}

static void begin(struct talk *talk, int version, bool resumes)
{
    *talk = (struct talk){.piece = PLI_READ_SIZE};
    MUST(pli_tls_filter_new(server_tls, &talk->filter) == 0);
    talk->client = SSL_new(contexts[version]);
    talk->in = BIO_new(BIO_s_mem());
    talk->out = BIO_new(BIO_s_mem());
    MUST(talk->client && talk->in && talk->out);
    BIO_set_mem_eof_return(talk->in, -1);
    SSL_set_bio(talk->client, talk->in, talk->out);
    SSL_set_connect_state(talk->client);
    if (resumes)
        resume(talk->client, version);
    listen_to_server(talk, NULL, 0);
}

static void end(struct talk *talk)
{
    SSL_free(talk->client);
    pli_filter_free(talk->filter);
}

/* Has a session to resume from now on. */
static void make_ticket(int version)
{
    struct talk talk;
    SSL_SESSION *session;

    contexts[version] = SSL_CTX_new(TLS_client_method());
    MUST(contexts[version] != NULL);
    MUST(SSL_CTX_set_max_proto_version(contexts[version],
                                       version == TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION));
    begin(&talk, version, false);
    agree(&talk);
    session = SSL_get1_session(talk.client);
    MUST(talk.flows && session && SSL_SESSION_is_resumable(session));
    ticket_lengths[version] = i2d_SSL_SESSION(session, &tickets[version]);
    MUST(ticket_lengths[version] > 0);
    SSL_SESSION_free(session);
    end(&talk);
}

static void set_up(void)
{
    make_server();
    for (int version = 0; version < VERSIONS; version++)
        make_ticket(version);
}

/* Nobody has meddled: all that was said has come, and more would. */
static void must_be_whole(struct talk *talk)
{
    agree(talk);
    MUST(talk->flows && (!talk->finished || talk->deaf));
    MUST(talk->up.heard == talk->up.said && talk->down.heard == talk->down.said);
    write_text(talk);
    put(talk);
    deliver(talk);
    MUST(talk->up.heard == talk->up.said && talk->down.heard == talk->down.said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct talk talk;

    if (!server_tls)
        set_up();
    if (size == 0)
        return 0;
    begin(&talk, data[0] & 1, (data[0] & 0x0e) != 0);
    talk.script = data + 1;
    talk.left = size - 1;
    if (data[0] & 0x10)
        agree(&talk);
    for (int i = 0; i < STEPS_MAX && talk.left > 0; i++)
        take_step(&talk);
    talk.left = 0;
    if (!talk.meddled)
        must_be_whole(&talk);
    end(&talk);
    return 0;
}
