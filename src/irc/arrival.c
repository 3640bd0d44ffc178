/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/arrival.h"

#include "irc/reply.h"
#include "lookup/lookup.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct irc_arrival {
    struct lookup *lookup; /* that is waited for; NULL: none, any more */
    char *rest;            /* lines that came in one with the last command; NULL: none */
    size_t rest_length;
    char mark[LOOKUP_LIST_MAX + 1];
};

static void count(struct irc_client *client, const struct lookup_answer *answer)
{
    if (answer->late)
        chat_limit_hit(client->world, CHAT_LIMIT_DNS_TIMEOUT);
    if (answer->busy)
        chat_limit_hit(client->world, CHAT_LIMIT_DNS_QUEUE);
    if (answer->refuse)
        chat_limit_hit(client->world, CHAT_LIMIT_BLOCKLISTS);
}

static void turn_away(struct irc_client *client, const struct lookup_answer *answer)
{
    char text[LOOKUP_LIST_MAX + 40];

    snprintf(text, sizeof text, "Your address is listed in %s", answer->list);
    irc_client_end(client, chat_text(*answer->reason ? answer->reason : text));
}

/* What the answer means for the client. */
static void take_answer(struct irc_client *client, const struct lookup_answer *answer)
{
    count(client, answer);
    lookup_log(answer, "irc", client->session);
    if (answer->refuse) {
        turn_away(client, answer);
        return;
    }
    snprintf(client->coming->arrival->mark, sizeof client->coming->arrival->mark, "%s",
             answer->list);
    if (*answer->host)
        snprintf(client->host, sizeof client->host, "%s", answer->host);
}

/* Who comes from a gateway and for itself is one of ours. */
static bool is_gateway(const struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);

    for (size_t i = 0; i < settings->gateway_count && !client->named; i++)
        if (pl_session_is_from(client->session, &settings->gateways[i].network))
            return true;
    return false;
}

/* Asks. Without memory the client goes. */
static void begin(struct irc_client *client)
{
    struct lookup_answer answer = {.refuse = false};

    client->coming->arrival = calloc(1, sizeof *client->coming->arrival);
    if (!client->coming->arrival) {
        irc_client_end(client, chat_text("Out of memory"));
        return;
    }
    if (!is_gateway(client))
        client->coming->arrival->lookup =
            lookup_begin(client->irc->lookups, client->session, &answer);
    if (client->coming->arrival->lookup)
        pl_session_set_timer(client->session, lookup_patience(client->coming->arrival->lookup));
    else
        take_answer(client, &answer);
}

bool irc_arrival_is_over(struct irc_client *client)
{
    if (!client->irc->lookups)
        return true;
    if (!client->coming->arrival)
        begin(client);
    return !client->gone && !irc_arrival_waits(client);
}

bool irc_arrival_waits(const struct irc_client *client)
{
    return client->coming && client->coming->arrival && client->coming->arrival->lookup;
}

void irc_arrival_give_up(struct irc_client *client)
{
    lookup_give_up(client->coming->arrival->lookup);
}

void irc_arrival_go_on(struct irc_client *client)
{
    struct irc_arrival *arrival = client->coming->arrival;
    struct lookup_answer answer;
    struct chat_text rest;
    char *kept;

    lookup_end(arrival->lookup, &answer);
    arrival->lookup = NULL;
    if (client->gone)
        return;
    rest = (struct chat_text){arrival->rest, arrival->rest_length};
    kept = arrival->rest;
    arrival->rest = NULL;
    pl_session_set_timer(client->session, client->class->registration_timeout * 1000);
    take_answer(client, &answer);
    irc_client_try(client); /* and ARRIVAL may have gone */
    if (kept)
        irc_client_take(client, rest);
    free(kept);
}

int irc_arrival_keep(struct irc_client *client, struct chat_text rest)
{
    struct irc_arrival *arrival = client->coming->arrival;

    if (rest.length == 0)
        return 0;
    arrival->rest = malloc(rest.length);
    if (!arrival->rest)
        return -ENOMEM;
    memcpy(arrival->rest, rest.data, rest.length);
    arrival->rest_length = rest.length;
    return 0;
}

struct chat_text irc_arrival_mark(const struct irc_client *client)
{
    return client->coming->arrival ? chat_text(client->coming->arrival->mark) : CHAT_NO_TEXT;
}

void irc_arrival_free(struct irc_arrival *arrival)
{
    if (!arrival)
        return;
    lookup_free(arrival->lookup);
    free(arrival->rest);
    free(arrival);
}
