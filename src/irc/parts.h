/* SPDX-License-Identifier: MIT */
/*
 * Answers in parts: what is too long to be queued at once, like a LIST of all channels. A part is
 * made when the client has taken enough of those before; meanwhile none of its lines is looked at,
 * so all answers keep their order, and others have their turn with the world.
 */
#ifndef IRC_PARTS_H
#define IRC_PARTS_H

#include "irc/reply.h"

/* First member of what makes the parts of an answer: one piece of memory, freed at the end. */
struct irc_parts {
    /* Makes one part; false: it was the last one. */
    bool (*make)(struct irc_client *client, struct irc_parts *parts);
    char *rest; /* private: lines that came in one with the command; NULL: none */
    size_t rest_length;
};

/* How many users or channels are looked at for a part. */
#define IRC_PART 64

/* Answers the running command in parts, of which the first is made here. PARTS is taken over. */
void irc_answer_in_parts(struct irc_client *client, struct irc_parts *parts);

/* Makes the next part of the answer that has been begun. */
void irc_parts_go_on(struct irc_client *client);

/* Keeps lines, the ends of which are CRs, until the answer is over. Returns 0 or -ENOMEM. */
int irc_parts_keep(struct irc_client *client, struct chat_text rest);

/* Frees them in the middle. NULL is allowed. */
void irc_parts_free(struct irc_parts *parts);

#endif
