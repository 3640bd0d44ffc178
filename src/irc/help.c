/* SPDX-License-Identifier: MIT */
/* HELP, from the table of commands. */
#include "config.h"

#include "irc/command.h"

static void show_all(struct irc_client *client)
{
    struct chat_text topic = chat_text("*");
    struct irc_line line;
    size_t on_line = 0;

    irc_reply(client, IRC_RPL_HELPSTART, topic, chat_text("Commands; HELP NAME tells more of one"));
    irc_line_begin(&line);
    for (size_t i = 0; i < irc_command_count; i++) {
        if (on_line++ > 0)
            irc_line_puts(&line, " ");
        irc_line_puts(&line, irc_commands[i].name);
        if (on_line < 10 && i + 1 < irc_command_count)
            continue;
        irc_reply(client, IRC_RPL_HELPTXT, topic, (struct chat_text){line.data, line.length});
        irc_line_begin(&line);
        on_line = 0;
    }
    irc_reply(client, IRC_RPL_ENDOFHELP, topic);
}

static void show_one(struct irc_client *client, const struct irc_command *command)
{
    struct chat_text topic = chat_text(command->name);
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, command->name);
    irc_line_puts(&line, *command->usage ? " " : "");
    irc_line_puts(&line, command->usage);
    irc_reply(client, IRC_RPL_HELPSTART, topic, (struct chat_text){line.data, line.length});
    irc_reply(client, IRC_RPL_HELPTXT, topic, chat_text(command->help));
    irc_reply(client, IRC_RPL_ENDOFHELP, topic);
}

void irc_do_help(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = irc_param(message, 0);
    const struct irc_command *command = irc_command_find(name);

    if (name.length == 0)
        show_all(client);
    else if (command)
        show_one(client, command);
    else
        irc_reply(client, IRC_ERR_HELPNOTFOUND, name);
}
