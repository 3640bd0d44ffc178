/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/connect_rate.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)
#define START  (100 * SECOND)

static struct pli_connect_rate *rate;

static void begin(unsigned per_minute, unsigned burst)
{
    rate = calloc(1, sizeof(*rate));
    CU_ASSERT_PTR_NOT_NULL_FATAL(rate);
    pli_connect_rate_set(rate, per_minute, burst);
}

static void end(void)
{
    free(rate);
}

static bool take(const char *text, uint64_t now)
{
    static const struct pli_prefixes prefixes = {32, 64};
    struct sockaddr_storage from;
    struct pli_address address;
    socklen_t length;
    bool dual;

    EXPECT(pli_address_parse(text, 4711, &from, &length, &dual) == 0, "no address: %s", text);
    pli_address_set(&address, &from, length);
    address = pli_address_group(&address, pli_prefix_of(&prefixes, &address));
    return pli_connect_rate_take(rate, &address, now);
}

/* How many connections of that address pass at once. */
static unsigned burst(const char *text, uint64_t now)
{
    unsigned count = 0;

    while (count < 1000 && take(text, now))
        count++;
    return count;
}

static void a_burst_passes_and_then_so_many_a_minute(void)
{
    uint64_t now = START;

    begin(30, 5);
    CU_ASSERT_EQUAL(burst("192.0.2.1", now), 5);
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_FALSE(take("192.0.2.1", now + 2 * SECOND - 1));
        now += 2 * SECOND;
        CU_ASSERT_EQUAL(burst("192.0.2.1", now), 1);
    }
    now += 6 * SECOND;
    CU_ASSERT_EQUAL(burst("192.0.2.1", now), 3);
    now += 3600 * SECOND;
    CU_ASSERT_EQUAL(burst("192.0.2.1", now), 5);
    end();
}

static void who_is_refused_does_not_wait_longer_for_it(void)
{
    begin(60, 1);
    CU_ASSERT_TRUE(take("192.0.2.1", START));
    for (unsigned i = 1; i < 100; i++)
        CU_ASSERT_FALSE(take("192.0.2.1", START + i));
    CU_ASSERT_TRUE(take("192.0.2.1", START + SECOND));
    end();
}

static void each_address_has_its_own(void)
{
    begin(60, 2);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START), 2);
    CU_ASSERT_EQUAL(burst("192.0.2.2", START), 2);
    CU_ASSERT_EQUAL(burst("::ffff:192.0.2.2", START), 0);
    CU_ASSERT_EQUAL(burst("2001:db8::1", START), 2);
    /* One who has a network of IPv6 has all addresses in it. */
    CU_ASSERT_EQUAL(burst("2001:db8::ffff:1", START), 0);
    CU_ASSERT_EQUAL(burst("2001:db8:0:1::1", START), 2);
    /* The first bytes of one are those of the other. */
    CU_ASSERT_EQUAL(burst("c000:201::", START), 2);
    CU_ASSERT_EQUAL(burst("0:0:c000:203::", START), 2);
    CU_ASSERT_EQUAL(burst("192.0.2.3", START), 2);
    end();
}

static void zero_switches_it_off(void)
{
    begin(0, 0);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START), 1000);
    pli_connect_rate_set(rate, 1, 0);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START), 1);
    end();
}

static void new_limits_hold_at_once(void)
{
    begin(1, 1000);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START), 1000);
    pli_connect_rate_set(rate, 60, 1);
    CU_ASSERT_FALSE(take("192.0.2.1", START));
    /* What was used up of a larger bucket keeps nobody out for longer than a smaller one would. */
    CU_ASSERT_TRUE(take("192.0.2.1", START + SECOND));
    pli_connect_rate_set(rate, 60, 3);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START + SECOND), 2);
    end();
}

/* More addresses than there are places: nobody is refused for it, and who floods is remembered. */
static void many_addresses_crowd_out_those_that_came_least(void)
{
    unsigned refused = 0;
    char text[40];

    begin(60, 50);
    CU_ASSERT_EQUAL(burst("192.0.2.1", START), 50);
    for (unsigned i = 0; i < 20 * PLI_CONNECT_SETS * PLI_CONNECT_WAYS; i++) {
        snprintf(text, sizeof(text), "2001:db8:%x:%x::1", i >> 16, i & 0xffff);
        refused += take(text, START) ? 0 : 1;
    }
    CU_ASSERT_EQUAL(refused, 0);
    CU_ASSERT_FALSE(take("192.0.2.1", START));
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a burst passes and then so many a minute", a_burst_passes_and_then_so_many_a_minute},
        {"who is refused does not wait longer for it", who_is_refused_does_not_wait_longer_for_it},
        {"each address has its own", each_address_has_its_own},
        {"zero switches it off", zero_switches_it_off},
        {"new limits hold at once", new_limits_hold_at_once},
        {"many addresses crowd out those that came least",
         many_addresses_crowd_out_those_that_came_least},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "rate of connections", tests);
}
