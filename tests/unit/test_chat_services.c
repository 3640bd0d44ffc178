/* SPDX-License-Identifier: MIT */
/* Those who are part of the server. */
#include "config.h"

#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob;

/* There is a service, and alice, who is an operator of the server and of #a, and bob there. */
static void begin(void)
{
    world = people_world();
    CU_ASSERT_EQUAL_FATAL(chat_service_add(world, "NickServ", "serv", "s.example", "Nicknames"), 0);
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(chat_user_oper(world, &alice.chat, chat_text("admin")), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    chat_world_free(world);
}

#define SHOWN(text) (int)(text).length, (text).data ? (text).data : ""

static void describe(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, 300, "%.*s!%.*s@%.*s %.*s %s", SHOWN(view->nick), SHOWN(view->username),
             SHOWN(view->host), SHOWN(view->realname),
             view->modes & CHAT_USER_SERVICE ? "service" : "person");
}

static void describe_watched(struct chat_text nick, const struct chat_user_view *view,
                             void *argument)
{
    (void)nick;
    strcpy(argument, view ? "online" : "offline");
}

static void take_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

static struct chat_id id_of(struct person *person)
{
    struct chat_id id;

    CU_ASSERT_EQUAL_FATAL(chat_user_look(world, &person->chat, take_id, &id), 0);
    return id;
}

static void a_service_is_found_by_its_name(void)
{
    static const struct chat_watch_visitor watcher = {describe_watched, NULL};
    struct chat_text nick = chat_text("nickserv");
    char text[300] = "";
    size_t taken;

    begin();
    CU_ASSERT(chat_is_service(world, nick) && !chat_is_service(world, chat_text("alice")));
    CU_ASSERT_EQUAL(chat_nick_look(world, &bob.chat, nick, describe, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "NickServ!serv@s.example Nicknames service");
    CU_ASSERT_EQUAL(chat_watch(world, &bob.chat, &nick, 1, &watcher, text, &taken), 0);
    CU_ASSERT_STRING_EQUAL(text, "online");
    end();
}

static bool all(const struct chat_user_view *view, void *argument)
{
    (void)argument;
    CU_ASSERT_FALSE(view->modes & CHAT_USER_SERVICE);
    return true;
}

static void count(const struct chat_user_view *view, void *argument)
{
    (void)view;
    ++*(unsigned *)argument;
}

static void a_service_is_not_counted_and_not_among_people(void)
{
    static const struct chat_user_visitor visitor = {all, count};
    struct chat_counts counts;
    unsigned seen = 0;
    uint64_t cursor = 0;

    begin();
    chat_counts(world, &counts);
    CU_ASSERT(counts.users == 2 && counts.most_users == 2 && counts.operators == 1);
    while (chat_user_each(world, &alice.chat, &cursor, 10, &visitor, &seen))
        ;
    CU_ASSERT_EQUAL(seen, 2);
    end();
}

static void nobody_has_the_name_of_a_service(void)
{
    struct chat_identity identity = {.nick = chat_text("NICKSERV"), .modes = CHAT_USER_SERVICE};
    struct person carol;

    begin();
    CU_ASSERT_EQUAL(person_rename(&bob, world, "nickserv"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(chat_force_nick(world, &alice.chat, chat_text("bob"), chat_text("NickServ")),
                    CHAT_NICK_TAKEN);
    person_init(&carol);
    CU_ASSERT_EQUAL(chat_user_enter(world, &carol.chat, &identity), CHAT_NICK_TAKEN);
    identity.nick = chat_text("carol");
    CU_ASSERT_EQUAL(chat_user_enter(world, &carol.chat, &identity), 0);
    CU_ASSERT_EQUAL(chat_kill(world, &alice.chat, chat_text("carol"), CHAT_NO_TEXT, CHAT_NO_TEXT),
                    0);
    person_go(&carol, world);
    CU_ASSERT_EQUAL(chat_service_add(world, "BOB", "", "", ""), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(chat_service_add(world, "a b", "", "", ""), CHAT_NICK_BAD);
    end();
}

static void nothing_is_done_to_a_service(void)
{
    struct chat_text nick = chat_text("NickSERV");
    struct chat_text text = chat_text("x");

    begin();
    CU_ASSERT_EQUAL(chat_kill(world, &alice.chat, nick, text, text), CHAT_SERVICE);
    CU_ASSERT_EQUAL(chat_force_nick(world, &alice.chat, nick, chat_text("x")), CHAT_SERVICE);
    CU_ASSERT_EQUAL(chat_force_join(world, &alice.chat, nick, chat_text("#a")), CHAT_SERVICE);
    CU_ASSERT_EQUAL(chat_force_part(world, &alice.chat, nick, chat_text("#a"), text), CHAT_SERVICE);
    CU_ASSERT_EQUAL(chat_force_host(world, &alice.chat, nick, text, text), CHAT_SERVICE);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "NickSERV"), CHAT_SERVICE);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "NickSERV"), CHAT_NOT_THERE);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+o", "NickSERV"), CHAT_NOT_THERE);
    CU_ASSERT_EQUAL(chat_accept(world, &bob.chat, nick), 0);
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&bob, "");
    end();
}

