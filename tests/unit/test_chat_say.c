/* SPDX-License-Identifier: MIT */
/* What people say, and how it is rendered and delivered. */
#include "config.h"

#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct chat_world *world;
static struct person alice, bob, carol;

/* alice and bob are in #a, carol is nowhere. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
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

static int say(struct person *person, enum chat_kind kind, const char *target, const char *text)
{
    return chat_say(world, &person->chat, kind, chat_text(target), chat_text(text));
}

static void what_is_said_in_a_channel_reaches_the_other_members(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&alice, world, "#A", "hello all"), 0);
    CU_ASSERT_EQUAL(say(&alice, CHAT_ACTION, "#a", "waves"), 0);
    CU_ASSERT_EQUAL(say(&alice, CHAT_NOTICE, "#a", "beep"), 0);
    PERSON_HEARS(&bob, "SAY alice #a hello all\nDO alice #a waves\nNOTE alice #a beep\n");
    PERSON_HEARS(&alice, "");
    PERSON_HEARS(&carol, "");
    end();
}

static void without_a_target_one_speaks_to_the_channel_at_hand(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&alice, world, NULL, "here"), 0);
    PERSON_HEARS(&bob, "SAY alice #a here\n");
    CU_ASSERT_EQUAL(person_say(&carol, world, NULL, "nowhere"), CHAT_NO_FOCUS);
    CU_ASSERT_EQUAL(chat_say(world, &alice.chat, CHAT_MESSAGE, chat_text(""), chat_text("x")),
                    CHAT_NO_SUCH_CHANNEL);
    end();
}

static void only_members_speak_in_a_channel(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&carol, world, "#a", "hello"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_say(&carol, world, "#b", "hello"), CHAT_NO_SUCH_CHANNEL);
    PERSON_HEARS(&alice, "");
    end();
}

static void what_is_said_to_a_user_reaches_that_user(void)
{
    begin();
    CU_ASSERT_EQUAL(person_say(&alice, world, "CAROL", "psst"), 0);
    PERSON_HEARS(&carol, "SAY alice carol psst\n");
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&alice, "");
    CU_ASSERT_EQUAL(person_say(&alice, world, "dave", "psst"), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(person_say(&alice, world, "alice", "note"), 0);
    end();
}

static void all_who_see_the_same_share_one_rendering(void)
{
    struct person crowd[50];
    unsigned before;

    begin();
    for (size_t i = 0; i < 50; i++) {
        char nick[10];

        snprintf(nick, sizeof nick, "p%zu", i);
        person_come(&crowd[i], world, nick);
        CU_ASSERT_EQUAL_FATAL(person_join(&crowd[i], world, "#a"), 0);
    }
    for (size_t i = 0; i < 50; i++)
        fake_take(crowd[i].session, NULL);
    before = atomic_load(&people_renderings);
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "hello"), 0);
    CU_ASSERT_EQUAL(atomic_load(&people_renderings) - before, 1);
    before = atomic_load(&people_renderings);
    CU_ASSERT_EQUAL(person_topic(&alice, world, "#a", "cats"), 0);
    CU_ASSERT_EQUAL(atomic_load(&people_renderings) - before, 2);
    for (size_t i = 0; i < 50; i++)
        PERSON_HEARS(&crowd[i], "SAY alice #a hello\nTOPIC alice #a cats\n");
    for (size_t i = 0; i < 50; i++)
        person_go(&crowd[i], world);
    end();
}

static void who_cannot_be_sent_to_keeps_nobody_from_hearing(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    fake_take(carol.session, NULL);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    fake_limit(bob.session, 0);
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "hello"), 0);
    CU_ASSERT_EQUAL(fake_ended(bob.session), -ENOBUFS);
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&carol, "SAY alice #a hello\n");
    CU_ASSERT_EQUAL(chat_quit(world, &bob.chat, chat_text("too slow")), 0);
    PERSON_HEARS(&carol, "QUIT bob too slow\n");
    end();
}

/* A face of which every session has a rendering of its own, and one whose memory is always out. */
static int variant_of_id(const struct chat_session *session, const struct chat_event *event)
{
    (void)event;
    return (int)session->id;
}

static int render_variant(const struct chat_event *event, int variant, struct pl_message **message)
{
    char text[40];
    int length = snprintf(text, sizeof text, "%d %d\n", (int)event->kind, variant);

    atomic_fetch_add(&people_renderings, 1);
    return pl_message_new(text, (size_t)length, message);
}

