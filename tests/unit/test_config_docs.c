/* SPDX-License-Identifier: MIT */
/* The manual page and the sample say what the table of keys says. */
#include "config.h"

#include "config/diff.h"
#include "config/keys.h"
#include "config/snapshot.h"
#include "tests/lib/expect.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL SOURCE_DIR "/man/paceline.conf.5"
#define SAMPLE SOURCE_DIR "/etc/paceline.conf"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    EXPECT(file, "cannot read %s", path);
    EXPECT(getdelim(&text, &size, '\0', file) > 0, "cannot read %s", path);
    fclose(file);
    return text;
}

/* A copy of what stands between START and the first of END behind it. */
static char *cut(const char *text, const char *start, const char *end)
{
    const char *from = strstr(text, start);
    const char *to;

    EXPECT(from, "no %s", start);
    from += strlen(start);
    to = strstr(from, end);
    EXPECT(to, "no %s after %s", end, start);
    return strndup(from, (size_t)(to - from));
}

/* What the manual says of a key, from its name on to the next; lines joined. */
static char *find_entry(const char *manual, const struct config_key *key)
{
    const char *kind = config_group_find(key->group)->element ? "LIST" : "GROUP";
    char start[80];
    char *section;
    char *entry;
    char *at;
    char *end;

    snprintf(start, sizeof(start), "\n.Sh %s %s\n", kind, key->group);
    section = cut(manual, start, "\n.Sh ");
    snprintf(start, sizeof(start), "\n.It Cm %s\n", key->name);
    at = strstr(section, start);
    EXPECT(at, "the manual lacks %s.%s", key->group, key->name);
    at += strlen(start);
    end = strstr(at, "\n.It Cm ");
    if (!end)
        end = strstr(at, "\n.El");
    EXPECT(end, "the list of %s does not end", key->group);
    entry = strndup(at, (size_t)(end - at) + 1);
    free(section);
    return entry;
}

static void manual_begins(const char *entry, const struct config_key *key, const char *expected)
{
    EXPECT(strncmp(entry, expected, strlen(expected)) == 0,
           "of %s.%s the manual says:\n%s\nexpected:\n%s", key->group, key->name, entry, expected);
}

/* What a listener must have, or must have instead of the other, a gateway, and an oper and their
 * class. */
static bool has_default(const struct config_key *key)
{
    static const char *const names[] = {"service", "port", "path"};
    size_t i;

    if (strcmp(key->group, "classes") == 0)
        return false;
    if (strcmp(key->group, "gateways") == 0 && strcmp(key->name, "from") == 0)
        return false;
    if (strcmp(key->group, "opers") == 0 || strcmp(key->group, "oper_classes") == 0)
        return strcmp(key->name, "class") == 0 || strcmp(key->name, "from") == 0;
    if (strcmp(key->group, "filters") == 0)
        return strcmp(key->name, "pattern") != 0;
    if (strcmp(key->group, "certificates") == 0 && strcmp(key->name, "certificate") == 0)
        return false;
    if (strcmp(key->group, "blocklists") == 0 && strcmp(key->name, "name") == 0)
        return false;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(key->group, "listeners") == 0 && strcmp(key->name, names[i]) == 0)
            return false;
    return true;
}

static void check_number(const char *entry, const struct config_key *key)
{
    bool port = strcmp(key->unit, "port number") == 0;
    char expected[120];
    int length = snprintf(expected, sizeof(expected), "%s%s, %s%" PRIu32 "..%" PRIu32 ", ",
                          port ? "P" : "Number of ", port ? key->unit + 1 : key->unit,
                          key->or_zero ? "0 or " : "", key->min, key->max);

    if (has_default(key))
        snprintf(expected + length, sizeof(expected) - (size_t)length, "default %" PRIu32 ".\n",
                 key->number);
    else
        snprintf(expected + length, sizeof(expected) - (size_t)length, "no default.\n");
    manual_begins(entry, key, expected);
}

static void check_text(const char *entry, const struct config_key *key)
{
    char expected[120];
    size_t i;

    manual_begins(entry, key, "String");
    if (!has_default(key))
        snprintf(expected, sizeof(expected), "no default.");
    else if (*key->string)
        snprintf(expected, sizeof(expected), "default\n.Ql %s .", key->string);
    else
        snprintf(expected, sizeof(expected), "default empty");
    EXPECT(strstr(entry, expected), "of %s.%s the manual lacks: %s", key->group, key->name,
           expected);
    for (i = 0; key->kind == CONFIG_CHOICE && key->choices[i]; i++) {
        snprintf(expected, sizeof(expected), ".Ql %s", key->choices[i]);
        EXPECT(strstr(entry, expected), "of %s.%s the manual lacks: %s", key->group, key->name,
               expected);
    }
}

