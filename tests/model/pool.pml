/* SPDX-License-Identifier: MIT */
/*
 * The leader/followers pool (src/engine/leader_followers.c, over the crew of
 * src/engine/crew.c): who leads, who takes which event, who sleeps.
 *
 * What is modelled
 *
 *   Everything the crew's mutex M guards: who leads, the stack of waiting
 *   followers, the ready ring, how many threads run, the wake-up in flight.
 *   Whatever a thread does between lock and unlock touches nothing else that
 *   others could see, and never waits for them, so one `atomic` is one critical
 *   section, and M needs no variable.  What happens outside M is told step
 *   by step: epoll_wait, reading the eventfd, taking the list of posts,
 *   signalling, handlers, flushing.
 *
 *   A condition variable is a bit per thread, `waiting`.  A signal clears it
 *   and is lost if it is not set, as a real one is.  Signals come after the
 *   unlock, so that a late one may find its thread parked for another reason,
 *   or ended; SPURIOUS adds wake-ups from nowhere.
 *
 *   Connections are not told apart (claim.pml does that).  An event is a unit
 *   that is in the kernel, in the ring, in the list of posts or in a handler;
 *   `made` and `done` count them, so that none can vanish.  Events taken by
 *   the leader and posts taken by it are one ring here.
 *
 *   Posts: a push on a list, and whoever pushes on an empty list writes the
 *   eventfd (level-triggered).  The leader reads the eventfd, then takes the
 *   list.  A stop sets its flag, then writes the same eventfd.
 *
 *   Owed flushes: `fifo` counts, for each thread, the connections that it owes
 *   a flush.  It flushes outside M, promoting first; it neither parks nor waits
 *   in epoll_wait while it owes one; a bracket posts them first, and inside a
 *   bracket nothing is owed but posted at once.
 *
 *   `handed` is what threads have given to others that flush (`flushers` counts
 *   them; when so much is owed that nobody else takes it, and when a thread
 *   gives although events are ready, is left to chance).  A flush takes it, when
 *   it is done or before a bracket of a handler that it has come to run: what is
 *   kicked may have had lines waiting.
 *
 *   Spare threads: if no follower waits, promote() gives a vacant slot a thread,
 *   within M, which may fail.  A follower may time out and end if there are
 *   more threads than LIMIT: off the stack and off the count in one step.
 *
 * What is checked
 *
 *   Never two leaders; no event begun beyond the limit; and, whenever nothing
 *   can move any more (`timeout`), in the process `watcher`: somebody waits in
 *   epoll_wait, if the limit allows it and there is a thread for it; then no
 *   event is left anywhere; nobody sleeps on an owed flush; nobody is stuck
 *   elsewhere.  A handler that blocks does so until the watcher lets one go,
 *   so that "delays nobody else" is checked for each of them.  None of this
 *   looks at the pool's own `wake`, `leader` and `running`.  Last, the watcher
 *   stops the pool, and every thread has to end, none of them before whoever
 *   stops it is done with the pool.
 *
 * Bounds
 *
 *   LIMIT threads and SPARES more, BATCH events a harvest, EVENTS from the
 *   kernel, and how often each kind of trouble may happen (0: never).  pool.sh
 *   names the sets of bounds that are checked.
 *
 * Mistakes, each to be found: BROKEN_* below; pool.sh says what tells each.
 */

#ifndef LIMIT /* threads that run at once, and that there are to begin with */
#define LIMIT 2
#endif
#ifndef SPARES /* threads more than those */
#define SPARES 0
#endif
#ifndef BATCH /* events of one harvest */
#define BATCH 2
#endif
#ifndef EVENTS /* from the kernel */
#define EVENTS 3
#endif
#ifndef POSTS /* posts from outside the pool */
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
#ifndef APPENDS /* flushes that come to be owed */
#define APPENDS 0
#endif
#ifndef LOCKS /* handlers that take one lock of the user's around all they do */
#define LOCKS 0
#endif
#ifndef SPURIOUS /* wake-ups without a signal */
#define SPURIOUS 0
#endif
#ifndef EINTRS /* epoll_wait returns with nothing */
#define EINTRS 0
#endif
#ifndef EXPIRIES /* idle followers that time out */
#define EXPIRIES 0
#endif
#ifndef FAILURES /* threads that cannot be started */
#define FAILURES 0
#endif
#ifndef EARLY_STOP /* 1: stop may also come at any moment */
#define EARLY_STOP 0
#endif

