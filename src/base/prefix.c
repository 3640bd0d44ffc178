/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

/* A number of at most three digits, or -1. */
static int parse_bits(const char *text, size_t length)
{
    int value = 0;

    if (length == 0 || length > 3)
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

void pli_bits_cut(uint8_t bytes[static 16], unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;

        if (kept < 8)
            bytes[i] &= (uint8_t)(0xFF00 >> kept);
    }
}

bool pli_bits_same(const uint8_t *one, const uint8_t *other, unsigned bits)
{
    unsigned rest = bits % 8;

    if (memcmp(one, other, bits / 8) != 0)
        return false;
    return rest == 0 || (one[bits / 8] ^ other[bits / 8]) >> (8 - rest) == 0;
}

static bool is_mapped(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};

    return memcmp(bytes, mapped, sizeof mapped) == 0;
}

void pli_prefix_of_address(const uint8_t *bytes, size_t size, struct pli_prefix *prefix)
{
    *prefix = (struct pli_prefix){.v6 = size == 16 && !is_mapped(bytes)};
    prefix->bits = prefix->v6 ? 128 : 32;
    memcpy(prefix->bytes, size == 16 && !prefix->v6 ? bytes + 12 : bytes, prefix->v6 ? 16 : 4);
}

bool pli_prefix_parse(const char *text, size_t length, struct pli_prefix *prefix)
{
    const char *slash = length > 0 ? memchr(text, '/', length) : NULL;
    size_t size = slash ? (size_t)(slash - text) : length;
    char address[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    bool v6 = false;
    int bits;

    if (size == 0 || size >= sizeof address)
        return false;
    memcpy(address, text, size);
    address[size] = '\0';
    if (strlen(address) != size)
        return false;
    if (inet_pton(AF_INET, address, bytes) != 1)
        v6 = true;
    if (v6 && inet_pton(AF_INET6, address, bytes) != 1)
        return false;
    pli_prefix_of_address(bytes, v6 ? 16 : 4, prefix);
    if (!slash)
        return true;
    bits = parse_bits(slash + 1, length - size - 1);
    if (v6 && !prefix->v6) /* mapped: what counts is behind the mapping */
        bits = bits < 96 ? -1 : bits - 96;
    if (bits < 0 || bits > prefix->bits)
        return false;
    prefix->bits = (uint8_t)bits;
    pli_bits_cut(prefix->bytes, prefix->bits);
    return true;
}

const char *pli_prefix_text(const struct pli_prefix *prefix, char text[static PLI_PREFIX_TEXT])
{
    size_t length;

    if (!inet_ntop(prefix->v6 ? AF_INET6 : AF_INET, prefix->bytes, text, PLI_PREFIX_TEXT))
        return strcpy(text, "?");
    length = strlen(text);
    if (prefix->bits < (prefix->v6 ? 128 : 32))
        snprintf(text + length, PLI_PREFIX_TEXT - length, "/%u", prefix->bits);
    return text;
}

bool pli_prefix_covers(const struct pli_prefix *prefix, const struct pli_prefix *other)
{
    return prefix->v6 == other->v6 && prefix->bits <= other->bits &&
           pli_bits_same(prefix->bytes, other->bytes, prefix->bits);
}

static struct pli_prefix_node *node_of(struct pli_list *link)
{
    return pli_container_of(link, struct pli_prefix_node, link);
}

static struct pli_list *make_buckets(size_t size)
{
    struct pli_list *buckets = malloc(size * sizeof *buckets);

    for (size_t i = 0; buckets && i < size; i++)
        pli_list_init(&buckets[i]);
    return buckets;
}

int pli_prefix_table_init(struct pli_prefix_table *table)
{
    memset(table, 0, sizeof *table);
    table->buckets = make_buckets(FIRST_SIZE);
    table->size = FIRST_SIZE;
    return table->buckets ? 0 : -ENOMEM;
}

void pli_prefix_table_deinit(struct pli_prefix_table *table)
{
    free(table->buckets);
    table->buckets = NULL;
}

/* Who fills the table is trusted, so that no secret goes into it. */
static struct pli_list *bucket_of(struct pli_list *buckets, size_t size,
                                  const struct pli_prefix *prefix)
{
    uint64_t halves[2];
    uint64_t mixed;

    memcpy(halves, prefix->bytes, sizeof halves);
    mixed = (halves[0] ^ prefix->bits) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 32 ^ halves[1]) * UINT64_C(0xd6e8feb86659fd93);
    return &buckets[(mixed ^ mixed >> 32) & (size - 1)];
}

static void grow(struct pli_prefix_table *table)
{
    size_t size = table->size * 2;
    struct pli_list *buckets = make_buckets(size);

    if (!buckets)
        return;
    for (size_t i = 0; i < table->size; i++) {
        pli_list_for_each_safe (link, after, &table->buckets[i]) {
            pli_list_remove(link);
            pli_list_append(bucket_of(buckets, size, &node_of(link)->prefix), link);
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->size = size;
}

void pli_prefix_add(struct pli_prefix_table *table, struct pli_prefix_node *node)
{
    if (table->count >= table->size)
        grow(table);
    pli_list_append(bucket_of(table->buckets, table->size, &node->prefix), &node->link);
    table->in_use[node->prefix.v6][node->prefix.bits]++;
    table->count++;
}

void pli_prefix_remove(struct pli_prefix_table *table, struct pli_prefix_node *node)
{
    pli_list_remove(&node->link);
    table->in_use[node->prefix.v6][node->prefix.bits]--;
    table->count--;
}

static bool is_same(const struct pli_prefix *one, const struct pli_prefix *other)
{
    return one->bits == other->bits && one->v6 == other->v6 &&
           memcmp(one->bytes, other->bytes, sizeof one->bytes) == 0;
}

struct pli_prefix_node *pli_prefix_find(
    const struct pli_prefix_table *table, const struct pli_prefix *address,
    bool (*wants)(const struct pli_prefix_node *node, void *argument), void *argument)
{
    struct pli_prefix prefix = *address;

    for (int bits = address->bits; bits >= 0; bits--) {
        const struct pli_list *bucket;

        if (table->in_use[address->v6][bits] == 0)
            continue;
        prefix.bits = (uint8_t)bits;
        pli_bits_cut(prefix.bytes, prefix.bits);
        bucket = bucket_of(table->buckets, table->size, &prefix);
        for (struct pli_list *link = bucket->next; link != bucket; link = link->next)
            if (is_same(&node_of(link)->prefix, &prefix) &&
                (!wants || wants(node_of(link), argument)))
                return node_of(link);
    }
    return NULL;
}
