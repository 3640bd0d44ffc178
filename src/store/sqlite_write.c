/* SPDX-License-Identifier: MIT */
/*
 * The writer's statements. Each change is one statement, so that one which breaks a rule (a name that
 * is taken) leaves nothing of itself and the rest of its group as it is.
 */
#include "config.h"

#include "store/sqlite.h"

#include <errno.h>

/* clang-format off */
#define CHANNEL_ADD                                                                                \
    "INSERT INTO channels (id, name, founder, successor, topic, topic_by, modes, locked, about, url,"\
    " created, registered, topic_set, flags, history, origin)"                                      \
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
#define ACCESS_ADD                                                                                 \
    "INSERT INTO channel_access (channel, account, setter, level, added)"                           \
    " SELECT id, ?2, ?3, ?4, ?5 FROM channels WHERE id = ?1"
#define MASK_ADD                                                                                   \
    "INSERT INTO channel_masks (channel, kind, mask, setter, made)"                                 \
    " SELECT id, ?2, ?3, ?4, ?5 FROM channels WHERE id = ?1"

static const char *const texts[STORE_SQL_COUNT] = {
    [STORE_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_SQL_COMMIT] = "COMMIT",
    [STORE_SQL_PROBE] = "UPDATE probe SET times = times + 1 WHERE id = 1",
    [STORE_SQL_ACCOUNT_ADD] =
        "INSERT INTO accounts (folded, name, keys, email, code, created, flags, sent)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [STORE_SQL_ACCOUNT_CHANGE] =
        "UPDATE accounts SET name = coalesce(?2, name), keys = coalesce(?3, keys),"
        " email = coalesce(?4, email), code = coalesce(?5, code), flags = (flags & ~?9) | (?7 & ?9),"
        " sent = iif(?5 IS NULL, sent, ?8) WHERE folded = ?1 AND (?6 = 0 OR created = ?6)",
    [STORE_SQL_ACCOUNT_DROP] =
        "DELETE FROM accounts WHERE folded = ?1 AND (?2 = 0 OR created = ?2)",
    [STORE_SQL_CERTIFICATE_ADD] =
        "INSERT INTO certificates (fingerprint, account, added)"
        " SELECT ?1, id, ?3 FROM accounts WHERE folded = ?2",
    [STORE_SQL_CERTIFICATE_DROP] =
        "DELETE FROM certificates WHERE fingerprint = ?1 AND"
        " (?2 IS NULL OR account = (SELECT id FROM accounts WHERE folded = ?2))",
    [STORE_SQL_BAN_ADD] =
        "INSERT INTO bans (kind, mask, reason, setter, made, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [STORE_SQL_BAN_PUT] =
        "INSERT INTO bans (kind, mask, reason, setter, made, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (kind, mask) DO UPDATE SET mask = excluded.mask, reason = excluded.reason,"
        " setter = excluded.setter, made = excluded.made, expires = excluded.expires",
    [STORE_SQL_BAN_DROP] = "DELETE FROM bans WHERE kind = ?1 AND mask = ?2",
    [STORE_SQL_KEPT_ADD] =
        "INSERT INTO kept (account, kind, key, value, number)"
        " SELECT id, ?1, ?3, ?4, ?5 FROM accounts WHERE folded = ?2",
    [STORE_SQL_KEPT_PUT] =
        "INSERT INTO kept (account, kind, key, value, number)"
        " SELECT id, ?1, ?3, ?4, ?5 FROM accounts WHERE folded = ?2"
        " ON CONFLICT (account, kind, key) DO UPDATE SET value = excluded.value,"
        " number = excluded.number",
    [STORE_SQL_KEPT_DROP] =
        "DELETE FROM kept WHERE kind = ?1 AND key = ?3 AND"
        " account = (SELECT id FROM accounts WHERE folded = ?2)",
    [STORE_SQL_CHANNEL_ADD] = CHANNEL_ADD,
    [STORE_SQL_CHANNEL_PUT] = CHANNEL_ADD
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, founder = excluded.founder,"
        " successor = excluded.successor, topic = excluded.topic, topic_by = excluded.topic_by,"
        " modes = excluded.modes, locked = excluded.locked, about = excluded.about,"
        " url = excluded.url, created = excluded.created, registered = excluded.registered,"
        " topic_set = excluded.topic_set, flags = excluded.flags, history = excluded.history,"
        " origin = excluded.origin",
    [STORE_SQL_CHANNEL_DROP] = "DELETE FROM channels WHERE id = ?1",
    [STORE_SQL_ACCESS_ADD] = ACCESS_ADD,
    [STORE_SQL_ACCESS_PUT] = ACCESS_ADD
        " ON CONFLICT (channel, account) DO UPDATE SET setter = excluded.setter,"
        " level = excluded.level, added = excluded.added",
    [STORE_SQL_ACCESS_DROP] = "DELETE FROM channel_access WHERE channel = ?1 AND account = ?2",
    [STORE_SQL_MASK_ADD] = MASK_ADD,
    [STORE_SQL_MASK_PUT] = MASK_ADD
        " ON CONFLICT (channel, kind, mask) DO UPDATE SET mask = excluded.mask,"
        " setter = excluded.setter, made = excluded.made",
    [STORE_SQL_MASK_DROP] =
        "DELETE FROM channel_masks WHERE channel = ?1 AND kind = ?2 AND mask = ?3",
};
/* clang-format on */

