/* SPDX-License-Identifier: MIT */
/* Where there is no GNU SASL: passwords are taken as they are. */
#include "config.h"

#include "account/account.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

char *account_password_prepare(const char *password)
{
    return strdup(password);
}

void account_password_free(char *password)
{
    if (password)
        OPENSSL_cleanse(password, strlen(password));
    free(password);
}
