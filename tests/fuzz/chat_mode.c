/* SPDX-License-Identifier: MIT */
/*
 * Changes of modes, whatever is asked for: what was made is so afterwards, what was refused has
 * left no trace, making it again is no change, and every member is told exactly what was made.
 *
 * An input is a script of lines, each ended by LF: who (the lower two bits of the first byte),
 * where (the next one), then changes, each + or -, a letter of enum chat_mode's order ("imnp...")
 * and an argument up to the next tab. There are two rooms, and everybody is in the first one; those
 * who have lost everything come back as owner with a line that has no change.
 */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/fake_session.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PEOPLE 4
#define MASKS  4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char letters[] = "imnpstCcuUMRzHPklfjWLEFbeIvhoaq";
static const char *const names[PEOPLE] = {"al", "bo", "cy", "di"};
static const char *const rooms[] = {"#one", "#two"};

static struct chat_world *world;
static struct chat_session sessions[PEOPLE];

/* What the events of a call have told, which may be several. */
static struct {
    unsigned times;
    size_t count;
    struct chat_change changes[CHAT_CHANGES_MAX];
    char texts[CHAT_CHANGES_MAX][CHAT_MASK_MAX + CHAT_NAME_MAX];
} told;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int variant(const struct chat_session *session, const struct chat_event *event)
{
    (void)session;
    return event->kind == CHAT_MODE ? 0 : CHAT_UNTOLD;
}

/* An event's texts stand no longer than this call. */
static int render(const struct chat_event *event, int which, struct pl_message **message)
{
    (void)which;
    must(event->change_count > 0 && event->change_count <= CHAT_CHANGES_MAX);
    told.times++;
    for (size_t i = 0; i < event->change_count; i++) {
        struct chat_text argument = event->changes[i].argument;
        char *text = told.texts[told.count];

        must(told.count < CHAT_CHANGES_MAX && argument.length <= sizeof told.texts[0]);
        told.changes[told.count] = event->changes[i];
        if (argument.length > 0)
            memcpy(text, argument.data, argument.length);
        told.changes[told.count++].argument = (struct chat_text){text, argument.length};
    }
    return pl_message_new("told\n", 5, message);
}

static const struct chat_face face = {.name = "fuzz", .variant = variant, .render = render};

static void come(int number)
{
    chat_session_init(&sessions[number], fake_new(NULL), &face);
    must(chat_user_register(world, &sessions[number], chat_text(names[number])) == 0);
    must(chat_channel_join(world, &sessions[number], chat_text(rooms[0])) == 0);
}

/* All that a change can alter, and a digest of it. */
static uint64_t mix(uint64_t sum, const void *data, size_t length)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < length; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
    return (sum ^ length) * UINT64_C(1099511628211);
}

static uint64_t mix_text(uint64_t sum, struct chat_text text)
{
    return mix(sum, text.data, text.length);
}

static uint64_t state_of(const struct chat_channel *channel)
{
    uint64_t sum = UINT64_C(14695981039346656037);

    sum = mix(sum, &channel->flags, sizeof channel->flags);
    sum = mix(sum, &channel->limit, sizeof channel->limit);
    sum = mix(sum, &channel->throttle_joins, sizeof channel->throttle_joins);
    sum = mix(sum, &channel->throttle_seconds, sizeof channel->throttle_seconds);
    for (int i = 0; i < CHAT_RATES; i++)
        sum = mix(sum, chat_rate_of(channel, CHAT_MODE_SLOW + i), sizeof(struct chat_rate));
    sum = mix_text(sum, chat_string_text(channel->key));
    sum = mix_text(sum, chat_string_text(channel->forward));
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each (link, &channel->lists[i].masks) {
            const struct chat_mask *mask = pli_container_of(link, struct chat_mask, link);

            sum = mix(sum, mask->text, mask->length);
        }
    pli_list_for_each (link, &channel->members)
        sum = mix(sum, &chat_member_of_channel(link)->prefix, sizeof(unsigned));
    return sum;
}