static int render_nothing(const struct chat_event *event, int variant, struct pl_message **message)
{
    (void)event;
    (void)variant;
    (void)message;
    return -ENOMEM;
}

static const struct chat_face each_its_own = {"own", variant_of_id, render_variant};
static const struct chat_face without_memory = {"poor", variant_of_id, render_nothing};

static void come_with(struct person *person, const struct chat_face *face, const char *nick)
{
    person->session = fake_new(NULL);
    chat_session_init(&person->chat, person->session, face);
    CU_ASSERT_EQUAL_FATAL(chat_user_register(world, &person->chat, chat_text(nick)), 0);
}

static void more_renderings_than_are_kept_are_right_all_the_same(void)
{
    struct person crowd[40];
    char expected[40];

    begin();
    for (size_t i = 0; i < 40; i++) {
        snprintf(expected, sizeof expected, "p%zu", i);
        come_with(&crowd[i], &each_its_own, expected);
        CU_ASSERT_EQUAL_FATAL(person_join(&crowd[i], world, "#a"), 0);
    }
    for (size_t i = 0; i < 40; i++)
        fake_take(crowd[i].session, NULL);
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "hello"), 0);
    for (size_t i = 0; i < 40; i++) {
        snprintf(expected, sizeof expected, "%d %d\n", (int)CHAT_MESSAGE, (int)crowd[i].chat.id);
        PERSON_HEARS(&crowd[i], expected);
    }
    for (size_t i = 0; i < 40; i++)
        person_go(&crowd[i], world);
    end();
}

static void without_memory_to_render_only_those_recipients_end(void)
{
    struct person poor;

    begin();
    come_with(&poor, &without_memory, "poor");
    CU_ASSERT_EQUAL(fake_ended(poor.session), -ENOTCONN);
    CU_ASSERT(atomic_load(&poor.chat.starved));
    CU_ASSERT_EQUAL(person_join(&poor, world, "#a"), 0);
    PERSON_HEARS(&alice, "JOIN poor #a\n");
    CU_ASSERT_EQUAL(person_say(&alice, world, "#a", "hello"), 0);
    PERSON_HEARS(&bob, "JOIN poor #a\nSAY alice #a hello\n");
    CU_ASSERT(!fake_ended(alice.session) && !fake_ended(bob.session));
    CU_ASSERT(!atomic_load(&bob.chat.starved));
    person_go(&poor, world);
    end();
}

/* Order: speakers in threads of their own. */
#define SPEAKERS 4
#define LINES    400

struct speaker {
    struct person person;
    const char *target;
};

static void *speak(void *argument)
{
    struct speaker *speaker = argument;
    char text[20];
    long failed = 0;

    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "%d", i);
        failed += person_say(&speaker->person, world, speaker->target, text) != 0;
    }
    return (void *)failed;
}

static void run_speakers(struct speaker *speakers)
{
    pthread_t threads[SPEAKERS];

    for (size_t i = 0; i < SPEAKERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, speak, &speakers[i]), 0);
    for (size_t i = 0; i < SPEAKERS; i++) {
        void *failed;

        CU_ASSERT_EQUAL_FATAL(pthread_join(threads[i], &failed), 0);
        CU_ASSERT_PTR_NULL(failed);
    }
}

/* What somebody has heard with WORD in it, without the marks of what is one's own; to be freed. */
static char *heard(struct person *person, const char *word, size_t *count)
{
    const char *text = fake_take(person->session, NULL);
    char *found = calloc(1, strlen(text) + 1);
    size_t length = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    for (*count = 0; *text; text += strcspn(text, "\n") + 1) {
        const char *line = text + (*text == '+');
        size_t size = strcspn(line, "\n") + 1;
        const char *hit = strstr(line, word);

        if (!hit || hit >= line + size)
            continue;
        memcpy(found + length, line, size);
        length += size;
        ++*count;
    }
    return found;
}

static void expect_same(struct person *one, struct person *other, const char *word)
{
    size_t counts[2];
    char *first = heard(one, word, &counts[0]);
    char *second = heard(other, word, &counts[1]);

    CU_ASSERT_EQUAL(counts[0], SPEAKERS * LINES);
    CU_ASSERT_EQUAL(counts[1], SPEAKERS * LINES);
    CU_ASSERT(strcmp(first, second) == 0);
    free(first);
    free(second);
}

static void come_speaking(struct speaker *speaker, size_t number, const char *target)
{
    char nick[10];

    snprintf(nick, sizeof nick, "s%zu", number);
    person_come(&speaker->person, world, nick);
    speaker->target = target;
}

