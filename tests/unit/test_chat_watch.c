/* SPDX-License-Identifier: MIT */
/* Watching nicknames, and accepting people's messages: what is told, and who is forgotten. */
#include "config.h"

#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob;

static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    chat_world_free(world);
}

/* " nick" for who is not there, " +nick" for who is, and a full stop. */
static void put_nick(struct chat_text nick, const struct chat_user_view *user, void *argument)
{
    char *text = argument;

    sprintf(text + strlen(text), " %s%.*s", user ? "+" : "", (int)nick.length, nick.data);
}

static void put_end(void *argument)
{
    strcat(argument, ".");
}

static const struct chat_watch_visitor visitor = {put_nick, put_end};

static int watch(struct person *person, const char *nick, char *text)
{
    struct chat_text name = chat_text(nick);
    size_t taken;
    int rc;

    text[0] = '\0';
    rc = chat_watch(world, &person->chat, &name, 1, &visitor, text, &taken);
    CU_ASSERT_EQUAL(taken, rc == 0);
    return rc;
}

static void watches_are(struct person *person, const char *expected)
{
    char text[200] = "";

    CU_ASSERT_EQUAL(chat_watches(world, &person->chat, &visitor, text), 0);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void comings_and_goings_are_told_to_who_watches(void)
{
    struct person carol;
    char text[200];

    begin();
    CU_ASSERT_EQUAL(watch(&alice, "CAROL", text), 0);
    CU_ASSERT_STRING_EQUAL(text, " CAROL.");
    CU_ASSERT_EQUAL(watch(&alice, "bob", text), 0);
    CU_ASSERT_STRING_EQUAL(text, " +bob.");
    CU_ASSERT_EQUAL(watch(&alice, "no nick", text), 0);
    watches_are(&alice, " CAROL +bob.");
    person_come(&carol, world, "carol");
    PERSON_HEARS(&alice, "ONLINE carol alice\n");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "Carol"), 0);
    PERSON_HEARS(&alice, "");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "dora"), 0);
    PERSON_HEARS(&alice, "OFFLINE Carol alice\n");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "carol"), 0);
    PERSON_HEARS(&alice, "ONLINE carol alice\n");
    person_go(&carol, world);
    PERSON_HEARS(&alice, "OFFLINE carol alice\n");
    PERSON_HEARS(&bob, "");
    end();
}

static void who_is_killed_has_gone(void)
{
    struct person carol;
    char text[200];

    begin();
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(watch(&alice, "carol", text), 0);
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, chat_text("admin")), 0);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_kill(world, &bob.chat, chat_text("carol"), chat_text("x"), chat_text("y")),
                    0);
    PERSON_HEARS(&alice, "OFFLINE carol alice\n");
    person_go(&carol, world);
    PERSON_HEARS(&alice, "");
    end();
}

static void take_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

static void sessions_of_one_user_watch_for_themselves(void)
{
    struct person second;
    struct person carol;
    struct chat_id id;
    char text[200];

    begin();
    person_init(&second);
    CU_ASSERT_EQUAL(chat_user_look(world, &alice.chat, take_id, &id), 0);
    CU_ASSERT_EQUAL(chat_user_attach(world, &second.chat, id), 0);
    CU_ASSERT_EQUAL(watch(&second, "carol", text), 0);
    watches_are(&alice, ".");
    person_come(&carol, world, "carol");
    PERSON_HEARS(&second, "ONLINE carol alice\n");
    PERSON_HEARS(&alice, "");
    CU_ASSERT_EQUAL(chat_user_away(world, &carol.chat, chat_text("lunch")), 0);
    PERSON_HEARS(&second, "AWAY carol lunch\n");
    PERSON_HEARS(&alice, "");
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    fake_take(second.session, NULL);
    CU_ASSERT_EQUAL(chat_user_away(world, &carol.chat, chat_text("")), 0);
    PERSON_HEARS(&second, "AWAY carol\n");
    person_go(&second, world);
    person_go(&carol, world);
    end();
}

static void all_that_becomes_known_of_a_user_is_told(void)
{
    char text[200];

    begin();
    CU_ASSERT_EQUAL(watch(&alice, "bob", text), 0);
    CU_ASSERT_EQUAL(chat_user_realname(world, &bob.chat, chat_text("Bob B.")), 0);
    CU_ASSERT_EQUAL(chat_user_host(world, &bob.chat, chat_text("b"), chat_text("b.example")), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("bobby")), 0);
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, CHAT_USER_BOT, 0), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#b"), 0);
    PERSON_HEARS(&alice, "REALNAME bob Bob B.\nHOST bob b b.example\nACCOUNT bob bobby\n");
    end();
}

