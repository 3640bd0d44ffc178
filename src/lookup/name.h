/* SPDX-License-Identifier: MIT */
/* Addresses as the domain name system writes them, and names that may be shown. */
#ifndef LOOKUP_NAME_H
#define LOOKUP_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOKUP_NAME_MAX 255 /* bytes of a name (RFC 1035, 2.3.4) */

struct lookup_address {
    int family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];
};

/* Reads "192.0.2.1" or "2001:db8::1"; false: it is neither. */
bool lookup_address_read(const char *text, struct lookup_address *address);

/* How many bytes of it count. */
size_t lookup_address_size(const struct lookup_address *address);

/*
 * Writes the name that stands for an address in ZONE: its bytes, or for IPv6 its nibbles (RFC 3596,
 * 2.5; RFC 5782, 2.4), the last one first. With ZONE NULL the one under which its own name is asked
 * for. Returns false when that is too long to be a name.
 */
bool lookup_name_of(const struct lookup_address *address, const char *zone,
                    char name[LOOKUP_NAME_MAX + 1]);

/*
 * Whether a name may stand for somebody's host: labels of letters, digits and dashes (RFC 1123,
 * 2.1), at least two, the last of them no number, at most MOST bytes; and nothing that is not a name
 * but looks like what we write instead of one.
 */
bool lookup_name_is_showable(const char *name, size_t most);

#endif
