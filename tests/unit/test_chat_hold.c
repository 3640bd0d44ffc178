/* SPDX-License-Identifier: MIT */
/* Nicknames that are somebody's: who bears one without being its owner loses it in time. */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define NEVER  9999999u

static struct chat_world *world;
static struct person alice, bob;
static const char *owned; /* "nick account nick account": whose is what */
static unsigned woken;    /* milliseconds after which the world wants to be called, the last time */

/* Whether the words of OWNED at even places have NICK; the one behind it is its owner. */
static bool owner(void *context, struct chat_text nick, char account[static CHAT_NAME_MAX + 1])
{
    struct chat_text rest = chat_text(owned);
    struct chat_text name, of;

    CU_ASSERT_PTR_EQUAL(context, &woken);
    while (chat_text_next(&rest, ' ', &name) && chat_text_next(&rest, ' ', &of)) {
        if (name.length != nick.length || strncasecmp(name.data, nick.data, nick.length) != 0)
            continue;
        snprintf(account, CHAT_NAME_MAX + 1, "%.*s", (int)of.length, of.data);
        return true;
    }
    return false;
}

static void wake(void *context, unsigned milliseconds)
{
    CU_ASSERT_PTR_EQUAL(context, &woken);
    woken = milliseconds;
}

static void set_grace(unsigned seconds, size_t nick_length)
{
    struct chat_settings settings = people_settings;

    settings.nick_grace = seconds;
    settings.nick_length = nick_length;
    CU_ASSERT_EQUAL_FATAL(chat_world_set_settings(world, &settings), 0);
}

/* alice and bob are in #a; nicknames that are somebody's are so for a minute. */
static void begin(const char *whose)
{
    const struct chat_ownership ownership = {
        .owner = owner, .wake = wake, .context = &woken, .service = "NickServ"};

    world = people_world();
    owned = whose;
    woken = NEVER;
    chat_world_put_ownership(world, &ownership);
    CU_ASSERT_EQUAL_FATAL(chat_service_add(world, "NickServ", "s", "s", "s"), 0);
    set_grace(60, 10);
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    chat_world_free(world);
}

#define WARNING(who, seconds)                                                                      \
    "NOTE NickServ " who " The nickname " who                                                      \
    " is registered. Log in to its account within " seconds                                        \
    ", or take another one; else you are given one.\n"

/* Lets SECONDS pass since now. */
static void pass(unsigned seconds)
{
    chat_holds_expire(world, pli_clock_now() + seconds * SECOND);
}

/* That PERSON hears nothing but being renamed to a guest, whose name goes to NICK. */
static void becomes_guest(struct person *person, const char *from, char nick[static 20])
{
    char was[20];

    CU_ASSERT_EQUAL_FATAL(sscanf(fake_take(person->session, NULL), "+NICK %19s %19s\n", was, nick),
                          2);
    CU_ASSERT_STRING_EQUAL(was, from);
    CU_ASSERT_EQUAL(strncmp(nick, "Guest", 5), 0);
    CU_ASSERT_EQUAL(strspn(nick + 5, "0123456789"), 5);
    CU_ASSERT_EQUAL(strlen(nick), 10);
}

static void who_takes_an_owned_nickname_is_told_and_renamed_in_time(void)
{
    char nick[20], others[60];

    begin("carol caro");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "Carol"), 0);
    PERSON_HEARS(&bob, "+NICK bob Carol\n" WARNING("Carol", "60 seconds"));
    PERSON_HEARS(&alice, "NICK bob Carol\n");
    CU_ASSERT(woken > 59000 && woken <= 60000);
    pass(58);
    PERSON_HEARS(&bob, "");
    CU_ASSERT(woken > 0 && woken <= 2000);
    pass(61);
    becomes_guest(&bob, "Carol", nick);
    snprintf(others, sizeof others, "NICK Carol %s\n", nick);
    PERSON_HEARS(&alice, others);
    pass(200);
    PERSON_HEARS(&bob, "");
    end();
}

