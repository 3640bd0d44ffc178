/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/limit_hits.h"

#include "transport/server.h"

static const char *const names[PLI_LIMITS] = {
    [PL_LIMIT_CONNECTIONS] = "connections",
    [PL_LIMIT_DESCRIPTORS] = "descriptors",
    [PL_LIMIT_CONNECTION_THREADS] = "connection_threads",
    [PL_LIMIT_PER_ADDRESS] = "per_address",
    [PL_LIMIT_CONNECT_RATE] = "connect_rate",
    [PL_LIMIT_CLASS] = "class",
    [PL_LIMIT_LINE] = "line",
    [PL_LIMIT_RECVQ] = "recvq",
    [PL_LIMIT_SENDQ] = "sendq",
    [PL_LIMIT_WRITE_TIMEOUT] = "write_timeout",
    [PL_LIMIT_IDLE_TIMEOUT] = "idle_timeout",
    [PL_LIMIT_MEMORY] = "memory",
    [PL_LIMIT_SPARE_THREADS] = "spare_threads",
    [PL_LIMIT_HELPER_QUEUE] = "helper_queue",
    [PL_LIMIT_OPENING] = "opening",
};

static const struct {
    enum pl_reason reason;
    enum pl_limit limit;
} reasons[] = {
    {PL_REASON_RECVQ, PL_LIMIT_RECVQ},
    {PL_REASON_SENDQ, PL_LIMIT_SENDQ},
    {PL_REASON_WRITE_TIMEOUT, PL_LIMIT_WRITE_TIMEOUT},
    {PL_REASON_IDLE, PL_LIMIT_IDLE_TIMEOUT},
    {PL_REASON_NO_MEMORY, PL_LIMIT_MEMORY},
    {PL_REASON_FULL, PL_LIMIT_CONNECTIONS},
    {PL_REASON_PER_ADDRESS, PL_LIMIT_PER_ADDRESS},
    {PL_REASON_CONNECT_RATE, PL_LIMIT_CONNECT_RATE},
    {PL_REASON_CLASS_FULL, PL_LIMIT_CLASS},
};

void pli_limit_hit_for(struct pli_limit_hits *hits, enum pl_reason reason)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].reason == reason)
            pli_limit_hit(hits, reasons[i].limit);
}

const char *pl_limit_name(enum pl_limit limit)
{
    return (unsigned)limit < PLI_LIMITS ? names[limit] : NULL;
}

uint64_t pl_server_limit_hits(const struct pl_server *server, enum pl_limit limit)
{
    if (limit == PL_LIMIT_SPARE_THREADS) /* the engine counts those */
        return atomic_load_explicit(&server->engine.spares_exhausted, memory_order_relaxed);
    if ((unsigned)limit >= PLI_LIMITS)
        return 0;
    return atomic_load_explicit(&server->limits.hits[limit], memory_order_relaxed);
}
