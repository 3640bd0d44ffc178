/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/status.h"

#include "base/clock.h"
#include "daemon/daemon.h"
#include "daemon/history.h"
#include "daemon/storage.h"

#include <inttypes.h>
#include <malloc.h>
#include <unistd.h>

static const char *state_name(struct daemon *daemon)
{
    if (atomic_load(&daemon->stopping))
        return "stopping";
    return reload_is_running(&daemon->reload) ? "reloading" : "serving";
}

static uint64_t all_hits(struct daemon *daemon)
{
    uint64_t sum = 0;

    for (int limit = 0; pl_limit_name(limit); limit++)
        sum += pl_server_limit_hits(daemon->server, limit);
    for (int limit = 0; limit < CHAT_LIMITS; limit++)
        sum += chat_limit_hits(daemon->services.world, limit);
    return sum;
}

void status_print_limits(struct daemon *daemon, FILE *file)
{
    for (int limit = 0; pl_limit_name(limit); limit++)
        fprintf(file, "%s: %" PRIu64 "\n", pl_limit_name(limit),
                pl_server_limit_hits(daemon->server, limit));
    for (int limit = 0; limit < CHAT_LIMITS; limit++)
        fprintf(file, "%s: %" PRIu64 "\n", chat_limit_name(limit),
                chat_limit_hits(daemon->services.world, limit));
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

void status_print_ports(struct daemon *daemon, FILE *file)
{
    pli_lock(&daemon->lock);
    listeners_print(&daemon->listeners, daemon, daemon->config, "", file);
    pli_unlock(&daemon->lock);
}

void status_print_traffic(struct daemon *daemon, FILE *file)
{
    struct pl_stats stats;

    pl_server_stats(daemon->server, &stats);
    print_counters(&stats, file);
    daemon_history_print(daemon, file);
}

void status_print_memory(FILE *file)
{
    struct mallinfo2 info = mallinfo2();

    fprintf(file, "from the system: %zu\n", info.arena + info.hblkhd);
    fprintf(file, "in use: %zu\n", info.uordblks + info.hblkhd);
    fprintf(file, "free: %zu\n", info.fordblks);
}

static void print_ban(const struct chat_ban_view *view, void *argument)
{
    static const char *const kinds[CHAT_BAN_KINDS] = {"user", "address", "channel"};

    fprintf(argument, "ban: %s %.*s %" PRIu64 " %.*s %.*s\n", kinds[view->kind],
            (int)view->mask.length, view->mask.data, view->expires / 1000, (int)view->by.length,
            view->by.data, (int)view->reason.length, view->reason.data);
}

void status_print_bans(struct daemon *daemon, FILE *file)
{
    for (int kind = 0; kind < CHAT_BAN_KINDS; kind++)
        chat_bans(daemon->services.world, (enum chat_ban_kind)kind, print_ban, file);
}

void status_print(struct daemon *daemon, FILE *file)
{
    const char *state = state_name(daemon);
    struct chat_defcon_view defcon;
    struct pl_stats stats;

    pl_server_stats(daemon->server, &stats);
    fprintf(file, "version: %s\n", pl_version());
    fprintf(file, "pid: %ld\n", (long)getpid());
    fprintf(file, "uptime: %" PRIu64 "\n", (pli_clock_now() - daemon->started) / 1000000000);
    fprintf(file, "state: %s\n", state);
    chat_defcon_look(daemon->services.world, &defcon);
    fprintf(file, "defcon: %u\n", defcon.level);
    fprintf(file, "turned_away: %" PRIu64 "\n", defcon.turned_away);
    storage_print(daemon, file);
    pli_lock(&daemon->lock);
    fprintf(file, "config: %s\n", daemon->config_source);
    fprintf(file, "model: %s\n", daemon->model);
    print_counters(&stats, file);
    fprintf(file, "limits_hit: %" PRIu64 "\n", all_hits(daemon));
    listeners_print(&daemon->listeners, daemon, daemon->config, "listener: ", file);
    pli_unlock(&daemon->lock);
}
