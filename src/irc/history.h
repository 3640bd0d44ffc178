/* SPDX-License-Identifier: MIT */
/* What commands that read the history have in common. */
#ifndef IRC_HISTORY_H
#define IRC_HISTORY_H

#include "chat/history.h"
#include "irc/work.h"

/*
 * A reading: places that the client may read, which a helper reads, and what it has found. A command
 * embeds it at the beginning of its own, so that it can be freed as one.
 */
struct irc_reading {
    struct irc_work work;
    struct history *history;
    struct chat_place *places;
    size_t count;
    struct chat_findings findings;
    int rc; /* of reading */
};

/* Makes one of SIZE bytes, the rest of which is zero, with room for COUNT places; NULL without memory. */
struct irc_reading *irc_reading_new(struct irc_client *client, size_t size, size_t count);

/* For irc_work.free, and for who has not begun it. */
void irc_reading_free(struct irc_work *work);

/*
 * Shows what was found, in its order. EVENTS: also what is not said. STAMPED: with the time in the text
 * for who knows no tags.
 */
void irc_reading_show(struct irc_client *client, const struct irc_reading *reading, bool events,
                      bool stamped);

/*
 * Shows who has come back what was said, in the channels and conversations of the user, since LEFT
 * (milliseconds since 1970) and up to the id LAST, if it cannot ask for that itself and the settings want
 * it.
 */
void irc_show_missed(struct irc_client *client, uint64_t left, uint64_t last);

/*
 * Shows who has just joined CHANNELS, a list, what was said there last, if it cannot ask for that itself
 * and the settings want it.
 */
void irc_playback(struct irc_client *client, struct chat_text channels);

#endif
