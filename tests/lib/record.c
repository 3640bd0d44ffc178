/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/record.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a session; stays until the recorder is freed, so that late calls are caught. */
struct session {
    struct session *next; /* (recorder.mutex) */
    struct recorder *recorder;
    atomic_bool inside; /* a call runs */
    unsigned calls;     /* written by every call: two at once are a race */
    bool said_farewell;
    bool closed;
    uint64_t id;
};

struct recorder {
    struct pl_service service;
    struct pl_service hooks;
    void *user;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct session *sessions;    /* (mutex) */
    struct record **records;     /* (mutex) the array; what it points to is constant */
    size_t count;                /* (mutex) */
    size_t capacity;             /* (mutex) */
    size_t counts[RECORD_KINDS]; /* (mutex) */
    size_t open;                 /* (mutex) opened, not closed */
    char broken[256];            /* (mutex) the first breach of the contract */
};

static void breach(struct recorder *recorder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void breach(struct recorder *recorder, const char *format, ...)
{
    va_list arguments;

    pthread_mutex_lock(&recorder->mutex);
    if (!recorder->broken[0]) {
        va_start(arguments, format);
        vsnprintf(recorder->broken, sizeof(recorder->broken), format, arguments);
        va_end(arguments);
    }
    pthread_mutex_unlock(&recorder->mutex);
}

static struct record *make_record(enum record_kind kind, uint64_t session, int detail,
                                  const struct pl_line *line)
{
    struct record *record = calloc(1, sizeof(*record));
    size_t size = line ? line->size : 0;

    if (!record || !(record->text = malloc(size + 1)))
        abort();
    record->kind = kind;
    record->session = session;
    record->detail = detail;
    if (line) {
        record->length = line->length;
        record->size = size;
        memcpy(record->text, line->text, size);
    }
    record->text[size] = '\0';
    return record;
}

static void append(struct recorder *recorder, struct record *record)
{
    pthread_mutex_lock(&recorder->mutex);
    if (recorder->count == recorder->capacity) {
        recorder->capacity = recorder->capacity ? 2 * recorder->capacity : 64;
        recorder->records =
            realloc(recorder->records, recorder->capacity * sizeof(*recorder->records));
        if (!recorder->records)
            abort();
    }
    recorder->records[recorder->count++] = record;
    recorder->counts[record->kind]++;
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->mutex);
}

/* -- The service ----------------------------------------------------------------- */

static struct session *enter(struct pl_session *session, const char *call)
{
    struct session *seen = pl_session_data(session);
    struct recorder *recorder = pl_session_context(session);

    if (!seen) {
        breach(recorder, "%s without open", call);
        return NULL;
    }
    if (atomic_exchange_explicit(&seen->inside, true, memory_order_relaxed))
        breach(recorder, "%s while another call for the session runs", call);
    if (seen->closed)
        breach(recorder, "%s after close", call);
    if (seen->said_farewell && strcmp(call, "close") != 0)
        breach(recorder, "%s after farewell", call);
    seen->calls++;
    return seen;
}

static void leave(struct session *seen)
{
    if (!seen)
        return;
    seen->calls++;
    atomic_store_explicit(&seen->inside, false, memory_order_relaxed);
}

static struct session *make_session(struct recorder *recorder, struct pl_session *session)
{
    struct session *seen = calloc(1, sizeof(*seen));

    if (!seen)
        abort();
    seen->recorder = recorder;
    seen->id = pl_session_id(session);
    atomic_store(&seen->inside, true);
    pthread_mutex_lock(&recorder->mutex);
    seen->next = recorder->sessions;
    recorder->sessions = seen;
    recorder->open++;
    pthread_mutex_unlock(&recorder->mutex);
    return seen;
}

static void count_closed(struct recorder *recorder)
{
    pthread_mutex_lock(&recorder->mutex);
    recorder->open--;
    pthread_mutex_unlock(&recorder->mutex);
}

static int on_open(struct pl_session *session, void *context)
{
    struct recorder *recorder = context;
    struct session *seen;
    int result = 0;

    if (pl_session_context(session) != context)
        breach(recorder, "open's context is not the session's");
    if (pl_session_data(session))
        breach(recorder, "a new session has data");
    seen = make_session(recorder, session);
    pl_session_set_data(session, seen);
    if (recorder->hooks.open)
        result = recorder->hooks.open(session, context);
    append(recorder, make_record(RECORD_OPEN, seen->id, 0, NULL));
    if (result) { /* close will not be called */
        seen->closed = true;
        count_closed(recorder);
    }
    leave(seen);
    return result;
}

static void on_line(struct pl_session *session, const struct pl_line *line)
{
    struct session *seen = enter(session, "line");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.line)
        recorder->hooks.line(session, line);
    append(recorder, make_record(RECORD_LINE, pl_session_id(session), 0, line));
    leave(seen);
}

static void on_fault(struct pl_session *session, enum pl_fault fault, const struct pl_line *head)
{
    struct session *seen = enter(session, "fault");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.fault)
        recorder->hooks.fault(session, fault, head);
    append(recorder, make_record(RECORD_FAULT, pl_session_id(session), (int)fault, head));
    leave(seen);
}

static void on_timer(struct pl_session *session)
{
    struct session *seen = enter(session, "timer");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.timer)
        recorder->hooks.timer(session);
    append(recorder, make_record(RECORD_TIMER, pl_session_id(session), 0, NULL));
    leave(seen);
}

static void on_resume(struct pl_session *session)
{
    struct session *seen = enter(session, "resume");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.resume)
        recorder->hooks.resume(session);
    append(recorder, make_record(RECORD_RESUME, pl_session_id(session), 0, NULL));
    leave(seen);
}

