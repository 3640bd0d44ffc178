/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/inside.h"

#include "account/mechanisms.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "chat/name.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

/* So many names and addresses are remembered of whom logins have failed, and who has registered. */
#define REMEMBERED 16384

#define MS_PER_S UINT64_C(1000)

/* -- Settings ----------------------------------------------------------------------------------- */

struct account_rules *account_rules_new(const struct account_settings *settings)
{
    size_t size =
        strlen(settings->server) + strlen(settings->network) + strlen(settings->mail_command) + 3;
    struct account_rules *rules = malloc(sizeof *rules + size);
    char *at;

    if (!rules)
        return NULL;
    atomic_init(&rules->references, 1);
    rules->settings = *settings;
    at = rules->texts;
    rules->settings.server = pli_text_pack(settings->server, &at);
    rules->settings.network = pli_text_pack(settings->network, &at);
    rules->settings.mail_command = pli_text_pack(settings->mail_command, &at);
    return rules;
}

struct account_rules *account_rules_get(struct accounts *accounts)
{
    struct account_rules *rules;

    pli_lock(&accounts->lock);
    rules = accounts->rules;
    atomic_fetch_add(&rules->references, 1);
    pli_unlock(&accounts->lock);
    return rules;
}

void account_rules_unref(struct account_rules *rules)
{
    if (rules && atomic_fetch_sub(&rules->references, 1) == 1)
        free(rules);
}

void accounts_put_rules(struct accounts *accounts, struct account_rules *rules)
{
    struct account_rules *old;

    pli_lock(&accounts->lock);
    old = accounts->rules;
    accounts->rules = rules;
    pli_unlock(&accounts->lock);
    account_rules_unref(old);
}

int accounts_configure(struct accounts *accounts, const struct account_settings *settings)
{
    struct account_rules *rules = account_rules_new(settings);

    if (!rules)
        return -ENOMEM;
    accounts_put_rules(accounts, rules);
    return 0;
}

void accounts_settings(struct accounts *accounts, struct account_settings *settings)
{
    pli_lock(&accounts->lock);
    *settings = accounts->rules->settings;
    pli_unlock(&accounts->lock);
    settings->server = settings->network = settings->mail_command = NULL;
}

/* -- The picture of the names ------------------------------------------------------------------- */

static const char *folded_of(const struct account_entry *entry)
{
    return entry->text + entry->length + 1;
}

static struct account_entry *entry_of(struct pli_hash_node *node)
{
    return pli_container_of(node, struct account_entry, node);
}

static const void *key_of(const struct pli_hash_node *node, size_t *length)
{
    const struct account_entry *entry =
        (const struct account_entry *)((const char *)node - offsetof(struct account_entry, node));

    *length = entry->length;
    return folded_of(entry);
}

bool account_fold(const char *name, char folded[static ACCOUNT_NAME_MAX + 1])
{
    char room[CHAT_NAME_MAX];
    struct chat_text text = chat_text(name);

    if (chat_nick_check(text, ACCOUNT_NAME_MAX) != 0)
        return false;
    text = chat_fold(text, room);
    memcpy(folded, text.data, text.length);
    folded[text.length] = '\0';
    return true;
}

/* NULL without memory. */
static struct account_entry *make_entry(const struct store_account *account, const char *folded)
{
    size_t size = strlen(folded) + 1;
    struct account_entry *entry = malloc(sizeof *entry + 2 * size);

    if (!entry)
        return NULL;
    entry->created = account->created;
    entry->flags = account->flags;
    entry->sent = account->sent;
    entry->length = size - 1;
    memcpy(entry->text, account->name, size);
    memcpy(entry->text + size, folded, size);
    pli_list_init(&entry->link);
    return entry;
}

/* What has come by an import may be no name, or not that name; then nobody can use it. */
static bool is_usable(const struct store_account *account, char folded[static ACCOUNT_NAME_MAX + 1])
{
    return account_fold(account->name, folded) && strcmp(folded, account->folded) == 0;
}

uint64_t account_time(struct accounts *accounts)
{
    uint64_t time = accounts->wall();

    pli_lock(&accounts->lock);
    if (time <= accounts->created)
        time = accounts->created + 1;
    accounts->created = time;
    pli_unlock(&accounts->lock);
    return time;
}

struct account_entry *account_coming_add(struct accounts *accounts,
                                         const struct store_account *account)
{
    struct account_entry *entry = make_entry(account, account->folded);

    if (!entry)
        return NULL;
    pli_lock(&accounts->lock);
    pli_list_append(&accounts->coming, &entry->link);
    pli_unlock(&accounts->lock);
    return entry;
}

