/* SPDX-License-Identifier: MIT */
/*
 * converse PORT: sends standard input to that port of 127.0.0.1, ends its output, and writes what
 * comes back, up to its end, to standard output. For tests in shell.
 */
#include "config.h"

#include "tests/lib/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int send_input(struct peer *peer)
{
    char data[4096];
    size_t got;
    int result = 0;

    while (result == 0 && (got = fread(data, 1, sizeof(data), stdin)) > 0)
        result = peer_send(peer, data, got);
    return result ? result : peer_half_close(peer);
}

int main(int argc, char **argv)
{
    struct peer_target target = {.port = argc == 2 ? (unsigned)atoi(argv[1]) : 0};
    struct peer *peer;
    const char *answer;
    size_t size;
    int result = peer_open(&target, &peer);

    if (result == 0)
        result = send_input(peer);
    if (result == 0)
        result = peer_receive_end(peer);
    if (result) {
        fprintf(stderr, "converse: %s\n", strerror(-result));
        return 1;
    }
    size = peer_kept(peer, &answer);
    if (fwrite(answer, 1, size, stdout) != size || fflush(stdout) != 0)
        return 1;
    peer_close(peer);
    return 0;
}
