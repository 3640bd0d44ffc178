/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/fake_model.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_RUNS 16u

/* A handle that writes down its runs and answers what the test has told it. */
struct probe {
    struct pli_handle handle;
    unsigned runs;
    unsigned notes[MOST_RUNS];
    int answers[MOST_RUNS];              /* of each run; 0 as it is at first: nothing but HUP */
    void (*during)(struct probe *probe); /* called in the first run */
    bool *freed;
};

static int probe_run(struct pli_handle *handle, unsigned notes)
{
    struct probe *probe = (struct probe *)handle;
    unsigned run = probe->runs++;

    if (run >= MOST_RUNS)
        abort();
    probe->notes[run] = notes;
    if (run == 0 && probe->during)
        probe->during(probe);
    return probe->answers[run];
}

static void probe_free(struct pli_handle *handle)
{
    struct probe *probe = (struct probe *)handle;

    if (probe->freed)
        *probe->freed = true;
    free(probe);
}

static const struct pli_handle_class probe_class = {
    .name = "probe", .run = probe_run, .free = probe_free};

/* With a descriptor of its own. */
static struct probe *probe_new(struct pli_engine *engine)
{
    struct probe *probe = calloc(1, sizeof(*probe));

    if (!probe)
        abort();
    pli_handle_init(&probe->handle, engine, &probe_class, open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_RESULT(pli_handle_add(&probe->handle), 0);
    return probe;
}

/* The same, begun, with the run of its beginning forgotten. */
static struct probe *probe_begun(struct pli_engine *engine)
{
    struct probe *probe = probe_new(engine);

