/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/network.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <string.h>

static struct pl_network network(const char *text)
{
    struct pl_network network;

    memset(&network, 0xff, sizeof(network));
    EXPECT(pl_network_parse(text, &network) == 0, "no network: %s", text);
    return network;
}

static void expect_in(const char *address, const char *text, bool wanted)
{
    struct pl_network in = network(text);
    struct pli_address peer;

    EXPECT(pli_address_read(address, 4711, &peer) == 0, "no address: %s", address);
    EXPECT(pli_network_has(&in, &peer) == wanted, "%s in %s: %d", address, text, !wanted);
}

static void has_what_begins_with_its_bits(void)
{
    expect_in("10.0.0.0", "10.0.0.0/8", true);
    expect_in("10.255.255.255", "10.0.0.0/8", true);
    expect_in("11.0.0.0", "10.0.0.0/8", false);
    expect_in("9.255.255.255", "10.0.0.0/8", false);
    expect_in("192.0.2.127", "192.0.2.0/25", true);
    expect_in("192.0.2.128", "192.0.2.0/25", false);
    expect_in("192.0.2.255", "192.0.2.254/31", true);
    expect_in("192.0.2.253", "192.0.2.254/31", false);
    expect_in("192.0.2.1", "192.0.2.1/32", true);
    expect_in("192.0.2.0", "192.0.2.1/32", false);
    expect_in("203.0.113.9", "0.0.0.0/0", true);
    expect_in("2001:db8:ffff::1", "2001:db8::/32", true);
    expect_in("2001:db9::1", "2001:db8::/32", false);
    expect_in("2001:db8:7fff::", "2001:db8::/33", true);
    expect_in("2001:db8:8000::", "2001:db8::/33", false);
    expect_in("::1", "::/127", true);
    expect_in("::2", "::/127", false);
    expect_in("fe80::1", "::/0", true);
}

static void without_bits_it_is_one_address(void)
{
    expect_in("192.0.2.1", "192.0.2.1", true);
    expect_in("192.0.2.2", "192.0.2.1", false);
    expect_in("::1", "::1", true);
    expect_in("::1:1", "::1", false);
}

static void families_are_kept_apart(void)
{
    expect_in("10.0.0.1", "::/0", false);
    expect_in("a00::1", "10.0.0.0/8", false);
    expect_in("::", "0.0.0.0/0", false);
}

static void mapped_ipv4_is_ipv4(void)
{
    expect_in("::ffff:10.1.2.3", "10.0.0.0/8", true);
    expect_in("10.1.2.3", "::ffff:10.0.0.0/104", true);
    expect_in("11.1.2.3", "::ffff:10.0.0.0/104", false);
    expect_in("192.0.2.1", "::ffff:192.0.2.1", true);
    expect_in("192.0.2.1", "::ffff:0.0.0.0/96", true);
    CU_ASSERT_EQUAL(network("::ffff:10.0.0.0/104").bits, 8);
    CU_ASSERT_EQUAL(network("::fffe:0:0/95").family, AF_INET6); /* is more than that */
}

static void unix_is_every_unix_socket(void)
{
    struct pl_network in = network("unix");
    struct pl_network all = network("0.0.0.0/0");
    struct pli_address peer = {.family = AF_UNIX};

    CU_ASSERT(pli_network_has(&in, &peer));
    CU_ASSERT(!pli_network_has(&all, &peer));
    expect_in("127.0.0.1", "unix", false);
}

static void refuses_what_is_no_network(void)
{
    static const char *const wrong[] = {
        "",
        "*",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0/8",
        "10/8",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/ 8",
        "10.0.0.0/8 ",
        " 10.0.0.0",
        "10.0.0.0/08",
        "10.0.0.0/8/",
        "10.0.0.0/8a",
        "::/129",
        "::/1000",
        "::1/64",
        "10.0.0.1/8",
        "0.0.0.1/31",
        "[::1]",
        "[::1]/128",
        "fe80::1%eth0",
        "Unix",
        "unix/0",
        "localhost",
        "010.0.0.1",
        "10.0.0.0/4294967304",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/16",
        "::ffff:10.0.0.1/104",
    };
    struct pl_network network;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        EXPECT(pl_network_parse(wrong[i], &network) == -EINVAL, "a network: \"%s\"", wrong[i]);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"has what begins with its bits", has_what_begins_with_its_bits},
        {"without bits it is one address", without_bits_it_is_one_address},
        {"families are kept apart", families_are_kept_apart},
        {"mapped IPv4 is IPv4", mapped_ipv4_is_ipv4},
        {"unix is every Unix socket", unix_is_every_unix_socket},
        {"refuses what is no network", refuses_what_is_no_network},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "networks", tests);
}
