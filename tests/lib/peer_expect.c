/* SPDX-License-Identifier: MIT */
/* The PEER_* macros: a peer's calls that end the test on anything unexpected. */
#include "config.h"

#include "tests/lib/peer.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

/* SIZE bytes at DATA as text for a message, shortened. */
static const char *show(const char *data, size_t size, char *text, size_t room)
{
    size_t used = 0;
    size_t i;

    for (i = 0; i < size && used + 8 < room; i++) {
        unsigned char c = (unsigned char)data[i];

        if (isprint(c))
            text[used++] = (char)c;
        else
            used += (size_t)snprintf(text + used, room - used, "\\x%02x", (unsigned)c);
    }
    snprintf(text + used, room - used, i < size ? "..." : "");
    return text;
}

static void fail_receive(struct place place, struct peer *peer, const char *what, int result)
{
    const char *kept;
    size_t size = peer_kept(peer, &kept);
    char text[200];

    expect_fail(place, "%s expected, got: %s; unread %zu bytes: \"%s\"", what,
                result == -ENODATA ? "end of input" : strerror(-result), size,
                show(kept, size, text, sizeof(text)));
}

struct peer *peer_must_open(struct place place, const struct peer_target *target)
{
    struct peer *peer = NULL;
    int result = peer_open(target, &peer);

    if (result)
        expect_fail(place, "connect to %s: %s",
                    target->path      ? target->path
                    : target->address ? target->address
                                      : "127.0.0.1",
                    strerror(-result));
    return peer;
}

void peer_must_send(struct place place, struct peer *peer, const void *data, size_t size)
{
    int result = peer_send(peer, data, size);

    if (result)
        expect_fail(place, "sending %zu bytes: %s", size, strerror(-result));
}

void peer_must_send_text(struct place place, struct peer *peer, const char *text)
{
    peer_must_send(place, peer, text, strlen(text));
}

void peer_must_receive(struct place place, struct peer *peer, const void *data, size_t size)
{
    int result = peer_receive(peer, size);
    const char *kept;
    char wanted[200], got[200];

    if (result)
        fail_receive(place, peer, show(data, size, wanted, sizeof(wanted)), result);
    peer_kept(peer, &kept);
    if (memcmp(kept, data, size) != 0) {
        size_t same = 0;

        while (kept[same] == ((const char *)data)[same])
            same++;
        expect_fail(place, "\"%s\" expected, got \"%s\" (different at byte %zu of %zu)",
                    show((const char *)data + same, size - same, wanted, sizeof(wanted)),
                    show(kept + same, size - same, got, sizeof(got)), same, size);
    }
    peer_drop(peer, size);
}

void peer_must_receive_text(struct place place, struct peer *peer, const char *text)
{
    peer_must_receive(place, peer, text, strlen(text));
}

static char *take_line(struct place place, struct peer *peer, const char *wanted)
{
    char *line = NULL;
    int result = peer_next_line(peer, &line);

    if (result)
        fail_receive(place, peer, wanted, result);
    return line;
}

void peer_must_receive_line(struct place place, struct peer *peer, const char *text)
{
    const char *line = take_line(place, peer, text);

    if (strcmp(line, text) != 0)
        expect_fail(place, "line \"%s\" expected, got \"%s\"", text, line);
}

static bool line_matches(struct place place, const char *line, const char *pattern)
{
    char whole[1024];
    regex_t expression;
    bool matches;

    if ((size_t)snprintf(whole, sizeof(whole), "^(%s)$", pattern) >= sizeof(whole) ||
        regcomp(&expression, whole, REG_EXTENDED | REG_NOSUB) != 0)
        expect_fail(place, "cannot use the pattern %s", pattern);
    matches = regexec(&expression, line, 0, NULL, 0) == 0;
    regfree(&expression);
    return matches;
}

void peer_must_match(struct place place, struct peer *peer, const char *pattern)
{
    const char *line = take_line(place, peer, pattern);

    if (!line_matches(place, line, pattern))
        expect_fail(place, "line like \"%s\" expected, got \"%s\"", pattern, line);
}

void peer_must_skip_to(struct place place, struct peer *peer, const char *pattern)
{
    while (!line_matches(place, take_line(place, peer, pattern), pattern))
        ;
}

void peer_must_drain(struct place place, struct peer *peer)
{
    int result = peer_receive_end(peer);

    if (result != 0 && result != -ECONNRESET)
        expect_fail(place, "the end of the connection expected: %s", strerror(-result));
}

void peer_must_end(struct place place, struct peer *peer, enum peer_end end)
{
    int result = peer_receive_end(peer);
    const char *kept;
    size_t size = peer_kept(peer, &kept);
    char text[200];

    if (size > 0)
        expect_fail(place, "the end of the connection expected, got \"%s\"",
                    show(kept, size, text, sizeof(text)));
    if ((result != 0 && result != -ECONNRESET) || (result == 0 && end == PEER_END_RESET) ||
        (result == -ECONNRESET && end == PEER_END_CLEAN))
        expect_fail(place, "the connection was to %s: %s",
                    end == PEER_END_CLEAN ? "end in good order" : "break",
                    result == 0 ? "it ended in good order" : strerror(-result));
}
