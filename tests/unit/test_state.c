/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/state.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct privileges nobody_special;

static char *folder;

/* A configuration whose state_dir is SUB in the test's folder. */
static struct config *configure(const char *sub)
{
    struct config_errors errors;
    struct config *config;
    char text[512];

    folder = folder_new();
    CU_ASSERT_FATAL(folder != NULL);
    snprintf(text, sizeof(text), "server: {\nstate_dir = \"%s/%s\"; };\n", folder, sub);
    config_errors_init(&errors);
    CU_ASSERT_FATAL(config_load_text("test.conf", text, strlen(text), &config, &errors) == 0);
    return config;
}

static void end(struct config *config)
{
    config_unref(config);
    folder_remove(folder);
}

static void the_folder_is_made_with_those_above_it(void)
{
    struct config *config = configure("a/b/state");
    struct config_errors errors;
    struct state state;
    struct stat st;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0);
    CU_ASSERT(access(state.path, F_OK) < 0);
    CU_ASSERT(state_open(&state, config, &nobody_special, &errors) == 0);
    CU_ASSERT(stat(state.path, &st) == 0 && (st.st_mode & 07777) == 0700);
    CU_ASSERT(state_open(&state, config, &nobody_special, &errors) == 0);
    CU_ASSERT(errors.count == 0);
    state_deinit(&state);
    end(config);
}

static void a_folder_that_is_there_stays_as_it_is(void)
{
    struct config *config = configure("state");
    struct config_errors errors;
    struct state state;
    struct stat st;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0);
    CU_ASSERT_FATAL(mkdir(state.path, 0755) == 0 && chmod(state.path, 0755) == 0);
    CU_ASSERT(state_open(&state, config, &nobody_special, &errors) == 0);
    CU_ASSERT(stat(state.path, &st) == 0 && (st.st_mode & 0777) == 0755);
    state_deinit(&state);
    end(config);
}

static void there_is_one_daemon_a_folder(void)
{
    struct config *config = configure("state");
    struct config_errors errors;
    struct state second;
    struct state state;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0 && state_init(&second, config) == 0);
    CU_ASSERT_FATAL(state_open(&state, config, &nobody_special, &errors) == 0);
    CU_ASSERT(state_open(&second, config, &nobody_special, &errors) == CONFIG_INVALID);
    CU_ASSERT_FATAL(errors.count == 1);
    CU_ASSERT(strncmp(errors.messages[0], "test.conf:2: server.state_dir: ", 31) == 0);
    CU_ASSERT(strstr(errors.messages[0], "another paceline") != NULL);
    config_errors_deinit(&errors);
    /* Once is enough. */
    CU_ASSERT(state_open(&second, config, &nobody_special, &errors) == CONFIG_INVALID);
    CU_ASSERT(errors.count == 0);
    state_deinit(&state);
    second.bad = false;
    CU_ASSERT(state_open(&second, config, &nobody_special, &errors) == 0);
    state_deinit(&second);
    end(config);
}

static void what_is_no_folder_is_an_error(void)
{
    struct config *config = configure("state");
    struct config_errors errors;
    struct state state;
    int fd;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0);
    fd = open(state.path, O_WRONLY | O_CREAT, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    CU_ASSERT(state_open(&state, config, &nobody_special, &errors) == CONFIG_INVALID);
    CU_ASSERT_FATAL(errors.count == 1);
    CU_ASSERT(strstr(errors.messages[0], "Not a directory") != NULL);
    config_errors_deinit(&errors);
    state_deinit(&state);
    end(config);
}

static void only_relative_paths_need_the_folder(void)
{
    struct config *config = configure("state");
    struct config_errors errors;
    struct state state;
    char expected[512];
    char *path;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0);
    CU_ASSERT_FATAL(state_path(&state, config, &nobody_special, "/tmp/x", &path, &errors) == 0);
    CU_ASSERT_STRING_EQUAL(path, "/tmp/x");
    CU_ASSERT(state.fd == -1 && access(state.path, F_OK) < 0);
    free(path);
    CU_ASSERT_FATAL(state_path(&state, config, &nobody_special, "x", &path, &errors) == 0);
    snprintf(expected, sizeof(expected), "%s/state/x", folder);
    CU_ASSERT_STRING_EQUAL(path, expected);
    CU_ASSERT(state.fd >= 0);
    free(path);
    state_deinit(&state);
    end(config);
}

static void without_a_home_it_says_what_is_missing(void)
{
    struct config_errors errors;
    struct config *config;
    struct state state = {.fd = -1};
    char *path;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(config_defaults(&config) == 0);
    CU_ASSERT(state_path(&state, config, &nobody_special, "x", &path, &errors) == CONFIG_INVALID);
    CU_ASSERT(path == NULL);
    CU_ASSERT_FATAL(errors.count == 1);
    CU_ASSERT(strstr(errors.messages[0], "server.state_dir: a path is needed") != NULL);
    config_errors_deinit(&errors);
    config_unref(config);
}

static void root_makes_it_for_the_user_it_becomes(void)
{
    struct privileges owner = {.name = (char[]){"somebody"}, .uid = 12345, .gid = 54321};
    struct config_errors errors;
    struct config *config;
    struct state state;
    struct stat st;

    if (geteuid() != 0) {
        puts("  (left out: only root can give something away)");
        return;
    }
    config = configure("state");
    config_errors_init(&errors);
    CU_ASSERT_FATAL(state_init(&state, config) == 0);
    CU_ASSERT(state_open(&state, config, &owner, &errors) == 0);
    CU_ASSERT(stat(state.path, &st) == 0 && st.st_uid == 12345 && st.st_gid == 54321);
    state_deinit(&state);
    end(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the folder is made with those above it", the_folder_is_made_with_those_above_it},
        {"a folder that is there stays as it is", a_folder_that_is_there_stays_as_it_is},
        {"there is one daemon a folder", there_is_one_daemon_a_folder},
        {"what is no folder is an error", what_is_no_folder_is_an_error},
        {"only relative paths need the folder", only_relative_paths_need_the_folder},
        {"without a home it says what is missing", without_a_home_it_says_what_is_missing},
        {"root makes it for the user it becomes", root_makes_it_for_the_user_it_becomes},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "state", tests);
}
