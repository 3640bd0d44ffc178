/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/status.h"

#include "base/clock.h"
#include "daemon/daemon.h"

#include <inttypes.h>
#include <unistd.h>

static const char *state_name(struct daemon *daemon)
{
    if (atomic_load(&daemon->stopping))
        return "stopping";
    return reload_is_running(&daemon->reload) ? "reloading" : "serving";
}

static void print_counters(const struct pl_stats *stats, FILE *file)
{
    fprintf(file, "threads: %u\n", stats->threads);
    fprintf(file, "spare_threads: %u\n", stats->spare_threads);
    fprintf(file, "sessions: %u\n", stats->sessions);
    fprintf(file, "accepted: %" PRIu64 "\n", stats->accepted);
    fprintf(file, "refused: %" PRIu64 "\n", stats->refused);
    fprintf(file, "lines: %" PRIu64 "\n", stats->lines);
    fprintf(file, "bytes_in: %" PRIu64 "\n", stats->bytes_in);
    fprintf(file, "bytes_out: %" PRIu64 "\n", stats->bytes_out);
    fprintf(file, "events: %" PRIu64 "\n", stats->events);
    fprintf(file, "waits: %" PRIu64 "\n", stats->waits);
    fprintf(file, "promotions: %" PRIu64 "\n", stats->promotions);
    fprintf(file, "writes: %" PRIu64 "\n", stats->writes);
    fprintf(file, "spares_exhausted: %" PRIu64 "\n", stats->spares_exhausted);
}

void status_print(struct daemon *daemon, FILE *file)
{
    const char *state = state_name(daemon);
    struct pl_stats stats;

    pl_server_stats(daemon->server, &stats);
    fprintf(file, "version: %s\n", pl_version());
    fprintf(file, "pid: %ld\n", (long)getpid());
    fprintf(file, "uptime: %" PRIu64 "\n", (pli_clock_now() - daemon->started) / 1000000000);
    fprintf(file, "state: %s\n", state);
    pli_lock(&daemon->lock);
    fprintf(file, "config: %s\n", daemon->config_source);
    fprintf(file, "model: %s\n", daemon->model);
    print_counters(&stats, file);
    listeners_print(&daemon->listeners, daemon, daemon->config, "listener: ", file);
    pli_unlock(&daemon->lock);
}
