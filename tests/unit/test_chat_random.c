/* SPDX-License-Identifier: MIT */
/*
 * Several threads do thousands of random things to one world; then a single-threaded model does
 * the same in the order in which the world did them, and must come to the same.
 *
 * The order is that of the events' ids. What was done is compared step by step: each outcome,
 * what each person was told by each event and in which order, and who is where at the end. A step
 * that was refused made no event: it must have been right at one moment at least between the ids
 * that were drawn before and after it.
 *
 * CHAT_SEED (environment) names the seed of the only round, instead of three fixed ones.
 */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_model.h"
#include "tests/unit/chat_people.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define STEPS   3000
#define OWN     (MODEL_PEOPLE / THREADS) /* people of one thread */

/* People as in chat_people.h; their face notes ids, and tells everybody of everything. */
struct walker {
    struct person person;
    struct chat_id last_sent; /* the event of the running step (its thread, in the call) */
};

struct thread {
    pthread_t id;
    int number;
    uint64_t random;
    struct step steps[STEPS];
};

static struct chat_world *world;
static struct walker walkers[MODEL_PEOPLE];
static struct thread threads[THREADS];

static int tell_all(const struct chat_session *session, const struct chat_event *event)
{
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (&walkers[i].person.chat == session && chat_session_sent(session, event))
            walkers[i].last_sent = event->id;
    return 0;
}

/* The line of chat_people.h with the id's time and the kind in front. */
static int render_id(const struct chat_event *event, int variant, struct pl_message **message)
{
    char text[MODEL_LINE + 40];
    struct pl_message *plain;
    int length;
    int rc = people_face.render(event, variant, &plain);

    if (rc < 0)
        return rc;
    length = snprintf(text, sizeof text, "%llx %d %.*s", (unsigned long long)event->id.time,
                      (int)event->kind, (int)pl_message_length(plain), pl_message_data(plain));
    pl_message_unref(plain);
    return pl_message_new(text, (size_t)length, message);
}

static const struct chat_face walker_face = {"walker", tell_all, render_id};

/* xorshift64* */
static uint64_t draw(struct thread *thread)
{
    uint64_t x = thread->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    thread->random = x;
    return (x * UINT64_C(0x2545F4914F6CDD1D)) >> 33;
}

/* Names that collide now and then, some only by case, and some that are none. */
static const char *any_nick(struct thread *thread)
{
    static const char *const nicks[] = {
        "ann", "ben", "cat", "dan", "eve", "fay", "gus", "hal", "ida", "jim", "kim",
        "lea", "ANN", "Ben", "KIM", "moe", "ned", "ola", "pam", "7up", "a b", "toolongnick"};

    return nicks[draw(thread) % (sizeof nicks / sizeof nicks[0])];
}

static const char *any_channel(struct thread *thread)
{
    static const char *const channels[] = {"#a", "#b", "#c", "#d", "#e", "#A", "#B", "x", "#,"};

    return channels[draw(thread) % (sizeof channels / sizeof channels[0])];
}

/* Bans go sooner than they come, or nobody would get anywhere. */
static const char *any_mode(struct thread *thread)
{
    static const char *const modes[] = {"+o", "+o", "+o", "-o", "+v", "-v", "+m", "-m",
                                        "+i", "-i", "+t", "-t", "+b", "-b", "-b"};

    return modes[draw(thread) % (sizeof modes / sizeof modes[0])];
}

static enum step_kind any_kind(struct thread *thread)
{
    static const unsigned char weights[STEP_KINDS] = {
        [STEP_REGISTER] = 10, [STEP_RENAME] = 10, [STEP_AWAY] = 8,  [STEP_JOIN] = 30,
        [STEP_PART] = 12,     [STEP_TOPIC] = 6,   [STEP_FOCUS] = 6, [STEP_SAY] = 40,
        [STEP_QUIT] = 3,      [STEP_MODE] = 30,   [STEP_KICK] = 6,  [STEP_INVITE] = 8,
    };
    unsigned sum = 0;
    unsigned at;
    int kind;

    for (kind = 0; kind < STEP_KINDS; kind++)
        sum += weights[kind];
    at = (unsigned)(draw(thread) % sum);
    for (kind = 0; at >= weights[kind]; kind++)
        at -= weights[kind];
    return (enum step_kind)kind;
}

static struct step any_step(struct thread *thread, int number)
{
    struct step step = {.kind = any_kind(thread)};

