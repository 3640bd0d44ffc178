/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int copy_entry(struct privileges *privileges, const struct passwd *entry)
{
    if (entry->pw_uid == 0)
        return -EPERM;
    privileges->name = strdup(entry->pw_name);
    if (!privileges->name)
        return -ENOMEM;
    privileges->uid = entry->pw_uid;
    privileges->gid = entry->pw_gid;
    return 0;
}

int privileges_find(struct privileges *privileges, const char *user)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char *buffer = NULL;
    size_t size = 1024;
    int error = ERANGE;

    *privileges = (struct privileges){0};
    while (error == ERANGE && size <= 1024 * 1024) {
        char *larger = realloc(buffer, size);

        if (!larger) {
            error = ENOMEM;
            break;
        }
        buffer = larger;
        error = getpwnam_r(user, &entry, buffer, size, &found);
        size *= 2;
    }
    /* Some databases report a user that is not there as an error. */
    if (error == 0 && found)
        error = -copy_entry(privileges, found);
    else if (error == 0 || error == ESRCH)
        error = ENOENT;
    free(buffer);
    return -error;
}

void privileges_deinit(struct privileges *privileges)
{
    free(privileges->name);
    *privileges = (struct privileges){0};
}

/* So that no program that is ever run gets a capability: needs CAP_SETPCAP, so it comes first. */
static int clear_bounding_set(void)
{
    int capability;

    for (capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EPERM)
            return -errno;
    return 0;
}

static int clear_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

static bool has_capability(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    size_t i;

    if (syscall(SYS_capget, &header, sets) < 0)
        return true;
    for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        if (sets[i].effective | sets[i].permitted | sets[i].inheritable)
            return true;
    return false;
}

/* That every identity is the new one and that the old one cannot be had back. */
static int verify(const struct privileges *privileges)
{
    uid_t uids[3];
    gid_t gids[3];
    int i;

    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || getresgid(&gids[0], &gids[1], &gids[2]) < 0)
        return -errno;
    for (i = 0; i < 3; i++)
        if (uids[i] != privileges->uid || gids[i] != privileges->gid)
            return -EPERM;
    if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || has_capability())
        return -EPERM;
    return 0;
}

int privileges_drop(const struct privileges *privileges, const char **step)
{
    int rc;

    *step = "clear the bounding set";
    rc = clear_bounding_set();
    if (rc < 0)
        return rc;
    *step = "set the groups";
    if (initgroups(privileges->name, privileges->gid) < 0)
        return -errno;
    *step = "set the group";
    if (setresgid(privileges->gid, privileges->gid, privileges->gid) < 0)
        return -errno;
    *step = "set the user";
    if (setresuid(privileges->uid, privileges->uid, privileges->uid) < 0)
        return -errno;
    *step = "clear the capabilities";
    rc = clear_capabilities();
    if (rc < 0)
        return rc;
    *step = "forbid new privileges";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    *step = "verify that the privileges are gone";
    return verify(privileges);
}
