/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/account.h"

#include <errno.h>

const char *account_words(int outcome)
{
    static const char *const words[] = {
        [0] = "Done",
        [ACCOUNT_UNVERIFIED] = "The account waits for the code that was sent to its address",
        [ACCOUNT_TAKEN] = "That is taken already",
        [ACCOUNT_MISSING] = "There is no such thing",
        [ACCOUNT_BAD_NAME] = "That cannot be the name of an account",
        [ACCOUNT_NAME_NOT_NICK] = "The account must have the name that you bear as your nickname",
        [ACCOUNT_WEAK_PASSWORD] = "That password is too short",
        [ACCOUNT_BAD_PASSWORD] = "That password is too long, or not UTF-8",
        [ACCOUNT_BAD_EMAIL] = "That is not an e-mail address that can be used here",
        [ACCOUNT_NEED_EMAIL] = "An e-mail address is needed",
        [ACCOUNT_BAD_CODE] = "That is not the code that was sent",
        [ACCOUNT_WRONG] = "Wrong name or password",
        [ACCOUNT_NEED_PRIVACY] = "Passwords are taken over TLS only, so that nobody overhears them",
        [ACCOUNT_CLOSED] = "Accounts cannot be registered here now",
        [ACCOUNT_TOO_MANY] = "There are too many already",
        [ACCOUNT_TOO_OFTEN] = "Too many logins have failed; try again later",
        [ACCOUNT_BAD_FINGERPRINT] = "That is not the SHA-256 fingerprint of a certificate",
        [ACCOUNT_AWAY] = "Accounts cannot be used just now; try again later",
    };

    if (outcome == -ENOMEM)
        return "The server is out of memory";
    if (outcome < 0 || outcome > ACCOUNT_AWAY)
        return "Something has gone wrong";
    return words[outcome];
}
