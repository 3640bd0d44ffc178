/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/parts.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdlib.h>

/* Makes a part of what the client has; true: there are more. */
static bool make_part(struct irc_client *client)
{
    if (!client->parts->make(client, client->parts))
        return false;
    pl_session_again(client->session);
    return true;
}

void irc_parts_free(struct irc_parts *parts)
{
    if (!parts)
        return;
    free(parts->rest);
    free(parts);
}

void irc_answer_in_parts(struct irc_client *client, struct irc_parts *parts)
{
    client->parts = parts;
    if (make_part(client))
        return;
    client->parts = NULL;
    irc_parts_free(parts);
}

void irc_parts_go_on(struct irc_client *client)
{
    struct irc_parts *parts = client->parts;
    struct irc_answer answer;

    if (!parts || client->gone)
        return;
    irc_answer_resume(client, &answer);
    if (make_part(client)) {
        irc_answer_suspend(client);
        return;
    }
    irc_answer_end(client);
    client->parts = NULL;
    if (parts->rest)
        irc_client_take(client, (struct chat_text){parts->rest, parts->rest_length});
    irc_parts_free(parts);
}

int irc_parts_keep(struct irc_client *client, struct chat_text rest)
{
    if (rest.length == 0)
        return 0;
    client->parts->rest = malloc(rest.length);
    if (!client->parts->rest)
        return -ENOMEM;
    memcpy(client->parts->rest, rest.data, rest.length);
    client->parts->rest_length = rest.length;
    return 0;
}
