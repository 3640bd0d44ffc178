/* SPDX-License-Identifier: MIT */
/* Events that come from elsewhere are applied by their values. */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

static struct chat_world *world;
static struct person alice;
static struct chat_id room; /* #a, where alice is */

static const struct chat_id remote = {1000, 77};
static const struct chat_id nowhere = {2000, 77};

static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    CU_ASSERT_EQUAL_FATAL(person_join(&alice, world, "#a"), 0);
    fake_take(alice.session, NULL);
    room = chat_find_name(world, chat_text("#a"))->id;
}

static void end(void)
{
    person_go(&alice, world);
    chat_world_free(world);
}

/* What REMOTE, a user of another node, does; unset fields are those of no object. */
static int apply(enum chat_kind kind, struct chat_id user, struct chat_id channel, const char *text)
{
    struct chat_event event = {.kind = kind,
                               .id = {3000, 77},
                               .time = 5,
                               .user = user,
                               .nick = chat_text("remote"),
                               .channel = channel,
                               .channel_name = channel.time ? chat_text("#a") : CHAT_NO_TEXT,
                               .text = chat_text(text)};
    int rc;

    pli_write_lock(&world->lock);
    rc = chat_apply(world, &event);
    pli_write_unlock(&world->lock);
    return rc;
}

static void somebody_elsewhere_takes_part(void)
{
    char map[100];

    begin();
    CU_ASSERT_EQUAL(apply(CHAT_REGISTER, remote, CHAT_NO_ID, ""), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "REMOTE"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, room, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_TOPIC, remote, room, "far"), 0);
    CU_ASSERT_EQUAL(apply(CHAT_RENAME, remote, CHAT_NO_ID, "distant"), 0);
    PERSON_HEARS(&alice, "JOIN remote #a\nTOPIC remote #a far\nNICK remote distant\n");
    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, "#a: alice distant [far]\n");
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "hello"), 0);
    CU_ASSERT_EQUAL(person_say(&alice, world, "distant", "hello"), 0);
    CU_ASSERT_EQUAL(apply(CHAT_PART, remote, room, "bored"), 0);
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, room, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_QUIT, remote, CHAT_NO_ID, "split"), 0);
    PERSON_HEARS(&alice, "PART remote #a bored\nJOIN remote #a\nQUIT remote split\n");
    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, "#a: alice [far]\n");
    end();
}

