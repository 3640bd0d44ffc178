/* SPDX-License-Identifier: MIT */
/*
 * One hand on a connection (src/engine/handle.c, src/engine/table.c,
 * src/transport/session.c): claim, notes, registration, owed output, parking,
 * and the ends that a connection can come to.
 *
 * What is modelled
 *
 *   One slot of the table of handles, in which ACCEPTS connections live one
 *   after the other, all with the same descriptor number: a generation and a
 *   count of references in one word.  Names are generations here.
 *
 *   The atomic word, CLAIM and the notes; kick() and hold(); and a session's
 *   run(), step by step: reading, delivering, the last line, writing, the end.
 *   What only the claim holder touches needs no step of its own.
 *
 *   The kernel: unread input, end of input, hang-up, room for output, and the
 *   registration (EPOLLONESHOT: an event clears `mask`).
 *
 *   Workers harvest an event and act on it any time later, when it may be
 *   stale; they work their FIFO of owed flushes off, or hand it over; they
 *   run what has been posted; as handlers of another connection they send to
 *   this one and close it; they accept the next one.  A thread from outside
 *   sends, closes, and resumes what is parked, by posting.  Lists and eventfds
 *   are in pool.pml and handover.pml: a post is one bit here.
 *
 *   Input counts lines, output replies.  Instead of replying a handler may
 *   park the connection until a helper resumes it (WORK: the connection may
 *   not end before the helper is done).  HELD lines are read and not delivered.
 *
 * What is checked
 *
 *   Never two holders; nothing used after its last reference, and no
 *   descriptor after its close; nobody runs a connection that is not complete.
 *   If the peer ended its input in order, every line is delivered, and every
 *   reply written, before the connection ends.  Whenever nothing can move
 *   (`timeout`): no note and no claim stays, no output in a queue, no input
 *   unread or held; no registration is disarmed; nothing is left of a
 *   connection whose peer has hung up or has ended its input.  Then the peer
 *   hangs up; in the end every reference has been given back.
 *
 * Mistakes, each to be found: BROKEN_* below; claim.sh says what tells each.
 */

#ifndef ACCEPTS /* connections, one after the other */
#define ACCEPTS 1
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef LINES /* that peers send */
#define LINES 1
#endif
#ifndef ENDS /* peers that end their input */
#define ENDS 0
#endif
#ifndef RESTS /* of those, after a last line without its newline */
#define RESTS 0
#endif
#ifndef HANGUPS /* peers that hang up at any moment */
#define HANGUPS 0
#endif
#ifndef SENDS /* by workers, for other connections' sake */
#define SENDS 0
#endif
#ifndef OUTSIDE_SENDS
#define OUTSIDE_SENDS 0
#endif
#ifndef CLOSES /* by workers */
#define CLOSES 0
#endif
#ifndef OUTSIDE_CLOSES
#define OUTSIDE_CLOSES 0
#endif
#ifndef PARKS
#define PARKS 0
#endif
#ifndef WORK /* 1: what parks is work that refers to the connection */
#define WORK 0
#endif
#ifndef HAND_OVERS
#define HAND_OVERS 0
#endif
#ifndef ROOM /* replies that the kernel takes */
#define ROOM 1
#endif
#ifndef HIGH /* reading pauses when more is queued than this and nothing can be written */
#define HIGH 0
#endif

#define CLAIM 1
#define IN 2
#define OUT 4
#define HUP 8
#define OPEN 16
#define FLUSH 32
#define CLOSE 64
#define RESUME 128
#define NOTES 254
#define NONE 255

#define CLOSED 1 /* reasons */
#define EOF 2
#define RESET 3

/* The slot of the table. */
byte generation = 1;
byte references;
bit vacant = 1;

/* The connection: any thread with a reference. */
byte word;
bit owed;
bit posted;
byte reason; /* why it ends; 0: it is open */
byte queue;  /* (qlock) */
bit closed;  /* (qlock) */

/* The claim holder. */
byte armed;
byte held;
bit waiting; /* lines may be held */
bit blocked, parked, work, eof, broken, lingering, shut;

/* The engine. */
bit inbox;         /* the connection is in the list of posts, with a reference */
bit owes[WORKERS]; /* in that worker's FIFO, likewise */
bit job;           /* with a helper, likewise */

/* The kernel. */
byte descriptor; /* whose it is: a generation, or 0 */
byte mask;       /* what is registered and armed */
byte unread;
byte room;
bit rest; /* a last line without its newline: it is one when the input has ended */
bit ended, hung;

byte accepts = ACCEPTS, lines = LINES, ends = ENDS, rests = RESTS, hangups = HANGUPS;
byte sends = SENDS, outside_sends = OUTSIDE_SENDS, closes = CLOSES, outside_closes = OUTSIDE_CLOSES;
byte parks = PARKS, hand_overs = HAND_OVERS;

