/* SPDX-License-Identifier: MIT */
/*
 * What a connection of the simulated proactor has under way: between the I/O thread, which alone
 * touches the socket, and the claim holder of its handle.
 *
 * Input: ARMED is what the claim holder waits for, as pli_handle.armed. The I/O thread reads only
 * for who has armed PLI_IN: it takes ARMED (to 0), reads once, leaves the input, and requests the
 * handle with PLI_IN; so there is never more than one input. The claim holder changes ARMED only
 * while nobody has taken it, or after it has seen the note for which it was taken.
 *
 * The socket is registered level-triggered for what is armed, and stays so while a worker is at
 * work, so that a line costs no epoll_ctl. Only if more arrives meanwhile the I/O thread stops
 * listening (DEAF), and the next arm orders it to listen again. Both set their own word, then look at
 * the other's, in sequential consistency: one of them sees the other.
 *
 * Output: write() copies into a list of its own, newest first, up to MOST_PENDING bytes, which the
 * I/O thread takes, puts in order, and sends. PENDING counts the bytes that have not been sent.
 * Who has armed PLI_OUT is told when none are left.
 *
 * A channel lives from place() until close(), or until the failure of what came in between; the I/O
 * thread frees it.
 */
#ifndef PLI_ENGINE_SIM_CHANNEL_H
#define PLI_ENGINE_SIM_CHANNEL_H

#include <errno.h>

#include "engine/front.h"

struct pli_sim_channel;
struct pli_sim_input;
struct pli_sim_output;

/*
 * What the claim holder wants. CLOSE comes together with ORDERED, and after that step the claim
 * holder touches the channel no more, unless it is to push it.
 */
enum {
    PLI_SIM_ORDERED = 1u << 0,  /* in the list of orders */
    PLI_SIM_SHUTDOWN = 1u << 1, /* output ends behind what is pending */
    PLI_SIM_CLOSE = 1u << 2,    /* the handle is done with it */
};

/* The model's state. */
struct pli_sim {
    struct pli_front front; /* first; its thread is the I/O thread */
    bool over;              /* no thread is left, or there has been none */
    _Atomic bool sleeping;
    _Atomic(struct pli_sim_channel *) orders; /* newest first */
};

struct pli_sim_channel {
    struct pli_sim *sim;
    uint64_t id;                            /* the handle's; claim holder, before it orders */
    _Atomic unsigned armed;                 /* see above; 0: taken */
    _Atomic bool deaf;                      /* the I/O thread has to be told what is armed */
    _Atomic unsigned orders;                /* PLI_SIM_* */
    _Atomic int failed;                     /* why nothing can be moved, a negative errno */
    _Atomic uint32_t pending;               /* bytes */
    _Atomic(struct pli_sim_input *) input;  /* of the last read, until the claim holder takes it */
    _Atomic(struct pli_sim_output *) fresh; /* newest first */
    struct pli_sim_channel *next_order;     /* whoever set PLI_SIM_ORDERED, then the I/O thread */
    struct pli_sim_input *rest;             /* claim holder: taken, and not read to its end */
    struct pli_sim_output *first;           /* I/O thread, as all below: to be sent, in order */
    struct pli_sim_output **last;
    int fd;
    uint32_t events; /* registered */
    bool registered;
    bool shut_done;
};

/* The channels that have orders, oldest first, linked by next_order. The I/O thread. */
struct pli_sim_channel *pli_sim_take_orders(struct pli_sim *sim);

/* Returns NULL without memory. The descriptor stays the caller's until close(). */
struct pli_sim_channel *pli_sim_channel_new(struct pli_sim *sim, int fd);
void pli_sim_channel_free(struct pli_sim_channel *channel);

/* Moves what an event, or the claim holder's order, asks for. Return what to note of the handle. */
unsigned pli_sim_channel_event(struct pli_sim_channel *channel, uint32_t events);
unsigned pli_sim_channel_order(struct pli_sim_channel *channel);

/* What struct pli_model asks for; the claim holder. */
void pli_sim_channel_arm(struct pli_handle *handle, unsigned want);
void pli_sim_channel_close(struct pli_sim_channel *channel);
int pli_sim_channel_read(struct pli_handle *handle, size_t limit, struct pli_span *span);
ssize_t pli_sim_channel_write(struct pli_handle *handle, const struct iovec *parts, int count);
bool pli_sim_channel_writing(struct pli_handle *handle);
int pli_sim_channel_shutdown(struct pli_handle *handle);

#endif