int store_sqlite_prepare(struct store_file *file)
{
    for (size_t i = 0; i < STORE_SQL_COUNT; i++) {
        int result = sqlite3_prepare_v3(file->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &file->statements[i], NULL);

        if (result == SQLITE_ERROR)
            return -EBADMSG; /* a table or a column is not there */
        if (result != SQLITE_OK)
            return store_sqlite_errno(file->db, result);
    }
    return 0;
}

void store_sqlite_finalize(void *self)
{
    struct store_file *file = self;

    for (size_t i = 0; i < STORE_SQL_COUNT; i++)
        sqlite3_finalize(file->statements[i]);
}

/* Runs one that is bound; *CHANGED is how many rows it has changed. */
static int run(struct store_file *file, enum store_statement which, int *changed)
{
    sqlite3_stmt *statement = file->statements[which];
    int result, rc;

    errno = 0;
    result = sqlite3_step(statement);
    rc = store_sqlite_errno(file->db, result);
    *changed = sqlite3_changes(file->db);
    if ((result & 0xff) == SQLITE_CONSTRAINT)
        rc = STORE_TAKEN;
    sqlite3_reset(statement); /* says again what the step has said */
    sqlite3_clear_bindings(statement);
    return rc;
}

static int run_plain(struct store_file *file, enum store_statement which)
{
    int changed;

    return run(file, which, &changed);
}

static int run_change(struct store_file *file, enum store_statement which)
{
    int changed;
    int rc = run(file, which, &changed);

    return rc == 0 && changed == 0 ? STORE_MISSING : rc;
}

/* -- Binding: the texts stand until the statement has run --------------------------------------- */

static int bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    return text ? sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC)
                : sqlite3_bind_null(statement, at);
}

static int bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
    return sqlite3_bind_int64(statement, at, (sqlite3_int64)number);
}

static int bind_account(sqlite3_stmt *statement, const struct store_change *change)
{
    const struct store_account *account = &change->record.account;
    int result = bind_text(statement, 1, account->folded);

    if (change->operation == STORE_DROP)
        return result | bind_number(statement, 2, change->if_created);
    result |= bind_text(statement, 2, account->name);
    result |= bind_text(statement, 3, account->keys);
    result |= bind_text(statement, 4, account->email);
    result |= bind_text(statement, 5, account->code);
    result |= bind_number(statement, 7, account->flags);
    result |= bind_number(statement, 8, account->sent);
    if (change->operation == STORE_ADD)
        return result | bind_number(statement, 6, account->created);
    result |= bind_number(statement, 9, change->flag_mask);
    return result | bind_number(statement, 6, change->if_created);
}

static int bind_certificate(sqlite3_stmt *statement, const struct store_certificate *certificate,
                            bool all)
{
    int result = bind_text(statement, 1, certificate->fingerprint);

    result |= bind_text(statement, 2, certificate->account);
    return all ? result | bind_number(statement, 3, certificate->added) : result;
}

static int bind_ban(sqlite3_stmt *statement, const struct store_ban *ban, bool all)
{
    int result = bind_number(statement, 1, ban->kind) | bind_text(statement, 2, ban->mask);

    if (!all)
        return result;
    result |= bind_text(statement, 3, ban->reason);
    result |= bind_text(statement, 4, ban->by);
    result |= bind_number(statement, 5, ban->set);
    return result | bind_number(statement, 6, ban->expires);
}

static int bind_kept(sqlite3_stmt *statement, const struct store_kept *kept, bool all)
{
    int result = bind_number(statement, 1, kept->kind) | bind_text(statement, 2, kept->account);

    result |= bind_text(statement, 3, kept->key);
    if (!all)
        return result;
    return result | bind_text(statement, 4, kept->value) | bind_number(statement, 5, kept->number);
}

static int bind_channel(sqlite3_stmt *statement, const struct store_channel *channel, bool all)
{
    int result = bind_number(statement, 1, channel->id);

    if (!all)
        return result;
    result |= bind_text(statement, 2, channel->name);
    result |= bind_text(statement, 3, channel->founder);
    result |= bind_text(statement, 4, channel->successor);
    result |= bind_text(statement, 5, channel->topic);
    result |= bind_text(statement, 6, channel->topic_by);
    result |= bind_text(statement, 7, channel->modes);
    result |= bind_text(statement, 8, channel->lock);
    result |= bind_text(statement, 9, channel->about);
    result |= bind_text(statement, 10, channel->url);
    result |= bind_number(statement, 11, channel->created);
    result |= bind_number(statement, 12, channel->registered);
    result |= bind_number(statement, 13, channel->topic_set);
    result |= bind_number(statement, 14, channel->flags);
    result |= bind_number(statement, 15, channel->history);
    return result | bind_number(statement, 16, channel->origin);
}

