/* SPDX-License-Identifier: MIT */
/* A load's result on standard output. */
#ifndef TOOLS_BENCH_REPORT_H
#define TOOLS_BENCH_REPORT_H

#include "tools/bench/connect.h"
#include "tools/bench/metrics.h"
#include "tools/bench/options.h"

void report_table(const struct bench_options *options, const struct target *target,
                  const struct bench_result *result);
void report_json(const struct bench_options *options, const struct target *target,
                 const struct bench_result *result);

#endif