void account_coming_end(struct accounts *accounts, struct account_entry *entry, bool added)
{
    if (added) /* it is one of the names by now, or no more */
        return;
    pli_lock(&accounts->lock);
    pli_list_remove(&entry->link);
    pli_unlock(&accounts->lock);
    free(entry);
}

struct account_entry *account_find_locked(struct accounts *accounts, const char *folded,
                                          size_t length)
{
    struct pli_hash_node *node;

    pli_assert_held(&accounts->lock);
    node = pli_hash_find(&accounts->names, folded, length);
    return node ? entry_of(node) : NULL;
}

/* That of whoever adds it: there is one of a time at most (account_time()). */
static struct account_entry *take_coming_locked(struct accounts *accounts,
                                                const struct store_account *account)
{
    pli_list_for_each (link, &accounts->coming) {
        struct account_entry *entry = pli_container_of(link, struct account_entry, link);

        if (entry->created != account->created || strcmp(folded_of(entry), account->folded) != 0 ||
            strcmp(entry->text, account->name) != 0)
            continue;
        pli_list_remove(link);
        return entry;
    }
    return NULL;
}

static int see_added_locked(struct accounts *accounts, const struct store_account *account)
{
    struct account_entry *entry = take_coming_locked(accounts, account);
    char folded[ACCOUNT_NAME_MAX + 1];

    if (!entry && is_usable(account, folded)) {
        entry = make_entry(account, folded);
        if (!entry)
            return -ENOMEM;
    }
    if (!entry)
        return 0;
    pli_hash_add(&accounts->names, &entry->node);
    if (entry->flags & ACCOUNT_FLAG_UNVERIFIED)
        pli_list_append(&accounts->waiting, &entry->link);
    return 0;
}

static void see_changed(struct account_entry *entry, const struct store_change *change)
{
    const struct store_account *account = &change->record.account;
    char folded[ACCOUNT_NAME_MAX + 1];

    entry->flags = (entry->flags & ~change->flag_mask) | (account->flags & change->flag_mask);
    if (account->code)
        entry->sent = account->sent;
    if (!(entry->flags & ACCOUNT_FLAG_UNVERIFIED))
        pli_list_remove(&entry->link);
    if (account->name && is_usable(account, folded)) /* as long as it was, then */
        memcpy(entry->text, account->name, entry->length);
}

static void see_dropped_locked(struct accounts *accounts, struct account_entry *entry)
{
    pli_hash_remove(&accounts->names, &entry->node);
    pli_list_remove(&entry->link);
    free(entry);
}

/* What was known of an account, and what is now. */
struct seen {
    char name[ACCOUNT_NAME_MAX + 1]; /* "": there was none */
    uint64_t before, after;          /* flags */
    bool gone;
};

/* Tells whoever watches, if it is something to them. */
static void tell(struct accounts *accounts, const struct seen *seen)
{
    bool changes = (seen->before ^ seen->after) & ACCOUNT_FLAGS_TOLD;

    if (accounts->changed && *seen->name && (seen->gone || changes))
        accounts->changed(seen->name, seen->gone, accounts->changed_argument);
}

static int see_locked(struct accounts *accounts, const struct store_change *change,
                      struct seen *seen)
{
    const struct store_account *account = &change->record.account;
    struct account_entry *entry =
        account_find_locked(accounts, account->folded, strlen(account->folded));

    if (change->operation == STORE_ADD)
        return see_added_locked(accounts, account);
    if (!entry)
        return 0;
    memcpy(seen->name, entry->text, entry->length + 1);
    seen->before = seen->after = entry->flags;
    if (change->operation == STORE_DROP) {
        see_dropped_locked(accounts, entry);
        seen->gone = true;
    } else {
        see_changed(entry, change);
        seen->after = entry->flags;
    }
    return 0;
}

/* By the store's writer, one change after the other. */
static void see(const struct store_change *change, int outcome, void *argument)
{
    struct accounts *accounts = argument;
    struct seen seen = {.name = ""};
    int rc;

    (void)outcome;
    if (change->record.kind != STORE_ACCOUNT)
        return;
    pli_lock(&accounts->lock);
    rc = see_locked(accounts, change, &seen);
    pli_unlock(&accounts->lock);
    tell(accounts, &seen);
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "accounts: out of memory: one that was imported is known after the "
                              "next start only");
}

