/* SPDX-License-Identifier: MIT */
/* Where there is no GNU SASL: nobody logs in by SASL. */
#include "config.h"

#include "account/sasl.h"

#include "account/mechanisms.h"

int account_mechanisms_new(struct account_mechanisms **out)
{
    *out = NULL;
    return 0;
}

void account_mechanisms_free(struct account_mechanisms *mechanisms)
{
    (void)mechanisms;
}

void account_sasl_list(struct accounts *accounts, const struct account_who *who,
                       char list[static ACCOUNT_SASL_MECHANISMS])
{
    (void)accounts;
    (void)who;
    *list = '\0';
}

int account_sasl_new(struct accounts *accounts, const struct account_who *who,
                     const char *mechanism, struct account_sasl **out)
{
    (void)accounts;
    (void)who;
    (void)mechanism;
    (void)out;
    return ACCOUNT_MISSING;
}

void account_sasl_free(struct account_sasl *sasl)
{
    (void)sasl;
}

/* No exchange is ever begun. */
int account_sasl_step(struct account_sasl *sasl, const void *message, size_t length, void **answer,
                      size_t *answer_length)
{
    (void)sasl;
    (void)message;
    (void)length;
    *answer = NULL;
    *answer_length = 0;
    return ACCOUNT_MISSING;
}

const char *account_sasl_name(const struct account_sasl *sasl)
{
    (void)sasl;
    return "";
}
