/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/account.h"

#include <gsasl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* Unassigned characters are not prepared, as RFC 4013 has it for what is stored. Nor is what nothing is left of. */
char *account_password_prepare(const char *password)
{
    char *prepared = NULL;
    int rc = gsasl_saslprep(password, (Gsasl_saslprep_flags)0, &prepared, NULL);

    if (rc == GSASL_OK && *prepared)
        return prepared;
    gsasl_free(prepared);
    return rc == GSASL_MALLOC_ERROR ? NULL : strdup(password);
}

void account_password_free(char *password)
{
    if (password)
        OPENSSL_cleanse(password, strlen(password));
    free(password);
}
