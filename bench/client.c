/* SPDX-License-Identifier: MIT */
/* One connection that blocks: all that idle and churn need. */
#include "config.h"

#include "bench/load.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void client_send(const struct load_options *options, int fd, uint32_t conn, uint64_t number)
{
    char line[LINE_MAX];
    size_t done = 0;

    line_build(&options->shape, conn, number, line);
    while (done < options->shape.size) {
        ssize_t sent = send(fd, line + done, options->shape.size - done, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            err(1, "sending on connection %u", conn);
        if (sent > 0)
            done += (size_t)sent;
    }
}

void client_receive(const struct load_options *options, int fd, uint32_t conn, uint64_t number)
{
    char line[LINE_MAX], answer[LINE_MAX];
    size_t done = 0;

    while (done < options->shape.size) {
        ssize_t got = recv(fd, answer + done, options->shape.size - done, 0);

        if (got < 0 && errno != EINTR)
            err(1, "receiving on connection %u", conn);
        if (got == 0)
            errx(1, "connection %u was closed instead of an answer", conn);
        if (got > 0)
            done += (size_t)got;
    }
    line_build(&options->shape, conn, number, line);
    /* cppcheck-suppress uninitvar ; all of it has been received */
    if (memcmp(line, answer, done) != 0)
        errx(1, "connection %u, line %ju: the answer is not what was sent", conn,
             (uintmax_t)number);
}
