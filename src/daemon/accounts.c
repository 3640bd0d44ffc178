/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/accounts.h"

#include <string.h>

static enum account_always_on read_always_on(const char *text)
{
    return strcmp(text, "mandatory") == 0 ? ACCOUNT_STAYS
           : strcmp(text, "opt-out") == 0 ? ACCOUNT_STAYS_UNLESS_NOT_WISHED
           : strcmp(text, "opt-in") == 0  ? ACCOUNT_STAYS_IF_WISHED
                                          : ACCOUNT_NEVER_STAYS;
}

struct account_settings accounts_read(const struct config *config)
{
    const struct config_accounts *accounts = &config->accounts;

    return (struct account_settings){
        .server = config->server.name,
        .network = config->server.network,
        .registration = accounts->registration,
        .before_connect = accounts->before_connect,
        .custom_names = accounts->custom_account_name,
        .email_required = accounts->email_required,
        .mail_command = accounts->mail_command,
        .min_password = accounts->min_password,
        .iterations = accounts->iterations,
        .plain_text = accounts->plain_text,
        .nick_grace = accounts->nick_grace,
        .verify_time = accounts->verify_time,
        .registrations = accounts->registrations_per_hour,
        .failures = accounts->login_failures,
        .failure_time = accounts->login_failure_time,
        .certificates = accounts->certificates,
        .multiclient = accounts->multiclient,
        .always_on = read_always_on(accounts->always_on),
    };
}
