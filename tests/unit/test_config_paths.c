/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/paths.h"
#include "config/snapshot.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void set(const char *name, const char *value)
{
    CU_ASSERT_EQUAL_FATAL(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

/* Where the state is kept; NULL: that is not to be found out. */
static void check_state_dir(const char *text, uid_t uid, const char *expected)
{
    struct config *config = settings_load(text);
    char *path = NULL;

    CU_ASSERT_EQUAL(config_paths_state_dir(config, uid, &path), expected ? 0 : -ENOENT);
    CU_ASSERT_EQUAL(path != NULL, expected != NULL);
    if (path && expected)
        CU_ASSERT_STRING_EQUAL(path, expected);
    free(path);
    config_unref(config);
}

static void the_state_is_where_the_file_or_the_environment_says(void)
{
    static const char set_by_file[] = "server: { state_dir = \"/srv/x\"; };";

    set("STATE_DIRECTORY", "/run/a:/run/b");
    set("XDG_STATE_HOME", "/home/me/state");
    set("HOME", "/home/me");
    check_state_dir(set_by_file, 0, "/srv/x");
    check_state_dir("", 0, "/run/a");
    check_state_dir("", 1000, "/run/a");
    set("STATE_DIRECTORY", "/run/a");
    check_state_dir("", 1000, "/run/a");
    set("STATE_DIRECTORY", NULL);
    check_state_dir("", 0, LOCALSTATEDIR "/lib/paceline");
    check_state_dir("", 1000, "/home/me/state/paceline");
    set("XDG_STATE_HOME", "relative");
    check_state_dir("", 1000, "/home/me/.local/state/paceline");
    set("XDG_STATE_HOME", NULL);
    set("HOME", "");
    check_state_dir("", 1000, NULL);
    check_state_dir(set_by_file, 1000, "/srv/x");
}

static void the_effective_user_is_who_asks(void)
{
    struct config *config = settings_load("");
    char *asked = NULL;
    char *expected = NULL;

    set("STATE_DIRECTORY", NULL);
    set("XDG_STATE_HOME", "/x");
    CU_ASSERT_EQUAL_FATAL(config_state_dir(config, &asked), 0);
    CU_ASSERT_EQUAL_FATAL(config_paths_state_dir(config, geteuid(), &expected), 0);
    CU_ASSERT_STRING_EQUAL(asked, expected);
    free(asked);
    free(expected);
    config_unref(config);
}

static void relative_paths_start_from_the_state(void)
{
    char *path;

    CU_ASSERT_EQUAL_FATAL(config_path("/state", "a/b", &path), 0);
    CU_ASSERT_STRING_EQUAL(path, "/state/a/b");
    free(path);
    CU_ASSERT_EQUAL_FATAL(config_path("/state", "/a/b", &path), 0);
    CU_ASSERT_STRING_EQUAL(path, "/a/b");
    free(path);
    CU_ASSERT_EQUAL(config_path("/state", "", &path), -EINVAL);
    CU_ASSERT_PTR_NULL(path);
}

static void check_control(const char *text, const char *expected)
{
    struct config *config = settings_load(text);
    char *path = NULL;

    CU_ASSERT_EQUAL(config_control_path(config, "/state", &path), 0);
    CU_ASSERT_EQUAL(path != NULL, expected != NULL);
    if (path && expected)
        CU_ASSERT_STRING_EQUAL(path, expected);
    free(path);
    config_unref(config);
}

static void the_control_socket_is_in_the_state_unless_set(void)
{
    check_control("", "/state/control.sock");
    check_control("server: { control = \"c\"; };", "/state/c");
    check_control("server: { control = \"/run/c\"; };", "/run/c");
    check_control("server: { control = \"none\"; };", NULL);
    check_control("server: { control = \"./none\"; };", "/state/./none");
}

static void without_memory_there_is_no_path(void)
{
    struct config *config = settings_load("");
    char *path = NULL;

    set("STATE_DIRECTORY", "/run/a");
    failmalloc_after(1);
    CU_ASSERT_EQUAL(config_state_dir(config, &path), -ENOMEM);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(config_path("/state", "a", &path), -ENOMEM);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(config_control_path(config, "/state", &path), -ENOMEM);
    failmalloc_off();
    CU_ASSERT_PTR_NULL(path);
    config_unref(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the state is where the file or the environment says",
         the_state_is_where_the_file_or_the_environment_says},
        {"the effective user is who asks", the_effective_user_is_who_asks},
        {"relative paths start from the state", relative_paths_start_from_the_state},
        {"the control socket is in the state unless set",
         the_control_socket_is_in_the_state_unless_set},
        {"without memory there is no path", without_memory_there_is_no_path},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config paths", tests);
}
