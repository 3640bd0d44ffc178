/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/timer.h"

extern const struct pli_model pli_leader_followers;
extern const struct pli_model pli_half_sync_half_reactive;
extern const struct pli_model pli_simulated_proactor;
extern const struct pli_model pli_loop_per_thread;
extern const struct pli_model pli_proactor;
extern const struct pli_model pli_thread_per_connection;

const struct pli_model *const pli_all_models[] = {
    &pli_leader_followers,
    &pli_half_sync_half_reactive,
    &pli_simulated_proactor,
    &pli_loop_per_thread,
    &pli_proactor,
    &pli_thread_per_connection,
    NULL,
};

/* What can be had here does not change: it is found out once. */
static pthread_once_t names_once = PTHREAD_ONCE_INIT;
static const char *names[sizeof(pli_all_models) / sizeof(pli_all_models[0])];

static void find_names(void)
{
    size_t count = 0;

    for (size_t i = 0; pli_all_models[i]; i++)
        if (!pli_model_missing(pli_all_models[i]))
            names[count++] = pli_all_models[i]->name;
}

const char *const *pli_model_names(void)
{
    pthread_once(&names_once, find_names);
    return names;
}

const char *pli_model_missing(const struct pli_model *model)
{
    return model->missing ? model->missing() : NULL;
}

const struct pli_model *pli_model_find(const char *name)
{
    for (size_t i = 0; pli_all_models[i]; i++)
        if (strcmp(pli_all_models[i]->name, name) == 0)
            return pli_all_models[i];
    return NULL;
}

static void free_workers(struct pli_engine *engine)
{
    while (engine->workers) {
        struct pli_worker *worker = engine->workers;

        engine->workers = worker->next;
        free(worker->buffer);
        free(worker->room);
        free(worker);
    }
}

int pli_engine_init(struct pli_engine *engine, const struct pli_model *model,
                    const struct pli_engine_options *options)
{
    int rc;

    *engine = (struct pli_engine){.model = model, .options = *options};
    rc = pli_table_init(&engine->table);
    if (rc < 0)
        return rc;
    pli_mutex_init(&engine->lock, PLI_RANK_WORKERS);
    rc = model->start(engine);
    if (rc == 0) {
        rc = pli_timer_start(engine);
        if (rc == 0)
            return 0;
        model->finish(engine);
    }
    free_workers(engine);
    pli_mutex_deinit(&engine->lock);
    pli_table_deinit(&engine->table);
    return rc;
}

void pli_engine_deinit(struct pli_engine *engine)
{
    pli_timer_finish(engine);
    engine->model->finish(engine);
    free_workers(engine);
    pli_mutex_deinit(&engine->lock);
    pli_table_deinit(&engine->table);
}

static void add(_Atomic uint64_t *sum, const _Atomic uint64_t *counter)
{
    pli_count(sum, atomic_load_explicit(counter, memory_order_relaxed));
}

void pli_engine_count(struct pli_engine *engine, struct pli_counters *sum)
{
    memset(sum, 0, sizeof(*sum));
    pli_lock(&engine->lock);
    for (struct pli_worker *worker = engine->workers; worker; worker = worker->next) {
        add(&sum->events, &worker->counters.events);
        add(&sum->waits, &worker->counters.waits);
        add(&sum->lines, &worker->counters.lines);
        add(&sum->bytes_in, &worker->counters.bytes_in);
        add(&sum->bytes_out, &worker->counters.bytes_out);
        add(&sum->writes, &worker->counters.writes);
    }
    pli_unlock(&engine->lock);
}