    step.person = thread->number * OWN + (int)(draw(thread) % OWN);
    if (step.kind == STEP_REGISTER || step.kind == STEP_RENAME)
        step.name = any_nick(thread);
    else if (step.kind == STEP_SAY && draw(thread) % 4 == 0)
        step.name = any_nick(thread);
    else if (step.kind == STEP_JOIN || step.kind == STEP_FOCUS || draw(thread) % 3)
        step.name = any_channel(thread);
    if (step.kind == STEP_MODE || step.kind == STEP_KICK || step.kind == STEP_INVITE) {
        step.name = any_channel(thread);
        step.other = any_nick(thread);
        step.mode = any_mode(thread);
        return step;
    }
    if (step.kind == STEP_SAY || step.kind == STEP_QUIT || draw(thread) % 2)
        snprintf(step.text, sizeof step.text, "%d.%d", thread->number, number);
    if (step.kind == STEP_REGISTER || step.kind == STEP_RENAME || step.kind == STEP_JOIN)
        step.text[0] = '\0';
    return step;
}

static int make_mode(struct chat_session *session, const struct step *step)
{
    struct chat_change change = {
        .set = step->mode[0] == '+',
        .mode = (enum chat_mode)(strchr(people_letters, step->mode[1]) - people_letters),
        .argument = chat_text(step->other),
    };
    int rc = chat_channel_mode(world, session, chat_text(step->name), &change, 1);

    return rc != 0 ? rc : change.outcome;
}

static int make(struct chat_session *session, const struct step *step)
{
    struct chat_text name = step->name ? chat_text(step->name) : CHAT_NO_TEXT;
    struct chat_text text = chat_text(step->text);

    switch (step->kind) {
    case STEP_REGISTER:
        return chat_user_register(world, session, name);
    case STEP_RENAME:
        return chat_user_rename(world, session, name);
    case STEP_AWAY:
        return chat_user_away(world, session, text);
    case STEP_JOIN:
        return chat_channel_join(world, session, name);
    case STEP_PART:
        return chat_channel_part(world, session, name, text);
    case STEP_TOPIC:
        return chat_channel_topic(world, session, name, text);
    case STEP_FOCUS:
        return chat_channel_focus(world, session, name);
    case STEP_SAY:
        return chat_say(world, session, CHAT_MESSAGE, name, text);
    case STEP_MODE:
        return make_mode(session, step);
    case STEP_KICK:
        return chat_channel_kick(world, session, name, chat_text(step->other), CHAT_NO_TEXT);
    case STEP_INVITE:
        return chat_channel_invite(world, session, name, chat_text(step->other));
    case STEP_QUIT:
        return chat_quit(world, session, text);
    case STEP_KINDS:
        break;
    }
    return -1;
}

static void *walk(void *argument)
{
    struct thread *thread = argument;

    for (int i = 0; i < STEPS; i++) {
        struct step *step = &thread->steps[i];
        struct walker *walker;

        *step = any_step(thread, i);
        walker = &walkers[step->person];
        step->before = chat_id_next(&world->ids, 0).time;
        walker->last_sent = (struct chat_id){step->before, 0};
        step->outcome = make(&walker->person.chat, step);
        step->id = walker->last_sent;
        step->after = chat_id_next(&world->ids, 0).time;
    }
    return NULL;
}

/* What somebody was told, or should have been. */
struct line {
    uint64_t id;
    int kind;
    char text[MODEL_LINE];
};

struct lines {
    struct line *line;
    size_t count;
    size_t room;
};

static struct lines expected[MODEL_PEOPLE];

static struct line *add_line(struct lines *lines)
{
    if (lines->count == lines->room) {
        lines->room = lines->room ? 2 * lines->room : 1024;
        lines->line = realloc(lines->line, lines->room * sizeof lines->line[0]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(lines->line);
    }
    return &lines->line[lines->count++];
}

static void expect_line(int person, const struct step *step, const char *text, void *argument)
{
    struct line *line;

    (void)argument;
    if (step->kind == STEP_FOCUS)
        return;
    line = add_line(&expected[person]);
    *line = (struct line){.id = step->id.time};
    snprintf(line->text, sizeof line->text, "%s", text);
}

static void read_lines(struct person *person, struct lines *lines)
{
    const char *text = fake_take(person->session, NULL);

    for (; *text; text += strcspn(text, "\n") + 1) {
        struct line *line = add_line(lines);
        unsigned long long id;
        int used;

        CU_ASSERT_EQUAL_FATAL(sscanf(text, "%llx %d %n", &id, &line->kind, &used), 2);
        line->id = id;
        snprintf(line->text, sizeof line->text, "%.*s", (int)strcspn(text + used, "\n"),
                 text + used);
    }
}

static bool is_change(const struct line *line)
{
    return line->kind < CHAT_MESSAGE;
}

/* Whether both were said in one place: the same channel, or between the same two. */
static bool same_place(const struct line *a, const struct line *b)
{
    char from[2][MODEL_NAME], to[2][MODEL_NAME];

    if (sscanf(a->text, "SAY %15s %15s", from[0], to[0]) != 2 ||
        sscanf(b->text, "SAY %15s %15s", from[1], to[1]) != 2)
        return false;
    if (strcmp(to[0], to[1]) == 0)
        return to[0][0] == '#' || strcmp(from[0], from[1]) == 0;
    return strcmp(from[0], to[1]) == 0 && strcmp(to[0], from[1]) == 0;
}

/*
 * A change comes after all that was before it, and before all after it; between two changes, when
 * names stand still, what was said in one place comes in its order.
 */
static bool in_order(const struct lines *lines)
{
    uint64_t highest = 0;
    size_t change = 0; /* the first line after the last change */

    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->line[i];

        if (change > 0 && line->id < lines->line[change - 1].id)
            return false;
        if (is_change(line) && line->id < highest)
            return false;
        for (size_t k = change; k < i && !is_change(line); k++)
            if (lines->line[k].id > line->id && same_place(&lines->line[k], line))
                return false;
        if (is_change(line))
            change = i + 1;
        if (line->id > highest)
            highest = line->id;
    }
    return true;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = ((const struct line *)a)->id;
    uint64_t y = ((const struct line *)b)->id;

