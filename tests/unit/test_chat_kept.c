/* SPDX-License-Identifier: MIT */
/*
 * Registered channels and the store: what is written when, and what becomes of it when that fails. The
 * store is a real one.
 */
#include "config.h"

#include "chat/chat.h"
#include "tests/lib/expect.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"
#include "tests/unit/store_house.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct house house;
static struct chat_world *world;
static struct person alice;

static void open_world(void)
{
    struct chat_settings settings = people_settings;
    size_t loaded;

    settings.masks_per_list = 300;
    settings.channels_per_user = 0;
    settings.channel_registration = true;
    settings.topic_length = 100;
    world = people_world();
    CU_ASSERT_EQUAL_FATAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL_FATAL(chat_service_add(world, CHAT_CHANNEL_SERVICE, "s", "h", "r"), 0);
    CU_ASSERT_EQUAL_FATAL(chat_registrations_keep(world, house.store, &loaded), 0);
    person_come(&alice, world, "alice");
    CU_ASSERT_EQUAL_FATAL(chat_user_account(world, &alice.chat, chat_text("alice")), 0);
    fake_take(alice.session, NULL);
}

static void close_world(void)
{
    store_stop(house.store);
    person_go(&alice, world);
    chat_world_free(world);
}

/* #a is alice's. */
static void begin(void)
{
    house_init(&house);
    house.options.busy = 20000;
    EXPECT_RESULT(house_open(&house), 0);
    open_world();
    CU_ASSERT_EQUAL_FATAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL_FATAL(chat_channel_register(world, &alice.chat, chat_text("#a")), 0);
}

static void end(void)
{
    close_world();
    house_end(&house);
}

static void settle(void)
{
    EXPECT_RESULT(store_flush(house.store), 0);
    EXPECT_RESULT(store_flush(house.store), 0);
}

static int note_topic(const struct store_record *record, void *argument)
{
    snprintf(argument, 101, "%s", record->channel.topic);
    return 0;
}

static const char *kept_topic(void)
{
    static char topic[101];

    topic[0] = '\0';
    EXPECT_RESULT(store_read(house.store, STORE_ALL_CHANNELS, NULL, note_topic, topic), 0);
    return topic;
}

static void what_comes_while_a_group_is_written_is_one_more(void)
{
    struct store_stats stats;
    char text[40];
    sqlite3 *other;

    begin();
    settle();
    other = other_program(&house, "BEGIN IMMEDIATE");
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "topic %d", i);
        CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", text), 0);
        snprintf(text, sizeof text, "nick%d", i % 250);
        CU_ASSERT_EQUAL(person_change(&alice, world, "#a", i < 250 ? "+b" : "-b", text), 0);
    }
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "last"), 0);
    store_stats(house.store, &stats);
    EXPECT(stats.waiting <= 2, "%u changes wait", stats.waiting);
    other_program_ends(other);
    settle();
    CU_ASSERT_STRING_EQUAL(kept_topic(), "topic 499");
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 1);
    end();
}

static void a_long_list_is_written_in_several_groups(void)
{
    struct store_stats stats;
    char text[40];
    sqlite3 *other;

    begin();
    settle();
    other = other_program(&house, "BEGIN IMMEDIATE");
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "nick%d", i);
        CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", text), 0);
    }
    store_stats(house.store, &stats);
    EXPECT(stats.waiting <= 2, "%u changes wait", stats.waiting);
    CU_ASSERT_FALSE(chat_registrations_are_kept(world));
    other_program_ends(other);
    for (int i = 0; i < 5 && !chat_registrations_are_kept(world); i++)
        EXPECT_RESULT(store_flush(house.store), 0);
    CU_ASSERT_TRUE(chat_registrations_are_kept(world));
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 200);
    end();
}

static void what_is_dropped_and_set_again_is_there(void)
{
    begin();
    for (int i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "x"), 0);
        CU_ASSERT_EQUAL(
            chat_channel_access(world, &alice.chat, chat_text("#a"), chat_text("bob"), CHAT_OP), 0);
        if (i % 3 == 0)
            settle();
        CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "-b", "X!*@*"), 0);
        CU_ASSERT_EQUAL(
            chat_channel_access(world, &alice.chat, chat_text("#a"), chat_text("BOB"), 0), 0);
        if (i % 5 == 0)
            settle();
    }
    settle();
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCESS, NULL), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "x"), 0);
    CU_ASSERT_EQUAL(
        chat_channel_access(world, &alice.chat, chat_text("#a"), chat_text("bob"), CHAT_OP), 0);
    CU_ASSERT_EQUAL(
        chat_channel_access(world, &alice.chat, chat_text("#a"), chat_text("bob"), CHAT_VOICE), 0);
    settle();
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 1);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCESS, NULL), 1);
    end();
}

