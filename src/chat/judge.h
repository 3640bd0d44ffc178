/* SPDX-License-Identifier: MIT */
/*
 * Judging by the filters what people want to say, before any lock of the world is taken. Operators
 * of the server say what they like. Of what a filter catches, operators are told who said it, where,
 * and which filter it was, and the log is; the text itself goes nowhere.
 */
#ifndef CHAT_JUDGE_H
#define CHAT_JUDGE_H

#include "chat/filter.h"
#include "chat/user.h"

struct chat_words;

/* For front ends to add and remove some (chat/filter.h): who may do that, they check. */
struct chat_filters *chat_world_filters(struct chat_world *world);

/*
 * Judges TEXT, which the session's user wants to say in PLACE, a channel or nowhere. Returns 0,
 * CHAT_FILTERED, CHAT_TAKEN_OUT if the user has been ended for it, or -ENOMEM. The other calls of
 * the chat do this by themselves, but for what people quit with.
 */
int chat_judge(struct chat_world *world, struct chat_session *session,
               enum chat_filter_target target, struct chat_text text, struct chat_text place);

/* The same of words, of who is about to come, and of a user's name NICK or REALNAME to be. */
int chat_judge_words(struct chat_world *world, struct chat_session *session,
                     const struct chat_words *words);
int chat_judge_identity(struct chat_world *world, const struct chat_identity *identity);
int chat_judge_name(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text realname);

/* Why this thread's last call that returned CHAT_FILTERED did so; stands until the next one. */
const char *chat_judged_reason(struct chat_world *world);

#endif
