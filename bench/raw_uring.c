/* SPDX-License-Identifier: MIT */
/*
 * The practical limit for completions: raw_epoll's counterpart on io_uring. Each thread has a
 * listener of its own (SO_REUSEPORT) and a ring of its own, and makes one system call a turn, for
 * everything that has happened and all that is to be done: submit, and wait for completions.
 * Accepting and receiving are requested once and go on by themselves (multishot); what is received
 * lies in a buffer that the kernel takes from the thread's buffer ring.
 *
 *     raw_uring [--threads N] [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0. Needs Linux 6.1.
 *
 * A turn looks at all completions there are. What came is sent out of the buffer where it lies, with
 * MSG_DONTWAIT: such a send is over when its submission is, and, unless it fails, leaves no
 * completion behind, which nobody would have anything to do for. So the buffers of one turn's sends
 * go back to the kernel at the end of the next turn, by which those that failed have been seen.
 * (Completions that are still on their way to the ring put that off.)
 *
 * What a peer does not take is copied to memory of the connection's own, so that the buffers never
 * depend on peers, and sent from there with sends that wait. A connection makes one fast send a turn;
 * what else comes in that turn is kept too, as nobody knows yet whether the first will be whole. A
 * request that does nothing then tells when it is known. While a lot is kept nothing is received.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ENTRIES = 1024,
    COMPLETIONS = 32768,
    BUFFERS = 1024, /* a power of two */
    BUFFER = 4096,
    STRIDE = BUFFER + 64, /* so that their first lines do not all fall into the same cache sets */
    HIGH_WATER = 65536,
    GROUP = 0
};

/* A request's user data: the connection's address, and in its lowest bits what was requested. */
enum request { RECEIVE, FAST_SEND, KEPT_SEND, NOTHING, CANCEL, ACCEPT, STOP, REQUEST_MASK = 7 };

struct kept {
    char *bytes; /* or NULL */
    size_t length, offset;
};

struct conn {
    int fd;
    bool receiving;      /* the kernel is at it */
    bool paused;         /* and should not be */
    bool busy;           /* a kept send or a nothing is under way */
    bool ended;          /* the peer has said all */
    bool broken;         /* and takes nothing any more */
    uint16_t buffer;     /* of the fast send, */
    unsigned length;     /* how much, */
    uint64_t turn;       /* and when it was requested */
    struct kept sending; /* under way */
    struct kept rest;    /* comes after that */
    struct conn *next, **link;
};

struct loop {
    pthread_t thread;
    struct io_uring ring;
    pthread_barrier_t *ready; /* all rings are there */
    int listener, stop;
    struct conn *conns;
    struct io_uring_buf_ring *free; /* the buffers that are the kernel's */
    char *buffers;
    uint16_t
        sent[BUFFERS]; /* lent to fast sends of this turn (from fresh on) and of earlier ones */
    unsigned sent_count, fresh;
    uint64_t turn;
};

static struct io_uring_sqe *next_request(struct loop *loop)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&loop->ring);
    int submitted;

    if (sqe != NULL)
        return sqe;
    submitted = io_uring_submit(&loop->ring);
    if (submitted < 0)
        errx(1, "io_uring_submit: %s", strerror(-submitted));
    sqe = io_uring_get_sqe(&loop->ring);
    if (sqe == NULL)
        errx(1, "the submission queue stays full");
    return sqe;
}

/* Preparing may clear the user data: this comes after it. */
static void tag(struct io_uring_sqe *sqe, const struct conn *conn, enum request what)
{
    io_uring_sqe_set_data64(sqe, (uintptr_t)conn | what);
}

static char *buffer_at(const struct loop *loop, uint16_t buffer)
{
    return loop->buffers + (size_t)buffer * STRIDE;
}

/* Buffers that were added are the kernel's once the ring is advanced by as many. */
static void add_buffer(struct loop *loop, uint16_t buffer, int nth)
{
    io_uring_buf_ring_add(loop->free, buffer_at(loop, buffer), BUFFER, buffer,
                          io_uring_buf_ring_mask(BUFFERS), nth);
}

static void give_back(struct loop *loop, uint16_t buffer)
{
    add_buffer(loop, buffer, 0);
    io_uring_buf_ring_advance(loop->free, 1);
}

