/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"
#include "tests/unit/fake_model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MOST 8u

/* Handles that write down in which order they are run. */
struct row {
    struct pli_engine engine;
    struct pli_worker *worker;
    unsigned ran[64]; /* numbers, in their order */
    unsigned count;
    unsigned freed;
    struct member *again; /* touched once more in the next run of anybody */
};

struct member {
    struct pli_handle handle;
    struct row *row;
    unsigned number;
};

static int member_run(struct pli_handle *handle, unsigned notes)
{
    struct member *member = (struct member *)handle;
    struct row *row = member->row;
    struct member *again = row->again;

    if (notes & PLI_CLOSE)
        return PLI_DONE;
    if (notes & PLI_OPEN)
        return PLI_HUP;
    CU_ASSERT_EQUAL(notes, PLI_FLUSH);
    row->ran[row->count++] = member->number;
    row->again = NULL;
    if (again)
        pli_handle_touch(&again->handle, PLI_FLUSH);
    return PLI_HUP;
}

static void member_free(struct pli_handle *handle)
{
    struct member *member = (struct member *)handle;

    member->row->freed++;
    free(member);
}

static const struct pli_handle_class member_class = {
    .name = "member", .run = member_run, .free = member_free};

/* So many handles, and this thread as a worker. */
static void begin(struct row *row, struct member **members, unsigned count)
{
    *row = (struct row){.count = 0};
    fake_start(&row->engine, &fake_oneshot);
    for (unsigned i = 0; i < count; i++) {
        struct member *member = calloc(1, sizeof(*member));

        if (!member)
            abort();
        member->row = row;
        member->number = i;
        pli_handle_init(&member->handle, &row->engine, &member_class, -1);
        EXPECT_RESULT(pli_handle_add(&member->handle), 0);
        pli_handle_begin(&member->handle);
        members[i] = member;
    }
    fake_run_posts(&row->engine);
    row->worker = pli_worker_new(&row->engine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row->worker);
    pli_worker_enter(row->worker);
}

