/* SPDX-License-Identifier: MIT */
/*
 * Streams of the proactor.
 *
 * Input: one multishot receive, from when the handle first wants input. A completion for a handle
 * that wants it kicks it at once, and read() gives the kernel's buffer itself. What is not read
 * then, or comes while input is not wanted, is kept (proactor_input.h); when that is enough, the
 * receive is cancelled, and begins anew when all of it was read. The end of input and errors stand
 * behind what is kept. Whoever has input in store and wants input is listed: each gets one kick
 * in a turn, so that one that has much keeps nobody waiting.
 *
 * Output: write() copies into one block, which is submitted at the end of the turn, so that a
 * handle that is run twice in it sends once. While a send is under way, write() answers -EAGAIN.
 * Closing cancels it: who wants all to arrive waits until the stream is no longer writing().
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/proactor.h"

struct pli_stream {
    struct pli_initiator initiator; /* first */
    struct pli_stream *next_send;   /* while output stands there that is not submitted */
    struct pli_output *output;      /* accepted and not yet sent; NULL: none */
    struct pli_input input;         /* received and not yet read */
    int error;                      /* the errno that has broken it, or 0 */
    bool ended : 1;                 /* the peer has ended its input */
    bool told : 1;                  /* the handle knows about the end or the error */
    bool stopping : 1;              /* the receive is being cancelled */
    bool shut : 1;                  /* the output ends behind what is under way */
};

static struct pli_stream *stream_of(struct pli_initiator *initiator)
{
    return (struct pli_stream *)initiator;
}

/* -- Input --------------------------------------------------------------------- */

static bool is_lent_to(const struct pli_stream *stream)
{
    const struct pli_ring *ring = stream->initiator.ring;

    return ring->lent.stream == stream && ring->lent.length > 0;
}

/* Whether a read would tell something. */
static bool has_input(const struct pli_stream *stream)
{
    return stream->input.length > 0 || is_lent_to(stream) ||
           ((stream->ended || stream->error) && !stream->told);
}

