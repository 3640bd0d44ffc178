/* SPDX-License-Identifier: MIT */
/* What is known of users, and what they change about themselves. */
#include "config.h"

#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob, carol;

/* alice and bob are in #a, carol is nowhere; alice has come with all particulars. */
static void begin(void)
{
    struct chat_identity identity = {
        .nick = chat_text("alice"),
        .username = chat_text("al"),
        .host = chat_text("a.example"),
        .address = chat_text("192.0.2.1"),
        .realname = chat_text("Alice L."),
        .modes = CHAT_USER_INVISIBLE | CHAT_USER_OPERATOR,
    };

    world = people_world();
    person_init(&alice);
    CU_ASSERT_EQUAL_FATAL(chat_user_enter(world, &alice.chat, &identity), 0);
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

#define SHOWN(text) (int)(text).length, (text).data ? (text).data : ""

static void describe(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, 600, "%.*s!%.*s@%.*s %.*s (%.*s) [%.*s] <%.*s> %u", SHOWN(view->nick),
             SHOWN(view->username), SHOWN(view->host), SHOWN(view->address), SHOWN(view->realname),
             SHOWN(view->away), SHOWN(view->oper_class), view->modes);
    CU_ASSERT(view->came > 0 && view->active >= view->came);
}

static const char *description(const char *nick)
{
    static char text[600];

    CU_ASSERT_EQUAL_FATAL(chat_nick_look(world, &bob.chat, chat_text(nick), describe, text), 0);
    return text;
}

static void a_user_is_known_as_they_came(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(description("ALICE"), "alice!al@a.example 192.0.2.1 (Alice L.) [] <> 1");
    CU_ASSERT_STRING_EQUAL(description("bob"), "bob!user@unknown  () [] <> 0");
    CU_ASSERT_EQUAL(chat_nick_look(world, &bob.chat, chat_text("dave"), describe, NULL),
                    CHAT_NO_SUCH_NICK);
    end();
}

static void particulars_that_are_too_long_are_cut(void)
{
    char text[500];
    struct person dave;
    struct chat_identity identity = {.nick = chat_text("dave"),
                                     .username = {text, 500},
                                     .host = {text, 500},
                                     .realname = {text, 500}};

    begin();
    memset(text, 'x', sizeof text);
    memcpy(text + CHAT_USERNAME_MAX - 1, "\xC3\xA9", 2);
    person_init(&dave);
    CU_ASSERT_EQUAL(chat_user_enter(world, &dave.chat, &identity), 0);
    CU_ASSERT_EQUAL(strlen(description("dave")), strlen("dave!@  () [] <> 0") + CHAT_USERNAME_MAX -
                                                     1 + CHAT_HOST_MAX + CHAT_REALNAME_MAX);
    person_go(&dave, world);
    end();
}

static void who_is_away_is_seen_to_be_by_who_shares_a_channel(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, chat_text("lunch")), 0);
    PERSON_HEARS(&alice, "+AWAY alice lunch\n");
    PERSON_HEARS(&bob, "AWAY alice lunch\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_STRING_EQUAL(description("alice"),
                           "alice!al@a.example 192.0.2.1 (Alice L.) [lunch] <> 1");
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, chat_text("lunch")), 0);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, chat_text("dinner")), 0);
    PERSON_HEARS(&bob, "AWAY alice dinner\n");
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, CHAT_NO_TEXT), 0);
    PERSON_HEARS(&bob, "AWAY alice\n");
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, CHAT_NO_TEXT), 0);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_STRING_EQUAL(description("alice"), "alice!al@a.example 192.0.2.1 (Alice L.) [] <> 1");
    end();
}

static void a_real_name_and_a_host_can_change(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_realname(world, &alice.chat, chat_text("A.")), 0);
    CU_ASSERT_EQUAL(chat_user_host(world, &alice.chat, chat_text("u"), chat_text("h")), 0);
    PERSON_HEARS(&alice, "+REALNAME alice A.\n+HOST alice u h\n");
    PERSON_HEARS(&bob, "REALNAME alice A.\nHOST alice u h\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_STRING_EQUAL(description("alice"), "alice!u@h 192.0.2.1 (A.) [] <> 1");
    end();
}