    return x < y ? -1 : x > y;
}

static void compare_lines(int person)
{
    struct lines heard = {NULL, 0, 0};
    const struct lines *wanted = &expected[person];

    read_lines(&walkers[person].person, &heard);
    CU_ASSERT(in_order(&heard));
    qsort(heard.line, heard.count, sizeof heard.line[0], by_id);
    for (size_t i = 0; i < heard.count && i < wanted->count; i++) {
        if (heard.line[i].id == wanted->line[i].id &&
            strcmp(heard.line[i].text, wanted->line[i].text) == 0)
            continue;
        printf("\nperson %d heard %llx %s, not %llx %s\n", person,
               (unsigned long long)heard.line[i].id, heard.line[i].text,
               (unsigned long long)wanted->line[i].id, wanted->line[i].text);
        CU_FAIL_FATAL("somebody was told something else");
    }
    CU_ASSERT_EQUAL(heard.count, wanted->count);
    free(heard.line);
}

/* All steps: those that were done, by id, and those that were refused, by their beginning. */
static const struct step *done[THREADS * STEPS];
static const struct step *refused[THREADS * STEPS];
static size_t done_count;
static size_t refused_count;

static int by_step_id(const void *a, const void *b)
{
    return chat_id_compare((*(const struct step *const *)a)->id,
                           (*(const struct step *const *)b)->id);
}

static int by_before(const void *a, const void *b)
{
    uint64_t x = (*(const struct step *const *)a)->before;
    uint64_t y = (*(const struct step *const *)b)->before;

    return x < y ? -1 : x > y;
}

static void sort_steps(void)
{
    done_count = 0;
    refused_count = 0;
    for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < STEPS; i++) {
            const struct step *step = &threads[t].steps[i];

            CU_ASSERT_FATAL(step->outcome >= 0);
            if (step->outcome == 0)
                done[done_count++] = step;
            else
                refused[refused_count++] = step;
        }
    }
    qsort(done, done_count, sizeof done[0], by_step_id);
    qsort(refused, refused_count, sizeof refused[0], by_before);
}

/*
 * Refused steps that may have been refused in the state of the model that lasts until the id UNTIL:
 * those at the head of the queue that had begun by then. Those that were rightly refused leave it;
 * one that had ended and stays was not.
 */
static size_t check_refused(const struct model *model, size_t first, uint64_t since, uint64_t until)
{
    for (size_t i = first; i < refused_count && refused[i]->before < until; i++) {
        const struct step *step = refused[i];

        if (step->after > since && model_outcome(model, step) == step->outcome) {
            memmove(&refused[first + 1], &refused[first], (i - first) * sizeof refused[0]);
            first++;
        } else if (step->after < until) {
            printf("\nperson %d, step %d, name %s: refused with %d\n", step->person,
                   (int)step->kind, step->name ? step->name : "-", step->outcome);
            CU_FAIL_FATAL("a step was refused without reason");
        }
    }
    return first;
}

static void replay(struct model *model)
{
    uint64_t since = 0;
    size_t first = 0;

    sort_steps();
    for (size_t i = 0; i < done_count; i++) {
        first = check_refused(model, first, since, done[i]->id.time);
        if (model_outcome(model, done[i]) != 0) {
            printf("\nperson %d, step %d, name %s: should be refused with %d\n", done[i]->person,
                   (int)done[i]->kind, done[i]->name ? done[i]->name : "-",
                   model_outcome(model, done[i]));
            CU_FAIL_FATAL("a step was done that should have been refused");
        }
        model_apply(model, done[i], expect_line, NULL);
        since = done[i]->id.time;
    }
    first = check_refused(model, first, since, UINT64_MAX);
    CU_ASSERT_EQUAL(first, refused_count);
}

