/* SPDX-License-Identifier: MIT */
/*
 * ChanServ (account/chanserv.h), to whom one speaks by /cs, or as to anybody: /msg ChanServ help. What it
 * says waits, as a job, until what has changed is kept.
 */
#include "config.h"

#include "account/chanserv.h"

#include "talk/command.h"
#include "talk/job.h"

#include <errno.h>
#include <stdlib.h>

static void show(struct talk_person *person, int outcome, const char *lines)
{
    if (outcome < 0) {
        talk_explain(person, outcome, CHAT_NO_TEXT);
        return;
    }
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");

        talk_reply(person, CHANSERV_NAME " tells you: %.*s", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void settle(struct talk_job *job)
{
    job->outcome = chanserv_settle(job->accounts, &job->channel_answer);
}

static void settled(struct talk_person *person, const struct talk_job *job)
{
    show(person, job->outcome, job->channel_answer.lines);
}

bool talk_is_chanserv(const struct talk_person *person, struct chat_text nick)
{
    return talk_accounts(person->talk) && chat_text_same(nick, chat_text(CHANSERV_NAME));
}

/* Takes the answer over. */
static void begin_settling(struct talk_person *person, struct chanserv_answer *answer)
{
    struct talk_job *job = talk_job_new(person, CHAT_NO_TEXT);

    if (!job) {
        chanserv_answer_deinit(answer);
        return;
    }
    job->run = settle;
    job->done = settled;
    job->channel_answer = *answer;
    talk_job_begin(person, job);
}

void talk_do_cs(struct talk_person *person, struct chat_text arguments)
{
    char *line = strndup(arguments.length > 0 ? arguments.data : "HELP",
                         arguments.length > 0 ? arguments.length : strlen("HELP"));
    struct chanserv_request request = {.accounts = talk_accounts(person->talk),
                                       .world = person->world,
                                       .session = &person->chat,
                                       .line = line};
    struct chanserv_answer answer = {.lines = NULL};
    int rc = -ENOMEM;

    if (line && request.accounts)
        rc = chanserv_run(&request, &answer);
    else if (line)
        rc = -ENOTSUP;
    free(line);
    if (rc == 0 && answer.changed) {
        begin_settling(person, &answer);
        return;
    }
    show(person, rc, answer.lines);
    chanserv_answer_deinit(&answer);
}