    pli_handle_begin(&probe->handle);
    EXPECT_RESULT(fake_run_posts(engine), 1);
    EXPECT_RESULT(probe->runs, 1);
    EXPECT_RESULT(probe->notes[0], PLI_OPEN);
    probe->runs = 0;
    *fake_calls(engine) = (struct fake_calls){0};
    return probe;
}

static void probe_end(struct probe *probe)
{
    probe->answers[0] = PLI_DONE;
    probe->during = NULL;
    probe->runs = 0;
    pli_handle_kick(&probe->handle, PLI_CLOSE);
}

/* -- Life ----------------------------------------------------------------------------------- */

static void handle_waits_for_its_maker(void)
{
    struct pli_engine engine;
    struct probe *probe;
    uint64_t id;

    fake_start(&engine, &fake_oneshot);
    probe = probe_new(&engine);
    id = probe->handle.id;
    pli_handle_event(&engine, id, PLI_DRAIN);
    pli_handle_post(&probe->handle, PLI_TIMER);
    fake_run_posts(&engine);
    CU_ASSERT_EQUAL(probe->runs, 0);
    pli_handle_begin(&probe->handle);
    fake_run_posts(&engine);
    CU_ASSERT_EQUAL(probe->runs, 1);
    CU_ASSERT_EQUAL(probe->notes[0], PLI_OPEN | PLI_DRAIN | PLI_TIMER);
    probe_end(probe);
    fake_end(&engine);
}

static void handle_may_end_as_it_begins(void)
{
    struct pli_engine engine;
    struct probe *probe;
    bool freed = false;

    fake_start(&engine, &fake_oneshot);
    probe = probe_new(&engine);
    probe->freed = &freed;
    probe->answers[0] = PLI_DONE;
    pli_handle_begin(&probe->handle);
    fake_run_posts(&engine);
    CU_ASSERT(freed);
    fake_end(&engine);
}

static void end_closes_and_gives_back_once(void)
{
    struct pli_engine engine;
    struct probe *probe;
    bool freed = false;
    uint64_t id;
    int fd;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    probe->freed = &freed;
    probe->answers[1] = PLI_DONE;
    fd = probe->handle.fd;
    id = probe->handle.id;
    pli_handle_ref(&probe->handle);
    pli_handle_kick(&probe->handle, PLI_IN);
    CU_ASSERT(fcntl(fd, F_GETFD) >= 0);
    pli_handle_kick(&probe->handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
    CU_ASSERT_EQUAL(fake_calls(&engine)->closes, 1);
    CU_ASSERT_EQUAL(fake_calls(&engine)->displaces, 1);
    CU_ASSERT(!freed);
    /* Whatever still comes does nothing. */
    pli_handle_kick(&probe->handle, PLI_IN);
    pli_handle_event(&engine, id, PLI_HUP);
    pli_handle_post(&probe->handle, PLI_CLOSE);
    fake_run_posts(&engine);
    CU_ASSERT_EQUAL(probe->runs, 2);
    pli_handle_unref(&probe->handle);
    CU_ASSERT(freed);
    pli_handle_event(&engine, id, PLI_IN);
    CU_ASSERT_EQUAL(fake_calls(&engine)->closes, 1);
    fake_end(&engine);
}

static void model_without_a_place_refuses_a_handle(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    fake_calls(&engine)->place_result = -EAGAIN;
    CU_ASSERT_EQUAL(pli_handle_add(&(struct pli_handle){.engine = &engine}), -EAGAIN);
    CU_ASSERT_EQUAL(fake_calls(&engine)->displaces, 0);
    probe_end(probe);
    fake_end(&engine);
}

static void shut_handle_goes_on_without_its_descriptor(void)
{
    struct pli_engine engine;
    struct probe *probe;
    int fd;

    fake_start(&engine, &fake_level);
    probe = probe_begun(&engine);
    fd = probe->handle.fd;
    pli_handle_shut(&probe->handle);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
    CU_ASSERT_EQUAL(fake_calls(&engine)->closes, 1);
    probe->answers[0] = PLI_IN | PLI_OUT;
    pli_handle_kick(&probe->handle, PLI_RESUME);
    CU_ASSERT_EQUAL(probe->runs, 1);
    CU_ASSERT_EQUAL(fake_calls(&engine)->arms, 0);
    pli_handle_shut(&probe->handle);
    probe_end(probe);
    CU_ASSERT_EQUAL(fake_calls(&engine)->closes, 1);
    fake_end(&engine);
}

/* The next descriptor is registered, although the one before was registered for the same. */
static void shut_handle_may_have_another_descriptor(const struct pli_model *model)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, model);
    probe = probe_begun(&engine); /* registered for HUP */
    pli_handle_shut(&probe->handle);
    CU_ASSERT(!probe->handle.registered);
    probe->handle.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    pli_handle_kick(&probe->handle, PLI_TIMER);
    CU_ASSERT_EQUAL(fake_calls(&engine)->arms, 1);
    CU_ASSERT_EQUAL(fake_calls(&engine)->last_want, PLI_HUP);
    probe_end(probe);
    CU_ASSERT_EQUAL(fake_calls(&engine)->closes, 2);
    fake_end(&engine);
}

static void another_descriptor_is_registered_anew(void)
{
    shut_handle_may_have_another_descriptor(&fake_oneshot);
    shut_handle_may_have_another_descriptor(&fake_level);
}

/* -- Registration --------------------------------------------------------------------------- */

/* Kicks with NOTES, to which the handle answers WANT; returns how often that registered. */
static unsigned arms_after(struct probe *probe, unsigned notes, int want)
{
    struct fake_calls *calls = fake_calls(probe->handle.engine);
    unsigned before = calls->arms;

    probe->runs = 0;
    probe->answers[0] = want;
    pli_handle_kick(&probe->handle, notes);
    CU_ASSERT_EQUAL(probe->runs, 1);
    if (calls->arms > before)
        CU_ASSERT_EQUAL(calls->last_want, (unsigned)want | PLI_HUP);
    return calls->arms - before;
}

