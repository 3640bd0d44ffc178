/* SPDX-License-Identifier: MIT */
#ifndef IRC_MONITOR_H
#define IRC_MONITOR_H

#include "irc/client.h"

/* Sends what CHAT_ONLINE and CHAT_OFFLINE say to their target. Any thread, in irc_face. */
void irc_monitor_tell(const struct irc_client *client, const struct chat_event *event);

#endif
