/* SPDX-License-Identifier: MIT */
/* What owners change, and what they and those who run the server see. */
#include "config.h"

#include "account/inside.h"

#include "account/fingerprint.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

bool account_fingerprint_read(const char *text, char normal[static ACCOUNT_FINGERPRINT + 1])
{
    size_t length = 0;

    for (; *text; text++) {
        char byte = *text >= 'A' && *text <= 'F' ? (char)(*text - 'A' + 'a') : *text;

        if (byte == ':')
            continue;
        if (!strchr("0123456789abcdef", byte) || length == ACCOUNT_FINGERPRINT)
            return false;
        normal[length++] = byte;
    }
    normal[length] = '\0';
    return length == ACCOUNT_FINGERPRINT;
}

/* Changes the account of that name. */
static int change_account(struct accounts *accounts, const char *name, struct store_change *change)
{
    char folded[ACCOUNT_NAME_MAX + 1];
    int rc = account_can_write(accounts);

    if (rc != 0)
        return rc;
    if (!account_fold(name, folded))
        return ACCOUNT_MISSING;
    change->record.kind = STORE_ACCOUNT;
    change->record.account.folded = folded;
    rc = account_apply(accounts, change);
    return rc == STORE_MISSING ? ACCOUNT_MISSING : rc;
}

static int set_password(struct accounts *accounts, const struct account_settings *settings,
                        const struct account_who *who, const char *name, const char *password)
{
    char keys[PLI_PASSWORD_TEXT] = "";
    struct store_change change = {.operation = STORE_CHANGE, .record.account.keys = keys};
    int rc;

    if (!who->is_private && !settings->plain_text)
        return ACCOUNT_NEED_PRIVACY;
    rc = account_can_write(accounts);
    if (rc == 0)
        rc = account_password_check(password, settings->min_password);
    if (rc == 0)
        rc = account_make_keys(accounts, settings, password, keys);
    if (rc == 0)
        rc = change_account(accounts, name, &change);
    OPENSSL_cleanse(keys, sizeof keys);
    return rc;
}

int account_set_password(struct accounts *accounts, const struct account_who *who, const char *name,
                         const char *password)
{
    struct account_rules *rules = account_rules_get(accounts);
    int rc = set_password(accounts, &rules->settings, who, name, password);

    account_rules_unref(rules);
    return rc;
}

int account_set_email(struct accounts *accounts, const char *name, const char *email)
{
    struct store_change change = {.operation = STORE_CHANGE};
    struct account_settings settings;

    email = account_email_given(email);
    accounts_settings(accounts, &settings);
    if (!*email && settings.email_required)
        return ACCOUNT_NEED_EMAIL;
    if (*email && !account_email_is_good(email))
        return ACCOUNT_BAD_EMAIL;
    change.record.account.email = email;
    return change_account(accounts, name, &change);
}

int account_set_protection(struct accounts *accounts, const char *name, bool protects)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record.account.flags = protects ? 0 : ACCOUNT_FLAG_UNPROTECTED,
        .flag_mask = ACCOUNT_FLAG_UNPROTECTED,
    };

    return change_account(accounts, name, &change);
}

int account_set_wish(struct accounts *accounts, const char *name, enum account_wish wish, int value)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record.account.flags = value < 0    ? 0
                                : value == 0 ? ACCOUNT_FLAG_NO(wish)
                                             : ACCOUNT_FLAG_YES(wish),
        .flag_mask = ACCOUNT_FLAG_YES(wish) | ACCOUNT_FLAG_NO(wish),
    };

    return change_account(accounts, name, &change);
}

int account_set_history(struct accounts *accounts, const char *name, bool keeps)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record.account.flags = keeps ? 0 : ACCOUNT_FLAG_UNKEPT,
        .flag_mask = ACCOUNT_FLAG_UNKEPT,
    };

    return change_account(accounts, name, &change);
}

int account_drop(struct accounts *accounts, const char *name)
{
    struct store_change change = {.operation = STORE_DROP};

    return change_account(accounts, name, &change);
}

/* -- Looking ------------------------------------------------------------------------------------ */

int account_look(struct accounts *accounts, const char *name, struct account_view *view)
{
    struct account_rules *rules = account_rules_get(accounts);
    struct account_record record = {.found = false};
    char folded[ACCOUNT_NAME_MAX + 1];
    int rc = account_fold(name, folded)
                 ? account_read(accounts, STORE_ACCOUNT_NAMED, folded, &record)
                 : ACCOUNT_MISSING;

    if (rc == 0 && account_is_over(accounts, &rules->settings, record.flags, record.sent))
        rc = ACCOUNT_MISSING;
    if (rc == 0)
        *view = record.view;
    account_record_deinit(&record);
    account_rules_unref(rules);
    return rc;
}

