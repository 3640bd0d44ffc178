/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/irc_history.h"

#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

struct peer *irc_reader(struct daemon *daemon, const char *nick, const char *more,
                        const char *channel)
{
    char caps[300];
    struct peer *peer;

    snprintf(caps, sizeof caps, IRC_HISTORY_CAPS "%s%s", *more ? " " : "", more);
    peer = irc_join(daemon, nick, caps);
    if (!channel)
        return peer;
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
    return peer;
}

void irc_make_account(struct peer *peer, const char *nick)
{
    char pattern[200];

    irc_send(peer, "NS REGISTER secret-of-theirs");
    snprintf(pattern, sizeof pattern, ".* 900 %s .*", nick);
    PEER_SKIP_TO(peer, pattern);
    irc_quiet(peer);
}

void irc_quiet(struct peer *peer)
{
    irc_send(peer, "PING quiet");
    PEER_SKIP_TO(peer, ".*PONG test\\.example :quiet");
}

/* What comes behind KEY in the line, as much as there is room for. */
static void take(struct place place, const char *line, const char *key, char *to, size_t size)
{
    const char *at = strstr(line, key);

    if (at)
        snprintf(to, size, "%s", at + strlen(key));
    else
        expect_fail(place, "no %s: %s", key, line);
}

void irc_say(struct place place, struct peer *peer, const char *target, const char *text,
             struct irc_said *said)
{
    char *line;

    *said = (struct irc_said){.line = ""};
    irc_send(peer, "PRIVMSG %s :%s", target, text);
    do {
        if (peer_next_line(peer, &line) != 0)
            expect_fail(place, "there is no echo of %s", text);
    } while (!strstr(line, text));
    snprintf(said->line, sizeof said->line, "%s", line);
    take(place, line, "msgid=", said->id, sizeof said->id);
    take(place, line, "time=", said->time, sizeof said->time);
}

static void open_batch(struct place place, struct peer *peer, const char *type, const char *sent)
{
    char line[300];

    irc_send(peer, "%s", sent);
    snprintf(line, sizeof line, ":test.example BATCH +2 %s", type);
    peer_must_receive_line(place, peer, line);
}

static void close_batch(struct place place, struct peer *peer)
{
    peer_must_receive_line(place, peer, ":test.example BATCH -2");
}

void irc_expect_batch(struct place place, struct peer *peer, const char *type, const char *sent,
                      const struct irc_said *const *lines)
{
    char line[IRC_HISTORY_SAID + 20];

    open_batch(place, peer, type, sent);
    for (; *lines; lines++) {
        snprintf(line, sizeof line, "@batch=2;%s", (*lines)->line + 1);
        peer_must_receive_line(place, peer, line);
    }
    close_batch(place, peer);
}

void irc_expect_texts(struct place place, struct peer *peer, const char *type, const char *sent,
                      const char *const *texts)
{
    char *line;

    open_batch(place, peer, type, sent);
    for (; *texts; texts++) {
        const char *rest;

        if (peer_next_line(peer, &line) != 0)
            expect_fail(place, "%s does not come", *texts);
        rest = strstr(line, " :");
        rest = rest ? strchr(rest + 2, ' ') : NULL;
        if (strncmp(line, "@batch=2;", 9) != 0 || !rest || strcmp(rest + 1, *texts) != 0)
            expect_fail(place, "expected: %s\ngot: %s", *texts, line);
    }
    close_batch(place, peer);
}
