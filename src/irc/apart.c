/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/apart.h"

#include "irc/cap.h"
#include "irc/face.h"
#include "irc/markread.h"
#include "irc/metadata.h"
#include "irc/reply.h"

#include <paceline/session.h>

static void send_line(const struct irc_client *client, struct irc_line *line)
{
    irc_line_end(line);
    (void)pl_session_send(client->session, line->data, line->length);
}

/* It names the channel where other numerics name who gets it. */
void irc_tell_knock(const struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_put_tags(&line, event, caps);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, " 710 ");
    irc_line_put(&line, event->channel_name);
    irc_line_puts(&line, " ");
    irc_line_put(&line, event->channel_name);
    irc_line_puts(&line, " ");
    irc_put_mask(&line, event);
    irc_line_puts(&line, " :has asked for an invite");
    if (event->text.length > 0) {
        irc_line_puts(&line, ": ");
        irc_line_put(&line, event->text);
    }
    send_line(client, &line);
}

/* What the server has to say to an operator, to each by itself as it names the server. */
void irc_tell_notice(const struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_put_tags(&line, event, caps);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, " NOTICE ");
    irc_line_put(&line, event->target_nick);
    irc_line_puts(&line, " :*** ");
    irc_line_put(&line, event->text);
    send_line(client, &line);
}

/* The user is banned: a numeric, and the last line. The chat closes the session then. */
void irc_tell_expelled(const struct irc_client *client, const struct chat_event *event)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, " 465 ");
    irc_line_put(&line, event->target_nick);
    irc_line_puts(&line, " :You are banned from this server: ");
    irc_line_put(&line, event->text);
    send_line(client, &line);
    irc_line_begin(&line);
    irc_line_puts(&line, "ERROR :Closing link: ");
    irc_line_put(&line, event->more);
    irc_line_puts(&line, " (Banned (");
    irc_line_reserve(&line, strlen("))"));
    irc_line_put(&line, event->text);
    irc_line_release(&line, strlen("))"));
    irc_line_puts(&line, "))");
    send_line(client, &line);
}

/* Another session has read something. */
static void tell_read(const struct irc_client *client, const struct chat_event *event,
                      unsigned caps)
{
    struct irc_line line;

    if (!(caps & IRC_CAP_READ_MARKER) || chat_session_sent(&client->chat, event))
        return;
    irc_put_markread(client->irc, &line, event->text, event->until);
    send_line(client, &line);
}

/* Who has made the change has been answered. */
static void tell_metadata(const struct irc_client *client, const struct chat_event *event,
                          unsigned caps)
{
    struct irc_line line;

    if (!irc_metadata_is_known(caps) || chat_session_sent(&client->chat, event) ||
        !chat_session_subscribes(&client->chat, event->more))
        return;
    irc_put_metadata(client->irc, &line, chat_session_nick(&client->chat), event);
    send_line(client, &line);
}

void irc_tell_apart(const struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    if (event->kind == CHAT_READ)
        tell_read(client, event, caps);
    else if (event->kind == CHAT_METADATA)
        tell_metadata(client, event, caps);
}

/* Another session has said that the user is away, or back. */
void irc_tell_absence(const struct irc_client *client, const struct chat_event *event)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, event->text.length > 0 ? " 306 " : " 305 ");
    irc_line_put(&line, event->nick);
    irc_line_puts(&line, event->text.length > 0 ? " :You have been marked as being away"
                                                : " :You are no longer marked as being away");
    send_line(client, &line);
}

void irc_tell_place(struct irc_client *client, struct chat_text name, uint64_t until, unsigned caps,
                    void (*emit)(struct irc_client *client, struct irc_line *line))
{
    struct irc_line line;

    if (caps & IRC_CAP_READ_MARKER) {
        irc_put_markread(client->irc, &line, name, until);
        emit(client, &line);
    }
    if (irc_metadata_is_known(caps)) {
        irc_put_metadata_later(client->irc, &line, chat_session_nick(&client->chat), name);
        emit(client, &line);
    }
}

void irc_tell_joined(const struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct irc_line line;

    irc_render(&line, event, caps);
    send_line(client, &line);
    irc_tell_place((struct irc_client *)(uintptr_t)client, event->channel_name, event->until, caps,
                   irc_emit_aside);
}
