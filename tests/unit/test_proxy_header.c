/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/proxy_header.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* A header in the making, and what stands behind it. */
struct bytes {
    char data[40000];
    size_t length;
};

static struct bytes all;

static void put(const char *data, size_t length)
{
    EXPECT(all.length + length <= sizeof(all.data), "too many bytes");
    memcpy(all.data + all.length, data, length);
    all.length += length;
}

#define PUT(literal) put("" literal, sizeof(literal) - 1)

/* The head of a header of version 2, with LENGTH bytes to follow. */
static void begin_v2(int command, int family, size_t length)
{
    char head[4] = {(char)command, (char)family, (char)(length >> 8), (char)length};

    all.length = 0;
    PUT(SIGNATURE);
    put(head, sizeof(head));
}

static const char ipv4_addresses[] = "\xc0\x00\x02\x01\x0a\x00\x00\x01\x12\x67\x1a\x0b";

#define IPV4_LENGTH 12

static void begin_ipv4(size_t beyond)
{
    begin_v2(0x21, 0x11, IPV4_LENGTH + beyond);
    put(ipv4_addresses, IPV4_LENGTH);
}

/*
 * Reads the LENGTH first bytes from a block of just that size, so that a sanitizer sees whoever
 * reads further.
 */
static enum pli_proxy_outcome read_first(size_t length, struct pli_proxy_header *header)
{
    char *copy = malloc(length ? length : 1);
    enum pli_proxy_outcome outcome;

    EXPECT(copy, "no memory");
    memcpy(copy, all.data, length);
    outcome = pli_proxy_header_read(copy, length, header);
    free(copy);
    return outcome;
}

/* Each part of it wants more, but never what stands behind it. */
static struct pli_proxy_header expect_outcome(struct place place, enum pli_proxy_outcome wanted,
                                              size_t size)
{
    struct pli_proxy_header header = {.size = 0};
    enum pli_proxy_outcome outcome;

    for (size_t length = 0; length < size; length++) {
        outcome = read_first(length, &header);
        if (outcome != PLI_PROXY_MORE || header.size <= length || header.size > size)
            expect_fail(place, "%zu bytes: outcome %u, size %zu", length, outcome, header.size);
    }
    for (size_t length = size; length <= size + 3 && length <= all.length; length++) {
        outcome = read_first(length, &header);
        if (outcome != wanted || header.size != size)
            expect_fail(place, "%zu bytes: outcome %u, size %zu", length, outcome, header.size);
    }
    return header;
}

#define EXPECT_NAMED(address, port, size) expect_named(HERE, address, port, size)
static void expect_named(struct place place, const char *address, unsigned port, size_t size)
{
    struct pli_proxy_header header = expect_outcome(place, PLI_PROXY_NAMED, size);
    char text[64];

    pli_address_text(&header.peer, text, sizeof(text));
    if (strcmp(text, address) != 0 || header.peer.port != port)
        expect_fail(place, "named is %s, port %u", text, header.peer.port);
}

#define EXPECT_BAD(wrong) expect_bad(HERE, wrong)
static void expect_bad(struct place place, const char *wrong)
{
    struct pli_proxy_header header;
    enum pli_proxy_outcome outcome = read_first(all.length, &header);

    if (outcome != PLI_PROXY_BAD)
        expect_fail(place, "outcome %u", outcome);
    if (strcmp(header.wrong, wrong) != 0)
        expect_fail(place, "wrong is %s", header.wrong);
}

/* -- Version 1 ------------------------------------------------------------------------------ */

#define TEXT(line) text(line, sizeof(line) - 1)
static size_t text(const char *line, size_t length)
{
    all.length = 0;
    put(line, length);
    PUT("NICK me\r\n");
    return length;
}

