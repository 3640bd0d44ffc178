/* SPDX-License-Identifier: MIT */
/* NickServ (account/nickserv.h), to whom one speaks as to anybody: /msg NickServ help. */
#include "config.h"

#include "account/nickserv.h"

#include "talk/command.h"
#include "talk/job.h"

#include <paceline/session.h>

static void show(struct talk_person *person, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");

        talk_reply(person, NICKSERV_NAME " tells you: %.*s", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void claim(struct talk_person *person, const struct nickserv_answer *answer)
{
    struct chat_text nick = chat_text(answer->nick);
    int rc = chat_nick_claim(person->world, &person->chat, nick, answer->action == NICKSERV_REGAIN);

    if (rc != 0)
        talk_explain(person, rc, nick);
    else if (answer->action == NICKSERV_GHOST)
        talk_reply(person, "Nobody bears %.*s any more.", TALK_TEXT(nick));
}

static void show_client(const struct chat_session_view *view, void *argument)
{
    talk_reply(argument, NICKSERV_NAME " tells you: %u: %s%s, from %.*s%s", view->number,
               view->face, view->secure ? " with TLS" : "", TALK_TEXT(view->address),
               view->self ? ", this one" : "");
}

static void end_client(struct talk_person *person, unsigned number)
{
    int rc = chat_presence_end_session(person->world, &person->chat, number);

    talk_reply(person, NICKSERV_NAME " tells you: %s.",
               rc == 0                 ? "That client is logged out"
               : rc == CHAT_REGISTERED ? "That is this client; say /quit"
                                       : "You have no such client");
}

static void answered(struct talk_person *person, const struct talk_job *job)
{
    const struct nickserv_answer *answer = &job->answer;

    if (job->outcome != 0) {
        talk_explain(person, job->outcome, CHAT_NO_TEXT);
        return;
    }
    if (answer->lines)
        show(person, answer->lines);
    switch (answer->action) {
    case NICKSERV_NOTHING:
        break;
    case NICKSERV_LOGIN:
        talk_be_account(person, chat_text(answer->account));
        break;
    case NICKSERV_LOGOUT:
        if (!answer->dropped) /* else all have been logged out */
            talk_be_account(person, CHAT_NO_TEXT);
        break;
    case NICKSERV_GHOST:
    case NICKSERV_REGAIN:
        claim(person, answer);
        break;
    case NICKSERV_CLIENTS:
        (void)chat_presence_sessions(person->world, &person->chat, show_client, person);
        break;
    case NICKSERV_END_CLIENT:
        end_client(person, answer->number);
        break;
    }
}

static void ask(struct talk_job *job)
{
    struct nickserv_request request = {
        .who = job->who, .account = job->account, .line = job->secret};

    job->outcome = nickserv_run(job->accounts, &request, &job->answer);
}

bool talk_is_nickserv(const struct talk_person *person, struct chat_text nick)
{
    return talk_accounts(person->talk) && nick.length == strlen(NICKSERV_NAME) &&
           strncasecmp(nick.data, NICKSERV_NAME, nick.length) == 0;
}

/* The line may have a secret in it: it goes nowhere else. */
void talk_tell_nickserv(struct talk_person *person, struct chat_text line)
{
    struct talk_job *job = talk_job_new(person, line);

    pl_session_wipe_line(person->session);
    if (!job)
        return;
    job->run = ask;
    job->done = answered;
    talk_job_begin(person, job);
}
