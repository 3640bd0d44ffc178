/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite_over.h"

const unsigned suite_over_writes = 0;
const bool suite_over_tells = true;

void suite_over_begin(struct pl_listener_options *options)
{
    (void)options;
}

void suite_over_end(struct pl_listener_options *options)
{
    (void)options;
}