/* The end of a turn: all sends of earlier turns are known, those of this one come to the front. */
static void give_back_sent(struct loop *loop)
{
    unsigned known = loop->fresh;

    if (io_uring_cq_has_overflow(&loop->ring)) {
        loop->fresh = loop->sent_count;
        return;
    }
    for (unsigned i = 0; i < known; i++)
        add_buffer(loop, loop->sent[i], (int)i);
    io_uring_buf_ring_advance(loop->free, (int)known);
    loop->sent_count -= known;
    memmove(loop->sent, loop->sent + known, loop->sent_count * sizeof *loop->sent);
    loop->fresh = loop->sent_count;
}

static void accept_all(struct loop *loop)
{
    struct io_uring_sqe *sqe = next_request(loop);

    io_uring_prep_multishot_accept(sqe, loop->listener, NULL, NULL, SOCK_CLOEXEC);
    tag(sqe, NULL, ACCEPT);
}

static void receive(struct loop *loop, struct conn *conn)
{
    struct io_uring_sqe *sqe = next_request(loop);

    io_uring_prep_recv_multishot(sqe, conn->fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    tag(sqe, conn, RECEIVE);
    conn->receiving = true;
}

static void stop_receiving(struct loop *loop, const struct conn *conn)
{
    struct io_uring_sqe *sqe = next_request(loop);

    io_uring_prep_cancel64(sqe, (uintptr_t)conn | RECEIVE, 0);
    tag(sqe, NULL, CANCEL);
}

/* A short send is a failed one with MSG_WAITALL, and so does not go unseen. */
static void send_fast(struct loop *loop, struct conn *conn, uint16_t buffer, unsigned length)
{
    struct io_uring_sqe *sqe = next_request(loop);

    io_uring_prep_send(sqe, conn->fd, buffer_at(loop, buffer), length,
                       MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    tag(sqe, conn, FAST_SEND);
    conn->buffer = buffer;
    conn->length = length;
    conn->turn = loop->turn;
    loop->sent[loop->sent_count++] = buffer;
}

static void send_kept(struct loop *loop, struct conn *conn)
{
    struct io_uring_sqe *sqe = next_request(loop);

    if (conn->sending.bytes == NULL) {
        conn->sending = conn->rest;
        conn->rest = (struct kept){0};
    }
    io_uring_prep_send(sqe, conn->fd, conn->sending.bytes + conn->sending.offset,
                       conn->sending.length - conn->sending.offset, MSG_WAITALL | MSG_NOSIGNAL);
    tag(sqe, conn, KEPT_SEND);
    conn->busy = true;
}

static void do_nothing(struct loop *loop, struct conn *conn)
{
    struct io_uring_sqe *sqe = next_request(loop);

    io_uring_prep_nop(sqe);
    tag(sqe, conn, NOTHING);
    conn->busy = true;
}

static void forget(struct kept *kept)
{
    free(kept->bytes);
    *kept = (struct kept){0};
}

/* Nothing of a rest is sent from where it is: it has no offset. */
static void keep(struct kept *rest, const char *bytes, size_t length, bool in_front)
{
    char *grown = realloc(rest->bytes, rest->length + length);

    if (grown == NULL)
        err(1, "realloc");
    if (in_front)
        memmove(grown + length, grown, rest->length);
    memcpy(in_front ? grown : grown + rest->length, bytes, length);
    rest->bytes = grown;
    rest->length += length;
}

static void begin(struct loop *loop, int fd)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        err(1, "calloc");
    conn->fd = fd;
    conn->next = loop->conns;
    conn->link = &loop->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    loop->conns = conn;
    receive(loop, conn);
}

static void drop(struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    close(conn->fd);
    forget(&conn->sending);
    forget(&conn->rest);
    free(conn);
}

/* The peer is gone; what the kernel still does for it will end soon. */
static void give_up(struct conn *conn)
{
    if (!conn->broken)
        shutdown(conn->fd, SHUT_RDWR);
    conn->ended = conn->broken = true;
}

/* After anything that has happened to a connection: what is to be requested now, or its end, which
 * no request under way may outlive. */
static void settle(struct loop *loop, struct conn *conn)
{
    if (conn->broken)
        forget(&conn->rest);
    if (!conn->busy && conn->turn == loop->turn) {
        if (conn->rest.bytes != NULL || (conn->ended && !conn->receiving))
            do_nothing(loop, conn);
    } else if (!conn->busy && (conn->rest.bytes != NULL || conn->sending.bytes != NULL)) {
        send_kept(loop, conn);
    }
    if (conn->ended && !conn->receiving && !conn->busy) {
        drop(conn);
        return;
    }
    if (!conn->paused && conn->rest.length > HIGH_WATER) {
        conn->paused = true;
        if (conn->receiving)
            stop_receiving(loop, conn);
    } else if (conn->rest.bytes == NULL && conn->sending.bytes == NULL) {
        conn->paused = false;
    }
    if (!conn->receiving && !conn->paused && !conn->ended)
        receive(loop, conn);
}

static bool may_come_again(int result)
{
    return result == -EAGAIN || result == -EINTR || result == -ENOBUFS || result == -ECANCELED;
}

static void take(struct loop *loop, struct conn *conn, uint16_t buffer, unsigned length)
{
    if (!conn->broken && !conn->busy && conn->rest.bytes == NULL && conn->turn != loop->turn) {
        send_fast(loop, conn, buffer, length);
        return;
    }
    if (!conn->broken)
        keep(&conn->rest, buffer_at(loop, buffer), length, false);
    give_back(loop, buffer);
}

static void received(struct loop *loop, struct conn *conn, const struct io_uring_cqe *cqe)
{
    uint16_t buffer = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);

    if ((cqe->flags & IORING_CQE_F_MORE) == 0)
        conn->receiving = false;
    if (cqe->res > 0)
        take(loop, conn, buffer, (unsigned)cqe->res);
    else if ((cqe->flags & IORING_CQE_F_BUFFER) != 0)
        give_back(loop, buffer);
    if (cqe->res == 0)
        conn->ended = true;
    else if (cqe->res < 0 && !may_come_again(cqe->res))
        give_up(conn);
    settle(loop, conn);
}

