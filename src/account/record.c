/* SPDX-License-Identifier: MIT */
/* What all calls that wait have in common: the store, passwords, and where somebody comes from. */
#include "config.h"

#include "account/inside.h"

#include "base/prefix.h"
#include "base/utf8.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SALT 16 /* bytes */

/* -- The store ---------------------------------------------------------------------------------- */

int account_outcome_of(int error)
{
    return error < 0 && error != -ENOMEM ? ACCOUNT_AWAY : error;
}

int account_can_write(struct accounts *accounts)
{
    return accounts_state(accounts) == 0 ? 0 : ACCOUNT_AWAY;
}

int account_apply(struct accounts *accounts, const struct store_change *change)
{
    struct store *store = atomic_load(&accounts->store);

    return store ? account_outcome_of(store_apply(store, change)) : ACCOUNT_AWAY;
}

void account_view_of(const struct store_account *account, struct account_view *view)
{
    snprintf(view->name, sizeof view->name, "%s", account->name);
    snprintf(view->email, sizeof view->email, "%s", account->email);
    view->created = account->created;
    view->verified = !(account->flags & ACCOUNT_FLAG_UNVERIFIED);
    view->protects = !(account->flags & ACCOUNT_FLAG_UNPROTECTED);
    view->keeps = !(account->flags & ACCOUNT_FLAG_UNKEPT);
}

static int take(const struct store_record *record, void *argument)
{
    const struct store_account *account = &record->account;
    struct account_record *taken = argument;

    if (strlen(account->folded) > ACCOUNT_NAME_MAX || strlen(account->name) > ACCOUNT_NAME_MAX)
        return 0; /* of an import; nobody can name it */
    taken->found = true;
    memcpy(taken->folded, account->folded, strlen(account->folded) + 1);
    account_view_of(account, &taken->view);
    taken->has_keys = pli_password_parse(account->keys, &taken->keys);
    snprintf(taken->code, sizeof taken->code, "%s", account->code);
    taken->flags = account->flags;
    taken->sent = account->sent;
    return 0;
}

int account_read(struct accounts *accounts, enum store_query query, const char *key,
                 struct account_record *record)
{
    struct store *store = atomic_load(&accounts->store);
    int rc;

    *record = (struct account_record){.found = false};
    rc = store ? store_read(store, query, key, take, record) : -ENOTSUP;
    if (rc == STORE_MISSING || (rc == 0 && !record->found))
        return ACCOUNT_MISSING;
    return account_outcome_of(rc);
}

void account_record_deinit(struct account_record *record)
{
    OPENSSL_cleanse(record, sizeof *record);
}

/* -- Passwords ---------------------------------------------------------------------------------- */

int account_password_check(const char *password, unsigned least)
{
    size_t length = strnlen(password, ACCOUNT_PASSWORD_MAX + 1);

    if (length > ACCOUNT_PASSWORD_MAX || !pli_utf8_is_valid(password, length))
        return ACCOUNT_BAD_PASSWORD;
    return length == 0 || length < least ? ACCOUNT_WEAK_PASSWORD : 0;
}

int account_make_keys(struct accounts *accounts, const struct account_settings *settings,
                      const char *password, char text[static PLI_PASSWORD_TEXT])
{
    struct pli_password keys = {.iterations = settings->iterations, .salt_length = SALT};
    char *prepared = account_password_prepare(password);
    int rc = prepared ? 0 : -ENOMEM;

    if (rc == 0 && RAND_bytes(keys.salt, SALT) != 1)
        rc = -EIO;
    if (rc == 0) {
        atomic_fetch_add(&accounts->derivations, 1);
        rc = pli_password_derive(&keys, prepared, strlen(prepared));
    }
    if (rc == 0)
        pli_password_print(&keys, text);
    account_password_free(prepared);
    OPENSSL_cleanse(&keys, sizeof keys);
    return rc;
}

int account_try_password(struct accounts *accounts, const struct pli_password *keys,
                         const char *password)
{
    char *prepared = account_password_prepare(password);
    int rc;

    if (!prepared)
        return -ENOMEM;
    atomic_fetch_add(&accounts->derivations, 1);
    rc = pli_password_verify(keys, prepared, strlen(prepared));
    account_password_free(prepared);
    return rc;
}

/* -- Where somebody comes from ------------------------------------------------------------------ */

/* Of IPv6 a network of 64 bits is one's own (RFC 6177). */
#define OWN_BITS 64

static bool is_loopback(const struct pli_prefix *address)
{
    static const uint8_t six[16] = {[15] = 1};

    return address->v6 ? memcmp(address->bytes, six, sizeof six) == 0 : address->bytes[0] == 127;
}

/* What is no address is a Unix socket's end, on this machine like the loopback. */
bool account_origin(const char *address, struct account_origin *origin)
{
    struct pli_prefix prefix;

    if (!pli_prefix_parse(address, strlen(address), &prefix) || is_loopback(&prefix))
        return false;
    if (prefix.v6)
        pli_bits_cut(prefix.bytes, OWN_BITS);
    origin->bytes[0] = prefix.v6;
    memcpy(origin->bytes + 1, prefix.bytes, sizeof prefix.bytes);
    return true;
}
