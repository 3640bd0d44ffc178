/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/wire.h"

#include "tools/bench/fail.h"
#include "tools/bench/wire_tls.h"

#include <fcntl.h>
#include <unistd.h>

void target_use_tls(struct target *target)
{
    target->tls = wire_tls_new();
}

void target_deinit(struct target *target)
{
    wire_tls_free(target->tls);
}

struct wire wire_open(const struct target *target, uint64_t index)
{
    struct wire wire = {.fd = client_connect(target, index)};

    if (target->tls)
        wire.tls = wire_tls_open(target->tls, wire.fd, index);
    return wire;
}

void wire_close(struct wire *wire)
{
    if (wire->tls)
        wire_tls_close(wire->tls);
    close(wire->fd);
    *wire = (struct wire){.fd = -1};
}

void wire_unblock(const struct wire *wire)
{
    if (fcntl(wire->fd, F_SETFL, O_NONBLOCK) != 0)
        bench_die("fcntl");
}

ssize_t wire_send(const struct wire *wire, const void *data, size_t size)
{
    if (wire->tls)
        return wire_tls_send(wire->tls, data, size);
    return send(wire->fd, data, size, MSG_NOSIGNAL);
}

ssize_t wire_receive(const struct wire *wire, void *data, size_t size)
{
    if (wire->tls)
        return wire_tls_receive(wire->tls, data, size);
    return recv(wire->fd, data, size, 0);
}
