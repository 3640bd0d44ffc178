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
};

void pli_address_set(struct pli_address *address, const struct sockaddr_storage *from,
                     socklen_t length);

/* "192.0.2.1", "2001:db8::1" or "unix", cut to SIZE. Returns TEXT. */
const char *pli_address_text(const struct pli_address *address, char *text, size_t size);

/* A Unix socket, 127.0.0.0/8 or ::1. */
bool pli_address_is_local(const struct pli_address *address);

/*
 * Reads an address text (IPv6 with or without brackets, "*": every address) and a port. *DUAL: one
 * IPv6 socket for both families is wanted. Returns 0 or -EINVAL.
 */
int pli_address_parse(const char *text, unsigned port, struct sockaddr_storage *address,
                      socklen_t *length, bool *dual);

/*
 * Sessions by address; IPv6 addresses are counted by their /64, which is what one customer has.
 * The caller locks.
 */
struct pli_address_counts {
    void *tree;
};

/* Counts one more. Returns 0, -EUSERS if there are LIMIT already, or -ENOMEM. */
int pli_address_count(struct pli_address_counts *counts, const struct pli_address *address,
                      unsigned limit);

/* Takes one back that has been counted. */
void pli_address_uncount(struct pli_address_counts *counts, const struct pli_address *address);

#endif
