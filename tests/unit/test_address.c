/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"
#include "transport/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

/* The address of a peer with that text, IPv4 or IPv6, and port 4711. */
static struct pli_address peer(const char *text)
{
    struct sockaddr_storage from;
    struct pli_address address;
    socklen_t length;
    bool dual;

    EXPECT(pli_address_parse(text, 4711, &from, &length, &dual) == 0, "no address: %s", text);
    pli_address_set(&address, &from, length);
    return address;
}

static void expect_text(const char *text, const char *expected)
{
    struct pli_address address = peer(text);
    char got[64];

    pli_address_text(&address, got, sizeof(got));
    EXPECT(strcmp(got, expected) == 0, "%s reads %s, not %s", text, got, expected);
    CU_ASSERT_EQUAL(address.port, 4711);
}

static void addresses_have_their_usual_text(void)
{
    expect_text("192.0.2.1", "192.0.2.1");
    expect_text("0.0.0.0", "0.0.0.0");
    expect_text("2001:DB8:0::1", "2001:db8::1");
    expect_text("[2001:db8::1]", "2001:db8::1");
    expect_text("::", "::");
    expect_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void mapped_ipv4_is_ipv4(void)
{
    struct pli_address address = peer("::ffff:192.0.2.1");

    expect_text("::ffff:192.0.2.1", "192.0.2.1");
    CU_ASSERT_EQUAL(address.family, AF_INET);
    for (unsigned i = 4; i < 16; i++)
        CU_ASSERT_EQUAL(address.bytes[i], 0);
}

static void unix_socket_has_no_address(void)
{
    struct sockaddr_storage from = {.ss_family = AF_UNIX};
    struct pli_address address;
    char text[64];

    pli_address_set(&address, &from, sizeof(sa_family_t));
    CU_ASSERT_STRING_EQUAL(pli_address_text(&address, text, sizeof(text)), "unix");
    CU_ASSERT_EQUAL(address.port, 0);
    pli_address_set(&address, &from, sizeof(struct sockaddr_un));
    CU_ASSERT_STRING_EQUAL(pli_address_text(&address, text, sizeof(text)), "unix");
    pli_address_set(&address, &from, 0);
    CU_ASSERT_STRING_EQUAL(pli_address_text(&address, text, sizeof(text)), "unix");
}

static void text_is_cut_to_its_size(void)
{
    struct pli_address address = peer("192.0.2.1");
    char text[8] = "????";

    pli_address_text(&address, text, 4);
    CU_ASSERT_STRING_EQUAL(text, "192");
    pli_address_text(&address, text, 1);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void expect_local(const char *text, bool local)
{
    struct pli_address address = peer(text);

    EXPECT(pli_address_is_local(&address) == local, "%s: local is %d", text, !local);
}

static void local_is_loopback_or_unix(void)
{
    struct sockaddr_storage from = {.ss_family = AF_UNIX};
    struct pli_address address;

    expect_local("127.0.0.1", true);
    expect_local("127.255.255.254", true);
    expect_local("126.255.255.255", false);
    expect_local("128.0.0.1", false);
    expect_local("0.0.0.0", false);
    expect_local("::1", true);
    expect_local("::", false);
    expect_local("::2", false);
    expect_local("7f00::1", false);
    expect_local("::ffff:127.0.0.1", true);
    expect_local("::ffff:10.0.0.1", false);
    pli_address_set(&address, &from, sizeof(sa_family_t));
    CU_ASSERT(pli_address_is_local(&address));
}

static void parses_what_a_socket_binds(void)
{
    struct sockaddr_storage address;
    const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
    socklen_t length;
    bool dual;

    EXPECT_RESULT(pli_address_parse("192.0.2.1", 65535, &address, &length, &dual), 0);
    CU_ASSERT_EQUAL(in->sin_family, AF_INET);
    CU_ASSERT_EQUAL(ntohs(in->sin_port), 65535);
    CU_ASSERT_EQUAL(ntohl(in->sin_addr.s_addr), 0xc0000201u);
    CU_ASSERT_EQUAL(length, sizeof(*in));
    CU_ASSERT(!dual);
    EXPECT_RESULT(pli_address_parse("[::1]", 0, &address, &length, &dual), 0);
    CU_ASSERT_EQUAL(in6->sin6_family, AF_INET6);
    CU_ASSERT_EQUAL(in6->sin6_port, 0);
    CU_ASSERT(IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
    CU_ASSERT_EQUAL(length, sizeof(*in6));
    CU_ASSERT(!dual);
}

static void star_is_every_address_of_both_families(void)
{
    struct sockaddr_storage address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
    socklen_t length;
    bool dual;

    EXPECT_RESULT(pli_address_parse("*", 7, &address, &length, &dual), 0);
    CU_ASSERT_EQUAL(in6->sin6_family, AF_INET6);
    CU_ASSERT(IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr));
    CU_ASSERT_EQUAL(ntohs(in6->sin6_port), 7);
    CU_ASSERT(dual);
    EXPECT_RESULT(pli_address_parse("::", 7, &address, &length, &dual), 0);
    CU_ASSERT(!dual);
}

static void refuses_what_is_no_address(void)
{
    static const char *const wrong[] = {
        "",           "localhost",
        "1.2.3",      "1.2.3.4.5",
        "256.0.0.1",  "127.0.0.1 ",
        "**",         "[]",
        "[::1",       "::1]",
        "[[::1]]",    "[127.0.0.1]",
        ":::",        "1:2:3:4:5:6:7:8:9",
        "fe80::1%lo", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
        NULL,
    };
    struct sockaddr_storage address;
    socklen_t length;
    bool dual;

    for (size_t i = 0; wrong[i]; i++)
        EXPECT(pli_address_parse(wrong[i], 1, &address, &length, &dual) == -EINVAL,
               "'%s' is an address", wrong[i]);
    EXPECT_RESULT(pli_address_parse("127.0.0.1", 65536, &address, &length, &dual), -EINVAL);
    EXPECT_RESULT(pli_address_parse("*", 65536, &address, &length, &dual), -EINVAL);
}

/* -- Counting ------------------------------------------------------------------------------- */

static struct pli_address group_of(const char *text, uint8_t ipv4, uint8_t ipv6)
{
    struct pli_prefixes prefixes = {ipv4, ipv6};
    struct pli_address address = peer(text);

    return pli_address_group(&address, pli_prefix_of(&prefixes, &address));
}

static void a_group_is_what_begins_with_the_same_bits(void)
{
    static const struct {
        const char *one;
        const char *other;
        uint8_t ipv4;
        uint8_t ipv6;
        bool same;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", 32, 64, true},
        {"192.0.2.1", "192.0.2.2", 32, 64, false},
        {"192.0.2.1", "192.0.2.255", 24, 64, true},
        {"192.0.2.1", "192.0.3.1", 24, 64, false},
        {"192.0.2.1", "192.0.3.1", 23, 64, true},
        {"192.0.2.1", "64.0.2.1", 1, 64, false},
        {"192.0.2.1", "200.1.2.3", 1, 64, true},
        {"2001:db8::1", "2001:db8::2", 32, 64, true},
        {"2001:db8::1", "2001:db8::2", 32, 128, false},
        {"2001:db8::2", "2001:db8::3", 32, 127, true},
        {"2001:db8:0:1::", "2001:db8:0:2::", 32, 64, false},
        {"2001:db8:0:100::", "2001:db8:0:1ff::", 32, 56, true},
        {"2001:db8:0:100::", "2001:db8:0:200::", 32, 56, false},
        {"0.0.0.0", "::", 1, 1, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pli_address one = group_of(cases[i].one, cases[i].ipv4, cases[i].ipv6);
        struct pli_address other = group_of(cases[i].other, cases[i].ipv4, cases[i].ipv6);

        EXPECT((memcmp(&one, &other, sizeof(one)) == 0) == cases[i].same, "%s and %s", cases[i].one,
               cases[i].other);
    }
}

static void count(struct pli_address_counts *counts, const char *text, unsigned limit, int result)
{
    struct pli_address group = group_of(text, 32, 64);
    int rc = pli_address_count(counts, &group, limit);

    EXPECT(rc == result, "counting %s: %d, not %d", text, rc, result);
}

static void uncount(struct pli_address_counts *counts, const char *text)
{
    struct pli_address group = group_of(text, 32, 64);

    pli_address_uncount(counts, &group);
}

static void so_many_of_one_address_are_counted_and_no_more(void)
{
    struct pli_address_counts counts = {0};

    count(&counts, "192.0.2.1", 2, 0);
    count(&counts, "192.0.2.1", 2, 0);
    count(&counts, "192.0.2.1", 2, -EUSERS);
    count(&counts, "192.0.2.2", 2, 0);
    uncount(&counts, "192.0.2.1");
    count(&counts, "192.0.2.1", 2, 0);
    count(&counts, "192.0.2.1", 2, -EUSERS);
    uncount(&counts, "192.0.2.1");
    uncount(&counts, "192.0.2.1");
    uncount(&counts, "192.0.2.2");
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void limit_of_0_is_none_and_a_lower_one_holds_at_once(void)
{
    struct pli_address_counts counts = {0};

    for (unsigned i = 0; i < 100; i++)
        count(&counts, "192.0.2.1", 0, 0);
    count(&counts, "192.0.2.1", 10, -EUSERS);
    for (unsigned i = 0; i < 91; i++)
        uncount(&counts, "192.0.2.1");
    count(&counts, "192.0.2.1", 10, 0);
    count(&counts, "192.0.2.1", 10, -EUSERS);
    for (unsigned i = 0; i < 10; i++)
        uncount(&counts, "192.0.2.1");
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void ipv6_is_counted_by_its_64(void)
{
    struct pli_address_counts counts = {0};

    count(&counts, "2001:db8::1", 1, 0);
    count(&counts, "2001:db8::2:3:4:5", 1, -EUSERS);
    count(&counts, "2001:db8:0:1::1", 1, 0);
    uncount(&counts, "2001:db8::ffff:1");
    uncount(&counts, "2001:db8:0:1::9");
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void families_are_counted_apart_and_mapped_as_ipv4(void)
{
    struct pli_address_counts counts = {0};

    count(&counts, "32.1.13.184", 1, 0);
    count(&counts, "2001:db8::", 1, 0); /* begins with the same bytes */
    count(&counts, "::ffff:32.1.13.184", 1, -EUSERS);
    uncount(&counts, "::ffff:32.1.13.184");
    uncount(&counts, "2001:db8::");
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void taking_back_what_was_not_counted_is_harmless(void)
{
    struct pli_address_counts counts = {0};

    uncount(&counts, "192.0.2.1");
    count(&counts, "192.0.2.2", 1, 0);
    uncount(&counts, "192.0.2.1");
    count(&counts, "192.0.2.2", 1, -EUSERS);
    uncount(&counts, "192.0.2.2");
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void many_addresses_are_counted_each_for_itself(void)
{
    struct pli_address_counts counts = {0};
    struct pli_address address = {.family = AF_INET};

    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < 2000; i++) {
            address.bytes[0] = (uint8_t)(i * 7 >> 8);
            address.bytes[3] = (uint8_t)(i * 7);
            EXPECT_RESULT(pli_address_count(&counts, &address, 2), round < 2 ? 0 : -EUSERS);
        }
    for (unsigned i = 0; i < 2 * 2000; i++) {
        address.bytes[0] = (uint8_t)(i % 2000 * 7 >> 8);
        address.bytes[3] = (uint8_t)(i % 2000 * 7);
        pli_address_uncount(&counts, &address);
    }
    CU_ASSERT_PTR_NULL(counts.tree);
}

static void without_memory_nothing_is_counted(void)
{
    struct pli_address_counts counts = {0};

    failmalloc_after(1);
    count(&counts, "192.0.2.1", 1, -ENOMEM);
    failmalloc_off();
    CU_ASSERT_PTR_NULL(counts.tree);
    count(&counts, "192.0.2.1", 1, 0);
    uncount(&counts, "192.0.2.1");
    CU_ASSERT_PTR_NULL(counts.tree);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"addresses have their usual text", addresses_have_their_usual_text},
        {"a mapped IPv4 address is IPv4", mapped_ipv4_is_ipv4},
        {"a Unix socket has no address", unix_socket_has_no_address},
        {"text is cut to its size", text_is_cut_to_its_size},
        {"local is loopback or Unix", local_is_loopback_or_unix},
        {"parses what a socket binds", parses_what_a_socket_binds},
        {"* is every address of both families", star_is_every_address_of_both_families},
        {"refuses what is no address", refuses_what_is_no_address},
        {"a group is what begins with the same bits", a_group_is_what_begins_with_the_same_bits},
        {"so many of one address are counted and no more",
         so_many_of_one_address_are_counted_and_no_more},
        {"a limit of 0 is none and a lower one holds at once",
         limit_of_0_is_none_and_a_lower_one_holds_at_once},
        {"IPv6 is counted by its /64", ipv6_is_counted_by_its_64},
        {"families are counted apart and mapped as IPv4",
         families_are_counted_apart_and_mapped_as_ipv4},
        {"taking back what was not counted is harmless",
         taking_back_what_was_not_counted_is_harmless},
        {"many addresses are counted each for itself", many_addresses_are_counted_each_for_itself},
        {"without memory nothing is counted", without_memory_nothing_is_counted},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "address", tests);
}
