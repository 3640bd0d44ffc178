/* SPDX-License-Identifier: MIT */
/*
 * Networks: sets of addresses that begin with the same bits (RFC 4632; RFC 4291, section 2.3), to
 * say which peers something is for.
 */
#ifndef PACELINE_NETWORK_H
#define PACELINE_NETWORK_H

#include <stdint.h>

#include <paceline/version.h>

/* Filled by pl_network_parse(); may be copied. */
struct pl_network {
    uint8_t family;    /* AF_INET, AF_INET6 or AF_UNIX */
    uint8_t bits;      /* that count */
    uint8_t bytes[16]; /* network order, 0 beyond those bits; IPv4 in the first four */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", one address ("192.0.2.1", "2001:db8::1"), or "unix", which
 * is every Unix socket. Bits of an address beyond the length must be 0. IPv4 networks mapped into
 * IPv6 (RFC 4291, section 2.5.5.2) are taken as IPv4. Returns 0 or -EINVAL. Any thread.
 */
PL_EXPORT int pl_network_parse(const char *text, struct pl_network *network);

#endif
