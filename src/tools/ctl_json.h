/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_CTL_JSON_H
#define TOOLS_CTL_JSON_H

#include <stdio.h>

/*
 * Writes the answer to `status` as one JSON object: a member for each key, a number where the value
 * is one, and the array "listeners" of objects with service, address and port.
 */
void ctl_json(const char *answer, FILE *file);

#endif