static void the_manual_has_type_unit_range_and_default_of_every_key(void)
{
    char *manual = read_file(MANUAL);
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        char *entry = find_entry(manual, &config_keys[i]);

        if (config_keys[i].kind == CONFIG_NUMBER)
            check_number(entry, &config_keys[i]);
        else if (config_keys[i].kind == CONFIG_MODE)
            manual_begins(
                entry, &config_keys[i],
                "String of octal digits,\n.Ql 0001\nto\n.Ql 0777 ,\ndefault\n.Ql 0660 .\n");
        else if (config_keys[i].kind == CONFIG_BOOL)
            manual_begins(entry, &config_keys[i],
                          config_keys[i].number ? "Truth value, default\n.Ql true .\n"
                                                : "Truth value, default\n.Ql false .\n");
        else
            check_text(entry, &config_keys[i]);
        free(entry);
    }
    free(manual);
}

static void the_manual_says_what_needs_a_restart(void)
{
    char *manual = read_file(MANUAL);
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        char *entry = find_entry(manual, key);
        bool says = strstr(entry, "Restart.") != NULL;

        EXPECT(says != key->reload, "of %s.%s the manual says that it %s a restart", key->group,
               key->name, says ? "needs" : "does not need");
        free(entry);
    }
    free(manual);
}

static void the_manual_knows_no_other_keys(void)
{
    char *manual = read_file(MANUAL);
    const char *at = manual;
    size_t entries = 0;

    while ((at = strstr(at, "\n.It Cm "))) {
        at++;
        entries++;
    }
    CU_ASSERT_EQUAL(entries, config_key_count);
    free(manual);
}

static void the_sample_is_the_defaults(void)
{
    struct config *sample = settings_load_file(SAMPLE);
    struct config *defaults = NULL;
    struct config_diff diff;
    size_t i;

    CU_ASSERT_EQUAL_FATAL(config_defaults(&defaults), 0);
    CU_ASSERT_EQUAL_FATAL(config_diff_init(&diff, sample, defaults), 0);
    CU_ASSERT_EQUAL(diff.key_count, 0);
    CU_ASSERT_EQUAL(diff.listener_count, defaults->listener_count);
    for (i = 0; i < diff.listener_count; i++) {
        CU_ASSERT_EQUAL_FATAL(diff.listeners[i].fate, CONFIG_KEPT);
        CU_ASSERT_EQUAL(diff.listeners[i].before->max_line, diff.listeners[i].after->max_line);
    }
    config_diff_deinit(&diff);
    config_unref(defaults);
    config_unref(sample);
}

/* The comment lines right above line LINE. */
static char *comment_above(const char *text, unsigned line)
{
    const char *end = text;
    const char *start;

    for (; line > 1; line--)
        end = strchr(end, '\n') + 1;
    for (start = end; start > text;) {
        const char *above = start - 1;

        while (above > text && above[-1] != '\n')
            above--;
        if (above[strspn(above, " ")] != '#')
            break;
        start = above;
    }
    return strndup(start, (size_t)(end - start));
}

static void the_sample_explains_every_key(void)
{
    struct config *sample = settings_load_file(SAMPLE);
    char *text = read_file(SAMPLE);
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        unsigned line = config_place_of(sample, key->group, key->name).line;
        char *comment;
        char listed[80];

        snprintf(listed, sizeof(listed), "\n#   %s ", key->name);
        if (config_group_find(key->group)->element) {
            EXPECT(strstr(text, listed), "the sample lacks %s", key->name);
            continue;
        }
        EXPECT(line, "the sample lacks %s.%s", key->group, key->name);
        comment = comment_above(text, line);
        EXPECT((strstr(comment, "(restart)") != NULL) != key->reload,
               "the sample is wrong about a restart for %s.%s", key->group, key->name);
        free(comment);
    }
    free(text);
    config_unref(sample);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the manual has type, unit, range and default of every key",
         the_manual_has_type_unit_range_and_default_of_every_key},
        {"the manual says what needs a restart", the_manual_says_what_needs_a_restart},
        {"the manual knows no other keys", the_manual_knows_no_other_keys},
        {"the sample is the defaults", the_sample_is_the_defaults},
        {"the sample explains every key", the_sample_explains_every_key},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config docs", tests);
}
