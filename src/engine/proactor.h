/* SPDX-License-Identifier: MIT */
/*
 * The inside of the proactor: rings, initiators and operations. proactor.c is the model.
 *
 * An initiator is what starts asynchronous operations for a handle and gets their completions: one
 * for each descriptor, in HANDLE->IO. It knows what the handle wants, keeps what has completed
 * until the handle asks for it, and kicks it. There are three: of a stream (proactor_stream.c), of
 * a listening socket and of a source (proactor_accept.c).
 *
 * Life: place() makes it, and close() takes its descriptor and its handle from it. It counts what
 * refers to it: its handle, operations, lists; so a completion always finds it. At most one
 * operation of each kind is under way for it.
 *
 * All of a ring is its thread's, but for what is marked. Before and after run() there is nothing
 * under way, and whoever runs the handles then starts nothing.
 */
#ifndef PLI_ENGINE_PROACTOR_H
#define PLI_ENGINE_PROACTOR_H

#include <liburing.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/mailbox.h"
#include "engine/proactor_input.h"
#include "engine/proactor_output.h"

struct pli_initiator;

/* What has completed: the low bits of the completion's user data, whose others are a pointer. */
enum pli_operation {
    PLI_OP_NONE, /* nobody cares */
    PLI_OP_RECEIVE,
    PLI_OP_SEND,
    PLI_OP_ACCEPT,
    PLI_OP_POLL,
    PLI_OP_MAIL, /* another ring has filled the mailbox */
    PLI_OP_WAKE, /* somebody has written the mailbox's eventfd */
    PLI_OP_LOST, /* mail that did not reach the ring that is the pointer */
    PLI_OP_MASK = 15,
};

struct pli_initiator_class {
    size_t size;

    /* The handle wants these notes from now on, once; its thread. */
    void (*arm)(struct pli_initiator *initiator);

    /* Which of the notes that it wants hold by what has completed already. */
    unsigned (*ready)(struct pli_initiator *initiator);

    /* A completion; further ones of a multishot operation come if FLAGS have IORING_CQE_F_MORE. */
    void (*complete)(struct pli_initiator *initiator, enum pli_operation operation, int result,
                     unsigned flags);

    /* Lets go of what is held and closes the descriptor. */
    void (*close)(struct pli_initiator *initiator);
};

struct pli_initiator {
    const struct pli_initiator_class *class; /* const */
    struct pli_ring *ring;                   /* const */
    struct pli_handle *handle;               /* NULL: closed */
    struct pli_initiator *next_ready;
    int fd;            /* -1: closed */
    uint8_t want;      /* notes */
    bool listed;       /* in its ring's FIFO of those that are ready */
    uint8_t under_way; /* 1 << operation */
    uint8_t references;
};

/* A FIFO through next_ready. */
struct pli_initiators {
    struct pli_initiator *head;
    struct pli_initiator *tail;
};

/* A FIFO through next_posted. */
struct pli_posts {
    struct pli_handle *head;
    struct pli_handle *tail;
};

struct pli_stream;

struct pli_ring {
    struct io_uring uring;
    struct pli_engine *engine;   /* const */
    struct pli_worker *worker;   /* const; its home is this ring */
    struct pli_mailbox mailbox;  /* any thread */
    _Atomic unsigned handles;    /* placed here and not yet ended; any thread */
    pthread_t thread;            /* run() */
    int result;                  /* of the thread; who has joined it */
    bool draining;               /* the pool stops: operations end, handles are not run */
    unsigned under_way;          /* operations of initiators, and the one on the eventfd */
    struct pli_initiators ready; /* have what their handle wants; are kicked in the next turn */
    struct pli_stream *sends;    /* FIFO: have output that is not submitted yet */
    struct pli_stream *last_send;
    struct pli_posts own;    /* posted by this thread to itself */
    struct pli_posts others; /* and to other rings; sent off when the turn is over */
    struct pli_output_pool outputs;
    struct io_uring_buf_ring *buffers; /* the kernel takes from it */
    char *memory;                      /* the buffers, and the ring of them */

    /* The completed receive that is being processed: what of it is not read yet. */
    struct {
        const struct pli_stream *stream;
        const char *data;
        size_t length;
    } lent;
};

