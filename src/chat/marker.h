/* SPDX-License-Identifier: MIT */
/*
 * Read markers: up to when a user has read what is said in a channel, or by somebody, so that each
 * of the user's sessions knows what another one has shown already. Nobody else is told. They go by
 * names, whether there is such a channel or person now or not. Those of an account are kept
 * (chat/kept.h) and shared by all who are logged in to it; others end with the user.
 */
#ifndef CHAT_MARKER_H
#define CHAT_MARKER_H

#include "chat/face.h"

/* So many names has a user markers for. */
#define CHAT_MARKERS_MAX 256

struct chat_world;

/*
 * The session's user has read what was said under TARGET up to UNTIL (milliseconds since 1970), or
 * up to now if that is less; all their sessions are told (CHAT_READ). A marker never goes back.
 * *KEPT receives where it is then. Returns 0, CHAT_LIST_FULL, or as all calls do.
 */
int chat_mark_read(struct chat_world *world, struct chat_session *session, struct chat_text target,
                   uint64_t until, uint64_t *kept);

/* Where the marker is; 0: there is none. */
int chat_marker_look(struct chat_world *world, struct chat_session *session,
                     struct chat_text target, uint64_t *until);

/* The same for variant functions, of an event for which the world is held exclusive. */
uint64_t chat_session_marker(const struct chat_session *session, struct chat_text target);

#endif
