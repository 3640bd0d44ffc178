/* SPDX-License-Identifier: MIT */
/*
 * What a command has cost: its own part of the table (irc/command.h), and more for what makes more
 * work than a line of that length should. Who names many channels or people pays for each or for a
 * few of them, and who is answered at length for the lines. What an answer in parts (irc/parts.h)
 * has beyond its first part is not paid for: it comes as the client takes it, and nothing else does
 * meanwhile.
 */
#ifndef IRC_COST_H
#define IRC_COST_H

#include "irc/command.h"

/* So many lines of an answer cost 1. */
#define IRC_LINES_FOR_ONE 8

/* Of a command that has been run and answered by that many LINES. */
unsigned irc_cost_of(const struct irc_command *command, const struct irc_message *message,
                     unsigned lines);

#endif