#define THREADS (LIMIT + SPARES)
#define NONE 255

/* What M guards. */
byte running;
byte leader = NONE;
bit wake;            /* a wake-up is in flight */
bit stop;
byte ring;           /* harvested events */
byte stack[THREADS]; /* waiting followers */
byte depth;
bit go[THREADS];
bit used[THREADS]; /* the slot has a thread */
byte threads;
byte flushers;
byte handed;
bit flushing[THREADS];

/* What M does not guard. */
bit waiting[THREADS]; /* in cond_wait */
bit expired[THREADS]; /* its cond_wait came back with ETIMEDOUT */
bit begun[THREADS];   /* pthread_create did its work */
byte kernel;          /* events that epoll_wait would return */
bit eventfd;
bit eventfd_armed = 1;
bit interrupted; /* a signal for the thread in epoll_wait */
byte posted;     /* the list of posts */
byte fifo[THREADS];
bit blocks[THREADS]; /* its handler waits for the watcher's leave */
byte user_lock = NONE;

/* How much trouble is left. */
byte own_posts = OWN_POSTS, slow = SLOW, brackets = BRACKETS, appends = APPENDS, locks = LOCKS;
byte failures = FAILURES;

/* For the checks alone. */
#define ABSENT 0
#define BUSY 1 /* can move, or should */
#define PARKED 2
#define LEADING 3
#define HANDLER 4 /* blocked in a handler */
#define BRACKET 5 /* the same in a bracket */
#define LOCKED 6  /* waits for the user's lock */
#define ENDING 7  /* waits in blocking_end (a mistake) */
byte at[THREADS];
byte processing; /* handlers outside brackets */
byte leaders;
byte made, done;
bit start_failed;
hidden byte two_leaders, limit_exceeded, nobody_leads, event_lost, flush_forgotten, thread_stuck;
hidden byte not_ended, used_after_free;
hidden byte i;

#define CHECK(fault, condition) \
    fault = (condition);        \
    assert(!fault);             \
    fault = false

#define PROMOTION_DUE (!stop && leader == NONE && !wake && running < LIMIT)

/* M held: a vacant slot gets a thread. */
inline start_thread()
{
    start = 0;
    do
    :: used[start] -> start++
    :: else -> break
    od;
    used[start] = 1;
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
        wake = 1;
        running++
#ifdef BROKEN_START_OUTSIDE_LOCK
    :: PROMOTION_DUE && depth == 0 && threads < THREADS ->
        wake = 1;
        running++;
        threads++;
        starts = 1
#else
    :: PROMOTION_DUE && depth == 0 && threads < THREADS ->
        start_thread();
        wake = 1;
        running++
    :: PROMOTION_DUE && depth == 0 && threads < THREADS && failures > 0 ->
        failures--;
        start_failed = 1
#endif
    :: else
    fi
}

/* M not held: what promote() left to be done after the unlock. */
inline after_unlock()
{
#ifdef BROKEN_START_OUTSIDE_LOCK
    if
    :: atomic { starts -> starts = 0; threads--; start_thread() }
    :: atomic { /* meanwhile somebody may have parked: a promotion would be due again */
        starts && failures > 0 ->
        starts = 0;
        failures--;
        start_failed = 1;
        wake = 0;
        running--;
        threads--
        }
    :: !starts
    fi;
#endif
    if
    :: d_step {
        signal != NONE ->
#ifdef BROKEN_ENDED_IS_FREED
        CHECK(used_after_free, !used[signal]);
#endif
        waiting[signal] = 0;
        signal = NONE
        }
    :: else
    fi
}

/* Any thread, M not held. The push itself says whether the list was empty. */
inline post()
{
    atomic { first = (posted == 0); posted++; made++ };
    if
    :: d_step { first -> eventfd = 1; first = 0 }
    :: else
    fi
}

