/* SPDX-License-Identifier: MIT */
/* DEFCON: operators of the server lock it down, level by level. */
#include "config.h"

#include "irc/command.h"

#include "irc/people.h"

#include <inttypes.h>
#include <stdio.h>

static void show(struct irc_client *client)
{
    struct chat_defcon_view view;
    struct irc_line line;
    char text[240];

    chat_defcon_look(client->world, &view);
    snprintf(text, sizeof text, "Level %u (%s), %" PRIu64 " turned away", view.level,
             *view.restrictions ? view.restrictions : "nothing is restricted", view.turned_away);
    irc_begin(client, &line, "NOTICE ");
    irc_line_puts(&line, client->nick);
    irc_line_puts(&line, " :");
    irc_line_puts(&line, text);
    irc_emit(client, &line);
}

/* DEFCON [level] */
void irc_do_defcon(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = irc_param(message, 0);

    if (!irc_client_may(client, CHAT_RIGHT_DEFCON))
        return;
    if (text.length > 0 && (text.length > 1 || text.data[0] < '1' || text.data[0] > '5')) {
        irc_fail(client, chat_text("DEFCON"), "INVALID_LEVEL", text, "Levels are 1 to 5");
        return;
    }
    if (text.length > 0)
        (void)chat_defcon_set(client->world, &client->chat, "", (unsigned)(text.data[0] - '0'));
    show(client);
}