static int bind_access(sqlite3_stmt *statement, const struct store_access *access, bool all)
{
    int result = bind_number(statement, 1, access->channel);

    result |= bind_text(statement, 2, access->account);
    if (!all)
        return result;
    result |= bind_text(statement, 3, access->by);
    result |= bind_number(statement, 4, access->level);
    return result | bind_number(statement, 5, access->added);
}

static int bind_mask(sqlite3_stmt *statement, const struct store_mask *mask, bool all)
{
    int result = bind_number(statement, 1, mask->channel) | bind_number(statement, 2, mask->kind);

    result |= bind_text(statement, 3, mask->mask);
    if (!all)
        return result;
    result |= bind_text(statement, 4, mask->by);
    return result | bind_number(statement, 5, mask->set);
}

static enum store_statement statement_of(const struct store_change *change)
{
    static const enum store_statement all[STORE_KINDS][STORE_DROP + 1] = {
        [STORE_ACCOUNT] = {[STORE_ADD] = STORE_SQL_ACCOUNT_ADD,
                           [STORE_CHANGE] = STORE_SQL_ACCOUNT_CHANGE,
                           [STORE_DROP] = STORE_SQL_ACCOUNT_DROP},
        [STORE_CERTIFICATE] =
            {[STORE_ADD] = STORE_SQL_CERTIFICATE_ADD, [STORE_DROP] = STORE_SQL_CERTIFICATE_DROP},
        [STORE_BAN] = {[STORE_ADD] = STORE_SQL_BAN_ADD,
                       [STORE_PUT] = STORE_SQL_BAN_PUT,
                       [STORE_DROP] = STORE_SQL_BAN_DROP},
        [STORE_KEPT] = {[STORE_ADD] = STORE_SQL_KEPT_ADD,
                        [STORE_PUT] = STORE_SQL_KEPT_PUT,
                        [STORE_DROP] = STORE_SQL_KEPT_DROP},
        [STORE_CHANNEL] = {[STORE_ADD] = STORE_SQL_CHANNEL_ADD,
                           [STORE_PUT] = STORE_SQL_CHANNEL_PUT,
                           [STORE_DROP] = STORE_SQL_CHANNEL_DROP},
        [STORE_ACCESS] = {[STORE_ADD] = STORE_SQL_ACCESS_ADD,
                          [STORE_PUT] = STORE_SQL_ACCESS_PUT,
                          [STORE_DROP] = STORE_SQL_ACCESS_DROP},
        [STORE_MASK] = {[STORE_ADD] = STORE_SQL_MASK_ADD,
                        [STORE_PUT] = STORE_SQL_MASK_PUT,
                        [STORE_DROP] = STORE_SQL_MASK_DROP},
    };

    return all[change->record.kind][change->operation];
}

static int bind(sqlite3_stmt *statement, const struct store_change *change)
{
    const struct store_record *record = &change->record;
    bool all = change->operation != STORE_DROP;

    switch (record->kind) {
    case STORE_ACCOUNT:
        return bind_account(statement, change);
    case STORE_CERTIFICATE:
        return bind_certificate(statement, &record->certificate, all);
    case STORE_KEPT:
        return bind_kept(statement, &record->kept, all);
    case STORE_CHANNEL:
        return bind_channel(statement, &record->channel, all);
    case STORE_ACCESS:
        return bind_access(statement, &record->access, all);
    case STORE_MASK:
        return bind_mask(statement, &record->mask, all);
    default:
        return bind_ban(statement, &record->ban, all);
    }
}

int store_sqlite_apply(void *self, const struct store_change *change)
{
    struct store_file *file = self;
    enum store_statement which = statement_of(change);

    if (bind(file->statements[which], change) !=
        SQLITE_OK) { /* nothing else can be wrong with it */
        sqlite3_clear_bindings(file->statements[which]);
        return -ENOMEM;
    }
    return run_change(file, which);
}

/* -- Groups ------------------------------------------------------------------------------------- */

int store_sqlite_begin(void *self)
{
    return run_plain(self, STORE_SQL_BEGIN);
}

int store_sqlite_commit(void *self)
{
    return run_plain(self, STORE_SQL_COMMIT);
}

/* Some errors have rolled back already. */
void store_sqlite_rollback(void *self)
{
    struct store_file *file = self;

    if (!sqlite3_get_autocommit(file->db))
        (void)store_sqlite_run(file->db, "ROLLBACK"); /* what matters has been told */
}

int store_sqlite_probe(void *self)
{
    int rc = store_sqlite_begin(self);

    if (rc == 0)
        rc = run_plain(self, STORE_SQL_PROBE);
    if (rc == 0)
        rc = store_sqlite_commit(self);
    if (rc != 0)
        store_sqlite_rollback(self);
    return rc;
}
