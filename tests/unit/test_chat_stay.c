/* SPDX-License-Identifier: MIT */
/* Users who stay while no session of theirs is there. */
#include "config.h"

#include "base/clock.h"
#include "chat/marker.h"
#include "chat/metadata.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <string.h>

#define MS_PER_DAY (UINT64_C(24) * 3600 * 1000)
#define ALL        (CHAT_SHARES | CHAT_ALWAYS_ON | CHAT_AUTO_AWAY)

static struct chat_world *world;
static struct person alice, bob;
static unsigned policies; /* what holds for every account */

static unsigned policy(void *context, struct chat_text account)
{
    CU_ASSERT_PTR_EQUAL(context, &policies);
    (void)account;
    return policies;
}

static int enter(struct person *person, const char *nick, const char *account)
{
    bool attached = false;
    uint64_t left, last;
    struct chat_identity identity = {.nick = chat_text(nick),
                                     .account = chat_text(account),
                                     .attached = &attached,
                                     .left = &left};
    int rc = chat_user_enter(world, &person->chat, &identity);

    if (attached)
        CU_ASSERT_EQUAL(chat_presence_greet(world, &person->chat, chat_text("alice"), &last), 0);
    return rc;
}

/* alice, whose account stays, makes #a, where bob is, too. */
static void begin(unsigned holds)
{
    world = people_world();
    policies = holds;
    chat_world_put_policy(world, policy, &policies);
    person_init(&alice);
    CU_ASSERT_EQUAL_FATAL(enter(&alice, "alice", "Ali"), 0);
    person_come(&bob, world, "bob");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void leave(void)
{
    CU_ASSERT_EQUAL(chat_quit(world, &alice.chat, chat_text("bye")), 0);
}

/* The world is freed with whoever has stayed. */
static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    chat_world_free(world);
}

static void who_stays_is_away_and_where_they_were(void)
{
    char map[200];

    begin(ALL);
    leave();
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&bob, "AWAY alice Not connected\n");
    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, "#a: alice bob\n");
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "hello"), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "alice", "hello"), 0);
    CU_ASSERT_EQUAL(enter(&alice, "whatever", "ali"), 0);
    PERSON_HEARS(&alice, "+JOIN alice #a\n");
    PERSON_HEARS(&bob, "AWAY alice\n");
    end();
}

static void whether_they_are_away_is_theirs_to_say(void)
{
    begin(ALL & ~(unsigned)CHAT_AUTO_AWAY);
    leave();
    PERSON_HEARS(&bob, "");
    policies = ALL;
    CU_ASSERT_EQUAL(enter(&alice, "alice", "ali"), 0);
    CU_ASSERT_EQUAL(chat_user_away(world, &alice.chat, chat_text("lunch")), 0);
    leave();
    CU_ASSERT_EQUAL(enter(&alice, "alice", "ali"), 0);
    PERSON_HEARS(&bob, "AWAY alice lunch\n");
    end();
}

static void who_does_not_stay_quits(void)
{
    begin(CHAT_SHARES | CHAT_AUTO_AWAY);
    leave();
    PERSON_HEARS(&bob, "QUIT alice bye\n");
    end();
}

/* Whoever is logged in as the second user of an account is not the one who stays. */
static void of_several_users_the_first_stays(void)
{
    struct person other;

    begin(ALL);
    person_come(&other, world, "other");
    CU_ASSERT_EQUAL(chat_user_account(world, &other.chat, chat_text("ali")), 0);
    CU_ASSERT_EQUAL(person_join(&other, world, "#a"), 0);
    fake_take(bob.session, NULL);
    person_go(&other, world);
    PERSON_HEARS(&bob, "QUIT other gone\n");
    leave();
    PERSON_HEARS(&bob, "AWAY alice Not connected\n");
    end();
}

static void others_can_do_to_them_what_they_can_to_anybody(void)
{
    begin(ALL);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+o", "bob"), 0);
    leave();
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "alice"), 0);
    PERSON_HEARS(&bob, "+KICK bob #a alice\n");
    CU_ASSERT_EQUAL(chat_user_oper(world, &bob.chat, CHAT_NO_TEXT), 0);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_force_join(world, &bob.chat, chat_text("alice"), chat_text("#a")), 0);
    PERSON_HEARS(&bob, "JOIN alice #a\n");
    CU_ASSERT_EQUAL(
        chat_kill(world, &bob.chat, chat_text("alice"), chat_text("why"), chat_text("Killed")), 0);
    PERSON_HEARS(&bob, "QUIT alice Killed\n");
    CU_ASSERT_EQUAL(enter(&alice, "alice", "ali"), 0);
    PERSON_HEARS(&alice, "+HELLO alice\n");
    end();
}

