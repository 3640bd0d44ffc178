/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_CTL_JSON_H
#define TOOLS_CTL_JSON_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes an answer as one JSON object: a member for each key, a number where the value is one, and if
 * LISTENERS are wanted their array, objects with service, address and port.
 */
void ctl_json(const char *answer, bool listeners, FILE *file);

#endif
