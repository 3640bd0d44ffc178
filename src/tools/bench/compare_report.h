/* SPDX-License-Identifier: MIT */
/* What a comparison came to, on standard output. */
#ifndef TOOLS_BENCH_COMPARE_REPORT_H
#define TOOLS_BENCH_COMPARE_REPORT_H

#include "tools/bench/contest.h"

void compare_table(const struct contest *contest);
void compare_json(const struct contest *contest);

#endif
