/* SPDX-License-Identifier: MIT */
/* What outlives the server comes to its services, and what is said is kept. */
#include "config.h"

#include "daemon/services.h"

#include "base/log.h"
#include "store/store.h"

#include <errno.h>

/* That somebody is not there for want of memory is no reason not to serve anybody. */
static int restore(struct services *services)
{
    size_t count;
    int rc = chat_presences_restore(services->world, &count);

    if (rc < 0)
        pli_log(PL_LOG_WARNING, "not everybody who was here before is here again: out of memory");
    else if (count > 0)
        pli_log(PL_LOG_INFO, "people who were here before the restart are here again: %zu", count);
    return 0;
}

int services_keep(struct services *services, struct store *store, struct services_kept *kept)
{
    struct chat_settings before, settings;
    size_t remembered;
    int rc = accounts_keep(services->accounts, store);

    if (rc < 0)
        return rc;
    chat_world_settings(services->world, &before);
    settings = before;
    settings.accounts = store_keeps(store);
    rc = chat_world_set_settings(services->world, &settings);
    if (rc == 0) {
        rc = chat_kept_load(services->world, store, &remembered);
        if (rc == 0)
            rc = chat_bans_keep(services->world, store, &kept->bans);
        if (rc == 0)
            rc = chat_registrations_keep(services->world, store, &kept->channels);
        if (rc == 0)
            rc = restore(services);
        if (rc < 0)
            chat_world_set_settings(services->world, &before);
    }
    if (rc < 0)
        accounts_let_go(services->accounts);
    return rc;
}

static bool look_at_account(void *context, struct chat_text account,
                            struct chat_account_facts *facts)
{
    const struct services *services = context;
    bool keeps;

    if (!accounts_facts(services->accounts, account.data, account.length, &facts->created, &keeps))
        return false;
    facts->unkept = !keeps;
    return true;
}

int services_put_history(struct services *services, struct history *history, uint64_t newest)
{
    const struct chat_account_source source = {look_at_account, services};
    struct chat_settings settings;

    chat_world_put_history(services->world, history, newest, &source);
    chat_world_settings(services->world, &settings);
    settings.history = true;
    return chat_world_set_settings(services->world, &settings);
}
