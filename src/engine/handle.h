/* SPDX-License-Identifier: MIT */
/*
 * A handle is whatever events happen to: a connection, a listener, the timer, a posted task. All of
 * them are dispatched alike.
 *
 * One hand on a handle. WORD is the claim bit and the notes. Who wants something of a handle notes
 * it and tries the claim in one fetch_or (pli_handle_kick()). Whoever finds the claim free holds
 * it, alone runs the handle's class on the notes, brings its registration up to date, and lets the
 * claim go by a compare-and-swap that fails if a note has come meanwhile; then it goes round once
 * more. Nobody waits for a claim: who finds it taken has left a note and goes on.
 *
 *     free --kick: note and claim--> held --run, arm--> compare-and-swap ok -----> free
 *                                      ^                        | a note came
 *                                      +------------------------+
 *
 * Life: pli_handle_add() enters it into the engine's table with one reference, the table's, and
 * pli_handle_begin() lets the others have it. It ends when run() answers PLI_DONE: the holder takes
 * it out of the kernel's set, closes the descriptor and gives back the table's reference; the claim is never released after that, so notes
 * that still come are harmless. The last reference calls free().
 *
 * Events name a handle by its id, slot and generation in one number (engine/table.h), never by
 * pointer or descriptor.
 *
 * A thread holds one claim at a time. What a service call wants of other handles (a flush, a
 * close) is put into the thread's own FIFO of handles it owes a kick (engine/worker.h), or posted.
 */
#ifndef PLI_ENGINE_HANDLE_H
#define PLI_ENGINE_HANDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pli_engine;
struct pli_handle;

/* Notes, and the parts of a registration (IN, OUT, HUP). */
enum {
    PLI_IN = 1u << 0,     /* readable */
    PLI_OUT = 1u << 1,    /* writable */
    PLI_HUP = 1u << 2,    /* broken in both directions; reported whatever is registered */
    PLI_OPEN = 1u << 3,   /* new: begin */
    PLI_FLUSH = 1u << 4,  /* somebody queued output */
    PLI_CLOSE = 1u << 5,  /* somebody wants it ended */
    PLI_TIMER = 1u << 6,  /* its timer went off */
    PLI_RESUME = 1u << 7, /* the end of a parking */
    PLI_DRAIN = 1u << 8,  /* the server drains */
    PLI_REARM = 1u << 9,  /* the registration has to be renewed, though it is as wanted */
    PLI_AGAIN = 1u << 10, /* somebody else wants the service to go on */
    PLI_CLAIM = 1u << 31,
};

/* What run() answers when it does not name a registration. */
enum {
    PLI_DONE = -1, /* the handle is dead */
    PLI_MORE = -2, /* call again at once */
};

/* What a descriptor is to its handle, which decides what a model does with it. */
enum pli_handle_kind {
    PLI_EVENT,    /* it has none: what happens to it is posted */
    PLI_STREAM,   /* a connection: read, write and shutdown of the model */
    PLI_ACCEPTOR, /* a listening socket: accept of the model */
    PLI_SOURCE,   /* the class itself asks it for what there is; the model says when */
};

struct pli_handle_class {
    const char *name;
    enum pli_handle_kind kind;

    /*
     * Does what NOTES ask for. Called by the claim holder. Answers what is to be registered (PLI_IN
     * and PLI_OUT; PLI_HUP always is), PLI_DONE or PLI_MORE.
     */
    int (*run)(struct pli_handle *handle, unsigned notes);

    /* The last reference is gone. */
    void (*free)(struct pli_handle *handle);
};

struct pli_handle {
    const struct pli_handle_class *class; /* const after init */
    struct pli_engine *engine;            /* const after init */
    uint64_t id;                          /* const after add */
    _Atomic uint32_t word;                /* claim and notes */
    int fd;                               /* claim holder; -1: none */
    uint8_t armed;                        /* claim holder: what is registered and not consumed */
    bool registered;                      /* claim holder: the kernel's set knows the descriptor */
    _Atomic bool posted;                  /* in a list of posts */
    _Atomic bool owed;                    /* in a thread's FIFO: that thread will kick it */
    void *home;                           /* the model's: which thread runs it; const once added */
    void *io;                             /* the model's: what is under way; until it has ended */
    struct pli_handle *next_posted;       /* whoever set posted, then who takes the list */
    struct pli_handle *next_owed;         /* the thread that set owed */
};

/*
 * A handle is born claimed by who makes it: nobody runs it before pli_handle_begin(). FD may be -1;
 * if not, it is non-blocking and the handle's from now on.
 */
void pli_handle_init(struct pli_handle *handle, struct pli_engine *engine,
                     const struct pli_handle_class *class, int fd);

/*
 * Gives the handle, complete as it is, a place in the model and enters it into the engine's table.
 * Returns 0, -ENOMEM, or why the model has no place for it.
 */
int pli_handle_add(struct pli_handle *handle);

/*
 * The handle is complete: gives up the claim it was born with, with the note PLI_OPEN, and posts
 * it, so that it begins as an event of its own. Notes that came since it was entered are seen then.
 */
void pli_handle_begin(struct pli_handle *handle);

/* Any thread that has a reference, or for unref gives it up. */
struct pli_handle *pli_handle_ref(struct pli_handle *handle);
void pli_handle_unref(struct pli_handle *handle);

/*
 * Notes NOTES and, if the claim is free, holds the handle until nothing is left to do. The caller
 * has a reference, holds no claim, and is the thread that the model lets run this handle.
 */
void pli_handle_kick(struct pli_handle *handle, unsigned notes);

/*
 * Wants NOTES done to the handle, by any thread that has a reference: at once or soon, by this
 * thread or another. Within a run() of the same handle they are seen before the claim is let go.
 * Never blocks and runs nothing itself.
 */
void pli_handle_touch(struct pli_handle *handle, unsigned notes);

/* The same, but never through this thread's FIFO: the engine wakes a thread for it. */
void pli_handle_post(struct pli_handle *handle, unsigned notes);

/*
 * Closes the descriptor of a handle that goes on without it: no more IN, OUT or HUP is registered,
 * but one that has been harvested may still come. In run(), which may give the handle another
 * descriptor, non-blocking as the first, by setting FD.
 */
void pli_handle_shut(struct pli_handle *handle);

/* An event of ID: looks it up and kicks it, or drops the event if it has ended. */
void pli_handle_event(struct pli_engine *engine, uint64_t id, unsigned notes);

#endif
