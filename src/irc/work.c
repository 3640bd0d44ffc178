/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/work.h"

#include "irc/moved.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdlib.h>

static void run(void *argument)
{
    struct irc_work *work = argument;

    work->run(work);
}

static void discard(struct irc_work *work)
{
    free(work->answer);
    free(work->rest);
    work->free(work);
}

/* One who has been told to go (a ping timeout) gets no answer any more. */
static void done(struct pl_session *session, bool open, void *argument)
{
    struct irc_work *work = argument;
    struct irc_client *client = open ? pl_session_data(session) : NULL;

    if (client)
        client->work = NULL;
    if (client && !client->gone) {
        irc_client_renew(client);
        client->answer = work->answer;
        work->done(client, work);
        irc_answer_end(client);
        irc_client_take(client, (struct chat_text){work->rest, work->rest_length});
        irc_moved_go_on(client);
    }
    discard(work);
}

int irc_work_begin(struct irc_client *client, struct irc_work *work)
{
    int rc;

    if (client->answer) {
        work->answer = malloc(sizeof *work->answer);
        if (!work->answer)
            return -ENOMEM;
        *work->answer = *client->answer;
    }
    rc = pl_session_work(client->session, run, done, work);
    if (rc < 0) {
        free(work->answer);
        work->answer = NULL;
        return rc;
    }
    client->work = work;
    client->answer = NULL;
    return 0;
}

int irc_work_keep(struct irc_client *client, struct chat_text rest)
{
    struct irc_work *work = client->work;

    if (rest.length == 0)
        return 0;
    work->rest = malloc(rest.length);
    if (!work->rest)
        return -ENOMEM;
    memcpy(work->rest, rest.data, rest.length);
    work->rest_length = rest.length;
    return 0;
}