static void v1_names_addresses_of_both_families(void)
{
    size_t size = TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 4711 6667\r\n");

    EXPECT_NAMED("192.0.2.1", 4711, size);
    size = TEXT("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n");
    EXPECT_NAMED("255.255.255.255", 65535, size);
    size = TEXT("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n");
    EXPECT_NAMED("0.0.0.0", 0, size);
    size = TEXT("PROXY TCP6 2001:DB8::1 2001:db8:0:0:0:0:0:2 1 2\r\n");
    EXPECT_NAMED("2001:db8::1", 1, size);
    size = TEXT("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
    CU_ASSERT_EQUAL(size, 104);
    EXPECT_NAMED("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535, size);
    size = TEXT("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"); /* mapped */
    EXPECT_NAMED("192.0.2.1", 1, size);
}

static void v1_unknown_takes_whatever_follows(void)
{
    size_t size = TEXT("PROXY UNKNOWN\r\n");

    (void)expect_outcome(HERE, PLI_PROXY_UNKNOWN, size);
    size = TEXT("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
    CU_ASSERT_EQUAL(size, PLI_PROXY_V1_MAX);
    (void)expect_outcome(HERE, PLI_PROXY_UNKNOWN, size);
    size = TEXT("PROXY UNKNOWN  what\r you like \r\n");
    (void)expect_outcome(HERE, PLI_PROXY_UNKNOWN, size);
}

static void v1_has_an_end_in_time(void)
{
    all.length = 0;
    PUT("PROXY UNKNOWN ");
    while (all.length < PLI_PROXY_V1_MAX - 1)
        PUT("x");
    (void)expect_outcome(HERE, PLI_PROXY_MORE, all.length + 1);
    PUT("x");
    EXPECT_BAD("a line that is too long");
    PUT("\r\n");
    EXPECT_BAD("a line that is too long");
}

static void expect_bad_lines(const char *const *lines, const char *wrong)
{
    for (; *lines; lines++) {
        struct pli_proxy_header header;
        enum pli_proxy_outcome outcome;

        all.length = 0;
        put(*lines, strlen(*lines));
        outcome = read_first(all.length, &header);
        EXPECT(outcome == PLI_PROXY_BAD && strcmp(header.wrong, wrong) == 0,
               "%s: outcome %u, wrong is %s", *lines, outcome,
               outcome == PLI_PROXY_BAD ? header.wrong : "nothing");
    }
}

static void v1_is_taken_by_the_letter(void)
{
    static const char *const families[] = {
        "PROXY  TCP4 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY TCP 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY tcp4 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY UNKNOWNX\r\n",
        "PROXY unknown\r\n",
        "PROXY \r\n",
        NULL,
    };
    static const char *const addresses[] = {
        "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n",      "PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.01 10.0.0.1 1 2\r\n",   "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 ::1 1 2\r\n",         "PROXY TCP4 192.0.2.1 10.0.0 1 2\r\n",
        "PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n",    "PROXY TCP6 ::1 10.0.0.1 1 2\r\n",
        "PROXY TCP6 1::2::3 ::1 1 2\r\n",           "PROXY TCP6 [::1] ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%lo ::1 1 2\r\n",        "PROXY TCP4  10.0.0.1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n", NULL,
    };
    static const char *const ports[] = {
        "PROXY TCP4\r\n",
        "PROXY TCP4 \r\n",
        "PROXY TCP4 192.0.2.1\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 \r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1  1 2\r\n",
        "PROXY TCP4 192.0.2.1  10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 00\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 -1 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1x 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 100000 2\r\n",
        NULL,
    };
    static const char *const ends[] = {
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n",
        "PROXY UNKNOWN\n",
        "PROXY \n",
        NULL,
    };

    expect_bad_lines(families, "no known family");
    expect_bad_lines(addresses, "no two addresses of the family");
    expect_bad_lines(ports, "no two ports");
    expect_bad_lines(ends, "a line without CR LF");
    TEXT("PROXY TCP4 192.0.2.1\0 10.0.0.1 1 2\r\n");
    EXPECT_BAD("a NUL byte");
}

static void what_is_no_header_is_seen_at_once(void)
{
    static const char *const others[] = {
        "N",  "NICK me\r\n", "PASS",      "PROXX", "PROXY\t", "proxy ",
        "\n", "\r\r",        "\r\n\r\nx", "\x16",  NULL,
    };

    expect_bad_lines(others, "something else");
    all.length = 0;
    PUT("\0");
    EXPECT_BAD("something else");
    all.length = 0;
    PUT("\r\n\r\n\0\r\nQUIT\r");
    EXPECT_BAD("something else");
}

/* -- Version 2 ------------------------------------------------------------------------------ */

static void v2_names_addresses_of_both_families(void)
{
    begin_ipv4(0);
    PUT("NICK me\r\n");
    EXPECT_NAMED("192.0.2.1", 4711, 28);
    begin_v2(0x21, 0x12, IPV4_LENGTH); /* UDP */
    put(ipv4_addresses, IPV4_LENGTH);
    EXPECT_NAMED("192.0.2.1", 4711, 28);
    begin_v2(0x21, 0x21, 36);
    PUT("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
    PUT("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
    PUT("\xff\xff\0\1more");
    EXPECT_NAMED("2001:db8::1", 65535, 52);
    begin_v2(0x21, 0x22, 36);
    PUT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"); /* mapped */
    PUT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1");
    PUT("\0\1\0\2");
    EXPECT_NAMED("192.0.2.1", 1, 52);
}

static void v2_local_takes_whatever_follows(void)
{
    begin_v2(0x20, 0, 0);
    PUT("NICK me\r\n");
    (void)expect_outcome(HERE, PLI_PROXY_LOCAL, 16);
    begin_v2(0x20, 0xff, 5);
    PUT("\1\xff\xff\0\0NICK me\r\n");
    (void)expect_outcome(HERE, PLI_PROXY_LOCAL, 21);
}

static void v2_without_an_address_takes_whatever_follows(void)
{
    static const int families[] = {0x00, 0x01, 0x02, 0x10, 0x20, 0x30};

    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
        begin_v2(0x21, families[i], 3);
        PUT("\xff\xff\xffNICK me\r\n");
        (void)expect_outcome(HERE, PLI_PROXY_UNKNOWN, 19);
    }
}

static void v2_of_a_unix_socket_names_nobody(void)
{
    char paths[216] = "/run/a";

    for (int family = 0x31; family <= 0x32; family++) {
        begin_v2(0x21, family, sizeof(paths));
        put(paths, sizeof(paths));
        (void)expect_outcome(HERE, PLI_PROXY_UNKNOWN, 16 + sizeof(paths));
        begin_v2(0x21, family, sizeof(paths) - 1);
        put(paths, sizeof(paths) - 1);
        EXPECT_BAD("too short for its addresses");
    }
}

static void v2_is_refused_at_the_byte_that_is_wrong(void)
{
    begin_v2(0x11, 0x11, IPV4_LENGTH);
    all.length = 13;
    EXPECT_BAD("no known version");
    begin_v2(0x31, 0x11, IPV4_LENGTH);
    EXPECT_BAD("no known version");
    begin_v2(0x22, 0x11, IPV4_LENGTH);
    all.length = 13;
    EXPECT_BAD("no known command");
    begin_v2(0x2f, 0x11, IPV4_LENGTH);
    EXPECT_BAD("no known command");
    begin_v2(0x21, 0x41, IPV4_LENGTH);
    all.length = 14;
    EXPECT_BAD("no known family");
    begin_v2(0x21, 0x13, IPV4_LENGTH);
    EXPECT_BAD("no known family");
    begin_v2(0x21, 0xff, IPV4_LENGTH);
    EXPECT_BAD("no known family");
    begin_v2(0x21, 0x11, PLI_PROXY_V2_MAX + 1);
    EXPECT_BAD("too long");
    begin_v2(0x20, 0x00, PLI_PROXY_V2_MAX + 1);
    EXPECT_BAD("too long");
    begin_v2(0x21, 0x11, IPV4_LENGTH - 1);
    put(ipv4_addresses, IPV4_LENGTH - 1);
    EXPECT_BAD("too short for its addresses");
    begin_v2(0x21, 0x21, 35);
    put(ipv4_addresses, IPV4_LENGTH);
    put(ipv4_addresses, IPV4_LENGTH);
    put(ipv4_addresses, IPV4_LENGTH - 1);
    EXPECT_BAD("too short for its addresses");
}

static void v2_may_be_as_long_as_is_borne(void)
{
    struct pli_proxy_header header;

    begin_ipv4(PLI_PROXY_V2_MAX - IPV4_LENGTH);
    PUT("\x04\x3f\xf1"); /* all the rest is padding */
    while (all.length < PLI_PROXY_V2_HEAD + PLI_PROXY_V2_MAX)
        PUT("x");
    CU_ASSERT_EQUAL(read_first(all.length - 1, &header), PLI_PROXY_MORE);
    CU_ASSERT_EQUAL(header.size, all.length);
    CU_ASSERT_EQUAL(read_first(all.length, &header), PLI_PROXY_NAMED);
    CU_ASSERT_EQUAL(header.size, all.length);
}

/* -- Vectors of version 2 ------------------------------------------------------------------- */

static void vectors_are_passed_over(void)
{
    begin_ipv4(3);
    PUT("\x04\0\0NICK");
    EXPECT_NAMED("192.0.2.1", 4711, 31);
    begin_ipv4(13);
    PUT("\x01\0\3irc\xea\0\4\xff\xff\xff\xffNICK");
    EXPECT_NAMED("192.0.2.1", 4711, 41);
}

static void vectors_end_with_the_header(void)
{
    begin_ipv4(1);
    PUT("\x04");
    EXPECT_BAD("a vector that does not end with it");
    begin_ipv4(2);
    PUT("\x04\0");
    EXPECT_BAD("a vector that does not end with it");
    begin_ipv4(3);
    PUT("\x04\0\1NICK");
    EXPECT_BAD("a vector that does not end with it");
    begin_ipv4(4);
    PUT("\x04\xff\xffxNICK");
    EXPECT_BAD("a vector that does not end with it");
    begin_ipv4(5);
    PUT("\x04\0\1x\x04NICK");
    EXPECT_BAD("a vector that does not end with it");
}

/* The checksum was computed by another program. */
static void a_checksum_is_checked(void)
{
    begin_ipv4(7);
    PUT("\x03\0\4\xf3\xb7\x4f\x9d");
    EXPECT_NAMED("192.0.2.1", 4711, 35);
    for (size_t i = PLI_PROXY_V2_HEAD; i < all.length; i++) {
        bool vector = i >= 28 && i < 31; /* its type and length make it another one */

        all.data[i] ^= 1;
        if (!vector)
            EXPECT_BAD("a checksum that is wrong");
        all.data[i] ^= 1;
    }
    begin_ipv4(15);
    PUT("\x04\0\1x\x03\0\4\x65\x42\xd7\x7e\x04\0\1y");
    EXPECT_NAMED("192.0.2.1", 4711, 43);
}

static void there_is_at_most_one_checksum(void)
{
    begin_ipv4(6);
    PUT("\x03\0\3abc");
    EXPECT_BAD("no checksum, or two");
    begin_ipv4(8);
    PUT("\x03\0\5abcde");
    EXPECT_BAD("no checksum, or two");
    begin_ipv4(14);
    PUT("\x03\0\4abcd\x03\0\4abcd");
    EXPECT_BAD("no checksum, or two");
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"v1 names addresses of both families", v1_names_addresses_of_both_families},
        {"v1 UNKNOWN takes whatever follows", v1_unknown_takes_whatever_follows},
        {"v1 has an end in time", v1_has_an_end_in_time},
        {"v1 is taken by the letter", v1_is_taken_by_the_letter},
        {"what is no header is seen at once", what_is_no_header_is_seen_at_once},
        {"v2 names addresses of both families", v2_names_addresses_of_both_families},
        {"v2 LOCAL takes whatever follows", v2_local_takes_whatever_follows},
        {"v2 without an address takes whatever follows",
         v2_without_an_address_takes_whatever_follows},
        {"v2 of a Unix socket names nobody", v2_of_a_unix_socket_names_nobody},
        {"v2 is refused at the byte that is wrong", v2_is_refused_at_the_byte_that_is_wrong},
        {"v2 may be as long as is borne", v2_may_be_as_long_as_is_borne},
        {"vectors are passed over", vectors_are_passed_over},
        {"vectors end with the header", vectors_end_with_the_header},
        {"a checksum is checked", a_checksum_is_checked},
        {"there is at most one checksum", there_is_at_most_one_checksum},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "PROXY headers", tests);
}
