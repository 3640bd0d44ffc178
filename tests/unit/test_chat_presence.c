/* SPDX-License-Identifier: MIT */
/* Several sessions of one account. */
#include "config.h"

#include "chat/limit.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <string.h>

static struct chat_world *world;
static struct person alice, bob, phone;
static unsigned policies; /* what holds for every account */

static unsigned policy(void *context, struct chat_text account)
{
    CU_ASSERT_PTR_EQUAL(context, &policies);
    CU_ASSERT(account.length > 0);
    return policies;
}

/* Comes with an account, and says whether as one more session. */
static int enter(struct person *person, const char *nick, const char *account, unsigned modes,
                 bool *attached)
{
    uint64_t left;
    struct chat_identity identity = {
        .nick = chat_text(nick),
        .account = chat_text(account),
        .address = chat_text("192.0.2.7"),
        .modes = modes,
        .attached = attached,
        .left = &left,
    };

    return chat_user_enter(world, &person->chat, &identity);
}

/* alice, of the account Ali, is in #a and #b with bob, who has none. */
static void begin(unsigned modes)
{
    bool attached = false;

    world = people_world();
    policies = CHAT_SHARES;
    chat_world_put_policy(world, policy, &policies);
    person_init(&alice);
    person_init(&phone);
    CU_ASSERT_EQUAL_FATAL(enter(&alice, "alice", "Ali", modes, &attached), 0);
    CU_ASSERT(!attached);
    person_come(&bob, world, "bob");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&phone, world);
    person_go(&alice, world);
    person_go(&bob, world);
    chat_world_free(world);
}

static void greet(const char *nick)
{
    uint64_t last = 0;

    CU_ASSERT_EQUAL(chat_presence_greet(world, &phone.chat, chat_text(nick), &last), 0);
    CU_ASSERT(last > 0);
}

/* The phone has come, and been greeted. */
static void begin_with_phone(void)
{
    bool attached = false;

    begin(0);
    CU_ASSERT_EQUAL_FATAL(enter(&phone, "ali", "ali", 0, &attached), 0);
    CU_ASSERT_FATAL(attached);
    greet("alice");
    fake_take(phone.session, NULL);
}

static void who_comes_with_the_account_and_its_name_is_one_more_session(void)
{
    bool attached = false;

    begin(0);
    CU_ASSERT_EQUAL(enter(&phone, "ALI", "ali", 0, &attached), 0);
    CU_ASSERT(attached);
    PERSON_HEARS(&phone, "");
    PERSON_HEARS(&alice, "");
    greet("alice");
    PERSON_HEARS(&phone, "+JOIN alice #a\n+JOIN alice #b\n");
    PERSON_HEARS(&bob, "");
    end();
}

static void so_is_who_asks_for_the_nickname_of_one_with_the_account(void)
{
    bool attached = false;

    begin(0);
    CU_ASSERT_EQUAL(enter(&phone, "Alice", "ali", 0, &attached), 0);
    CU_ASSERT(attached);
    end();
}

static void who_asks_for_another_name_is_a_user_of_their_own(void)
{
    bool attached = true;

    begin(0);
    attached = false;
    CU_ASSERT_EQUAL(enter(&phone, "carol", "ali", 0, &attached), 0);
    CU_ASSERT(!attached);
    PERSON_HEARS(&phone, "+HELLO carol\n");
    end();
}

static void another_accounts_name_is_taken(void)
{
    bool attached = false;

    begin(0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "carol", 0, &attached), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "", 0, &attached), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(enter(&phone, "bob", "ali", 0, &attached), CHAT_NICK_TAKEN);
    end();
}

static void an_account_that_is_not_shared_is_not(void)
{
    bool attached = false;

    begin(0);
    policies = 0;
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(enter(&phone, "ali", "ali", 0, &attached), 0);
    CU_ASSERT(!attached);
    end();
}

static void nothing_is_told_before_the_greeting_which_tells_where_one_is_then(void)
{
    bool attached = false;

    begin(0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "early"), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "early"), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "ann"), 0);
    CU_ASSERT_EQUAL(person_part(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_INVISIBLE, 0), 0);
    PERSON_HEARS(&phone, "");
    greet("alice");
    PERSON_HEARS(&phone, "+NICK alice ann\n+MODE ann\n+JOIN ann #a\n");
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "late"), 0);
    PERSON_HEARS(&phone, "SAY bob #a late\n");
    end();
}