static void another_name_or_case_of_it_is_as_one_expects(void)
{
    begin("carol caro dave d");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "CAROL"), 0);
    PERSON_HEARS(&bob, "+NICK bob carol\n" WARNING("carol", "60 seconds") "+NICK carol CAROL\n");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "bob"), 0);
    pass(100);
    PERSON_HEARS(&bob, "+NICK CAROL bob\n");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "dave"), 0);
    PERSON_HEARS(&bob, "+NICK bob dave\n" WARNING("dave", "60 seconds"));
    end();
}

static void the_owner_keeps_it(void)
{
    begin("carol caro");
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("Caro")), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    PERSON_HEARS(&bob, "+ACCOUNT bob Caro\n+NICK bob carol\n");
    pass(100);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, CHAT_NO_TEXT), 0);
    PERSON_HEARS(&bob, "+ACCOUNT carol\n" WARNING("carol", "60 seconds"));
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("other")), 0);
    PERSON_HEARS(&bob, "+ACCOUNT carol other\n");
    CU_ASSERT_EQUAL(chat_user_account(world, &bob.chat, chat_text("caro")), 0);
    pass(100);
    PERSON_HEARS(&bob, "+ACCOUNT carol caro\n");
    end();
}

static void who_comes_under_an_owned_name_is_told_when_the_face_is_ready(void)
{
    struct chat_identity identity = {.nick = chat_text("carol")};
    struct person carol;
    char nick[20];

    begin("carol caro");
    person_init(&carol);
    CU_ASSERT_EQUAL(chat_user_enter(world, &carol.chat, &identity), 0);
    PERSON_HEARS(&carol, "+HELLO carol\n");
    chat_hold_tell(world, &carol.chat);
    PERSON_HEARS(&carol, WARNING("carol", "60 seconds"));
    chat_hold_tell(world, &bob.chat);
    PERSON_HEARS(&bob, "");
    pass(61);
    becomes_guest(&carol, "carol", nick);
    person_go(&carol, world);
    identity.account = chat_text("caro");
    person_init(&carol);
    CU_ASSERT_EQUAL(chat_user_enter(world, &carol.chat, &identity), 0);
    chat_hold_tell(world, &carol.chat);
    pass(61);
    PERSON_HEARS(&carol, "+HELLO carol\n");
    person_go(&carol, world);
    end();
}

static void what_becomes_somebodys_later_counts_from_then(void)
{
    begin("");
    owned = "alice al";
    chat_nick_review(world, chat_text("ALICE"));
    PERSON_HEARS(&alice, WARNING("alice", "60 seconds"));
    chat_nick_review(world, chat_text("alice"));
    chat_nick_review(world, chat_text("nickserv"));
    chat_nick_review(world, chat_text("nobody"));
    owned = "";
    chat_nick_review(world, chat_text("alice"));
    pass(100);
    PERSON_HEARS(&alice, "");
    end();
}

static void whoever_goes_is_forgotten(void)
{
    struct person carol, dave;
    char nick[20];

    begin("carol caro dave d");
    person_come(&carol, world, "carol");
    person_come(&dave, world, "dave");
    person_go(&carol, world);
    pass(61);
    becomes_guest(&dave, "dave", nick);
    person_go(&dave, world);
    end();
}

static void without_a_grace_nobody_is_renamed(void)
{
    char nick[20];

    begin("carol caro");
    set_grace(0, 10);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    pass(100);
    PERSON_HEARS(&bob, "+NICK bob carol\n");
    set_grace(1, 10);
    PERSON_HEARS(&bob, WARNING("carol", "1 second"));
    set_grace(0, 10);
    pass(100);
    set_grace(30, 10);
    set_grace(10, 10); /* which is for those that come */
    CU_ASSERT_EQUAL(person_rename(&alice, world, "Carol"), CHAT_NICK_TAKEN);
    owned = "carol caro alice al";
    chat_nick_review(world, chat_text("alice"));
    CU_ASSERT(woken > 9000 && woken <= 10000);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    pass(11);
    becomes_guest(&alice, "alice", nick);
    CU_ASSERT(woken > 18000 && woken <= 19000);
    fake_take(bob.session, NULL);
    pass(31);
    becomes_guest(&bob, "carol", nick);
    end();
}