static void an_account_can_come_and_go(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_account(world, &alice.chat, chat_text("al")), 0);
    PERSON_HEARS(&alice, "+ACCOUNT alice al\n");
    PERSON_HEARS(&bob, "ACCOUNT alice al\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(chat_user_account(world, &alice.chat, CHAT_NO_TEXT), 0);
    PERSON_HEARS(&bob, "ACCOUNT alice\n");
    end();
}

static void modes_are_set_and_cleared_and_only_changes_told(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_BOT | CHAT_USER_INVISIBLE, 0), 0);
    PERSON_HEARS(&alice, "+MODE alice\n");
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_BOT, CHAT_USER_WALLOPS), 0);
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, 0, CHAT_USER_INVISIBLE), 0);
    CU_ASSERT_STRING_EQUAL(description("alice"), "alice!al@a.example 192.0.2.1 (Alice L.) [] <> 8");
    end();
}

static void nobody_makes_an_operator_of_themselves(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, CHAT_USER_OPERATOR | CHAT_USER_SECURE, 0), 0);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_STRING_EQUAL(description("bob"), "bob!user@unknown  () [] <> 0");
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, chat_text("admin")), 0);
    PERSON_HEARS(&bob, "+MODE bob admin admin\n");
    CU_ASSERT_STRING_EQUAL(description("bob"), "bob!user@unknown  () [] <admin> 2");
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, 0, CHAT_USER_OPERATOR), 0);
    CU_ASSERT_STRING_EQUAL(description("bob"), "bob!user@unknown  () [] <> 0");
    end();
}

static bool all(const struct chat_user_view *view, void *argument)
{
    (void)view;
    (void)argument;
    return true;
}

static void add_nick(const struct chat_user_view *view, void *argument)
{
    char *text = argument;

    snprintf(text + strlen(text), 50, "%.*s(%.*s) ", SHOWN(view->nick), SHOWN(view->channel));
}

/* Whether SEEKER finds the user called NICK among all, in the channel between the parentheses. */
static bool finds(struct person *seeker, const char *nick)
{
    static const struct chat_user_visitor visitor = {all, add_nick};
    char text[200] = "";
    uint64_t cursor = 0;

    while (chat_user_each(world, &seeker->chat, &cursor, 1, &visitor, text))
        ;
    return strstr(text, nick) != NULL;
}

static void the_invisible_are_found_by_company_and_operators(void)
{
    begin();
    CU_ASSERT(finds(&alice, "alice") && finds(&alice, "carol"));
    CU_ASSERT(finds(&bob, "alice"));
    CU_ASSERT(!finds(&carol, "alice") && finds(&carol, "bob"));
    CU_ASSERT_EQUAL(chat_user_oper(world, &carol.chat, chat_text("admin")), 0);
    CU_ASSERT(finds(&carol, "alice"));
    end();
}

static void who_is_found_is_found_in_a_channel_that_may_be_known(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&bob, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#b"), 0);
    CU_ASSERT(finds(&carol, "bob(#b)") && finds(&alice, "bob(#a)") && finds(&alice, "carol(#b)"));
    CU_ASSERT_EQUAL(person_change(&bob, world, "#b", "+s", ""), 0);
    CU_ASSERT(finds(&carol, "bob(#b)") && finds(&alice, "carol()") && finds(&bob, "bob(#a)"));
    CU_ASSERT_EQUAL(person_change(&bob, world, "#b", "+u", ""), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT(finds(&carol, "alice()") && finds(&bob, "alice(#a)") && finds(&alice, "alice(#a)"));
    end();
}

static void start_user(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, 100, "%.*s:", SHOWN(view->nick));
}

static void add_channel(struct chat_text name, unsigned prefix, void *argument)
{
    char *text = argument;

    snprintf(text + strlen(text), 50, " %u%.*s", prefix, SHOWN(name));
}

static void end_user(const struct chat_user_view *view, void *argument)
{
    strcat(argument, view->self ? " self" : view->to_operator ? " operator" : "");
}

