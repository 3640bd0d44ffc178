/* SPDX-License-Identifier: MIT */
/*
 * A peer: the client's end of a connection, for tests. It waits for everything with a deadline
 * (tests/lib/expect.h) and keeps what it has received until the test asks for it.
 *
 * The peer_* functions return errors and may be used in any thread, one peer in one thread at a
 * time; a mute one may send in one and receive in another. The PEER_* macros end the test when something else happens than what they name.
 */
#ifndef TESTS_LIB_PEER_H
#define TESTS_LIB_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/lib/expect.h"

struct peer;

/*
 * A receive buffer that is soon full. One that holds less than a segment of the loopback lets the kernel
 * forget to open the window again: what is left comes by probes then, seconds apart.
 */
#define PEER_SMALL_WINDOW 65536

/* Where and how to connect. Zero is 127.0.0.1 with the kernel's buffer sizes. */
struct peer_target {
    const char *address; /* IPv4 or IPv6, NULL: 127.0.0.1 */
    unsigned port;
    const char *from;   /* local address to connect from, or NULL */
    const char *path;   /* a Unix socket instead */
    int receive_buffer; /* SO_RCVBUF, 0: the kernel's choice; see PEER_SMALL_WINDOW */
    bool mute;          /* receives nothing but what it is asked to */
};

/* Connects. Returns 0 or a negative errno, -ETIMEDOUT after the deadline. */
int peer_open(const struct peer_target *target, struct peer **peer);

/* Closes (in good order) and frees. NULL is allowed. */
void peer_close(struct peer *peer);

/* Breaks the connection (RST) and frees. */
void peer_reset(struct peer *peer);

/* Ends the peer's output; it still receives. Returns 0 or a negative errno. */
int peer_half_close(struct peer *peer);

/*
 * What a peer speaks over the socket instead of bytes as they are: as recv(2) and send(2) with errno,
 * and as peer_half_close(). The peer frees it.
 */
struct peer_layer {
    ssize_t (*receive)(struct peer_layer *layer, void *data, size_t size);
    ssize_t (*send)(struct peer_layer *layer, const void *data, size_t size);
    int (*half_close)(struct peer_layer *layer);
    void (*free)(struct peer_layer *layer);
};

/* Has each peer that is opened from now on do this first, whose error is then that of opening. */
void peer_set_opened(int (*call)(struct peer *peer));

void peer_set_layer(struct peer *peer, struct peer_layer *layer);
struct peer_layer *peer_layer(const struct peer *peer);

/* The socket, for what a test does by itself; what it receives there the peer does not see. */
int peer_descriptor(const struct peer *peer);

/* The port it connects from. */
unsigned peer_local_port(const struct peer *peer);

/*
 * Sends all of DATA; what arrives meanwhile is received and kept, unless the peer is mute. Returns
 * 0 or a negative errno: -EPIPE and -ECONNRESET when the other end has closed, -ETIMEDOUT.
 */
int peer_send(struct peer *peer, const void *data, size_t size);

/*
 * Receives until SIZE bytes are kept. Returns 0, -ENODATA at the end of input, -ECONNRESET,
 * -ETIMEDOUT.
 */
int peer_receive(struct peer *peer, size_t size);

/*
 * Receives what is there, without waiting. Returns 0, -EAGAIN where nothing is, -ENODATA at the end
 * of input, -ECONNRESET.
 */
int peer_receive_now(struct peer *peer);

/* What is kept: so many bytes, at DATA until the next call for that peer. */
size_t peer_kept(const struct peer *peer, const char **data);

/* Drops the first SIZE bytes of what is kept. */
void peer_drop(struct peer *peer, size_t size);

/*
 * Takes the next line, without its LF or CR LF, as a string that is valid until the next call for
 * that peer. Returns 0 or the errors of peer_receive().
 */
int peer_next_line(struct peer *peer, char **line);

/*
 * Receives until the connection ends. Returns 0 at the end of input, or -ECONNRESET or -ETIMEDOUT.
 * All that came before is kept.
 */
int peer_receive_end(struct peer *peer);

/* Connects to TARGET, or to a port of 127.0.0.1. */
#define PEER_OPEN(...)       peer_must_open(HERE, &(struct peer_target){__VA_ARGS__})
#define PEER_CONNECT(number) PEER_OPEN(.port = (number))

#define PEER_SEND(peer, data, size) peer_must_send(HERE, peer, data, size)
#define PEER_SEND_TEXT(peer, text)  peer_must_send_text(HERE, peer, text)
#define PEER_HALF_CLOSE(peer)       EXPECT_RESULT(peer_half_close(peer), 0)

/* The next bytes are exactly these. */
#define PEER_EXPECT(peer, text)             peer_must_receive_text(HERE, peer, text)
#define PEER_EXPECT_BYTES(peer, data, size) peer_must_receive(HERE, peer, data, size)

/* The next line, without its end, is exactly TEXT. */
#define PEER_EXPECT_LINE(peer, text) peer_must_receive_line(HERE, peer, text)

/* The next line matches PATTERN, an extended regular expression (regex(7)) for the whole line. */
#define PEER_EXPECT_MATCH(peer, pattern) peer_must_match(HERE, peer, pattern)

/* Lines are dropped up to and with the first that matches PATTERN. */
#define PEER_SKIP_TO(peer, pattern) peer_must_skip_to(HERE, peer, pattern)

/* Nothing more comes, and the connection ends: in good order (FIN), broken, or in either way. */
#define PEER_EXPECT_END(peer)   peer_must_end(HERE, peer, PEER_END_CLEAN)
#define PEER_EXPECT_RESET(peer) peer_must_end(HERE, peer, PEER_END_RESET)
#define PEER_EXPECT_GONE(peer)  peer_must_end(HERE, peer, PEER_END_ANY)

/* The connection ends in either way, whatever comes before. */
#define PEER_DRAIN(peer) peer_must_drain(HERE, peer)

enum peer_end { PEER_END_CLEAN, PEER_END_RESET, PEER_END_ANY };

struct peer *peer_must_open(struct place place, const struct peer_target *target);
void peer_must_send(struct place place, struct peer *peer, const void *data, size_t size);
void peer_must_send_text(struct place place, struct peer *peer, const char *text);
void peer_must_receive(struct place place, struct peer *peer, const void *data, size_t size);
void peer_must_receive_text(struct place place, struct peer *peer, const char *text);
void peer_must_receive_line(struct place place, struct peer *peer, const char *text);
void peer_must_match(struct place place, struct peer *peer, const char *pattern);
void peer_must_skip_to(struct place place, struct peer *peer, const char *pattern);
void peer_must_end(struct place place, struct peer *peer, enum peer_end end);
void peer_must_drain(struct place place, struct peer *peer);

#endif
