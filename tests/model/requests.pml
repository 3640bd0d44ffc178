/* SPDX-License-Identifier: MIT */
/*
 * The request queue of half-sync/half-reactive (src/engine/requests.c over
 * src/engine/crew.c, under src/engine/half_sync_half_reactive.c): one reactor
 * that puts, workers that take, posts from anywhere, and the stop.
 *
 * What is modelled
 *
 *   Everything the crew's mutex M guards: ring, list of posts, whose turn it
 *   is, the stack of waiting workers, how many run, the wake-up in flight.  As
 *   in pool.pml one `atomic` is one critical section, and what happens outside
 *   M is told step by step: epoll_wait, signalling workers, handlers.
 *
 *   Requests are told apart: they are numbers, in the order in which the kernel
 *   has them.  The reactor takes up to BATCH of them, each with a reference,
 *   and puts them into the ring of QUEUE slots under M.  When the ring is full
 *   it leaves a note (`full` in the code), wakes a worker and waits for room; the worker
 *   that takes the ring down to its half signals.  Posts are a count.
 *
 *   A condition variable is a bit, `waiting` for each worker, `room_waits` and
 *   `join_waits` for the reactor.  A signal clears it and is lost if it is not
 *   set.  Workers are signalled after the unlock, the reactor before.
 *   SPURIOUS adds wake-ups from nowhere.
 *
 *   The reactor's thread starts the workers at any time, be it after posts or
 *   after the stop; a failure there is a stop, too.  A handler may post, block,
 *   or block in a bracket.  Threads beyond LIMIT are started and end as in
 *   pool.pml.  Owed flushes are that model's, too; the queue adds nothing to
 *   them.
 *
 *   Stop sets the flag, signals all workers and the reactor, and writes the
 *   eventfd that ends epoll_wait.  When the reactor has seen all workers end,
 *   what is left in ring and list is given back.
 *
 * What is checked
 *
 *   No request is taken twice, and no slot of the ring written over; no event
 *   is begun beyond LIMIT; and, whenever nothing can move any more (`timeout`),
 *   in the process `watcher`: nothing is left in ring or list that a thread
 *   could take; the reactor does not wait for room while half of the ring is
 *   free; nobody is stuck elsewhere; and when no handler blocks, all that came
 *   is done and every reference given back.  A handler that blocks does so until
 *   the watcher lets one go.  None of this looks at `waking`, `noted` and
 *   `running`.  Last, the watcher stops it all: every worker and the reactor
 *   have to end, not before whoever stops them is done with them, and no
 *   reference may stay.
 *
 * Bounds
 *
 *   LIMIT threads and SPARES more, QUEUE, BATCH, and how often each kind of
 *   thing may happen.  requests.sh names the sets of bounds that are checked.
 *
 * Mistakes, each to be found: BROKEN_* below; requests.sh says what tells each.
 */

#ifndef LIMIT /* threads that run at once, and that there are to begin with */
#define LIMIT 2
#endif
#ifndef SPARES /* threads more than those */
#define SPARES 0
#endif
#ifndef QUEUE /* slots of the ring */
#define QUEUE 1
#endif
#ifndef BATCH /* requests of one harvest */
#define BATCH 2
#endif
#ifndef EVENTS /* from the kernel */
#define EVENTS 3
#endif
#ifndef POSTS /* posts from outside */
#define POSTS 0
#endif
#ifndef OWN_POSTS /* posts from handlers */
#define OWN_POSTS 0
#endif
#ifndef SLOW /* handlers that block without a bracket */
#define SLOW 0
#endif
#ifndef BRACKETS /* handlers that block inside one */
#define BRACKETS 0
#endif
#ifndef SPURIOUS /* wake-ups without a signal */
#define SPURIOUS 0
#endif
#ifndef EXPIRIES /* idle workers that time out */
#define EXPIRIES 0
#endif
#ifndef FAILURES /* threads that cannot be started */
#define FAILURES 0
#endif
#ifndef EARLY_STOP /* 1: stop may also come at any moment */
#define EARLY_STOP 0
#endif

#define THREADS (LIMIT + SPARES)
#define HALF (QUEUE / 2)
#define NONE 255

/* What M guards. */
#ifdef BROKEN_PROMOTE_BEFORE_START
byte running;
#else
byte running = LIMIT; /* everybody's place, reserved from the beginning */
#endif
bit waking; /* a wake-up is in flight */
byte looking; /* workers that have found nothing and look once more */
bit stop;
byte ring[QUEUE];
byte head, count;
bit noted; /* the reactor waits for room */
byte posts;
bit posts_first;
byte stack[THREADS]; /* waiting workers */
byte depth;
bit go[THREADS];
bit used[THREADS]; /* the slot has a thread */
byte threads;