/* -- Rings (proactor_ring.c) -------------------------------------------------- */

#define PLI_RING_BUFFERS     256u /* that a ring provides for receiving */
#define PLI_RING_BUFFER_SIZE 4096u
#define PLI_RING_GROUP       0 /* of buffers */

/* An io_uring as the model uses it, disabled: its thread enables it. 0 or a negative errno. */
int pli_ring_open(struct io_uring *uring);
int pli_ring_enable(struct io_uring *uring);

/* Makes a ring, disabled, with its buffers and mailbox. What is zero at first is taken down. */
int pli_ring_init(struct pli_ring *ring, struct pli_engine *engine);
void pli_ring_deinit(struct pli_ring *ring);

/* Registers BUFFERS buffers of MEMORY. Returns 0 or a negative errno. */
int pli_ring_provide(struct io_uring *uring, struct io_uring_buf_ring *buffers, char *memory);
size_t pli_ring_memory_size(void);

/* Gives a buffer back to the kernel. */
void pli_ring_return_buffer(struct pli_ring *ring, unsigned buffer);

/* A free submission entry. */
struct io_uring_sqe *pli_ring_entry(struct pli_ring *ring);

/* Whether the calling thread is the ring's and it runs: whether something may be submitted. */
bool pli_ring_is_mine(const struct pli_ring *ring);

/* -- Initiators (proactor_initiator.c) ---------------------------------------- */

/* The prepared entry is an operation of that kind for the initiator; none is under way. */
void pli_initiator_begin(struct pli_initiator *initiator, struct io_uring_sqe *entry,
                         enum pli_operation operation);

/* Cancels it, if it is under way; its last completion comes in any case. */
void pli_initiator_cancel(struct pli_initiator *initiator, enum pli_operation operation);

static inline bool pli_initiator_awaits(const struct pli_initiator *initiator,
                                        enum pli_operation operation)
{
    return initiator->under_way & (1u << operation);
}

/* Whether the handle is there and wants any of these notes now. */
static inline bool pli_initiator_wants(const struct pli_initiator *initiator, unsigned notes)
{
    return (initiator->want & notes) && initiator->handle && !initiator->ring->draining;
}

/* Polls the descriptor once for these events. */
void pli_initiator_poll(struct pli_initiator *initiator, unsigned events);

/* Kicks the handle, if there still is one; what it wanted is consumed. May end it. */
void pli_initiator_kick(struct pli_initiator *initiator, unsigned notes);

/* Sees to it that the handle is kicked with what is ready, in the next turn. */
void pli_initiator_list(struct pli_initiator *initiator);

/* Kicks those that were listed before. */
void pli_initiator_run_listed(struct pli_ring *ring);

/* Closes the descriptor once what was submitted before is. */
void pli_initiator_close(struct pli_initiator *initiator);

/* A completion for it. */
void pli_initiator_complete(struct pli_initiator *initiator, enum pli_operation operation,
                            int result, unsigned flags);

/* One reference more, or less: the last frees it. */
void pli_initiator_ref(struct pli_initiator *initiator);
void pli_initiator_unref(struct pli_initiator *initiator);

/* -- Of each kind -------------------------------------------------------------- */

extern const struct pli_initiator_class pli_stream_class;
extern const struct pli_initiator_class pli_acceptor_class;
extern const struct pli_initiator_class pli_source_class;

/* The transfers of struct pli_model. */
int pli_stream_read(struct pli_handle *handle, size_t limit, struct pli_span *span);
ssize_t pli_stream_write(struct pli_handle *handle, const struct iovec *parts, int count);
bool pli_stream_writing(struct pli_handle *handle);
int pli_stream_shutdown(struct pli_handle *handle);
int pli_acceptor_accept(struct pli_handle *handle, struct sockaddr_storage *from,
                        socklen_t *length);

/* Submits the output that was accepted since the last call. */
void pli_stream_submit_sends(struct pli_ring *ring);

/* -- Whether it can be had (proactor_probe.c) --------------------------------- */

/* Why the model cannot be had here, or NULL. Any thread. */
const char *pli_proactor_missing(void);

#endif
