/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/load.h"

#include <stdlib.h>

int load_run(const struct bench_options *options, const struct target *target,
             struct bench_result *result)
{
    switch (options->command) {
    case BENCH_ECHO:
    case BENCH_MIXED:
        return load_lines(options, target, result);
    case BENCH_CHAT:
        return load_chat(options, target, result);
    case BENCH_IDLE:
        return load_idle(options, target, result);
    case BENCH_CHURN:
        return load_churn(options, target, result);
    case BENCH_LOGIN:
        return load_login(options, target, result);
    case BENCH_COMPARE:
    case BENCH_COMMANDS:
        break;
    }
    abort();
}
