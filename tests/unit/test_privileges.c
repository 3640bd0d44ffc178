/* SPDX-License-Identifier: MIT */
/* What root alone can do is tested when root runs it, in a child that ends afterwards. */
#include "config.h"

#include "daemon/privileges.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void users_are_found(void)
{
    struct privileges privileges;
    struct passwd *nobody = NULL;
    struct passwd entry;
    char buffer[4096];

    CU_ASSERT_FATAL(getpwnam_r("nobody", &entry, buffer, sizeof(buffer), &nobody) == 0);
    CU_ASSERT_FATAL(nobody != NULL);
    CU_ASSERT_FATAL(privileges_find(&privileges, "nobody") == 0);
    CU_ASSERT_STRING_EQUAL(privileges.name, "nobody");
    CU_ASSERT(privileges.uid == nobody->pw_uid && privileges.gid == nobody->pw_gid);
    privileges_deinit(&privileges);
    CU_ASSERT(privileges.name == NULL);
}

static void users_that_will_not_do_are_told_apart(void)
{
    struct privileges privileges;

    CU_ASSERT(privileges_find(&privileges, "no-such-user-here") == -ENOENT);
    CU_ASSERT(privileges.name == NULL);
    CU_ASSERT(privileges_find(&privileges, "root") == -EPERM);
    CU_ASSERT(privileges.name == NULL);
}

/* In the child: 0, or a number that says what is not as it should be. */
static int look_around(const struct privileges *privileges)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    uid_t uids[3];
    gid_t gids[3];

    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || uids[0] != privileges->uid ||
        uids[1] != privileges->uid || uids[2] != privileges->uid)
        return 11;
    if (getresgid(&gids[0], &gids[1], &gids[2]) < 0 || gids[0] != privileges->gid ||
        gids[1] != privileges->gid || gids[2] != privileges->gid)
        return 12;
    if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
        return 13;
    if (syscall(SYS_capget, &header, sets) < 0 || sets[0].effective | sets[0].permitted ||
        sets[1].effective | sets[1].permitted || sets[0].inheritable | sets[1].inheritable)
        return 14;
    if (prctl(PR_CAPBSET_READ, CAP_NET_BIND_SERVICE, 0, 0, 0) != 0)
        return 15;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 16;
}

/* Root's supplementary groups must not stay. */
static int has_root_group(void)
{
    gid_t groups[64];
    int count = getgroups(64, groups);
    int i;

    for (i = 0; i < count; i++)
        if (groups[i] == 0)
            return 17;
    return count < 0 ? 18 : 0;
}

static int drop_and_look(void)
{
    static const gid_t root_groups[] = {0, 1};
    struct privileges privileges;
    const char *step = "";
    int result;

    if (setgroups(2, root_groups) < 0 || privileges_find(&privileges, "nobody") < 0)
        return 1;
    if (privileges_drop(&privileges, &step) < 0) {
        fprintf(stderr, "privileges_drop: %s\n", step);
        return 2;
    }
    result = look_around(&privileges);
    privileges_deinit(&privileges);
    return result ? result : has_root_group();
}

static void everything_is_given_up_for_good(void)
{
    pid_t child;
    int status;

    if (geteuid() != 0) {
        puts("  (left out: only root has something to give up)");
        return;
    }
    fflush(NULL);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        _exit(drop_and_look());
    CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
    CU_ASSERT_FATAL(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

static void without_privileges_it_fails_and_says_where(void)
{
    struct privileges privileges;
    const char *step = NULL;
    pid_t child;
    int status;

    CU_ASSERT_FATAL(privileges_find(&privileges, "nobody") == 0);
    fflush(NULL);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresuid(12345, 12345, 12345) < 0))
            _exit(1);
        _exit(privileges_drop(&privileges, &step) == -EPERM && strcmp(step, "set the groups") == 0
                  ? 0
                  : 2);
    }
    CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    privileges_deinit(&privileges);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"users are found", users_are_found},
        {"users that will not do are told apart", users_that_will_not_do_are_told_apart},
        {"everything is given up for good", everything_is_given_up_for_good},
        {"without privileges it fails and says where", without_privileges_it_fails_and_says_where},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "privileges", tests);
}
