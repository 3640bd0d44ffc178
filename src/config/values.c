/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/values.h"

#include "config/build.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of all words of a list, with the spaces between them. */
#define CONFIG_WORDS_MAX 1023

static int read_number(const config_setting_t *setting, const struct config_key *key, void *base)
{
    int type = config_setting_type(setting);
    int64_t value;

    if (type == CONFIG_TYPE_INT64)
        value = config_setting_get_int64(setting);
    else if (type == CONFIG_TYPE_INT)
        value = config_setting_get_int(setting);
    else
        return CONFIG_INVALID;
    if ((value < key->min || value > key->max) && !(key->or_zero && value == 0))
        return CONFIG_INVALID;
    config_build_set_number(base, key, (uint32_t)value);
    return 0;
}

static int read_bool(const config_setting_t *setting, const struct config_key *key, void *base)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return CONFIG_INVALID;
    config_build_set_number(base, key, config_setting_get_bool(setting) != CONFIG_FALSE);
    return 0;
}

static int read_mode(const char *string, const struct config_key *key, void *base)
{
    size_t length = strlen(string);
    uint32_t mode = 0;

    if (length == 0 || length > 4 || strspn(string, "01234567") != length)
        return CONFIG_INVALID;
    for (; *string; string++)
        mode = mode * 8 + (uint32_t)(*string - '0');
    if (mode < key->min || mode > key->max)
        return CONFIG_INVALID;
    config_build_set_number(base, key, mode);
    return 0;
}

static int read_choice(const char *string, const struct config_key *key, void *base)
{
    size_t i;

    for (i = 0; key->choices[i]; i++)
        if (strcmp(key->choices[i], string) == 0)
            return config_build_set_string(base, key, key->choices[i]);
    return CONFIG_INVALID;
}

static int read_string(const char *string, const struct config_key *key, void *base)
{
    size_t length = strlen(string);

    if (length < key->min || length > key->max || !key->valid(string))
        return CONFIG_INVALID;
    return config_build_set_string(base, key, string);
}

/* One word behind those of TEXT, of which there are *LENGTH bytes. */
static bool add_word(const config_setting_t *setting, const struct config_key *key,
                     char text[static CONFIG_WORDS_MAX + 1], size_t *length)
{
    const char *word = config_setting_type(setting) == CONFIG_TYPE_STRING
                           ? config_setting_get_string(setting)
                           : "";
    size_t size = strlen(word);

    if (size == 0 || !key->valid(word) || *length + 1 + size > CONFIG_WORDS_MAX)
        return false;
    if (*length > 0)
        text[(*length)++] = ' ';
    memcpy(text + *length, word, size + 1);
    *length += size;
    return true;
}

static int read_words(const config_setting_t *setting, const struct config_key *key, void *base)
{
    int type = config_setting_type(setting);
    char text[CONFIG_WORDS_MAX + 1] = "";
    size_t length = 0;
    bool good = true;

    if (type == CONFIG_TYPE_STRING)
        good = add_word(setting, key, text, &length);
    else if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY)
        return CONFIG_INVALID;
    else
        for (int i = 0; good && i < config_setting_length(setting); i++)
            good = add_word(config_setting_get_elem(setting, (unsigned)i), key, text, &length);
    if (!good || length < key->min || length > key->max)
        return CONFIG_INVALID;
    return config_build_set_string(base, key, text);
}

int config_value_read(const config_setting_t *setting, const struct config_key *key, void *base)
{
    const char *string = NULL;

    if (key->kind == CONFIG_NUMBER)
        return read_number(setting, key, base);
    if (key->kind == CONFIG_BOOL)
        return read_bool(setting, key, base);
    if (key->kind == CONFIG_WORDS)
        return read_words(setting, key, base);
    if (config_setting_type(setting) == CONFIG_TYPE_STRING)
        string = config_setting_get_string(setting);
    if (!string)
        return CONFIG_INVALID;
    switch (key->kind) {
    case CONFIG_MODE:
        return read_mode(string, key, base);
    case CONFIG_CHOICE:
        return read_choice(string, key, base);
    default:
        return read_string(string, key, base);
    }
}

/* "a", "b" or "c" */
static void list_choices(const struct config_key *key, char buffer[static CONFIG_EXPECTED_SIZE])
{
    size_t used = 0;
    size_t i;

    for (i = 0; key->choices[i] && used < CONFIG_EXPECTED_SIZE; i++) {
        const char *before = i == 0 ? "" : key->choices[i + 1] ? ", " : " or ";

        used += (size_t)snprintf(buffer + used, CONFIG_EXPECTED_SIZE - used, "%s\"%s\"", before,
                                 key->choices[i]);
    }
}

const char *config_value_expected(const struct config_key *key,
                                  char buffer[static CONFIG_EXPECTED_SIZE])
{
    switch (key->kind) {
    case CONFIG_NUMBER:
        snprintf(buffer, CONFIG_EXPECTED_SIZE, "%s%" PRIu32 "..%" PRIu32,
                 key->or_zero ? "0 or " : "", key->min, key->max);
        break;
    case CONFIG_MODE:
        snprintf(buffer, CONFIG_EXPECTED_SIZE,
                 "permissions in octal (\"%04" PRIo32 "\"..\"%04" PRIo32 "\")", key->min, key->max);
        break;
    case CONFIG_BOOL:
        snprintf(buffer, CONFIG_EXPECTED_SIZE, "true or false");
        break;
    case CONFIG_CHOICE:
        list_choices(key, buffer);
        break;
    case CONFIG_STRING:
    case CONFIG_WORDS:
        snprintf(buffer, CONFIG_EXPECTED_SIZE, "%s", key->expected);
        break;
    }
    return buffer;
}

const char *config_value_got(const config_setting_t *setting,
                             char buffer[static CONFIG_QUOTED_SIZE])
{
    int64_t number = 0;
    const char *beyond = "";

    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        number = config_setting_type(setting) == CONFIG_TYPE_INT
                     ? config_setting_get_int(setting)
                     : config_setting_get_int64(setting);
        /* source.c makes these of anything beyond. */
        if (number == INT64_MAX)
            beyond = " or more";
        else if (number == INT64_MIN)
            beyond = " or less";
        snprintf(buffer, CONFIG_QUOTED_SIZE, "%" PRId64 "%s", number, beyond);
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(buffer, CONFIG_QUOTED_SIZE, "%g", config_setting_get_float(setting));
        break;
    case CONFIG_TYPE_BOOL:
        snprintf(buffer, CONFIG_QUOTED_SIZE, "%s",
                 config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        return config_quote(config_setting_get_string(setting), buffer);
    case CONFIG_TYPE_GROUP:
        snprintf(buffer, CONFIG_QUOTED_SIZE, "a group");
        break;
    case CONFIG_TYPE_ARRAY:
        snprintf(buffer, CONFIG_QUOTED_SIZE, "an array");
        break;
    default:
        snprintf(buffer, CONFIG_QUOTED_SIZE, "a list");
        break;
    }
    return buffer;
}
