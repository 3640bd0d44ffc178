/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/prefix.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pli_prefix prefix(const char *text)
{
    struct pli_prefix read;

    EXPECT(pli_prefix_parse(text, strlen(text), &read), "no prefix: %s", text);
    return read;
}

static void prefixes_are_written_in_one_way(void)
{
    static const char *const pairs[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.77/24", "192.0.2.0/24"},
        {"10.255.0.0/9", "10.128.0.0/9"},
        {"1.2.3.4/0", "0.0.0.0/0"},
        {"1.2.3.4/32", "1.2.3.4"},
        {"2001:DB8::1/32", "2001:db8::/32"},
        {"::1/128", "::1"},
        {"::ffff:192.0.2.9", "192.0.2.9"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
    };
    char text[PLI_PREFIX_TEXT];

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct pli_prefix read = prefix(pairs[i][0]);

        CU_ASSERT_STRING_EQUAL(pli_prefix_text(&read, text), pairs[i][1]);
    }
}

static void what_is_no_prefix_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "/",
        "192.0.2.1/",
        "192.0.2.1/33",
        "192.0.2.1/-1",
        "192.0.2",
        "a.example",
        "::1/129",
        "::ffff:1.2.3.4/95",
        "192.0.2.1/1000",
        "1.2.3.4/8/",
        "1.2.3.4 /8",
        "*",
        "::/0x",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd",
    };
    struct pli_prefix read;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CU_ASSERT_FALSE(pli_prefix_parse(texts[i], strlen(texts[i]), &read));
    CU_ASSERT_FALSE(pli_prefix_parse("1.2\0.3", 6, &read));
}

static void a_prefix_covers_what_begins_as_it_does(void)
{
    struct pli_prefix wide = prefix("10.0.0.0/8"), narrow = prefix("10.1.0.0/16");
    struct pli_prefix other = prefix("11.1.0.0/16"), six = prefix("a00::/16"), all = prefix("::/0");

    CU_ASSERT_TRUE(pli_prefix_covers(&wide, &narrow));
    CU_ASSERT_TRUE(pli_prefix_covers(&wide, &wide));
    CU_ASSERT_FALSE(pli_prefix_covers(&narrow, &wide));
    CU_ASSERT_FALSE(pli_prefix_covers(&wide, &other));
    CU_ASSERT_FALSE(pli_prefix_covers(&wide, &six));
    CU_ASSERT_TRUE(pli_prefix_covers(&all, &six));
    CU_ASSERT_FALSE(pli_prefix_covers(&all, &wide));
}

static bool is_not(const struct pli_prefix_node *node, void *argument)
{
    return node != argument;
}

static void the_longest_that_covers_is_found_first(void)
{
    struct pli_prefix_node nodes[4] = {{.prefix = prefix("10.0.0.0/8")},
                                       {.prefix = prefix("10.1.0.0/16")},
                                       {.prefix = prefix("10.1.0.0/16")},
                                       {.prefix = prefix("2001:db8::/32")}};
    struct pli_prefix four = prefix("10.1.2.3"), six = prefix("2001:db8:1::1");
    struct pli_prefix none = prefix("11.1.2.3");
    struct pli_prefix_table table;

    CU_ASSERT_EQUAL_FATAL(pli_prefix_table_init(&table), 0);
    for (size_t i = 0; i < 4; i++)
        pli_prefix_add(&table, &nodes[i]);
    CU_ASSERT_PTR_EQUAL(pli_prefix_find(&table, &four, NULL, NULL), &nodes[1]);
    CU_ASSERT_PTR_EQUAL(pli_prefix_find(&table, &four, is_not, &nodes[1]), &nodes[2]);
    CU_ASSERT_PTR_EQUAL(pli_prefix_find(&table, &six, NULL, NULL), &nodes[3]);
    CU_ASSERT_PTR_NULL(pli_prefix_find(&table, &none, NULL, NULL));
    pli_prefix_remove(&table, &nodes[1]);
    pli_prefix_remove(&table, &nodes[2]);
    CU_ASSERT_PTR_EQUAL(pli_prefix_find(&table, &four, NULL, NULL), &nodes[0]);
    pli_prefix_remove(&table, &nodes[0]);
    CU_ASSERT_PTR_NULL(pli_prefix_find(&table, &four, NULL, NULL));
    pli_prefix_table_deinit(&table);
}

#define MANY 5000

static void thousands_are_found(void)
{
    struct pli_prefix_node *nodes = calloc(MANY, sizeof *nodes);
    struct pli_prefix_table table;
    char text[40];

    CU_ASSERT_PTR_NOT_NULL_FATAL(nodes);
    CU_ASSERT_EQUAL_FATAL(pli_prefix_table_init(&table), 0);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "10.%u.%u.0/24", i / 256, i % 256);
        nodes[i].prefix = prefix(text);
        pli_prefix_add(&table, &nodes[i]);
    }
    for (unsigned i = 0; i < MANY; i++) {
        struct pli_prefix address;

        snprintf(text, sizeof text, "10.%u.%u.77", i / 256, i % 256);
        address = prefix(text);
        EXPECT(pli_prefix_find(&table, &address, NULL, NULL) == &nodes[i], "not found: %s", text);
        pli_prefix_remove(&table, &nodes[i]);
        EXPECT(!pli_prefix_find(&table, &address, NULL, NULL), "still there: %s", text);
    }
    pli_prefix_table_deinit(&table);
    free(nodes);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"prefixes are written in one way", prefixes_are_written_in_one_way},
        {"what is no prefix is refused", what_is_no_prefix_is_refused},
        {"a prefix covers what begins as it does", a_prefix_covers_what_begins_as_it_does},
        {"the longest that covers is found first", the_longest_that_covers_is_found_first},
        {"thousands are found", thousands_are_found},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "prefix", tests);
}
