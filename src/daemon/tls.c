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
};

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

/* Adds one, whose key may stand in the same file. */
static int add(struct files *files, struct daemon *daemon, const struct config *config,
               const char *certificate, const char *key, struct config_errors *errors)
{
    char *certificate_path = NULL;
    char *key_path = NULL;
    int rc = state_path(&daemon->state, config, &daemon->privileges, certificate, &certificate_path,
                        errors);

    if (rc == 0)
        rc = state_path(&daemon->state, config, &daemon->privileges, *key ? key : certificate,
                        &key_path, errors);
    if (rc != 0) {
        free(certificate_path);
        return rc;
    }
    files->list[files->count++] = (struct pl_tls_certificate){certificate_path, key_path};
    return 0;
}

static int files_find(struct files *files, struct daemon *daemon, const struct config *config,
                      struct config_errors *errors)
{
    int rc;

    *files = (struct files){.list = calloc(config->certificate_count + 1, sizeof(*files->list))};
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
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct files files;
    char error[4500];
    int rc;

    *plan = (struct tls_plan){0};
    if (!is_needed(config))
        return 0;
    rc = files_find(&files, daemon, config, errors);
    if (rc != 0)
        return rc;
    options.certificates = files.list;
    options.count = files.count;
    options.min_version = strcmp(config->tls.min_version, "1.3") == 0 ? PL_TLS_1_3 : PL_TLS_1_2;
    options.ciphers = config->tls.ciphers;
    options.ticket_lifetime = config->tls.ticket_lifetime;
    rc = make(daemon, &options, plan, error, sizeof(error));
    files_free(&files);
    if (rc == 0 || rc == -ENOMEM)
        return rc;
    config_errors_add(errors, config_place_of(config, "tls", "certificate"), "tls", "%s", error);
    return CONFIG_INVALID;
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