static void consumed_registration_is_renewed_and_no_other(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine); /* registered for HUP */
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, 0), 0);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, PLI_IN), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, PLI_IN), 0);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_TIMER | PLI_RESUME, PLI_IN | PLI_HUP), 0);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_IN, PLI_IN), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_OUT, PLI_IN), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_HUP, PLI_IN), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, PLI_IN | PLI_OUT), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, PLI_OUT), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_FLUSH, 0), 1);
    probe_end(probe);
    fake_end(&engine);
}

static void lasting_registration_is_changed_only(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_level);
    probe = probe_begun(&engine);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_IN, PLI_IN), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_IN, PLI_IN), 0);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_IN, PLI_IN | PLI_OUT), 1);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_IN | PLI_OUT, PLI_IN | PLI_OUT), 0);
    CU_ASSERT_EQUAL(arms_after(probe, PLI_OUT, PLI_IN), 1);
    probe_end(probe);
    fake_end(&engine);
}

static void what_cannot_be_registered_hears_that_it_is_broken(void)
{
    struct pli_engine engine;
    struct probe *probe;
    bool freed = false;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    probe->freed = &freed;
    fake_calls(&engine)->arm_result = -1;
    probe->answers[0] = PLI_IN;
    probe->answers[1] = PLI_DONE;
    pli_handle_ref(&probe->handle);
    pli_handle_kick(&probe->handle, PLI_IN);
    CU_ASSERT_EQUAL(probe->runs, 2);
    CU_ASSERT_EQUAL(probe->notes[1], PLI_HUP);
    pli_handle_unref(&probe->handle);
    CU_ASSERT(freed);
    fake_end(&engine);
}

/* -- Notes ---------------------------------------------------------------------------------- */

/* What another thread wants while the claim is held: it returns at once. */
static void *want_elsewhere(void *argument)
{
    struct probe *probe = argument;

    pli_handle_kick(&probe->handle, PLI_OUT);
    pli_handle_event(probe->handle.engine, probe->handle.id, PLI_TIMER);
    return NULL;
}

static void have_another_thread_want(struct probe *probe)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, want_elsewhere, probe) != 0)
        abort();
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(probe->runs, 1); /* the run that is under way */
}

static void notes_left_during_a_run_are_seen_in_the_next(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    probe->during = have_another_thread_want;
    pli_handle_kick(&probe->handle, PLI_IN);
    CU_ASSERT_EQUAL(probe->runs, 2);
    CU_ASSERT_EQUAL(probe->notes[0], PLI_IN);
    CU_ASSERT_EQUAL(probe->notes[1], PLI_OUT | PLI_TIMER);
    probe_end(probe);
    fake_end(&engine);
}

static void more_runs_again_and_registers_nothing_before(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    probe->answers[0] = probe->answers[1] = PLI_MORE;
    probe->answers[2] = PLI_IN;
    pli_handle_kick(&probe->handle, PLI_IN);
    CU_ASSERT_EQUAL(probe->runs, 3);
    CU_ASSERT_EQUAL(probe->notes[1] | probe->notes[2], 0);
    CU_ASSERT_EQUAL(fake_calls(&engine)->arms, 1);
    probe_end(probe);
    fake_end(&engine);
}

static void touch_itself(struct probe *probe)
{
    pli_handle_touch(&probe->handle, PLI_RESUME);
}