/* What SEEKER sees when looking around NICK. */
static const char *around(struct person *seeker, const char *nick)
{
    static const struct chat_nick_visitor visitor = {start_user, add_channel, end_user};
    static char text[200];

    CU_ASSERT_EQUAL_FATAL(
        chat_nick_look_around(world, &seeker->chat, chat_text(nick), &visitor, text), 0);
    return text;
}

static void it_is_seen_where_people_are_if_it_may_be_known(void)
{
    static const struct chat_nick_visitor visitor = {start_user, add_channel, end_user};
    char text[100];

    begin();
    CU_ASSERT_STRING_EQUAL(around(&carol, "bob"), "bob: 0#a");
    CU_ASSERT_STRING_EQUAL(around(&carol, "ALICE"), "alice:"); /* invisible */
    CU_ASSERT_STRING_EQUAL(around(&bob, "alice"), "alice: 4#a");
    CU_ASSERT_STRING_EQUAL(around(&bob, "bob"), "bob: 0#a self");
    CU_ASSERT_EQUAL(person_join(&bob, world, "#b"), 0);
    CU_ASSERT_STRING_EQUAL(around(&alice, "bob"), "bob: 0#a 4#b");
    CU_ASSERT_EQUAL(person_change(&bob, world, "#b", "+p", ""), 0);
    CU_ASSERT_STRING_EQUAL(around(&alice, "bob"), "bob: 0#a");
    CU_ASSERT_EQUAL(chat_user_oper(world, &carol.chat, chat_text("admin")), 0);
    CU_ASSERT_STRING_EQUAL(around(&carol, "bob"), "bob: 0#a 4#b operator");
    CU_ASSERT_EQUAL(chat_nick_look_around(world, &bob.chat, chat_text("eve"), &visitor, text),
                    CHAT_NO_SUCH_NICK);
    end();
}

static void add_past(const struct chat_past_view *view, void *argument)
{
    char *text = argument;

    CU_ASSERT(view->time > 0);
    snprintf(text + strlen(text), 100, "%.*s!%.*s@%.*s(%.*s)%.*s%s ", SHOWN(view->nick),
             SHOWN(view->username), SHOWN(view->host), SHOWN(view->address), SHOWN(view->realname),
             view->to_operator ? "*" : "");
}

static const char *past_of(struct person *seeker, const char *nick, size_t most)
{
    static char text[600];
    int rc;

    *text = '\0';
    rc = chat_past_look(world, &seeker->chat, chat_text(nick), most, add_past, text);
    CU_ASSERT_EQUAL(rc, *text ? 0 : CHAT_NO_SUCH_NICK);
    return text;
}

static void the_newest_of_those_who_were_here_come_first(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "alice", 9), "");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "Bert"), 0);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "carol"), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "bert"), 0);
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "ALICE", 9), "alice!al@a.example(192.0.2.1)Alice L. ");
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "bert", 9),
                           "bert!al@a.example(192.0.2.1)Alice L. Bert!user@unknown() ");
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "bert", 1), "bert!al@a.example(192.0.2.1)Alice L. ");
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, chat_text("admin")), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "bert", 1), "bert!al@a.example(192.0.2.1)Alice L.* ");
    CU_ASSERT_EQUAL(chat_quit_untold(world, &bob.chat), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&carol, "bob", 1), "");
    end();
}

static void the_oldest_of_too_many_is_forgotten(void)
{
    begin();
    CU_ASSERT_EQUAL(person_rename(&carol, world, "first"), 0);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "second"), 0);
    CU_ASSERT_EQUAL(person_rename(&carol, world, "third"), 0);
    for (int i = 3; i < CHAT_PAST_MAX; i++)
        CU_ASSERT_EQUAL_FATAL(person_rename(&carol, world, i % 2 ? "a" : "b"), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "carol", 9), "carol!user@unknown() ");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "last"), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "carol", 9), "");
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "first", 9), "first!user@unknown() ");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "carol"), 0);
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "first", 9), "");
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "second", 9), "second!user@unknown() ");
    CU_ASSERT_STRING_EQUAL(past_of(&bob, "last", 9), "last!user@unknown() ");
    end();
}

static struct chat_counts counts(void)
{
    struct chat_counts counted;

