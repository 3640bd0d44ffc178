/* SPDX-License-Identifier: MIT */
/*
 * Logging in. Whoever tries names must not learn which there are: a name that is nobody's has keys as
 * well, made from a secret and the name, and they are tried like any others. What is counted, and
 * what is answered when too many logins have failed, hangs on the name alone.
 */
#include "config.h"

#include "account/inside.h"

#include "account/fingerprint.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define NS_PER_S  UINT64_C(1000000000)
#define FAKE_SALT 16 /* bytes, as account_make_keys() has them */

/* -- How many have failed ------------------------------------------------------------------------- */

/* Whose login it is, for the throttles. */
struct trial {
    struct account_limit limit;
    const char *folded;
    bool has_origin;
    struct account_origin origin;
};

static struct trial make_trial(const struct account_settings *settings,
                               const struct account_who *who, const char *folded)
{
    struct trial trial = {.limit = {settings->failures, settings->failure_time * NS_PER_S},
                          .folded = folded};

    trial.has_origin = account_origin(who->address, &trial.origin);
    return trial;
}

static bool allows_locked(struct accounts *accounts, const struct trial *trial, uint64_t now)
{
    return account_throttle_allows(&accounts->failures, trial->folded, strlen(trial->folded),
                                   trial->limit, now) &&
           (!trial->has_origin || account_throttle_allows(&accounts->failures_from, &trial->origin,
                                                          sizeof trial->origin, trial->limit, now));
}

static int allows(struct accounts *accounts, const struct trial *trial)
{
    uint64_t now = accounts->now();
    bool allowed;

    pli_lock(&accounts->lock);
    allowed = allows_locked(accounts, trial, now);
    pli_unlock(&accounts->lock);
    return allowed ? 0 : ACCOUNT_TOO_OFTEN;
}

static int count_locked(struct accounts *accounts, const struct trial *trial, uint64_t now)
{
    int rc = account_throttle_count(&accounts->failures, trial->folded, strlen(trial->folded),
                                    trial->limit, now);

    if (rc == 0 && trial->has_origin)
        rc = account_throttle_count(&accounts->failures_from, &trial->origin, sizeof trial->origin,
                                    trial->limit, now);
    return rc;
}

/* The outcome of a trial; whoever could not be counted has failed in any case. */
static int judge(struct accounts *accounts, const struct trial *trial, bool right)
{
    uint64_t now = accounts->now();
    int rc = 0;

    pli_lock(&accounts->lock);
    if (!allows_locked(accounts, trial, now))
        rc = ACCOUNT_TOO_OFTEN;
    else if (right)
        account_throttle_forget(&accounts->failures, trial->folded, strlen(trial->folded));
    else
        rc = count_locked(accounts, trial, now);
    pli_unlock(&accounts->lock);
    return rc == 0 && !right ? ACCOUNT_WRONG : rc;
}

int account_judged(struct accounts *accounts, const struct account_who *who, const char *name,
                   bool right)
{
    struct account_rules *rules = account_rules_get(accounts);
    char folded[ACCOUNT_NAME_MAX + 1];
    struct trial trial;
    int rc = ACCOUNT_WRONG;

    if (account_fold(name, folded)) {
        trial = make_trial(&rules->settings, who, folded);
        rc = judge(accounts, &trial, right);
    }
    account_rules_unref(rules);
    return rc;
}

/* -- Keys of those who are not there -------------------------------------------------------------- */

static bool mix(const unsigned char secret[static ACCOUNT_SECRET], char kind, const char *folded,
                unsigned char *out, size_t size)
{
    unsigned char text[1 + ACCOUNT_NAME_MAX] = {(unsigned char)kind};
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t length = strlen(folded);

    memcpy(text + 1, folded, length);
    if (!HMAC(EVP_sha256(), secret, ACCOUNT_SECRET, text, 1 + length, digest, NULL))
        return false;
    memcpy(out, digest, size);
    return true;
}

static int fake_keys(struct accounts *accounts, const struct account_settings *settings,
                     const char *folded, struct pli_password *keys)
{
    unsigned char secret[ACCOUNT_SECRET];
    bool done;

    pli_lock(&accounts->lock);
    memcpy(secret, accounts->secret, sizeof secret);
    pli_unlock(&accounts->lock);
    *keys = (struct pli_password){.iterations = settings->iterations, .salt_length = FAKE_SALT};
    done = mix(secret, 'a', folded, keys->salt, FAKE_SALT) &&
           mix(secret, 'b', folded, keys->stored_key, PLI_PASSWORD_KEY) &&
           mix(secret, 'c', folded, keys->server_key, PLI_PASSWORD_KEY);
    OPENSSL_cleanse(secret, sizeof secret);
    return done ? 0 : -ENOMEM;
}

/*
 * What a password is to be tried against. Returns 0, also when there is no such account
 * (record->found is false then), ACCOUNT_AWAY or -ENOMEM.
 */
