/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of each call for registered channels fails once: it says so, and nothing has changed, or
 * it is done; and the store has what the world has, once that could be written.
 */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"
#include "tests/unit/store_house.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct house house;
static struct chat_world *world;
static struct person alice;

static void open_world(void)
{
    struct chat_settings settings = people_settings;

    settings.channel_registration = true;
    world = people_world();
    CU_ASSERT_EQUAL_FATAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL_FATAL(chat_service_add(world, CHAT_CHANNEL_SERVICE, "s", "h", "r"), 0);
}

static int load(void)
{
    size_t loaded;

    return chat_registrations_keep(world, house.store, &loaded);
}

/* #a is alice's and has a bit of everything; #b is nobody's. */
static void begin(void)
{
    house_begin(&house);
    open_world();
    CU_ASSERT_EQUAL_FATAL(load(), 0);
    person_come(&alice, world, "alice");
    CU_ASSERT_EQUAL_FATAL(chat_user_account(world, &alice.chat, chat_text("alice")), 0);
    CU_ASSERT_EQUAL_FATAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL_FATAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL_FATAL(chat_channel_register(world, &alice.chat, chat_text("#a")), 0);
    CU_ASSERT_EQUAL_FATAL(person_topic(&alice, world, "#a", "topic"), 0);
    CU_ASSERT_EQUAL_FATAL(person_change(&alice, world, "#a", "+b", "x"), 0);
    CU_ASSERT_EQUAL_FATAL(
        chat_channel_access(world, &alice.chat, chat_text("#a"), chat_text("bob"), CHAT_OP), 0);
    EXPECT_RESULT(store_flush(house.store), 0);
    EXPECT_RESULT(store_flush(house.store), 0);
}

static void end(void)
{
    store_stop(house.store);
    person_go(&alice, world);
    chat_world_free(world);
    house_end(&house);
}

/* What there is of the channel, as the world knows it. */
struct sheet {
    size_t access;
    size_t masks;
    char text[400];
};

static void note_channel(const struct chat_registration_view *view, void *argument)
{
    struct sheet *sheet = argument;

    sheet->access = view->access_count;
    snprintf(sheet->text, sizeof sheet->text, "%.*s %.*s %.*s %.*s %u", CHAT_SHOWN(view->founder),
             CHAT_SHOWN(view->successor), CHAT_SHOWN(view->url), CHAT_SHOWN(view->lock),
             view->flags);
}

static void note_mask(const struct chat_mask_view *view, void *argument)
{
    struct sheet *sheet = argument;

    (void)view;
    sheet->masks++;
}

static struct sheet look(void)
{
    struct sheet sheet = {.text = ""};

    (void)chat_registration_look(world, &alice.chat, chat_text("#a"), note_channel, &sheet);
    (void)chat_channel_masks(world, &alice.chat, chat_text("#a"), CHAT_MODE_BAN, note_mask, &sheet);
    return sheet;
}

/* The world made anew of the store is the same. */
static void check_kept(void)
{
    struct sheet before, after;

    chat_registrations_retry(world);
    EXPECT_RESULT(store_flush(house.store), 0);
    EXPECT_RESULT(store_flush(house.store), 0);
    before = look();
    person_go(&alice, world);
    chat_world_free(world);
    open_world();
    CU_ASSERT_EQUAL_FATAL(load(), 0);
    person_come(&alice, world, "alice");
    CU_ASSERT_EQUAL_FATAL(chat_user_account(world, &alice.chat, chat_text("alice")), 0);
    after = look();
    CU_ASSERT_STRING_EQUAL(before.text, after.text);
    CU_ASSERT_EQUAL(before.access, after.access);
    if (*before.text)
        CU_ASSERT_EQUAL(before.masks, after.masks);
}

#define ON_A world, &alice.chat, chat_text("#a")

static int do_register(void)
{
    return chat_channel_register(world, &alice.chat, chat_text("#b"));
}

static int do_unregister(void)
{
    return chat_channel_unregister(ON_A);
}

static int do_transfer(void)
{
    return chat_channel_transfer(ON_A, chat_text("bob"));
}

static int do_access(void)
{
    return chat_channel_access(ON_A, chat_text("bob"), CHAT_VOICE);
}

static int do_url(void)
{
    return chat_channel_set_text(ON_A, CHAT_URL, chat_text("u"));
}

static int do_successor(void)
{
    return chat_channel_set_text(ON_A, CHAT_SUCCESSOR, chat_text("carol"));
}

static int do_flag(void)
{
    return chat_channel_set_flag(ON_A, CHAT_TOPIC_LOCK, true);
}

static int do_lock(void)
{
    return chat_channel_lock(ON_A, chat_text("+nk-t key"));
}

static int do_ban(void)
{
    return person_change(&alice, world, "#a", "+b", "y");
}

static int do_unban(void)
{
    return person_change(&alice, world, "#a", "-b", "x");
}

/* Fails the Nth allocation of CALL; whether there was one. */
static bool fail_nth(long n, int (*call)(void))
{
    bool fired;
    int rc;

    begin();
    failmalloc_after(n);
    rc = call();
    fired = failmalloc_fired();
    failmalloc_off();
    CU_ASSERT(rc == 0 || (rc == -ENOMEM && fired));
    check_kept();
    end();
    return fired;
}

static void what_cannot_be_allocated_is_said_or_made_up_for(void)
{
    static int (*const calls[])(void) = {do_register, do_unregister, do_transfer, do_access,
                                         do_url,      do_successor,  do_flag,     do_lock,
                                         do_ban,      do_unban};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (long n = 1; fail_nth(n, calls[i]); n++)
            ;
}

/* Fails the Nth allocation of reading: all of it is there, or nothing. */
static bool fail_nth_of_loading(long n)
{
    bool fired;
    int rc;

    begin();
    person_go(&alice, world);
    chat_world_free(world);
    open_world();
    failmalloc_after(n);
    rc = load();
    fired = failmalloc_fired();
    failmalloc_off();
    CU_ASSERT(rc == 0 || (rc == -ENOMEM && fired));
    CU_ASSERT_EQUAL(chat_registrations_count(world), rc == 0 ? 1 : 0);
    person_come(&alice, world, "alice");
    end();
    return fired;
}

static void all_is_read_or_nothing(void)
{
    for (long n = 1; fail_nth_of_loading(n); n++)
        ;
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what cannot be allocated is said, or made up for",
         what_cannot_be_allocated_is_said_or_made_up_for},
        {"all is read or nothing", all_is_read_or_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat_kept_memory", tests);
}