/* What M does not guard. */
bit waiting[THREADS]; /* in cond_wait */
bit expired[THREADS]; /* its cond_wait came back with ETIMEDOUT */
bit begun[THREADS];   /* pthread_create did its work */
bit room_waits;       /* the reactor in cond_wait, for room */
bit join_waits;       /* the same, for the end of all workers */
byte kernel;          /* requests that epoll_wait would return */
byte harvested;       /* how many it has returned */
bit eventfd;
bit blocks[THREADS]; /* its handler waits for the watcher's leave */

/* How much trouble is left. */
byte own_posts = OWN_POSTS, slow = SLOW, brackets = BRACKETS, failures = FAILURES;

/* For the checks alone. */
#define ABSENT 0
#define BUSY 1 /* can move, or should */
#define PARKED 2
#define HANDLER 3  /* blocked in a handler */
#define BRACKET 4  /* the same in a bracket */
#define IN_EPOLL 5 /* the reactor in epoll_wait */
#define FOR_ROOM 6 /* waits until the ring has room: the reactor; another one by mistake */
#define JOINING 7
byte at[THREADS];
byte reactor_at = BUSY;
byte processing; /* handlers outside brackets */
byte made, done;
byte references; /* that the queue, or a thread, has to give back */
bit taken[EVENTS + 1];
bit start_failed;
bit run_failed; /* over by itself */
hidden byte taken_twice, written_over, limit_exceeded, request_left, request_lost, reactor_stuck;
hidden byte thread_stuck, not_ended, miscounted, used_after_free;
hidden byte i;

#define CHECK(fault, condition) \
    fault = (condition);        \
    assert(!fault);             \
    fault = false

#define READY (count > 0 || posts > 0)
#define PROMOTION_DUE (READY && looking == 0 && !stop && !waking && running < LIMIT)

/* M held: a vacant slot gets a thread. */
inline start_thread(woken)
{
    start = 0;
    do
    :: used[start] -> start++
    :: else -> break
    od;
    used[start] = 1;
    go[start] = woken;
    threads++;
    begun[start] = 1;
    at[start] = BUSY;
    start = 0
}

/* M held: the place among the running is reserved. The signal comes after the unlock. */
inline promote()
{
    if
    :: PROMOTION_DUE && depth > 0 ->
        depth--;
        signal = stack[depth];
        stack[depth] = 0;
        go[signal] = 1;
        waking = 1;
        running++
    :: PROMOTION_DUE && depth == 0 && threads < THREADS ->
        start_thread(1);
        waking = 1;
        running++
    :: PROMOTION_DUE && depth == 0 && threads < THREADS && failures > 0 ->
        failures--;
        start_failed = 1
    :: else
    fi
}

inline after_unlock()
{
    if
    :: d_step { signal != NONE -> waiting[signal] = 0; signal = NONE }
    :: else
    fi
}

/* Any thread, M not held. */
inline post()
{
    atomic { /* M */
#ifdef BROKEN_POSTS_WAIT_FOR_ROOM
        count + posts < QUEUE || stop ->
#endif
        posts++;
        made++;
        references++;
        promote()
    };
    after_unlock()
}

inline park()
{
    running--;
    go[me] = 0;
    stack[depth] = me;
    depth++;
    at[me] = PARKED;
    waiting[me] = 1
}

/* Its time-out ran off: it is on the stack, and nobody may find it there. */
inline leave_stack()
{
    i = 0;
    do
    :: stack[i] != me -> i++
    :: else -> break
    od;
    depth--;
    do
    :: i < depth -> stack[i] = stack[i + 1]; i++
    :: else -> break
    od;
    stack[depth] = 0
}

/* M held. */
inline take_request()
{
    CHECK(taken_twice, taken[ring[head]]);
    taken[ring[head]] = 1;
    ring[head] = 0;
    head = (head + 1) % QUEUE;
    count--;
    if
    :: noted && count <= HALF -> noted = 0; room_waits = 0
    :: else
    fi
}

inline take()
{
    CHECK(limit_exceeded, processing >= LIMIT);
    if
    :: posts > 0 && (posts_first || count == 0) -> posts--; posts_first = 0
    :: else -> take_request(); posts_first = 1
    fi;
    processing++
#ifndef BROKEN_PROMOTE_AFTER
#ifndef BROKEN_ONLY_PUT_WAKES
    ; promote()
#endif
#endif
}

