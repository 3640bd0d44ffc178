/* SPDX-License-Identifier: MIT */
/*
 * Loop per thread (src/engine/loop_per_thread.c, src/engine/reactor.c): handing
 * a connection to the loop that keeps it, and the mailbox through which other
 * threads want something of it.
 *
 * What is modelled
 *
 *   HANDLES connections, each born once, with references and a word of claim
 *   and notes.  The accepting loop places each on one of LOOPS loops and
 *   writes its name into that loop's pipe (PIPE names fit); if the pipe is
 *   full, it posts the handle.
 *
 *   A mailbox is a list linked through the handles, `head` and `next`.  To post
 *   is to leave the note, to set `posted`, and whoever found it clear takes a
 *   reference and pushes (compare-and-swap: one step); whoever pushed on an
 *   empty list writes the eventfd.  The owner reads the eventfd, then takes
 *   the whole list, then for each handle: reads `next`, clears `posted`, runs
 *   it, gives the reference back.
 *
 *   Only the owner's thread runs a handle, so that it never finds the claim
 *   taken.  Its handlers want something of other handles now and then, and
 *   so does a thread from outside; CLOSE is one of the notes and ends a handle.
 *
 *   Stop sets the flag and writes each eventfd.  When all threads have ended,
 *   what is left in mailboxes and pipes is given back.
 *
 * What is checked
 *
 *   A handle is run by its owner alone, and begun exactly once; nothing is used
 *   after its last reference.  Whenever nothing can move (`timeout`): no note
 *   and no post is left, and every loop waits.  After the stop every loop
 *   ends, and nobody's reference stays.
 *
 * Mistakes, each to be found: BROKEN_* below; handover.sh says what tells each.
 */

#ifndef LOOPS
#define LOOPS 1
#endif
#ifndef HANDLES
#define HANDLES 2
#endif
#ifndef PIPE
#define PIPE 1
#endif
#ifndef POSTS /* notes from outside */
#define POSTS 2
#endif
#ifndef SENDS /* notes from handlers for other handles */
#define SENDS 0
#endif
#ifndef CLOSES /* from outside, too */
#define CLOSES 0
#endif
#ifndef EARLY_STOP
#define EARLY_STOP 0
#endif

#define NIL 255
#define CLAIM 1
#define OPEN 2
#define NOTE 4
#define CLOSE 8
#define NOTES 14

byte references[HANDLES]; /* 1 of them is the table's */
byte word[HANDLES];
byte place[HANDLES];
bit posted[HANDLES];
byte next[HANDLES];
bit placed[HANDLES]; /* others know the handle by now */
byte head[LOOPS];
bit eventfd[LOOPS];
chan pipe[LOOPS] = [PIPE] of { byte };
bit stop;
byte posts = POSTS, sends = SENDS, closes = CLOSES;

/* For the checks alone. */
byte begun[HANDLES];
bit over[HANDLES];
bit waits[LOOPS];
byte threads; /* loops that have not ended */
hidden byte two_holders, used_after_free, note_lost, begun_twice, not_begun, thread_stuck;
hidden byte not_ended, miscounted;

#define CHECK(fault, condition) \
    fault = (condition);        \
    assert(!fault);             \
    fault = false

#define HAS_ROOM (len(pipe[place[handle]]) < PIPE)
#define USE(handle) CHECK(used_after_free, references[handle] == 0)

inline unref(handle)
{
    d_step { USE(handle); references[handle]-- }
}

/* By its name: a reference, or not. */
inline find(handle)
{
    d_step { found = (references[handle] > 0); references[handle] = references[handle] + found }
}

/* Any thread, with a reference. */
inline post(handle, notes)
{
    atomic { USE(handle); word[handle] = word[handle] | (notes) };
    d_step { first = !posted[handle]; posted[handle] = 1 };
    if
    :: first ->
#ifdef BROKEN_POST_WITHOUT_REFERENCE
        first = 0;
#else
        atomic { references[handle]++; first = 0 };
#endif
#ifdef BROKEN_EXCHANGE_PUSH
        d_step { old = head[place[handle]]; head[place[handle]] = handle };
        next[handle] = old;
#else
#ifdef BROKEN_EMPTY_SEEN_BEFORE
        old = head[place[handle]];
        d_step { next[handle] = head[place[handle]]; head[place[handle]] = handle };
#else
        d_step { old = head[place[handle]]; next[handle] = old; head[place[handle]] = handle };
#endif
#endif
        if
        :: d_step { old == NIL -> eventfd[place[handle]] = 1; old = 0 }
        :: d_step { old != NIL -> old = 0 }
        fi
    :: else
    fi
}

/* By the owner's thread: claim, run, let go, once more if a note came. */
inline kick(handle)
{
    atomic {
        USE(handle);
        if
        :: over[handle] -> goto kicked /* the claim stays for ever */
        :: else
        fi;
        CHECK(two_holders, (word[handle] & CLAIM) || me != place[handle]);
        word[handle] = word[handle] | CLAIM
    };
    do
    :: atomic {
        notes = word[handle] & NOTES;
        word[handle] = CLAIM;
        CHECK(begun_twice, (notes & OPEN) && begun[handle]);
        begun[handle] = begun[handle] || (notes & OPEN);
        if
        :: notes & CLOSE -> over[handle] = 1
        :: else
        fi;
        notes = 0
        };
        if
        :: over[handle] -> unref(handle); break /* the table's */
        :: atomic { !over[handle] && word[handle] == CLAIM -> word[handle] = 0; break }
        :: !over[handle] && word[handle] != CLAIM
        fi
    od;
kicked:
    skip
}

