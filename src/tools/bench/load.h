/* SPDX-License-Identifier: MIT */
/* The loads. Each runs against a server that is there, puts what it saw into the result, and returns
 * the exit status. What is wrong ends the program. */
#ifndef TOOLS_BENCH_LOAD_H
#define TOOLS_BENCH_LOAD_H

#include "tools/bench/connect.h"
#include "tools/bench/metrics.h"
#include "tools/bench/options.h"

/* echo and mixed */
int load_lines(const struct bench_options *options, const struct target *target,
               struct bench_result *result);
int load_idle(const struct bench_options *options, const struct target *target,
              struct bench_result *result);
int load_churn(const struct bench_options *options, const struct target *target,
               struct bench_result *result);
int load_login(const struct bench_options *options, const struct target *target,
               struct bench_result *result);
int load_chat(const struct bench_options *options, const struct target *target,
              struct bench_result *result);

/* The one of the command in the options. */
int load_run(const struct bench_options *options, const struct target *target,
             struct bench_result *result);

#endif
