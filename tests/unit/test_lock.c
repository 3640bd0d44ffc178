/* SPDX-License-Identifier: MIT */
/*
 * Locks, plain or checked, whichever the build has. What only checked locks notice ends the
 * process, so it is done in a child; a plain build skips it.
 */
#include "config.h"

#include "base/clock.h"
#include "base/lock.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef PLI_LOCK_CHECKS
static const bool checked = true;
#else
static const bool checked = false;
#endif

#define THREADS 4u
#define ROUNDS  20000u

static struct pli_mutex low;
static struct pli_mutex high;
static struct pli_rwlock world;

static void setup(void)
{
    pli_mutex_init(&low, PLI_RANK_OUTQ);
    pli_mutex_init(&high, PLI_RANK_POOL);
    pli_rwlock_init(&world, PLI_RANK_WORLD);
}

static void teardown(void)
{
    pli_mutex_deinit(&low);
    pli_mutex_deinit(&high);
    pli_rwlock_deinit(&world);
}

/* -- What every lock does ------------------------------------------------------------------- */

struct counts {
    unsigned plain;   /* (low) */
    unsigned written; /* (world) */
    _Atomic unsigned inside;
    _Atomic unsigned wrong;
};

static void count_locked(unsigned number, void *argument)
{
    struct counts *counts = argument;

    (void)number;
    for (unsigned i = 0; i < ROUNDS; i++) {
        pli_lock(&low);
        pli_assert_held(&low);
        CROWD_CHECK(counts->wrong, atomic_fetch_add(&counts->inside, 1) == 0);
        counts->plain++;
        atomic_fetch_sub(&counts->inside, 1);
        pli_unlock(&low);
    }
}

static void one_thread_at_a_time_has_a_mutex(void)
{
    struct counts counts = {0};

    setup();
    crowd_run(THREADS, count_locked, &counts);
    CU_ASSERT_EQUAL(counts.wrong, 0);
    CU_ASSERT_EQUAL(counts.plain, THREADS * ROUNDS);
    teardown();
}

/* Every fourth time as a writer, who is alone; else as a reader, who sees whole writes. */
static void read_and_write(unsigned number, void *argument)
{
    struct counts *counts = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        if ((i + number) % 4 == 0) {
            pli_write_lock(&world);
            pli_assert_write_held(&world);
            CROWD_CHECK(counts->wrong, atomic_fetch_add(&counts->inside, 1000) == 0);
            counts->written++;
            if (i % 64 < 4)
                sched_yield();
            atomic_fetch_sub(&counts->inside, 1000);
            pli_write_unlock(&world);
        } else {
            pli_read_lock(&world);
            CROWD_CHECK(counts->wrong, atomic_fetch_add(&counts->inside, 1) < THREADS);
            CROWD_CHECK(counts->wrong, counts->written <= THREADS * ROUNDS / 4);
            atomic_fetch_sub(&counts->inside, 1);
            pli_read_unlock(&world);
        }
    }
}

static void writer_is_alone(void)
{
    struct counts counts = {0};

    setup();
    crowd_run(THREADS, read_and_write, &counts);
    CU_ASSERT_EQUAL(counts.wrong, 0);
    CU_ASSERT_EQUAL(counts.written, THREADS * ROUNDS / 4);
    teardown();
}

/* All readers hold the lock at the same time, or none ever goes on. */
static void read_together(unsigned number, void *argument)
{
    struct counts *counts = argument;

    (void)number;
    pli_read_lock(&world);
    atomic_fetch_add(&counts->inside, 1);
    while (atomic_load(&counts->inside) < THREADS)
        sched_yield();
    pli_read_unlock(&world);
}

static void readers_are_together(void)
{
    struct counts counts = {0};

    setup();
    crowd_run(THREADS, read_together, &counts);
    CU_ASSERT_EQUAL(counts.inside, THREADS);
    teardown();
}

/* Two threads pass a ball; either waits until it is its turn. */
struct ball {
    struct pli_cond changed[2];
    unsigned turn;   /* (low) */
    unsigned passes; /* (low) */
    bool timed;
};

