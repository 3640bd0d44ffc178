/* SPDX-License-Identifier: MIT */
/* paceline-bench(1) names what the tables have: all options with those who take them, all members
 * of JSON, and nothing else. */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tools/bench/metrics.h"
#include "tools/bench/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL SOURCE_DIR "/man/paceline-bench.1"

static char *manual;

static void read_manual(void)
{
    FILE *file = fopen(MANUAL, "r");
    size_t size = 0;

    EXPECT(file, "cannot read %s", MANUAL);
    EXPECT(getdelim(&manual, &size, '\0', file) > 0, "cannot read %s", MANUAL);
    fclose(file);
}

/* A copy of what the manual has under a heading. */
static char *section(const char *heading)
{
    char start[40];
    const char *from;
    const char *to;

    snprintf(start, sizeof(start), "\n.Sh %s\n", heading);
    from = strstr(manual, start);
    EXPECT(from, "no %s", heading);
    to = strstr(from + 1, "\n.Sh ");
    EXPECT(to, "nothing after %s", heading);
    return strndup(from, (size_t)(to - from) + 1);
}

static unsigned count_tags(const char *text)
{
    unsigned count = 0;

    while ((text = strstr(text, "\n.It "))) {
        count++;
        text++;
    }
    return count;
}

/* The tag of an option, and the line below it. */
static void write_entry(const struct bench_option *option, char *text, size_t size)
{
    size_t used =
        (size_t)snprintf(text, size, "\n.It Fl -%s%s%s\n.Pq ", option->name,
                         option->argument ? " Ar " : "", option->argument ? option->argument : "");
    const char *separator = "";

    for (unsigned i = 0; i < BENCH_COMMANDS; i++) {
        if (!(option->commands & 1u << i))
            continue;
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", separator, bench_command_names[i]);
        separator = ", ";
    }
    snprintf(text + used, size - used, "\n");
}

static void the_manual_has_each_option_and_who_takes_it(void)
{
    char *text = section("OPTIONS");
    unsigned count = 0;
    char entry[256];

    for (const struct bench_option *option = bench_option_table; option->name; option++) {
        write_entry(option, entry, sizeof(entry));
        EXPECT(strstr(text, entry), "this is missing: %s", entry);
        count++;
    }
    CU_ASSERT_EQUAL(count_tags(text), count);
    free(text);
}

static bool is_key(const char *word)
{
    for (unsigned i = 0; i < METRICS; i++)
        if (strcmp(bench_metrics[i].key, word) == 0)
            return true;
    return false;
}

static void the_manual_has_each_member_of_json_and_no_other(void)
{
    char *text = section("JSON");
    char *rest = text;
    unsigned count = 0;

    for (char *line; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, ".It Ql ", 7) != 0)
            continue;
        line += 7;
        for (char *word; (word = strsep(&line, " "));) {
            if (strcmp(word, ",") == 0)
                continue;
            EXPECT(is_key(word), "what is %s?", word);
            count++;
        }
    }
    CU_ASSERT_EQUAL(count, METRICS);
    free(text);
}

static void the_manual_has_each_command(void)
{
    char *text = section("DESCRIPTION");

    for (unsigned i = 0; i < BENCH_COMMANDS; i++) {
        char tag[40];

        snprintf(tag, sizeof(tag), "\n.It Cm %s\n", bench_command_names[i]);
        EXPECT(strstr(text, tag), "no %s", bench_command_names[i]);
    }
    CU_ASSERT_EQUAL(count_tags(text), BENCH_COMMANDS);
    free(text);
}

/* No command has two options of the same name, nor more than its reader holds. */
static void options_of_a_command_differ(void)
{
    for (const struct bench_option *a = bench_option_table; a->name; a++)
        for (const struct bench_option *b = bench_option_table; b < a; b++)
            EXPECT(strcmp(a->name, b->name) != 0 || !(a->commands & b->commands), "%s stands twice",
                   a->name);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the_manual_has_each_option_and_who_takes_it",
         the_manual_has_each_option_and_who_takes_it},
        {"the_manual_has_each_member_of_json_and_no_other",
         the_manual_has_each_member_of_json_and_no_other},
        {"the_manual_has_each_command", the_manual_has_each_command},
        {"options_of_a_command_differ", options_of_a_command_differ},
        {NULL, NULL},
    };

    read_manual();
    return unit_main(argc, argv, "bench_docs", tests);
}
