/* SPDX-License-Identifier: MIT */
/* Who is where, and who is told of it. */
#include "config.h"

#include "chat/name.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob, carol;

/* Three people who are nowhere. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

static void quiet(void)
{
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    fake_take(carol.session, NULL);
}

/* alice, bob and carol in #a, alice and bob in #b. */
static void begin_in_rooms(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#b"), 0);
    quiet();
}

static void expect_map(const char *expected)
{
    char map[1000];

    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, expected);
}

static int come(struct person *person, const char *nick)
{
    return chat_user_register(world, &person->chat, chat_text(nick));
}

static void a_nick_is_checked_and_taken_once(void)
{
    struct person person;

    begin();
    person_init(&person);
    CU_ASSERT_EQUAL(come(&person, "alice"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(come(&person, "ALICE"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(come(&person, "al ice"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(come(&person, "abcdefghij"), CHAT_NICK_LONG);
    CU_ASSERT_EQUAL(come(&person, "dave"), 0);
    PERSON_HEARS(&person, "+HELLO dave\n");
    CU_ASSERT_EQUAL(come(&person, "erin"), CHAT_REGISTERED);
    person_go(&person, world);
    PERSON_HEARS(&alice, "");
    end();
}

static void a_nick_is_free_after_its_user_has_quit(void)
{
    struct person person;

    begin();
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("bye")), 0);
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("bye")), CHAT_NOT_REGISTERED);
    person_init(&person);
    CU_ASSERT_EQUAL(come(&person, "Alice"), 0);
    person_go(&person, world);
    end();
}

static void who_is_not_registered_can_do_nothing(void)
{
    struct person person;

    begin_in_rooms();
    person_init(&person);
    CU_ASSERT_EQUAL(person_join(&person, world, "#a"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(person_part(&person, world, "#a"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(person_topic(&person, world, "#a", "x"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(person_rename(&person, world, "dave"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(person_say(&person, world, "#a", "x"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_channel_focus(world, &person.chat, chat_text("#a")), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_quit_untold(world, &person.chat), CHAT_NOT_REGISTERED);
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&person, "");
    person_go(&person, world);
    end();
}

static void a_join_is_seen_by_all_members_and_oneself(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    PERSON_HEARS(&alice, "+JOIN alice #a\n");
    CU_ASSERT_EQUAL(person_join(&bob, world, "#A"), 0);
    PERSON_HEARS(&alice, "JOIN bob #a\n");
    PERSON_HEARS(&bob, "+JOIN bob #a\n");
    PERSON_HEARS(&carol, "");
    expect_map("#a: alice bob\n");
    end();
}

static void joining_twice_changes_nothing(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#A"), CHAT_ON_CHANNEL);
    PERSON_HEARS(&alice, "");
    expect_map("#a: alice bob carol\n#b: alice bob\n");
    end();
}

static void channel_names_are_checked(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "a"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a b"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#23456789012"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#234567890123"), CHAT_CHANNEL_LONG);
    expect_map("#23456789012: alice\n");
    end();
}

static void nobody_joins_more_channels_than_allowed(void)
{
    struct chat_settings settings = people_settings;

    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#c"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#d"), CHAT_TOO_MANY_CHANNELS);
    CU_ASSERT_EQUAL(person_part(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#d"), 0);
    settings.channels_per_user = 0;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#e"), 0);
    expect_map("#b: alice\n#c: alice\n#d: alice\n#e: alice\n");
    end();
}

static void a_part_is_seen_by_all_who_were_there(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(chat_channel_part(world, &bob.chat, chat_text("#A"), chat_text("late")), 0);
    PERSON_HEARS(&alice, "PART bob #a late\n");
    PERSON_HEARS(&bob, "+PART bob #a late\n");
    PERSON_HEARS(&carol, "PART bob #a late\n");
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#none"), CHAT_NO_SUCH_CHANNEL);
    expect_map("#a: alice carol\n#b: alice bob\n");
    end();
}

static void an_empty_channel_disappears_with_its_topic(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "old"), 0);
    CU_ASSERT_EQUAL(person_part(&alice, world, "#a"), 0);
    expect_map("");
    CU_ASSERT_EQUAL(person_join(&bob, world, "#A"), 0);
    expect_map("#A: bob\n");
    PERSON_HEARS(&bob, "+JOIN bob #A\n");
    end();
}

static void a_quit_is_seen_once_by_who_shares_any_channel(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("bye")), 0);
    PERSON_HEARS(&bob, "QUIT alice bye\n");
    PERSON_HEARS(&carol, "QUIT alice bye\n");
    PERSON_HEARS(&alice, "");
    expect_map("#a: bob carol\n#b: bob\n");
    end();
}

static void a_quit_untold_is_seen_by_nobody(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(chat_quit_untold(world, &alice.chat), 0);
    PERSON_HEARS(&bob, "");
    expect_map("#a: bob carol\n#b: bob\n");
    end();
}

static void a_new_nick_is_seen_once_by_who_shares_any_channel(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(person_rename(&alice, world, "zoe"), 0);
    PERSON_HEARS(&alice, "+NICK alice zoe\n");
    PERSON_HEARS(&bob, "NICK alice zoe\n");
    PERSON_HEARS(&carol, "NICK alice zoe\n");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "alice"), 0);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "ZOE"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "z oe"), CHAT_NICK_BAD);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "abcdefghij"), CHAT_NICK_LONG);
    expect_map("#a: zoe alice carol\n#b: zoe alice\n");
    end();
}

static void the_case_of_ones_nick_can_be_changed(void)
{
    begin();
    CU_ASSERT_EQUAL(person_rename(&alice, world, "alice"), CHAT_NICK_SAME);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "ALICE"), 0);
    PERSON_HEARS(&alice, "+NICK alice ALICE\n");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "aLiCe"), CHAT_NICK_TAKEN);
    end();
}