static void play(unsigned number, void *argument)
{
    struct ball *ball = argument;

    pli_lock(&low);
    for (unsigned i = 0; i < ROUNDS / 20; i++) {
        while (ball->turn != number) {
            if (ball->timed)
                pli_cond_wait_until(&ball->changed[number], &low, expect_deadline());
            else
                pli_cond_wait(&ball->changed[number], &low);
            pli_assert_held(&low);
        }
        ball->passes++;
        ball->turn = 1 - number;
        pli_cond_signal(&ball->changed[1 - number]);
    }
    pli_unlock(&low);
}

static void signal_wakes_who_waits(void)
{
    for (unsigned timed = 0; timed < 2; timed++) {
        struct ball ball = {.timed = timed};

        setup();
        pli_cond_init(&ball.changed[0]);
        pli_cond_init(&ball.changed[1]);
        crowd_run(2, play, &ball);
        CU_ASSERT_EQUAL(ball.passes, 2 * (ROUNDS / 20));
        pli_cond_deinit(&ball.changed[0]);
        pli_cond_deinit(&ball.changed[1]);
        teardown();
    }
}

static void wait_ends_at_its_deadline_and_not_before(void)
{
    uint64_t deadline = pli_clock_now() + 20000000;
    struct pli_cond never;
    int rc;

    setup();
    pli_cond_init(&never);
    pli_lock(&low);
    do
        rc = pli_cond_wait_until(&never, &low, deadline);
    while (rc == 0);
    CU_ASSERT(pli_clock_now() >= deadline);
    EXPECT_RESULT(rc, -ETIMEDOUT);
    pli_assert_held(&low);
    EXPECT_RESULT(pli_cond_wait_until(&never, &low, 0), -ETIMEDOUT);
    pli_unlock(&low);
    pli_cond_deinit(&never);
    teardown();
}

/* -- What checked locks notice -------------------------------------------------------------- */

/* Runs BODY in a child; returns how that ended. */
static int status_of(void (*body)(void))
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    EXPECT(child >= 0, "fork fails");
    if (child == 0) {
        struct rlimit none = {0};
        int nowhere = open("/dev/null", O_WRONLY);

        setrlimit(RLIMIT_CORE, &none);
        dup2(nowhere, STDERR_FILENO);
        alarm(60);
        setup();
        body();
        _exit(0);
    }
    EXPECT_RESULT(waitpid(child, &status, 0), child);
    return status;
}

#define EXPECT_ABORT(body) expect_abort(HERE, #body, body)
static void expect_abort(struct place place, const char *what, void (*body)(void))
{
    int status;

    if (!checked)
        return;
    status = status_of(body);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        expect_fail(place, "%s ends with status %#x, not by abort()", what, (unsigned)status);
}

/* Has BODY done by another thread of the child, and waits for it. */
static void *run_body(void *argument)
{
    (*(void (**)(void))argument)();
    return NULL;
}

static void elsewhere(void (*body)(void))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_body, &body) != 0)
        _exit(1);
    pthread_join(thread, NULL);
}

static void take_in_order(void)
{
    pli_read_lock(&world);
    pli_lock(&low);
    pli_lock(&high);
    pli_unlock(&low); /* released in any order */
    pli_unlock(&high);
    pli_read_unlock(&world);
    pli_write_lock(&world);
    pli_lock(&high);
    pli_write_unlock(&world);
    pli_unlock(&high);
    pli_lock(&low);
    pli_unlock(&low);
}

static void locks_in_order_are_fine(void)
{
    CU_ASSERT_EQUAL(status_of(take_in_order), 0);
}

static void take_backwards(void)
{
    pli_lock(&high);
    pli_lock(&low);
}

static void take_world_last(void)
{
    pli_lock(&low);
    pli_read_lock(&world);
}

static void take_world_last_to_write(void)
{
    pli_lock(&low);
    pli_write_lock(&world);
}

/* The one between was let go of: what counts is what is held. */
static void take_backwards_later(void)
{
    pli_lock(&low);
    pli_lock(&high);
    pli_unlock(&low);
    pli_lock(&low);
}

/* The wait's end would take the mutex under one of a higher rank. */
static void wait_under_a_higher_lock(void)
{
    struct pli_cond never;

    pli_cond_init(&never);
    pli_lock(&low);
    pli_lock(&high);
    pli_cond_wait_until(&never, &low, 0);
}