static void handle_that_wants_something_of_itself_runs_again(void)
{
    struct pli_worker *worker;
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    worker = pli_worker_new(&engine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(worker);
    probe = probe_begun(&engine);
    probe->during = touch_itself;
    pli_worker_enter(worker);
    pli_handle_kick(&probe->handle, PLI_IN);
    pli_worker_enter(NULL);
    CU_ASSERT_EQUAL(probe->runs, 2);
    CU_ASSERT_EQUAL(probe->notes[1], PLI_RESUME);
    CU_ASSERT(!pli_worker_owes(worker));
    CU_ASSERT_EQUAL(fake_calls(&engine)->posts, 0);
    CU_ASSERT_PTR_NULL(worker->current);
    probe_end(probe);
    pli_worker_retire(worker);
    fake_end(&engine);
}

static void posts_before_it_runs_are_one(void)
{
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    probe = probe_begun(&engine);
    pli_handle_post(&probe->handle, PLI_TIMER);
    pli_handle_touch(&probe->handle, PLI_FLUSH); /* this thread is none of the pool's */
    pli_handle_post(&probe->handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(fake_calls(&engine)->posts, 1);
    CU_ASSERT_EQUAL(probe->runs, 0);
    CU_ASSERT_EQUAL(fake_run_posts(&engine), 1);
    CU_ASSERT_EQUAL(probe->runs, 1);
    CU_ASSERT_EQUAL(probe->notes[0], PLI_TIMER | PLI_FLUSH | PLI_CLOSE);
    pli_handle_post(&probe->handle, PLI_TIMER);
    CU_ASSERT_EQUAL(fake_run_posts(&engine), 1);
    CU_ASSERT_EQUAL(probe->runs, 2);
    probe_end(probe);
    fake_end(&engine);
}

static void touched_by_a_worker_it_is_owed_once_but_posted_from_a_bracket(void)
{
    struct pli_worker *worker;
    struct pli_engine engine;
    struct probe *probe;

    fake_start(&engine, &fake_oneshot);
    worker = pli_worker_new(&engine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(worker);
    probe = probe_begun(&engine);
    pli_worker_enter(worker);
    pli_handle_touch(&probe->handle, PLI_FLUSH);
    pli_handle_touch(&probe->handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(probe->runs, 0);
    CU_ASSERT_EQUAL(fake_calls(&engine)->posts, 0);
    pli_worker_flush(worker, 10);
    CU_ASSERT_EQUAL(probe->runs, 1);
    CU_ASSERT_EQUAL(probe->notes[0], PLI_FLUSH | PLI_CLOSE);
    worker->blocking = true;
    pli_handle_touch(&probe->handle, PLI_FLUSH);
    worker->blocking = false;
    CU_ASSERT(!pli_worker_owes(worker));
    CU_ASSERT_EQUAL(fake_calls(&engine)->posts, 1);
    pli_worker_enter(NULL);
    CU_ASSERT_EQUAL(fake_run_posts(&engine), 1);
    CU_ASSERT_EQUAL(probe->notes[1], PLI_FLUSH);
    probe_end(probe);
    pli_worker_retire(worker);
    fake_end(&engine);
}

/* -- The claim, by many ---------------------------------------------------------------------- */

#define THREADS 4u
#define WISHES  10000u

static const unsigned note_of[THREADS] = {PLI_IN, PLI_OUT, PLI_TIMER, PLI_RESUME};

/* Each thread numbers what it wants, and the handle writes down which number it has seen. */
struct busy {
    struct pli_handle handle;
    _Atomic unsigned wanted[THREADS];
    unsigned seen[THREADS]; /* claim holder */
    unsigned runs;          /* claim holder: two at once are a race */
    _Atomic bool inside;
    _Atomic unsigned wrong;
    _Atomic unsigned freed;
    unsigned end_after; /* runs; 0: it lives on */
};

static int busy_run(struct pli_handle *handle, unsigned notes)
{
    struct busy *busy = (struct busy *)handle;
    unsigned run = busy->runs++;

    CROWD_CHECK(busy->wrong, !atomic_exchange(&busy->inside, true));
    for (unsigned i = 0; i < THREADS; i++)
        if (notes & note_of[i])
            busy->seen[i] = atomic_load_explicit(&busy->wanted[i], memory_order_relaxed);
    atomic_store(&busy->inside, false);
    if (busy->end_after && run >= busy->end_after)
        return notes & PLI_OPEN ? PLI_MORE : PLI_DONE;
    return run % 7 == 3 ? PLI_MORE : run % 3 ? PLI_IN : PLI_OUT;
}

static void busy_free(struct pli_handle *handle)
{
    atomic_fetch_add(&((struct busy *)handle)->freed, 1);
}

static const struct pli_handle_class busy_class = {
    .name = "busy", .run = busy_run, .free = busy_free};

static void want(unsigned number, void *argument)
{
    struct busy *busy = argument;
    struct pli_engine *engine = busy->handle.engine;
    uint64_t id = busy->handle.id;
    uint64_t row = number;

    for (unsigned i = 1; i <= WISHES; i++) {
        atomic_store_explicit(&busy->wanted[number], i, memory_order_relaxed);
        switch (crowd_random(&row) % 3) {
        case 0:
            pli_handle_event(engine, id, note_of[number]);
            break;
        case 1:
            pli_handle_kick(&busy->handle, note_of[number]);
            break;
        default:
            pli_handle_post(&busy->handle, note_of[number]);
            fake_run_posts(engine);
        }
    }
}

static void have_many_want(struct busy *busy, struct pli_engine *engine)
{
    fake_start(engine, &fake_oneshot);
    pli_handle_init(&busy->handle, engine, &busy_class, open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_RESULT(pli_handle_add(&busy->handle), 0);
    pli_handle_ref(&busy->handle);
    pli_handle_begin(&busy->handle);
    crowd_run(THREADS, want, busy);
    fake_run_posts(engine);
    CU_ASSERT_EQUAL(busy->wrong, 0);
}

static void never_two_hold_it_and_no_note_is_lost(void)
{
    static struct busy busy;
    struct pli_engine engine;

    have_many_want(&busy, &engine);
    for (unsigned i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(busy.seen[i], WISHES);
    CU_ASSERT(busy.runs >= THREADS);
    busy.end_after = 1;
    pli_handle_kick(&busy.handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(busy.freed, 0);
    pli_handle_unref(&busy.handle);
    CU_ASSERT_EQUAL(busy.freed, 1);
    fake_end(&engine);
}

static void it_ends_once_whatever_many_still_want(void)
{
    for (unsigned i = 1; i < 20; i++) {
        struct busy busy = {.end_after = i * i};
        struct pli_engine engine;
        unsigned runs;

        have_many_want(&busy, &engine);
        CU_ASSERT_EQUAL(fake_calls(&engine)->displaces, 1);
        CU_ASSERT_EQUAL(busy.freed, 0);
        runs = busy.runs;
        pli_handle_kick(&busy.handle, PLI_IN);
        CU_ASSERT_EQUAL(busy.runs, runs);
        pli_handle_unref(&busy.handle);
        CU_ASSERT_EQUAL(busy.freed, 1);
        fake_end(&engine);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a handle waits for its maker", handle_waits_for_its_maker},
        {"a handle may end as it begins", handle_may_end_as_it_begins},
        {"the end closes and gives back once", end_closes_and_gives_back_once},
        {"a model without a place refuses a handle", model_without_a_place_refuses_a_handle},
        {"a shut handle goes on without its descriptor",
         shut_handle_goes_on_without_its_descriptor},
        {"another descriptor is registered anew", another_descriptor_is_registered_anew},
        {"a consumed registration is renewed and no other",
         consumed_registration_is_renewed_and_no_other},
        {"a lasting registration is changed only", lasting_registration_is_changed_only},
        {"what cannot be registered hears that it is broken",
         what_cannot_be_registered_hears_that_it_is_broken},
        {"notes left during a run are seen in the next",
         notes_left_during_a_run_are_seen_in_the_next},
        {"more runs again and registers nothing before",
         more_runs_again_and_registers_nothing_before},
        {"a handle that wants something of itself runs again",
         handle_that_wants_something_of_itself_runs_again},
        {"posts before it runs are one", posts_before_it_runs_are_one},
        {"touched by a worker it is owed once, but posted from a bracket",
         touched_by_a_worker_it_is_owed_once_but_posted_from_a_bracket},
        {"never two hold it and no note is lost", never_two_hold_it_and_no_note_is_lost},
        {"it ends once whatever many still want", it_ends_once_whatever_many_still_want},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "handle", tests);
}
