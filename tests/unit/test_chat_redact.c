/* SPDX-License-Identifier: MIT */
/* The ring of what has been said, and who may take it back. */
#include "config.h"

#include "chat/said.h"
#include "chat/world.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>

/* -- The ring ---------------------------------------------------------------------------------- */

static struct chat_said said_of(uint64_t message)
{
    return (struct chat_said){.message = message,
                              .by = {message + 1, 2},
                              .to = {message + 3, 4},
                              .kind = CHAT_NOTICE,
                              .least = CHAT_OP};
}

static void note(struct chat_said_ring *ring, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i++)
        chat_said_note(ring, &(struct chat_said){.message = i, .by = {i + 1, 2}, .to = {i + 3, 4}});
}

static bool has(const struct chat_said_ring *ring, uint64_t message)
{
    struct chat_said said;

    return chat_said_find(ring, message, &said);
}

static void what_is_noted_is_found_whole(void)
{
    struct chat_said noted = said_of(100);
    struct chat_said_ring ring;
    struct chat_said said;

    CU_ASSERT_EQUAL(chat_said_init(&ring, 4), 0);
    CU_ASSERT(!has(&ring, 100));
    chat_said_note(&ring, &noted);
    CU_ASSERT(chat_said_find(&ring, 100, &said));
    CU_ASSERT_EQUAL(said.message, 100);
    CU_ASSERT(chat_id_equal(said.by, noted.by));
    CU_ASSERT(chat_id_equal(said.to, noted.to));
    CU_ASSERT_EQUAL(said.kind, CHAT_NOTICE);
    CU_ASSERT_EQUAL(said.least, CHAT_OP);
    CU_ASSERT(!has(&ring, 0));
    chat_said_forget(&ring, 100);
    CU_ASSERT(!has(&ring, 100));
    chat_said_forget(&ring, 100);
    chat_said_deinit(&ring);
}

static void the_oldest_makes_room(void)
{
    struct chat_said_ring ring;

    CU_ASSERT_EQUAL(chat_said_init(&ring, 3), 0); /* which are 4 */
    note(&ring, 1, 5);
    CU_ASSERT(!has(&ring, 1));
    CU_ASSERT(has(&ring, 2));
    CU_ASSERT(has(&ring, 5));
    CU_ASSERT(chat_said_fits(&ring, 4));
    CU_ASSERT(!chat_said_fits(&ring, 2));
    CU_ASSERT(!chat_said_fits(&ring, 0));
    chat_said_deinit(&ring);
}

static void without_places_nothing_is_kept(void)
{
    struct chat_said_ring ring;

    CU_ASSERT_EQUAL(chat_said_init(&ring, 0), 0);
    note(&ring, 1, 5);
    CU_ASSERT(!has(&ring, 5));
    CU_ASSERT(!has(&ring, 0));
    chat_said_forget(&ring, 5);
    CU_ASSERT(chat_said_fits(&ring, 0));
    CU_ASSERT(!chat_said_fits(&ring, 1));
    chat_said_deinit(&ring);
}

static void another_ring_takes_the_newest_over(void)
{
    struct chat_said_ring ring;
    struct chat_said_ring less;

    CU_ASSERT_EQUAL(chat_said_init(&ring, 8), 0);
    CU_ASSERT_EQUAL(chat_said_init(&less, 2), 0);
    note(&ring, 1, 11);
    chat_said_copy(&less, &ring);
    chat_said_swap(&less, &ring);
    CU_ASSERT(!has(&ring, 9));
    CU_ASSERT(has(&ring, 10));
    CU_ASSERT(has(&ring, 11));
    CU_ASSERT(has(&less, 4));
    note(&ring, 12, 12);
    CU_ASSERT(!has(&ring, 10));
    CU_ASSERT(has(&ring, 12));
    chat_said_deinit(&ring);
    chat_said_deinit(&less);
}

static void a_mixture_of_two_is_none(void)
{
    struct chat_said_ring ring;

    CU_ASSERT_EQUAL(chat_said_init(&ring, 2), 0);
    note(&ring, 1, 2);
    for (int i = 0; i < CHAT_SAID_WORDS; i++) {
        uint64_t one = ring.places[0].words[i];
        uint64_t other = ring.places[1].words[i];

        if (one == other)
            continue;
        ring.places[0].words[i] = other;
        CU_ASSERT(!has(&ring, 1));
        ring.places[0].words[i] = one;
        CU_ASSERT(has(&ring, 1));
    }
    chat_said_deinit(&ring);
}

/* -- Taking back ------------------------------------------------------------------------------- */

static struct chat_world *world;
static struct person alice, bob, carol;

/* alice, who has made #a, and bob are there; carol is nowhere. */
static void begin(void)
{
    struct chat_settings settings = people_settings;

    settings.redact_messages = 8;
    CU_ASSERT_EQUAL_FATAL(chat_world_new(&settings, 1, &world), 0);
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
}