/* What a handler wants of another handle: done here if it is this loop's, else by its owner. */
inline want(handle)
{
    find(handle);
    if
    :: found ->
#ifdef BROKEN_RUN_ANYWHERE
        word[handle] = word[handle] | NOTE;
        kick(handle)
#else
        if
        :: place[handle] == me -> atomic { word[handle] = word[handle] | NOTE }; kick(handle)
        :: else ->
            atomic { opening = ((word[handle] & OPEN) != 0); word[handle] = word[handle] | NOTE };
            if
            :: atomic { opening && HAS_ROOM -> pipe[place[handle]]!handle }
            :: !(opening && HAS_ROOM) -> post(handle, NOTE)
            fi;
            opening = 0
        fi
#endif
        ; unref(handle)
    :: else
    fi;
    found = 0
}

proctype loop(byte me)
{
    byte handle, list = NIL, other, notes, old;
    bit found, first, opening;

again:
    if
    :: stop -> goto leave
    :: else -> waits[me] = 1
    fi;
end_wait:
    if
    :: atomic { eventfd[me] -> waits[me] = 0 };
#ifdef BROKEN_TAKE_BEFORE_DRAIN
        d_step { list = head[me]; head[me] = NIL };
        eventfd[me] = 0;
#else
        eventfd[me] = 0;
        d_step { list = head[me]; head[me] = NIL };
#endif
        do
        :: list != NIL ->
            handle = list;
#ifndef BROKEN_NEXT_READ_AFTER
            list = next[handle];
#endif
#ifdef BROKEN_POSTED_CLEARED_AFTER
            kick(handle);
            posted[handle] = 0;
#else
            posted[handle] = 0;
            kick(handle);
#endif
#ifdef BROKEN_NEXT_READ_AFTER
            list = next[handle];
#endif
            unref(handle)
        :: else -> break
        od
    :: atomic { pipe[me]?handle -> waits[me] = 0 };
        find(handle);
        if
        :: found -> found = 0; kick(handle); unref(handle)
        :: else
        fi
    fi;
    handle = 0;
    if
    :: atomic { sends > 0 -> sends--; select (other : 0 .. HANDLES - 1) };
        if
        :: placed[other] -> want(other)
        :: else
        fi;
        other = 0
    :: true
    fi;
    goto again;

leave:
    threads--
}

/* The accepting loop hands the handles out. */
proctype acceptor()
{
    byte handle, old;
    bit first;

    for (handle : 0 .. HANDLES - 1) {
        atomic {
            references[handle] = 2;
            word[handle] = OPEN;
            select (old : 0 .. LOOPS - 1);
            place[handle] = old;
            old = 0;
            placed[handle] = 1
        };
        if
        :: stop
        :: atomic { !stop && HAS_ROOM -> pipe[place[handle]]!handle }
        :: !stop && !HAS_ROOM ->
#ifdef BROKEN_FULL_PIPE_DROPS
            skip
#else
            post(handle, NOTE)
#endif
        fi;
        unref(handle)
    }
    threads--
}

proctype outside()
{
    byte handle, old;
    bit found, first;

end_outside:
    do
    :: atomic { posts > 0 -> posts--; select (handle : 0 .. HANDLES - 1) };
        if
        :: placed[handle] ->
            find(handle);
            if
            :: found -> post(handle, NOTE); unref(handle)
            :: else
            fi
        :: else
        fi
    :: atomic { closes > 0 -> closes--; select (handle : 0 .. HANDLES - 1) };
        if
        :: placed[handle] ->
            find(handle);
            if
            :: found -> post(handle, CLOSE); unref(handle)
            :: else
            fi
        :: else
        fi
    :: atomic { posts > 0 -> posts = 0; closes = 0 }
    od
}

inline stop_all()
{
#ifdef BROKEN_STOP_WAKES_FIRST
    d_step {
        for (i : 0 .. LOOPS - 1) {
            eventfd[i] = 1
        }
    };
    stop = 1;
#else
    stop = 1;
    d_step {
        for (i : 0 .. LOOPS - 1) {
            eventfd[i] = 1
        }
    };
#endif
    i = 0
}

proctype watcher()
{
    byte i, list = NIL;

    if
    :: EARLY_STOP
    :: timeout ->
        d_step {
            for (i : 0 .. HANDLES - 1) {
                CHECK(note_lost, posted[i] || (!over[i] && (word[i] & (NOTES - OPEN))));
                CHECK(not_begun, !begun[i] && !over[i]);
                CHECK(miscounted, references[i] != !over[i])
            }
            for (i : 0 .. LOOPS - 1) {
                CHECK(thread_stuck, !waits[i])
            }
            CHECK(not_ended, threads > LOOPS)
        }
    fi;
    stop_all();
    timeout;
    d_step {
        CHECK(not_ended, threads > 0);
#ifndef BROKEN_LEFT_IN_MAILBOX
        for (i : 0 .. LOOPS - 1) {
            list = head[i];
            do
            :: list != NIL -> USE(list); references[list]--; list = next[list]
            :: else -> break
            od
        }
#endif
        for (i : 0 .. HANDLES - 1) {
            CHECK(miscounted, references[i] != !over[i])
        }
    }
}

init
{
    byte i;

    atomic {
        for (i : 0 .. LOOPS - 1) {
            head[i] = NIL;
            run loop(i)
        }
        i = 0;
        threads = LOOPS + 1;
        run acceptor();
        run outside();
        run watcher()
    }
}
