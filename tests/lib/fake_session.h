/* SPDX-License-Identifier: MIT */
/*
 * Sessions without a server: the functions of <paceline/session.h> as far as services use them,
 * recording what is sent, so that chat and services are tested without sockets and threads. A
 * program links libfake.la, before the libraries that have the real ones.
 *
 * As a real one, a fake session takes nothing any more once it is closed or a send has failed.
 * What is recorded may be read and set from any thread.
 */
#ifndef TESTS_LIB_FAKE_SESSION_H
#define TESTS_LIB_FAKE_SESSION_H

#include <paceline/session.h>

#include <stdbool.h>

/* Makes a session with one reference; ends the program without memory. */
struct pl_session *fake_new(void *context);

/* Gives the reference of fake_new() back, which must be the last one. NULL is allowed. */
void fake_free(struct pl_session *session);

/*
 * All that was sent since the last call, as a string (NUL bytes stay; *LENGTH, if not NULL, counts
 * them). Valid until the next call for that session.
 */
const char *fake_take(struct pl_session *session, size_t *length);

/* How many sends it took. */
size_t fake_sends(struct pl_session *session);

/* Lets the next send that goes beyond BYTES since fake_new() fail with -ENOBUFS. */
void fake_limit(struct pl_session *session, size_t bytes);

/* It speaks TLS; without that anybody can listen in. */
void fake_speak_tls(struct pl_session *session);

/* From now on a close does not keep it from taking what is sent; fake_ended() tells it all the same. */
void fake_keep_open(struct pl_session *session);

/* 0: it is open; -ENOTCONN: pl_session_close() was called; else what a send has failed with. */
int fake_ended(struct pl_session *session);

/* Milliseconds: what pl_session_slow() was last called with since the last call here, or 0. */
unsigned fake_slowed(struct pl_session *session);

/* Whether pl_session_again() or _wake() was called since the last call here, in a call. */
bool fake_again(struct pl_session *session);

/* Whether pl_session_wipe_line() was called since the last call here, in a call. */
bool fake_wiped(struct pl_session *session);

/* What pl_session_set_timer() was last called with, or 0. */
unsigned fake_timer(struct pl_session *session);

/*
 * Whether pl_session_work() was called and has not been finished yet. It is done here, work and
 * done, for a session that is open as OPEN says; before fake_free() it must have been.
 */
bool fake_works(struct pl_session *session);
void fake_work(struct pl_session *session, bool open);

#endif