struct looking {
    struct accounts *accounts;
    const struct account_settings *settings;
    void (*visit)(const struct account_view *view, void *argument);
    void (*visit_certificate)(const char *fingerprint, uint64_t added, void *argument);
    void *argument;
    unsigned count;
};

static int look_at(const struct store_record *record, void *argument)
{
    const struct looking *looking = argument;
    const struct store_account *account = &record->account;
    struct account_view view = {.created = 0};

    if (account_is_over(looking->accounts, looking->settings, account->flags, account->sent))
        return 0;
    account_view_of(account, &view);
    looking->visit(&view, looking->argument);
    return 0;
}

int accounts_each(struct accounts *accounts,
                  void (*visit)(const struct account_view *view, void *argument), void *argument)
{
    struct account_rules *rules = account_rules_get(accounts);
    struct store *store = atomic_load(&accounts->store);
    struct looking looking = {
        .accounts = accounts, .settings = &rules->settings, .visit = visit, .argument = argument};
    int rc = store ? store_read(store, STORE_ALL_ACCOUNTS, NULL, look_at, &looking) : -ENOTSUP;

    account_rules_unref(rules);
    return account_outcome_of(rc);
}

/* -- Certificates ------------------------------------------------------------------------------- */

static int look_at_certificate(const struct store_record *record, void *argument)
{
    struct looking *looking = argument;

    looking->count++;
    if (looking->visit_certificate)
        looking->visit_certificate(record->certificate.fingerprint, record->certificate.added,
                                   looking->argument);
    return 0;
}

/* No certificates, or no account: 0. */
static int read_certificates(struct accounts *accounts, const char *folded, struct looking *looking)
{
    struct store *store = atomic_load(&accounts->store);
    int rc = store ? store_read(store, STORE_CERTIFICATES_OF, folded, look_at_certificate, looking)
                   : -ENOTSUP;

    return rc == STORE_MISSING ? 0 : account_outcome_of(rc);
}

int account_certificates(struct accounts *accounts, const char *name,
                         void (*visit)(const char *fingerprint, uint64_t added, void *argument),
                         void *argument)
{
    struct looking looking = {.visit_certificate = visit, .argument = argument};
    char folded[ACCOUNT_NAME_MAX + 1];
    struct account_view view;
    int rc = account_look(accounts, name, &view);

    if (rc != 0)
        return rc;
    return account_fold(name, folded) ? read_certificates(accounts, folded, &looking)
                                      : ACCOUNT_MISSING;
}

static int change_certificate(struct accounts *accounts, const char *folded,
                              const char *fingerprint, enum store_operation operation)
{
    struct store_change change = {
        .operation = operation,
        .record = {.kind = STORE_CERTIFICATE,
                   .certificate = {.fingerprint = fingerprint, .account = folded}}};
    int rc;

    if (operation == STORE_ADD)
        change.record.certificate.added = accounts->wall();
    rc = account_apply(accounts, &change);
    return rc == STORE_MISSING ? ACCOUNT_MISSING : rc == STORE_TAKEN ? ACCOUNT_TAKEN : rc;
}

/* Several that are added at once may all find room: there are a few more then. */
static int add_certificate(struct accounts *accounts, const char *folded, const char *fingerprint)
{
    struct account_settings settings;
    struct looking looking = {.count = 0};
    int rc = read_certificates(accounts, folded, &looking);

    accounts_settings(accounts, &settings);
    if (rc == 0 && looking.count >= settings.certificates)
        rc = ACCOUNT_TOO_MANY;
    return rc == 0 ? change_certificate(accounts, folded, fingerprint, STORE_ADD) : rc;
}

static int read_names(struct accounts *accounts, const char *name, const char *fingerprint,
                      char folded[static ACCOUNT_NAME_MAX + 1],
                      char normal[static ACCOUNT_FINGERPRINT + 1])
{
    if (!account_fingerprint_read(fingerprint, normal))
        return ACCOUNT_BAD_FINGERPRINT;
    return account_fold(name, folded) ? account_can_write(accounts) : ACCOUNT_MISSING;
}

int account_certificate_add(struct accounts *accounts, const char *name, const char *fingerprint)
{
    char folded[ACCOUNT_NAME_MAX + 1], normal[ACCOUNT_FINGERPRINT + 1];
    int rc = read_names(accounts, name, fingerprint, folded, normal);

    return rc == 0 ? add_certificate(accounts, folded, normal) : rc;
}

int account_certificate_drop(struct accounts *accounts, const char *name, const char *fingerprint)
{
    char folded[ACCOUNT_NAME_MAX + 1], normal[ACCOUNT_FINGERPRINT + 1];
    int rc = read_names(accounts, name, fingerprint, folded, normal);

    return rc == 0 ? change_certificate(accounts, folded, normal, STORE_DROP) : rc;
}
