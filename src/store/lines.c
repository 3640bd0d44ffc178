/* SPDX-License-Identifier: MIT */
/*
 * Jansson sees to what is JSON and UTF-8, and to members that come twice; here each member must be
 * known, of its type, and there. What texts and numbers may be is store_change_fault()'s to say.
 */
#include "config.h"

#include "store/lines.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION 1
#define HEAD           "paceline"

/* What a record is beside texts and numbers, by its name; NULL: nothing. */
static const char *sort_of(const struct store_record *record)
{
    return record->kind == STORE_BAN    ? store_ban_kind_name(record->ban.kind)
           : record->kind == STORE_KEPT ? store_kept_kind_name(record->kept.kind)
           : record->kind == STORE_MASK ? store_mask_kind_name(record->mask.kind)
                                        : NULL;
}

/* -- Writing ------------------------------------------------------------------------------------ */

/* Takes the object over. BUILT: it is complete. */
static int write_object(json_t *object, bool built, FILE *file)
{
    int rc = object && built ? 0 : -ENOMEM;

    if (rc == 0 && (json_dumpf(object, file, JSON_COMPACT) < 0 || putc('\n', file) == EOF))
        rc = ferror(file) ? -EIO : -ENOMEM;
    json_decref(object);
    return rc;
}

int store_line_write_head(FILE *file)
{
    json_t *object = json_pack("{s:s,s:i}", "type", HEAD, "version", FORMAT_VERSION);

    return write_object(object, true, file);
}

int store_line_write(const struct store_record *record, FILE *file)
{
    struct store_record copy = *record;
    struct store_field fields[STORE_FIELDS_MAX];
    struct store_number numbers[STORE_NUMBERS_MAX];
    const char *sort = sort_of(record);
    json_t *object = json_pack("{s:s}", "type", store_kind_name(record->kind));
    size_t count = store_record_fields(&copy, fields);
    int bad = !object;

    for (size_t i = 0; i < count && !bad; i++)
        bad = json_object_set_new(object, fields[i].name, json_string(*fields[i].text));
    if (!bad && sort)
        bad = json_object_set_new(object, "kind", json_string(sort));
    count = store_record_numbers(&copy, numbers);
    for (size_t i = 0; i < count && !bad; i++)
        bad = json_object_set_new(object, numbers[i].name,
                                  json_integer((json_int_t)*numbers[i].value));
    return write_object(object, !bad, file);
}

/* -- Reading ------------------------------------------------------------------------------------ */

static int complain(char why[static STORE_WHY], const char *member, const char *what)
{
    snprintf(why, STORE_WHY, "%s: %s", member, what);
    return STORE_LINE_BAD;
}

/* The object that the line is. */
static int parse(const char *line, size_t length, json_t **object, char why[static STORE_WHY])
{
    json_error_t error;

    *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(*object))
        return 0;
    if (!*object && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (*object)
        snprintf(why, STORE_WHY, "an object expected");
    else
        snprintf(why, STORE_WHY, "%s, at byte %d", error.text, error.position);
    json_decref(*object);
    *object = NULL;
    return STORE_LINE_BAD;
}

/* A text stands as long as the object. */
static int take_text(const json_t *object, const char *name, const char **text, size_t *taken,
                     char why[static STORE_WHY])
{
    const json_t *value = json_object_get(object, name);

    if (!value)
        return complain(why, name, "it is missing");
    if (!json_is_string(value))
        return complain(why, name, "a string expected");
    *text = json_string_value(value);
    ++*taken;
    return 0;
}

static int take_number(const json_t *object, const struct store_number *number, size_t *taken,
                       char why[static STORE_WHY])
{
    const json_t *value = json_object_get(object, number->name);

    if (!value)
        return complain(why, number->name, "it is missing");
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return complain(why, number->name, "a whole number, 0 or more, expected");
    *number->value = (uint64_t)json_integer_value(value);
    ++*taken;
    return 0;
}

/* The place of NAME among COUNT names; COUNT: it is none of them. */
static unsigned find_name(const char *name, unsigned count, const char *(*name_of)(unsigned))
{
    unsigned i = 0;

    while (i < count && strcmp(name, name_of(i)) != 0)
        i++;
    return i;
}

static const char *kind_name(unsigned kind)
{
    return store_kind_name((enum store_kind)kind);
}

static const char *ban_kind_name(unsigned kind)
{
    return store_ban_kind_name((enum store_ban_kind)kind);
}

static const char *mask_kind_name(unsigned kind)
{
    return store_mask_kind_name((enum store_mask_kind)kind);
}

