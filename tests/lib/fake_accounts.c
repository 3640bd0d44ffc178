/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/fake_accounts.h"

#include "account/mechanisms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
    *settings = (struct account_settings){.registration = true,
                                          .before_connect = true,
                                          .custom_names = true,
                                          .plain_text = accounts->plain_text};
}

bool accounts_are_kept(struct accounts *accounts)
{
    return accounts->kept;
}

bool accounts_has(struct accounts *accounts, const char *name)
{
    (void)accounts;
    return strcasecmp(name, "nobody") != 0;
}

int accounts_state(struct accounts *accounts)
{
    return accounts->state;
}

int accounts_flush(struct accounts *accounts)
{
    return accounts->state;
}

static bool is_account(const char *name)
{
    return strcasecmp(name, FAKE_ACCOUNT) == 0;
}

static int judge(struct accounts *accounts, const struct account_who *who, const char *name,
                 bool right, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    if (accounts->refusal != 0)
        return accounts->refusal;
    if (account_judged(accounts, who, name, right) != 0)
        return ACCOUNT_WRONG;
    (void)snprintf(name_out, ACCOUNT_NAME_MAX + 1, "%s", FAKE_ACCOUNT);
    return 0;
}

int account_login(struct accounts *accounts, const struct account_who *who, const char *name,
                  const char *password, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    bool right = strcmp(password, FAKE_PASSWORD) == 0 || strcmp(password, FAKE_ODD) == 0;

    return judge(accounts, who, name, is_account(name) && right, name_out);
}

int account_login_certificate(struct accounts *accounts, const struct account_who *who,
                              const char *name, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    bool right = strcmp(who->fingerprint, FAKE_FINGERPRINT) == 0;

    return judge(accounts, who, name, right && (!*name || is_account(name)), name_out);
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

int account_judged(struct accounts *accounts, const struct account_who *who, const char *name,
                   bool right)
{
    (void)who;
    pthread_mutex_lock(&accounts->lock);
    (void)snprintf(accounts->name, sizeof accounts->name, "%s", name);
    pthread_mutex_unlock(&accounts->lock);
    atomic_fetch_add(right ? &accounts->right : &accounts->wrong, 1);
    return accounts->verdict != 0 ? accounts->verdict : right ? 0 : ACCOUNT_WRONG;
}

int account_register(struct accounts *accounts, const struct account_who *who, const char *name,
                     const char *email, const char *password, bool forced,
                     char name_out[static ACCOUNT_NAME_MAX + 1])
{
    (void)snprintf(accounts->done, sizeof accounts->done, "register %s for %s (%s), %s%s", name,
                   who->nick, email, password, forced ? ", forced" : "");
    if (accounts->refusal != 0)
        return accounts->refusal;
    if (is_account(who->nick))
        return ACCOUNT_TAKEN;
    (void)snprintf(name_out, ACCOUNT_NAME_MAX + 1, "%s", who->nick);
    return *email ? ACCOUNT_UNVERIFIED : 0;
}

int account_verify(struct accounts *accounts, const struct account_who *who, const char *name,
                   const char *code, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    (void)who;
    if (accounts->refusal != 0)
        return accounts->refusal;
    if (strcmp(code, FAKE_CODE) != 0)
        return ACCOUNT_BAD_CODE;
    (void)snprintf(name_out, ACCOUNT_NAME_MAX + 1, "%s", name);
    return 0;
}

int account_set_password(struct accounts *accounts, const struct account_who *who, const char *name,
                         const char *password)
{
    (void)who;
    (void)snprintf(accounts->done, sizeof accounts->done, "password of %s, %s", name, password);
    return accounts->refusal;
}

static enum nickserv_action action_of(const char *word)
{
    static const struct {
        const char *word;
        enum nickserv_action action;
    } actions[] = {{"LOGIN", NICKSERV_LOGIN},
                   {"LOGOUT", NICKSERV_LOGOUT},
                   {"DROP", NICKSERV_LOGOUT},
                   {"GHOST", NICKSERV_GHOST},
                   {"REGAIN", NICKSERV_REGAIN}};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(word, actions[i].word) == 0)
            return actions[i].action;
    return NICKSERV_NOTHING;
}

int nickserv_run(struct accounts *accounts, const struct nickserv_request *request,
                 struct nickserv_answer *answer)
{
    char word[16] = "", name[ACCOUNT_NAME_MAX + 1] = "";

    *answer = (struct nickserv_answer){0};
    (void)snprintf(accounts->done, sizeof accounts->done, "%s (%s): %s", request->who.nick,
                   request->account, request->line);
    (void)sscanf(request->line, "%15s %64s", word, name);
    answer->action = action_of(word);
    answer->dropped = strcmp(word, "DROP") == 0;
    (void)snprintf(answer->account, sizeof answer->account, "%s", name);
    (void)snprintf(answer->nick, sizeof answer->nick, "%s", name);
    return asprintf(&answer->lines, "You say %s\nand no more.\n", word) < 0 ? -ENOMEM : 0;
}

void nickserv_answer_deinit(struct nickserv_answer *answer)
{
    free(answer->lines);
}

bool nickserv_is_secret(const char *line, size_t length)
{
    return length < 4 || strncasecmp(line, "HELP", 4) != 0;
}
