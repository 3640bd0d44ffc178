/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <paceline/version.h>

const char *pl_version(void)
{
    return PACKAGE_VERSION;
}
