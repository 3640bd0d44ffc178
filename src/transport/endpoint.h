/* SPDX-License-Identifier: MIT */
/* Where to connect to: addresses from texts, paths and names. */
#ifndef PLI_TRANSPORT_ENDPOINT_H
#define PLI_TRANSPORT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct pli_endpoint {
    struct sockaddr_storage address;
    socklen_t length;
};

/* In the order in which they are to be tried. LIST is from malloc(). */
struct pli_endpoints {
    struct pli_endpoint *list;
    size_t count;
};

/* Reads an IPv4 or IPv6 address. Returns 0, or -EINVAL: HOST is none, but may be a name. */
int pli_endpoint_parse(const char *host, unsigned port, struct pli_endpoint *endpoint);

/* A Unix socket. Returns 0, -EINVAL (empty) or -ENAMETOOLONG. */
int pli_endpoint_unix(const char *path, struct pli_endpoint *endpoint);

/*
 * Puts the families in turn, beginning with that of the first, and leaves each one's order as it is
 * (RFC 8305, section 4).
 */
void pli_endpoints_interleave(struct pli_endpoints *endpoints);

/*
 * Looks HOST up, which may take as long as getaddrinfo(3) does, and puts the families in turn.
 * Returns 0 and at least one, or -ENOENT (no such host, or it has no address), -EAGAIN (not now),
 * -EIO (not at all), -ENOMEM, or the system's error.
 */
int pli_endpoints_resolve(const char *host, unsigned port, struct pli_endpoints *endpoints);

#endif