/* For the checks alone. */
byte holder = NONE;
byte unanswered; /* lines sent and not processed */
byte unwritten;  /* replies to them in the queue */
bit complete;
hidden byte two_holders, used_after_free, closed_descriptor, incomplete;
hidden byte note_lost, output_left, input_left, input_lost, reply_lost, deaf, undead, miscounted;

#define CHECK(fault, condition) \
    fault = (condition);        \
    assert(!fault);             \
    fault = false

#define USE() CHECK(used_after_free, references == 0 || generation != name)
#define USE_DESCRIPTOR() CHECK(closed_descriptor, descriptor != name)

#define SEEN_IN ((mask & IN) && (unread > 0 || ended || hung))
#define SEEN_OUT ((mask & OUT) && (room > 0 || hung))
#define SEEN_HUP ((mask & HUP) && hung)

/* Look up and take a reference, or `found` stays 0. */
inline find()
{
#ifdef BROKEN_CHECK_THEN_REFERENCE
    found = (references > 0 && generation == name);
    if
    :: found -> references++
    :: else
    fi
#else
    d_step {
        found = (references > 0 && generation == name);
        references = references + found
    }
#endif
}

inline unref()
{
    d_step {
        USE();
        references--;
        last = (references == 0)
    };
    if
    :: last ->
        d_step {
            last = 0;
            CHECK(miscounted, queue > 0 || owed || posted || work || descriptor == name);
            generation++;
            vacant = 1
        }
    :: else
    fi
}

/* With a reference. The list is elsewhere: here it is a bit. */
inline post(notes)
{
    atomic { USE(); word = word | notes };
    d_step { USE(); first = !posted; posted = 1 };
    if
    :: d_step { first -> first = 0; references++; inbox = 1 }
    :: else
    fi
}

/* By a worker that does not hold this connection's claim. */
inline touch(notes)
{
    if
    :: (notes) != FLUSH -> d_step { USE(); word = word | (notes) }
    :: else
    fi;
    d_step { USE(); first = !owed; owed = 1 };
    if
    :: d_step { first -> first = 0; references++; owes[me] = 1 }
    :: else
    fi
}

inline append()
{
    if
    :: reason == 0 -> d_step { USE(); queue = queue + !closed } /* qlock */
    :: else
    fi
}

#define CLOSE_IT() d_step { USE(); reason = (reason == 0 -> CLOSED : reason) }

/* The claim holder wants the end: the note makes it go round once more. */
inline end(why)
{
    atomic { reason = (reason == 0 -> why : reason); word = word | CLOSE }
}

inline deliver()
{
    atomic {
        unanswered--;
        if
        :: true -> queue++; unwritten++ /* qlock */
        :: parks > 0 -> parks--; parked = 1; work = WORK; job = 1; references++
        fi
    }
}

inline read_once()
{
    atomic {
        USE_DESCRIPTOR();
        if
        :: unread > 0 -> held = held + unread; unread = 0; waiting = 1
        :: unread == 0 && (ended || hung) -> eof = 1
        :: unread == 0 && hung -> broken = 1; end(RESET)
        :: else /* EAGAIN */
        fi
    }
}

/* All that is queued, in one write; for what comes meanwhile OUT is armed: others have a turn. */
inline flush()
{
    count = queue; /* qlock */
    atomic {
        if
        :: count > 0 && hung -> USE_DESCRIPTOR(); broken = 1; end(RESET) /* EPIPE */
        :: count > 0 && !hung ->
            USE_DESCRIPTOR();
            unwritten = (room < count -> unwritten : 0);
            count = (room < count -> room : count);
            room = room - count;
            queue = queue - count; /* qlock */
            blocked = (queue > 0)
        :: count == 0 -> blocked = 0
        fi;
        count = 0
    }
}

/* EPOLL_CTL_DEL, close */
inline close_descriptor()
{
    if
    :: !shut -> USE_DESCRIPTOR(); shut = 1; mask = 0; descriptor = 0
    :: else
    fi
}

#define DELIVERABLE (reason == 0 && !parked)
#define PAUSED (blocked && queue > HIGH)
#ifdef BROKEN_HELD_FORGOTTEN
#define MORE_INPUT eof
#else
#ifdef BROKEN_END_FORGOTTEN
#define MORE_INPUT waiting
#else
#define MORE_INPUT (waiting || eof)
#endif
#endif

