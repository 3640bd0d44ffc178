/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_BENCH_JSON_H
#define TOOLS_BENCH_JSON_H

#include <stdio.h>

/* Write TEXT as a JSON string, quotes included; bytes that are no UTF-8 go as they are. */
void json_string(FILE *file, const char *text);

/* Write a number with that many decimals, or null for one that JSON does not have. */
void json_number(FILE *file, double value, unsigned decimals);

#endif
