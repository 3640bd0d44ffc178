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

static bool stays(const struct account_settings *settings, uint64_t flags)
{
    switch (settings->always_on) {
    case ACCOUNT_NEVER_STAYS:
        return false;
    case ACCOUNT_STAYS:
        return true;
    default:
        return wishes(flags, ACCOUNT_WISH_ALWAYS_ON,
                      settings->always_on == ACCOUNT_STAYS_UNLESS_NOT_WISHED);
    }
}

/* Who stays must be found again by who comes back, so what is not shared does not. */
unsigned account_policy_of(const struct account_settings *settings, uint64_t flags)
{
    unsigned policy = ACCOUNT_SHARES;

    if (!settings->multiclient || !wishes(flags, ACCOUNT_WISH_MULTICLIENT, true))
        return 0;
    if (stays(settings, flags))
        policy |= ACCOUNT_ALWAYS_ON;
    if (wishes(flags, ACCOUNT_WISH_AUTO_AWAY, true))
        policy |= ACCOUNT_AUTO_AWAY;
    return policy;
}