proctype worker(byte me)
{
    byte name, notes, want, count;
    bit found, first, last, late;

end_idle:
    atomic { notes = 0; name = 0; found = 0; want = 0 }
end_choose:
    if
    :: atomic {
        descriptor != 0 && (SEEN_IN || SEEN_OUT || SEEN_HUP) ->
        name = descriptor;
        notes = (SEEN_IN -> IN : 0) | (SEEN_OUT -> OUT : 0);
        /* A peer may have sent something before it hung up: while IN is armed, that is read. */
        notes = notes | (SEEN_HUP && !(notes & IN) -> HUP : 0);
        mask = 0
        };
        goto event
    :: atomic { owes[me] -> owes[me] = 0; name = generation };
#ifdef BROKEN_OWED_CLEARED_AFTER
        late = 1;
#else
        atomic { USE(); owed = 0 };
#endif
        notes = FLUSH;
        goto kick
    :: atomic { owes[me] && hand_overs > 0 -> hand_overs--; owes[me] = 0; name = generation };
        atomic { USE(); owed = 0 };
        post(FLUSH);
        goto drop
    :: atomic { inbox -> inbox = 0; name = generation };
#ifdef BROKEN_POSTED_CLEARED_AFTER
        late = 1;
#else
        atomic { USE(); posted = 0 };
#endif
        goto kick
    :: atomic { sends > 0 && references > 0 -> sends--; name = generation };
        find();
        if
        :: found ->
#ifdef BROKEN_KICK_BEFORE_APPEND
            touch(FLUSH);
            append()
#else
            append();
            touch(FLUSH)
#endif
            ; goto drop
        :: else -> goto end_idle
        fi
    :: atomic { closes > 0 && references > 0 -> closes--; name = generation };
        find();
        if
        :: found -> CLOSE_IT(); touch(CLOSE); goto drop
        :: else -> goto end_idle
        fi
    :: atomic { /* enters the table: whoever looks through it finds it from now on */
        accepts > 0 && vacant && descriptor == 0 ->
        accepts--;
        vacant = 0;
        descriptor = generation;
        name = generation;
        room = ROOM; unread = 0; rest = 0; ended = 0; hung = 0; mask = 0;
        owed = 0; posted = 0; queue = 0; closed = 0; reason = 0;
        armed = 0; held = 0; waiting = 0; blocked = 0; parked = 0; work = 0;
        eof = 0; broken = 0; lingering = 0; shut = 0;
        unanswered = 0; unwritten = 0; complete = 0;
#ifdef BROKEN_BORN_UNCLAIMED
        word = 0;
        references = 1
        };
        atomic { USE(); complete = 1; references++ };
#else
        word = CLAIM; /* others can leave notes, no more */
        references = 2
        };
        complete = 1;
        atomic { word = word & NOTES };
#endif
        touch(OPEN);
        goto drop
    fi;

event: /* any time after it was harvested */
#ifdef BROKEN_BARE_POINTER
    late = 1;
    goto kick;
#else
    find();
    if
    :: found -> goto kick
    :: else -> goto end_idle
    fi;
#endif

kick:
    atomic {
        USE();
        if
        :: word & CLAIM -> word = word | notes; goto drop
        :: else -> word = word | notes | CLAIM
        fi;
        CHECK(two_holders, holder != NONE);
        CHECK(incomplete, !complete);
        holder = me
    }

hold:
    atomic { /* the notes are taken, the claim stays */
        USE();
        notes = word & NOTES;
        word = CLAIM;
#ifndef BROKEN_ARMED_STAYS
        armed = (notes & (IN | OUT | HUP) -> 0 : armed);
#endif
        if
        :: notes & HUP -> broken = 1; end(RESET)
        :: else
        fi;
        parked = parked && !(notes & RESUME);
        work = work && !(notes & RESUME)
    }

    /* Input. */
    if
    :: reason != 0 || PAUSED -> goto output
    :: else
    fi;
    if
    :: (notes & IN) && !eof && !parked -> read_once()
    :: else
    fi;
#ifdef BROKEN_END_CLOSES_AT_ONCE
    if
    :: eof -> end(EOF)
    :: else
    fi;
#endif
    if
    :: reason != 0 -> goto output
    :: else
    fi;
    do
    :: waiting && held > 0 && DELIVERABLE && queue <= HIGH -> held--; deliver()
    :: waiting && held == 0 && DELIVERABLE && queue <= HIGH -> waiting = 0
    :: !waiting || !DELIVERABLE || queue > HIGH -> break
    od;
    if
    :: eof && !waiting && DELIVERABLE ->
        if
        :: rest -> rest = 0; deliver()
        :: else
        fi;
        if
        :: !parked -> end(EOF)
        :: else
        fi
    :: else
    fi;

output:
    if
    :: reason != 0 -> goto ending
    :: else
    fi;
    if
    :: !blocked || (notes & OUT) -> flush()
    :: else
    fi;
    if
    :: reason != 0 || (MORE_INPUT && DELIVERABLE && !PAUSED) -> goto hold
    :: else
    fi;
    atomic { want = (eof || parked || PAUSED -> 0 : IN) | (blocked -> OUT : 0) | HUP; goto arm };