static void fast_send_failed(struct loop *loop, struct conn *conn, int result)
{
    unsigned sent = result > 0 ? (unsigned)result : 0;

    if (result < 0 && !may_come_again(result))
        give_up(conn);
    else if (sent < conn->length)
        keep(&conn->rest, buffer_at(loop, conn->buffer) + sent, conn->length - sent, true);
    settle(loop, conn);
}

static void kept_sent(struct loop *loop, struct conn *conn, int result)
{
    conn->busy = false;
    if (result > 0)
        conn->sending.offset += (size_t)result;
    else if (!may_come_again(result))
        give_up(conn);
    if (conn->broken || conn->sending.offset == conn->sending.length)
        forget(&conn->sending);
    settle(loop, conn);
}

static void accepted(struct loop *loop, const struct io_uring_cqe *cqe)
{
    if (cqe->res >= 0)
        begin(loop, cqe->res);
    else if (cqe->res != -ECONNABORTED && !may_come_again(cqe->res))
        errx(1, "accept: %s", strerror(-cqe->res));
    if ((cqe->flags & IORING_CQE_F_MORE) == 0)
        accept_all(loop);
}

/* Returns false when it is time to stop. */
static bool complete(struct loop *loop, const struct io_uring_cqe *cqe)
{
    struct conn *conn = (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)REQUEST_MASK);

    switch ((enum request)(cqe->user_data & REQUEST_MASK)) {
    case RECEIVE:
        received(loop, conn, cqe);
        return true;
    case FAST_SEND:
        fast_send_failed(loop, conn, cqe->res);
        return true;
    case KEPT_SEND:
        kept_sent(loop, conn, cqe->res);
        return true;
    case NOTHING:
        conn->busy = false;
        settle(loop, conn);
        return true;
    case ACCEPT:
        accepted(loop, cqe);
        return true;
    case CANCEL:
        return true;
    case STOP:
    default:
        return false;
    }
}