proctype worker(byte me)
{
    byte signal = NONE, start;

end_absent:
    atomic { /* M */
        begun[me] -> begun[me] = 0;
        waking = (go[me] -> 0 : waking); /* it begins as a woken worker does */
        go[me] = 0
    }

loop:
    atomic { /* M */
        if
        :: stop -> running--; goto leave
        :: !stop && running > LIMIT -> park(); goto parked
        :: !stop && running <= LIMIT && !READY -> looking++
        :: !stop && running <= LIMIT && READY -> take(); goto process
        fi
    };
    atomic { /* M again, when others have run */
        looking--;
        if
        :: stop -> goto loop /* cond_wait is not begun */
#ifndef BROKEN_LOOK_AT_NOTHING
        :: !stop && READY -> goto loop
        :: !stop && !READY -> park()
#else
        :: !stop -> park()
#endif
        fi
    };
parked:
    atomic { /* M, on return from cond_wait */
        !waiting[me] ->
        if
#ifdef BROKEN_WAIT_WITHOUT_PREDICATE
        :: true -> waking = 0
#else
        :: go[me] ->
#ifdef BROKEN_WAKE_LEFT_SET
            waking = (READY -> 0 : waking)
#else
            waking = 0
#endif
        :: !go[me] && stop -> running++
        :: !go[me] && !stop && expired[me] && threads > LIMIT ->
            leave_stack();
            expired[me] = 0;
            threads--;
            used[me] = 0;
            at[me] = ABSENT;
            goto end_absent
        :: !go[me] && !stop && !(expired[me] && threads > LIMIT) ->
            expired[me] = 0;
            waiting[me] = 1;
            goto parked
#endif
        fi;
        expired[me] = 0;
        at[me] = BUSY;
        goto loop
    }

process:
    after_unlock();
    if
    :: true
    :: atomic { own_posts > 0 -> own_posts--; at[me] = FOR_ROOM }; post(); at[me] = BUSY
    :: atomic { slow > 0 -> slow--; blocks[me] = 1; at[me] = HANDLER };
        atomic { !blocks[me] -> at[me] = BUSY }
    :: atomic { /* M: blocking_begin */
        brackets > 0 -> brackets--;
        running--;
        processing--;
#ifndef BROKEN_BRACKET_WAKES_NOBODY
        promote()
#endif
        };
        after_unlock();
        atomic { blocks[me] = 1; at[me] = BRACKET };
        atomic { !blocks[me] -> at[me] = BUSY };
        atomic { running++; processing++ } /* M: blocking_end */
    fi;
    atomic { /* M */
        processing--;
        done++;
        references--;
#ifdef BROKEN_PROMOTE_AFTER
        promote()
#endif
    };
#ifdef BROKEN_PROMOTE_AFTER
    after_unlock();
#endif
    goto loop;

leave:
    atomic { threads--; used[me] = 0; at[me] = ABSENT; join_waits = 0 } /* M */
}

/* M held: the first of what the reactor has goes into the ring. */
inline put_one()
{
    CHECK(written_over, count >= QUEUE);
    ring[(head + count) % QUEUE] = harvested - have;
    count++;
    have--
}

/* M held; the signal comes before the unlock, too. */
inline wait_for_room()
{
    noted = 1;
#ifndef BROKEN_FULL_WAKES_NOBODY
    promote();
    if
    :: signal != NONE -> waiting[signal] = 0; signal = NONE
    :: else
    fi;
#endif
    room_waits = 1;
    reactor_at = FOR_ROOM
}

/* The thread that runs it all. */
proctype reactor()
{
    byte signal = NONE, start, have;
    bit hears;

    atomic { /* M: the workers are started */
        do
        :: have < LIMIT -> start_thread(0); have++
        :: have < LIMIT && failures > 0 -> failures--; stop = 1; run_failed = 1; break
        :: have == LIMIT -> break
        od;
        have = 0;
#ifdef BROKEN_PROMOTE_BEFORE_START
        running = LIMIT
#endif
    };

again:
    if
    :: stop -> reactor_at = JOINING; goto join
    :: else -> reactor_at = IN_EPOLL
    fi;
    atomic { /* epoll_wait, the mailbox, and references to what is found */
        kernel > 0 || eventfd ->
        reactor_at = BUSY;
        if
        :: eventfd -> eventfd = 0; hears = 1
        :: !eventfd || kernel >= BATCH /* no room: next time, then */
        fi;
        have = (kernel < BATCH - hears -> kernel : BATCH - hears);
        hears = 0;
        kernel = kernel - have;
        harvested = harvested + have;
        references = references + have;
        if
        :: have == 0 -> goto again
        :: else
        fi
    };

put:
    atomic { /* M */
        do
        :: have > 0 && !stop && count < QUEUE -> put_one()
        :: have > 0 && !stop && count == QUEUE ->
#ifdef BROKEN_DROP_WHEN_FULL
            have--;
            references--
#else
#ifdef BROKEN_FULL_NOTED_LATER
            goto note
#else
            wait_for_room();
            goto room
#endif
#endif
        :: else -> break
        od;
        promote()
    };
    after_unlock();
    atomic { /* after a stop the rest is given back */
#ifndef BROKEN_REST_OF_HARVEST_STAYS
        references = references - have;
#endif
        have = 0;
        goto again
    };

#ifdef BROKEN_FULL_NOTED_LATER
note:
    atomic { wait_for_room(); goto room } /* M */
#endif

room:
    atomic { /* M, on return from cond_wait */
        !room_waits ->
        reactor_at = BUSY;
#ifdef BROKEN_ROOM_WITHOUT_PREDICATE
        put_one();
#endif
        goto put
    };

join:
    atomic { /* M */
        if
        :: threads > 0 -> join_waits = 1
        :: else -> goto joined
        fi
    };
    atomic { !join_waits -> goto join };
joined:
    reactor_at = ABSENT
}

