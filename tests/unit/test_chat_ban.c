/* SPDX-License-Identifier: MIT */
/* Bans of people, addresses and channels, and durations. */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

static struct chat_world *world;
static struct person root, bob;

static void begin(void)
{
    world = people_world();
    person_come(&root, world, "root");
    CU_ASSERT_EQUAL_FATAL(chat_user_oper(world, &root.chat, chat_text("admin")), 0);
    person_come(&bob, world, "bob");
    PERSON_HEARS(&root, "+MODE root admin admin\n");
}

static void end(void)
{
    person_go(&root, world);
    person_go(&bob, world);
    chat_world_free(world);
}

/* The outcome; NORMAL, if the ban is set, is the mask that it must have. */
static int ban(enum chat_ban_kind kind, const char *mask, bool force, const char *normal)
{
    struct chat_ban_request request = {
        .kind = kind, .mask = chat_text(mask), .reason = chat_text("why"), .force = force};
    char set[CHAT_BAN_MASK_MAX];
    size_t length, hit;
    int rc = chat_ban(world, &root.chat, &request, set, &length, &hit);

    if (rc == 0)
        EXPECT(strlen(normal) == length && memcmp(set, normal, length) == 0, "%s became %.*s", mask,
               (int)length, set);
    return rc;
}

static int unban(enum chat_ban_kind kind, const char *mask)
{
    return chat_unban(world, &root.chat, kind, chat_text(mask));
}

static void count(const struct chat_ban_view *view, void *argument)
{
    (void)view;
    ++*(size_t *)argument;
}

static size_t number_of(enum chat_ban_kind kind)
{
    size_t number = 0;

    chat_bans(world, kind, count, &number);
    return number;
}

static void masks_are_made_normal(void)
{
    begin();
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "spam*@*.example.org", false, "spam*@*.example.org"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "bad.example.org", false, "*@bad.example.org"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "x@192.0.2.77/24", false, "x@192.0.2.0/24"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "X@192.0.2.0/24", false, ""), CHAT_MODE_SAME);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "2001:db8::1/48", false, "2001:db8::/48"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_CHANNEL, "#warez*", false, "#warez*"), 0);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_USER), 3);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_ADDRESS), 1);
    CU_ASSERT_EQUAL(unban(CHAT_BAN_USER, "x@192.0.2.1/24"), 0);
    CU_ASSERT_EQUAL(unban(CHAT_BAN_USER, "x@192.0.2.1/24"), CHAT_NO_SUCH_BAN);
    CU_ASSERT_EQUAL(unban(CHAT_BAN_CHANNEL, "#WAREZ*"), 0);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_USER), 2);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_CHANNEL), 0);
    end();
}

static void what_is_no_mask_is_refused(void)
{
    static const char *const bad[] = {"", "a b@c", "a,b@c.d", ":a@b.c", "x@", "nobody", "a@b@"};

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, bad[i], true, ""), CHAT_MASK_BAD);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "host.example", true, ""), CHAT_MASK_BAD);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "192.0.2.0/40", true, ""), CHAT_MASK_BAD);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_CHANNEL, "warez", true, ""), CHAT_MASK_BAD);
    end();
}

static void what_means_too_many_takes_force(void)
{
    begin();
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "*@*", false, ""), CHAT_TOO_WIDE);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "*@*.de", false, ""), CHAT_TOO_WIDE);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "*@10.0.0.0/8", false, ""), CHAT_TOO_WIDE);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "spammer@10.0.0.0/8", false, "spammer@10.0.0.0/8"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "2001::/16", false, ""), CHAT_TOO_WIDE);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "2001::/16", true, "2001::/16"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_CHANNEL, "#*", false, ""), CHAT_TOO_WIDE);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_CHANNEL, "#a", false, "#a"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "user@unknown", false, ""), CHAT_TOO_WIDE); /* oneself */
    end();
}

static void who_is_hit_goes_and_does_not_come_back(void)
{
    struct person eve;
    struct chat_identity identity = {
        .nick = chat_text("eve"),
        .username = chat_text("eve"),
        .host = chat_text("Host.Example.org"),
        .address = chat_text("192.0.2.9"),
    };
    char why[CHAT_BAN_REASON_MAX + 1] = "";

    begin();
    person_init(&eve);
    identity.why = why;
    CU_ASSERT_EQUAL(chat_user_enter(world, &eve.chat, &identity), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "*@host.example.ORG", false, "*@host.example.ORG"), 0);
    CU_ASSERT_PTR_NULL(eve.chat.user);
    CU_ASSERT_EQUAL(chat_user_enter(world, &eve.chat, &identity), CHAT_BARRED);
    CU_ASSERT_STRING_EQUAL(why, "why");
    CU_ASSERT_EQUAL(unban(CHAT_BAN_USER, "*@host.example.org"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "192.0.2.0/24", false, "192.0.2.0/24"), 0);
    CU_ASSERT_EQUAL(chat_user_enter(world, &eve.chat, &identity), CHAT_BARRED);
    CU_ASSERT_EQUAL(unban(CHAT_BAN_ADDRESS, "192.0.2.0/24"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "evi?@192.0.2.0/24", false, "evi?@192.0.2.0/24"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "*@*.example.com", false, "*@*.example.com"), 0);
    CU_ASSERT_EQUAL(chat_user_enter(world, &eve.chat, &identity), 0);
    person_go(&eve, world);
    end();
}

