/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/words.h"

#include "tools/bench/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What has been read of a word; within: there is one, if only an empty one in quotes. */
struct builder {
    char *text;
    size_t length, room;
    bool within;
};

static void put(struct builder *builder, const char *bytes, size_t length)
{
    if (builder->length + length + 1 > builder->room) {
        builder->room = 2 * (builder->length + length + 1);
        builder->text = realloc(builder->text, builder->room);
        if (!builder->text)
            bench_die("memory");
    }
    memcpy(builder->text + builder->length, bytes, length);
    builder->length += length;
    builder->within = true;
}

/* Puts the value of the place that begins at TEXT. Returns how much of TEXT that is; 0: none does. */
static size_t put_place(struct builder *builder, const char *text, const struct word_place *places)
{
    for (; places->name; places++) {
        size_t length = strlen(places->name);

        if (text[0] == '{' && strncmp(text + 1, places->name, length) == 0 &&
            text[length + 1] == '}') {
            put(builder, places->value, strlen(places->value));
            return length + 2;
        }
    }
    return 0;
}

/* Reads one word, or as far as one goes. Returns where it ends; NULL: a quote does not. */
static const char *read_word(struct builder *builder, const char *at,
                             const struct word_place *places)
{
    char quote = '\0';

    for (size_t length; *at && (quote || !strchr(" \t\n", *at)); at += length) {
        length = put_place(builder, at, places);
        if (length > 0)
            continue;
        length = 1;
        if (quote ? *at == quote : *at == '\'' || *at == '"') {
            quote = quote ? '\0' : *at;
            builder->within = true;
        } else if (*at == '\\' && quote != '\'' && at[1]) {
            put(builder, at + 1, 1);
            length = 2;
        } else {
            put(builder, at, 1);
        }
    }
    return quote ? NULL : at;
}

char **words_split(const char *text, const struct word_place *places)
{
    char **words = bench_alloc(strlen(text) / 2 + 2, sizeof(*words));
    size_t count = 0;

    while (text && *text) {
        struct builder builder = {0};

        text += strspn(text, " \t\n");
        text = read_word(&builder, text, places);
        if (builder.within && text) {
            put(&builder, "", 0);
            builder.text[builder.length] = '\0';
            words[count++] = builder.text;
        } else {
            free(builder.text);
        }
    }
    if (text && count > 0)
        return words;
    words_free(words);
    return NULL;
}

void words_free(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

bool words_have(const char *text, const char *name)
{
    char place[32];

    snprintf(place, sizeof(place), "{%s}", name);
    return strstr(text, place) != NULL;
}