static void what_one_session_says_the_others_hear(void)
{
    begin_with_phone();
    CU_ASSERT_EQUAL(person_say(&phone, world, "#a", "hello"), 0);
    CU_ASSERT_EQUAL(person_say(&phone, world, "bob", "psst"), 0);
    PERSON_HEARS(&phone, "");
    PERSON_HEARS(&alice, "+SAY alice #a hello\n+SAY alice bob psst\n");
    PERSON_HEARS(&bob, "SAY alice #a hello\nSAY alice bob psst\n");
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "yes?"), 0);
    PERSON_HEARS(&phone, "SAY bob alice yes?\n");
    PERSON_HEARS(&alice, "SAY bob alice yes?\n");
    CU_ASSERT_EQUAL(person_part(&alice, world, "#a"), 0);
    PERSON_HEARS(&phone, "+PART alice #a\n");
    end();
}

static void a_session_goes_and_the_user_stays(void)
{
    begin_with_phone();
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("bye")), 0);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(person_say(&phone, world, "#a", "still here"), 0);
    PERSON_HEARS(&bob, "SAY alice #a still here\n");
    CU_ASSERT_EQUAL(chat_quit(world, &phone.chat, chat_text("bye")), 0);
    PERSON_HEARS(&bob, "QUIT alice bye\n");
    end();
}

static void one_user_has_so_many_sessions(void)
{
    struct chat_settings settings = people_settings;
    bool attached = false;

    begin(0);
    settings.sessions = 1;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), CHAT_TOO_MANY_SESSIONS);
    CU_ASSERT(!attached);
    settings.sessions = 2;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), 0);
    CU_ASSERT(attached);
    end();
}

static void note_modes(const struct chat_user_view *view, void *argument)
{
    *(unsigned *)argument = view->modes;
}

static unsigned modes_of_alice(void)
{
    unsigned modes = 0;

    CU_ASSERT_EQUAL(chat_nick_look(world, &bob.chat, chat_text("alice"), note_modes, &modes), 0);
    return modes;
}

static void a_user_is_secure_as_long_as_all_sessions_are(void)
{
    bool attached = false;

    begin(CHAT_USER_SECURE);
    CU_ASSERT_EQUAL(modes_of_alice(), CHAT_USER_SECURE);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), 0);
    CU_ASSERT_EQUAL(modes_of_alice(), 0);
    CU_ASSERT_EQUAL(chat_quit(world, &phone.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(modes_of_alice(), CHAT_USER_SECURE);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", CHAT_USER_SECURE, &attached), 0);
    CU_ASSERT_EQUAL(modes_of_alice(), CHAT_USER_SECURE);
    end();
}

static void a_session_in_clear_does_not_come_where_it_takes_tls(void)
{
    bool attached = false;

    begin(CHAT_USER_SECURE);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+z", NULL), 0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), CHAT_NEED_TLS);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", CHAT_USER_SECURE, &attached), 0);
    end();
}

static void who_is_killed_hears_of_it_on_all_sessions(void)
{
    bool attached = false;
    uint64_t last;

    begin(0);
    CU_ASSERT_EQUAL(enter(&phone, "alice", "ali", 0, &attached), 0);
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(
        chat_kill(world, &bob.chat, chat_text("alice"), chat_text("why"), chat_text("Killed")), 0);
    PERSON_HEARS(&alice, "KILL bob alice unknown why\n");
    CU_ASSERT_EQUAL(fake_ended(phone.session), -ENOTCONN);
    CU_ASSERT_EQUAL(fake_ended(alice.session), -ENOTCONN);
    CU_ASSERT_EQUAL(chat_presence_greet(world, &phone.chat, chat_text("alice"), &last),
                    CHAT_NOT_REGISTERED);
    end();
}

