/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/numeric.h"

const struct irc_numeric irc_numerics[IRC_NUMERICS] = {
#define NUMERIC(number, name, text) {number, #name, text},
#include "irc/numerics.h"
#undef NUMERIC
};
