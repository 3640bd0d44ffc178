/* SPDX-License-Identifier: MIT */
/*
 * Addresses: a compact form for peers, texts for it, and how many sessions each address has. An
 * IPv4 address that comes mapped into IPv6 (RFC 4291, 2.5.5.2) is IPv4 here.
 */
#ifndef PLI_TRANSPORT_ADDRESS_H
#define PLI_TRANSPORT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct pli_address {
    uint8_t bytes[16]; /* network order; IPv4 in the first four, the rest 0 */
    uint16_t port;
    uint8_t family; /* AF_INET, AF_INET6 or AF_UNIX */
    uint8_t bits;   /* of a session's: its group is that of so many bits; otherwise 0 */
};

void pli_address_set(struct pli_address *address, const struct sockaddr_storage *from,
                     socklen_t length);

/* Four bytes of AF_INET or sixteen of AF_INET6, in network order. */
void pli_address_take(struct pli_address *address, int family, const uint8_t *bytes, unsigned port);

/* Reads the text of an IPv4 or IPv6 address, without brackets or a zone. Returns 0 or -EINVAL. */
int pli_address_read(const char *text, unsigned port, struct pli_address *address);

/* "192.0.2.1", "2001:db8::1" or "unix", cut to SIZE. Returns TEXT. */
const char *pli_address_text(const struct pli_address *address, char *text, size_t size);

/* Whether they are the same but for the port. */
bool pli_address_same(const struct pli_address *one, const struct pli_address *other);

/* A Unix socket, 127.0.0.0/8 or ::1. */
bool pli_address_is_local(const struct pli_address *address);

/*
 * Reads an address text (IPv6 with or without brackets, "*": every address) and a port. *DUAL: one
 * IPv6 socket for both families is wanted. Returns 0 or -EINVAL.
 */
int pli_address_parse(const char *text, unsigned port, struct sockaddr_storage *address,
                      socklen_t *length, bool *dual);

/* How many bits of an address say whose it is: what is limited by address is for those. */
struct pli_prefixes {
    uint8_t ipv4; /* 1 to 32 */
    uint8_t ipv6; /* 1 to 128 */
};

static inline uint8_t pli_prefix_of(const struct pli_prefixes *prefixes,
                                    const struct pli_address *address)
{
    return address->family == AF_INET ? prefixes->ipv4 : prefixes->ipv6;
}

/* The group that ADDRESS, IPv4 or IPv6, belongs to: its first BITS, and nothing more. */
struct pli_address pli_address_group(const struct pli_address *address, unsigned bits);

/* Sessions by group. The caller locks. */
struct pli_address_counts {
    void *tree;
};

/* Counts one more of a group. Returns 0, -EUSERS if there are LIMIT already, or -ENOMEM. */
int pli_address_count(struct pli_address_counts *counts, const struct pli_address *group,
                      unsigned limit);

/* Takes one back that has been counted. */
void pli_address_uncount(struct pli_address_counts *counts, const struct pli_address *group);

#endif
