/* SPDX-License-Identifier: MIT */
/* What is common to all that is said (say.c, multiline.c). */
#ifndef IRC_SAY_H
#define IRC_SAY_H

#include "irc/client.h"

/* Whether a program asks or answers another one (CTCP): not so an action. */
bool irc_is_ctcp(struct chat_text text);

/* Whether it is an action, which every program shows, and never answers. */
bool irc_is_action(struct chat_text text);

/* What stands before the text of an action, and behind it. */
#define IRC_ACTION_BEGIN "\001ACTION "
#define IRC_ACTION_END   '\001'

/* Says it to one target, which may have signs before it; QUIET: errors are kept to ourselves. */
void irc_say_to(struct irc_client *client, const char *command, const struct chat_words *words,
                struct chat_text target, bool quiet);

#endif
