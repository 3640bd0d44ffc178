/* SPDX-License-Identifier: MIT */
/*
 * A hash table of elements that carry their own node and key. Keys are bytes; they are hashed with
 * SipHash-1-3 under a secret that each table draws when it is made, so that nobody can choose names
 * that all meet in one bucket. Adding and removing never fail: without memory to grow, the buckets
 * get longer. The owner of a table says which lock guards it.
 */
#ifndef PLI_BASE_HASH_H
#define PLI_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pli_hash_node {
    struct pli_hash_node *next;
    uint64_t hash; /* const while in a table */
};

struct pli_hash {
    struct pli_hash_node **buckets;
    size_t size; /* a power of two */
    size_t count;
    uint64_t secret[2]; /* const after init */
    const void *(*key)(const struct pli_hash_node *node, size_t *length);
};

/*
 * Makes an empty table. KEY tells the key of a node: bytes that do not change while the node is in
 * the table. Returns 0, -ENOMEM or the error of getrandom.
 */
int pli_hash_init(struct pli_hash *hash,
                  const void *(*key)(const struct pli_hash_node *node, size_t *length));

/* Frees the table; elements that are still in it are the caller's. */
void pli_hash_deinit(struct pli_hash *hash);

/* The node of that key, or NULL. */
struct pli_hash_node *pli_hash_find(const struct pli_hash *hash, const void *key, size_t length);

/* Adds a node whose key is in no other node of the table. */
void pli_hash_add(struct pli_hash *hash, struct pli_hash_node *node);

/* Takes out a node that is in the table. */
void pli_hash_remove(struct pli_hash *hash, struct pli_hash_node *node);

/* The node after NODE in an order of no meaning; the first for NULL; NULL after the last. */
struct pli_hash_node *pli_hash_next(const struct pli_hash *hash, const struct pli_hash_node *node);

/*
 * Goes through the table a bucket at a time, between which it may change. Gives the nodes of one
 * bucket, which follow each other by NEXT, or NULL, and moves *CURSOR on, which is 0 at first.
 * Returns false with the last bucket. A node that is there all the time is given exactly once.
 */
bool pli_hash_scan(const struct pli_hash *hash, uint64_t *cursor, struct pli_hash_node **nodes);

/* SipHash-1-3 of LENGTH bytes at DATA under SECRET. */
uint64_t pli_siphash13(const uint64_t secret[2], const void *data, size_t length);

#endif
