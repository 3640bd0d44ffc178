/* SPDX-License-Identifier: MIT */
/*
 * What operators of the server have others do, whatever modes, masks and limits of channels say;
 * it takes CHAT_RIGHT_OVERRIDE. It is logged, and told to operators. chat/chat.h has the rules that
 * all calls follow; outcomes are those of the calls by which people do it themselves.
 */
#ifndef CHAT_FORCE_H
#define CHAT_FORCE_H

#include "chat/face.h"
#include "chat/mode.h"

struct chat_world;

int chat_force_join(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text channel);
int chat_force_part(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text channel, struct chat_text reason);
int chat_force_nick(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text name);

/* See chat_channel_mode(). The operator need not be there; what is done is by them. */
int chat_force_mode(struct chat_world *world, struct chat_session *session,
                    struct chat_text channel, struct chat_change *changes, size_t count);

/*
 * Has somebody be shown with another host and, unless it is empty, username, for which it takes
 * CHAT_RIGHT_CHGHOST. CHAT_BAD_ARGUMENT: they cannot be that.
 */
int chat_force_host(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text username, struct chat_text host);

struct chat_words;

/* Says it to everybody, for which it takes CHAT_RIGHT_GLOBAL; TARGET is only shown. */
int chat_speak_to_all(struct chat_world *world, struct chat_session *session,
                      const struct chat_words *words);

/* The server says TEXT to everybody. */
void chat_announce(struct chat_world *world, struct chat_text text);

#endif
