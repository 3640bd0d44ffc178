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
    static const char *const names[STORE_KINDS] = {"account", "certificate", "ban", "kept",
                                                   "channel", "access",      "mask"};

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

const char *store_mask_kind_name(enum store_mask_kind kind)
{
    static const char *const names[STORE_MASK_KINDS] = {"ban", "exception", "invite"};

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

static size_t channel_fields(struct store_channel *channel, struct store_field *fields)
{
    fields[0] = (struct store_field){"name", &channel->name, STORE_NAME_MAX, false, true};
    fields[1] = (struct store_field){"founder", &channel->founder, STORE_NAME_MAX, false, true};
    fields[2] =
        (struct store_field){"successor", &channel->successor, STORE_NAME_MAX, false, false};
    fields[3] = (struct store_field){"topic", &channel->topic, STORE_TOPIC_MAX, false, false};
    fields[4] = (struct store_field){"topic_by", &channel->topic_by, STORE_NAME_MAX, false, false};
    fields[5] = (struct store_field){"modes", &channel->modes, STORE_MODES_MAX, false, false};
    fields[6] = (struct store_field){"lock", &channel->lock, STORE_MODES_MAX, false, false};
    fields[7] = (struct store_field){"about", &channel->about, STORE_ABOUT_MAX, false, false};
    fields[8] = (struct store_field){"url", &channel->url, STORE_ABOUT_MAX, false, false};
    return 9;
}

static size_t access_fields(struct store_access *access, struct store_field *fields)
{
    fields[0] = (struct store_field){"account", &access->account, STORE_NAME_MAX, true, true};
    fields[1] = (struct store_field){"by", &access->by, STORE_NAME_MAX, false, false};
    return 2;
}

static size_t mask_fields(struct store_mask *mask, struct store_field *fields)
{
    fields[0] = (struct store_field){"mask", &mask->mask, STORE_MASK_MAX, true, true};
    fields[1] = (struct store_field){"by", &mask->by, STORE_NAME_MAX, false, false};
    return 2;
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
    case STORE_CHANNEL:
        return channel_fields(&record->channel, fields);
    case STORE_ACCESS:
        return access_fields(&record->access, fields);
    case STORE_MASK:
        return mask_fields(&record->mask, fields);
    default:
        return ban_fields(&record->ban, fields);
    }
}

static size_t channel_numbers(struct store_channel *channel, struct store_number *numbers)
{
    numbers[0] = (struct store_number){"id", &channel->id, true};
    numbers[1] = (struct store_number){"created", &channel->created, false};
    numbers[2] = (struct store_number){"registered", &channel->registered, false};
    numbers[3] = (struct store_number){"topic_set", &channel->topic_set, false};
    numbers[4] = (struct store_number){"flags", &channel->flags, false};
    numbers[5] = (struct store_number){"history", &channel->history, false};
    numbers[6] = (struct store_number){"origin", &channel->origin, false};
    return 7;
}

static size_t access_numbers(struct store_access *access, struct store_number *numbers)
{
    numbers[0] = (struct store_number){"channel", &access->channel, true};
    numbers[1] = (struct store_number){"level", &access->level, false};
    numbers[2] = (struct store_number){"added", &access->added, false};
    return 3;
}

size_t store_record_numbers(struct store_record *record,
                            struct store_number numbers[static STORE_NUMBERS_MAX])
{
    switch (record->kind) {
    case STORE_ACCOUNT:
        numbers[0] = (struct store_number){"created", &record->account.created, false};
        numbers[1] = (struct store_number){"flags", &record->account.flags, false};
        numbers[2] = (struct store_number){"sent", &record->account.sent, false};
        return 3;
    case STORE_CERTIFICATE:
        numbers[0] = (struct store_number){"added", &record->certificate.added, false};
        return 1;
    case STORE_KEPT:
        numbers[0] = (struct store_number){"number", &record->kept.number, false};
        return 1;
    case STORE_CHANNEL:
        return channel_numbers(&record->channel, numbers);
    case STORE_ACCESS:
        return access_numbers(&record->access, numbers);
    case STORE_MASK:
        numbers[0] = (struct store_number){"channel", &record->mask.channel, true};
        numbers[1] = (struct store_number){"set", &record->mask.set, false};
        return 2;
    default:
        numbers[0] = (struct store_number){"set", &record->ban.set, false};
        numbers[1] = (struct store_number){"expires", &record->ban.expires, false};
        return 2;
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
        return change->record.kind >= STORE_BAN;
    case STORE_CHANGE:
        return change->record.kind == STORE_ACCOUNT;
    }
    return false;
}

static const char *number_fault(struct store_record *record)
{
    struct store_number numbers[STORE_NUMBERS_MAX];
    size_t count = store_record_numbers(record, numbers);

    for (size_t i = 0; i < count; i++)
        if (*numbers[i].value > NUMBER_MAX || (numbers[i].is_key && *numbers[i].value == 0))
            return numbers[i].name;
    if ((record->kind == STORE_BAN && record->ban.kind >= STORE_BAN_KINDS) ||
        (record->kind == STORE_KEPT && record->kept.kind >= STORE_KEPT_KINDS) ||
        (record->kind == STORE_MASK && record->mask.kind >= STORE_MASK_KINDS))
        return "kind";
    return NULL;
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