static bool take_turn(struct loop *loop)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    int submitted = io_uring_submit_and_wait(&loop->ring, 1);
    bool go_on = true;

    if (submitted < 0 && submitted != -EINTR)
        errx(1, "io_uring_submit_and_wait: %s", strerror(-submitted));
    loop->turn++;
    io_uring_for_each_cqe(&loop->ring, head, cqe)
    {
        count++;
        if (!complete(loop, cqe))
            go_on = false;
    }
    io_uring_cq_advance(&loop->ring, count);
    give_back_sent(loop);
    return go_on;
}

static void *aligned(size_t size)
{
    void *memory;

    errno = posix_memalign(&memory, (size_t)sysconf(_SC_PAGESIZE), size);
    if (errno != 0)
        err(1, "posix_memalign");
    return memory;
}

static void open_ring(struct loop *loop)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN |
                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        .cq_entries = COMPLETIONS};
    struct io_uring_buf_reg reg = {.ring_entries = BUFFERS, .bgid = GROUP};
    int error = io_uring_queue_init_params(ENTRIES, &loop->ring, &params);

    if (error == -EINVAL)
        errx(1, "this kernel's io_uring is too old: Linux 6.1 is needed");
    if (error < 0)
        errx(1, "io_uring_queue_init: %s", strerror(-error));
    error = io_uring_register_ring_fd(&loop->ring);
    if (error < 0)
        errx(1, "io_uring_register_ring_fd: %s", strerror(-error));
    loop->buffers = aligned((size_t)BUFFERS * STRIDE);
    loop->free = aligned(BUFFERS * sizeof(struct io_uring_buf));
    io_uring_buf_ring_init(loop->free);
    for (int i = 0; i < BUFFERS; i++)
        add_buffer(loop, (uint16_t)i, i);
    io_uring_buf_ring_advance(loop->free, BUFFERS);
    reg.ring_addr = (uintptr_t)loop->free;
    error = io_uring_register_buf_ring(&loop->ring, &reg, 0);
    if (error < 0)
        errx(1, "io_uring_register_buf_ring: %s", strerror(-error));
}

static void close_ring(struct loop *loop)
{
    io_uring_queue_exit(&loop->ring);
    while (loop->conns != NULL)
        drop(loop->conns);
    free(loop->free);
    free(loop->buffers);
}

/* A ring belongs to the thread that makes it. */
static void *serve(void *arg)
{
    struct loop *loop = arg;
    struct io_uring_sqe *sqe;

    open_ring(loop);
    accept_all(loop);
    sqe = next_request(loop);
    io_uring_prep_poll_add(sqe, loop->stop, POLLIN);
    tag(sqe, NULL, STOP);
    pthread_barrier_wait(loop->ready);
    while (take_turn(loop))
        continue;
    close_ring(loop);
    return NULL;
}

/* All are bound before the first of them serves, so that the kernel spreads over all of them.
 * Connections inherit TCP_NODELAY. */
static void open_loops(struct loop *loops, unsigned threads, uint16_t port, int stop,
                       pthread_barrier_t *ready)
{
    for (unsigned i = 0; i < threads; i++) {
        loops[i].stop = stop;
        loops[i].ready = ready;
        loops[i].listener = listen_on_loopback(port, 1);
        set_nodelay(loops[i].listener);
        port = bound_port(loops[i].listener);
    }
}

int main(int argc, char **argv)
{
    struct echo_options options;
    pthread_barrier_t ready;
    struct loop *loops;
    int stop;

    echo_begin(argc, argv, &options);
    stop = eventfd(0, EFD_CLOEXEC);
    loops = calloc(options.threads, sizeof *loops);
    if (stop < 0 || loops == NULL)
        err(1, "starting");
    if ((errno = pthread_barrier_init(&ready, NULL, options.threads + 1)) != 0)
        err(1, "pthread_barrier_init");
    open_loops(loops, options.threads, options.port, stop, &ready);
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_create(&loops[i].thread, NULL, serve, &loops[i])) != 0)
            err(1, "pthread_create");
    }
    pthread_barrier_wait(&ready);
    announce_port(bound_port(loops[0].listener));
    await_stop_signal();
    if (eventfd_write(stop, 1) != 0)
        err(1, "eventfd_write");
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_join(loops[i].thread, NULL)) != 0)
            err(1, "pthread_join");
        close(loops[i].listener);
    }
    pthread_barrier_destroy(&ready);
    close(stop);
    free(loops);
    return 0;
}