static void guests_have_names_that_fit(void)
{
    static const struct {
        size_t most;
        const char *begins;
    } lengths[] = {{9, "Gues"}, {7, "Gu"}, {6, "G"}, {4, "G"}, {1, "G"}};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char nick[20] = "";

        begin("carol caro");
        CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
        set_grace(60, lengths[i].most);
        fake_take(bob.session, NULL);
        pass(61);
        CU_ASSERT_EQUAL(sscanf(fake_take(bob.session, NULL), "+NICK carol %19s", nick), 1);
        CU_ASSERT_EQUAL(strlen(nick), lengths[i].most);
        CU_ASSERT_EQUAL(strncmp(nick, lengths[i].begins, strlen(lengths[i].begins)), 0);
        end();
    }
}

static void who_cannot_be_renamed_is_ended(void)
{
    struct person g;

    begin("carol caro");
    person_come(&g, world, "G");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    set_grace(60, 1);
    fake_take(bob.session, NULL);
    pass(61);
    PERSON_HEARS(&bob, "KILL server carol unknown That nickname is somebody else's\n");
    person_go(&g, world);
    end();
}

static void without_memory_nobody_keeps_what_is_not_theirs(void)
{
    bool done = false;

    for (long n = 1; !done; n++) {
        begin("carol caro");
        CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
        fake_take(bob.session, NULL);
        failmalloc_after(n);
        pass(61);
        done = !failmalloc_fired();
        failmalloc_off();
        CU_ASSERT_EQUAL(
            chat_say(world, &alice.chat, CHAT_MESSAGE, chat_text("carol"), chat_text("x")),
            CHAT_NO_SUCH_NICK);
        end();
    }
}

static void an_owner_gets_rid_of_who_bears_the_name(void)
{
    begin("carol caro");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("carol"), false), CHAT_NOT_YOURS);
    CU_ASSERT_EQUAL(chat_user_account(world, &alice.chat, chat_text("caro")), 0);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("dave"), false), CHAT_NOT_YOURS);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("NickServ"), true), CHAT_SERVICE);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("CAROL"), false), 0);
    PERSON_HEARS(&bob, "KILL server carol unknown The nickname is caro's\n");
    PERSON_HEARS(&alice, "QUIT carol The nickname is caro's\n");
    CU_ASSERT_EQUAL(fake_ended(bob.session), -ENOTCONN);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("carol"), false),
                    CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &bob.chat, chat_text("carol"), true),
                    CHAT_NOT_REGISTERED);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("carol"), true), 0);
    PERSON_HEARS(&alice, "+NICK alice carol\n");
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("Carol"), true), CHAT_NICK_SAME);
    end();
}

static void an_owner_regains_the_name(void)
{
    begin("carol caro");
    CU_ASSERT_EQUAL(person_rename(&bob, world, "carol"), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, &alice.chat, chat_text("caro")), 0);
    fake_take(alice.session, NULL);
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("Carol"), true), 0);
    PERSON_HEARS(&alice, "QUIT carol The nickname is caro's\n+NICK alice Carol\n");
    pass(100);
    PERSON_HEARS(&alice, "");
    /* The account's own name is theirs even where it is not protected. */
    owned = "";
    CU_ASSERT_EQUAL(chat_nick_claim(world, &alice.chat, chat_text("caro"), true), 0);
    PERSON_HEARS(&alice, "+NICK Carol caro\n");
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who takes an owned nickname is told and renamed in time",
         who_takes_an_owned_nickname_is_told_and_renamed_in_time},
        {"another name or case of it is as one expects",
         another_name_or_case_of_it_is_as_one_expects},
        {"the owner keeps it", the_owner_keeps_it},
        {"who comes under an owned name is told when the face is ready",
         who_comes_under_an_owned_name_is_told_when_the_face_is_ready},
        {"what becomes somebody's later counts from then",
         what_becomes_somebodys_later_counts_from_then},
        {"whoever goes is forgotten", whoever_goes_is_forgotten},
        {"without a grace nobody is renamed", without_a_grace_nobody_is_renamed},
        {"guests have names that fit", guests_have_names_that_fit},
        {"who cannot be renamed is ended", who_cannot_be_renamed_is_ended},
        {"without memory nobody keeps what is not theirs",
         without_memory_nobody_keeps_what_is_not_theirs},
        {"an owner gets rid of who bears the name", an_owner_gets_rid_of_who_bears_the_name},
        {"an owner regains the name", an_owner_regains_the_name},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat holds", tests);
}
