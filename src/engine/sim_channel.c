/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/sim_channel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

#define MOST_PENDING 65536u
#define PARTS        64

/* What one read has brought: an error, or LENGTH bytes (0: the end). */
struct pli_sim_input {
    int error;
    size_t length;
    size_t done; /* claim holder: bytes read of it */
    char data[];
};

struct pli_sim_output {
    struct pli_sim_output *next;
    size_t length;
    size_t done; /* I/O thread: bytes sent of it */
    char data[];
};

/* -- Orders ------------------------------------------------------------ */

/* Has the I/O thread look at the channel, and do WHAT. */
static void order(struct pli_sim_channel *channel, unsigned what)
{
    struct pli_sim *sim = channel->sim;
    struct pli_sim_channel *head;

    if (atomic_fetch_or(&channel->orders, what | PLI_SIM_ORDERED) & PLI_SIM_ORDERED)
        return;
    head = atomic_load_explicit(&sim->orders, memory_order_relaxed);
    do {
        channel->next_order = head;
    } while (!atomic_compare_exchange_weak(&sim->orders, &head, channel));
    if (!head && atomic_exchange(&sim->sleeping, false))
        pli_mailbox_wake(&sim->front.loop.mailbox);
}

struct pli_sim_channel *pli_sim_take_orders(struct pli_sim *sim)
{
    struct pli_sim_channel *newest = NULL;
    struct pli_sim_channel *oldest = NULL;

