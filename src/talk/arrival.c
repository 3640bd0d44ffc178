/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/arrival.h"

#include "chat/limit.h"
#include "lookup/lookup.h"

#include <paceline/session.h>

#include <stdlib.h>

struct talk_arrival {
    struct lookup *lookup; /* that is waited for; NULL: none, any more */
    char *nick;            /* that was given meanwhile */
    struct lookup_answer answer;
};

/* What the answer means for the person; false: they go. */
static bool take_answer(struct talk_person *person)
{
    const struct lookup_answer *answer = &person->arrival->answer;

    if (answer->late)
        chat_limit_hit(person->world, CHAT_LIMIT_DNS_TIMEOUT);
    if (answer->busy)
        chat_limit_hit(person->world, CHAT_LIMIT_DNS_QUEUE);
    lookup_log(answer, "talk", person->session);
    if (!answer->refuse)
        return true;
    chat_limit_hit(person->world, CHAT_LIMIT_BLOCKLISTS);
    if (*answer->reason)
        talk_reply(person, "Goodbye: %s", answer->reason);
    else
        talk_reply(person, "Goodbye: your address is listed in %s.", answer->list);
    pl_session_close(person->session);
    return false;
}

bool talk_arrival_is_over(struct talk_person *person, struct lookups *lookups,
                          struct chat_text nick)
{
    struct talk_arrival *arrival = person->arrival;

    if (!lookups || arrival)
        return !talk_arrival_waits(person);
    arrival = calloc(1, sizeof *arrival);
    if (arrival)
        arrival->nick = strndup(nick.data, nick.length);
    if (!arrival || !arrival->nick) {
        free(arrival);
        talk_give_up(person);
        return false;
    }
    person->arrival = arrival;
    arrival->lookup = lookup_begin(lookups, person->session, &arrival->answer);
    if (!arrival->lookup)
        return take_answer(person);
    pl_session_set_timer(person->session, lookup_patience(arrival->lookup));
    return false;
}

bool talk_arrival_waits(const struct talk_person *person)
{
    return person->arrival && person->arrival->lookup;
}

void talk_arrival_give_up(struct talk_person *person)
{
    lookup_give_up(person->arrival->lookup);
}

char *talk_arrival_end(struct talk_person *person)
{
    struct talk_arrival *arrival = person->arrival;
    char *nick = arrival->nick;

    lookup_end(arrival->lookup, &arrival->answer);
    arrival->lookup = NULL;
    if (!take_answer(person))
        return NULL;
    arrival->nick = NULL;
    return nick;
}

struct chat_text talk_arrival_host(const struct talk_person *person)
{
    return person->arrival ? chat_text(person->arrival->answer.host) : CHAT_NO_TEXT;
}

struct chat_text talk_arrival_mark(const struct talk_person *person)
{
    return person->arrival ? chat_text(person->arrival->answer.list) : CHAT_NO_TEXT;
}

void talk_arrival_free(struct talk_arrival *arrival)
{
    if (!arrival)
        return;
    lookup_free(arrival->lookup);
    free(arrival->nick);
    free(arrival);
}
