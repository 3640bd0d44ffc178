/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/state.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int state_init(struct state *state, const struct config *config)
{
    int rc;

    *state = (struct state){.fd = -1};
    rc = config_state_dir(config, &state->path);
    return rc == -ENOENT ? 0 : rc;
}

void state_deinit(struct state *state)
{
    if (state->fd >= 0)
        close(state->fd);
    free(state->path);
    *state = (struct state){.fd = -1};
}

/* Makes the folder and those above it; *MADE says whether it was missing. */
static int make_folder(char *path, bool *made)
{
    char *slash;
    int rc;

    *made = mkdir(path, 0700) == 0;
    if (*made || errno == EEXIST)
        return 0;
    slash = strrchr(path, '/');
    if (errno != ENOENT || !slash || slash == path)
        return -errno;
    *slash = '\0';
    rc = make_folder(path, made);
    *slash = '/';
    if (rc < 0)
        return rc;
    *made = mkdir(path, 0700) == 0;
    return *made || errno == EEXIST ? 0 : -errno;
}

/* A folder that root has made for somebody else is theirs; any other stays as it is. */
static int give_away(const struct state *state, const struct privileges *owner, bool made)
{
    struct stat st;

    if (!owner->name)
        return 0;
    if (made)
        return fchown(state->fd, owner->uid, owner->gid) < 0 ? -errno : 0;
    if (fstat(state->fd, &st) < 0)
        return -errno;
    if (st.st_uid != owner->uid)
        pli_log(PL_LOG_WARNING,
                "%s belongs to user %lu, not to %s, who may be unable to write there", state->path,
                (unsigned long)st.st_uid, owner->name);
    return 0;
}

static int open_locked(struct state *state)
{
    int rc;

    state->fd = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->fd < 0)
        return -errno;
    if (flock(state->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
    close(state->fd);
    state->fd = -1;
    return rc;
}

/* Says why the folder cannot be had. */
static int blame(struct state *state, const struct config *config, int error,
                 struct config_errors *errors)
{
    struct config_place place = config_place_of(config, "server", "state_dir");
    static const char key[] = "server.state_dir";

    state->bad = true;
    if (error == -ENOENT && !state->path)
        config_errors_add(errors, place, key,
                          "a path is needed, as neither HOME nor XDG_STATE_HOME is set");
    else if (error == -EBUSY)
        config_errors_add(errors, place, key, "%s is another paceline's, which runs", state->path);
    else
        config_errors_add(errors, place, key, "%s: %s", state->path, strerror(-error));
    return CONFIG_INVALID;
}

int state_open(struct state *state, const struct config *config, const struct privileges *owner,
               struct config_errors *errors)
{
    bool made = false;
    int rc = -ENOENT;

    if (state->fd >= 0)
        return 0;
    if (state->bad)
        return CONFIG_INVALID;
    if (state->path)
        rc = make_folder(state->path, &made);
    if (rc == 0)
        rc = open_locked(state);
    if (rc == 0)
        rc = give_away(state, owner, made);
    return rc < 0 ? blame(state, config, rc, errors) : 0;
}

int state_path(struct state *state, const struct config *config, const struct privileges *owner,
               const char *path, char **out, struct config_errors *errors)
{
    int rc = 0;

    *out = NULL;
    if (path[0] != '/')
        rc = state_open(state, config, owner, errors);
    return rc == 0 ? config_path(state->path ? state->path : "/", path, out) : rc;
}
