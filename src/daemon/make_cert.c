/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/make_cert.h"

#include "base/certificate.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY (24l * 3600)

/* Ten years: it is trusted for its fingerprint, if at all, and nobody renews it. */
#define ENDS (3650 * DAY)

/* A clock of somebody else may be behind. */
#define BEGINS (-DAY)

struct paths {
    char *certificate;
    char *key;
};

static int fail(const char *path, int error)
{
    fprintf(stderr, "paceline: %s: %s\n", path,
            error == -EEXIST ? "there is one already, which stays" : strerror(-error));
    return error;
}

/* What root makes must be read by whom the daemon becomes. */
static int give_away(const struct privileges *owner, const char *path)
{
    if (!owner->name || chown(path, owner->uid, owner->gid) == 0)
        return 0;
    return -errno;
}

static int write_files(struct daemon *daemon, const struct paths *paths)
{
    const char *const hosts[] = {daemon->config->server.name, "localhost", "127.0.0.1", "::1"};
    struct pli_certificate_wish wish = {
        .hosts = hosts, .count = sizeof(hosts) / sizeof(*hosts), .begins = BEGINS, .ends = ENDS};
    int rc;

    if (access(paths->certificate, F_OK) == 0)
        return fail(paths->certificate, -EEXIST);
    rc = pli_certificate_make(&wish, paths->certificate, paths->key);
    if (rc < 0)
        return fail(paths->key, rc);
    rc = give_away(&daemon->privileges, paths->certificate);
    if (rc == 0)
        rc = give_away(&daemon->privileges, paths->key);
    return rc < 0 ? fail(paths->key, rc) : 0;
}

/* A folder that is there may be a server's that runs: a new file in it is in nobody's way. */
static int find_path(struct daemon *daemon, const char *name, char **path,
                     struct config_errors *errors)
{
    if (daemon->state.path && access(daemon->state.path, F_OK) == 0)
        return config_path(daemon->state.path, name, path);
    return state_path(&daemon->state, daemon->config, &daemon->privileges, name, path, errors);
}

static int find_paths(struct daemon *daemon, struct paths *paths, struct config_errors *errors)
{
    const struct config_tls *tls = &daemon->config->tls;
    int rc;

    if (!*tls->key) {
        config_errors_add(errors, config_place_of(daemon->config, "tls", "key"), "tls.key",
                          "the key is made in a file of its own, which is to be named here");
        return CONFIG_INVALID;
    }
    rc = state_init(&daemon->state, daemon->config);
    if (rc == 0 && *daemon->config->server.user && geteuid() == 0)
        rc = privileges_find(&daemon->privileges, daemon->config->server.user);
    if (rc == 0)
        rc = find_path(daemon, tls->certificate, &paths->certificate, errors);
    if (rc == 0)
        rc = find_path(daemon, tls->key, &paths->key, errors);
    return rc;
}

static int make(struct daemon *daemon, struct config_errors *errors)
{
    struct paths paths = {0};
    int rc = find_paths(daemon, &paths, errors);

    if (rc < 0)
        fail("there is no place for it", rc);
    if (rc == 0)
        rc = write_files(daemon, &paths);
    if (rc == 0)
        printf("certificate %s\nkey %s\n", paths.certificate, paths.key);
    free(paths.certificate);
    free(paths.key);
    return rc;
}

int make_cert(struct daemon *daemon)
{
    struct config_errors errors;
    int rc;

    daemon->state.fd = -1;
    config_errors_init(&errors);
    rc = make(daemon, &errors);
    config_errors_print(&errors, stderr);
    config_errors_deinit(&errors);
    state_deinit(&daemon->state);
    privileges_deinit(&daemon->privileges);
    return rc == 0 ? DAEMON_STOPPED : rc == CONFIG_INVALID ? DAEMON_CONFIG : DAEMON_FAILED;
}