static void a_channel_made_elsewhere_has_its_id_here(void)
{
    begin();
    CU_ASSERT_EQUAL(person_part(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(apply(CHAT_REGISTER, remote, CHAT_NO_ID, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, nowhere, ""), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#A"), 0);
    CU_ASSERT(chat_id_equal(alice.chat.focus, nowhere));
    CU_ASSERT_EQUAL(apply(CHAT_QUIT, remote, CHAT_NO_ID, ""), 0);
    end();
}

static void an_event_about_what_is_not_there_changes_nothing(void)
{
    char map[100];

    begin();
    CU_ASSERT_EQUAL(apply(CHAT_RENAME, remote, CHAT_NO_ID, "x"), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, room, ""), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(apply(CHAT_PART, remote, room, ""), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(apply(CHAT_QUIT, remote, CHAT_NO_ID, ""), CHAT_NO_SUCH_USER);
    CU_ASSERT_EQUAL(apply(CHAT_TOPIC, remote, nowhere, "x"), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(apply(CHAT_REGISTER, remote, CHAT_NO_ID, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_REGISTER, nowhere, CHAT_NO_ID, ""), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(apply(CHAT_RENAME, remote, CHAT_NO_ID, "ALICE"), CHAT_NICK_TAKEN);
    CU_ASSERT_EQUAL(apply(CHAT_PART, remote, nowhere, ""), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(apply(CHAT_PART, remote, room, ""), CHAT_NOT_ON_CHANNEL);
    PERSON_HEARS(&alice, "");
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, room, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_JOIN, remote, room, ""), CHAT_ON_CHANNEL);
    PERSON_HEARS(&alice, "JOIN remote #a\n");
    people_map(world, map, sizeof map);
    CU_ASSERT_STRING_EQUAL(map, "#a: alice remote\n");
    CU_ASSERT_EQUAL(apply(CHAT_QUIT, remote, CHAT_NO_ID, ""), 0);
    end();
}

static void count_past(const struct chat_past_view *view, void *argument)
{
    (void)view;
    ++*(size_t *)argument;
}

/* How many are known to have had a name. */
static size_t past_of(const char *nick)
{
    size_t count = 0;

    (void)chat_past_look(world, &alice.chat, chat_text(nick), 9, count_past, &count);
    return count;
}

/* The events here are of a time long ago. */
static void who_went_days_ago_is_forgotten(void)
{
    begin();
    CU_ASSERT_EQUAL(apply(CHAT_REGISTER, remote, CHAT_NO_ID, ""), 0);
    CU_ASSERT_EQUAL(apply(CHAT_RENAME, remote, CHAT_NO_ID, "distant"), 0);
    CU_ASSERT_EQUAL(past_of("remote"), 0);
    CU_ASSERT_EQUAL(world->past.count, 1);
    CU_ASSERT_EQUAL(apply(CHAT_QUIT, remote, CHAT_NO_ID, ""), 0);
    CU_ASSERT_EQUAL(world->past.count, 2);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "alicia"), 0);
    CU_ASSERT_EQUAL(past_of("alice"), 1);
    CU_ASSERT_EQUAL(world->past.count, 1);
    end();
}

/* Gives a member a prefix that nobody there could give. */
static void promote(const char *nick, enum chat_mode mode)
{
    struct chat_change given = {.set = true, .mode = mode, .argument = chat_text(nick)};
    struct chat_event event = {.kind = CHAT_MODE,
                               .id = {3000, 77},
                               .time = 5,
                               .user = remote,
                               .nick = chat_text("remote"),
                               .channel = room,
                               .channel_name = chat_text("#a"),
                               .changes = &given,
                               .change_count = 1};

    given.user = chat_find_nick(world, chat_text(nick))->id;
    pli_write_lock(&world->lock);
    CU_ASSERT_EQUAL(chat_apply(world, &event), 0);
    pli_write_unlock(&world->lock);
}

static int change(struct person *person, const char *mode, const char *nick)
{
    return person_change(person, world, "#a", mode, nick);
}

static void owners_and_admins_have_their_rights(void)
{
    struct person owner, admin, bob;

    begin();
    person_come(&owner, world, "owner");
    person_come(&admin, world, "admin");
    person_come(&bob, world, "bob");
    CU_ASSERT_EQUAL(person_join(&owner, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&admin, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    promote("owner", CHAT_MODE_OWNER);
    promote("admin", CHAT_MODE_ADMIN);
    PERSON_HEARS(&bob, "+JOIN bob #a\nMODE remote #a +q owner\nMODE remote #a +a admin\n");
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "admin"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "owner"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_kick(&admin, world, "#a", "owner"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&alice, "-a", "admin"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&admin, "+a", "bob"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&admin, "-q", "owner"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&admin, "-o", "alice"), 0);
    CU_ASSERT_EQUAL(change(&admin, "+h", "alice"), 0);
    CU_ASSERT_EQUAL(person_kick(&admin, world, "#a", "alice"), 0);
    CU_ASSERT_EQUAL(change(&owner, "+a", "bob"), 0);
    CU_ASSERT_EQUAL(change(&owner, "-a", "admin"), 0);
    CU_ASSERT_EQUAL(change(&owner, "+q", "admin"), 0);
    CU_ASSERT_EQUAL(change(&admin, "-q", "owner"), 0);
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "admin"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "owner"), 0);
    person_go(&owner, world);
    person_go(&admin, world);
    person_go(&bob, world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"somebody elsewhere takes part", somebody_elsewhere_takes_part},
        {"a channel made elsewhere has its id here", a_channel_made_elsewhere_has_its_id_here},
        {"an event about what is not there changes nothing",
         an_event_about_what_is_not_there_changes_nothing},
        {"who went days ago is forgotten", who_went_days_ago_is_forgotten},
        {"owners and admins have their rights", owners_and_admins_have_their_rights},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat events from elsewhere", tests);
}
