/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of each call fails once: either nothing has changed and nobody was told, or the
 * change is made, and whoever could not be told is ended.
 */
#include "config.h"

#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob, dave;

/* alice and bob are in #a, dave is not registered. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_init(&dave);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "old"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&dave, world);
    chat_world_free(world);
}

/* What is known of the world from outside: who is where, what topic, whether dave is there. */
static void describe(char *text, size_t size)
{
    char map[400];

    people_map(world, map, sizeof map);
    snprintf(text, size, "%s%d", map, dave.chat.user != NULL);
}

/* Somebody was told either all of EXPECTED or nothing; nothing while going on is a failure. */
static void check_told(struct person *person, const char *expected, bool changed)
{
    const char *text = fake_take(person->session, NULL);

    if (strcmp(text, changed ? expected : "") == 0)
        return;
    CU_ASSERT_STRING_EQUAL(text, "");
    CU_ASSERT(changed && fake_ended(person->session));
}

/* Fails the Nth allocation of CALL. Returns whether there was one. */
static bool fail_nth(long n, int (*call)(void), const char *by_alice, const char *by_bob)
{
    char before[500], after[500];
    bool fired;
    int rc;

    begin();
    describe(before, sizeof before);
    failmalloc_after(n);
    rc = call();
    fired = failmalloc_fired();
    failmalloc_off();
    describe(after, sizeof after);
    if (rc == -ENOMEM) {
        CU_ASSERT(fired);
        CU_ASSERT_STRING_EQUAL(before, after);
    } else {
        CU_ASSERT_EQUAL(rc, 0);
    }
    check_told(&alice, by_alice, rc == 0);
    check_told(&bob, by_bob, rc == 0);
    end();
    return fired;
}

/* What each of them is told when all goes well, too: then both are told all of it. */
static void fail_each(int (*call)(void), const char *by_alice, const char *by_bob, long at_least)
{
    long n = 1;

    while (fail_nth(n, call, by_alice, by_bob))
        n++;
    CU_ASSERT(n > at_least);
    begin();
    CU_ASSERT_EQUAL(call(), 0);
    PERSON_HEARS(&alice, by_alice);
    PERSON_HEARS(&bob, by_bob);
    end();
}

static int do_register(void)
{
    return chat_user_register(world, &dave.chat, chat_text("dave"));
}

static void registering(void)
{
    fail_each(do_register, "", "", 3);
}

static int do_rename(void)
{
    return person_rename(&alice, world, "zoe");
}

static void renaming(void)
{
    fail_each(do_rename, "+NICK alice zoe\n", "NICK alice zoe\n", 4);
}

static int do_away(void)
{
    return chat_user_away(world, &alice.chat, chat_text("lunch"));
}

static void being_away(void)
{
    fail_each(do_away, "+AWAY alice lunch\n", "AWAY alice lunch\n", 4);
}

static int do_host(void)
{
    return chat_user_host(world, &alice.chat, chat_text("u"), chat_text("h"));
}

static void having_another_host(void)
{
    fail_each(do_host, "+HOST alice u h\n", "HOST alice u h\n", 5);
}

static int do_enter(void)
{
    struct chat_identity identity = {
        .nick = chat_text("dave"),
        .username = chat_text("d"),
        .host = chat_text("h"),
        .address = chat_text("::1"),
        .realname = chat_text("Dave"),
    };

    return chat_user_enter(world, &dave.chat, &identity);
}

static void entering(void)
{
    fail_each(do_enter, "", "", 6);
}

static int do_kick(void)
{
    return person_kick(&alice, world, "#a", "bob");
}

static void kicking(void)
{
    fail_each(do_kick, "+KICK alice #a bob\n", "KICK alice #a bob\n", 3);
}

static int do_ban(void)
{
    return person_change(&alice, world, "#a", "+b", "x");
}

static void banning(void)
{
    fail_each(do_ban, "+MODE alice #a +b x!*@*\n", "MODE alice #a +b x!*@*\n", 4);
}

static int do_key(void)
{
    return person_change(&alice, world, "#a", "+k", "key");
}

static void setting_a_key(void)
{
    fail_each(do_key, "+MODE alice #a +k key\n", "MODE alice #a +k key\n", 4);
}

static int do_invite(void)
{
    return person_invite(&alice, world, "#n", "bob");
}

static int do_make_and_invite(void)
{
    int rc = person_join(&alice, world, "#n");

    fake_take(alice.session, NULL);
    return rc == 0 ? do_invite() : rc;
}

static void inviting(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#n"), 0);
    fake_take(alice.session, NULL);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(do_invite(), -ENOMEM);
    failmalloc_off();
    PERSON_HEARS(&bob, "");
    end();
    begin();
    CU_ASSERT_EQUAL(do_make_and_invite(), 0);
    PERSON_HEARS(&bob, "INVITE alice #n bob\n");
    end();
}

static int do_make_channel(void)
{
    return person_join(&alice, world, "#new");
}

static void making_a_channel(void)
{
    fail_each(do_make_channel, "+JOIN alice #new\n", "", 4);
}

static int do_part(void)
{
    return person_part(&bob, world, "#a");
}

static void leaving_a_channel(void)
{
    fail_each(do_part, "PART bob #a\n", "+PART bob #a\n", 3);
}

static int do_topic(void)
{
    return person_topic(&alice, world, "#a", "new");
}

static void setting_a_topic(void)
{
    fail_each(do_topic, "+TOPIC alice #a new\n", "TOPIC alice #a new\n", 4);
}

