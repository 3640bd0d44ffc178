/* SPDX-License-Identifier: MIT */
/*
 * Commands whose answer takes long. Their work is done by a helper while the session is parked, so
 * nothing that comes behind them is answered before them; their label waits with them. The client
 * may go in the meantime, so the work knows none.
 */
#ifndef IRC_WORK_H
#define IRC_WORK_H

#include "irc/reply.h"

/* The first member of what a command gives to be done, which is the work's once it has begun. */
struct irc_work {
    void (*run)(struct irc_work *work);                             /* by a helper */
    void (*done)(struct irc_client *client, struct irc_work *work); /* answers, if it is there */
    void (*free)(struct irc_work *work);
    struct irc_answer *answer; /* private, as what follows: NULL: no label */
    char *rest;                /* lines that came in one with the command; NULL: none */
    size_t rest_length;
};

/*
 * Begins WORK, whose three functions are set and whose rest is zero. Returns 0; -EAGAIN, if there
 * is too much work already, or -ENOMEM, and then the work is the caller's to free.
 */
int irc_work_begin(struct irc_client *client, struct irc_work *work);

/* Keeps lines, the ends of which are CRs, until the work that the client waits for is done. */
int irc_work_keep(struct irc_client *client, struct chat_text rest);

#endif
