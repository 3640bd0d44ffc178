/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/rest.h"

#include "tools/bench/client.h"
#include "tools/bench/fail.h"

bool look_at_rest(pid_t pid, int64_t descriptors, uint64_t patience, struct process_state *state)
{
    bool rest = process_await(pid, descriptors, patience);

    process_look(pid, state);
    return rest;
}

void look_at_start(pid_t pid, uint64_t patience, struct process_state *state)
{
    if (!look_at_rest(pid, -1, patience, state))
        bench_fail("process %d does not come to rest", pid);
}

void speak_all(const struct line_shape *shape, const struct wire *wires, uint64_t count,
               uint64_t number)
{
    for (uint64_t i = 0; i < count; i += WARM_TOGETHER) {
        uint64_t end = i + WARM_TOGETHER < count ? i + WARM_TOGETHER : count;

        for (uint64_t n = i; n < end; n++)
            client_send(shape, &wires[n], (uint32_t)n, number);
        for (uint64_t n = i; n < end; n++)
            client_receive(shape, &wires[n], (uint32_t)n, number);
    }
}

void warm_up_together(const struct line_shape *shape, const struct target *target)
{
    warm_up_watched(shape, target, 0, 0, NULL);
}

void warm_up_watched(const struct line_shape *shape, const struct target *target, pid_t pid,
                     uint64_t patience, struct process_state *held)
{
    struct wire wires[WARM_TOGETHER];

    for (uint64_t i = 0; i < WARM_TOGETHER; i++)
        wires[i] = wire_open(target, i);
    speak_all(shape, wires, WARM_TOGETHER, 0);
    if (held != NULL)
        look_at_start(pid, patience, held);
    for (uint64_t i = 0; i < WARM_TOGETHER; i++)
        wire_close(&wires[i]);
}
