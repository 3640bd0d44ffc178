/* SPDX-License-Identifier: MIT */
/* The proactor where it was built without liburing: it is known, and says why it cannot be had. */
#include "config.h"

#include "engine/engine.h"

static const char *missing(void)
{
    return "paceline was built without liburing";
}

const struct pli_model pli_proactor = {.name = "proactor", .missing = missing};