    chat_counts(world, &counted);
    return counted;
}

static void people_are_counted(void)
{
    begin();
    chat_stranger_comes(world);
    chat_stranger_comes(world);
    chat_stranger_goes(world);
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, chat_text("admin")), 0);
    CU_ASSERT_EQUAL(counts().users, 3);
    CU_ASSERT_EQUAL(counts().invisible, 1);
    CU_ASSERT_EQUAL(counts().operators, 1);
    CU_ASSERT_EQUAL(counts().channels, 1);
    CU_ASSERT_EQUAL(counts().strangers, 1);
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(chat_quit_untold(world, &bob.chat), 0);
    CU_ASSERT_EQUAL(counts().users, 1);
    CU_ASSERT_EQUAL(counts().invisible, 0);
    CU_ASSERT_EQUAL(counts().operators, 0);
    CU_ASSERT_EQUAL(counts().most_users, 3);
    end();
}

static int end_bob(struct person *person)
{
    return chat_kill(world, &person->chat, chat_text("BOB"), chat_text("why"), chat_text("killed"));
}

static void an_operator_ends_a_user(void)
{
    struct person phone;

    begin();
    CU_ASSERT_EQUAL(end_bob(&alice), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(chat_user_oper(world, &carol.chat, chat_text("admin")), 0);
    person_init(&phone);
    CU_ASSERT_EQUAL(end_bob(&phone), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(end_bob(&carol), 0);
    PERSON_HEARS(&bob, "KILL carol bob unknown why\n"); /* with the host of the one who goes */
    CU_ASSERT(fake_ended(bob.session) != 0);
    PERSON_HEARS(&alice, "QUIT bob killed\n");
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "x"), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(end_bob(&carol), CHAT_NO_SUCH_NICK);
    person_go(&phone, world);
    end();
}

static void operators_are_heard_by_who_listens(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, CHAT_USER_WALLOPS, 0), 0);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_wallops(world, &bob.chat, chat_text("x")), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(chat_user_oper(world, &carol.chat, chat_text("admin")), 0);
    fake_take(carol.session, NULL);
    CU_ASSERT_EQUAL(chat_wallops(world, &carol.chat, chat_text("all hands")), 0);
    PERSON_HEARS(&bob, "WALLOPS carol all hands\n");
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&carol, "");
    end();
}

static void who_takes_no_part_changes_nothing(void)
{
    struct person nobody;

    begin();
    person_init(&nobody);
    CU_ASSERT_EQUAL(chat_user_away(world, &nobody.chat, chat_text("x")), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_user_modes(world, &nobody.chat, CHAT_USER_BOT, 0), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_user_oper(world, &nobody.chat, chat_text("x")), CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_user_realname(world, &nobody.chat, chat_text("x")), CHAT_NOT_REGISTERED);
    person_go(&nobody, world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a user is known as they came", a_user_is_known_as_they_came},
        {"particulars that are too long are cut", particulars_that_are_too_long_are_cut},
        {"who is away is seen to be by who shares a channel",
         who_is_away_is_seen_to_be_by_who_shares_a_channel},
        {"a real name and a host can change", a_real_name_and_a_host_can_change},
        {"an account can come and go", an_account_can_come_and_go},
        {"modes are set and cleared and only changes told",
         modes_are_set_and_cleared_and_only_changes_told},
        {"nobody makes an operator of themselves", nobody_makes_an_operator_of_themselves},
        {"the invisible are found by company and operators",
         the_invisible_are_found_by_company_and_operators},
        {"who is found is found in a channel that may be known",
         who_is_found_is_found_in_a_channel_that_may_be_known},
        {"it is seen where people are if it may be known",
         it_is_seen_where_people_are_if_it_may_be_known},
        {"the newest of those who were here come first",
         the_newest_of_those_who_were_here_come_first},
        {"the oldest of too many is forgotten", the_oldest_of_too_many_is_forgotten},
        {"people are counted", people_are_counted},
        {"an operator ends a user", an_operator_ends_a_user},
        {"operators are heard by who listens", operators_are_heard_by_who_listens},
        {"who takes no part changes nothing", who_takes_no_part_changes_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat users", tests);
}
