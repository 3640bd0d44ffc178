/* SPDX-License-Identifier: MIT */
/* One connection that blocks: all that idle and churn need. */
#ifndef TOOLS_BENCH_CLIENT_H
#define TOOLS_BENCH_CLIENT_H

#include <stdint.h>

#include "tools/bench/line.h"
#include "tools/bench/wire.h"

/* Send one line, and receive and verify its answer. What is wrong ends the program. */
void client_send(const struct line_shape *shape, const struct wire *wire, uint32_t conn,
                 uint64_t number);
void client_receive(const struct line_shape *shape, const struct wire *wire, uint32_t conn,
                    uint64_t number);

#endif
