/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/settings.h"

#include "tests/lib/expect.h"
#include "tests/lib/folder.h"

#include <stdlib.h>
#include <string.h>

#define NAME "t.conf"

/* For LeakSanitizer: at a syntax error libconfig 1.5 loses the string that it read last. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

/* The messages as one text, and the errors are done with. */
static char *join(struct config_errors *errors)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    config_errors_print(errors, file);
    EXPECT(fclose(file) == 0, "no memory");
    config_errors_deinit(errors);
    return text;
}

static struct config *accepted(int outcome, struct config *config, struct config_errors *errors)
{
    char *messages = join(errors);

    EXPECT(outcome == 0 && !*messages, "outcome %d:\n%s", outcome, messages);
    EXPECT(config, "no snapshot");
    free(messages);
    return config;
}

static char *refused(int outcome, struct config *config, struct config_errors *errors)
{
    char *messages = join(errors);

    EXPECT_RESULT(outcome, CONFIG_INVALID);
    EXPECT(!config, "a snapshot in spite of:\n%s", messages);
    EXPECT(*messages, "refused without a reason");
    return messages;
}

struct config *settings_load(const char *text)
{
    struct config_errors errors;
    struct config *config = NULL;
    int outcome;

    config_errors_init(&errors);
    outcome = config_load_text(NAME, text, strlen(text), &config, &errors);
    return accepted(outcome, config, &errors);
}

struct config *settings_load_file(const char *path)
{
    struct config_errors errors;
    struct config *config = NULL;
    int outcome;

    config_errors_init(&errors);
    outcome = config_load(path, &config, &errors);
    return accepted(outcome, config, &errors);
}

char *settings_complaints(const char *text)
{
    struct config_errors errors;
    struct config *config = NULL;
    int outcome;

    config_errors_init(&errors);
    outcome = config_load_text(NAME, text, strlen(text), &config, &errors);
    return refused(outcome, config, &errors);
}

char *settings_complaints_file(const char *path)
{
    struct config_errors errors;
    struct config *config = NULL;
    int outcome;

    config_errors_init(&errors);
    outcome = config_load(path, &config, &errors);
    return refused(outcome, config, &errors);
}

char *settings_dump(const struct config *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    EXPECT_RESULT(config_dump(config, file), 0);
    EXPECT(fclose(file) == 0, "no memory");
    return text;
}

char *settings_write(const char *folder, const char *name, const char *text)
{
    char *path = folder_path(folder, name);
    FILE *file;

    EXPECT(path, "no memory");
    file = fopen(path, "w");
    EXPECT(file, "cannot write %s", path);
    EXPECT(fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
    return path;
}
