/* SPDX-License-Identifier: MIT */
/*
 * Channels that are given another name, for clients that do not know of such a thing
 * (draft/channel-rename): to them it looks as if they left the one and joined the other. The PART
 * and JOIN come with the event. Topic and names are what the client then asks for itself, so to
 * say: whoever renames a channel leaves a note with each session and wakes it, so that nothing that
 * grows with the square of the members is done under the world's lock.
 */
#ifndef IRC_MOVED_H
#define IRC_MOVED_H

#include "chat/chat.h"
#include "irc/reply.h"

struct irc_moved;

/* Tells the session, in a face's function; to who has caused the event RENAME itself tells the rest. */
void irc_move(const struct chat_session *session, const struct chat_event *event, unsigned caps);

/*
 * The same for who was made to join: topic and names of the channel NAME are told soon. In a
 * face's function.
 */
void irc_moved_note(struct irc_client *client, struct chat_text name);

/* After what there are notes of: what was missed is shown (irc/history.h). By the client's own thread. */
void irc_moved_note_missed(struct irc_client *client, uint64_t left, uint64_t last);

/* Begins to tell topic and names of the next channel that there is a note of, if no answer is open. */
void irc_moved_go_on(struct irc_client *client);

/* Forgets all notes. */
void irc_moved_free(struct irc_client *client);

/* A visitor of channels that says the topic, if there is one. */
void irc_show_topic(const struct chat_channel_view *view, void *client);

#endif
