/* SPDX-License-Identifier: MIT */
/*
 * The reader of configurations: any bytes are either refused with a reason or make a snapshot whose
 * dump reads back to the same.
 */
#include "config.h"

#include "config/diff.h"
#include "config/snapshot.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For LeakSanitizer: at a syntax error libconfig 1.5 loses the string that it read last. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

static void must(int holds)
{
    if (!holds)
        abort();
}

static char *dump(const struct config *config, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);

    must(file != NULL);
    must(config_dump(config, file) == 0);
    must(fclose(file) == 0);
    return text;
}

static void check_same(const struct config *one, const struct config *other)
{
    struct config_diff diff;
    size_t i;

    must(config_diff_init(&diff, one, other) == 0);
    must(diff.key_count == 0);
    must(diff.listener_count == one->listener_count);
    for (i = 0; i < diff.listener_count; i++)
        must(diff.listeners[i].fate == CONFIG_KEPT &&
             diff.listeners[i].before->max_line == diff.listeners[i].after->max_line);
    config_diff_deinit(&diff);
}

static void check_dump(const struct config *config, struct config_errors *errors)
{
    struct config *again = NULL;
    size_t size = 0;
    char *text = dump(config, &size);

    must(config_load_text("dump", text, size, &again, errors) == 0);
    check_same(config, again);
    config_unref(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_errors errors;
    struct config *config = NULL;
    size_t i;
    int outcome;

    config_errors_init(&errors);
    outcome = config_load_text("f.conf", (const char *)data, size, &config, &errors);
    must(outcome == 0 || outcome == CONFIG_INVALID);
    must((outcome == 0) == (config != NULL));
    must((outcome == 0) == (errors.count == 0));
    for (i = 0; i < errors.count; i++)
        must(strncmp(errors.messages[i], "f.conf:", 7) == 0 && !strchr(errors.messages[i], '\n'));
    if (config)
        check_dump(config, &errors);
    config_unref(config);
    config_errors_deinit(&errors);
    return 0;
}
