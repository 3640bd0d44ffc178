/* SPDX-License-Identifier: MIT */
/*
 * How often each command has been run. Every processor has counters of its own, so that counting
 * costs no cache line that others write; a sum is gathered when somebody asks.
 */
#ifndef IRC_TALLY_H
#define IRC_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct irc_tally;

/* For COUNT commands. NULL without memory. */
struct irc_tally *irc_tally_new(size_t count);
void irc_tally_free(struct irc_tally *tally);

/* Any thread. */
void irc_tally_add(struct irc_tally *tally, size_t command, size_t bytes);
void irc_tally_sum(const struct irc_tally *tally, size_t command, uint64_t *runs, uint64_t *bytes);

#endif