/* -- Life --------------------------------------------------------------------------------------- */

static int init_throttles(struct accounts *accounts)
{
    int rc = account_throttle_init(&accounts->failures, REMEMBERED);

    if (rc < 0)
        return rc;
    rc = account_throttle_init(&accounts->failures_from, REMEMBERED);
    if (rc == 0) {
        rc = account_throttle_init(&accounts->registrations, REMEMBERED);
        if (rc == 0)
            return 0;
        account_throttle_deinit(&accounts->failures_from);
    }
    account_throttle_deinit(&accounts->failures);
    return rc;
}

static int init(struct accounts *accounts, const struct account_settings *settings)
{
    int rc = RAND_bytes(accounts->secret, ACCOUNT_SECRET) == 1 ? 0 : -EIO;

    accounts->now = pli_clock_now;
    accounts->wall = pli_clock_wall_ms;
    pli_list_init(&accounts->coming);
    pli_list_init(&accounts->waiting);
    if (rc == 0)
        rc = pli_hash_init(&accounts->names, key_of);
    if (rc < 0)
        return rc;
    rc = init_throttles(accounts);
    if (rc < 0)
        goto no_throttles;
    rc = account_mechanisms_new(&accounts->mechanisms);
    if (rc < 0)
        goto no_mechanisms;
    accounts->rules = account_rules_new(settings);
    if (accounts->rules)
        return 0;
    rc = -ENOMEM;
    account_mechanisms_free(accounts->mechanisms);
no_mechanisms:
    account_throttle_deinit(&accounts->registrations);
    account_throttle_deinit(&accounts->failures_from);
    account_throttle_deinit(&accounts->failures);
no_throttles:
    pli_hash_deinit(&accounts->names);
    return rc;
}

int accounts_new(const struct account_settings *settings, struct accounts **out)
{
    struct accounts *accounts = calloc(1, sizeof *accounts);
    int rc = accounts ? init(accounts, settings) : -ENOMEM;

    *out = NULL;
    if (rc < 0) {
        free(accounts);
        return rc;
    }
    pli_mutex_init(&accounts->lock, PLI_RANK_ACCOUNT);
    *out = accounts;
    return 0;
}

static void forget_names_locked(struct accounts *accounts)
{
    struct pli_hash_node *node;

    while ((node = pli_hash_next(&accounts->names, NULL))) {
        see_dropped_locked(accounts, entry_of(node));
    }
}

void accounts_free(struct accounts *accounts)
{
    if (!accounts)
        return;
    pli_lock(&accounts->lock);
    forget_names_locked(accounts);
    pli_unlock(&accounts->lock);
    pli_hash_deinit(&accounts->names);
    account_throttle_deinit(&accounts->registrations);
    account_throttle_deinit(&accounts->failures_from);
    account_throttle_deinit(&accounts->failures);
    account_mechanisms_free(accounts->mechanisms);
    account_rules_unref(accounts->rules);
    OPENSSL_cleanse(accounts->secret, sizeof accounts->secret);
    pli_mutex_deinit(&accounts->lock);
    free(accounts);
}

struct account_mechanisms *accounts_mechanisms(struct accounts *accounts)
{
    return accounts->mechanisms;
}

int accounts_put_secret(struct accounts *accounts, const void *key, size_t length)
{
    static const unsigned char what[] = "keys of accounts that there are not";
    unsigned char secret[EVP_MAX_MD_SIZE];

    if (!HMAC(EVP_sha256(), key, (int)length, what, sizeof what, secret, NULL))
        return -ENOMEM;
    pli_lock(&accounts->lock);
    memcpy(accounts->secret, secret, sizeof accounts->secret);
    pli_unlock(&accounts->lock);
    OPENSSL_cleanse(secret, sizeof secret);
    return 0;
}

/* -- The store ---------------------------------------------------------------------------------- */

static int add_known(const struct store_record *record, void *argument)
{
    struct accounts *accounts = argument;
    int rc;

    pli_lock(&accounts->lock);
    rc = see_added_locked(accounts, &record->account);
    pli_unlock(&accounts->lock);
    return rc;
}

static void let_go(struct accounts *accounts, struct store *store)
{
    store_observe(store, NULL, NULL);
    pli_lock(&accounts->lock);
    forget_names_locked(accounts);
    pli_unlock(&accounts->lock);
}

