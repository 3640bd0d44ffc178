/* SPDX-License-Identifier: MIT */
/* Keys of session tickets: how long one is the present one, and how long what it has sealed is opened. */
#include "config.h"

#include "transport/tls_tickets.h"

#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <string.h>

#define LIFETIME 100u
#define START    1000u

static struct pli_tls_tickets *tickets;
static struct pli_tls_ticket_key first; /* sealed with at START */

static void begin(void)
{
    tickets = pli_tls_tickets_new();
    EXPECT(tickets, "no memory");
    pli_tls_tickets_renew(tickets, LIFETIME);
    EXPECT_RESULT(pli_tls_tickets_seal(tickets, START, &first), 0);
}

static void end(void)
{
    pli_tls_tickets_unref(tickets);
}

static int open_first(uint64_t now)
{
    struct pli_tls_ticket_key key;
    int rc = pli_tls_tickets_open(tickets, now, first.name, &key);

    if (rc >= 0)
        EXPECT(memcmp(&key, &first, sizeof(key)) == 0, "it is another key");
    return rc;
}

static bool seals_with_first(uint64_t now)
{
    struct pli_tls_ticket_key key;

    EXPECT_RESULT(pli_tls_tickets_seal(tickets, now, &key), 0);
    return memcmp(&key, &first, sizeof(key)) == 0;
}

static void key_seals_for_its_lifetime(void)
{
    begin();
    CU_ASSERT(seals_with_first(START + LIFETIME - 1));
    CU_ASSERT(!seals_with_first(START + LIFETIME));
    end();
}

static void ticket_survives_one_rotation_and_not_two(void)
{
    begin();
    CU_ASSERT_EQUAL(open_first(START + LIFETIME - 1), 0);
    CU_ASSERT_EQUAL(open_first(START + LIFETIME), PLI_TLS_TICKETS_FORMER);
    CU_ASSERT_EQUAL(open_first(START + 2 * LIFETIME - 1), PLI_TLS_TICKETS_FORMER);
    CU_ASSERT_EQUAL(open_first(START + 2 * LIFETIME), -ENOENT);
    end();
}

/* Where nobody has come meanwhile the keys have changed all the same. */
static void quiet_times_count(void)
{
    begin();
    CU_ASSERT_EQUAL(open_first(START + 2 * LIFETIME), -ENOENT);
    end();
    begin();
    CU_ASSERT(!seals_with_first(START + 100 * LIFETIME));
    CU_ASSERT_EQUAL(open_first(START + 100 * LIFETIME), -ENOENT);
    end();
}

static void renewal_is_a_rotation(void)
{
    begin();
    pli_tls_tickets_renew(tickets, LIFETIME);
    CU_ASSERT_EQUAL(open_first(START), PLI_TLS_TICKETS_FORMER);
    CU_ASSERT(!seals_with_first(START));
    pli_tls_tickets_renew(tickets, LIFETIME);
    CU_ASSERT_EQUAL(open_first(START), -ENOENT);
    end();
    begin();
    pli_tls_tickets_renew(tickets, LIFETIME);
    pli_tls_tickets_renew(tickets, LIFETIME);
    CU_ASSERT_EQUAL(open_first(START), -ENOENT);
    end();
}

static void another_lifetime_is_that_of_the_next_key(void)
{
    struct pli_tls_ticket_key second, key;

    begin();
    pli_tls_tickets_renew(tickets, 10 * LIFETIME);
    EXPECT_RESULT(pli_tls_tickets_seal(tickets, START, &second), 0);
    EXPECT_RESULT(pli_tls_tickets_seal(tickets, START + 10 * LIFETIME - 1, &key), 0);
    CU_ASSERT(memcmp(&second, &key, sizeof(key)) == 0);
    EXPECT_RESULT(pli_tls_tickets_seal(tickets, START + 10 * LIFETIME, &key), 0);
    CU_ASSERT(memcmp(&second, &key, sizeof(key)) != 0);
    end();
}

static void foreign_tickets_are_not_opened(void)
{
    struct pli_tls_ticket_key key;

    begin();
    first.name[PLI_TLS_TICKET_NAME - 1] ^= 1;
    CU_ASSERT_EQUAL(pli_tls_tickets_open(tickets, START, first.name, &key), -ENOENT);
    memset(first.name, 0, sizeof(first.name)); /* as a key that there is not */
    CU_ASSERT_EQUAL(pli_tls_tickets_open(tickets, START, first.name, &key), -ENOENT);
    end();
}

static void without_memory_there_are_none(void)
{
    failmalloc_after(1);
    tickets = pli_tls_tickets_new();
    failmalloc_off();
    CU_ASSERT_PTR_NULL(tickets);
    pli_tls_tickets_unref(tickets);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"key seals for its lifetime", key_seals_for_its_lifetime},
        {"ticket survives one rotation and not two", ticket_survives_one_rotation_and_not_two},
        {"quiet times count", quiet_times_count},
        {"renewal is a rotation", renewal_is_a_rotation},
        {"another lifetime is that of the next key", another_lifetime_is_that_of_the_next_key},
        {"foreign tickets are not opened", foreign_tickets_are_not_opened},
        {"without memory there are none", without_memory_there_are_none},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "tickets", tests);
}
