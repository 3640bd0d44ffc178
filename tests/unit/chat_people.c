/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/chat_people.h"

#include "chat/name.h"
#include "tests/lib/fake_session.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const struct chat_settings people_settings = {
    .nick_length = 9,
    .channel_length = 12,
    .topic_length = 20,
    .channels_per_user = 3,
};

atomic_uint people_renderings;

static int variant(const struct chat_session *session, const struct chat_event *event)
{
    if (event->kind >= CHAT_TAGS && chat_session_sent(session, event))
        return CHAT_UNTOLD;
    if (event->kind == CHAT_QUIT && chat_session_owns(session, event))
        return CHAT_UNTOLD;
    return chat_session_owns(session, event);
}

static const char *word_of(enum chat_kind kind)
{
    switch (kind) {
    case CHAT_REGISTER:
        return "HELLO";
    case CHAT_RENAME:
        return "NICK";
    case CHAT_AWAY:
        return "AWAY";
    case CHAT_REALNAME:
        return "REALNAME";
    case CHAT_ACCOUNT:
        return "ACCOUNT";
    case CHAT_HOST:
        return "HOST";
    case CHAT_USER_MODE:
        return "MODE";
    case CHAT_JOIN:
        return "JOIN";
    case CHAT_PART:
        return "PART";
    case CHAT_QUIT:
        return "QUIT";
    case CHAT_TOPIC:
        return "TOPIC";
    case CHAT_KICK:
        return "KICK";
    case CHAT_MODE:
        return "MODE";
    case CHAT_INVITE:
        return "INVITE";
    case CHAT_KNOCK:
        return "KNOCK";
    case CHAT_FORWARD:
        return "FORWARD";
    case CHAT_NEW_NAME:
        return "NAME";
    case CHAT_REDIRECT:
        return "REDIRECT";
    case CHAT_ONLINE:
        return "ONLINE";
    case CHAT_OFFLINE:
        return "OFFLINE";
    case CHAT_KILL:
        return "KILL";
    case CHAT_EXPEL:
        return "EXPEL";
    case CHAT_SERVER_NOTICE:
        return "NOTE";
    case CHAT_WALLOPS:
        return "WALLOPS";
    case CHAT_REDACT:
        return "REDACT";
    case CHAT_METADATA:
        return "METADATA";
    case CHAT_READ:
        return "READ";
    case CHAT_TAGS:
        return "TAGS";
    case CHAT_MESSAGE:
        return "SAY";
    case CHAT_ACTION:
        return "DO";
    case CHAT_NOTICE:
        return "NOTE";
    }
    return "?";
}

#define TEXT(text) (text).length > 0 ? " " : "", (int)(text).length, (text).data ? (text).data : ""

const char people_letters[] = "imnpstCcuUMRzHPklfjWLEFbeIvhoaq";

/* " +o bob -m" and so on. */
static void write_changes(const struct chat_event *event, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < event->change_count; i++) {
        const struct chat_change *change = &event->changes[i];

        used += (size_t)snprintf(text + used, size - used, " %c%c%s%.*s", change->set ? '+' : '-',
                                 people_letters[change->mode], TEXT(change->argument));
        CU_ASSERT_FATAL(used < size);
    }
}

static int render(const struct chat_event *event, int which, struct pl_message **message)
{
    char changes[2000];
    char *line;
    int length;
    int rc;

    atomic_fetch_add(&people_renderings, 1);
    write_changes(event, changes, sizeof changes);
    length = asprintf(&line, "%s%s%s%.*s%s%.*s%s%.*s%s%.*s%s%.*s%s%.*s%s\n", which ? "+" : "",
                      word_of(event->kind), TEXT(event->nick), TEXT(event->channel_name),
                      TEXT(event->target_nick), TEXT(event->more), TEXT(event->tags),
                      TEXT(event->text), changes);
    if (length < 0)
        return -ENOMEM;
    rc = pl_message_new(line, (size_t)length, message);
    free(line);
    return rc;
}

const struct chat_face people_face = {.name = "test", .variant = variant, .render = render};

struct chat_world *people_world(void)
{
    struct chat_world *world = NULL;

    CU_ASSERT_EQUAL_FATAL(chat_world_new(&people_settings, 1, &world), 0);
    return world;
}

void person_init(struct person *person)
{
    person->session = fake_new(NULL);
    chat_session_init(&person->chat, person->session, &people_face);
}

void person_come(struct person *person, struct chat_world *world, const char *nick)
{
    person_init(person);
    CU_ASSERT_EQUAL_FATAL(chat_user_register(world, &person->chat, chat_text(nick)), 0);
    fake_take(person->session, NULL);
}

void person_go(struct person *person, struct chat_world *world)
{
    int rc = chat_quit(world, &person->chat, chat_text("gone"));

    CU_ASSERT(rc == 0 || rc == CHAT_NOT_REGISTERED);
    fake_free(person->session);
}

