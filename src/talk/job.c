/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/job.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

static void discard(struct talk_job *job)
{
    if (job->secret)
        OPENSSL_cleanse(job->secret, strlen(job->secret));
    free(job->secret);
    nickserv_answer_deinit(&job->answer);
    chanserv_answer_deinit(&job->channel_answer);
    free(job);
}

static void copy(char out[static CHAT_NAME_MAX + 1], struct chat_text text)
{
    size_t length = text.length < CHAT_NAME_MAX ? text.length : CHAT_NAME_MAX;

    if (length > 0)
        memcpy(out, text.data, length);
    out[length] = '\0';
}

static void note_names(const struct chat_user_view *view, void *argument)
{
    struct talk_job *job = argument;

    copy(job->nick, view->nick);
    copy(job->account, view->account);
}

/* Who asks: nobody listens to who comes over TLS, or from this machine. */
static void fill(struct talk_job *job, struct talk_person *person)
{
    struct pl_session *session = person->session;

    job->accounts = talk_accounts(person->talk);
    (void)chat_user_look(person->world, &person->chat, note_names, job);
    if (pl_session_tls_fingerprint(session, job->fingerprint, sizeof job->fingerprint) != 0)
        *job->fingerprint = '\0';
    job->who = (struct account_who){
        .address = pl_session_peer(session, job->address, sizeof job->address),
        .nick = job->nick,
        .fingerprint = job->fingerprint,
        .is_private = pl_session_is_tls(session) || pl_session_is_local(session),
        .takes_part = true,
    };
}

struct talk_job *talk_job_new(struct talk_person *person, struct chat_text secret)
{
    struct talk_job *job = calloc(1, sizeof *job);

    if (job)
        job->secret = strndup(secret.length > 0 ? secret.data : "", secret.length);
    if (!job || !job->secret) {
        free(job);
        talk_explain(person, -ENOMEM, CHAT_NO_TEXT);
        return NULL;
    }
    fill(job, person);
    return job;
}

static void run(void *argument)
{
    struct talk_job *job = argument;

    job->run(job);
}

static void done(struct pl_session *session, bool open, void *argument)
{
    struct talk_person *person = open ? pl_session_data(session) : NULL;
    struct talk_job *job = argument;

    if (person)
        job->done(person, job);
    discard(job);
}

void talk_job_begin(struct talk_person *person, struct talk_job *job)
{
    int rc = pl_session_work(person->session, run, done, job);

    if (rc == 0)
        return;
    if (rc == -EAGAIN)
        talk_reply(person, "Too many are doing that just now; try again later.");
    else
        talk_explain(person, rc, CHAT_NO_TEXT);
    discard(job);
}