ending: /* the service has been told; what is held is dropped */
    atomic { held = 0; waiting = 0; rest = 0 }
    if
    :: !broken && !lingering && (!blocked || (notes & OUT)) -> flush()
    :: else
    fi;
    if
    :: lingering && !shut && (notes & IN) -> read_once(); held = 0
    :: else
    fi;
    atomic {
        if
        :: !broken && !blocked && !lingering ->
            CHECK(reply_lost, unwritten > 0);
            CHECK(input_lost, reason == EOF && unanswered > 0);
            lingering = !eof /* shutdown(SHUT_WR); what comes is thrown away */
        :: else
        fi;
        if
        :: (broken || (eof && !blocked)) && work ->
            broken = 1;
            close_descriptor(); /* and no more, before the work is done */
            goto release
        :: (broken || (eof && !blocked)) && !work -> goto death
        :: else -> want = (lingering -> IN : (blocked -> OUT : 0)) | HUP
        fi
    }

arm:
#ifndef BROKEN_ARM_AFTER_RELEASE
    if
    :: armed != want -> atomic { USE_DESCRIPTOR(); armed = want; mask = want }
    :: else
    fi;
#endif

release:
#ifdef BROKEN_NOTES_THEN_CLAIM
    if
    :: word != CLAIM -> goto hold
    :: else
    fi;
    atomic { holder = NONE; word = word & NOTES }
#else
    atomic {
        if
        :: word != CLAIM -> goto hold
        :: else -> holder = NONE; word = 0
        fi
    }
#endif
#ifdef BROKEN_ARM_AFTER_RELEASE
    if
    :: armed != want -> atomic { USE_DESCRIPTOR(); armed = want; mask = want }
    :: else
    fi;
#endif
    goto drop;

death:
    atomic { queue = 0; closed = 1 } /* qlock */
#ifdef BROKEN_QUEUE_STAYS_OPEN
    closed = 0;
#endif
    atomic { close_descriptor() }
#ifdef BROKEN_CLAIM_RELEASED_AT_DEATH
    atomic { holder = NONE; word = word & NOTES }
#else
    holder = NONE; /* the claim stays for ever */
#endif
    unref(); /* the table's */

drop:
#ifdef BROKEN_BARE_POINTER
    if
    :: late -> late = 0; goto end_idle
    :: else
    fi;
#endif
#ifdef BROKEN_OWED_CLEARED_AFTER
    atomic { owed = owed && !late; late = 0 }
#endif
#ifdef BROKEN_POSTED_CLEARED_AFTER
    atomic { posted = posted && !late; late = 0 }
#endif
    unref();
    goto end_idle
}

/* Threads that are none of the pool's. */
proctype outside()
{
    byte name;
    bit found, first, last;

end_idle:
    if
    :: atomic { outside_sends > 0 && references > 0 -> outside_sends--; name = generation };
        find();
        if
#ifdef BROKEN_KICK_BEFORE_APPEND
        :: found -> post(FLUSH); append(); unref()
#else
        :: found -> append(); post(FLUSH); unref()
#endif
        :: else
        fi
    :: atomic { outside_closes > 0 && references > 0 -> outside_closes--; name = generation };
        find();
        if
        :: found -> CLOSE_IT(); post(CLOSE); unref()
        :: else
        fi
    :: atomic { job -> job = 0; name = generation };
        append();
        post(RESUME);
        unref()
    fi;
    goto end_idle
}

active proctype peer()
{
end_peer:
    do
    :: atomic { lines > 0 && descriptor != 0 && !ended && !hung -> lines--; unread++; unanswered++ }
    :: atomic { ends > 0 && descriptor != 0 && !ended && !hung -> ends--; ended = 1 }
    :: atomic {
        ends > 0 && rests > 0 && descriptor != 0 && !ended && !hung ->
        ends--;
        rests--;
        ended = 1;
        rest = 1;
        unanswered++
        }
    :: atomic { hangups > 0 && descriptor != 0 && !hung -> hangups--; hung = 1 }
    :: atomic { descriptor != 0 && room < ROOM -> room++ }
    od
}

active proctype watcher()
{
    do
    :: timeout ->
        d_step {
            CHECK(note_lost, descriptor != 0 && word != 0);
            CHECK(output_left, queue > 0 && !lingering);
            CHECK(input_left, descriptor != 0 && ((unread > 0 && reason == 0) || held > 0));
            CHECK(deaf, descriptor != 0 && mask == 0);
            CHECK(undead, descriptor != 0 && (hung || ended || parked));
            CHECK(miscounted, descriptor == 0 && (references > 0 || !vacant))
        };
        if
        :: descriptor != 0 -> hung = 1
        :: else -> break
        fi
    od
}

init
{
    byte i;

    atomic {
        for (i : 0 .. WORKERS - 1) {
            run worker(i)
        }
        run outside();
        i = 0
    }
}
