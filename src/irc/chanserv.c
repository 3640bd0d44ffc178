/* SPDX-License-Identifier: MIT */
/*
 * ChanServ, to whom one speaks by PRIVMSG, SQUERY, CS or CHANSERV: what it does with a line is said in
 * account/chanserv.h. It does it at once; but when something has changed that is to be kept, its answer
 * waits, as a helper does, until it is.
 */
#include "config.h"

#include "irc/service.h"

#include "account/chanserv.h"
#include "irc/command.h"
#include "irc/work.h"

#include <errno.h>
#include <stdlib.h>

/* What a line costs beside the command that it came with. */
#define COST_OF_LINE 1

struct settling {
    struct irc_work work;
    struct accounts *accounts;
    struct chanserv_answer answer;
    int outcome; /* chanserv_settle() */
};

static struct settling *settling_of(struct irc_work *work)
{
    return (struct settling *)(void *)work;
}

static void settle(struct irc_work *work)
{
    struct settling *settling = settling_of(work);

    settling->outcome = chanserv_settle(settling->accounts, &settling->answer);
}

static void say(struct irc_client *client, int outcome, const char *lines)
{
    if (outcome < 0)
        irc_service_say(client, CHANSERV_NAME, chat_text("Out of memory."));
    else
        irc_service_say_lines(client, CHANSERV_NAME, lines);
}

static void settled(struct irc_client *client, struct irc_work *work)
{
    const struct settling *settling = settling_of(work);

    say(client, settling->outcome, settling->answer.lines);
}

static void free_settling(struct irc_work *work)
{
    chanserv_answer_deinit(&settling_of(work)->answer);
    free(work);
}

/* Takes the answer over. It is given at once if nobody can wait. */
static void begin_settling(struct irc_client *client, struct chanserv_answer *answer)
{
    struct settling *settling = malloc(sizeof *settling);

    if (settling) {
        *settling = (struct settling){
            .work = {.run = settle, .done = settled, .free = free_settling},
            .accounts = client->irc->accounts,
            .answer = *answer,
        };
        if (irc_work_begin(client, &settling->work) == 0)
            return;
    }
    free(settling);
    say(client, 0, answer->lines);
    chanserv_answer_deinit(answer);
}

/* A line that is made of COUNT words, at least one. */
static void run(struct irc_client *client, const struct chat_text *words, size_t count)
{
    char *line = malloc(irc_service_room(words, count));
    struct chanserv_answer answer = {.lines = NULL};
    int rc = -ENOMEM;

    if (line) {
        irc_service_copy(line, words, count);
        rc = chanserv_run(&(struct chanserv_request){.accounts = client->irc->accounts,
                                                     .world = client->world,
                                                     .session = &client->chat,
                                                     .line = line},
                          &answer);
    }
    free(line);
    if (rc == 0 && answer.changed) {
        begin_settling(client, &answer);
        return;
    }
    say(client, rc, answer.lines);
    chanserv_answer_deinit(&answer);
}

void irc_chanserv_hear(struct irc_client *client, const struct irc_message *message)
{
    irc_client_charge(client, COST_OF_LINE);
    irc_service_echo(client, message, message->params[1]);
    run(client, &message->params[1], 1);
}

/* CHANSERV command {argument} */
void irc_do_chanserv(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_text help = {"HELP", 4};

    if (!chat_is_service(client->world, chat_text(CHANSERV_NAME)))
        irc_reply(client, IRC_ERR_NOSUCHNICK, chat_text(CHANSERV_NAME));
    else if (message->count == 0)
        run(client, &help, 1);
    else
        run(client, message->params, message->count);
}