#ifdef BROKEN_WAIT_WITH_FLUSHES
#define MAY_WAIT true
#else
#define MAY_WAIT (fifo[me] == 0)
#endif
#ifdef BROKEN_PARK_WITH_FLUSHES
#define MAY_PARK true
#else
#define MAY_PARK (fifo[me] == 0)
#endif

inline park()
{
    running--;
    go[me] = 0;
    stack[depth] = me;
    depth++;
    at[me] = PARKED;
    waiting[me] = 1
}

inline take_event()
{
    CHECK(limit_exceeded, processing >= LIMIT);
    ring--;
    processing++
#ifndef BROKEN_PROMOTE_AFTER
    ; promote()
#endif
}

inline lead()
{
    CHECK(two_leaders, leaders > 0);
    leader = me;
    leaders++;
    at[me] = (fifo[me] == 0 || MAY_WAIT -> LEADING : BUSY)
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

/* M held: those who flush may hand no more to this thread. */
inline leave_flushers()
{
    if
    :: flushing[me] ->
        flushing[me] = 0;
        flushers--;
        fifo[me] = fifo[me] + handed;
        handed = 0
    :: else
    fi
}

/* All that this thread owes, to somebody else. */
inline post_owed()
{
    do
    :: atomic { fifo[me] > 0 -> fifo[me]-- }; post()
    :: else -> break
    od
}

/* M held. */
inline begin_flush()
{
    promote();
    flushing[me] = 1;
    flushers++
}

proctype thread(byte me)
{
    byte signal = NONE, start, taken;
    bit first, hears, locked, reserved = (me >= LIMIT), starts;

end_absent:
    atomic { /* M */
        begun[me] -> begun[me] = 0;
        if
        :: reserved -> wake = 0 /* it begins as a woken follower does */
        :: else -> reserved = 1 /* from now on */
        fi
    }

loop:
    atomic { /* M */
        if
        :: stop -> running--; goto leave
        :: !stop && running > LIMIT && fifo[me] > 0 -> begin_flush(); goto flush
        :: !stop && running > LIMIT && MAY_PARK -> park()
        :: !stop && running <= LIMIT && ring > 0 -> take_event(); goto process
        :: !stop && running <= LIMIT && leader == NONE && ring == 0 && MAY_WAIT ->
            lead();
            goto harvest
        :: !stop && running <= LIMIT && leader != NONE && ring == 0 && MAY_PARK -> park()
        /* When the ring is empty, or after a number of events: itself, or whoever flushes already. */
        :: !stop && running <= LIMIT && fifo[me] > 0 -> begin_flush(); goto flush
#ifdef BROKEN_HANDED_TO_NOBODY
        :: !stop && running <= LIMIT && fifo[me] > 0 ->
#else
        :: !stop && running <= LIMIT && fifo[me] > 0 && flushers > 0 ->
#endif
            handed = handed + fifo[me];
            fifo[me] = 0;
            goto loop
        fi
    }
parked:
    atomic { /* M, on return from cond_wait */
        !waiting[me] ->
        if
#ifdef BROKEN_WAIT_WITHOUT_PREDICATE
        :: true -> wake = 0
#else
        :: go[me] ->
#ifdef BROKEN_WAKE_LEFT_SET
            wake = (leader == NONE -> 0 : wake)
#else
            wake = 0
#endif
        :: !go[me] && stop -> running++
        :: !go[me] && !stop && expired[me] && threads > LIMIT ->
#ifndef BROKEN_EXPIRED_STAYS_ON_STACK
            leave_stack();
#endif
            expired[me] = 0;
#ifdef BROKEN_ENDED_COUNTED_LATER
            at[me] = BUSY;
            goto expire
#else
            threads--;
            used[me] = 0;
            at[me] = ABSENT;
            goto end_absent
#endif
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

#ifdef BROKEN_ENDED_COUNTED_LATER
expire:
    atomic { threads--; used[me] = 0; at[me] = ABSENT; goto end_absent } /* M */
#endif

harvest:
    atomic { /* epoll_wait; while a flush is owed, with a time-out of 0 */
        kernel > 0 || (eventfd && eventfd_armed) || interrupted || at[me] == BUSY ->
        at[me] = BUSY;
        if
        :: interrupted ->
            interrupted = 0;
#ifdef BROKEN_INTERRUPTED_KEEPS_LEADING
            leaders--;
            goto loop
#endif
        :: else ->
            if
            :: eventfd && eventfd_armed -> hears = 1
            :: !(eventfd && eventfd_armed) || kernel >= BATCH /* no room: next time, then */
            fi;
            taken = (kernel < BATCH - hears -> kernel : BATCH - hears);
            kernel = kernel - taken
        fi
    }
    if
    :: hears ->
#ifdef BROKEN_TAKE_BEFORE_DRAIN
        d_step { taken = taken + posted; posted = 0 };
        d_step { eventfd = 0; hears = 0 }
#else
        d_step {
            eventfd = 0;
            hears = 0;
#ifdef BROKEN_EVENTFD_ONESHOT
            eventfd_armed = 0
#endif
        };
        d_step { taken = taken + posted; posted = 0 }
#endif
    :: else
    fi;
    atomic { /* M */
        ring = ring + taken;
        taken = 0;
        leader = NONE;
        leaders--;
        goto loop
    }

process:
    after_unlock();
    /* The handler may take the user's lock; it may owe a flush, post, block, or do nothing. */
    if
    :: atomic { locks > 0 -> locks--; locked = 1; at[me] = LOCKED };
        atomic { user_lock == NONE -> user_lock = me; at[me] = BUSY }
    :: true
    fi;
    if
    :: true
    :: atomic { appends > 0 -> appends--; fifo[me]++ }
    :: atomic { own_posts > 0 -> own_posts-- }; post()
    :: atomic { slow > 0 -> slow--; blocks[me] = 1; at[me] = HANDLER };
        atomic { !blocks[me] -> at[me] = BUSY }
    :: atomic { brackets > 0 -> brackets-- };
#ifndef BROKEN_BRACKET_KEEPS_FLUSHES
        post_owed();
#endif
        atomic { /* M: blocking_begin */
            running--;
            processing--;
            promote()
        };
        after_unlock();
        if
        :: true
#ifdef BROKEN_BRACKET_OWES
        :: atomic { appends > 0 -> appends--; fifo[me]++ }
#else
        :: atomic { appends > 0 -> appends-- }; post() /* inside a bracket nothing is owed */
#endif
        fi;
        if
        :: true
        :: atomic { blocks[me] = 1; at[me] = BRACKET }; atomic { !blocks[me] -> at[me] = BUSY }
        fi;
#ifdef BROKEN_BLOCKING_END_WAITS
        at[me] = ENDING;
        atomic { running < LIMIT -> at[me] = BUSY; running++; processing++ }
#else
        atomic { running++; processing++ } /* M: blocking_end */
#endif
    fi;
    if
    :: d_step { locked -> locked = 0; user_lock = NONE }
    :: else
    fi;
    atomic { /* M */
        processing--;
        done++;
#ifdef BROKEN_PROMOTE_AFTER
        promote()
#endif
    };
#ifdef BROKEN_PROMOTE_AFTER
    after_unlock();
#endif
    goto loop;

flush:
    after_unlock();
    fifo[me]--;
    if
    :: true
    :: atomic { brackets > 0 -> brackets-- };
        post_owed();
        atomic { /* M: blocking_begin */
            running--;
#ifndef BROKEN_BRACKET_KEEPS_HANDED
            leave_flushers();
#endif
            promote()
        };
        after_unlock();
        post_owed();
        atomic { blocks[me] = 1; at[me] = BRACKET };
        atomic { !blocks[me] -> at[me] = BUSY };
        atomic { running++ } /* M: blocking_end */
    fi;
    atomic { /* M: looking for events before the next chunk, whatever has happened meanwhile */
        leave_flushers();
        if
        :: fifo[me] > 0 && ring == 0 && leader == NONE -> lead(); goto harvest
        :: else -> goto loop
        fi
    };

leave: /* what is owed is handed over, for whoever takes the pool down */
    fifo[me] = 0;
    d_step { threads--; used[me] = 0; at[me] = ABSENT } /* M */
}

inline signal_all()
{
    for (j : 0 .. THREADS - 1) {
        waiting[j] = 0
    }
    j = 0
}

/* Every thread may have ended as soon as M is free, and the pool with them. */
inline wake_leader()
{
    for (j : 0 .. THREADS - 1) {
        alive = alive || at[j] != ABSENT
    }
    CHECK(used_after_free, !alive);
    alive = 0;
    j = 0;
    eventfd = 1
}

inline stop_pool()
{
#ifdef BROKEN_STOP_WAKES_FIRST
    d_step { wake_leader() };
    d_step { stop = 1; signal_all() }
#else
#ifdef BROKEN_STOP_WAKES_LATER
    d_step { stop = 1; signal_all() };
    d_step { wake_leader() }
#else
    d_step { stop = 1; signal_all(); wake_leader() } /* M */
#endif
#endif
}

/* What may happen from outside, at any moment or not at all. */
proctype world()
{
    bit alive;
    byte j, events = EVENTS, posts = POSTS, eintrs = EINTRS;
    byte spurious = SPURIOUS, expiries = EXPIRIES;
    bit first;

    do
    :: atomic { events > 0 -> events--; made++; kernel++ }
    :: atomic { posts > 0 -> posts-- }; post()
    :: atomic { eintrs > 0 -> eintrs--; interrupted = 1 }
    :: atomic { spurious > 0 -> spurious--; select (j : 0 .. THREADS - 1); waiting[j] = 0; j = 0 }
    :: atomic {
        expiries > 0 ->
        expiries--;
        select (j : 0 .. THREADS - 1);
        expired[j] = expired[j] || waiting[j];
        waiting[j] = 0;
        j = 0
        }
    :: EARLY_STOP -> stop_pool(); break
    :: break
    od
}

/* Looks at everything whenever nothing else can move, then lets something go on. */
proctype watcher()
{
    bit alive;
    byte j, parked, leading, held;

    do
    :: atomic {
        timeout ->
        d_step {
            for (j : 0 .. THREADS - 1) {
                parked = parked + (at[j] == PARKED);
                leading = leading + (at[j] == LEADING);
                held = held + (at[j] == HANDLER || at[j] == BRACKET)
            }
            for (j : 0 .. THREADS - 1) {
                CHECK(thread_stuck, at[j] == BUSY);
                CHECK(thread_stuck, held == 0 && (at[j] == LOCKED || at[j] == ENDING));
                CHECK(flush_forgotten, fifo[j] > 0 &&
                      (at[j] == PARKED || at[j] == LEADING || at[j] == BRACKET));
                CHECK(flush_forgotten, handed > 0);
                CHECK(not_ended, stop && (at[j] == PARKED || at[j] == LEADING))
            }
            CHECK(nobody_leads, !stop && leading == 0 && processing < LIMIT &&
                                (parked > 0 || (threads < THREADS && !start_failed)));
            CHECK(event_lost, leading > 0 && (kernel > 0 || ring > 0 || posted > 0));
            CHECK(event_lost, !stop && held == 0 && made != done);
            j = 0;
            parked = 0;
            leading = 0
        }
        if
        :: held > 0 -> select (j : 0 .. THREADS - 1); blocks[j] = 0; j = 0; held = 0
        :: held == 0 && !stop -> goto stopping
        :: held == 0 && stop -> goto stopped
        fi
        }
    od;
stopping:
    stop_pool();
    timeout;
stopped:
    atomic {
        for (j : 0 .. THREADS - 1) {
            CHECK(not_ended, at[j] != ABSENT)
        }
    }
}

init
{
    atomic {
        for (i : 0 .. THREADS - 1) {
            run thread(i);
            if
            :: i < LIMIT -> used[i] = 1; begun[i] = 1; at[i] = BUSY; threads++
            :: else
            fi
        }
        i = 0;
        running = LIMIT; /* everybody's place */
        run world();
        run watcher()
    }
}
