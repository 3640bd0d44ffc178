/* SPDX-License-Identifier: MIT */
/* Where the files that the configuration names are. */
#include "config.h"

#include "config/paths.h"

#include "config/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* LENGTH bytes of HEAD, followed by TAIL. */
static int join(const char *head, size_t length, const char *tail, char **out)
{
    size_t size = strlen(tail) + 1;

    *out = malloc(length + size);
    if (!*out)
        return -ENOMEM;
    memcpy(*out, head, length);
    memcpy(*out + length, tail, size);
    return 0;
}

/* The environment says nothing with a relative path, as the XDG specification has it. */
static const char *absolute_from_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value == '/' ? value : NULL;
}

int config_paths_state_dir(const struct config *config, uid_t uid, char **out)
{
    const char *folder;

    *out = NULL;
    if (*config->server.state_dir)
        return join("", 0, config->server.state_dir, out);
    /* systemd(1) separates several with colons. */
    folder = absolute_from_environment("STATE_DIRECTORY");
    if (folder)
        return join(folder, strcspn(folder, ":"), "", out);
    if (uid == 0)
        return join("", 0, LOCALSTATEDIR "/lib/paceline", out);
    folder = absolute_from_environment("XDG_STATE_HOME");
    if (folder)
        return join(folder, strlen(folder), "/paceline", out);
    folder = absolute_from_environment("HOME");
    if (folder)
        return join(folder, strlen(folder), "/.local/state/paceline", out);
    return -ENOENT;
}

int config_state_dir(const struct config *config, char **out)
{
    return config_paths_state_dir(config, geteuid(), out);
}

int config_path(const char *state_dir, const char *path, char **out)
{
    size_t length = strlen(state_dir);
    int error;

    *out = NULL;
    if (!*path)
        return -EINVAL;
    if (*path == '/')
        return join("", 0, path, out);
    error = join(state_dir, length + 1, path, out);
    if (!error)
        (*out)[length] = '/';
    return error;
}

int config_control_path(const struct config *config, const char *state_dir, char **out)
{
    const char *control = config->server.control;

    *out = NULL;
    if (strcmp(control, "none") == 0)
        return 0;
    return config_path(state_dir, *control ? control : "control.sock", out);
}
