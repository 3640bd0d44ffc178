/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/flushers.h"

#include <assert.h>

void pli_flushers_enter(struct pli_flushers *flushers, struct pli_worker *worker)
{
    assert(worker->owed.count > 0 && worker->flushing == 0);
    worker->flushing = worker->owed.count;
    flushers->load += worker->flushing;
    flushers->active++;
}

void pli_flushers_leave(struct pli_flushers *flushers, struct pli_worker *worker)
{
    if (worker->flushing == 0)
        return;
    flushers->active--;
    flushers->load -= worker->flushing;
    worker->flushing = 0;
    pli_owed_move(&worker->owed, &flushers->handed);
}

bool pli_flushers_hand_over(struct pli_flushers *flushers, struct pli_worker *worker)
{
    unsigned all = flushers->load + flushers->handed.count + worker->owed.count;

    if (flushers->active == 0 || all > PLI_FLUSH_SHARE * flushers->active)
        return false;
    pli_owed_move(&flushers->handed, &worker->owed);
    return true;
}
