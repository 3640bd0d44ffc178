/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SIZE 16

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* Eight bytes, or the fewer that are left, the first the lowest. */
static uint64_t little_endian(const unsigned char *bytes, size_t length)
{
    uint64_t word = 0;

    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t pli_siphash13(const uint64_t secret[2], const void *data, size_t length)
{
    const unsigned char *bytes = data;
    uint64_t v[4] = {
        secret[0] ^ UINT64_C(0x736f6d6570736575),
        secret[1] ^ UINT64_C(0x646f72616e646f6d),
        secret[0] ^ UINT64_C(0x6c7967656e657261),
        secret[1] ^ UINT64_C(0x7465646279746573),
    };
    uint64_t word;
    size_t left;

    for (left = length; left >= 8; left -= 8, bytes += 8) {
        word = little_endian(bytes, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = little_endian(bytes, left) | (uint64_t)length << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static int draw(uint64_t secret[2])
{
    /* Up to 256 bytes come whole, or not at all before the kernel has gathered enough. */
    if (getrandom(secret, 2 * sizeof secret[0], 0) < 0)
        return -errno;
    return 0;
}

int pli_hash_init(struct pli_hash *hash,
                  const void *(*key)(const struct pli_hash_node *node, size_t *length))
{
    int rc = draw(hash->secret);

    if (rc < 0)
        return rc;
    hash->buckets = calloc(FIRST_SIZE, sizeof(struct pli_hash_node *));
    if (!hash->buckets)
        return -ENOMEM;
    hash->size = FIRST_SIZE;
    hash->count = 0;
    hash->key = key;
    return 0;
}

void pli_hash_deinit(struct pli_hash *hash)
{
    free(hash->buckets);
}

static struct pli_hash_node **bucket_of(const struct pli_hash *hash, uint64_t value)
{
    return &hash->buckets[value & (hash->size - 1)];
}

struct pli_hash_node *pli_hash_find(const struct pli_hash *hash, const void *key, size_t length)
{
    uint64_t value = pli_siphash13(hash->secret, key, length);

    for (struct pli_hash_node *node = *bucket_of(hash, value); node; node = node->next) {
        size_t its_length;
        const void *its_key;

        if (node->hash != value)
            continue;
        its_key = hash->key(node, &its_length);
        if (its_length == length && memcmp(its_key, key, length) == 0)
            return node;
    }
    return NULL;
}

static void insert(struct pli_hash *hash, struct pli_hash_node *node)
{
    struct pli_hash_node **bucket = bucket_of(hash, node->hash);

    node->next = *bucket;
    *bucket = node;
}

/* Doubles the buckets. Without memory the table stays as it is, and is tried again at the next. */
static void grow(struct pli_hash *hash)
{
    struct pli_hash_node **old = hash->buckets;
    struct pli_hash_node **buckets = calloc(hash->size * 2, sizeof(struct pli_hash_node *));
    size_t old_size = hash->size;

    if (!buckets)
        return;
    hash->buckets = buckets;
    hash->size *= 2;
    for (size_t i = 0; i < old_size; i++) {
        for (struct pli_hash_node *node = old[i], *next; node; node = next) {
            next = node->next;
            insert(hash, node);
        }
    }
    free(old);
}

void pli_hash_add(struct pli_hash *hash, struct pli_hash_node *node)
{
    size_t length;
    const void *key = hash->key(node, &length);

    if (hash->count >= hash->size)
        grow(hash);
    node->hash = pli_siphash13(hash->secret, key, length);
    insert(hash, node);
    hash->count++;
}

void pli_hash_remove(struct pli_hash *hash, struct pli_hash_node *node)
{
    struct pli_hash_node **link = bucket_of(hash, node->hash);

    while (*link && *link != node)
        link = &(*link)->next;
    assert(*link);
    *link = node->next;
    node->next = NULL;
    hash->count--;
}

struct pli_hash_node *pli_hash_next(const struct pli_hash *hash, const struct pli_hash_node *node)
{
    size_t i = 0;

    if (node) {
        if (node->next)
            return node->next;
        i = (node->hash & (hash->size - 1)) + 1;
    }
    for (; i < hash->size; i++)
        if (hash->buckets[i])
            return hash->buckets[i];
    return NULL;
}

static uint64_t reverse_bits(uint64_t word)
{
    word = (word >> 1 & UINT64_C(0x5555555555555555)) | (word & UINT64_C(0x5555555555555555)) << 1;
    word = (word >> 2 & UINT64_C(0x3333333333333333)) | (word & UINT64_C(0x3333333333333333)) << 2;
    word = (word >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) | (word & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    return __builtin_bswap64(word);
}

/*
 * Buckets come in the order of their numbers read backwards, the lowest bit first: when a table
 * grows, a bucket becomes two that follow each other in that order, where the old one was. The
 * cursor is such a number, at the top of its word; after the last one it is 0 again.
 */
bool pli_hash_scan(const struct pli_hash *hash, uint64_t *cursor, struct pli_hash_node **nodes)
{
    *nodes = hash->buckets[reverse_bits(*cursor) & (hash->size - 1)];
    *cursor += reverse_bits(hash->size >> 1);
    return *cursor != 0;
}