    if (atomic_load_explicit(&sim->orders, memory_order_relaxed))
        newest = atomic_exchange(&sim->orders, NULL);
    while (newest) {
        struct pli_sim_channel *older = newest->next_order;

        newest->next_order = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

/* -- Registration: the I/O thread -------------------------------------- */

/* Takes what is armed if it has one of WANT: its claim holder is going to get a note. */
static bool take_armed(struct pli_sim_channel *channel, unsigned want)
{
    unsigned armed = atomic_load(&channel->armed);

    do {
        if (!(armed & want))
            return false;
    } while (!atomic_compare_exchange_weak(&channel->armed, &armed, 0));
    return true;
}

static void unregister(struct pli_sim_channel *channel)
{
    if (channel->registered)
        epoll_ctl(channel->sim->front.loop.epoll, EPOLL_CTL_DEL, channel->fd, NULL);
    channel->registered = false;
}

static void register_for(struct pli_sim_channel *channel, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = channel->id};
    int operation = channel->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (channel->registered && channel->events == events)
        return;
    channel->registered = true;
    channel->events = events;
    if (epoll_ctl(channel->sim->front.loop.epoll, operation, channel->fd, &event) < 0) {
        pli_log(PL_LOG_ERROR, "a connection cannot be registered: %s", strerror(errno));
        atomic_store(&channel->failed, -errno);
    }
}

/*
 * Registers what is armed, and output that waits. Where nothing is armed and nothing waits nothing
 * at all may be reported, not even the end of the connection: it would be, again and again.
 */
static void listen_to(struct pli_sim_channel *channel)
{
    uint32_t events = channel->first ? EPOLLOUT : 0;
    unsigned armed;

    atomic_store(&channel->deaf, true);
    armed = atomic_load(&channel->armed);
    if (armed & PLI_IN)
        events |= EPOLLIN;
    if (!armed && !events)
        unregister(channel);
    else
        register_for(channel, events);
    if (armed & PLI_IN)
        atomic_store(&channel->deaf, false);
}

/* -- Input: the I/O thread --------------------------------------------- */

/* One read. Leaves the input, or that there is no memory for it. */
static void receive(struct pli_sim_channel *channel)
{
    char *buffer = channel->sim->front.loop.worker->buffer;
    struct pli_sim_input *input;
    ssize_t got;
    int error;

    do {
        got = recv(channel->fd, buffer, PLI_READ_SIZE, 0);
    } while (got < 0 && errno == EINTR);
    error = got < 0 ? -errno : 0;
    input = malloc(sizeof(*input) + (got > 0 ? (size_t)got : 0));
    if (!input) {
        atomic_store(&channel->failed, -ENOMEM);
        return;
    }
    *input = (struct pli_sim_input){.error = error, .length = got > 0 ? (size_t)got : 0};
    memcpy(input->data, buffer, input->length);
    explicit_bzero(buffer, input->length); /* the session overwrites its copy alone */
    input = atomic_exchange(&channel->input, input);
    assert(!input);
}

/* -- Output: the I/O thread -------------------------------------------- */

/* Takes what has been written since, oldest first, behind what waits. */
static void collect(struct pli_sim_channel *channel)
{
    struct pli_sim_output *newest = atomic_exchange(&channel->fresh, NULL);
    struct pli_sim_output **last = channel->last;
    struct pli_sim_output *oldest = NULL;

    if (newest)
        channel->last = &newest->next;
    while (newest) {
        struct pli_sim_output *older = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    if (oldest)
        *last = oldest;
}

static void drop_output(struct pli_sim_channel *channel, size_t sent)
{
    while (channel->first && sent >= channel->first->length - channel->first->done) {
        struct pli_sim_output *output = channel->first;

        sent -= output->length - output->done;
        channel->first = output->next;
        free(output);
    }
    if (channel->first)
        channel->first->done += sent;
    else
        channel->last = &channel->first;
}

/* One send of all that waits. Returns whether there may be more to send at once. */
static bool send_some(struct pli_sim_channel *channel)
{
    struct iovec parts[PARTS];
    struct msghdr message = {.msg_iov = parts};
    size_t offered = 0;
    ssize_t sent;

    for (struct pli_sim_output *output = channel->first; output && message.msg_iovlen < PARTS;
         output = output->next) {
        struct iovec *part = &parts[message.msg_iovlen++];

        part->iov_base = output->data + output->done;
        part->iov_len = output->length - output->done;
        offered += part->iov_len;
    }
    do {
        sent = sendmsg(channel->fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) {
        atomic_store(&channel->failed, -errno);
        sent = 0;
    }
    if (sent <= 0)
        return false;
    drop_output(channel, (size_t)sent);
    atomic_fetch_sub(&channel->pending, (uint32_t)sent);
    return (size_t)sent == offered && channel->first;
}

/* Sends what can be sent, and the end behind it. Returns what that is worth noting. */
static unsigned move_output(struct pli_sim_channel *channel)
{
    while (channel->first && !channel->failed && send_some(channel))
        continue;
    if (channel->failed) {
        drop_output(channel, SIZE_MAX);
        atomic_store(&channel->pending, 0);
        return PLI_HUP;
    }
    if (!channel->first && (channel->orders & PLI_SIM_SHUTDOWN) && !channel->shut_done) {
        channel->shut_done = true;
        shutdown(channel->fd, SHUT_WR); /* fails on a connection that is over: it is told as such */
    }
    return atomic_load(&channel->pending) == 0 && take_armed(channel, PLI_OUT) ? PLI_OUT : 0;
}

/* -- Events and orders ------------------------------------------------- */

unsigned pli_sim_channel_event(struct pli_sim_channel *channel, uint32_t events)
{
    unsigned notes = pli_reactor_notes(events & ~(uint32_t)EPOLLOUT);
    unsigned result = 0;

    if (channel->orders & PLI_SIM_CLOSE)
        return 0; /* its order comes at the end of this turn */
    if (events & EPOLLOUT)
        result = move_output(channel);
    if ((notes & PLI_IN) && take_armed(channel, PLI_IN)) {
        receive(channel);
        result |= PLI_IN;
    } else if ((notes & PLI_HUP) && take_armed(channel, PLI_HUP)) {
        result |= PLI_HUP;
    } else {
        listen_to(channel);
    }
    return result;
}

static void close_now(struct pli_sim_channel *channel)
{
    unregister(channel);
    close(channel->fd);
    pli_sim_channel_free(channel);
}

unsigned pli_sim_channel_order(struct pli_sim_channel *channel)
{
    unsigned orders = atomic_fetch_and(&channel->orders, ~(unsigned)PLI_SIM_ORDERED);
    unsigned notes;

    if (orders & PLI_SIM_CLOSE) {
        close_now(channel);
        return 0;
    }
    collect(channel);
    notes = move_output(channel);
    if (notes & PLI_HUP)
        unregister(channel);
    else
        listen_to(channel);
    return notes;
}

/* -- The claim holder -------------------------------------------------- */

/* The handle's channel, or NULL once it is closed. Orders made from now on name the handle. */
static struct pli_sim_channel *channel_of(struct pli_handle *handle)
{
    struct pli_sim_channel *channel = handle->fd < 0 ? NULL : handle->home;

    if (channel && !channel->id)
        channel->id = handle->id;
    return channel;
}

/* Within the holder's round: it sees the note before it lets the claim go. */
static void note(struct pli_handle *handle, unsigned notes)
{
    atomic_fetch_or_explicit(&handle->word, notes, memory_order_relaxed);
}

/* Whether WANT is armed now: not if what was armed before has been taken, for which a note comes. */
static bool set_armed(struct pli_handle *handle, unsigned want)
{
    struct pli_sim_channel *channel = handle->home;
    unsigned before = handle->armed;

    if (before == 0) {
        atomic_store(&channel->armed, want);
        return true;
    }
    return atomic_compare_exchange_strong(&channel->armed, &before, want);
}

void pli_sim_channel_arm(struct pli_handle *handle, unsigned want)
{
    struct pli_sim_channel *channel = channel_of(handle);
    bool held; /* input that the holder did not want when it was noted */

    held = (want & PLI_IN) && (channel->rest || atomic_load(&channel->input));
    if (!set_armed(handle, held ? want & ~(unsigned)PLI_IN : want))
        return;
    if (held)
        note(handle, PLI_IN);
    if ((want & PLI_OUT) && atomic_load(&channel->pending) == 0 && take_armed(channel, PLI_OUT))
        note(handle, PLI_OUT);
    else if (atomic_load(&channel->deaf))
        order(channel, 0);
}

int pli_sim_channel_read(struct pli_handle *handle, size_t limit, struct pli_span *span)
{
    struct pli_sim_channel *channel = channel_of(handle);
    struct pli_sim_input *input;
    char *buffer = pli_worker_self()->buffer;
    int error;

    if (!channel)
        return -EBADF;
    input = channel->rest ? channel->rest : atomic_exchange(&channel->input, NULL);
    channel->rest = input;
    if (!input)
        return channel->failed ? channel->failed : -EAGAIN;
    error = input->error;
    span->data = buffer;
    span->length = input->length - input->done < limit ? input->length - input->done : limit;
    memcpy(buffer, input->data + input->done, span->length);
    input->done += span->length;
    if (input->done == input->length) {
        channel->rest = NULL;
        explicit_bzero(input->data, input->length);
        free(input);
    }
    return error;
}

ssize_t pli_sim_channel_write(struct pli_handle *handle, const struct iovec *parts, int count)
{
    struct pli_sim_channel *channel = channel_of(handle);
    struct pli_sim_output *output;
    size_t length = 0;
    size_t room;

    if (!channel)
        return -EBADF;
    if (channel->failed)
        return channel->failed;
    room = MOST_PENDING - atomic_load(&channel->pending);
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    length = length < room ? length : room;
    if (length == 0)
        return -EAGAIN;
    output = malloc(sizeof(*output) + length);
    if (!output)
        return -ENOMEM;
    *output = (struct pli_sim_output){.length = length};
    for (size_t i = 0, done = 0; done < length; i++) {
        size_t piece = parts[i].iov_len < length - done ? parts[i].iov_len : length - done;

        memcpy(output->data + done, parts[i].iov_base, piece);
        done += piece;
    }
    atomic_fetch_add(&channel->pending, (uint32_t)length);
    output->next = atomic_load_explicit(&channel->fresh, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&channel->fresh, &output->next, output))
        continue;
    order(channel, 0);
    return (ssize_t)length;
}

bool pli_sim_channel_writing(struct pli_handle *handle)
{
    return atomic_load(&((struct pli_sim_channel *)handle->home)->pending) > 0;
}

int pli_sim_channel_shutdown(struct pli_handle *handle)
{
    order(channel_of(handle), PLI_SIM_SHUTDOWN);
    return 0;
}

void pli_sim_channel_close(struct pli_sim_channel *channel)
{
    struct pli_sim *sim = channel->sim;

    if (sim->over) {
        close_now(channel);
        return;
    }
    order(channel, PLI_SIM_CLOSE);
}

/* -- Life -------------------------------------------------------------- */

struct pli_sim_channel *pli_sim_channel_new(struct pli_sim *sim, int fd)
{
    struct pli_sim_channel *channel = calloc(1, sizeof(*channel));

    if (!channel)
        return NULL;
    channel->sim = sim;
    channel->fd = fd;
    channel->deaf = true;
    channel->last = &channel->first;
    return channel;
}

void pli_sim_channel_free(struct pli_sim_channel *channel)
{
    collect(channel);
    drop_output(channel, SIZE_MAX);
    free(channel->rest);
    free(atomic_load(&channel->input));
    free(channel);
}
