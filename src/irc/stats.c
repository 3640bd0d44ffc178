/* SPDX-License-Identifier: MIT */
/* STATS letter [server]: the server in figures. Most of it is for operators with that right. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "chat/mask.h"
#include "irc/people.h"
#include "irc/tally.h"

#include <paceline/server.h>
#include <paceline/session.h>

#include <stdio.h>
#include <stdlib.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define USERS_AT_ONCE 256

static void show_uptime(struct irc_client *client)
{
    uint64_t seconds = (pli_clock_now() - client->irc->since) / NS_PER_SECOND;
    char text[64];

    snprintf(text, sizeof text, "%llu days %llu:%02u:%02u", (unsigned long long)(seconds / 86400),
             (unsigned long long)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
             (unsigned)(seconds % 60));
    irc_reply(client, IRC_RPL_STATSUPTIME, chat_text(text));
}

/* The first place that the entry is for stands for all of them. */
static void show_oper(struct irc_client *client, const struct irc_oper *oper)
{
    struct chat_text from = {oper->from, strcspn(oper->from, " ")};

    irc_reply(client, IRC_RPL_STATSOLINE, from, chat_text(oper->name), chat_text(oper->class));
}

/* Who may become an operator. */
static void show_opers(struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);

    for (size_t i = 0; i < settings->oper_count; i++)
        show_oper(client, &settings->opers[i]);
}

struct present {
    struct irc_client *client;
    size_t count;
};

static bool is_operator(const struct chat_user_view *view, void *argument)
{
    (void)argument;
    return irc_is_operator(view);
}

static void show_operator(const struct chat_user_view *view, void *argument)
{
    struct present *present = argument;
    struct irc_line text;

    irc_line_begin(&text);
    irc_line_put(&text, view->nick);
    irc_line_puts(&text, " (");
    irc_line_put(&text, view->username);
    irc_line_puts(&text, "@");
    irc_line_put(&text, view->host);
    irc_line_puts(&text, ") Idle: ");
    irc_line_number(&text, irc_idle(view));
    irc_reply(present->client, IRC_RPL_STATSDEBUG, (struct chat_text){text.data, text.length});
    present->count++;
}

/* Who is one. */
static void show_operators(struct irc_client *client)
{
    static const struct chat_user_visitor visitor = {is_operator, show_operator};
    struct present present = {.client = client};
    struct irc_line text;
    uint64_t cursor = 0;

    while (chat_user_each(client->world, &client->chat, &cursor, USERS_AT_ONCE, &visitor, &present))
        ;
    irc_line_begin(&text);
    irc_line_number(&text, present.count);
    irc_line_puts(&text, present.count == 1 ? " operator" : " operators");
    irc_reply(client, IRC_RPL_STATSDEBUG, (struct chat_text){text.data, text.length});
}

static void show_hits_of(struct irc_client *client, const char *name, uint64_t hits)
{
    struct irc_line text;

    if (hits == 0)
        return;
    irc_line_begin(&text);
    irc_line_puts(&text, name);
    irc_line_puts(&text, ": ");
    irc_line_number(&text, hits);
    irc_reply(client, IRC_RPL_STATSDEBUG, (struct chat_text){text.data, text.length});
}

/* The limits that were run into, and how often. */
static void show_limit_hits(struct irc_client *client)
{
    const struct pl_server *server = pl_session_server(client->session);

    for (int limit = 0; pl_limit_name(limit); limit++)
        show_hits_of(client, pl_limit_name(limit), pl_server_limit_hits(server, limit));
    for (int limit = 0; limit < CHAT_LIMITS; limit++)
        show_hits_of(client, chat_limit_name(limit), chat_limit_hits(client->world, limit));
}

/* A class, the silence after which it is pinged, its sendq, and how many are in it. */
static void show_class(struct irc_client *client, const struct pl_class_stats *stats)
{
    const struct chat_class *class = irc_snapshot_class(client->snapshot, stats->name);
    char text[64];

    if (stats->connections > 0)
        snprintf(text, sizeof text, "%u of %u connections", stats->sessions, stats->connections);
    else
        snprintf(text, sizeof text, stats->sessions == 1 ? "%u connection" : "%u connections",
                 stats->sessions);
    irc_reply(client, IRC_RPL_STATSYLINE, chat_text(stats->name), IRC_NUMBER(class->ping_interval),
              IRC_NUMBER(stats->sendq), chat_text(text));
}

static void show_classes(struct irc_client *client)
{
    struct pl_server *server = pl_session_server(client->session);
    struct pl_class_stats stats;

    for (size_t i = 0; pl_server_class(server, i, &stats); i++)
        show_class(client, &stats);
}

/* -- Bans ----------------------------------------------------------------------------------------- */

/* More than fit into a client's queue are no list to read. */
#define BANS_SHOWN 1000

struct bans {
    struct irc_client *client;
    size_t count;
    uint64_t now;
};