static void all_members_hear_a_channel_in_one_order(void)
{
    struct speaker speakers[SPEAKERS];

    begin();
    for (size_t i = 0; i < SPEAKERS; i++) {
        come_speaking(&speakers[i], i, "#a");
        CU_ASSERT_EQUAL_FATAL(person_join(&speakers[i].person, world, "#a"), 0);
    }
    run_speakers(speakers);
    expect_same(&alice, &bob, "SAY");
    for (size_t i = 0; i < SPEAKERS; i++)
        person_go(&speakers[i].person, world);
    end();
}

static void note_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

static void add_session(struct person *session, struct person *of)
{
    struct chat_id id;

    CU_ASSERT_EQUAL_FATAL(chat_user_look(world, &of->chat, note_id, &id), 0);
    person_init(session);
    CU_ASSERT_EQUAL_FATAL(chat_user_attach(world, &session->chat, id), 0);
}

/* Both users speak on two sessions each, and listen on a third one, which hears all of it. */
static void two_users_hear_each_other_in_one_order(void)
{
    struct speaker speakers[SPEAKERS];
    struct person ears[2];

    begin();
    add_session(&ears[0], &alice);
    add_session(&ears[1], &bob);
    for (size_t i = 0; i < SPEAKERS; i++) {
        add_session(&speakers[i].person, i % 2 ? &alice : &bob);
        speakers[i].target = i % 2 ? "bob" : "alice";
    }
    run_speakers(speakers);
    expect_same(&ears[0], &ears[1], "SAY");
    for (size_t i = 0; i < SPEAKERS; i++)
        person_go(&speakers[i].person, world);
    person_go(&ears[0], world);
    person_go(&ears[1], world);
    end();
}

static struct chat_id last_id;
static uint64_t last_time;

/* Events of one channel come one at a time, so these need no lock of their own. */
static int note_event(const struct chat_session *session, const struct chat_event *event)
{
    (void)session;
    if (event->kind == CHAT_MESSAGE) {
        CU_ASSERT_FATAL(chat_id_compare(event->id, last_id) > 0);
        CU_ASSERT_FATAL(event->time > 0);
        last_id = event->id;
        last_time = event->time;
    }
    return CHAT_UNTOLD;
}

static const struct chat_face noting = {"noting", note_event, render_nothing};

static void ids_rise_in_the_order_of_a_channel(void)
{
    struct speaker speakers[SPEAKERS];
    struct person watcher;

    begin();
    last_id = CHAT_NO_ID;
    come_with(&watcher, &noting, "watcher");
    CU_ASSERT_EQUAL_FATAL(person_join(&watcher, world, "#a"), 0);
    for (size_t i = 0; i < SPEAKERS; i++) {
        come_speaking(&speakers[i], i, "#a");
        CU_ASSERT_EQUAL_FATAL(person_join(&speakers[i].person, world, "#a"), 0);
    }
    run_speakers(speakers);
    CU_ASSERT(last_id.time != 0);
    CU_ASSERT(last_id.time >> 16 >= last_time);
    CU_ASSERT((last_id.time >> 16) - last_time < 60000);
    PERSON_HEARS(&watcher, "");
    person_go(&watcher, world);
    for (size_t i = 0; i < SPEAKERS; i++)
        person_go(&speakers[i].person, world);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is said in a channel reaches the other members",
         what_is_said_in_a_channel_reaches_the_other_members},
        {"without a target one speaks to the channel at hand",
         without_a_target_one_speaks_to_the_channel_at_hand},
        {"only members speak in a channel", only_members_speak_in_a_channel},
        {"what is said to a user reaches that user", what_is_said_to_a_user_reaches_that_user},
        {"all who see the same share one rendering", all_who_see_the_same_share_one_rendering},
        {"who cannot be sent to keeps nobody from hearing",
         who_cannot_be_sent_to_keeps_nobody_from_hearing},
        {"more renderings than are kept are right all the same",
         more_renderings_than_are_kept_are_right_all_the_same},
        {"without memory to render only those recipients end",
         without_memory_to_render_only_those_recipients_end},
        {"all members hear a channel in one order", all_members_hear_a_channel_in_one_order},
        {"two users hear each other in one order", two_users_hear_each_other_in_one_order},
        {"ids rise in the order of a channel", ids_rise_in_the_order_of_a_channel},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat talking", tests);
}