/* The first session, from nowhere known, goes: then the user comes from where the second one does. */
static void a_ban_on_where_any_session_comes_from_ends_all(void)
{
    struct chat_ban_view ban = {
        .kind = CHAT_BAN_ADDRESS, .mask = chat_text("192.0.2.9"), .reason = chat_text("enough")};
    struct chat_identity identity = {
        .nick = chat_text("alice"), .account = chat_text("ali"), .address = chat_text("192.0.2.9")};
    bool attached = false;
    uint64_t left;
    size_t hit = 0;

    begin(0);
    identity.attached = &attached;
    identity.left = &left;
    CU_ASSERT_EQUAL(chat_user_enter(world, &phone.chat, &identity), 0);
    CU_ASSERT_EQUAL(chat_ban_put(world, &ban, &hit), 0);
    CU_ASSERT_EQUAL(hit, 1);
    PERSON_HEARS(&bob, "QUIT alice Banned (enough)\n");
    CU_ASSERT_EQUAL(fake_ended(phone.session), -ENOTCONN);
    CU_ASSERT_EQUAL(fake_ended(alice.session), -ENOTCONN);
    end();
}

static void who_was_somebody_else_joins_those_of_the_account(void)
{
    begin(0);
    CU_ASSERT_EQUAL(chat_user_register(world, &phone.chat, chat_text("carol")), 0);
    CU_ASSERT_EQUAL(person_join(&phone, world, "#a"), 0);
    fake_take(phone.session, NULL);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_presence_join(world, &phone.chat, chat_text("nobody")), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(chat_presence_join(world, &alice.chat, chat_text("ali")), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(chat_presence_join(world, &phone.chat, chat_text("ali")), 0);
    PERSON_HEARS(&phone, "+NICK carol alice\n+JOIN alice #a\n+JOIN alice #b\n");
    PERSON_HEARS(&bob, "QUIT carol Goes on as somebody else\n");
    PERSON_HEARS(&alice, "QUIT carol Goes on as somebody else\n");
    end();
}

/* Whether there is still memory for it or not: it is one thing or the other. */
static void without_memory_nothing_has_changed(void)
{
    bool attached = false;
    int rc = -ENOMEM;

    begin(0);
    for (long allocation = 1; rc != 0; allocation++) {
        failmalloc_after(allocation);
        rc = enter(&phone, "alice", "ali", 0, &attached);
        failmalloc_off();
        CU_ASSERT(rc == 0 || rc == -ENOMEM);
        CU_ASSERT_EQUAL(attached, rc == 0);
    }
    CU_ASSERT_EQUAL(chat_quit(world, &phone.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(chat_user_register(world, &phone.chat, chat_text("carol")), 0);
    rc = -ENOMEM;
    for (long allocation = 1; rc != 0; allocation++) {
        failmalloc_after(allocation);
        rc = chat_user_account(world, &phone.chat, chat_text("new"));
        failmalloc_off();
        CU_ASSERT(rc == 0 || rc == -ENOMEM);
    }
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who comes with the account and its name is one more session",
         who_comes_with_the_account_and_its_name_is_one_more_session},
        {"so is who asks for the nickname of one with the account",
         so_is_who_asks_for_the_nickname_of_one_with_the_account},
        {"who asks for another name is a user of their own",
         who_asks_for_another_name_is_a_user_of_their_own},
        {"another account's name is taken", another_accounts_name_is_taken},
        {"an account that is not shared is not", an_account_that_is_not_shared_is_not},
        {"nothing is told before the greeting, which tells where one is then",
         nothing_is_told_before_the_greeting_which_tells_where_one_is_then},
        {"what one session says the others hear", what_one_session_says_the_others_hear},
        {"a session goes and the user stays", a_session_goes_and_the_user_stays},
        {"one user has so many sessions", one_user_has_so_many_sessions},
        {"a user is secure as long as all sessions are",
         a_user_is_secure_as_long_as_all_sessions_are},
        {"a session in clear does not come where it takes TLS",
         a_session_in_clear_does_not_come_where_it_takes_tls},
        {"who is killed hears of it on all sessions", who_is_killed_hears_of_it_on_all_sessions},
        {"a ban on where any session comes from ends all",
         a_ban_on_where_any_session_comes_from_ends_all},
        {"who was somebody else joins those of the account",
         who_was_somebody_else_joins_those_of_the_account},
        {"without memory nothing has changed", without_memory_nothing_has_changed},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat: presence", tests);
}
