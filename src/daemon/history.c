/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/history.h"

#include "base/log.h"
#include "chat/history.h"
#include "daemon/daemon.h"
#include "store/history.h"

#include <inttypes.h>
#include <stdlib.h>

int daemon_history_prepare(struct daemon *daemon, const struct config *config,
                           struct config_errors *errors)
{
    free(daemon->history_path);
    daemon->history_path = NULL;
    if (!config->history.enabled || (!daemon->state.path && config->history.path[0] != '/'))
        return 0; /* as the store is content with nothing where no folder is known */
    return state_path(&daemon->state, config, &daemon->privileges, config->history.path,
                      &daemon->history_path, errors);
}

static struct history_limits limits_of(const struct config *config)
{
    return (struct history_limits){.lines = config->history.lines, .days = config->history.days};
}

/* Opens it, and finds out where ids have to go on. */
static int open_history(struct daemon *daemon, const struct config *config,
                        struct history **history, uint64_t *newest, char why[static STORE_WHY])
{
    struct history_options options = HISTORY_OPTIONS;
    int rc;

    options.path = daemon->history_path;
    options.busy = config->store.busy_timeout * 1000;
    options.interval = config->history.commit_interval;
    options.queue = config->history.queue;
    options.queue_bytes = config->history.queue_bytes;
    options.limits = limits_of(config);
    rc = history_open(&options, history, why);
    if (rc < 0)
        return rc;
    rc = history_newest(*history, newest);
    if (rc < 0) {
        snprintf(why, STORE_WHY, "%s", store_problem(rc));
        history_close(*history);
        *history = NULL;
    }
    return rc;
}

void daemon_history_open(struct daemon *daemon, const struct config *config)
{
    struct history *history = NULL;
    char why[STORE_WHY];
    uint64_t newest;
    int rc;

    if (!daemon->history_path)
        return;
    rc = open_history(daemon, config, &history, &newest, why);
    if (rc == 0)
        rc = services_put_history(&daemon->services, history, newest);
    if (rc < 0 && history) /* which the world has, and keeps; nobody is told of it */
        snprintf(why, sizeof why, "%s", store_problem(rc));
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "there is no history, as %s cannot be used: %s", daemon->history_path,
                why);
    pli_lock(&daemon->lock);
    daemon->history = history;
    daemon->history_off = rc < 0 ? store_problem(rc) : NULL;
    pli_unlock(&daemon->lock);
    daemon_history_apply(daemon, config);
    if (history)
        pli_log(PL_LOG_INFO, "what is said is kept in %s", daemon->history_path);
}

void daemon_history_apply(struct daemon *daemon, const struct config *config)
{
    struct history_limits limits = limits_of(config);

    chat_world_keep_events(daemon->services.world, config->history.events);
    if (daemon->history)
        history_limit(daemon->history, &limits);
}

void daemon_history_stop(struct daemon *daemon)
{
    if (daemon->history)
        history_stop(daemon->history);
}

void daemon_history_free(struct daemon *daemon)
{
    history_close(daemon->history);
    daemon->history = NULL;
    free(daemon->history_path);
    daemon->history_path = NULL;
}

static void print_stats(const struct history_stats *stats, FILE *file)
{
    fprintf(file, "history_waiting: %u\n", stats->waiting);
    fprintf(file, "history_waiting_bytes: %zu\n", stats->waiting_bytes);
    fprintf(file, "history_kept: %" PRIu64 "\n", stats->kept);
    fprintf(file, "history_commits: %" PRIu64 "\n", stats->commits);
    fprintf(file, "history_indexed: %" PRIu64 "\n", stats->indexed);
    fprintf(file, "history_redacted: %" PRIu64 "\n", stats->redacted);
    fprintf(file, "history_expired: %" PRIu64 "\n", stats->expired);
    for (int loss = 0; loss < HISTORY_LOSSES; loss++)
        fprintf(file, "history_lost_%s: %" PRIu64 "\n", history_loss_name((enum history_loss)loss),
                stats->lost[loss]);
}

void daemon_history_print(struct daemon *daemon, FILE *file)
{
    struct history_stats stats;
    struct history *history;
    const char *off;
    int state;

    pli_lock(&daemon->lock);
    history = daemon->history;
    off = daemon->history_off;
    pli_unlock(&daemon->lock);
    if (!history) {
        fprintf(file, "history: %s\n", off ? off : "none");
        return;
    }
    state = history_state(history);
    history_stats(history, &stats);
    fprintf(file, "history: %s\n", state == 0 ? "writable" : store_problem(state));
    print_stats(&stats, file);
}