static void on_again(struct pl_session *session)
{
    struct session *seen = enter(session, "again");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.again)
        recorder->hooks.again(session);
    append(recorder, make_record(RECORD_AGAIN, pl_session_id(session), 0, NULL));
    leave(seen);
}

static void on_farewell(struct pl_session *session, enum pl_reason reason)
{
    struct session *seen = enter(session, "farewell");
    struct recorder *recorder = pl_session_context(session);

    if (seen)
        seen->said_farewell = true;
    if (recorder->hooks.farewell)
        recorder->hooks.farewell(session, reason);
    append(recorder, make_record(RECORD_FAREWELL, pl_session_id(session), (int)reason, NULL));
    leave(seen);
}

static void on_close(struct pl_session *session, enum pl_reason reason)
{
    struct session *seen = enter(session, "close");
    struct recorder *recorder = pl_session_context(session);

    if (recorder->hooks.close)
        recorder->hooks.close(session, reason);
    if (seen) {
        seen->closed = true;
        count_closed(recorder);
    }
    append(recorder, make_record(RECORD_CLOSE, pl_session_id(session), (int)reason, NULL));
    leave(seen);
}

static size_t on_refuse(enum pl_reason reason, char *text, size_t size, void *context)
{
    struct recorder *recorder = context;

    return recorder->hooks.refuse ? recorder->hooks.refuse(reason, text, size, context) : 0;
}

void recorder_enter(struct pl_session *session)
{
    enter(session, "done");
}

void recorder_leave(struct pl_session *session)
{
    leave(pl_session_data(session));
}

void record_echo(struct pl_session *session, const struct pl_line *line)
{
    pl_session_send(session, line->text, line->size);
}

/* -- For the test ---------------------------------------------------------------- */

struct recorder *recorder_new(const struct pl_service *hooks)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    pthread_condattr_t attributes;

    if (!recorder)
        abort();
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&recorder->mutex, NULL);
    recorder->hooks = *hooks;
    recorder->service = (struct pl_service){
        .name = hooks->name ? hooks->name : "recorder",
        .flags = hooks->flags,
        .open = on_open,
        .line = on_line,
        .fault = on_fault,
        .timer = on_timer,
        .resume = on_resume,
        .again = on_again,
        .farewell = on_farewell,
        .close = on_close,
        .refuse = on_refuse,
    };
    return recorder;
}

const struct pl_service *recorder_service(struct recorder *recorder)
{
    return &recorder->service;
}

void recorder_set_user(struct recorder *recorder, void *user)
{
    recorder->user = user;
}

void *recorder_user(const struct recorder *recorder)
{
    return recorder->user;
}

void *session_user(const struct pl_session *session)
{
    return recorder_user(pl_session_context(session));
}

void recorder_check(struct recorder *recorder)
{
    char broken[sizeof(recorder->broken)];
    size_t open;

    pthread_mutex_lock(&recorder->mutex);
    memcpy(broken, recorder->broken, sizeof(broken));
    open = recorder->open;
    pthread_mutex_unlock(&recorder->mutex);
    EXPECT(!broken[0], "contract broken: %s", broken);
    EXPECT(open == 0, "%zu sessions were never closed", open);
}

void recorder_free(struct recorder *recorder)
{
    struct session *seen, *next;
    size_t i;

    if (!recorder)
        return;
    for (seen = recorder->sessions; seen; seen = next) {
        next = seen->next;
        free(seen);
    }
    for (i = 0; i < recorder->count; i++) {
        free(recorder->records[i]->text);
        free(recorder->records[i]);
    }
    free(recorder->records);
    pthread_cond_destroy(&recorder->changed);
    pthread_mutex_destroy(&recorder->mutex);
    free(recorder);
}

size_t recorder_count(struct recorder *recorder, enum record_kind kind)
{
    size_t count;

    pthread_mutex_lock(&recorder->mutex);
    count = recorder->counts[kind];
    pthread_mutex_unlock(&recorder->mutex);
    return count;
}

static const char *const kind_names[RECORD_KINDS] = {"open",   "line",  "fault",    "timer",
                                                     "resume", "again", "farewell", "close"};

void recorder_wait(struct place place, struct recorder *recorder, enum record_kind kind,
                   size_t count)
{
    uint64_t deadline = expect_deadline();
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000),
                             .tv_nsec = (long)(deadline % 1000000000)};
    size_t got;
    int error = 0;

    pthread_mutex_lock(&recorder->mutex);
    while (recorder->counts[kind] < count && error == 0)
        error = pthread_cond_timedwait(&recorder->changed, &recorder->mutex, &until);
    got = recorder->counts[kind];
    pthread_mutex_unlock(&recorder->mutex);
    if (got < count)
        expect_fail(place, "%zu calls of %s expected, %zu came", count, kind_names[kind], got);
}

const struct record *recorder_get(struct place place, struct recorder *recorder,
                                  enum record_kind kind, size_t index)
{
    struct record *record = NULL;
    size_t i;

    recorder_wait(place, recorder, kind, index + 1);
    pthread_mutex_lock(&recorder->mutex);
    for (i = 0; i < recorder->count; i++) {
        record = recorder->records[i];
        if (record->kind == kind && index-- == 0)
            break;
    }
    pthread_mutex_unlock(&recorder->mutex);
    return record;
}

char *recorder_story(struct recorder *recorder, uint64_t session, char *text, size_t size)
{
    size_t used = 0;
    size_t i;

    pthread_mutex_lock(&recorder->mutex);
    for (i = 0; i < recorder->count && used + 1 < size; i++) {
        if (recorder->records[i]->session == session)
            text[used++] = "olftrawc"[recorder->records[i]->kind];
    }
    text[used] = '\0';
    pthread_mutex_unlock(&recorder->mutex);
    return text;
}
