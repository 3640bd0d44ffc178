/* SPDX-License-Identifier: MIT */
/*
 * Registering. The record is written before the mail goes out, and taken back if that cannot be sent: so
 * nobody has a code that is good for nothing, and if the server ends in between, the name is free
 * again after a while. That a name is somebody's is for the store to say: of two who register it at
 * once one is told so.
 */
#include "config.h"

#include "account/inside.h"

#include "account/mail.h"
#include "account/nickserv.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#define HOUR UINT64_C(3600000000000) /* nanoseconds */

/* What is to become an account. */
struct wish {
    const struct account_settings *settings;
    const char *name;
    const char *email;
    char folded[ACCOUNT_NAME_MAX + 1];
    uint64_t created;
    bool verifies; /* by a code that is sent */
    char keys[PLI_PASSWORD_TEXT];
    char code[ACCOUNT_CODE_LENGTH + 1];
    char kept[ACCOUNT_CODE_KEPT];
};

static int check_name(struct wish *wish, const struct account_who *who, bool forced)
{
    char own[ACCOUNT_NAME_MAX + 1], service[ACCOUNT_NAME_MAX + 1];
    bool has_nick = account_fold(who->nick, own);

    if (strcmp(wish->name, "*") == 0)
        wish->name = who->nick;
    if (!account_fold(wish->name, wish->folded))
        return ACCOUNT_BAD_NAME;
    if (account_fold(NICKSERV_NAME, service) && strcmp(wish->folded, service) == 0)
        return ACCOUNT_BAD_NAME;
    if (!forced && !wish->settings->custom_names && (!has_nick || strcmp(own, wish->folded) != 0))
        return ACCOUNT_NAME_NOT_NICK;
    return 0;
}

static int check_email(struct wish *wish, bool forced)
{
    wish->email = account_email_given(wish->email);
    if (!*wish->email)
        return wish->settings->email_required && !forced ? ACCOUNT_NEED_EMAIL : 0;
    if (!account_email_is_good(wish->email))
        return ACCOUNT_BAD_EMAIL;
    wish->verifies = !forced && *wish->settings->mail_command;
    return 0;
}

static int check(struct accounts *accounts, struct wish *wish, const struct account_who *who,
                 const char *password, bool forced)
{
    int rc = account_can_write(accounts);

    if (rc != 0)
        return rc;
    if (!forced &&
        (!wish->settings->registration || (!who->takes_part && !wish->settings->before_connect)))
        return ACCOUNT_CLOSED;
    if (!forced && !who->is_private && !wish->settings->plain_text)
        return ACCOUNT_NEED_PRIVACY;
    rc = check_name(wish, who, forced);
    if (rc == 0)
        rc = check_email(wish, forced);
    if (rc == 0)
        rc = account_password_check(password, forced ? 1 : wish->settings->min_password);
    return rc;
}

/* Makes way for a name that waits for its code no longer. */
static int make_way(struct accounts *accounts, const struct wish *wish)
{
    struct store_change drop = {
        .operation = STORE_DROP,
        .record = {.kind = STORE_ACCOUNT, .account = {.folded = wish->folded}}};
    int rc;

    switch (account_known(accounts, wish->settings, wish->folded, &drop.if_created)) {
    case ACCOUNT_IS_UNKNOWN:
        return 0;
    case ACCOUNT_IS_KNOWN:
        return ACCOUNT_TAKEN;
    case ACCOUNT_IS_OVER:
        break;
    }
    rc = account_apply(accounts, &drop);
    return rc == STORE_MISSING ? 0 : rc; /* somebody else has dropped it, too */
}

static int make_secrets(struct accounts *accounts, struct wish *wish, const char *password)
{
    int rc = account_make_keys(accounts, wish->settings, password, wish->keys);

    if (rc == 0 && wish->verifies)
        rc = account_code_make(wish->code);
    if (rc == 0 && wish->verifies)
        rc = account_code_digest(wish->folded, wish->code, wish->kept);
    return rc;
}

static int add(struct accounts *accounts, const struct wish *wish, uint64_t now)
{
    struct store_change change = {
        .operation = STORE_ADD,
        .record = {.kind = STORE_ACCOUNT,
                   .account = {.folded = wish->folded,
                               .name = wish->name,
                               .keys = wish->keys,
                               .email = wish->email,
                               .code = wish->kept,
                               .created = wish->created,
                               .flags = wish->verifies ? ACCOUNT_FLAG_UNVERIFIED : 0,
                               .sent = wish->verifies ? now : 0}}};
    struct account_entry *entry = account_coming_add(accounts, &change.record.account);
    int rc;

    if (!entry)
        return -ENOMEM;
    rc = account_apply(accounts, &change);
    account_coming_end(accounts, entry, rc == 0);
    return rc == STORE_TAKEN ? ACCOUNT_TAKEN : rc;
}

static int send_code(struct accounts *accounts, const struct wish *wish, uint64_t now)
{
    struct store_change drop = {
        .operation = STORE_DROP,
        .record = {.kind = STORE_ACCOUNT, .account = {.folded = wish->folded}},
        .if_created = wish->created};
    struct account_mail mail = {.server = wish->settings->server,
                                .network = wish->settings->network,
                                .to = wish->email,
                                .account = wish->name,
                                .code = wish->code,
                                .hours = wish->settings->verify_time / 3600,
                                .time = now / 1000};
    int rc = account_mail_send(wish->settings->mail_command, &mail);

    if (rc == 0)
        return ACCOUNT_UNVERIFIED;
    (void)account_apply(accounts, &drop); /* if it stays, it is over before long */
    return rc == -ENOMEM ? rc : ACCOUNT_AWAY;
}