static int do_name(void)
{
    return person_name(&alice, world, "#a", "#b");
}

static void renaming_a_channel(void)
{
    fail_each(do_name, "+NAME alice #a #b why\n", "NAME alice #a #b why\n", 4);
}

static void note_forward(const struct chat_channel_view *view, void *argument)
{
    snprintf(argument, 10, "%.*s", (int)view->forward.length, view->forward.data);
}

static const char *forward_of(const char *name, char text[10])
{
    static const struct chat_channel_visitor visitor = {note_forward, NULL};

    CU_ASSERT_EQUAL(chat_channel_look(world, &alice.chat, chat_text(name), &visitor, text), 0);
    return text;
}

/* Two channels forward to the one that gets another name, or neither does. */
static bool rename_with_forwards(long n)
{
    char text[10];
    bool fired;
    int rc;

    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#x"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#x", "+f", "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#y"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#y", "+f", "#A"), 0);
    failmalloc_after(n);
    rc = do_name();
    fired = failmalloc_fired();
    failmalloc_off();
    CU_ASSERT(rc == 0 || (fired && rc == -ENOMEM));
    CU_ASSERT_STRING_EQUAL(forward_of("#x", text), rc == 0 ? "#b" : "#a");
    CU_ASSERT_STRING_EQUAL(forward_of("#y", text), rc == 0 ? "#b" : "#A");
    end();
    return fired;
}

static void renaming_a_channel_to_which_others_forward(void)
{
    long n = 1;

    while (rename_with_forwards(n))
        n++;
    CU_ASSERT(n > 5);
}

/* Speaks to bob, whom alice accepts by it, while the Nth allocation fails. */
static bool speak_and_accept(long n)
{
    bool fired, heard;
    int rc;

    begin();
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_REGISTERED_ONLY, 0), 0);
    fake_take(alice.session, NULL);
    failmalloc_after(n);
    rc = person_say(&alice, world, "bob", "hi");
    fired = failmalloc_fired();
    failmalloc_off();
    heard = strcmp(fake_take(bob.session, NULL), "SAY alice bob hi\n") == 0;
    CU_ASSERT(rc == 0 || (fired && rc == -ENOMEM && !heard));
    CU_ASSERT(rc != 0 || heard || fake_ended(bob.session));
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "hello"), rc == 0 ? 0 : CHAT_NEED_ACCOUNT);
    end();
    return fired;
}

static void who_cannot_accept_has_said_nothing(void)
{
    long n = 1;

    while (speak_and_accept(n))
        n++;
    CU_ASSERT(n > 2);
}

static int do_quit(void)
{
    return chat_quit(world, &alice.chat, chat_text("bye"));
}

static void quitting(void)
{
    fail_each(do_quit, "", "QUIT alice bye\n", 2);
}

static int do_say(void)
{
    return person_say(&alice, world, "#a", "hi");
}

static void talking(void)
{
    fail_each(do_say, "", "SAY alice #a hi\n", 2);
}

static int do_join_again(void)
{
    int rc = person_part(&bob, world, "#a");

    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    return rc == 0 ? person_join(&bob, world, "#a") : rc;
}

static void joining_a_channel_of_others(void)
{
    begin();
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), -ENOMEM);
    failmalloc_off();
    PERSON_HEARS(&alice, "");
    end();
    begin();
    CU_ASSERT_EQUAL(do_join_again(), 0);
    PERSON_HEARS(&alice, "JOIN bob #a\n");
    end();
}

static void making_a_world(void)
{
    struct chat_world *made = NULL;
    long n = 1;

    for (;; n++) {
        int rc;

        failmalloc_after(n);
        rc = chat_world_new(&people_settings, 0, &made);
        failmalloc_off();
        if (!failmalloc_fired()) {
            CU_ASSERT_EQUAL(rc, 0);
            break;
        }
        CU_ASSERT_EQUAL(rc, -ENOMEM);
        CU_ASSERT_PTR_NULL(made);
    }
    CU_ASSERT(n > 5);
    chat_world_free(made);
    chat_world_free(NULL);
}

/* The tables that cannot grow hold all the same. */
static void a_crowd_without_memory_for_larger_tables(void)
{
    static struct person crowd[200];
    size_t count = 0;

    begin();
    while (count < 200) {
        char nick[10];
        int rc;

        snprintf(nick, sizeof nick, "p%zu", count);
        person_init(&crowd[count]);
        failmalloc_after(5);
        rc = chat_user_register(world, &crowd[count].chat, chat_text(nick));
        failmalloc_off();
        CU_ASSERT_FATAL(rc == 0);
        count++;
    }
    for (size_t i = 0; i < count; i++)
        person_go(&crowd[i], world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"registering", registering},
        {"entering", entering},
        {"renaming", renaming},
        {"being away", being_away},
        {"having another host", having_another_host},
        {"kicking", kicking},
        {"banning", banning},
        {"setting a key", setting_a_key},
        {"inviting", inviting},
        {"making a channel", making_a_channel},
        {"joining a channel of others", joining_a_channel_of_others},
        {"leaving a channel", leaving_a_channel},
        {"setting a topic", setting_a_topic},
        {"renaming a channel", renaming_a_channel},
        {"renaming a channel to which others forward", renaming_a_channel_to_which_others_forward},
        {"quitting", quitting},
        {"talking", talking},
        {"who cannot accept has said nothing", who_cannot_accept_has_said_nothing},
        {"making a world", making_a_world},
        {"a crowd without memory for larger tables", a_crowd_without_memory_for_larger_tables},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat without memory", tests);
}
