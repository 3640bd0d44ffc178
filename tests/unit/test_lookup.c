/* SPDX-License-Identifier: MIT */
/* Names in the domain name system, and what is remembered of them. */
#include "config.h"

#include "lookup/cache.h"
#include "lookup/name.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct lookup_address address(const char *text)
{
    struct lookup_address read;

    EXPECT(lookup_address_read(text, &read), "no address: %s", text);
    return read;
}

static void an_address_is_written_backwards(void)
{
    static const struct {
        const char *address;
        const char *zone;
        const char *name;
    } cases[] = {
        {"192.0.2.1", NULL, "1.2.0.192.in-addr.arpa"},
        {"192.0.2.255", "list.example", "255.2.0.192.list.example"},
        {"2001:db8::1", NULL,
         "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
        {"::ab", "l", "b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.l"},
    };
    struct lookup_address six = address("::1");
    char zone[LOOKUP_NAME_MAX + 1];
    char name[LOOKUP_NAME_MAX + 1];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lookup_address of = address(cases[i].address);

        CU_ASSERT_TRUE(lookup_name_of(&of, cases[i].zone, name));
        CU_ASSERT_STRING_EQUAL(name, cases[i].name);
    }
    memset(zone, 'z', sizeof(zone));
    zone[LOOKUP_NAME_MAX - 64] = '\0';
    CU_ASSERT_TRUE(lookup_name_of(&six, zone, name));
    CU_ASSERT_EQUAL(strlen(name), LOOKUP_NAME_MAX);
    zone[LOOKUP_NAME_MAX - 64] = 'z';
    zone[LOOKUP_NAME_MAX - 63] = '\0';
    CU_ASSERT_FALSE(lookup_name_of(&six, zone, name));
}

static void what_is_no_host_name_is_not_shown(void)
{
    static const struct {
        const char *name;
        bool good;
    } cases[] = {
        {"host.example.org", true},
        {"a.b", true},
        {"1.example", true},
        {"xn--hst-sna.example.org", true},
        {"A-1.Example.ORG", true},
        {"", false},
        {"host", false},
        {"host.", false},
        {".host.example", false},
        {"a..b", false},
        {"-a.example", false},
        {"a-.example", false},
        {"a_b.example", false},
        {"a b.example", false},
        {"192.0.2.1", false},
        {"a.example.1", false},
        {"a\\.b.example", false},
        {"caf\xc3\xa9.example", false},
        {"aaaaaaaa.bbbbbbbb.ip", false},
        {"a.example.IP", false},
        {"a123456789.b123456789.c123456789.d123456789.e123456789.f1234567x", false},
        {"a123456789.b123456789.c123456789.d123456789.e123456789.f123456x", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        EXPECT(lookup_name_is_showable(cases[i].name, 63) == cases[i].good, "%s", cases[i].name);
}

static struct lookup_cache *cache;

static bool knows(const char *text, uint64_t now, const char *host)
{
    struct lookup_address of = address(text);
    struct lookup_verdict verdict;

    return lookup_cache_get(cache, &of, now, &verdict) && strcmp(verdict.host, host) == 0;
}

static void learn(const char *text, uint64_t until, const char *host)
{
    struct lookup_address of = address(text);
    struct lookup_verdict verdict = {.list = -1};

    strcpy(verdict.host, host);
    lookup_cache_put(cache, &of, until, &verdict);
}

static void what_is_known_is_forgotten_in_time(void)
{
    cache = calloc(1, sizeof(*cache));
    learn("192.0.2.1", 100, "one");
    learn("2001:db8::1", 200, "six");
    CU_ASSERT_TRUE(knows("192.0.2.1", 99, "one"));
    CU_ASSERT_FALSE(knows("192.0.2.1", 100, "one"));
    CU_ASSERT_TRUE(knows("2001:db8::1", 199, "six"));
    CU_ASSERT_FALSE(knows("192.0.2.2", 50, "one"));
    learn("192.0.2.1", 300, "other");
    CU_ASSERT_TRUE(knows("192.0.2.1", 299, "other"));
    lookup_cache_clear(cache);
    CU_ASSERT_FALSE(knows("192.0.2.1", 1, "other"));
    free(cache);
}

static void many_addresses_need_no_more_room(void)
{
    unsigned known = 0;
    char text[40];

    cache = calloc(1, sizeof(*cache));
    for (unsigned i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8, i & 255);
        learn(text, 1000 + i, "x");
        CU_ASSERT_TRUE(knows(text, 1, "x"));
    }
    for (unsigned i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8, i & 255);
        known += knows(text, 1, "x");
    }
    CU_ASSERT(known > LOOKUP_CACHE_SETS && known <= LOOKUP_CACHE_SETS * LOOKUP_CACHE_WAYS);
    free(cache);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an address is written backwards", an_address_is_written_backwards},
        {"what is no host name is not shown", what_is_no_host_name_is_not_shown},
        {"what is known is forgotten in time", what_is_known_is_forgotten_in_time},
        {"many addresses need no more room", many_addresses_need_no_more_room},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "lookups", tests);
}