static void receive(struct pli_stream *stream)
{
    struct pli_initiator *initiator = &stream->initiator;
    struct io_uring_sqe *entry;

    if (pli_initiator_awaits(initiator, PLI_OP_RECEIVE) || stream->ended || stream->error)
        return;
    entry = pli_ring_entry(initiator->ring);
    io_uring_prep_recv_multishot(entry, initiator->fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = PLI_RING_GROUP;
    pli_initiator_begin(initiator, entry, PLI_OP_RECEIVE);
}

/* Nothing can be moved any more: told by the read behind what is kept, or, without one, at once. */
static void fail(struct pli_stream *stream, int error)
{
    if (stream->initiator.fd < 0)
        return;
    if (!stream->error)
        stream->error = error;
    if (!pli_initiator_wants(&stream->initiator, PLI_IN))
        pli_initiator_kick(&stream->initiator, PLI_HUP);
    else if (stream->input.length == 0)
        pli_initiator_kick(&stream->initiator, PLI_IN);
}

/* A broken connection is noticed even while nothing is received. */
static void stop_receiving(struct pli_stream *stream)
{
    if (stream->stopping || !pli_initiator_awaits(&stream->initiator, PLI_OP_RECEIVE))
        return;
    stream->stopping = true;
    pli_initiator_cancel(&stream->initiator, PLI_OP_RECEIVE);
    pli_initiator_poll(&stream->initiator, 0);
}

static void keep(struct pli_stream *stream, const char *data, size_t length)
{
    if (stream->initiator.fd < 0 || stream->initiator.ring->draining)
        return;
    if (pli_input_keep(&stream->input, data, length) < 0)
        fail(stream, ENOMEM);
    else if (pli_input_is_full(&stream->input))
        stop_receiving(stream);
}

/* Bytes have come. What the handle leaves of those that are lent to it is kept. */
static void deliver(struct pli_stream *stream, const char *data, size_t length)
{
    struct pli_ring *ring = stream->initiator.ring;

    if (!pli_initiator_wants(&stream->initiator, PLI_IN) || stream->input.length > 0) {
        keep(stream, data, length);
        return;
    }
    ring->lent.stream = stream;
    ring->lent.data = data;
    ring->lent.length = length;
    pli_initiator_kick(&stream->initiator, PLI_IN);
    ring->lent.stream = NULL;
    if (ring->lent.length > 0)
        keep(stream, ring->lent.data, ring->lent.length);
}

/* Whether the same operation may succeed when it is begun once more. */
static bool passes(int result)
{
    return result == -EAGAIN || result == -EINTR;
}

static void on_received(struct pli_stream *stream, int result, unsigned flags)
{
    struct pli_initiator *initiator = &stream->initiator;

    if (!(flags & IORING_CQE_F_MORE))
        stream->stopping = false;
    if (flags & IORING_CQE_F_BUFFER) {
        unsigned buffer = flags >> IORING_CQE_BUFFER_SHIFT;

        if (result > 0)
            deliver(stream, initiator->ring->memory + (size_t)buffer * PLI_RING_BUFFER_SIZE,
                    (size_t)result);
        pli_ring_return_buffer(initiator->ring, buffer);
    }
    if (result == 0) {
        stream->ended = true;
        if (pli_initiator_wants(initiator, PLI_IN) && stream->input.length == 0)
            pli_initiator_kick(initiator, PLI_IN);
    } else if (result < 0 && !passes(result) && result != -ENOBUFS && result != -ECANCELED) {
        fail(stream, -result);
    }
    /* Cancelled, out of buffers, which are back when this is submitted, or at the kernel's will. */
    if (pli_initiator_wants(initiator, PLI_IN) && !has_input(stream))
        receive(stream);
}

int pli_stream_read(struct pli_handle *handle, size_t limit, struct pli_span *span)
{
    struct pli_stream *stream = handle->io;
    struct pli_ring *ring = stream->initiator.ring;

    if (is_lent_to(stream)) {
        size_t length = ring->lent.length < limit ? ring->lent.length : limit;

        *span = (struct pli_span){.data = ring->lent.data, .length = length};
        ring->lent.data += length;
        ring->lent.length -= length;
        return 0;
    }
    if (stream->input.length > 0) {
        char *buffer = ring->worker->buffer;

        span->length =
            pli_input_take(&stream->input, buffer, limit < PLI_READ_SIZE ? limit : PLI_READ_SIZE);
        span->data = buffer;
        return 0;
    }
    if (!stream->ended && !stream->error)
        return -EAGAIN;
    stream->told = true;
    *span = (struct pli_span){.data = ring->worker->buffer, .length = 0};
    return -stream->error;
}

/* -- Output -------------------------------------------------------------------- */

static void list_send(struct pli_stream *stream)
{
    struct pli_ring *ring = stream->initiator.ring;

    stream->next_send = NULL;
    if (ring->sends)
        ring->last_send->next_send = stream;
    else
        ring->sends = stream;
    ring->last_send = stream;
    pli_initiator_ref(&stream->initiator);
}

static void submit_send(struct pli_stream *stream)
{
    struct io_uring_sqe *entry = pli_ring_entry(stream->initiator.ring);
    struct pli_output *output = stream->output;

    output->submitted = true;
    io_uring_prep_send(entry, stream->initiator.fd, output->data + output->sent,
                       output->length - output->sent, MSG_NOSIGNAL | MSG_WAITALL);
    pli_initiator_begin(&stream->initiator, entry, PLI_OP_SEND);
}

void pli_stream_submit_sends(struct pli_ring *ring)
{
    struct pli_stream *stream = ring->sends;
    struct pli_stream *next;

    ring->sends = NULL;
    for (; stream; stream = next) {
        next = stream->next_send;
        if (stream->output && !stream->output->submitted)
            submit_send(stream);
        pli_initiator_unref(&stream->initiator);
    }
}

ssize_t pli_stream_write(struct pli_handle *handle, const struct iovec *parts, int count)
{
    struct pli_stream *stream = handle->io;
    struct pli_ring *ring = stream->initiator.ring;
    size_t size;
    size_t taken;

    if (stream->error)
        return -stream->error;
    if (!pli_ring_is_mine(ring))
        return -ESHUTDOWN;
    if (stream->output && stream->output->submitted)
        return -EAGAIN;
    size = pli_output_sum(parts, count);
    if (stream->output) {
        stream->output = pli_output_grow(&ring->outputs, stream->output, size);
    } else {
        stream->output = pli_output_new(&ring->outputs, size);
        if (!stream->output)
            return -ENOMEM;
        list_send(stream);
    }
    taken = pli_output_add(stream->output, parts, count);
    return taken > 0 ? (ssize_t)taken : -EAGAIN;
}

static void drop_output(struct pli_stream *stream)
{
    pli_output_free(&stream->initiator.ring->outputs, stream->output);
    stream->output = NULL;
}

bool pli_stream_writing(struct pli_handle *handle)
{
    const struct pli_stream *stream = handle->io;

    return stream->output;
}

static void on_all_sent(struct pli_stream *stream)
{
    struct pli_initiator *initiator = &stream->initiator;

    drop_output(stream);
    if (initiator->fd < 0)
        return;
    if (stream->shut && shutdown(initiator->fd, SHUT_WR) < 0)
        fail(stream, errno);
    else if (pli_initiator_wants(initiator, PLI_OUT))
        pli_initiator_kick(initiator, PLI_OUT);
}

static void on_sent(struct pli_stream *stream, int result)
{
    struct pli_output *output = stream->output;
    bool open = stream->initiator.fd >= 0 && !stream->initiator.ring->draining;

    if (result > 0)
        output->sent += (uint32_t)result;
    if (result >= 0 && output->sent == output->length) {
        on_all_sent(stream);
    } else if (open && (result >= 0 || passes(result))) {
        submit_send(stream);
    } else {
        drop_output(stream);
        fail(stream, -result);
    }
}

int pli_stream_shutdown(struct pli_handle *handle)
{
    struct pli_stream *stream = handle->io;

    if (stream->output) {
        stream->shut = true;
        return 0;
    }
    return shutdown(handle->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* -- Life ---------------------------------------------------------------------- */

static unsigned ready(struct pli_initiator *initiator)
{
    struct pli_stream *stream = stream_of(initiator);
    unsigned notes = 0;

    if (pli_initiator_wants(initiator, PLI_IN) && has_input(stream))
        notes |= PLI_IN;
    if (pli_initiator_wants(initiator, PLI_OUT) && !stream->output)
        notes |= PLI_OUT;
    return notes;
}

static void arm(struct pli_initiator *initiator)
{
    struct pli_stream *stream = stream_of(initiator);

    if (ready(initiator))
        pli_initiator_list(initiator);
    else if (initiator->want & PLI_IN)
        receive(stream);
}

/* What was accepted in this turn is tried, as if the kernel had taken it at once. */
static void close_stream(struct pli_initiator *initiator)
{
    struct pli_stream *stream = stream_of(initiator);

    pli_input_drop(&stream->input);
    if (pli_ring_is_mine(initiator->ring)) {
        if (stream->output && !stream->output->submitted)
            submit_send(stream);
        pli_initiator_cancel(initiator, PLI_OP_SEND);
        pli_initiator_cancel(initiator, PLI_OP_RECEIVE);
        pli_initiator_cancel(initiator, PLI_OP_POLL);
    }
    pli_initiator_close(initiator);
}

/* Of a poll: the end of the peer's input alone is none. */
static bool is_broken(int result)
{
    return result > 0 && (result & (POLLERR | POLLHUP));
}

static void complete(struct pli_initiator *initiator, enum pli_operation operation, int result,
                     unsigned flags)
{
    struct pli_stream *stream = stream_of(initiator);

    if (operation == PLI_OP_RECEIVE)
        on_received(stream, result, flags);
    else if (operation == PLI_OP_SEND)
        on_sent(stream, result);
    else if (is_broken(result) && initiator->fd >= 0 && !pli_initiator_wants(initiator, PLI_IN))
        pli_initiator_kick(initiator, PLI_HUP);
}

const struct pli_initiator_class pli_stream_class = {
    .size = sizeof(struct pli_stream),
    .arm = arm,
    .ready = ready,
    .complete = complete,
    .close = close_stream,
};
