/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/fake_accounts.h"

#include "account/mechanisms.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int fake_accounts_init(struct accounts *accounts)
{
    int rc;

    *accounts = (struct accounts){.kept = true, .lock = PTHREAD_MUTEX_INITIALIZER};
    accounts->keys.iterations = PLI_PASSWORD_ITERATIONS_MIN;
    accounts->keys.salt_length = 16;
    memcpy(accounts->keys.salt, "sixteen bytes of", 16);
    rc = pli_password_derive(&accounts->keys, FAKE_PASSWORD, strlen(FAKE_PASSWORD));
    return rc != 0 ? rc : account_mechanisms_new(&accounts->mechanisms);
}

void fake_accounts_deinit(struct accounts *accounts)
{
    account_mechanisms_free(accounts->mechanisms);
}

struct account_mechanisms *accounts_mechanisms(struct accounts *accounts)
{
    return accounts->mechanisms;
}

void accounts_settings(struct accounts *accounts, struct account_settings *settings)
{
    *settings = (struct account_settings){.plain_text = accounts->plain_text};
}

bool accounts_are_kept(struct accounts *accounts)
{
    return accounts->kept;
}

int accounts_state(struct accounts *accounts)
{
    return accounts->state;
}

static bool is_account(const char *name)
{
    return strcasecmp(name, FAKE_ACCOUNT) == 0;
}

static int judge(struct accounts *accounts, const char *name, bool right,
                 char name_out[static ACCOUNT_NAME_MAX + 1])
{
    if (accounts->refusal != 0)
        return accounts->refusal;
    account_judged(accounts, NULL, name, right);
    if (!right)
        return ACCOUNT_WRONG;
    (void)snprintf(name_out, ACCOUNT_NAME_MAX + 1, "%s", FAKE_ACCOUNT);
    return 0;
}

int account_login(struct accounts *accounts, const struct account_who *who, const char *name,
                  const char *password, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    bool right = strcmp(password, FAKE_PASSWORD) == 0 || strcmp(password, FAKE_ODD) == 0;

    (void)who;
    return judge(accounts, name, is_account(name) && right, name_out);
}

int account_login_certificate(struct accounts *accounts, const struct account_who *who,
                              const char *name, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    bool right = strcmp(who->fingerprint, FAKE_FINGERPRINT) == 0;

    return judge(accounts, name, right && (!*name || is_account(name)), name_out);
}

int account_keys(struct accounts *accounts, const struct account_who *who, const char *name,
                 struct pli_password *keys, bool *known, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    (void)who;
    if (accounts->refusal != 0)
        return accounts->refusal;
    *keys = accounts->keys;
    *known = is_account(name);
    if (*known) {
        (void)snprintf(name_out, ACCOUNT_NAME_MAX + 1, "%s", FAKE_ACCOUNT);
        return 0;
    }
    memset(keys->salt, 's', keys->salt_length);
    memset(keys->stored_key, 'k', sizeof keys->stored_key);
    return 0;
}

void account_judged(struct accounts *accounts, const struct account_who *who, const char *name,
                    bool right)
{
    (void)who;
    pthread_mutex_lock(&accounts->lock);
    (void)snprintf(accounts->name, sizeof accounts->name, "%s", name);
    pthread_mutex_unlock(&accounts->lock);
    atomic_fetch_add(right ? &accounts->right : &accounts->wrong, 1);
}