int accounts_keep(struct accounts *accounts, struct store *store)
{
    int rc = 0;

    assert(!atomic_load(&accounts->store));
    if (store_keeps(store)) {
        store_observe(store, see, accounts);
        rc = store_read(store, STORE_ALL_ACCOUNTS, NULL, add_known, accounts);
    }
    if (rc == 0)
        atomic_store(&accounts->store, store);
    else
        let_go(accounts, store);
    return rc;
}

void accounts_let_go(struct accounts *accounts)
{
    struct store *store = atomic_exchange(&accounts->store, NULL);

    if (store)
        let_go(accounts, store);
}

bool accounts_are_kept(struct accounts *accounts)
{
    struct store *store = atomic_load(&accounts->store);

    return store && store_keeps(store);
}

int accounts_state(struct accounts *accounts)
{
    struct store *store = atomic_load(&accounts->store);

    return store ? store_state(store) : -ENOTSUP;
}

size_t accounts_count(struct accounts *accounts)
{
    size_t count;

    pli_lock(&accounts->lock);
    count = accounts->names.count;
    pli_unlock(&accounts->lock);
    return count;
}

bool accounts_written(struct accounts *accounts, const char *name, size_t length,
                      char written[static ACCOUNT_NAME_MAX + 1])
{
    char room[CHAT_NAME_MAX];
    struct chat_text folded = chat_fold((struct chat_text){name, length}, room);
    const struct account_entry *entry;
    bool has;

    pli_lock(&accounts->lock);
    entry = folded.data ? account_find_locked(accounts, folded.data, folded.length) : NULL;
    has = entry && !(entry->flags & ACCOUNT_FLAG_UNVERIFIED);
    if (has)
        memcpy(written, entry->text, entry->length + 1);
    pli_unlock(&accounts->lock);
    return has;
}

bool accounts_has(struct accounts *accounts, const char *name)
{
    char written[ACCOUNT_NAME_MAX + 1];

    return accounts_written(accounts, name, strlen(name), written);
}

/* What has been put off until another change is written is waited for, too. */
int accounts_flush(struct accounts *accounts)
{
    struct store *store = atomic_load(&accounts->store);
    int rc = store ? store_flush(store) : -ENOTSUP;

    return rc == 0 ? store_flush(store) : rc;
}

void accounts_watch(struct accounts *accounts,
                    void (*changed)(const char *name, bool gone, void *argument), void *argument)
{
    accounts->changed = changed;
    accounts->changed_argument = argument;
}

bool account_is_over(const struct accounts *accounts, const struct account_settings *settings,
                     uint64_t flags, uint64_t sent)
{
    return (flags & ACCOUNT_FLAG_UNVERIFIED) &&
           accounts->wall() >= sent + settings->verify_time * MS_PER_S;
}

enum account_known account_known(struct accounts *accounts, const struct account_settings *settings,
                                 const char *folded, uint64_t *created)
{
    enum account_known known = ACCOUNT_IS_UNKNOWN;
    const struct account_entry *entry;

    pli_lock(&accounts->lock);
    entry = account_find_locked(accounts, folded, strlen(folded));
    if (entry) {
        *created = entry->created;
        known = account_is_over(accounts, settings, entry->flags, entry->sent) ? ACCOUNT_IS_OVER
                                                                               : ACCOUNT_IS_KNOWN;
    }
    pli_unlock(&accounts->lock);
    return known;
}

/* The oldest of those that wait, if it is over. */
static bool find_over(struct accounts *accounts, const struct account_settings *settings,
                      char folded[static ACCOUNT_NAME_MAX + 1], uint64_t *created)
{
    const struct account_entry *entry = NULL;

    pli_lock(&accounts->lock);
    if (!pli_list_is_empty(&accounts->waiting))
        entry = pli_container_of(accounts->waiting.next, struct account_entry, link);
    if (entry && !account_is_over(accounts, settings, entry->flags, entry->sent))
        entry = NULL;
    if (entry) {
        memcpy(folded, folded_of(entry), entry->length + 1);
        *created = entry->created;
    }
    pli_unlock(&accounts->lock);
    return entry != NULL;
}

/* One at each registration is enough, as each makes one at most; if it cannot be dropped now, later. */
void account_sweep(struct accounts *accounts, const struct account_settings *settings)
{
    struct store *store = atomic_load(&accounts->store);
    char folded[ACCOUNT_NAME_MAX + 1];
    struct store_change drop = {.operation = STORE_DROP,
                                .record = {.kind = STORE_ACCOUNT, .account = {.folded = folded}}};

    if (store && find_over(accounts, settings, folded, &drop.if_created))
        (void)store_submit(store, &drop, NULL, NULL);
}
