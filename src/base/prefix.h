/* SPDX-License-Identifier: MIT */
/*
 * Prefixes of addresses, "192.0.2.0/24" or "2001:db8::/32", an address being the longest one; and
 * tables of them: finding what covers an address costs a look for each length that is in use, so
 * that it does not matter how many prefixes there are. An IPv4 address that is mapped into IPv6 is
 * IPv4 here. The owner of a table says which lock guards it.
 */
#ifndef PLI_BASE_PREFIX_H
#define PLI_BASE_PREFIX_H

#include "base/list.h"

#include <stdint.h>

/* Keeps the first BITS bits of an address. */
void pli_bits_cut(uint8_t bytes[static 16], unsigned bits);

/* Whether the first BITS of both are the same. */
bool pli_bits_same(const uint8_t *one, const uint8_t *other, unsigned bits);

struct pli_prefix {
    uint8_t bytes[16]; /* network order; IPv4 in the first four; 0 behind the prefix */
    uint8_t bits;
    bool v6;
};

#define PLI_PREFIX_TEXT 50 /* bytes of the longest text, its NUL included */

/* Reads LENGTH bytes of TEXT; what stands behind the prefix becomes 0. False: it is none. */
bool pli_prefix_parse(const char *text, size_t length, struct pli_prefix *prefix);

/* An address in network order, of 4 or 16 bytes. */
void pli_prefix_of_address(const uint8_t *bytes, size_t size, struct pli_prefix *prefix);

/* "192.0.2.0/24", and of an address the address alone. Returns TEXT. */
const char *pli_prefix_text(const struct pli_prefix *prefix, char text[static PLI_PREFIX_TEXT]);

/* Whether all addresses of OTHER are among those of PREFIX. */
bool pli_prefix_covers(const struct pli_prefix *prefix, const struct pli_prefix *other);

/* An element of a table, which carries its node. */
struct pli_prefix_node {
    struct pli_list link;
    struct pli_prefix prefix; /* const while in a table */
};

struct pli_prefix_table {
    struct pli_list *buckets;
    size_t size; /* a power of two */
    size_t count;
    uint32_t in_use[2][129]; /* of IPv4, and IPv6: nodes with that many bits */
};

/* Returns 0 or -ENOMEM. Elements that are in a table at its end are the caller's. */
int pli_prefix_table_init(struct pli_prefix_table *table);
void pli_prefix_table_deinit(struct pli_prefix_table *table);

/* Several nodes may have one prefix. Without memory to grow, the buckets get longer. */
void pli_prefix_add(struct pli_prefix_table *table, struct pli_prefix_node *node);
void pli_prefix_remove(struct pli_prefix_table *table, struct pli_prefix_node *node);

/*
 * A node whose prefix covers ADDRESS and that WANTS wants, NULL: any; longer prefixes come first.
 * NULL: there is none.
 */
struct pli_prefix_node *pli_prefix_find(
    const struct pli_prefix_table *table, const struct pli_prefix *address,
    bool (*wants)(const struct pli_prefix_node *node, void *argument), void *argument);

#endif