static void quiet(void)
{
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    fake_take(carol.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

/* Has somebody say something, and returns its id, the last one that was given out. */
static struct chat_id say(struct person *person, const char *target)
{
    CU_ASSERT_EQUAL(person_say(person, world, target, "x"), 0);
    quiet();
    return (struct chat_id){atomic_load(&world->ids.last), world->ids.origin};
}

static int redact(struct person *person, const char *target, struct chat_id id)
{
    return chat_redact(world, &person->chat, chat_text(target), id, chat_text("why"));
}

static void who_has_said_it_takes_it_back_once(void)
{
    struct chat_id id;

    begin();
    id = say(&bob, "#a");
    CU_ASSERT_EQUAL(redact(&bob, "#a", id), 0);
    PERSON_HEARS(&alice, "REDACT bob #a bob why\n");
    PERSON_HEARS(&bob, "+REDACT bob #a bob why\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(redact(&bob, "#a", id), CHAT_NO_SUCH_MESSAGE);
    end();
}

static void others_do_not_but_operators(void)
{
    struct chat_id id;

    begin();
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    id = say(&bob, "#a");
    CU_ASSERT_EQUAL(redact(&carol, "#a", id), CHAT_NOT_YOURS);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+h", "carol"), 0);
    CU_ASSERT_EQUAL(redact(&carol, "#a", id), CHAT_NOT_YOURS);
    quiet();
    CU_ASSERT_EQUAL(redact(&alice, "#a", id), 0);
    PERSON_HEARS(&bob, "REDACT alice #a bob why\n");
    id = say(&alice, "#a");
    CU_ASSERT_EQUAL(redact(&bob, "#a", id), CHAT_NOT_YOURS);
    end();
}

static void it_must_have_been_said_there(void)
{
    struct chat_id id;

    begin();
    id = say(&bob, "#a");
    CU_ASSERT_EQUAL(redact(&bob, "alice", id), CHAT_NO_SUCH_MESSAGE);
    CU_ASSERT_EQUAL(redact(&bob, "nobody", id), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(redact(&bob, "#b", id), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(redact(&carol, "#a", id), CHAT_NOT_ON_CHANNEL);
    id.origin++;
    CU_ASSERT_EQUAL(redact(&bob, "#a", id), CHAT_NO_SUCH_MESSAGE);
    id = say(&bob, "alice");
    CU_ASSERT_EQUAL(redact(&bob, "#a", id), CHAT_NO_SUCH_MESSAGE);
    CU_ASSERT_EQUAL(redact(&carol, "alice", id), CHAT_NO_SUCH_MESSAGE);
    CU_ASSERT_EQUAL(redact(&alice, "bob", id), CHAT_NOT_YOURS);
    CU_ASSERT_EQUAL(redact(&bob, "alice", id), 0);
    PERSON_HEARS(&alice, "REDACT bob alice bob why\n");
    PERSON_HEARS(&carol, "");
    end();
}

static void a_name_is_taken_over_by_nobody(void)
{
    struct chat_id id;

    begin();
    id = say(&bob, "carol");
    CU_ASSERT_EQUAL(person_rename(&carol, world, "carla"), 0);
    CU_ASSERT_EQUAL(person_rename(&alice, world, "carol"), 0);
    CU_ASSERT_EQUAL(redact(&bob, "carol", id), CHAT_NO_SUCH_MESSAGE);
    CU_ASSERT_EQUAL(redact(&bob, "carla", id), 0);
    end();
}

static void what_has_been_said_stays_with_a_channel_of_another_name(void)
{
    struct chat_id id;

    begin();
    id = say(&bob, "#a");
    CU_ASSERT_EQUAL(person_name(&alice, world, "#a", "#b"), 0);
    quiet();
    CU_ASSERT_EQUAL(redact(&bob, "#b", id), 0);
    PERSON_HEARS(&alice, "REDACT bob #b bob why\n");
    end();
}

static void settings_change_how_many_are_known(void)
{
    struct chat_settings settings = people_settings;
    struct chat_id one;
    struct chat_id two;

    begin();
    one = say(&bob, "#a");
    two = say(&bob, "#a");
    settings.redact_messages = 1;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(redact(&bob, "#a", one), CHAT_NO_SUCH_MESSAGE);
    CU_ASSERT_EQUAL(redact(&bob, "#a", two), 0);
    settings.redact_messages = 0;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    one = say(&bob, "#a");
    CU_ASSERT_EQUAL(redact(&bob, "#a", one), CHAT_NO_SUCH_MESSAGE);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is noted is found whole", what_is_noted_is_found_whole},
        {"the oldest makes room", the_oldest_makes_room},
        {"without places nothing is kept", without_places_nothing_is_kept},
        {"another ring takes the newest over", another_ring_takes_the_newest_over},
        {"a mixture of two is none", a_mixture_of_two_is_none},
        {"who has said it takes it back once", who_has_said_it_takes_it_back_once},
        {"others do not, but operators", others_do_not_but_operators},
        {"it must have been said there", it_must_have_been_said_there},
        {"a name is taken over by nobody", a_name_is_taken_over_by_nobody},
        {"what has been said stays with a channel of another name",
         what_has_been_said_stays_with_a_channel_of_another_name},
        {"settings change how many are known", settings_change_how_many_are_known},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat redact", tests);
}
