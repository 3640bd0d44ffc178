/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/clients/watch.h"

#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL 50 /* milliseconds between two looks */

/* Whether a line of TEXT, which is taken apart, matches. */
static bool has_line(char *text, const regex_t *regex)
{
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        size_t length = strlen(line);

        while (length > 0 && line[length - 1] == ' ')
            line[--length] = '\0';
        if (regexec(regex, line, 0, NULL, 0) == 0)
            return true;
    }
    return false;
}

void watch_for(struct place place, watch_source *source, void *argument, const char *pattern)
{
    uint64_t deadline = expect_deadline();
    char whole[1024];
    regex_t regex;
    bool found;

    EXPECT((size_t)snprintf(whole, sizeof(whole), "^(%s)$", pattern) < sizeof(whole) &&
               regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) == 0,
           "no pattern: %s", pattern);
    do {
        char *text = source(argument);

        found = has_line(text, &regex);
        free(text);
        if (!found)
            poll(NULL, 0, INTERVAL);
    } while (!found && expect_remaining(deadline) > 0);
    regfree(&regex);
    if (!found)
        expect_fail(place, "no line matches %s in:\n%s", pattern, source(argument));
}

char *watch_file(void *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (!file) {
        EXPECT(errno == ENOENT, "%s: %s", (char *)path, strerror(errno));
        text = strdup("");
    } else {
        if (getdelim(&text, &size, '\0', file) < 0 && feof(file) && text)
            text[0] = '\0';
        EXPECT(!ferror(file), "%s: %s", (char *)path, strerror(errno));
        fclose(file);
    }
    EXPECT(text, "no memory");
    return text;
}