/* Nor is that looked at by filters, which somebody else might be told of. */
static void what_is_said_to_a_service_is_left_to_the_face(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&bob, world, "nickSERV", "IDENTIFY secret"), CHAT_SERVICE);
    CU_ASSERT_EQUAL(chat_say(world, &bob.chat, CHAT_TAGS, chat_text("NickServ"), CHAT_NO_TEXT),
                    CHAT_SERVICE);
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&bob, "");
    end();
}

static void a_service_tells_people_something(void)
{
    struct person again;

    begin();
    person_init(&again);
    CU_ASSERT_EQUAL(chat_user_attach(world, &again.chat, id_of(&bob)), 0);
    CU_ASSERT_EQUAL(
        chat_service_notice(world, chat_text("NickServ"), &bob.chat, chat_text("hello"), false), 0);
    PERSON_HEARS(&bob, "NOTE NickServ bob hello\n");
    PERSON_HEARS(&again, "NOTE NickServ bob hello\n");
    PERSON_HEARS(&alice, "");
    /* What answers is left to the face of the session, which here shows nothing of its own. */
    CU_ASSERT_EQUAL(
        chat_service_notice(world, chat_text("NickServ"), &bob.chat, chat_text("you"), true), 0);
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&again, "");
    person_go(&again, world);
    CU_ASSERT_EQUAL(
        chat_service_notice(world, chat_text("alice"), &bob.chat, chat_text("x"), false),
        CHAT_NO_SUCH_NICK);
    end();
}

static void who_speaks_to_a_service_may_have_it_echoed(void)
{
    struct chat_words words = {
        .kind = CHAT_MESSAGE, .target = chat_text("nickserv"), .text = chat_text("HELP")};
    struct person again;

    begin();
    person_init(&again);
    CU_ASSERT_EQUAL(chat_user_attach(world, &again.chat, id_of(&bob)), 0);
    CU_ASSERT_EQUAL(chat_service_echo(world, &bob.chat, &words), 0);
    PERSON_HEARS(&again, "+SAY bob NickServ HELP\n");
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&alice, "");
    person_go(&again, world);
    words.target = chat_text("alice");
    CU_ASSERT_EQUAL(chat_service_echo(world, &bob.chat, &words), CHAT_NO_SUCH_NICK);
    end();
}

static void the_account_counts_in_masks_and_modes(void)
{
    begin();
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "m:a:mallory"), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "1"), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("Mallory")), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "2"), CHAT_MUTED);
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "3"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+b", "~a:b*"), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("bob")), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "4"), CHAT_MUTED);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+e", "a:bob"), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "5"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "-e", "a:bob"), 0);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), CHAT_BANNED);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "-b", "a:b*"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+i", ""), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), CHAT_INVITE_ONLY);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+I", "a:bob"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    end();
}

static void who_has_logged_in_before_comes_with_the_account(void)
{
    struct chat_identity identity = {.nick = chat_text("carol"), .account = chat_text("caro")};
    struct person carol;

    begin();
    person_init(&carol);
    CU_ASSERT_EQUAL(chat_user_enter(world, &carol.chat, &identity), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    fake_take(bob.session, NULL);
    fake_take(carol.session, NULL);
    CU_ASSERT_EQUAL(chat_user_account(world, &carol.chat, chat_text("caro")), 0);
    PERSON_HEARS(&bob, "");
    chat_account_end(world, chat_text("CARO"));
    PERSON_HEARS(&bob, "ACCOUNT carol\n");
    PERSON_HEARS(&carol, "+ACCOUNT carol\n");
    chat_account_end(world, chat_text("CARO"));
    PERSON_HEARS(&bob, "");
    person_go(&carol, world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a service is found by its name", a_service_is_found_by_its_name},
        {"a service is not counted and not among people",
         a_service_is_not_counted_and_not_among_people},
        {"nobody has the name of a service", nobody_has_the_name_of_a_service},
        {"nothing is done to a service", nothing_is_done_to_a_service},
        {"what is said to a service is left to the face",
         what_is_said_to_a_service_is_left_to_the_face},
        {"a service tells people something", a_service_tells_people_something},
        {"who speaks to a service may have it echoed", who_speaks_to_a_service_may_have_it_echoed},
        {"the account counts in masks and modes", the_account_counts_in_masks_and_modes},
        {"who has logged in before comes with the account",
         who_has_logged_in_before_comes_with_the_account},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat services", tests);
}
