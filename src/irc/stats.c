/* SPDX-License-Identifier: MIT */
/* STATS letter [server]: the server in figures. What only operators may see needs one. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "chat/mask.h"
#include "irc/people.h"

#include <stdio.h>

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

/* Who may become an operator. */
static void show_opers(struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);

    for (size_t i = 0; i < settings->oper_count; i++)
        irc_reply(client, IRC_RPL_STATSOLINE, chat_text(settings->opers[i].name));
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

/* By their letters, of either case. */
static const struct {
    char letter;
    bool for_operators;
    void (*show)(struct irc_client *client);
} reports[] = {
    {'o', true, show_opers},
    {'p', false, show_operators},
    {'u', false, show_uptime},
};

void irc_do_stats(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text letter = message->params[0];

    if (!irc_is_me(client, message, 1))
        return;
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        if (!chat_text_same(letter, (struct chat_text){&reports[i].letter, 1}))
            continue;
        if (reports[i].for_operators && !irc_client_is_operator(client))
            irc_reply(client, IRC_ERR_NOPRIVILEGES);
        else
            reports[i].show(client);
    }
    irc_reply(client, IRC_RPL_ENDOFSTATS, letter);
}