static void what_could_not_be_written_is_written_when_that_is_tried_again(void)
{
    sqlite3 *other;

    house_init(&house);
    house.options.busy = 0;
    house.options.retry = 1;
    EXPECT_RESULT(house_open(&house), 0);
    open_world();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(chat_channel_register(world, &alice.chat, chat_text("#a")), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "gone"), 0);
    settle();
    other = other_program(&house, "BEGIN IMMEDIATE");
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "lost?"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "-b", "gone!*@*"), 0);
    EXPECT_RESULT(store_flush(house.store), -EBUSY);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "new"), 0);
    CU_ASSERT_EQUAL(chat_channel_unregister(world, &alice.chat, chat_text("#a")), CHAT_STORE_AWAY);
    other_program_ends(other);
    house_wait_state(&house, 0);
    chat_registrations_retry(world);
    settle();
    CU_ASSERT_STRING_EQUAL(kept_topic(), "lost?");
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 1);
    CU_ASSERT_EQUAL(chat_channel_unregister(world, &alice.chat, chat_text("#a")), 0);
    settle();
    EXPECT_RESULT(house_count(&house, STORE_ALL_CHANNELS, NULL), 0);
    CU_ASSERT_EQUAL(chat_registrations_count(world), 0);
    end();
}

/* A queue with room for one change: what does not fit waits in the world. */
static void a_full_queue_loses_nothing(void)
{
    sqlite3 *other;

    house_init(&house);
    house.options.busy = 20000;
    house.options.queue = 1;
    EXPECT_RESULT(house_open(&house), 0);
    open_world();
    other = other_program(&house, "BEGIN IMMEDIATE");
    for (int i = 0; i < 10; i++) {
        char name[] = {'#', (char)('a' + i), '\0'};

        CU_ASSERT_EQUAL(person_join(&alice, world, name), 0);
        CU_ASSERT_EQUAL(chat_channel_register(world, &alice.chat, chat_text(name)), 0);
        CU_ASSERT_EQUAL(person_change(&alice, world, name, "+b", "x"), 0);
    }
    other_program_ends(other);
    for (int i = 0; i < 50 && house_count(&house, STORE_ALL_MASKS, NULL) < 10; i++) {
        EXPECT_RESULT(store_flush(house.store), 0);
        chat_registrations_retry(world);
    }
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 10);
    EXPECT_RESULT(house_count(&house, STORE_ALL_CHANNELS, NULL), 10);
    end();
}

static void what_is_read_is_as_it_was(void)
{
    char map[400];
    size_t loaded;

    begin();
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "stays"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+k", "key"), 0);
    settle();
    person_go(&alice, world);
    chat_world_free(world);
    open_world();
    CU_ASSERT_EQUAL(chat_registrations_count(world), 1);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), CHAT_BAD_KEY);
    CU_ASSERT_EQUAL(chat_channel_enter(world, &alice.chat, chat_text("#A"), chat_text("key")), 0);
    PERSON_HEARS(&alice, "+JOIN alice #a\nMODE ChanServ #a +q alice\n");
    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, "#a: alice [stays]\n");
    CU_ASSERT_EQUAL(chat_registrations_keep(world, house.store, &loaded), 0);
    CU_ASSERT_EQUAL(loaded, 0);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what comes while a group is written is one more",
         what_comes_while_a_group_is_written_is_one_more},
        {"a long list is written in several groups", a_long_list_is_written_in_several_groups},
        {"what is dropped and set again is there", what_is_dropped_and_set_again_is_there},
        {"what could not be written is written when that is tried again",
         what_could_not_be_written_is_written_when_that_is_tried_again},
        {"a full queue loses nothing", a_full_queue_loses_nothing},
        {"what is read is as it was", what_is_read_is_as_it_was},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat_kept", tests);
}
