/* SPDX-License-Identifier: MIT */
/*
 * A session: one connection, as a service sees it.
 *
 * Calls marked "any thread" may be made from everywhere, by whoever is inside a service call of
 * that session or holds a reference (pl_session_ref()). Calls marked "in a call" may only be made
 * for the session of the service call that runs, from its thread.
 */
#ifndef PACELINE_SESSION_H
#define PACELINE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <paceline/version.h>

struct pl_message;
struct pl_network;
struct pl_server;
struct pl_session;

/*
 * Queues LENGTH bytes of DATA (copied) for the peer, in the order of the calls. Never blocks, and
 * sends nothing itself: the queue is written when the service call has returned. Returns 0,
 * -ENOTCONN when the session is ending, -ENOBUFS when the out-queue passed its limit (the session
 * is then ended with PL_REASON_SENDQ), or -ENOMEM (ended with PL_REASON_NO_MEMORY). Any thread.
 */
PL_EXPORT int pl_session_send(struct pl_session *session, const void *data, size_t length);

/*
 * The same for a message, which is shared, not copied; the caller keeps its reference. Any thread.
 */
PL_EXPORT int pl_session_send_message(struct pl_session *session, struct pl_message *message);

/* The same for formatted text of any length; -EINVAL if it cannot be formatted. Any thread. */
PL_EXPORT int pl_session_printf(struct pl_session *session, const char *format, ...)
    PL_PRINTF(2, 3);

/*
 * Ends the session: no more lines are delivered and service.close comes with PL_REASON_CLOSED;
 * what is queued is still written, then the connection is closed. Any thread; again is harmless.
 */
PL_EXPORT void pl_session_close(struct pl_session *session);

/*
 * Takes a reference, which keeps the pointer valid beyond close; returns its argument. Any thread.
 */
PL_EXPORT struct pl_session *pl_session_ref(struct pl_session *session);

/* Gives a reference back. NULL is allowed. Any thread. */
PL_EXPORT void pl_session_unref(struct pl_session *session);

/* A number that no other session of this server has had, or will have for long. Any thread. */
PL_EXPORT uint64_t pl_session_id(const struct pl_session *session);

/* The service's own pointer, NULL at first. Set it in a call; read it in a call. */
PL_EXPORT void pl_session_set_data(struct pl_session *session, void *data);
PL_EXPORT void *pl_session_data(const struct pl_session *session);

/* What pl_server_listen() or pl_connect() was given, and the server. Any thread. */
PL_EXPORT void *pl_session_context(const struct pl_session *session);
PL_EXPORT struct pl_server *pl_session_server(const struct pl_session *session);

/*
 * The peer's address as text without port ("192.0.2.1", "2001:db8::1", "unix"), NUL terminated, cut
 * to SIZE bytes. PL_ADDRESS_TEXT bytes are always enough. Returns TEXT. Any thread.
 */
#define PL_ADDRESS_TEXT 64
PL_EXPORT const char *pl_session_peer(const struct pl_session *session, char *text, size_t size);

/* The peer's port; 0 on a Unix socket. Any thread. */
PL_EXPORT unsigned pl_session_peer_port(const struct pl_session *session);

/* Whether the peer is on this machine: a loopback address or a Unix socket. Any thread. */
PL_EXPORT bool pl_session_is_local(const struct pl_session *session);

/* Whether the peer's address is one of that network. Any thread. */
PL_EXPORT bool pl_session_is_from(const struct pl_session *session,
                                  const struct pl_network *network);

/*
 * Gives the peer another address, an IPv4 or IPv6 address as text, and port, because a gateway that
 * is believed has named them (PL_SERVICE_NAMES_PEERS). From then on the session counts as one of
 * that address. With ADDRESS NULL the peer keeps its own, and the session counts as one of that, if
 * it has not done so before. Returns 0; -EINVAL (no address, or no port); or PL_REASON_PER_ADDRESS,
 * PL_REASON_CONNECT_RATE or PL_REASON_NO_MEMORY: then nothing has changed, and the session should be
 * closed. In a call, while no other thread asks for the peer of that session.
 */
PL_EXPORT int pl_session_set_peer(struct pl_session *session, const char *address, unsigned port);

/*
 * The name of the class that the session is in (pl_server_set_classes()), valid as long as the
 * session; NULL: in none. Any thread.
 */
PL_EXPORT const char *pl_session_class(const struct pl_session *session);

/*
 * The user and group of the process at the other end of a Unix socket (SO_PEERCRED). Returns 0, or
 * -ENOTSUP on other sockets, or the error of getsockopt. In a call.
 */