/* What always holds. */
static void check_channel(struct chat_channel *channel)
{
    must(channel->flags < chat_mode_flag(CHAT_MODE_FLAGS));
    must(channel->limit <= 999999999);
    must((channel->throttle_joins == 0) == (channel->throttle_seconds == 0));
    for (int i = 0; i < CHAT_RATES; i++)
        must((chat_rate_of(channel, CHAT_MODE_SLOW + i)->count == 0) ==
             (chat_rate_of(channel, CHAT_MODE_SLOW + i)->seconds == 0));
    must(chat_string_text(channel->key).length <= CHAT_KEY_MAX);
    for (size_t i = 0; i < CHAT_LISTS; i++) {
        size_t count = 0;

        pli_list_for_each (link, &channel->lists[i].masks) {
            const struct chat_mask *mask = pli_container_of(link, struct chat_mask, link);
            struct chat_text text = {mask->text, mask->length};

            must(chat_mask_find(&channel->lists[i], text) == mask); /* none comes twice */
            count++;
        }
        must(count == channel->lists[i].count && count <= MASKS);
    }
}

static bool is_value(struct chat_text value, const struct chat_change *change)
{
    return change->set ? chat_text_equal(value, change->argument) : value.length == 0;
}

static bool is_number(unsigned number, const struct chat_change *change)
{
    char text[24] = "";

    if (number > 0)
        snprintf(text, sizeof text, "%u", number);
    return is_value(chat_text(text), change);
}

static bool is_throttle(const struct chat_channel *channel, const struct chat_change *change)
{
    char text[50] = "";

    if (channel->throttle_joins > 0)
        snprintf(text, sizeof text, "%u:%u", channel->throttle_joins, channel->throttle_seconds);
    return is_value(chat_text(text), change);
}

static bool is_rate(const struct chat_channel *channel, const struct chat_change *change)
{
    const struct chat_rate *rate = chat_rate_of(channel, change->mode);
    char text[CHAT_RATE_TEXT];

    if (rate->count == 0)
        return !change->set;
    return is_value(chat_rate_text(change->mode, rate, text), change);
}

/* Whether the channel is as the change, which was told, has made it. */
static bool is_so(struct chat_channel *channel, const struct chat_change *change)
{
    const struct chat_user *user;

    switch (change->mode) {
    case CHAT_MODE_KEY:
        return is_value(chat_string_text(channel->key), change);
    case CHAT_MODE_FORWARD:
        return is_value(chat_string_text(channel->forward), change);
    case CHAT_MODE_LIMIT:
        return is_number(channel->limit, change);
    case CHAT_MODE_THROTTLE:
        return is_throttle(channel, change);
    case CHAT_MODE_SLOW:
    case CHAT_MODE_LINES:
    case CHAT_MODE_REPEATS:
    case CHAT_MODE_NICKS:
        return is_rate(channel, change);
    case CHAT_MODE_BAN:
    case CHAT_MODE_EXCEPTION:
    case CHAT_MODE_INVITE_EXCEPTION:
        return change->set ==
               (chat_mask_find(chat_list_of(channel, change->mode), change->argument) != NULL);
    default:
        break;
    }
    if (change->mode < CHAT_MODE_FLAGS)
        return change->set == ((channel->flags & chat_mode_flag(change->mode)) != 0);
    user = chat_find_nick(world, change->argument);
    must(user && chat_id_equal(user->id, change->user));
    return change->set ==
           ((chat_find_member(user, channel)->prefix & chat_mode_prefix(change->mode)) != 0);
}

/* What comes later in the same call may undo what was made. */
static bool is_last(size_t index)
{
    const struct chat_change *change = &told.changes[index];

    for (size_t i = index + 1; i < told.count; i++)
        if (told.changes[i].mode == change->mode &&
            (change->mode < CHAT_MODE_BAN ||
             chat_text_same(told.changes[i].argument, change->argument)))
            return false;
    return true;
}

