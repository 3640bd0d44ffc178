/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/record.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* What the file takes: its numbers have a sign. */
#define NUMBER_MAX ((uint64_t)INT64_MAX)

const char *store_kind_name(enum store_kind kind)
{
    static const char *const names[STORE_KINDS] = {"account", "certificate", "ban", "kept"};

    return names[kind];
}

const char *store_ban_kind_name(enum store_ban_kind kind)
{
    static const char *const names[STORE_BAN_KINDS] = {"user", "address", "channel"};

    return names[kind];
}

const char *store_kept_kind_name(enum store_kept_kind kind)
{
    static const char *const names[STORE_KEPT_KINDS] = {"marker", "metadata", "channel",
                                                        "presence"};

    return names[kind];
}

static size_t account_fields(struct store_account *account, struct store_field *fields)
{
    fields[0] = (struct store_field){"folded", &account->folded, STORE_NAME_MAX, true, true};
    fields[1] = (struct store_field){"name", &account->name, STORE_NAME_MAX, false, true};
    fields[2] = (struct store_field){"keys", &account->keys, STORE_KEYS_MAX, false, false};
    fields[3] = (struct store_field){"email", &account->email, STORE_EMAIL_MAX, false, false};
    fields[4] = (struct store_field){"code", &account->code, STORE_CODE_MAX, false, false};
    return 5;
}

static size_t certificate_fields(struct store_certificate *certificate, struct store_field *fields)
{
    fields[0] = (struct store_field){"fingerprint", &certificate->fingerprint,
                                     STORE_FINGERPRINT_MAX, true, true};
    fields[1] = (struct store_field){"account", &certificate->account, STORE_NAME_MAX, false, true};
    return 2;
}

static size_t ban_fields(struct store_ban *ban, struct store_field *fields)
{
    fields[0] = (struct store_field){"mask", &ban->mask, STORE_MASK_MAX, true, true};
    fields[1] = (struct store_field){"reason", &ban->reason, STORE_REASON_MAX, false, false};
    fields[2] = (struct store_field){"by", &ban->by, STORE_NAME_MAX, false, false};
    return 3;
}

static size_t kept_fields(struct store_kept *kept, struct store_field *fields)
{
    fields[0] = (struct store_field){"account", &kept->account, STORE_NAME_MAX, true, true};
    fields[1] = (struct store_field){"key", &kept->key, STORE_NAME_MAX, true, true};
    fields[2] = (struct store_field){"value", &kept->value, STORE_VALUE_MAX, false, false};
    return 3;
}

size_t store_record_fields(struct store_record *record,
                           struct store_field fields[static STORE_FIELDS_MAX])
{
    switch (record->kind) {
    case STORE_ACCOUNT:
        return account_fields(&record->account, fields);
    case STORE_CERTIFICATE:
        return certificate_fields(&record->certificate, fields);
    case STORE_KEPT:
        return kept_fields(&record->kept, fields);
    default:
        return ban_fields(&record->ban, fields);
    }
}

static bool is_text(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);

    if (length > most || !pli_utf8_is_valid(text, length))
        return false;
    return !strpbrk(text, "\r\n");
}

/* What need not be there, by the operation, is NULL; but what is there must be good. */
static bool is_good(const struct store_field *field, enum store_operation operation)
{
    bool needed = field->is_key || operation == STORE_ADD || operation == STORE_PUT;
    const char *text = *field->text;

    if (!text)
        return !needed;
    return is_text(text, field->most) && (*text || !field->is_filled);
}

/* Which kinds of records an operation is for. */
static bool is_possible(const struct store_change *change)
{
    switch (change->operation) {
    case STORE_ADD:
    case STORE_DROP:
        return true;
    case STORE_PUT:
        return change->record.kind == STORE_BAN || change->record.kind == STORE_KEPT;
    case STORE_CHANGE:
        return change->record.kind == STORE_ACCOUNT;
    }
    return false;
}

static const char *number_fault(const struct store_record *record)
{
    switch (record->kind) {
    case STORE_ACCOUNT:
        return record->account.created > NUMBER_MAX ? "created"
               : record->account.flags > NUMBER_MAX ? "flags"
               : record->account.sent > NUMBER_MAX  ? "sent"
                                                    : NULL;
    case STORE_CERTIFICATE:
        return record->certificate.added > NUMBER_MAX ? "added" : NULL;
    case STORE_KEPT:
        return record->kept.kind >= STORE_KEPT_KINDS ? "kind"
               : record->kept.number > NUMBER_MAX    ? "number"
                                                     : NULL;
    default:
        return record->ban.kind >= STORE_BAN_KINDS ? "kind"
               : record->ban.set > NUMBER_MAX      ? "set"
               : record->ban.expires > NUMBER_MAX  ? "expires"
                                                   : NULL;
    }
}

const char *store_change_fault(const struct store_change *change)
{
    struct store_record record = change->record;
    struct store_field fields[STORE_FIELDS_MAX];
    size_t count;

    if (record.kind >= STORE_KINDS || !is_possible(change))
        return "operation";
    if (change->flag_mask > NUMBER_MAX)
        return "flags";
    if (change->if_created > NUMBER_MAX)
        return "created";
    count = store_record_fields(&record, fields);
    for (size_t i = 0; i < count; i++)
        if (!is_good(&fields[i], change->operation))
            return fields[i].name;
    return number_fault(&record);
}

struct store_change *store_change_copy(const struct store_change *change)
{
    struct store_record record = change->record;
    struct store_field fields[STORE_FIELDS_MAX];
    size_t count = store_record_fields(&record, fields);
    size_t size = sizeof(*change);
    struct store_change *copy;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += *fields[i].text ? strlen(*fields[i].text) + 1 : 0;
    copy = malloc(size);
    if (!copy)
        return NULL;
    *copy = *change;
    at = (char *)(copy + 1);
    count = store_record_fields(&copy->record, fields);
    for (size_t i = 0; i < count; i++)
        if (*fields[i].text) {
            size_t length = strlen(*fields[i].text) + 1;

            *fields[i].text = memcpy(at, *fields[i].text, length);
            at += length;
        }
    return copy;
}