/* The reason, who has set it, and how long it is still in force. */
static void put_ban(struct irc_line *text, const struct chat_ban_view *view, uint64_t now)
{
    irc_line_begin(text);
    irc_line_put(text, view->reason);
    irc_line_puts(text, " (by ");
    irc_line_put(text, view->by);
    if (view->expires > 0) {
        irc_line_puts(text, ", for ");
        irc_line_number(text, view->expires > now ? (view->expires - now + 999) / 1000 : 0);
        irc_line_puts(text, " seconds");
    }
    irc_line_puts(text, ")");
}

static void show_ban(const struct chat_ban_view *view, void *argument)
{
    struct chat_text letter = chat_text(view->expires > 0 ? "k" : "K");
    struct chat_text user = CHAT_NO_TEXT, host = view->mask, said;
    struct bans *bans = argument;
    const char *at = memchr(view->mask.data, '@', view->mask.length);
    struct irc_line text;

    if (bans->count++ >= BANS_SHOWN)
        return;
    put_ban(&text, view, bans->now);
    said = (struct chat_text){text.data, text.length};
    if (view->kind == CHAT_BAN_ADDRESS) {
        irc_reply(bans->client, IRC_RPL_STATSDLINE, chat_text(view->expires > 0 ? "d" : "D"),
                  view->mask, said);
    } else if (view->kind == CHAT_BAN_CHANNEL) {
        irc_reply(bans->client, IRC_RPL_STATSQLINE, chat_text(view->expires > 0 ? "q" : "Q"),
                  view->mask, said);
    } else {
        user = (struct chat_text){view->mask.data, at ? (size_t)(at - view->mask.data) : 0};
        host.data += user.length + 1;
        host.length -= user.length + 1;
        irc_reply(bans->client, IRC_RPL_STATSKLINE, letter, host, user, said);
    }
}

static void show_bans(struct irc_client *client, enum chat_ban_kind kind)
{
    struct bans bans = {.client = client, .now = pli_clock_wall_ms()};
    struct irc_line text;

    chat_bans(client->world, kind, show_ban, &bans);
    if (bans.count <= BANS_SHOWN)
        return;
    irc_line_begin(&text);
    irc_line_puts(&text, "and more: there are ");
    irc_line_number(&text, bans.count);
    irc_reply(client, IRC_RPL_STATSDEBUG, (struct chat_text){text.data, text.length});
}

static void show_people(struct irc_client *client)
{
    show_bans(client, CHAT_BAN_USER);
}

static void show_addresses(struct irc_client *client)
{
    show_bans(client, CHAT_BAN_ADDRESS);
}

static void show_channels(struct irc_client *client)
{
    show_bans(client, CHAT_BAN_CHANNEL);
}

/* -- What has been done ----------------------------------------------------------------------------- */

static void show_commands(struct irc_client *client)
{
    for (size_t i = 0; i < irc_command_count; i++) {
        uint64_t runs, bytes;

        irc_tally_sum(client->irc->tally, i, &runs, &bytes);
        if (runs > 0)
            irc_reply(client, IRC_RPL_STATSCOMMANDS, chat_text(irc_commands[i].name),
                      IRC_NUMBER(runs), IRC_NUMBER(bytes));
    }
}

/* What the program says of itself, a line each. */
static void show_report(struct irc_client *client, enum irc_report report,
                        enum irc_numeric_index numeric)
{
    const struct irc_host *host = &client->irc->host;
    char *lines = host->report ? host->report(host->context, report) : NULL;
    struct chat_text rest = {lines, lines ? strlen(lines) : 0};

    while (rest.length > 0) {
        const char *end = memchr(rest.data, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.data) : rest.length;
        size_t used = length + (end ? 1 : 0);

        irc_reply(client, numeric, (struct chat_text){rest.data, length});
        rest.data += used;
        rest.length -= used;
    }
    free(lines);
}

static void show_ports(struct irc_client *client)
{
    show_report(client, IRC_REPORT_PORTS, IRC_RPL_STATSPLINE);
}

static void show_traffic(struct irc_client *client)
{
    show_report(client, IRC_REPORT_TRAFFIC, IRC_RPL_STATSDEBUG);
}

static void show_memory(struct irc_client *client)
{
    show_report(client, IRC_REPORT_MEMORY, IRC_RPL_STATSDEBUG);
}

/* By the letters that mean the same. */
static const struct {
    const char *letters;
    bool for_operators;
    void (*show)(struct irc_client *client);
} reports[] = {
    {"P", true, show_ports},    {"dD", true, show_addresses}, {"hH", true, show_limit_hits},
    {"kK", true, show_people},  {"lLtT", true, show_traffic}, {"mM", true, show_commands},
    {"oO", true, show_opers},   {"p", false, show_operators}, {"qQ", true, show_channels},
    {"uU", false, show_uptime}, {"yY", true, show_classes},   {"zZ", true, show_memory},
};

void irc_do_stats(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text letter = message->params[0];

    if (!irc_is_me(client, message, 1))
        return;
    for (size_t i = 0; letter.length == 1 && i < sizeof reports / sizeof reports[0]; i++) {
        if (!strchr(reports[i].letters, letter.data[0]))
            continue;
        if (!reports[i].for_operators || irc_client_may(client, CHAT_RIGHT_STATS))
            reports[i].show(client);
    }
    irc_reply(client, IRC_RPL_ENDOFSTATS, letter);
}
