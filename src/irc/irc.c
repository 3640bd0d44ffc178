/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/irc.h"

#include "base/clock.h"
#include "irc/account.h"
#include "irc/arrival.h"
#include "irc/cap.h"
#include "irc/command.h"
#include "irc/face.h"
#include "irc/metadata.h"
#include "irc/moved.h"
#include "irc/multiline.h"
#include "irc/parts.h"
#include "irc/people.h"
#include "irc/tally.h"
#include "irc/work.h"

#include <paceline/session.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static_assert(offsetof(struct irc_client, chat) == 0, "irc_face finds a client by its session");

#define MS_PER_SECOND 1000u
#define NS_PER_MS     1000000u

static void note_start(struct irc *irc)
{
    time_t now = time(NULL);
    struct tm utc;

    if (!gmtime_r(&now, &utc) ||
        strftime(irc->started, sizeof irc->started, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
        strcpy(irc->started, "at some time");
}

int irc_new(struct chat_world *world, const struct irc_settings *settings,
            const struct chat_cloak_key *key, struct irc **out)
{
    struct irc_snapshot *snapshot = NULL;
    struct irc *irc;
    int rc = irc_snapshot_new(settings, &snapshot);

    if (rc < 0)
        return rc;
    irc = calloc(1, sizeof *irc);
    if (irc)
        irc->tally = irc_tally_new(irc_command_count);
    if (!irc || !irc->tally) {
        free(irc);
        irc_snapshot_unref(snapshot);
        return -ENOMEM;
    }
    irc->world = world;
    irc->key = *key;
    note_start(irc);
    irc->since = pli_clock_now();
    pli_log_limit_init(&irc->turned_away);
    pli_mutex_init(&irc->lock, PLI_RANK_CONFIG);
    atomic_init(&irc->current, snapshot);
    tzset(); /* reads files; localtime_r() then does not */
    *out = irc;
    return 0;
}

void irc_put_key(struct irc *irc, const struct chat_cloak_key *key)
{
    irc->key = *key;
}

void irc_set_host(struct irc *irc, const struct irc_host *host)
{
    irc->host = *host;
}

void irc_set_lookups(struct irc *irc, struct lookups *lookups)
{
    irc->lookups = lookups;
}

void irc_set_accounts(struct irc *irc, struct accounts *accounts)
{
    irc->accounts = accounts;
}

void irc_free(struct irc *irc)
{
    if (!irc)
        return;
    irc_snapshot_unref(atomic_load(&irc->current));
    pli_mutex_deinit(&irc->lock);
    pli_log_limit_deinit(&irc->turned_away);
    irc_tally_free(irc->tally);
    free(irc);
}

void irc_put_settings(struct irc *irc, struct irc_snapshot *snapshot)
{
    pli_lock(&irc->lock);
    snapshot = atomic_exchange_explicit(&irc->current, snapshot, memory_order_acq_rel);
    pli_unlock(&irc->lock);
    irc_snapshot_unref(snapshot);
}

const char *irc_server_name(struct irc *irc, char name[static IRC_SERVER_MAX + 1])
{
    const struct irc_snapshot *snapshot;

    pli_lock(&irc->lock);
    snapshot = atomic_load_explicit(&irc->current, memory_order_relaxed);
    snprintf(name, IRC_SERVER_MAX + 1, "%s", snapshot->settings.server);
    pli_unlock(&irc->lock);
    return name;
}

static void keep_name(const struct chat_user_view *view, void *argument)
{
    struct irc_client *client = argument;

    snprintf(client->host, sizeof client->host, "%.*s", (int)view->host.length, view->host.data);
    if (irc_client_keep(&client->nick, view->nick) < 0)
        atomic_store_explicit(&client->renamed, true, memory_order_relaxed); /* at the next line */
}

/* The user may have been renamed by somebody else than this session, or its host (face.c). */
static void renew_name(struct irc_client *client)
{
    if (atomic_load_explicit(&client->renamed, memory_order_relaxed) &&
        atomic_exchange_explicit(&client->renamed, false, memory_order_acquire))
        (void)chat_user_look(client->world, &client->chat, keep_name, client);
}

void irc_client_classify(struct irc_client *client)
{
    client->class = irc_snapshot_class(client->snapshot, pl_session_class(client->session));
    chat_session_limit_channels(&client->chat, client->class != &client->snapshot->plain,
                                client->class->channels_per_user);
}

/*
 * A pointer that is the same is the same snapshot, as the client's reference keeps its memory from
 * being used again.
 */
void irc_client_renew(struct irc_client *client)
{
    struct irc *irc = client->irc;
    struct irc_snapshot *old = client->snapshot;

    renew_name(client);
    if (atomic_load_explicit(&irc->current, memory_order_relaxed) == old) {
        if (irc_accounts_state(irc) != client->accounts_state)
            irc_caps_renew(client, false);
        return;
    }
    pli_lock(&irc->lock);
    client->snapshot = irc_snapshot_ref(atomic_load_explicit(&irc->current, memory_order_relaxed));
    pli_unlock(&irc->lock);
    irc_client_classify(client);
    irc_caps_renew(client, !old);
    if (old)
        irc_sts_renew(client, &old->settings);
    irc_snapshot_unref(old);
    if (client->registered)
        pl_session_set_timer(client->session, client->class->ping_interval * MS_PER_SECOND);
}

void irc_client_hide(struct irc_client *client)
{
    char address[PL_ADDRESS_TEXT];

    chat_cloak(&client->irc->key, pl_session_peer(client->session, address, sizeof address),
               client->host);
}

static int irc_open(struct pl_session *session, void *context)
{
    struct irc *irc = context;
    struct irc_client *client = calloc(1, sizeof *client);

    if (client)
        client->coming = calloc(1, sizeof *client->coming);
    if (!client || !client->coming) {
        free(client);
        return -ENOMEM;
    }
    chat_session_init(&client->chat, session, &irc_face);
    atomic_init(&client->caps, 0);
    atomic_init(&client->renamed, false);
    atomic_init(&client->moved, NULL);
    client->session = session;
    client->secure = pl_session_is_tls(session);
    client->irc = irc;
    client->world = irc->world;
    client->heard = pli_clock_now();
    irc_client_renew(client);
    irc_client_hide(client);
    chat_stranger_comes(irc->world);
    pl_session_set_data(session, client);
    pl_session_set_timer(session, client->class->registration_timeout * MS_PER_SECOND);
    return 0;
}

void irc_client_charge(struct irc_client *client, unsigned cost)
{
    const struct chat_class *class = client->class;
    unsigned wait = chat_flood_take(&client->flood, cost, class->flood_rate, class->flood_burst,
                                    pli_clock_now());

    if (wait == 0)
        return;
    chat_limit_hit(client->world, CHAT_LIMIT_FLOOD_BURST);
    pl_session_slow(client->session, wait);
}

/* What comes is a sign of life, and costs. */
static void charge(struct irc_client *client, unsigned cost)
{
    client->heard = pli_clock_now();
    client->pinged = false;
    irc_client_charge(client, cost);
}

void irc_client_take(struct irc_client *client, struct chat_text rest)
{
    unsigned cost = 0;

    while (rest.length > 0 && !client->gone && !client->work && !client->parts &&
           !irc_arrival_waits(client)) {
        const char *end = memchr(rest.data, '\r', rest.length);
        struct chat_text part = {rest.data, end ? (size_t)(end - rest.data) : rest.length};
        size_t used = part.length + (end ? 1 : 0);

        cost += irc_command_line(client, part);
        rest.data += used;
        rest.length -= used;
    }
    charge(client, cost);
    if ((client->work && irc_work_keep(client, rest) < 0) ||
        (irc_arrival_waits(client) && irc_arrival_keep(client, rest) < 0) ||
        (client->parts && irc_parts_keep(client, rest) < 0))
        irc_client_end(client, chat_text("Out of memory"));
}

static void irc_line(struct pl_session *session, const struct pl_line *line)
{
    struct irc_client *client = pl_session_data(session);

    irc_client_renew(client);
    irc_client_take(client, (struct chat_text){line->text, line->length});
}

static void irc_fault(struct pl_session *session, enum pl_fault fault, const struct pl_line *head)
{
    struct irc_client *client = pl_session_data(session);

    irc_client_renew(client);
    charge(client, irc_command_refuse(client, (struct chat_text){head->text, head->length},
                                      fault == PL_FAULT_TOO_LONG));
}

/*
 * The peer takes what it is sent, which is a sign of life; or there is something to tell it that
 * others have left with the session, and then it is none.
 */
static void irc_again(struct pl_session *session)
{
    struct irc_client *client = pl_session_data(session);

    irc_client_renew(client);
    if (client->parts) {
        client->heard = pli_clock_now();
        client->pinged = false;
    }
    irc_parts_go_on(client);
    irc_moved_go_on(client);
}

static void ping(struct irc_client *client)
{
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, "PING :");
    irc_line_puts(&line, irc_settings_of(client)->server);
    irc_emit(client, &line);
    client->pinged = true;
}

/* One who has said nothing for an interval is pinged, and goes after a second one. */
static void irc_timer(struct pl_session *session)
{
    struct irc_client *client = pl_session_data(session);
    uint64_t silence = (pli_clock_now() - client->heard) / NS_PER_MS;
    uint64_t interval;

    irc_client_renew(client);
    interval = (uint64_t)client->class->ping_interval * MS_PER_SECOND;
    if (client->gone)
        return;
    irc_multiline_expire(client);
    if (irc_arrival_waits(client)) {
        irc_arrival_give_up(client);
    } else if (!client->registered) {
        chat_limit_hit(client->world, CHAT_LIMIT_REGISTRATION_TIMEOUT);
        irc_client_end(client, chat_text("Registration timed out"));
    } else if (interval == 0) {
        client->pinged = false;
    } else if (silence < interval) {
        pl_session_set_timer(session, (unsigned)(interval - silence));
    } else if (client->pinged) {
        chat_limit_hit(client->world, CHAT_LIMIT_PING_INTERVAL);
        irc_client_end(client, chat_text("Ping timeout"));
    } else {
        ping(client);
        pl_session_set_timer(session, (unsigned)interval);
    }
}

static void irc_resume(struct pl_session *session)
{
    struct irc_client *client = pl_session_data(session);

    irc_client_renew(client);
    irc_arrival_go_on(client);
}

const char *irc_reason_text(enum pl_reason reason)
{
    switch (reason) {
    case PL_REASON_CLOSED:
        return "Closed by the server";
    case PL_REASON_EOF:
        return "Connection closed";
    case PL_REASON_RESET:
        return "Connection reset";
    case PL_REASON_RECVQ:
        return "Excess flood";
    case PL_REASON_SENDQ:
        return "SendQ exceeded";
    case PL_REASON_WRITE_TIMEOUT:
        return "Write timeout";
    case PL_REASON_IDLE:
        return "Idle timeout";
    case PL_REASON_STOPPING:
        return "Server is stopping";
    case PL_REASON_NO_MEMORY:
        return "Out of memory";
    case PL_REASON_FULL:
        return "Server is full";
    case PL_REASON_PER_ADDRESS:
        return "Too many connections from your address";
    case PL_REASON_CONNECT_RATE:
        return "Your address connects too often";
    case PL_REASON_CLASS_FULL:
        return "Too many connections from your network";
    case PL_REASON_PROXY_HEADER: /* nobody is there to be told */
        break;
    case PL_REASON_BANNED:
        return "Your address is banned";
    case PL_REASON_TLS:
        return "TLS failed";
    case PL_REASON_PLAIN:
        return "This port speaks TLS, not plain text";
    }
    return "Unknown reason";
}

/* Nobody else is told yet: that is irc_close()'s, when the session is over. */
static void irc_farewell(struct pl_session *session, enum pl_reason reason)
{
    struct irc_client *client = pl_session_data(session);

    if (client->gone || reason == PL_REASON_EOF)
        return;
    (void)pl_session_printf(session, "ERROR :Closing link: %s (%s)\r\n", client->host,
                            irc_reason_text(reason));
}

static void free_client(struct irc_client *client)
{
    irc_parts_free(client->parts);
    irc_moved_free(client);
    irc_multiline_free(client->multiline);
    irc_coming_free(client->coming);
    irc_snapshot_unref(client->snapshot);
    free(client->nick);
    irc_sasl_free(client->sasl);
    free(client);
}

/*
 * When the server stops everybody goes, and nobody is told of everybody else. Who is not
 * registered, or has quit, is not in the chat.
 */
static void irc_close(struct pl_session *session, enum pl_reason reason)
{
    struct irc_client *client = pl_session_data(session);
    char name[CHAT_USERNAME_MAX + 1];

    if (atomic_load_explicit(&client->chat.starved, memory_order_relaxed))
        reason = PL_REASON_NO_MEMORY;
    if (reason == PL_REASON_RECVQ)
        chat_notify(client->world, CHAT_NOTICE_FLOOD, "Flooding: %s (%s@%s) was cut off",
                    client->nick ? client->nick : "*", irc_username(client, name), client->host);
    if (reason == PL_REASON_STOPPING)
        (void)chat_quit_untold(client->world, &client->chat);
    else
        (void)chat_quit(client->world, &client->chat, chat_text(irc_reason_text(reason)));
    if (!client->registered)
        chat_stranger_goes(client->world);
    free_client(client);
}

static size_t irc_refuse(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "ERROR :Closing link: (%s)\r\n", irc_reason_text(reason));

    (void)context;
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

const struct pl_service irc_service = {
    .name = "irc",
    .flags = PL_SERVICE_REFUSE_NUL | PL_SERVICE_NAMES_PEERS,
    .open = irc_open,
    .line = irc_line,
    .fault = irc_fault,
    .timer = irc_timer,
    .resume = irc_resume,
    .again = irc_again,
    .farewell = irc_farewell,
    .close = irc_close,
    .refuse = irc_refuse,
};
