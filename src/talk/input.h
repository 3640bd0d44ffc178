/* SPDX-License-Identifier: MIT */
/*
 * From bytes to lines of text. A line end may belong to a telnet subnegotiation or option; then the
 * text before it waits (talk_person.pending) for what comes after.
 */
#ifndef TALK_INPUT_H
#define TALK_INPUT_H

#include "talk/person.h"

#include <paceline/service.h>

/* Takes a line as it came in; talk_take_line() is called if that makes one of text. */
void talk_input(struct talk_person *person, const struct pl_line *line);

/* Forgets an unfinished line: the input after it is no continuation. */
void talk_input_reset(struct talk_person *person);

#endif
