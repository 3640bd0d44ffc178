/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/irc_peers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void irc_send(struct peer *peer, const char *format, ...)
{
    char text[16384];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text) - 2, format, arguments);
    va_end(arguments);
    EXPECT(length >= 0 && (size_t)length < sizeof(text) - 2, "a line that is too long");
    memcpy(text + length, "\r\n", 2);
    PEER_SEND(peer, text, (size_t)length + 2);
}

struct peer *irc_join(struct daemon *daemon, const char *nick, const char *caps)
{
    struct peer *peer = IRC_CONNECT(daemon);

    if (caps) {
        irc_send(peer, "CAP REQ :%s", caps);
        PEER_SKIP_TO(peer, ":test\\.example CAP \\* ACK :.*");
        irc_send(peer, "CAP END");
    }
    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER %s 0 * :Real %s", nick, nick);
    PEER_SKIP_TO(peer, ":test\\.example (376|422) .*");
    return peer;
}

struct peer *irc_join_channel(struct daemon *daemon, const char *nick, const char *channel)
{
    struct peer *peer = irc_join(daemon, nick, NULL);

    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ":test\\.example 366 .*");
    return peer;
}

void irc_expect_from(struct place place, struct peer *peer, const char *nick, const char *text)
{
    char expected[1024];
    char *line;
    size_t length;
    int rc = peer_next_line(peer, &line);
    char *space;

    if (rc < 0)
        expect_fail(place, "no line, but %d", rc);
    length = (size_t)snprintf(expected, sizeof(expected), ":%s", nick);
    space = strchr(line, ' ');
    if (strncmp(line, expected, length) != 0 || line[length] != '!' || !space ||
        strcmp(space + 1, text) != 0)
        expect_fail(place, "expected :%s!... %s, got %s", nick, text, line);
}

void irc_expect_nothing(struct place place, struct peer *peer)
{
    irc_send(peer, "PING nothing");
    peer_must_receive_line(place, peer, ":test.example PONG test.example :nothing");
}

void irc_become_operator(struct place place, struct peer *peer, const char *nick)
{
    char expected[100];

    irc_send(peer, "OPER root sesame");
    snprintf(expected, sizeof expected, "MODE %s :+o", nick);
    irc_expect_from(place, peer, nick, expected);
    snprintf(expected, sizeof expected, ":test.example 381 %s :You are now an IRC operator", nick);
    peer_must_receive_line(place, peer, expected);
}

struct peer *irc_join_told(struct place place, struct daemon *daemon, const char *letters)
{
    struct peer *root = irc_join(daemon, "root", NULL);
    char expected[100];

    irc_become_operator(place, root, "root");
    irc_send(root, "MODE root +s %s", letters);
    snprintf(expected, sizeof expected, ".* 008 root \\+%s .*", letters);
    PEER_SKIP_TO(root, expected);
    return root;
}
