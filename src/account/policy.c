/* SPDX-License-Identifier: MIT */
/* What holds for an account, by the settings and its owner's wishes. */
#include "config.h"

#include "account/inside.h"

static bool wishes(uint64_t flags, enum account_wish wish, bool otherwise)
{
    if (flags & ACCOUNT_FLAG_YES(wish))
        return true;
    return otherwise && !(flags & ACCOUNT_FLAG_NO(wish));
}

unsigned account_policy_of(const struct account_settings *settings, uint64_t flags)
{
    return settings->multiclient && wishes(flags, ACCOUNT_WISH_MULTICLIENT, true) ? ACCOUNT_SHARES
                                                                                  : 0;
}