static void a_ban_ends_who_stays(void)
{
    struct chat_ban_view ban = {
        .kind = CHAT_BAN_USER, .mask = chat_text("user@unknown"), .reason = chat_text("enough")};
    size_t hit = 0;

    begin(ALL);
    CU_ASSERT_EQUAL(chat_user_host(world, &bob.chat, chat_text("u"), chat_text("h")), 0);
    leave();
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_ban_put(world, &ban, &hit), 0);
    CU_ASSERT_EQUAL(hit, 1);
    PERSON_HEARS(&bob, "QUIT alice Banned (enough)\n");
    end();
}

static void note_modes(const struct chat_user_view *view, void *argument)
{
    *(unsigned *)argument = view->modes;
}

static void who_stays_is_no_operator(void)
{
    unsigned modes = 0;

    begin(ALL);
    CU_ASSERT_EQUAL(chat_user_oper(world, &alice.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(chat_user_modes(world, &alice.chat, CHAT_USER_INVISIBLE, 0), 0);
    leave();
    CU_ASSERT_EQUAL(chat_nick_look(world, &bob.chat, chat_text("alice"), note_modes, &modes), 0);
    CU_ASSERT_EQUAL(modes, CHAT_USER_INVISIBLE);
    end();
}

static void who_need_not_stay_any_more_quits(void)
{
    begin(ALL);
    leave();
    fake_take(bob.session, NULL);
    chat_presence_review(world, chat_text("ALI"));
    chat_presence_review(world, chat_text("nobody"));
    PERSON_HEARS(&bob, "");
    policies = CHAT_SHARES;
    chat_presence_review(world, chat_text("ALI"));
    PERSON_HEARS(&bob, "QUIT alice Does not stay any more\n");
    end();
}

static void who_begins_to_want_it_stays(void)
{
    begin(CHAT_SHARES);
    policies = ALL;
    chat_presences_review(world);
    leave();
    PERSON_HEARS(&bob, "AWAY alice Not connected\n");
    policies = CHAT_SHARES;
    chat_presences_review(world);
    PERSON_HEARS(&bob, "QUIT alice Does not stay any more\n");
    end();
}

static void who_is_not_seen_for_too_long_quits(void)
{
    struct chat_settings settings = people_settings;
    uint64_t now = pli_clock_wall_ms();

    begin(ALL);
    settings.always_on_expiry = 10;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    chat_presences_expire(world, now + 20 * MS_PER_DAY); /* it is here, and seen now */
    leave();
    fake_take(bob.session, NULL);
    chat_presences_expire(world, now + 9 * MS_PER_DAY);
    PERSON_HEARS(&bob, "");
    chat_presences_expire(world, now + 11 * MS_PER_DAY);
    PERSON_HEARS(&bob, "QUIT alice Not seen for too long\n");
    end();
}

static void it_ends_with_the_account(void)
{
    begin(ALL);
    leave();
    fake_take(bob.session, NULL);
    chat_account_end(world, chat_text("ALI"));
    PERSON_HEARS(&bob, "ACCOUNT alice\nQUIT alice There is no such account any more\n");
    end();
}

static void the_server_stops_and_nobody_is_told(void)
{
    begin(ALL);
    CU_ASSERT_EQUAL(chat_quit_untold(world, &alice.chat), 0);
    PERSON_HEARS(&bob, "");
    end();
}

/* -- What is the account's ------------------------------------------------------------------------ */

static void ignore(struct chat_text target, struct chat_text key, struct chat_text value,
                   void *argument)
{
    (void)target;
    (void)key;
    *(bool *)argument = value.length > 0;
}

static bool has_metadata(struct person *person, const char *key)
{
    bool has = false;

    CU_ASSERT_EQUAL(
        chat_metadata_find(world, &person->chat, CHAT_NO_TEXT, chat_text(key), ignore, &has), 0);
    return has;
}

static uint64_t marker(struct person *person, const char *target)
{
    uint64_t until = 0;

    CU_ASSERT_EQUAL(chat_marker_look(world, &person->chat, chat_text(target), &until), 0);
    return until;
}

/* bob has read and set something before he logs in; what the account has wins. */
static void what_is_kept_of_an_account_is_shared_by_who_is_logged_in(void)
{
    uint64_t kept;

    begin(CHAT_SHARES);
    CU_ASSERT_EQUAL(chat_mark_read(world, &alice.chat, chat_text("#a"), 5, &kept), 0);
    CU_ASSERT_EQUAL(chat_mark_read(world, &bob.chat, chat_text("#A"), 4, &kept), 0);
    CU_ASSERT_EQUAL(chat_mark_read(world, &bob.chat, chat_text("#b"), 7, &kept), 0);
    CU_ASSERT_EQUAL(
        chat_metadata_set(world, &alice.chat, CHAT_NO_TEXT, chat_text("k"), chat_text("v")), 0);
    CU_ASSERT_EQUAL(
        chat_metadata_set(world, &bob.chat, CHAT_NO_TEXT, chat_text("l"), chat_text("w")), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("ali")), 0);
    CU_ASSERT_EQUAL(marker(&bob, "#a"), 5);
    CU_ASSERT_EQUAL(marker(&alice, "#b"), 7);
    CU_ASSERT(has_metadata(&alice, "l"));
    CU_ASSERT(has_metadata(&bob, "k"));
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(marker(&bob, "#a"), 0);
    CU_ASSERT(!has_metadata(&bob, "k"));
    CU_ASSERT(has_metadata(&alice, "l"));
    /* And it is there for who comes again. */
    leave();
    CU_ASSERT_EQUAL(enter(&alice, "alice", "ali"), 0);
    CU_ASSERT_EQUAL(marker(&alice, "#b"), 7);
    CU_ASSERT(has_metadata(&alice, "k"));
    end();
}

static void without_memory_nobody_logs_in(void)
{
    uint64_t kept;
    int rc = -ENOMEM;

    begin(ALL);
    CU_ASSERT_EQUAL(
        chat_metadata_set(world, &alice.chat, CHAT_NO_TEXT, chat_text("k"), chat_text("v")), 0);
    CU_ASSERT_EQUAL(
        chat_metadata_set(world, &bob.chat, CHAT_NO_TEXT, chat_text("l"), chat_text("w")), 0);
    CU_ASSERT_EQUAL(chat_mark_read(world, &bob.chat, chat_text("#b"), 7, &kept), 0);
    for (long n = 1; rc != 0; n++) {
        failmalloc_after(n);
        rc = chat_user_account(world, &bob.chat, chat_text("ali"));
        failmalloc_off();
        CU_ASSERT(rc == 0 || rc == -ENOMEM);
        CU_ASSERT_EQUAL(has_metadata(&bob, "k"), rc == 0);
        CU_ASSERT(has_metadata(&bob, "l"));
        CU_ASSERT_EQUAL(marker(&bob, "#b"), 7);
    }
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who stays is away and where they were", who_stays_is_away_and_where_they_were},
        {"whether they are away is theirs to say", whether_they_are_away_is_theirs_to_say},
        {"who does not stay quits", who_does_not_stay_quits},
        {"of several users the first stays", of_several_users_the_first_stays},
        {"others can do to them what they can to anybody",
         others_can_do_to_them_what_they_can_to_anybody},
        {"a ban ends who stays", a_ban_ends_who_stays},
        {"who stays is no operator", who_stays_is_no_operator},
        {"who need not stay any more quits", who_need_not_stay_any_more_quits},
        {"who begins to want it stays", who_begins_to_want_it_stays},
        {"who is not seen for too long quits", who_is_not_seen_for_too_long_quits},
        {"it ends with the account", it_ends_with_the_account},
        {"the server stops and nobody is told", the_server_stops_and_nobody_is_told},
        {"what is kept of an account is shared by who is logged in",
         what_is_kept_of_an_account_is_shared_by_who_is_logged_in},
        {"without memory nobody logs in", without_memory_nobody_logs_in},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat: staying", tests);
}
