/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/irc_sasl.h"

#include "base/base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct daemon *irc_start_for(const char *password)
{
    struct daemon *daemon = IRC_START(IRC_ACCOUNTS);
    struct peer *alice = IRC_CONNECT(daemon);

    irc_send(alice, "NICK alice\r\nREGISTER * * :%s", password);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    peer_close(alice);
    return daemon;
}

void irc_register_as(struct peer *peer, const char *nick)
{
    irc_send(peer, "NICK %s\r\nUSER %s 0 * :%s\r\nCAP END", nick, nick, nick);
    PEER_SKIP_TO(peer, ":test\\.example 422 .*");
}

void irc_send_message(struct peer *peer, const void *message, size_t length)
{
    char *text = calloc(1, PLI_BASE64_LENGTH(length) + 1);
    size_t left = PLI_BASE64_LENGTH(length);
    const char *at = text;

    EXPECT(text, "no memory");
    (void)pli_base64_encode(message, length, text);
    for (; left >= 400; at += 400, left -= 400)
        irc_send(peer, "AUTHENTICATE %.400s", at);
    irc_send(peer, "AUTHENTICATE %s", left > 0 ? at : "+");
    free(text);
}

char *irc_receive_message(struct place place, struct peer *peer)
{
    static const char command[] = "AUTHENTICATE ";
    char text[6000] = "";
    const char *at = text;
    char *message = calloc(1, sizeof(text));
    size_t length, used = 0;
    char *line;

    EXPECT(message, "no memory");
    do {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        if (strncmp(line, command, strlen(command)) != 0)
            expect_fail(place, "a message expected, got \"%s\"", line);
        line += strlen(command);
        length = strcmp(line, "+") == 0 ? 0 : strlen(line);
        EXPECT(used + length < sizeof(text), "too much");
        memcpy(text + used, line, length);
        used += length;
    } while (length == 400);
    EXPECT(*text == '\0' ||
               (pli_base64_decode(&at, (unsigned char *)message, sizeof(text) - 1) > 0 && !*at),
           "not base64: %s", text);
    return message;
}

void irc_send_plain(struct peer *peer, const char *name, const char *password)
{
    char message[1000];
    size_t length = 0;

    message[length++] = '\0';
    length += (size_t)snprintf(message + length, 100, "%s", name);
    message[length++] = '\0';
    length += (size_t)snprintf(message + length, sizeof(message) - length, "%s", password);
    irc_send_message(peer, message, length);
}
