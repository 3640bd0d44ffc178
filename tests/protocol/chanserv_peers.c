/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/chanserv_peers.h"

#include <stdio.h>

static struct peer *log_in(struct daemon *daemon, const char *nick, const char *command)
{
    struct peer *peer = irc_join(daemon, nick, NULL);

    irc_send(peer, "NS %s", command);
    PEER_SKIP_TO(peer, ":test\\.example 900 .*");
    PEER_SKIP_TO(peer, ":NickServ!.* NOTICE .*");
    return peer;
}

struct peer *chanserv_make(struct daemon *daemon, const char *nick)
{
    return log_in(daemon, nick, "REGISTER secret");
}

struct peer *chanserv_come(struct daemon *daemon, const char *nick)
{
    return log_in(daemon, nick, "IDENTIFY secret");
}

void chanserv_join(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ":test\\.example 366 .*");
}

void chanserv_register(struct place place, struct peer *peer, const char *nick, const char *channel)
{
    char text[200];

    chanserv_join(peer, channel);
    irc_send(peer, "CS REGISTER %s", channel);
    snprintf(text, sizeof(text), CHANSERV "MODE %s +q %s", channel, nick);
    peer_must_receive_line(place, peer, text);
    snprintf(text, sizeof(text), CHANSERV "NOTICE %s :%s is your channel now.", nick, channel);
    peer_must_receive_line(place, peer, text);
}
