/* SPDX-License-Identifier: MIT */
/*
 * Several threads do thousands of random things to one world, for the same people; then a single-threaded model does
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
#include "tests/unit/chat_check.h"
#include "tests/unit/chat_model.h"
#include "tests/unit/chat_people.h"
#include "tests/unit/chat_steps.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define STEPS   8000

/*
 * People as in chat_people.h, in whose name one thread at a time does something; their face notes
 * ids, and tells everybody of everything.
 */
struct walker {
    struct person person;
    pthread_mutex_t turn;
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
    (void)session;
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (chat_session_sent(&walkers[i].person.chat, event))
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

static void *walk(void *argument)
{
    struct thread *thread = argument;

    for (int i = 0; i < STEPS; i++) {
        struct step *step = &thread->steps[i];
        struct walker *walker;

        *step = step_draw(&thread->random, thread->number, i);
        walker = &walkers[step->person];
        pthread_mutex_lock(&walker->turn);
        step->before = chat_id_next(&world->ids, 0).time;
        walker->last_sent = (struct chat_id){step->before, 0};
        step->outcome = step_make(world, &walker->person.chat, step);
        step->id = walker->last_sent;
        step->after = chat_id_next(&world->ids, 0).time;
        pthread_mutex_unlock(&walker->turn);
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

/* Of what is told in two events, one's id is not known: those come at once, so ids tell the order. */
static bool is_second(const struct line *line)
{
    return line->kind == CHAT_FORWARD || line->kind == CHAT_QUIT;
}

static void compare_lines(int person)
{
    struct lines heard = {NULL, 0, 0};
    const struct lines *wanted = &expected[person];

    read_lines(&walkers[person].person, &heard);
    CU_ASSERT(in_order(&heard));
    qsort(heard.line, heard.count, sizeof heard.line[0], by_id);
    for (size_t i = 0; i < heard.count && i < wanted->count; i++) {
        if ((heard.line[i].id == wanted->line[i].id || is_second(&heard.line[i])) &&
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

static void walk_all(uint64_t seed)
{
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        person_init(&walkers[i].person);
        fake_keep_open(walkers[i].person.session);
        pthread_mutex_init(&walkers[i].turn, NULL);
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

static void compare_states(const struct model *model)
{
    static struct world_lines lines[2];

    world_describe(world, &lines[0]);
    model_describe(model, &lines[1]);
    for (size_t i = 0; i < lines[0].count && i < lines[1].count; i++) {
        if (strcmp(lines[0].text[i], lines[1].text[i]) == 0)
            continue;
        printf("\nthe world has \"%s\", not \"%s\"\n", lines[0].text[i], lines[1].text[i]);
        CU_FAIL_FATAL("the world is not what the model is");
    }
    CU_ASSERT_EQUAL(lines[0].count, lines[1].count);
}

/* That all sorts of things have really been done. */
static void check_variety(void)
{
    size_t times[STEP_KINDS] = {0};

    for (size_t i = 0; i < done_count; i++)
        times[done[i]->kind]++;
    for (int i = 0; i < STEP_KINDS; i++)
        CU_ASSERT(times[i] > 0);
    CU_ASSERT(refused_count > STEPS / 4 && done_count > STEPS / 4);
}

static void walker_go(struct walker *walker)
{
    person_go(&walker->person, world);
    pthread_mutex_destroy(&walker->turn);
}

static void one_round(uint64_t seed)
{
    static struct model model;

    world = people_world();
    walk_all(seed);
    world_check(world, &people_settings);
    model_init(&model, &people_settings);
    replay(&model);
    compare_states(&model);
    check_variety();
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        compare_lines(i);
        free(expected[i].line);
    }
    for (int i = 0; i < MODEL_PEOPLE; i++)
        walker_go(&walkers[i]);
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