static void what_is_watched_is_bounded(void)
{
    struct chat_settings settings = people_settings;
    struct chat_text nicks[] = {chat_text("a"), chat_text("b"), chat_text("A"), chat_text("c")};
    char text[200] = "";
    size_t taken;

    begin();
    settings.watched_nicks = 2;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(chat_watch(world, &alice.chat, nicks, 4, &visitor, text, &taken),
                    CHAT_LIST_FULL);
    CU_ASSERT_EQUAL(taken, 3);
    CU_ASSERT_STRING_EQUAL(text, " a b A.");
    CU_ASSERT_EQUAL(chat_unwatch(world, &alice.chat, chat_text("B")), 0);
    CU_ASSERT_EQUAL(chat_unwatch(world, &alice.chat, chat_text("nobody")), 0);
    CU_ASSERT_EQUAL(watch(&alice, "c", text), 0);
    watches_are(&alice, " a c.");
    CU_ASSERT_EQUAL(chat_unwatch_all(world, &alice.chat), 0);
    watches_are(&alice, ".");
    end();
}

static void who_is_not_registered_watches_nothing(void)
{
    struct person dave;
    char text[200];

    begin();
    person_init(&dave);
    CU_ASSERT_EQUAL(watch(&dave, "bob", text), CHAT_NOT_REGISTERED);
    person_go(&dave, world);
    end();
}

/* Each allocation fails once; what is watched is so or is not, and nothing leaks. */
static void without_memory_nothing_is_watched(void)
{
    char text[200];
    int rc = -ENOMEM;

    for (long failing = 1; rc == -ENOMEM; failing++) {
        CU_ASSERT_FATAL(failing < 10);
        begin();
        failmalloc_after(failing);
        rc = watch(&alice, "carol", text);
        failmalloc_off();
        watches_are(&alice, rc == 0 ? " carol." : ".");
        end();
    }
    CU_ASSERT_EQUAL(rc, 0);
}

static void put_accepted(struct chat_text nick, void *argument)
{
    put_nick(nick, NULL, argument);
}

static void accepts_are(struct person *person, const char *expected)
{
    char text[200] = "";

    CU_ASSERT_EQUAL(chat_accepts(world, &person->chat, put_accepted, text), 0);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void accepting_is_between_users_and_ends_with_either(void)
{
    struct person carol;

    begin();
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(chat_accept(world, &alice.chat, chat_text("bob")), 0);
    CU_ASSERT_EQUAL(chat_accept(world, &alice.chat, chat_text("CAROL")), 0);
    CU_ASSERT_EQUAL(chat_accept(world, &carol.chat, chat_text("alice")), 0);
    CU_ASSERT_EQUAL(chat_accept(world, &alice.chat, chat_text("bob")), CHAT_ACCEPTED);
    CU_ASSERT_EQUAL(chat_accept(world, &alice.chat, chat_text("no")), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(chat_unaccept(world, &bob.chat, chat_text("alice")), CHAT_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "dora"), 0);
    accepts_are(&alice, " bob dora");
    person_go(&carol, world);
    accepts_are(&alice, " bob");
    CU_ASSERT_EQUAL(chat_unaccept(world, &alice.chat, chat_text("bob")), 0);
    accepts_are(&alice, "");
    end();
}

static void who_is_spoken_to_is_accepted_by_who_needs_that_only(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&alice, world, "bob", "hi"), 0);
    accepts_are(&alice, "");
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_REGISTERED_ONLY, 0), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "hi"), CHAT_NEED_ACCOUNT);
    CU_ASSERT_EQUAL(person_say(&alice, world, "nobody", "hi"), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(person_say(&alice, world, "alice", "hi"), 0);
    accepts_are(&alice, "");
    CU_ASSERT_EQUAL(person_say(&alice, world, "bob", "hi"), 0);
    accepts_are(&alice, " bob");
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "hi"), 0);
    end();
}

static void without_memory_nobody_is_accepted(void)
{
    begin();
    failmalloc_after(1);
    CU_ASSERT_EQUAL(chat_accept(world, &alice.chat, chat_text("bob")), -ENOMEM);
    failmalloc_off();
    accepts_are(&alice, "");
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(comings_and_goings_are_told_to_who_watches),
        TEST(who_is_killed_has_gone),
        TEST(sessions_of_one_user_watch_for_themselves),
        TEST(all_that_becomes_known_of_a_user_is_told),
        TEST(what_is_watched_is_bounded),
        TEST(who_is_not_registered_watches_nothing),
        TEST(without_memory_nothing_is_watched),
        TEST(accepting_is_between_users_and_ends_with_either),
        TEST(who_is_spoken_to_is_accepted_by_who_needs_that_only),
        TEST(without_memory_nobody_is_accepted),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat_watch", tests);
}
