/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_BENCH_COMPARE_H
#define TOOLS_BENCH_COMPARE_H

#include "tools/bench/options.h"

int compare_run(const struct bench_options *options);

#endif