static struct chat_text optional(const char *string)
{
    return string ? chat_text(string) : CHAT_NO_TEXT;
}

int person_join(struct person *person, struct chat_world *world, const char *channel)
{
    return chat_channel_join(world, &person->chat, chat_text(channel));
}

int person_part(struct person *person, struct chat_world *world, const char *channel)
{
    return chat_channel_part(world, &person->chat, optional(channel), chat_text(""));
}

int person_say(struct person *person, struct chat_world *world, const char *target,
               const char *text)
{
    return chat_say(world, &person->chat, CHAT_MESSAGE, optional(target), chat_text(text));
}

int person_rename(struct person *person, struct chat_world *world, const char *nick)
{
    return chat_user_rename(world, &person->chat, chat_text(nick));
}

int person_name(struct person *person, struct chat_world *world, const char *channel,
                const char *name)
{
    return chat_channel_rename(world, &person->chat, chat_text(channel), chat_text(name),
                               chat_text("why"));
}

int person_topic(struct person *person, struct chat_world *world, const char *channel,
                 const char *topic)
{
    return chat_channel_topic(world, &person->chat, optional(channel), chat_text(topic));
}

int person_change(struct person *person, struct chat_world *world, const char *channel,
                  const char *mode, const char *argument)
{
    struct chat_change change = {
        .set = mode[0] == '+',
        .mode = (enum chat_mode)(strchr(people_letters, mode[1]) - people_letters),
        .argument = optional(argument),
    };
    int rc = chat_channel_mode(world, &person->chat, chat_text(channel), &change, 1);

    return rc != 0 ? rc : change.outcome;
}

int person_kick(struct person *person, struct chat_world *world, const char *channel,
                const char *nick)
{
    return chat_channel_kick(world, &person->chat, chat_text(channel), chat_text(nick),
                             CHAT_NO_TEXT);
}

int person_invite(struct person *person, struct chat_world *world, const char *channel,
                  const char *nick)
{
    return chat_channel_invite(world, &person->chat, chat_text(channel), chat_text(nick));
}

void person_hears(unsigned line, struct person *person, const char *text)
{
    const char *heard = fake_take(person->session, NULL);

    if (strcmp(heard, text) == 0)
        return;
    printf("\nline %u: expected: %s\n     heard: %s\n", line, text, heard);
    CU_FAIL_FATAL("somebody was not told what was expected");
}

/* The lines of a map, collected and then sorted. */
struct map {
    char *lines[64];
    char topic[CHAT_NAME_MAX]; /* of the last one */
    size_t count;
};

static void add_to_line(struct map *map, const char *before, struct chat_text text,
                        const char *after)
{
    char *line = map->lines[map->count - 1];

    CU_ASSERT_FATAL(asprintf(&map->lines[map->count - 1], "%s%s%.*s%s", line ? line : "", before,
                             (int)text.length, text.data, after) > 0);
    free(line);
}

static void map_channel(const struct chat_channel_view *view, void *argument)
{
    struct map *map = argument;

    CU_ASSERT_FATAL(map->count < 64);
    map->lines[map->count++] = NULL;
    add_to_line(map, "", view->name, ":");
    snprintf(map->topic, sizeof map->topic, "%.*s", (int)view->topic.length,
             view->topic.data ? view->topic.data : "");
}

static void map_member(const struct chat_user_view *view, void *argument)
{
    add_to_line(argument, " ", view->nick, "");
}

struct names {
    char name[64][CHAT_NAME_MAX + 1];
    size_t count;
};

static bool note_name(const struct chat_channel_view *view, void *argument)
{
    struct names *names = argument;

    snprintf(names->name[names->count++], sizeof names->name[0], "%.*s", (int)view->name.length,
             view->name.data);
    return names->count < 64;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void draw_channel(struct chat_world *world, const char *name, struct map *map)
{
    static const struct chat_channel_visitor visitor = {map_channel, map_member};
    struct person nobody;

    person_init(&nobody);
    CU_ASSERT_EQUAL_FATAL(chat_channel_look(world, &nobody.chat, chat_text(name), &visitor, map),
                          0);
    person_go(&nobody, world);
    if (map->topic[0])
        add_to_line(map, " [", chat_text(map->topic), "]");
}

void people_map(struct chat_world *world, char *text, size_t size)
{
    struct names names = {.count = 0};
    struct map map = {.count = 0};
    struct person nobody;
    size_t used = 0;

    person_init(&nobody);
    chat_channel_each(world, &nobody.chat, note_name, &names);
    person_go(&nobody, world);
    for (size_t i = 0; i < names.count; i++)
        draw_channel(world, names.name[i], &map);
    qsort(map.lines, map.count, sizeof map.lines[0], by_text);
    text[0] = '\0';
    for (size_t i = 0; i < map.count; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s\n", map.lines[i]);
        CU_ASSERT_FATAL(used < size);
        free(map.lines[i]);
    }
}