static int carry_out(struct accounts *accounts, struct wish *wish, const char *password)
{
    uint64_t now = accounts->wall();
    int rc = make_way(accounts, wish);

    account_sweep(accounts, wish->settings);
    if (rc == 0)
        rc = make_secrets(accounts, wish, password);
    wish->created = account_time(accounts);
    if (rc == 0)
        rc = add(accounts, wish, now);
    if (rc == 0 && wish->verifies)
        rc = send_code(accounts, wish, now);
    return rc;
}

/* Counted before it is done, so that many at once are as many as one after the other. */
static int count(struct accounts *accounts, const struct account_origin *origin,
                 struct account_limit limit)
{
    uint64_t now = accounts->now();
    int rc = ACCOUNT_TOO_MANY;

    pli_lock(&accounts->lock);
    if (account_throttle_allows(&accounts->registrations, origin, sizeof *origin, limit, now))
        rc = account_throttle_count(&accounts->registrations, origin, sizeof *origin, limit, now);
    pli_unlock(&accounts->lock);
    return rc;
}

static void take_back(struct accounts *accounts, const struct account_origin *origin,
                      struct account_limit limit)
{
    pli_lock(&accounts->lock);
    account_throttle_take_back(&accounts->registrations, origin, sizeof *origin, limit);
    pli_unlock(&accounts->lock);
}

static int register_counted(struct accounts *accounts, struct wish *wish,
                            const struct account_who *who, const char *password, bool forced)
{
    struct account_limit limit = {wish->settings->registrations, HOUR};
    struct account_origin origin;
    bool counts = !forced && account_origin(who->address, &origin);
    int rc = counts ? count(accounts, &origin, limit) : 0;

    if (rc != 0)
        return rc;
    rc = carry_out(accounts, wish, password);
    if (counts && rc != 0 && rc != ACCOUNT_UNVERIFIED)
        take_back(accounts, &origin, limit);
    return rc;
}

int account_register(struct accounts *accounts, const struct account_who *who, const char *name,
                     const char *email, const char *password, bool forced,
                     char name_out[static ACCOUNT_NAME_MAX + 1])
{
    struct account_rules *rules = account_rules_get(accounts);
    struct wish wish = {.settings = &rules->settings, .name = name, .email = email};
    int rc = check(accounts, &wish, who, password, forced);

    if (rc == 0)
        rc = register_counted(accounts, &wish, who, password, forced);
    if (rc == 0 || rc == ACCOUNT_UNVERIFIED)
        memcpy(name_out, wish.name, strlen(wish.name) + 1);
    OPENSSL_cleanse(wish.keys, sizeof wish.keys);
    OPENSSL_cleanse(wish.code, sizeof wish.code);
    account_rules_unref(rules);
    return rc;
}

/* -- The code that was sent --------------------------------------------------------------------- */

static int compare(const struct account_record *record, const char *code)
{
    char given[ACCOUNT_CODE_KEPT];
    int rc = account_code_digest(record->folded, code, given);

    if (rc < 0)
        return rc;
    return strlen(record->code) == strlen(given) &&
                   CRYPTO_memcmp(record->code, given, strlen(given)) == 0
               ? 0
               : ACCOUNT_BAD_CODE;
}

static int verify(struct accounts *accounts, const struct account_record *record)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record = {.kind = STORE_ACCOUNT,
                   .account = {.folded = record->folded, .code = "", .flags = 0}},
        .flag_mask = ACCOUNT_FLAG_UNVERIFIED,
        .if_created = record->view.created};
    int rc = account_apply(accounts, &change);

    return rc == STORE_MISSING ? ACCOUNT_MISSING : rc;
}

static int verify_waiting(struct accounts *accounts, const struct account_settings *settings,
                          const char *folded, const char *code, struct account_record *record)
{
    int rc = account_read(accounts, STORE_ACCOUNT_NAMED, folded, record);

    if (rc != 0)
        return rc;
    if (record->view.verified || account_is_over(accounts, settings, record->flags, record->sent))
        return ACCOUNT_MISSING;
    rc = compare(record, code);
    return rc == 0 ? verify(accounts, record) : rc;
}

int account_verify(struct accounts *accounts, const struct account_who *who, const char *name,
                   const char *code, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    struct account_rules *rules = account_rules_get(accounts);
    struct account_record record = {.found = false};
    char folded[ACCOUNT_NAME_MAX + 1];
    int rc = account_can_write(accounts);

    if (strcmp(name, "*") == 0)
        name = who->nick;
    if (rc == 0 && !account_fold(name, folded))
        rc = ACCOUNT_MISSING;
    if (rc == 0)
        rc = verify_waiting(accounts, &rules->settings, folded, code, &record);
    if (rc == 0)
        memcpy(name_out, record.view.name, sizeof record.view.name);
    account_record_deinit(&record);
    account_rules_unref(rules);
    return rc;
}
