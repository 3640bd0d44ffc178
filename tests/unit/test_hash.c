/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/hash.h"
#include "base/list.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct pli_hash_node node;
    char key[16];
    int visits;
};

static const void *entry_key(const struct pli_hash_node *node, size_t *length)
{
    const struct entry *entry = (const struct entry *)node;

    *length = strlen(entry->key);
    return entry->key;
}

static struct entry *find(const struct pli_hash *hash, const char *key)
{
    return (struct entry *)pli_hash_find(hash, key, strlen(key));
}

/* Vectors of SipHash-1-3 with the key 00 01 .. 0f over the bytes 00 01 02 ... */
static void siphash_gives_the_reference_values(void)
{
    static const uint64_t secret[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    static const uint64_t expected[] = {
        UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93), UINT64_C(0x82cb9b024dc7d44d),
        UINT64_C(0x8bf80ab8e7ddf7fb), UINT64_C(0xcf75576088d38328), UINT64_C(0xdef9d52f49533b67),
        UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140), UINT64_C(0x369095118d299a8e),
        UINT64_C(0x25a48eb36c063de4), UINT64_C(0x79de85ee92ff097f), UINT64_C(0x70c118c1f94dc352),
        UINT64_C(0x78a384b157b4d9a2), UINT64_C(0x306f760c1229ffa7), UINT64_C(0x605aa111c0f95d34),
        UINT64_C(0xd320d86d2a519956), UINT64_C(0xcc4fdd1a7d908b66), UINT64_C(0x9cf2689063dbd80c),
    };
    unsigned char data[sizeof expected / sizeof expected[0]];

    for (size_t i = 0; i < sizeof data; i++) {
        CU_ASSERT_EQUAL(pli_siphash13(secret, data, i), expected[i]);
        data[i] = (unsigned char)i;
    }
}

#define MANY 5000

static struct entry *make_many(struct pli_hash *hash)
{
    struct entry *entries = calloc(MANY, sizeof *entries);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entries);
    CU_ASSERT_EQUAL_FATAL(pli_hash_init(hash, entry_key), 0);
    for (int i = 0; i < MANY; i++) {
        snprintf(entries[i].key, sizeof entries[i].key, "key-%d", i);
        pli_hash_add(hash, &entries[i].node);
    }
    CU_ASSERT_EQUAL(hash->count, MANY);
    return entries;
}

static void what_was_added_is_found_until_removed(void)
{
    struct pli_hash hash;
    struct entry *entries = make_many(&hash);

    for (int i = 0; i < MANY; i++)
        CU_ASSERT_PTR_EQUAL_FATAL(find(&hash, entries[i].key), &entries[i]);
    for (int i = 0; i < MANY; i += 2)
        pli_hash_remove(&hash, &entries[i].node);
    CU_ASSERT_EQUAL(hash.count, MANY / 2);
    for (int i = 0; i < MANY; i++)
        CU_ASSERT_PTR_EQUAL_FATAL(find(&hash, entries[i].key), i % 2 ? &entries[i] : NULL);
    CU_ASSERT_PTR_NULL(find(&hash, "key"));
    CU_ASSERT_PTR_NULL(find(&hash, ""));
    pli_hash_deinit(&hash);
    free(entries);
}

static void a_walk_meets_every_element_once(void)
{
    struct pli_hash hash;
    struct entry *entries = make_many(&hash);

    for (struct pli_hash_node *node = NULL; (node = pli_hash_next(&hash, node));)
        ((struct entry *)node)->visits++;
    for (int i = 0; i < MANY; i++)
        CU_ASSERT_EQUAL_FATAL(entries[i].visits, 1);
    pli_hash_deinit(&hash);
    free(entries);
}

static size_t count_visits(struct pli_hash_node *nodes)
{
    size_t count = 0;

    for (; nodes; nodes = nodes->next, count++)
        ((struct entry *)nodes)->visits++;
    return count;
}