static const char *kept_kind_name(unsigned kind)
{
    return store_kept_kind_name((enum store_kept_kind)kind);
}

static int take_ban_kind(const char *name, struct store_record *record, char why[static STORE_WHY])
{
    unsigned kind = find_name(name, STORE_BAN_KINDS, ban_kind_name);

    if (kind == STORE_BAN_KINDS)
        return complain(why, "kind", "\"user\", \"address\" or \"channel\" expected");
    record->ban.kind = (enum store_ban_kind)kind;
    return 0;
}

static int take_mask_kind(const char *name, struct store_record *record, char why[static STORE_WHY])
{
    unsigned kind = find_name(name, STORE_MASK_KINDS, mask_kind_name);

    if (kind == STORE_MASK_KINDS)
        return complain(why, "kind", "\"ban\", \"exception\" or \"invite\" expected");
    record->mask.kind = (enum store_mask_kind)kind;
    return 0;
}

static int take_kept_kind(const char *name, struct store_record *record, char why[static STORE_WHY])
{
    unsigned kind = find_name(name, STORE_KEPT_KINDS, kept_kind_name);

    if (kind == STORE_KEPT_KINDS)
        return complain(why, "kind",
                        "\"marker\", \"metadata\", \"channel\" or \"presence\" expected");
    record->kept.kind = (enum store_kept_kind)kind;
    return 0;
}

static int take_kind(const json_t *object, struct store_record *record, size_t *taken,
                     char why[static STORE_WHY])
{
    const char *name;
    int rc = take_text(object, "kind", &name, taken, why);

    if (rc != 0)
        return rc;
    return record->kind == STORE_BAN    ? take_ban_kind(name, record, why)
           : record->kind == STORE_MASK ? take_mask_kind(name, record, why)
                                        : take_kept_kind(name, record, why);
}

static int take_members(const json_t *object, struct store_record *record, size_t *taken,
                        char why[static STORE_WHY])
{
    struct store_field fields[STORE_FIELDS_MAX];
    struct store_number numbers[STORE_NUMBERS_MAX];
    size_t count = store_record_fields(record, fields);
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++)
        rc = take_text(object, fields[i].name, fields[i].text, taken, why);
    count = store_record_numbers(record, numbers);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = take_number(object, &numbers[i], taken, why);
    if (rc == 0 &&
        (record->kind == STORE_BAN || record->kind == STORE_KEPT || record->kind == STORE_MASK))
        rc = take_kind(object, record, taken, why);
    return rc;
}

static int read_object(const json_t *object, struct store_change *change,
                       char why[static STORE_WHY])
{
    struct store_record *record = &change->record;
    const char *type, *fault;
    size_t taken = 0;
    unsigned kind;
    int rc = take_text(object, "type", &type, &taken, why);

    if (rc != 0)
        return rc;
    kind = find_name(type, STORE_KINDS, kind_name);
    if (kind == STORE_KINDS)
        return complain(why, "type", "the name of a kind of records expected");
    *change = (struct store_change){.operation = STORE_ADD, .record.kind = (enum store_kind)kind};
    rc = take_members(object, record, &taken, why);
    if (rc != 0)
        return rc;
    if (json_object_size(object) != taken)
        return complain(why, type, "it has members that are not known");
    fault = store_change_fault(change);
    return fault ? complain(why, fault, "it is too long, too great, 0, empty or has line ends") : 0;
}

int store_line_read(const char *line, size_t length, struct store_change **change,
                    char why[static STORE_WHY])
{
    struct store_change read;
    json_t *object;
    int rc = parse(line, length, &object, why);

    *change = NULL;
    if (rc != 0)
        return rc;
    rc = read_object(object, &read, why);
    if (rc == 0) {
        *change = store_change_copy(&read);
        rc = *change ? 0 : -ENOMEM;
    }
    json_decref(object);
    return rc;
}

int store_line_read_head(const char *line, size_t length, char why[static STORE_WHY])
{
    const char *type;
    size_t taken = 0;
    uint64_t version = 0;
    json_t *object;
    int rc = parse(line, length, &object, why);

    if (rc == 0)
        rc = take_text(object, "type", &type, &taken, why);
    if (rc == 0 && strcmp(type, HEAD) != 0)
        rc = complain(why, "type", "\"" HEAD "\" expected in the first line");
    if (rc == 0)
        rc = take_number(object, &(struct store_number){"version", &version, false}, &taken, why);
    if (rc == 0 && version != FORMAT_VERSION)
        rc = complain(why, "version", "only 1 is known here");
    json_decref(object);
    return rc;
}
