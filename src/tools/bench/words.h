/* SPDX-License-Identifier: MIT */
/* A command as one writes it: words with blanks between them, and '...', "..." and \ as a shell has
 * them, but nothing else of a shell; and places in them that are filled in. */
#ifndef TOOLS_BENCH_WORDS_H
#define TOOLS_BENCH_WORDS_H

#include <stdbool.h>

/* NAME without its braces, as "port". */
struct word_place {
    const char *name;
    const char *value;
};

/*
 * Splits TEXT into words, each {NAME} of PLACES in them, an array that ends with a NULL name, with
 * its value in its place. Braces that name none stay as they are. Returns the words, up to a NULL,
 * for words_free(); or NULL where a quote has no end or there is no word.
 */
char **words_split(const char *text, const struct word_place *places);
void words_free(char **words);

/* Whether {NAME} stands in TEXT. */
bool words_have(const char *text, const char *name);

#endif
