/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/client.h"

#include "tools/bench/fail.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void client_send(const struct line_shape *shape, const struct wire *wire, uint32_t conn,
                 uint64_t number)
{
    char line[LINE_MAX];
    size_t done = 0;

    line_build(shape, conn, number, line);
    while (done < shape->size) {
        ssize_t sent = wire_send(wire, line + done, shape->size - done);

        if (sent < 0 && errno == EAGAIN)
            bench_fail("connection %u: the server takes nothing", conn);
        if (sent < 0 && errno != EINTR)
            bench_die("connection %u, sending line %ju", conn, (uintmax_t)number);
        if (sent > 0)
            done += (size_t)sent;
    }
}

void client_receive(const struct line_shape *shape, const struct wire *wire, uint32_t conn,
                    uint64_t number)
{
    char line[LINE_MAX], answer[LINE_MAX];
    size_t done = 0;

    while (done < shape->size) {
        ssize_t got = wire_receive(wire, answer + done, shape->size - done);

        if (got < 0 && errno == EAGAIN)
            bench_fail("connection %u, line %ju was never answered", conn, (uintmax_t)number);
        if (got < 0 && errno != EINTR)
            bench_die("connection %u, receiving line %ju", conn, (uintmax_t)number);
        if (got == 0)
            bench_fail("connection %u was closed instead of an answer to line %ju", conn,
                       (uintmax_t)number);
        if (got > 0)
            done += (size_t)got;
    }
    line_build(shape, conn, number, line);
    /* cppcheck-suppress uninitvar ; all of it has been received */
    if (memcmp(line, answer, done) != 0)
        bench_fail("connection %u, line %ju: the answer is not what was sent", conn,
                   (uintmax_t)number);
}