static size_t count_list(struct pli_list *list)
{
    size_t count = 0;

    pli_list_for_each (link, list) {
        CU_ASSERT_PTR_EQUAL_FATAL(link->next->prev, link);
        count++;
    }
    return count;
}

static void check_user(struct chat_user *user)
{
    CU_ASSERT_PTR_EQUAL(chat_find_nick(world, chat_name_text(user->name)), user);
    CU_ASSERT_PTR_EQUAL(chat_find_user(world, user->id), user);
    CU_ASSERT_EQUAL(count_list(&user->channels), user->channel_count);
    CU_ASSERT(user->channel_count <= people_settings.channels_per_user);
    CU_ASSERT_EQUAL(count_list(&user->sessions), 1);
    pli_list_for_each (link, &user->sessions)
        CU_ASSERT_PTR_EQUAL(chat_session_of(link)->user, user);
    pli_list_for_each (link, &user->channels) {
        CU_ASSERT_PTR_EQUAL(chat_member_of_user(link)->user, user);
        CU_ASSERT_PTR_EQUAL(chat_find_member(user, chat_member_of_user(link)->channel),
                            chat_member_of_user(link));
    }
}

static void check_channel(struct chat_channel *channel)
{
    CU_ASSERT_PTR_EQUAL(chat_find_name(world, chat_name_text(channel->name)), channel);
    CU_ASSERT_PTR_EQUAL(chat_find_channel(world, channel->id), channel);
    CU_ASSERT(channel->member_count > 0);
    CU_ASSERT_EQUAL(count_list(&channel->members), channel->member_count);
    pli_list_for_each (link, &channel->members)
        CU_ASSERT_PTR_EQUAL(chat_member_of_channel(link)->channel, channel);
}

static void look_away(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, MODEL_NAME, "%.*s", (int)view->away.length,
             view->away.data ? view->away.data : "");
}

/* That people are as the model has them. */
static void compare_people(const struct model *model)
{
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        char away[MODEL_NAME] = "";
        int rc = chat_user_look(world, &walkers[i].person.chat, look_away, away);

        CU_ASSERT_EQUAL(rc, model->people[i].registered ? 0 : CHAT_NOT_REGISTERED);
        CU_ASSERT_STRING_EQUAL(away, model->people[i].away);
    }
}

/* What must hold of the world's inside whenever nobody is changing it. */
static void check_invariants(void)
{
    size_t memberships[2] = {0, 0};
    struct pli_hash_node *node = NULL;

    CU_ASSERT_EQUAL(world->nicks.count, world->users.count);
    CU_ASSERT_EQUAL(world->channel_names.count, world->channels.count);
    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        check_user(user);
        memberships[0] += user->channel_count;
    }
    while ((node = pli_hash_next(&world->channels, node))) {
        struct chat_channel *channel = pli_container_of(node, struct chat_channel, by_id);

        check_channel(channel);
        memberships[1] += channel->member_count;
    }
    CU_ASSERT_EQUAL(memberships[0], memberships[1]);
}

static void walk_all(uint64_t seed)
{
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        person_init(&walkers[i].person);
        walkers[i].person.chat.face = &walker_face;
        expected[i] = (struct lines){NULL, 0, 0};
    }
    for (int t = 0; t < THREADS; t++) {
        threads[t].number = t;
        threads[t].random = (seed * THREADS + (uint64_t)t + 1) * UINT64_C(0x9e3779b97f4a7c15);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[t].id, NULL, walk, &threads[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        CU_ASSERT_EQUAL_FATAL(pthread_join(threads[t].id, NULL), 0);
}

static void one_round(uint64_t seed)
{
    static struct model model;
    char map[2][2000];

    world = people_world();
    walk_all(seed);
    check_invariants();
    model_init(&model, &people_settings);
    replay(&model);
    people_map(world, map[0], sizeof map[0]);
    model_map(&model, map[1], sizeof map[1]);
    CU_ASSERT_STRING_EQUAL(map[0], map[1]);
    compare_people(&model);
    CU_ASSERT(refused_count > STEPS / 4 && done_count > STEPS / 4);
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        compare_lines(i);
        free(expected[i].line);
    }
    for (int i = 0; i < MODEL_PEOPLE; i++)
        person_go(&walkers[i].person, world);
    chat_world_free(world);
}

static void threads_do_what_the_model_does(void)
{
    const char *seed = getenv("CHAT_SEED");

    if (seed) {
        one_round(strtoull(seed, NULL, 0));
        return;
    }
    for (uint64_t round = 1; round <= 3; round++)
        one_round(round);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"threads do what the model does", threads_do_what_the_model_does},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat at random", tests);
}