PL_EXPORT int pl_session_credentials(const struct pl_session *session, uint32_t *uid,
                                     uint32_t *gid);

/* Whether the peer speaks TLS (paceline/tls.h). Any thread. */
PL_EXPORT bool pl_session_is_tls(const struct pl_session *session);

/*
 * What was agreed upon, as in "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; static, NULL without TLS. In a
 * call.
 */
PL_EXPORT const char *pl_session_tls_version(const struct pl_session *session);
PL_EXPORT const char *pl_session_tls_cipher(const struct pl_session *session);

/*
 * The SHA-256 digest of the certificate that the peer has shown, as hexadecimal digits in lower case
 * with a NUL, which take PL_FINGERPRINT_TEXT bytes; SIZE of TEXT is at least that. The peer has the
 * certificate's key; whatever else the certificate says has not been verified. Returns 0, -ENOENT
 * (it has shown none, or there is no TLS), or -ENOMEM. In a call.
 */
#define PL_FINGERPRINT_TEXT 65
PL_EXPORT int pl_session_tls_fingerprint(const struct pl_session *session, char *text, size_t size);

/*
 * Lets service.timer be called once, MILLISECONDS from now; 0 takes the timer back. One timer a
 * session: setting it again moves it. In a call.
 */
PL_EXPORT void pl_session_set_timer(struct pl_session *session, unsigned milliseconds);

/*
 * Delivers no further line for MILLISECONDS: the brake for a peer that floods. Input is taken in
 * meanwhile, up to the listener's max_line and recvq together; more ends the session with
 * PL_REASON_RECVQ. Lines that wait are delivered afterwards; 0 lets them through at once. In a
 * call.
 */
PL_EXPORT void pl_session_slow(struct pl_session *session, unsigned milliseconds);

/*
 * Whether so much is queued for the peer, more than half of the listener's high_water, that what it
 * can do without should be left out. Any thread.
 */
PL_EXPORT bool pl_session_is_behind(const struct pl_session *session);

/*
 * The line of the running call has a secret in it, as a password: where the session has it, it is
 * overwritten once the call has returned. In service.line.
 */
PL_EXPORT void pl_session_wipe_line(struct pl_session *session);

/*
 * Lets service.again be called once the running call has returned and no more output than the
 * listener's high_water is queued, and before any further line is delivered: for answers that are
 * too long to be queued at once. In a call, service.again among them.
 */
PL_EXPORT void pl_session_again(struct pl_session *session);

/*
 * The same by whoever has something to say to the session that is too long to be queued at once:
 * service.again is called as an event of its own, or before the next line. Several calls may come
 * to one. Any thread.
 */
PL_EXPORT void pl_session_wake(struct pl_session *session);

/*
 * Parks the session: once the running call has returned, no line is delivered and nothing is read
 * until pl_session_resume(). For answers that take long and come from elsewhere: no thread waits.
 * In a call; not twice.
 */
PL_EXPORT void pl_session_park(struct pl_session *session);

/*
 * Ends the parking: service.resume is called as an event of its own, then the waiting lines are
 * delivered. Exactly one call for one pl_session_park(); it may come before the call that parked
 * has returned. Harmless if the session ended meanwhile. Any thread.
 */
PL_EXPORT void pl_session_resume(struct pl_session *session);

/*
 * Parks the session, has WORK(argument) done by a thread of the server's helper pool, and then
 * calls DONE(session, open, argument) as an event of the session, which goes on afterwards, without
 * pl_session_resume(). DONE is called exactly once after WORK, also when the session has ended in
 * the meantime (then OPEN is false, sends are dropped and the session's data is gone) and when the
 * server has stopped (then by pl_server_free()). Returns 0; -EAGAIN when the helper pool's bounded
 * queue is full or no helper can be started, or -ENOMEM: neither function is called then and
 * nothing is parked. In a call; not while parked.
 */
PL_EXPORT int pl_session_work(struct pl_session *session, void (*work)(void *argument),
                              void (*done)(struct pl_session *session, bool open, void *argument),
                              void *argument);

/*
 * Brackets for a call that is about to block (a service's, or of a timer, post or signal): between
 * them another thread of the pool runs in its place, if need be one of the server's spare_threads.
 * They do nothing on other threads and under models that have no use for them. They do not nest.
 * What is awaited in between must not depend on this pool's progress.
 */
PL_EXPORT void pl_blocking_begin(void);
PL_EXPORT void pl_blocking_end(void);

#endif
