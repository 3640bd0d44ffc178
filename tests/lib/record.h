/* SPDX-License-Identifier: MIT */
/*
 * A recorder: a service that writes down every call it gets, does what the test wants in it, and
 * holds the library to the contract of <paceline/service.h>: for one session never two calls at
 * once, open first, farewell at most once and before close, close once and last, and what one call
 * wrote is seen by the next (a ThreadSanitizer build sees that it is).
 *
 * recorder_check() reports what was broken; a test ends with it, after the server is freed.
 */
#ifndef TESTS_LIB_RECORD_H
#define TESTS_LIB_RECORD_H

#include <paceline.h>

#include "tests/lib/expect.h"

enum record_kind {
    RECORD_OPEN,
    RECORD_LINE,
    RECORD_FAULT,
    RECORD_TIMER,
    RECORD_RESUME,
    RECORD_AGAIN,
    RECORD_FAREWELL,
    RECORD_CLOSE,
    RECORD_KINDS,
};

/* One call. */
struct record {
    enum record_kind kind;
    uint64_t session; /* id */
    int detail;       /* pl_fault or pl_reason */
    size_t length;    /* of the line or head, as it came */
    size_t size;
    char *text; /* its bytes and a NUL */
};

struct recorder;

/*
 * Makes a recorder. HOOKS are the calls of the test's own, each made within the recorder's call of
 * that name before it is written down; of a NULL one only the record is left. HOOKS' name and
 * flags are taken over. In a hook, and in everything else that runs for a session,
 * pl_session_context() is the recorder and pl_session_data() belongs to it.
 */
struct recorder *recorder_new(const struct pl_service *hooks);

/* What to give pl_server_listen(), with the recorder as the context. */
const struct pl_service *recorder_service(struct recorder *recorder);

/* Fails the test if the contract was broken, or a session that was opened was not closed. */
void recorder_check(struct recorder *recorder);

void recorder_free(struct recorder *recorder);

/* A pointer of the test's own, for its hooks. */
void recorder_set_user(struct recorder *recorder, void *user);
void *recorder_user(const struct recorder *recorder);
void *session_user(const struct pl_session *session);

/* Calls of KIND so far; and wait until there are COUNT of them. */
size_t recorder_count(struct recorder *recorder, enum record_kind kind);
#define RECORDER_WAIT(recorder, kind, count) recorder_wait(HERE, recorder, kind, count)
void recorder_wait(struct place place, struct recorder *recorder, enum record_kind kind,
                   size_t count);

/* The call of KIND with that index, from 0, waited for; valid until the recorder is freed. */
#define RECORDER_GET(recorder, kind, index) recorder_get(HERE, recorder, kind, index)
const struct record *recorder_get(struct place place, struct recorder *recorder,
                                  enum record_kind kind, size_t index);

/* The id of the session that was opened as number INDEX, from 0, waited for. */
#define RECORDER_SESSION(recorder, index) recorder_get(HERE, recorder, RECORD_OPEN, index)->session

/* The kinds of all calls of a session in their order, one letter each: o l f t r w(farewell) c. */
char *recorder_story(struct recorder *recorder, uint64_t session, char *text, size_t size);

/* Bracket what runs for a session beside the service's calls (the `done` of pl_session_work()). */
void recorder_enter(struct pl_session *session);
void recorder_leave(struct pl_session *session);

/* A hook for line: sends the line back as it came. */
void record_echo(struct pl_session *session, const struct pl_line *line);

#endif