static void who_shares_nothing_sees_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#b"), 0);
    quiet();
    CU_ASSERT_EQUAL(person_rename(&alice, world, "zoe"), 0);
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "x"), 0);
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "x"), 0);
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("")), 0);
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&carol, "");
    end();
}

static void look_topic(const struct chat_channel_view *view, void *argument)
{
    snprintf(argument, 100, "%.*s|%.*s|%d", (int)view->topic.length,
             view->topic.data ? view->topic.data : "", (int)view->topic_by.length,
             view->topic_by.data ? view->topic_by.data : "", view->topic_time >= view->created);
}

static const char *topic_of(const char *channel)
{
    static const struct chat_channel_visitor visitor = {look_topic, NULL};
    static char text[100];

    CU_ASSERT_EQUAL_FATAL(chat_channel_look(world, &alice.chat, chat_text(channel), &visitor, text),
                          0);
    return text;
}

static void a_topic_is_set_seen_and_cleared(void)
{
    begin_in_rooms();
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "||0");
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#A", "cats"), 0);
    PERSON_HEARS(&alice, "+TOPIC alice #a cats\n");
    PERSON_HEARS(&carol, "TOPIC alice #a cats\n");
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "cats|alice|1");
    CU_ASSERT_EQUAL(person_rename(&alice, world, "zoe"), 0);
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "cats|alice|1");
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", ""), 0);
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "||0");
    CU_ASSERT_EQUAL(person_topic(&carol, world, "#b", "x"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_topic(&carol, world, "#none", "x"), CHAT_NO_SUCH_CHANNEL);
    end();
}

static void a_long_topic_is_cut_between_characters(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "1234567890123456789\xC3\xA9"), 0);
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "1234567890123456789|alice|1");
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "123456789012345678\xC3\xA9"), 0);
    CU_ASSERT_STRING_EQUAL(topic_of("#a"), "123456789012345678\xC3\xA9|alice|1");
    end();
}

static bool focus_on(struct person *person, const char *channel)
{
    static const struct chat_channel_visitor visitor = {look_topic, NULL};
    char text[100];
    struct chat_id before = person->chat.focus;

    if (!channel)
        return chat_channel_look(world, &person->chat, CHAT_NO_TEXT, &visitor, text) ==
               CHAT_NO_FOCUS;
    return chat_channel_focus(world, &person->chat, chat_text(channel)) == 0 &&
           chat_id_equal(before, person->chat.focus);
}

