/* SPDX-License-Identifier: MIT */
/*
 * People who log in. A command names the account, the line after it is the password: it is asked for, is
 * never shown to anybody, and is not even repeated to who has typed it, for which a telnet client is
 * told that the server would do that (RFC 857). What comes of it takes a helper some time (talk/job.h),
 * in which the session is parked.
 */
#ifndef TALK_LOGIN_H
#define TALK_LOGIN_H

#include "talk/person.h"

#include <stdbool.h>

/* Whether the next line is a secret. */
bool talk_login_asks(const struct talk_person *person);

/* Takes it, as it was typed. */
void talk_login_take(struct talk_person *person, struct chat_text line);

/* It was too long to be taken. */
void talk_login_give_up(struct talk_person *person);

/* Forgets what was asked for. */
void talk_login_forget(struct talk_person *person);

#endif