/* Half of them are added, and a fourth removed, while the scan goes on. */
static void a_scan_meets_once_what_stays_while_the_table_changes(void)
{
    struct pli_hash hash;
    struct entry *entries = make_many(&hash);
    struct pli_hash_node *nodes;
    uint64_t cursor = 0;
    int changed = MANY / 2;
    bool more = true;

    pli_hash_deinit(&hash);
    CU_ASSERT_EQUAL_FATAL(pli_hash_init(&hash, entry_key), 0);
    for (int i = 0; i < MANY / 2; i++)
        pli_hash_add(&hash, &entries[i].node);
    for (size_t met = 0; more; met += count_visits(nodes)) {
        if (met > 100 && changed < MANY) {
            pli_hash_add(&hash, &entries[changed].node);
            if (changed % 2)
                pli_hash_remove(&hash, &entries[changed - MANY / 2].node);
            changed++;
        }
        more = pli_hash_scan(&hash, &cursor, &nodes);
    }
    CU_ASSERT_EQUAL(cursor, 0);
    for (int i = 0; i < MANY; i++) {
        bool stays = i < MANY / 2 && (i + MANY / 2) % 2 == 0;

        CU_ASSERT_FATAL(stays ? entries[i].visits == 1 : entries[i].visits <= 1);
    }
    pli_hash_deinit(&hash);
    free(entries);
}

static void an_empty_table_has_nothing_to_walk_over(void)
{
    struct pli_hash hash;

    CU_ASSERT_EQUAL_FATAL(pli_hash_init(&hash, entry_key), 0);
    CU_ASSERT_PTR_NULL(pli_hash_next(&hash, NULL));
    CU_ASSERT_PTR_NULL(find(&hash, "a"));
    pli_hash_deinit(&hash);
}

static void two_tables_hash_differently(void)
{
    struct pli_hash one, two;

    CU_ASSERT_EQUAL_FATAL(pli_hash_init(&one, entry_key), 0);
    CU_ASSERT_EQUAL_FATAL(pli_hash_init(&two, entry_key), 0);
    CU_ASSERT(pli_siphash13(one.secret, "key", 3) != pli_siphash13(two.secret, "key", 3));
    pli_hash_deinit(&one);
    pli_hash_deinit(&two);
}

struct item {
    int number;
    struct pli_list link;
};

static int number_of(struct pli_list *link)
{
    return pli_container_of(link, struct item, link)->number;
}

static void a_list_keeps_the_order_and_lets_go(void)
{
    struct item items[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
    struct pli_list list;
    int expected = 0;

    pli_list_init(&list);
    CU_ASSERT(pli_list_is_empty(&list));
    for (int i = 1; i < 4; i++)
        pli_list_append(&list, &items[i].link);
    pli_list_prepend(&list, &items[0].link);
    pli_list_for_each (link, &list)
        CU_ASSERT_EQUAL(number_of(link), expected++);
    CU_ASSERT_EQUAL(expected, 4);
    pli_list_for_each_safe (link, after, &list) {
        if (number_of(link) % 2)
            pli_list_remove(link);
    }
    CU_ASSERT_EQUAL(number_of(list.next), 0);
    CU_ASSERT_EQUAL(number_of(list.prev), 2);
    pli_list_remove(&items[1].link);
    pli_list_remove(&items[0].link);
    pli_list_remove(&items[2].link);
    CU_ASSERT(pli_list_is_empty(&list));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"siphash gives the reference values", siphash_gives_the_reference_values},
        {"what was added is found until removed", what_was_added_is_found_until_removed},
        {"a walk meets every element once", a_walk_meets_every_element_once},
        {"a scan meets once what stays while the table changes",
         a_scan_meets_once_what_stays_while_the_table_changes},
        {"an empty table has nothing to walk over", an_empty_table_has_nothing_to_walk_over},
        {"two tables hash differently", two_tables_hash_differently},
        {"a list keeps the order and lets go", a_list_keeps_the_order_and_lets_go},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "hash", tests);
}