static void the_focus_is_on_what_was_joined_last_or_chosen(void)
{
    begin_in_rooms();
    CU_ASSERT(focus_on(&alice, "#b"));
    CU_ASSERT(focus_on(&carol, "#a"));
    CU_ASSERT_EQUAL(chat_channel_focus(world, &alice.chat, chat_text("#A")), 0);
    CU_ASSERT(focus_on(&alice, "#a"));
    CU_ASSERT_EQUAL(chat_channel_focus(world, &carol.chat, chat_text("#b")), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(chat_channel_focus(world, &carol.chat, chat_text("#c")), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT(focus_on(&carol, "#a"));
    end();
}

static void leaving_moves_the_focus_to_what_is_left(void)
{
    begin_in_rooms();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#c"), 0);
    CU_ASSERT_EQUAL(person_part(&alice, world, "#a"), 0);
    CU_ASSERT(focus_on(&alice, "#c"));
    CU_ASSERT_EQUAL(person_part(&alice, world, NULL), 0);
    CU_ASSERT(focus_on(&alice, "#b"));
    CU_ASSERT_EQUAL(person_part(&alice, world, NULL), 0);
    CU_ASSERT(focus_on(&alice, NULL));
    CU_ASSERT_EQUAL(person_part(&alice, world, NULL), CHAT_NO_FOCUS);
    end();
}

static void note_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

static struct chat_id id_of(struct person *person)
{
    struct chat_id id;

    CU_ASSERT_EQUAL_FATAL(chat_user_look(world, &person->chat, note_id, &id), 0);
    return id;
}

static void a_user_lives_as_long_as_one_of_their_sessions(void)
{
    struct person phone;
    struct chat_id id;

    begin_in_rooms();
    person_init(&phone);
    CU_ASSERT_EQUAL(chat_user_look(world, &phone.chat, note_id, &id), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_user_attach(world, &phone.chat, CHAT_NO_ID), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(chat_user_attach(world, &bob.chat, id_of(&alice)), CHAT_REGISTERED);
    CU_ASSERT_EQUAL(chat_user_attach(world, &phone.chat, id_of(&alice)), 0);
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("")), 0);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(person_say(&phone, world, "#a", "still here"), 0);
    PERSON_HEARS(&bob, "SAY alice #a still here\n");
    CU_ASSERT_EQUAL(chat_quit(world, &phone.chat, chat_text("now")), 0);
    PERSON_HEARS(&bob, "QUIT alice now\n");
    person_go(&phone, world);
    end();
}

static void all_sessions_of_a_user_see_what_one_does(void)
{
    struct person phone;

    begin_in_rooms();
    person_init(&phone);
    CU_ASSERT_EQUAL(chat_user_attach(world, &phone.chat, id_of(&alice)), 0);
    CU_ASSERT_EQUAL(person_join(&phone, world, "#c"), 0);
    PERSON_HEARS(&alice, "+JOIN alice #c\n");
    PERSON_HEARS(&phone, "+JOIN alice #c\n");
    CU_ASSERT(focus_on(&alice, "#b"));
    CU_ASSERT(focus_on(&phone, "#c"));
    CU_ASSERT_EQUAL(person_say(&alice, world, "#b", "hi"), 0);
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&phone, "+SAY alice #b hi\n");
    CU_ASSERT_EQUAL(person_part(&alice, world, "#c"), 0);
    CU_ASSERT(focus_on(&phone, "#b"));
    person_go(&phone, world);
    end();
}

static void settings_are_checked_and_replaced(void)
{
    struct chat_settings settings = people_settings;
    struct chat_settings bad = people_settings;
    struct chat_world *none = NULL;
    struct person person;

    begin();
    bad.nick_length = 0;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &bad), -EINVAL);
    CU_ASSERT_EQUAL(chat_world_new(&bad, 1, &none), -EINVAL);
    bad = people_settings;
    bad.nick_length = CHAT_NAME_MAX + 1;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &bad), -EINVAL);
    bad = people_settings;
    bad.channel_length = 1;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &bad), -EINVAL);
    bad.channel_length = CHAT_NAME_MAX + 1;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &bad), -EINVAL);
    bad = people_settings;
    bad.topic_length = 0;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &bad), -EINVAL);
    settings.nick_length = 3;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    chat_world_settings(world, &bad);
    CU_ASSERT_EQUAL(bad.nick_length, 3);
    person_init(&person);
    CU_ASSERT_EQUAL(come(&person, "dave"), CHAT_NICK_LONG);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    PERSON_HEARS(&alice, "+JOIN alice #a\n");
    person_go(&person, world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a nick is checked and taken once", a_nick_is_checked_and_taken_once},
        {"a nick is free after its user has quit", a_nick_is_free_after_its_user_has_quit},
        {"who is not registered can do nothing", who_is_not_registered_can_do_nothing},
        {"a join is seen by all members and one'self", a_join_is_seen_by_all_members_and_oneself},
        {"joining twice changes nothing", joining_twice_changes_nothing},
        {"channel names are checked", channel_names_are_checked},
        {"nobody joins more channels than allowed", nobody_joins_more_channels_than_allowed},
        {"a part is seen by all who were there", a_part_is_seen_by_all_who_were_there},
        {"an empty channel disappears with its topic", an_empty_channel_disappears_with_its_topic},
        {"a quit is seen once by who shares any channel",
         a_quit_is_seen_once_by_who_shares_any_channel},
        {"a quit untold is seen by nobody", a_quit_untold_is_seen_by_nobody},
        {"a new nick is seen once by who shares any channel",
         a_new_nick_is_seen_once_by_who_shares_any_channel},
        {"the case of one's nick can be changed", the_case_of_ones_nick_can_be_changed},
        {"who shares nothing sees nothing", who_shares_nothing_sees_nothing},
        {"a topic is set, seen and cleared", a_topic_is_set_seen_and_cleared},
        {"a long topic is cut between characters", a_long_topic_is_cut_between_characters},
        {"the focus is on what was joined last or chosen",
         the_focus_is_on_what_was_joined_last_or_chosen},
        {"leaving moves the focus to what is left", leaving_moves_the_focus_to_what_is_left},
        {"a user lives as long as one of their sessions",
         a_user_lives_as_long_as_one_of_their_sessions},
        {"all sessions of a user see what one does", all_sessions_of_a_user_see_what_one_does},
        {"settings are checked and replaced", settings_are_checked_and_replaced},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat world", tests);
}