static bool denies(const char *address)
{
    uint8_t bytes[16];
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;

    EXPECT(inet_pton(family, address, bytes) == 1, "no address: %s", address);
    return chat_denies(world, bytes, family == AF_INET ? 4 : 16);
}

static void addresses_are_denied(void)
{
    begin();
    CU_ASSERT_FALSE(denies("192.0.2.1"));
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "192.0.2.0/24", false, "192.0.2.0/24"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "127.0.0.0/8", true, "127.0.0.0/8"), 0);
    CU_ASSERT_TRUE(denies("192.0.2.1"));
    CU_ASSERT_TRUE(denies("::ffff:192.0.2.1"));
    CU_ASSERT_FALSE(denies("192.0.3.1"));
    CU_ASSERT_FALSE(denies("127.0.0.1"));
    CU_ASSERT_EQUAL(unban(CHAT_BAN_ADDRESS, "192.0.2.0/24"), 0);
    CU_ASSERT_FALSE(denies("192.0.2.1"));
    end();
}

/* As they are set by the server itself, say from where they are kept. */
static void a_ban_whose_time_is_over_is_none(void)
{
    uint64_t now = pli_clock_wall_ms();
    struct chat_ban_view view = {.kind = CHAT_BAN_ADDRESS,
                                 .mask = chat_text("192.0.2.0/24"),
                                 .reason = chat_text("r"),
                                 .by = chat_text("server"),
                                 .set = now - 2000,
                                 .expires = now - 1000};
    size_t hit;

    begin();
    CU_ASSERT_EQUAL(chat_ban_put(world, &view, &hit), 0);
    CU_ASSERT_FALSE(denies("192.0.2.1"));
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_ADDRESS), 0);
    view.expires = now + 3600000;
    CU_ASSERT_EQUAL(chat_ban_put(world, &view, &hit), 0);
    CU_ASSERT_TRUE(denies("192.0.2.1"));
    CU_ASSERT_EQUAL(chat_ban_put(world, &view, &hit), CHAT_MODE_SAME);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_ADDRESS), 1);
    end();
}

static void there_are_so_many_at_most(void)
{
    struct chat_settings settings = people_settings;

    begin();
    settings.bans = 2;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_USER, "a@host.example", false, "a@host.example"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_ADDRESS, "192.0.2.1", false, "192.0.2.1"), 0);
    CU_ASSERT_EQUAL(ban(CHAT_BAN_CHANNEL, "#warez", false, ""), CHAT_LIST_FULL);
    end();
}

static void without_memory_there_is_no_ban(void)
{
    long n = 0;
    int rc;

    begin();
    do {
        failmalloc_after(++n);
        rc = ban(CHAT_BAN_USER, "a@host.example", false, "a@host.example");
        failmalloc_off();
        EXPECT(rc == 0 || (rc == -ENOMEM && number_of(CHAT_BAN_USER) == 0), "rc %d", rc);
    } while (rc != 0);
    CU_ASSERT(n > 1);
    CU_ASSERT_EQUAL(number_of(CHAT_BAN_USER), 1);
    end();
}

static void durations_are_minutes_or_have_units(void)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {
        {"0", 0},     {"10", 600},        {"30m", 1800},          {"90s", 90},
        {"1h", 3600}, {"7d", 604800},     {"1w2d", 777600},       {"1h30m10s", 5410},
        {"0s", 0},    {"10y", 315360000}, {"5256000", 315360000},
    };
    static const char *const bad[] = {
        "",        "m", "1x", "1h30", "-1", "1 h", "11y", "10y1s", "99999999999999999999999",
        "5256001", "1H"};
    uint64_t seconds;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        EXPECT(chat_duration_parse(chat_text(good[i].text), &seconds), "no %s", good[i].text);
        CU_ASSERT_EQUAL(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT(!chat_duration_parse(chat_text(bad[i]), &seconds), "%s is one", bad[i]);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"masks are made normal", masks_are_made_normal},
        {"what is no mask is refused", what_is_no_mask_is_refused},
        {"what means too many takes force", what_means_too_many_takes_force},
        {"who is hit goes and does not come back", who_is_hit_goes_and_does_not_come_back},
        {"addresses are denied", addresses_are_denied},
        {"a ban whose time is over is none", a_ban_whose_time_is_over_is_none},
        {"there are so many at most", there_are_so_many_at_most},
        {"without memory there is no ban", without_memory_there_is_no_ban},
        {"durations are minutes or have units", durations_are_minutes_or_have_units},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat bans", tests);
}