static int find_keys(struct accounts *accounts, const struct account_settings *settings,
                     const char *folded, struct account_record *record)
{
    struct pli_password fake;
    int rc = account_read(accounts, STORE_ACCOUNT_NAMED, folded, record);

    if (rc != 0 && rc != ACCOUNT_MISSING)
        return rc;
    rc = fake_keys(accounts, settings, folded, &fake);
    if (record->found &&
        (!record->has_keys || account_is_over(accounts, settings, record->flags, record->sent)))
        record->found = false;
    if (!record->found)
        record->keys = fake;
    OPENSSL_cleanse(&fake, sizeof fake);
    return rc;
}

/* -- By password -------------------------------------------------------------------------------- */

static int try_login(struct accounts *accounts, const struct account_settings *settings,
                     const struct trial *trial, const char *password, struct account_record *record)
{
    int rc = find_keys(accounts, settings, trial->folded, record);
    int right;

    if (rc != 0)
        return rc;
    right = account_try_password(accounts, &record->keys, password);
    if (right < 0)
        return right;
    rc = judge(accounts, trial, right && record->found);
    return rc == 0 && !record->view.verified ? ACCOUNT_UNVERIFIED : rc;
}

static int login(struct accounts *accounts, const struct account_settings *settings,
                 const struct account_who *who, const char *name, const char *password,
                 struct account_record *record)
{
    char folded[ACCOUNT_NAME_MAX + 1];
    struct trial trial;
    int rc;

    if (!who->is_private && !settings->plain_text)
        return ACCOUNT_NEED_PRIVACY;
    if (!account_fold(name, folded) ||
        strnlen(password, ACCOUNT_PASSWORD_MAX + 1) > ACCOUNT_PASSWORD_MAX)
        return ACCOUNT_WRONG; /* there is none whatever names there are */
    trial = make_trial(settings, who, folded);
    rc = allows(accounts, &trial);
    return rc == 0 ? try_login(accounts, settings, &trial, password, record) : rc;
}

int account_login(struct accounts *accounts, const struct account_who *who, const char *name,
                  const char *password, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    struct account_rules *rules = account_rules_get(accounts);
    struct account_record record = {.found = false};
    int rc = login(accounts, &rules->settings, who, name, password, &record);

    if (rc == 0)
        memcpy(name_out, record.view.name, sizeof record.view.name);
    account_record_deinit(&record);
    account_rules_unref(rules);
    return rc;
}

/* -- By keys that somebody else tries ------------------------------------------------------------- */

static int give_keys(struct accounts *accounts, const struct account_settings *settings,
                     const struct account_who *who, const char *folded,
                     struct account_record *record)
{
    struct trial trial = make_trial(settings, who, folded);
    int rc = allows(accounts, &trial);

    if (rc == 0)
        rc = find_keys(accounts, settings, folded, record);
    if (rc == 0 && record->found && !record->view.verified) {
        record->found = false;
        rc = fake_keys(accounts, settings, folded, &record->keys);
    }
    return rc;
}

int account_keys(struct accounts *accounts, const struct account_who *who, const char *name,
                 struct pli_password *keys, bool *known, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    struct account_rules *rules = account_rules_get(accounts);
    struct account_record record = {.found = false};
    char folded[ACCOUNT_NAME_MAX + 1];
    int rc = ACCOUNT_WRONG;

    *known = false;
    if (account_fold(name, folded))
        rc = give_keys(accounts, &rules->settings, who, folded, &record);
    if (rc == 0) {
        *keys = record.keys;
        *known = record.found;
        if (*known)
            memcpy(name_out, record.view.name, sizeof record.view.name);
        else
            *name_out = '\0';
    }
    account_record_deinit(&record);
    account_rules_unref(rules);
    return rc;
}

/* -- By certificate ----------------------------------------------------------------------------- */

/* NAME "": whichever account it is. */
static int read_owner(struct accounts *accounts, const struct account_settings *settings,
                      const char *fingerprint, const char *name, struct account_record *record)
{
    char folded[ACCOUNT_NAME_MAX + 1] = "", normal[ACCOUNT_FINGERPRINT + 1];
    int rc;

    if (!account_fingerprint_read(fingerprint, normal) || (*name && !account_fold(name, folded)))
        return ACCOUNT_WRONG;
    rc = account_read(accounts, STORE_ACCOUNT_OF, normal, record);
    if (rc != 0)
        return rc == ACCOUNT_MISSING ? ACCOUNT_WRONG : rc;
    if ((*folded && strcmp(folded, record->folded) != 0) ||
        account_is_over(accounts, settings, record->flags, record->sent))
        return ACCOUNT_WRONG;
    return record->view.verified ? 0 : ACCOUNT_UNVERIFIED;
}

int account_login_certificate(struct accounts *accounts, const struct account_who *who,
                              const char *name, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    struct account_rules *rules = account_rules_get(accounts);
    struct account_record record = {.found = false};
    int rc = read_owner(accounts, &rules->settings, who->fingerprint, name, &record);

    if (rc == 0)
        memcpy(name_out, record.view.name, sizeof record.view.name);
    account_record_deinit(&record);
    account_rules_unref(rules);
    return rc;
}
