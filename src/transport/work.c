/* SPDX-License-Identifier: MIT */
/*
 * The session's claim holder makes the request, a helper thread runs it and resumes the session,
 * and the claim holder of that event takes the request out and ends it. A session whose connection
 * dies meanwhile stays until then, without its descriptor.
 */
#include "config.h"

#include "transport/work.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/helpers.h"
#include "transport/origin.h"
#include "transport/server.h"
#include "transport/session.h"

struct pli_session_work {
    struct pli_work work;
    struct pl_session *session; /* a reference */
    void (*run)(void *argument);
    void (*done)(struct pl_session *session, bool open, void *argument);
    void *argument;
};

static void run_work(struct pli_work *work)
{
    struct pli_session_work *request = (struct pli_session_work *)work; /* its first member */
    struct pl_session *session = request->session;

    request->run(request->argument);
    /* From here on the request belongs to whoever handles the resumption. */
    pl_session_resume(session);
    pl_session_unref(session);
}

int pl_session_work(struct pl_session *session, void (*work)(void *argument),
                    void (*done)(struct pl_session *session, bool open, void *argument),
                    void *argument)
{
    struct pli_session_work *request = malloc(sizeof(*request));
    int rc;

    if (!request)
        return -ENOMEM;
    *request = (struct pli_session_work){.work = {.run = run_work},
                                         .session = pl_session_ref(session),
                                         .run = work,
                                         .done = done,
                                         .argument = argument};
    session->work = request;
    session->parked = true;
    rc = pli_helpers_submit(&session->origin->server->helpers, &request->work);
    if (rc < 0) {
        pli_limit_hit(&session->origin->server->limits, PL_LIMIT_HELPER_QUEUE);
        session->work = NULL;
        session->parked = false;
        pl_session_unref(session);
        free(request);
    }
    return rc;
}

void pli_session_work_done(struct pl_session *session, bool open)
{
    struct pli_session_work *request = session->work;

    session->work = NULL;
    request->done(session, open, request->argument);
    free(request);
}