/* What was made is no change when it is asked for again, but who asks may have lost the right to. */
static void check_again(struct chat_session *session, const char *room)
{
    for (size_t i = 0; i < told.count; i++) {
        struct chat_change again = told.changes[i];
        bool value = again.mode >= CHAT_MODE_KEY && again.mode <= CHAT_MODE_NICKS;

        if (!is_last(i) || (value && again.set))
            continue;
        told.times = 0;
        must(chat_channel_mode(world, session, chat_text(room), &again, 1) == 0);
        must(again.outcome == CHAT_MODE_SAME || again.outcome == CHAT_NOT_OPERATOR);
        must(told.times == 0);
    }
}

static void make(int person, const char *room, struct chat_change *changes, size_t count)
{
    struct chat_channel *channel = chat_find_name(world, chat_text(room));
    uint64_t before = channel ? state_of(channel) : 0;
    size_t made = 0;
    int rc;

    told.times = 0;
    told.count = 0;
    rc = chat_channel_mode(world, &sessions[person], chat_text(room), changes, count);
    must(rc >= 0);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        must(changes[i].outcome >= 0);
        made += changes[i].outcome == 0;
    }
    must(told.count == made && (told.times > 0) == (made > 0));
    if (!channel)
        return;
    check_channel(channel);
    must(made > 0 || state_of(channel) == before);
    for (size_t i = 0; i < told.count; i++)
        must(!is_last(i) || is_so(channel, &told.changes[i]));
    check_again(&sessions[person], room);
}

/* Takes a change off TEXT; false: there is none. */
static bool take_change(struct chat_text *text, struct chat_change *change)
{
    const char *letter, *end;

    if (text->length < 2 || (text->data[0] != '+' && text->data[0] != '-'))
        return false;
    letter = text->data[1] ? strchr(letters, text->data[1]) : NULL;
    if (!letter)
        return false;
    end = memchr(text->data, '\t', text->length);
    *change = (struct chat_change){
        .set = text->data[0] == '+',
        .mode = (enum chat_mode)(letter - letters),
        .argument = {text->data + 2, (end ? (size_t)(end - text->data) : text->length) - 2},
    };
    text->length -= change->argument.length + 2 + (end ? 1 : 0);
    text->data += change->argument.length + 2 + (end ? 1 : 0);
    return true;
}

/* As if the services of a network had done it. */
static void reinstate(int person)
{
    struct chat_channel *channel = chat_find_name(world, chat_text(rooms[0]));

    chat_find_member(sessions[person].user, channel)->prefix = CHAT_OWNER;
}

static void step(struct chat_text text)
{
    int person = text.data[0] % PEOPLE;
    const char *room = rooms[(text.data[0] >> 2) & 1];
    struct chat_change changes[CHAT_CHANGES_MAX];
    size_t count = 0;

    text.data++;
    text.length--;
    while (count < CHAT_CHANGES_MAX && take_change(&text, &changes[count]))
        count++;
    if (count == 0)
        reinstate(person);
    else
        make(person, room, changes, count);
}

static void run(const char *script, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(script, '\n', size);
        size_t length = newline ? (size_t)(newline - script) : size;

        if (length > 0 && (unsigned char)script[0] < 128)
            step((struct chat_text){script, length});
        length += newline ? 1 : 0;
        script += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct chat_settings limits = {.nick_length = 9,
                                                .channel_length = 12,
                                                .topic_length = 30,
                                                .channels_per_user = 3,
                                                .masks_per_list = MASKS};

    must(chat_world_new(&limits, 1, &world) == 0);
    for (int i = 0; i < PEOPLE; i++)
        come(i);
    must(chat_channel_join(world, &sessions[0], chat_text(rooms[1])) == 0);
    run((const char *)data, size);
    for (int i = 0; i < PEOPLE; i++) {
        must(chat_quit(world, &sessions[i], CHAT_NO_TEXT) == 0);
        fake_free(sessions[i].session);
    }
    chat_world_free(world);
    return 0;
}