static void lock_taken_out_of_order_aborts(void)
{
    EXPECT_ABORT(take_backwards);
    EXPECT_ABORT(take_world_last);
    EXPECT_ABORT(take_world_last_to_write);
    EXPECT_ABORT(take_backwards_later);
    EXPECT_ABORT(wait_under_a_higher_lock);
}

static void take_twice(void)
{
    pli_lock(&low);
    pli_lock(&low);
}

static void take_two_of_a_rank(void)
{
    struct pli_mutex other;

    pli_mutex_init(&other, PLI_RANK_OUTQ);
    pli_lock(&low);
    pli_lock(&other);
}

static void read_twice(void)
{
    pli_read_lock(&world);
    pli_read_lock(&world);
}

static void read_while_writing(void)
{
    pli_write_lock(&world);
    pli_read_lock(&world);
}

static void second_lock_of_a_rank_aborts(void)
{
    EXPECT_ABORT(take_twice);
    EXPECT_ABORT(take_two_of_a_rank);
    EXPECT_ABORT(read_twice);
    EXPECT_ABORT(read_while_writing);
}

static void release_low(void)
{
    pli_unlock(&low);
}

static void release_elsewhere(void)
{
    pli_lock(&low);
    elsewhere(release_low);
}

static void release_reading(void)
{
    pli_read_unlock(&world);
}

static void release_reading_elsewhere(void)
{
    pli_read_lock(&world);
    elsewhere(release_reading);
}

static void release_writing(void)
{
    pli_write_unlock(&world);
}

static void release_writing_elsewhere(void)
{
    pli_write_lock(&world);
    elsewhere(release_writing);
}

static void release_read_as_written(void)
{
    pli_read_lock(&world);
    pli_write_unlock(&world);
}

static void release_written_as_read(void)
{
    pli_write_lock(&world);
    pli_read_unlock(&world);
}

static void lock_released_by_who_has_not_taken_it_aborts(void)
{
    EXPECT_ABORT(release_low);
    EXPECT_ABORT(release_elsewhere);
    EXPECT_ABORT(release_reading);
    EXPECT_ABORT(release_reading_elsewhere);
    EXPECT_ABORT(release_writing);
    EXPECT_ABORT(release_writing_elsewhere);
    EXPECT_ABORT(release_read_as_written);
    EXPECT_ABORT(release_written_as_read);
}

static void claim_low(void)
{
    pli_assert_held(&low);
}

static void claim_low_elsewhere(void)
{
    pli_lock(&low);
    elsewhere(claim_low);
}

static void claim_low_after_release(void)
{
    pli_lock(&low);
    pli_unlock(&low);
    pli_assert_held(&low);
}

static void claim_writing_while_reading(void)
{
    pli_read_lock(&world);
    pli_assert_write_held(&world);
}

static void wait_without_the_mutex(void)
{
    struct pli_cond never;

    pli_cond_init(&never);
    pli_cond_wait_until(&never, &low, 0);
}

static void lock_asserted_and_not_held_aborts(void)
{
    EXPECT_ABORT(claim_low);
    EXPECT_ABORT(claim_low_elsewhere);
    EXPECT_ABORT(claim_low_after_release);
    EXPECT_ABORT(claim_writing_while_reading);
    EXPECT_ABORT(wait_without_the_mutex);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"one thread at a time has a mutex", one_thread_at_a_time_has_a_mutex},
        {"a writer is alone", writer_is_alone},
        {"readers are together", readers_are_together},
        {"a signal wakes who waits", signal_wakes_who_waits},
        {"a wait ends at its deadline and not before", wait_ends_at_its_deadline_and_not_before},
        {"locks in order are fine", locks_in_order_are_fine},
        {"a lock taken out of order aborts, if checked", lock_taken_out_of_order_aborts},
        {"a second lock of a rank aborts, if checked", second_lock_of_a_rank_aborts},
        {"a lock released by who has not taken it aborts, if checked",
         lock_released_by_who_has_not_taken_it_aborts},
        {"a lock asserted and not held aborts, if checked", lock_asserted_and_not_held_aborts},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "lock", tests);
}
