/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/tls.h"

#include "daemon/daemon.h"
#include "transport/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The files, as the library wants them; the paths are ours. */
struct files {
    struct pl_tls_certificate *list;
    size_t count;
    bool looked;
};

#define ERROR_SIZE 4500

static bool is_needed(const struct config *config)
{
    for (size_t i = 0; i < config->listener_count; i++)
        if (config->listeners[i].tls)
            return true;
    return false;
}

/* The paths are const to the library. */
static void files_free(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free((void *)(uintptr_t)files->list[i].certificate);
        free((void *)(uintptr_t)files->list[i].key);
    }
    free(files->list);
}

/* -- Files ----------------------------------------------------------------------------------- */

/*
 * Finds one; in the state folder that is opened for it, unless they are only to be LOOKED at: then
 * nothing is made or locked, so that a daemon may have it meanwhile.
 */
static int find_path(struct daemon *daemon, const struct config *config, const char *path,
                     bool looked, char **out, struct config_errors *errors)
{
    if (looked && daemon->state.path)
        return config_path(daemon->state.path, path, out);
    return state_path(&daemon->state, config, &daemon->privileges, path, out, errors);
}

/* Adds one, whose key may stand in the same file. */
static int add(struct files *files, struct daemon *daemon, const struct config *config,
               const char *certificate, const char *key, struct config_errors *errors)
{
    char *certificate_path = NULL;
    char *key_path = NULL;
    int rc = find_path(daemon, config, certificate, files->looked, &certificate_path, errors);

    if (rc == 0)
        rc = find_path(daemon, config, *key ? key : certificate, files->looked, &key_path, errors);
    if (rc != 0) {
        free(certificate_path);
        return rc;
    }
    files->list[files->count++] = (struct pl_tls_certificate){certificate_path, key_path};
    return 0;
}

/* LOOKED in FILES says what for. */
static int files_find(struct files *files, struct daemon *daemon, const struct config *config,
                      struct config_errors *errors)
{
    int rc;

    files->list = calloc(config->certificate_count + 1, sizeof(*files->list));
    if (!files->list)
        return -ENOMEM;
    rc = add(files, daemon, config, config->tls.certificate, config->tls.key, errors);
    for (size_t i = 0; rc == 0 && i < config->certificate_count; i++)
        rc = add(files, daemon, config, config->certificates[i].certificate,
                 config->certificates[i].key, errors);
    if (rc != 0)
        files_free(files);
    return rc;
}

/* -- What is wrong with them ----------------------------------------------------------------- */

static bool is_about(const char *error, const char *subject)
{
    size_t length = strlen(subject);

    return length > 0 && strncmp(error, subject, length) == 0 && error[length] == ':';
}

/* Says so of certificate INDEX, 0: that of the group; KEY: of that. */
static void blame(const struct config *config, size_t index, const char *key, const char *error,
                  struct config_errors *errors)
{
    struct config_place place =
        index == 0 ? config_place_of(config, "tls", key) : config->certificates[index - 1].place;
    char label[48];

    if (index == 0)
        snprintf(label, sizeof(label), "tls.%s", key);
    else
        snprintf(label, sizeof(label), "certificates[%zu].%s", index - 1, key);
    config_errors_add(errors, place, label, "%s", error);
}

/* ERROR, of pl_tls_new(), begins with what it is about: of the files from FIRST on, or the ciphers. */
static void explain(const struct config *config, const struct files *files, size_t first,
                    const char *error, struct config_errors *errors)
{
    if (is_about(error, config->tls.ciphers)) {
        blame(config, 0, "ciphers", error, errors);
        return;
    }
    for (size_t i = first; i < files->count; i++) {
        if (is_about(error, files->list[i].certificate)) {
            blame(config, i, "certificate", error, errors);
            return;
        }
        if (is_about(error, files->list[i].key)) {
            blame(config, i, "key", error, errors);
            return;
        }
    }
    blame(config, first, "certificate", error, errors);
}

static struct pl_tls_options options_of(const struct config *config, const struct files *files)
{
    struct pl_tls_options options = PL_TLS_OPTIONS;

    options.certificates = files->list;
    options.count = files->count;
    options.min_version = strcmp(config->tls.min_version, "1.3") == 0 ? PL_TLS_1_3 : PL_TLS_1_2;
    options.ciphers = config->tls.ciphers;
    options.ticket_lifetime = config->tls.ticket_lifetime;
    return options;
}

/* -- Looking --------------------------------------------------------------------------------- */

/* One by one, so that all that is wrong is said. */
static int check_file(const struct config *config, const struct files *files, size_t index,
                      struct config_errors *errors)
{
    struct pl_tls_options options = options_of(config, files);
    struct pl_tls *tls = NULL;
    char error[ERROR_SIZE];
    int rc;

    options.certificates += index;
    options.count = 1;
    rc = pl_tls_new(&options, &tls, error, sizeof(error));
    if (rc == -ENOMEM)
        return rc;
    if (rc < 0) {
        explain(config, files, index, error, errors);
        return CONFIG_INVALID;
    }
    if (pli_tls_is_stale(tls)) {
        snprintf(error, sizeof(error), "%s: the certificate has expired or is not valid yet",
                 files->list[index].certificate);
        blame(config, index, "certificate", error, errors);
    }
    pl_tls_unref(tls);
    return 0;
}

int tls_check(struct daemon *daemon, const struct config *config, struct config_errors *errors)
{
    struct files files = {.looked = true};
    int rc;

    if (!is_needed(config))
        return 0;
    rc = files_find(&files, daemon, config, errors);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc >= 0 && i < files.count; i++) {
        int one = check_file(config, &files, i, errors);

        if (one != 0)
            rc = one;
    }
    files_free(&files);
    return rc;
}

/* -- Having ---------------------------------------------------------------------------------- */

/* Makes the daemon's, or what is to take the place of what it has. */
static int make(struct daemon *daemon, const struct pl_tls_options *options, struct tls_plan *plan,
                char *error, size_t size)
{
    int rc;

    if (daemon->tls)
        return pli_tls_make(daemon->tls, options, error, size, &plan->contexts);
    rc = pl_tls_new(options, &daemon->tls, error, size);
    plan->first = rc == 0;
    return rc;
}

int tls_prepare(struct daemon *daemon, const struct config *config, struct tls_plan *plan,
                struct config_errors *errors)
{
    struct pl_tls_options options;
    struct files files = {0};
    char error[ERROR_SIZE];
    int rc;

    *plan = (struct tls_plan){0};
    if (!is_needed(config))
        return 0;
    rc = files_find(&files, daemon, config, errors);
    if (rc != 0)
        return rc;
    options = options_of(config, &files);
    rc = make(daemon, &options, plan, error, sizeof(error));
    if (rc < 0 && rc != -ENOMEM) {
        explain(config, &files, 0, error, errors);
        rc = CONFIG_INVALID;
    }
    files_free(&files);
    return rc;
}

void tls_put_in_force(struct daemon *daemon, struct tls_plan *plan)
{
    if (plan->contexts)
        pli_tls_put(daemon->tls, plan->contexts);
}

void tls_abandon(struct daemon *daemon, struct tls_plan *plan)
{
    if (plan->contexts)
        pli_tls_drop(plan->contexts);
    if (!plan->first)
        return;
    pl_tls_unref(daemon->tls);
    daemon->tls = NULL;
}