inline signal_reactor()
{
    noted = 0;
    room_waits = 0
}

inline set_stop()
{
    stop = 1;
    for (j : 0 .. THREADS - 1) {
        waiting[j] = 0
    }
    j = 0
}

/* As soon as M is free all may have ended, and be gone. */
inline wake_reactor()
{
    CHECK(used_after_free, reactor_at == ABSENT && !run_failed);
    eventfd = 1
}

inline stop_all()
{
#ifdef BROKEN_STOP_WAKES_LATER
    d_step { set_stop(); signal_reactor() };
    d_step { wake_reactor() }
#else
#ifdef BROKEN_STOP_SIGNALS_FIRST
    d_step { signal_reactor() };
    d_step { set_stop(); wake_reactor() }
#else
    d_step { /* M */
        set_stop();
#ifndef BROKEN_STOP_LEAVES_ROOM
        signal_reactor();
#endif
#ifndef BROKEN_STOP_LEAVES_EPOLL
        wake_reactor()
#endif
    }
#endif
#endif
}

/* What may happen from outside, at any moment or not at all. */
proctype world()
{
    byte signal = NONE, start;
    byte j, events = EVENTS, outside = POSTS, spurious = SPURIOUS, expiries = EXPIRIES;

    do
    :: atomic { events > 0 -> events--; made++; kernel++ }
    :: atomic { outside > 0 -> outside-- }; post()
    :: atomic {
        spurious > 0 ->
        spurious--;
        select (j : 0 .. THREADS);
        if
        :: j < THREADS -> waiting[j] = 0
        :: else -> room_waits = 0
        fi;
        j = 0
        }
    :: atomic {
        expiries > 0 ->
        expiries--;
        select (j : 0 .. THREADS - 1);
        expired[j] = expired[j] || waiting[j];
        waiting[j] = 0;
        j = 0
        }
    :: EARLY_STOP -> stop_all(); break
    :: break
    od
}

/* Looks at everything whenever nothing else can move, then lets something go on. */
proctype watcher()
{
    byte j, parked, held;

    do
    :: atomic {
        timeout ->
        d_step {
            for (j : 0 .. THREADS - 1) {
                parked = parked + (at[j] == PARKED);
                held = held + (at[j] == HANDLER || at[j] == BRACKET)
            }
            for (j : 0 .. THREADS - 1) {
                CHECK(thread_stuck, at[j] == BUSY || (held == 0 && at[j] == FOR_ROOM));
                CHECK(not_ended, stop && at[j] == PARKED)
            }
            CHECK(thread_stuck, reactor_at == BUSY);
            CHECK(not_ended, stop && (reactor_at == IN_EPOLL || reactor_at == FOR_ROOM));
            CHECK(request_left, !stop && READY && processing < LIMIT &&
                                (parked > 0 || (threads < THREADS && !start_failed)));
            CHECK(reactor_stuck, reactor_at == FOR_ROOM && count <= HALF);
            CHECK(request_lost, !stop && held == 0 && made != done);
            CHECK(miscounted, !stop && held == 0 && references != 0);
            j = 0;
            parked = 0
        }
        if
        :: held > 0 -> select (j : 0 .. THREADS - 1); blocks[j] = 0; j = 0; held = 0
        :: held == 0 && !stop -> goto stopping
        :: held == 0 && stop -> goto stopped
        fi
        }
    od;
stopping:
    stop_all();
    timeout;
stopped:
    atomic {
        CHECK(not_ended, threads > 0 || reactor_at != ABSENT);
#ifndef BROKEN_RING_IS_FORGOTTEN
        do
        :: count > 0 -> take_request(); references--
        :: else -> break
        od;
#endif
        references = references - posts;
        CHECK(miscounted, references != 0)
    }
}

init
{
    atomic {
        for (i : 0 .. THREADS - 1) {
            run worker(i)
        }
        i = 0;
        run reactor();
        run world();
        run watcher()
    }
}