static void end(struct row *row, struct member **members, unsigned count)
{
    CU_ASSERT(!pli_worker_owes(row->worker));
    for (unsigned i = 0; i < count; i++)
        if (members[i])
            pli_handle_kick(&members[i]->handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(row->freed, count);
    pli_worker_enter(NULL);
    pli_worker_retire(row->worker);
    fake_end(&row->engine);
}

static void expect_ran(const struct row *row, const char *numbers)
{
    char got[65] = "";

    for (unsigned i = 0; i < row->count; i++)
        got[i] = (char)('0' + row->ran[i]);
    EXPECT(strcmp(got, numbers) == 0, "%s were run, not %s", got, numbers);
}

/* -- What is owed --------------------------------------------------------------------------- */

static void what_is_owed_is_kicked_in_order_and_once(void)
{
    struct member *members[MOST];
    struct row row;

    begin(&row, members, 4);
    for (unsigned i = 0; i < 12; i++)
        pli_handle_touch(&members[3 - i % 4]->handle, PLI_FLUSH);
    expect_ran(&row, "");
    pli_worker_flush(row.worker, UINT32_MAX);
    expect_ran(&row, "3210");
    pli_worker_flush(row.worker, UINT32_MAX);
    expect_ran(&row, "3210");
    end(&row, members, 4);
}

static void flush_ends_at_its_limit(void)
{
    struct member *members[MOST];
    struct row row;

    begin(&row, members, 5);
    for (unsigned i = 0; i < 5; i++)
        pli_handle_touch(&members[i]->handle, PLI_FLUSH);
    pli_worker_flush(row.worker, 0);
    expect_ran(&row, "");
    pli_worker_flush(row.worker, 2);
    expect_ran(&row, "01");
    /* One that was flushed is owed again, behind the others. */
    pli_handle_touch(&members[0]->handle, PLI_FLUSH);
    CU_ASSERT(pli_worker_owes(row.worker));
    pli_worker_flush(row.worker, 3);
    expect_ran(&row, "01234");
    pli_worker_flush(row.worker, 3);
    expect_ran(&row, "012340");
    end(&row, members, 5);
}

static void what_a_flush_owes_is_owed_anew(void)
{
    struct member *members[MOST];
    struct row row;

    begin(&row, members, 3);
    pli_handle_touch(&members[0]->handle, PLI_FLUSH);
    pli_handle_touch(&members[1]->handle, PLI_FLUSH);
    row.again = members[0]; /* by the run of 0 itself: seen before its claim is let go */
    pli_worker_flush(row.worker, 1);
    expect_ran(&row, "00");
    row.again = members[2]; /* by the run of 1: the next in the row */
    pli_worker_flush(row.worker, 1);
    expect_ran(&row, "001");
    pli_worker_flush(row.worker, 1);
    expect_ran(&row, "0012");
    end(&row, members, 3);
}

static void owed_handle_lives_until_its_kick(void)
{
    struct member *members[MOST];
    struct row row;

    begin(&row, members, 2);
    pli_handle_touch(&members[0]->handle, PLI_FLUSH);
    pli_handle_touch(&members[1]->handle, PLI_FLUSH);
    pli_handle_kick(&members[0]->handle, PLI_CLOSE);
    CU_ASSERT_EQUAL(row.freed, 0);
    pli_worker_flush(row.worker, 1);
    CU_ASSERT_EQUAL(row.freed, 1);
    members[0] = NULL;
    pli_worker_flush(row.worker, 1);
    expect_ran(&row, "1");
    end(&row, members, 2);
}

static void hand_over_posts_everything_owed(void)
{
    struct member *members[MOST];
    struct row row;
    unsigned before;

    begin(&row, members, 4);
    for (unsigned i = 0; i < 4; i++)
        pli_handle_touch(&members[i]->handle, PLI_FLUSH);
    before = fake_calls(&row.engine)->posts;
    pli_worker_hand_over(row.worker);
    CU_ASSERT(!pli_worker_owes(row.worker));
    CU_ASSERT_EQUAL(fake_calls(&row.engine)->posts - before, 4);
    expect_ran(&row, "");
    pli_worker_hand_over(row.worker);
    CU_ASSERT_EQUAL(fake_run_posts(&row.engine), 4);
    expect_ran(&row, "0123");
    pli_handle_touch(&members[2]->handle, PLI_FLUSH);
    pli_worker_flush(row.worker, 1);
    expect_ran(&row, "01232");
    end(&row, members, 4);
}

/* -- Workers -------------------------------------------------------------------------------- */

static void *no_worker(void *argument)
{
    *(bool *)argument = pli_worker_self() == NULL;
    return NULL;
}

static void worker_is_the_threads_own(void)
{
    struct pli_worker *worker;
    struct pli_engine engine;
    pthread_t thread;
    bool none = false;

    fake_start(&engine, &fake_oneshot);
    worker = pli_worker_new(&engine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(worker);
    CU_ASSERT_PTR_NULL(pli_worker_self());
    pli_worker_enter(worker);
    CU_ASSERT_PTR_EQUAL(pli_worker_self(), worker);
    EXPECT_RESULT(pthread_create(&thread, NULL, no_worker, &none), 0);
    pthread_join(thread, NULL);
    CU_ASSERT(none);
    pli_worker_enter(NULL);
    CU_ASSERT_PTR_NULL(pli_worker_self());
    memset(worker->buffer, 'x', PLI_READ_SIZE);
    pli_worker_retire(worker);
    fake_end(&engine);
}

static void counts_outlive_the_threads(void)
{
    struct pli_worker *workers[3];
    struct pli_counters sum;
    struct pli_engine engine;

    fake_start(&engine, &fake_oneshot);
    for (unsigned i = 0; i < 3; i++) {
        workers[i] = pli_worker_new(&engine);
        CU_ASSERT_PTR_NOT_NULL_FATAL(workers[i]);
        pli_count(&workers[i]->counters.events, 1);
        pli_count(&workers[i]->counters.waits, 2);
        pli_count(&workers[i]->counters.lines, 3);
        pli_count(&workers[i]->counters.bytes_in, 4);
        pli_count(&workers[i]->counters.bytes_out, 5);
        pli_count(&workers[i]->counters.writes, 6);
    }
    pli_worker_retire(workers[1]);
    CU_ASSERT_PTR_NULL(workers[1]->buffer); /* a thread that has ended owns no buffer */
    pli_engine_count(&engine, &sum);
    CU_ASSERT_EQUAL(sum.events, 3);
    CU_ASSERT_EQUAL(sum.waits, 6);
    CU_ASSERT_EQUAL(sum.lines, 9);
    CU_ASSERT_EQUAL(sum.bytes_in, 12);
    CU_ASSERT_EQUAL(sum.bytes_out, 15);
    CU_ASSERT_EQUAL(sum.writes, 18);
    /* The next thread takes its place, and counts on. */
    CU_ASSERT_PTR_EQUAL(pli_worker_new(&engine), workers[1]);
    CU_ASSERT_PTR_NOT_NULL(workers[1]->buffer);
    pli_count(&workers[1]->counters.events, 10);
    pli_engine_count(&engine, &sum);
    CU_ASSERT_EQUAL(sum.events, 13);
    for (unsigned i = 0; i < 3; i++)
        pli_worker_retire(workers[i]);
    fake_end(&engine);
}

static void without_memory_there_is_no_worker(void)
{
    struct pli_worker *worker;
    struct pli_engine engine;
    unsigned failures = 0;

    fake_start(&engine, &fake_oneshot);
    for (long n = 1;; n++) {
        failmalloc_after(n);
        worker = pli_worker_new(&engine);
        failmalloc_off();
        if (!failmalloc_fired())
            break;
        CU_ASSERT_PTR_NULL(worker);
        failures++;
    }
    CU_ASSERT_EQUAL(failures, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(worker);
    pli_worker_retire(worker);
    failmalloc_after(1);
    CU_ASSERT_PTR_NULL(pli_worker_new(&engine));
    failmalloc_off();
    CU_ASSERT_PTR_EQUAL(pli_worker_new(&engine), worker);
    pli_worker_retire(worker);
    fake_end(&engine);
}

static void without_memory_there_is_no_engine(void)
{
    struct pli_engine_options options = {.threads = 1, .batch = 1};
    struct pli_engine engine;
    unsigned failures = 0;
    int rc;

    for (long n = 1;; n++) {
        failmalloc_after(n);
        rc = pli_engine_init(&engine, &fake_oneshot, &options);
        failmalloc_off();
        if (!failmalloc_fired())
            break;
        EXPECT_RESULT(rc, -ENOMEM);
        failures++;
    }
    EXPECT_RESULT(rc, 0);
    CU_ASSERT_EQUAL(failures, 4); /* the table, the model's state, the timer and its slot */
    pli_engine_deinit(&engine);
}

/* -- Many who owe --------------------------------------------------------------------------- */

#define THREADS 4u
#define HANDLES 6u
#define ROUNDS  300000u

/* Bytes for a connection, as it were: everybody adds, and whoever runs it takes what is there. */
struct box {
    struct pli_handle handle;
    _Atomic unsigned queued;
    unsigned taken; /* claim holder */
};

struct post_office {
    struct pli_engine engine;
    struct box box[HANDLES];
};

static int box_run(struct pli_handle *handle, unsigned notes)
{
    struct box *box = (struct box *)handle;

    if (notes & PLI_FLUSH)
        box->taken += atomic_exchange_explicit(&box->queued, 0, memory_order_relaxed);
    return notes & PLI_CLOSE ? PLI_DONE : PLI_HUP;
}

static void box_free(struct pli_handle *handle)
{
    (void)handle;
}

static const struct pli_handle_class box_class = {.name = "box", .run = box_run, .free = box_free};

static void queue_and_owe(unsigned number, void *argument)
{
    struct post_office *office = argument;
    struct pli_worker *worker = pli_worker_new(&office->engine);
    uint64_t row = number;

    if (!worker)
        abort();
    pli_worker_enter(worker);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct box *box = &office->box[crowd_random(&row) % HANDLES];

        atomic_fetch_add_explicit(&box->queued, 1, memory_order_relaxed);
        pli_handle_touch(&box->handle, PLI_FLUSH);
        if (crowd_random(&row) % 8 == 0)
            pli_worker_flush(worker, crowd_random(&row) % 4);
        if (crowd_random(&row) % 64 == 0)
            pli_worker_hand_over(worker);
        if (crowd_random(&row) % 64 == 0)
            fake_run_posts(&office->engine);
    }
    pli_worker_hand_over(worker);
    pli_worker_enter(NULL);
    pli_worker_retire(worker);
}

static void nothing_queued_is_left_when_nobody_owes(void)
{
    static struct post_office office;
    unsigned taken = 0;

    fake_start(&office.engine, &fake_oneshot);
    for (unsigned i = 0; i < HANDLES; i++) {
        pli_handle_init(&office.box[i].handle, &office.engine, &box_class, -1);
        EXPECT_RESULT(pli_handle_add(&office.box[i].handle), 0);
        pli_handle_begin(&office.box[i].handle);
    }
    crowd_run(THREADS, queue_and_owe, &office);
    fake_run_posts(&office.engine);
    for (unsigned i = 0; i < HANDLES; i++) {
        CU_ASSERT_EQUAL(office.box[i].queued, 0);
        CU_ASSERT(!office.box[i].handle.owed && !office.box[i].handle.posted);
        taken += office.box[i].taken;
        pli_handle_kick(&office.box[i].handle, PLI_CLOSE);
    }
    CU_ASSERT_EQUAL(taken, THREADS * ROUNDS);
    fake_end(&office.engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is owed is kicked in order and once", what_is_owed_is_kicked_in_order_and_once},
        {"a flush ends at its limit", flush_ends_at_its_limit},
        {"what a flush owes is owed anew", what_a_flush_owes_is_owed_anew},
        {"an owed handle lives until its kick", owed_handle_lives_until_its_kick},
        {"hand-over posts everything owed", hand_over_posts_everything_owed},
        {"a worker is the thread's own", worker_is_the_threads_own},
        {"counts outlive the threads", counts_outlive_the_threads},
        {"without memory there is no worker", without_memory_there_is_no_worker},
        {"without memory there is no engine", without_memory_there_is_no_engine},
        {"nothing queued is left when nobody owes", nothing_queued_is_left_when_nobody_owes},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "worker", tests);
}
