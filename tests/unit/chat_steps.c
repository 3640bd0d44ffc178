/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/chat_steps.h"

#include "chat/world.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>

/* xorshift64* */
static uint64_t draw(uint64_t *random)
{
    uint64_t x = *random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *random = x;
    return (x * UINT64_C(0x2545F4914F6CDD1D)) >> 33;
}

/* Names that collide now and then, some only by case, and some that are none. */
static const char *any_nick(uint64_t *random)
{
    static const char *const nicks[] = {"ann", "ben", "cat", "dan", "eve",        "fay",
                                        "gus", "hal", "ida", "jim", "ANN",        "Ben",
                                        "JIM", "kim", "7up", "a b", "toolongnick"};

    return nicks[draw(random) % (sizeof nicks / sizeof nicks[0])];
}

static const char *any_channel(uint64_t *random)
{
    static const char *const channels[] = {"#a", "#a", "#a", "#b", "#b", "#b", "#c",
                                           "#d", "#e", "#A", "#B", "x",  "#,"};

    return channels[draw(random) % (sizeof channels / sizeof channels[0])];
}

/* What is set is soon cleared again, or nobody would get anywhere. */
static const char *any_mode(uint64_t *random)
{
    static const char *const modes[] = {"+o", "+o", "+o", "-o", "+v", "-v", "+h", "+h", "-h", "+a",
                                        "-a", "+q", "-q", "+m", "-m", "-m", "+i", "-i", "-i", "+t",
                                        "-t", "+n", "-n", "+C", "-C", "+U", "-U", "+u", "-u", "+k",
                                        "-k", "-k", "+l", "-l", "-l", "+f", "+f", "-f", "+j", "-j",
                                        "-j", "+b", "+b", "-b", "-b", "-b", "+e", "-e", "+I", "-I"};

    return modes[draw(random) % (sizeof modes / sizeof modes[0])];
}

static const char *any_host(uint64_t *random)
{
    static const char *const hosts[] = {"one.example", "two.example", "unknown"};

    return hosts[draw(random) % 3];
}

static const char *any_key(uint64_t *random)
{
    static const char *const keys[] = {"sesame", "Sesame", "a,b", "0"};

    return keys[draw(random) % 3];
}

/* Some of them fit the mode, some do not. */
static const char *any_argument(uint64_t *random, const char *mode)
{
    static const char *const masks[] = {
        "ann",   "BEN",           "cat",   "*!*@unknown", "*!*@one.example",
        "m:ann", "m:*!*@unknown", "m:eve", "a b"};
    static const char *const limits[] = {"1", "2", "4", "0"};
    static const char *const throttles[] = {"1:99999", "3:99999", "0:5"};

    switch (mode[1]) {
    case 'b':
    case 'e':
    case 'I':
        return masks[draw(random) % (sizeof masks / sizeof masks[0])];
    case 'k':
        return any_key(random);
    case 'l':
        return limits[draw(random) % 4];
    case 'j':
        return throttles[draw(random) % 3];
    case 'f':
        return any_channel(random);
    default:
        return any_nick(random);
    }
}

static enum step_kind any_kind(uint64_t *random)
{
    static const unsigned char weights[STEP_KINDS] = {
        [STEP_REGISTER] = 10, [STEP_RENAME] = 10, [STEP_AWAY] = 8,  [STEP_JOIN] = 60,
        [STEP_PART] = 15,     [STEP_TOPIC] = 6,   [STEP_FOCUS] = 6, [STEP_SAY] = 40,
        [STEP_QUIT] = 5,      [STEP_MODE] = 60,   [STEP_KICK] = 25, [STEP_INVITE] = 8,
        [STEP_HOST] = 4,      [STEP_OPER] = 5,    [STEP_KILL] = 8,  [STEP_USER_MODE] = 6,
        [STEP_CROWN] = 8,
    };
    unsigned sum = 0;
    unsigned at;
    int kind;

    for (kind = 0; kind < STEP_KINDS; kind++)
        sum += weights[kind];
    at = (unsigned)(draw(random) % sum);
    for (kind = 0; at >= weights[kind]; kind++)
        at -= weights[kind];
    return (enum step_kind)kind;
}

/* What a step of that kind is about; a channel, or the one at hand, if it is none of those here. */
static const char *any_name(uint64_t *random, enum step_kind kind)
{
    if (kind == STEP_REGISTER || kind == STEP_RENAME || (kind == STEP_SAY && draw(random) % 4 == 0))
        return any_nick(random);
    if (kind == STEP_HOST)
        return any_host(random);
    if (kind == STEP_JOIN || kind == STEP_FOCUS || kind == STEP_MODE || kind == STEP_KICK ||
        kind == STEP_INVITE || kind == STEP_CROWN || draw(random) % 3)
        return any_channel(random);
    return NULL;
}

static bool has_text(uint64_t *random, enum step_kind kind)
{
    switch (kind) {
    case STEP_SAY:
    case STEP_QUIT:
    case STEP_KILL:
        return true;
    case STEP_AWAY:
    case STEP_PART:
    case STEP_TOPIC:
        return draw(random) % 2;
    default:
        return false;
    }
}

struct step step_draw(uint64_t *random, int thread, int number)
{
    static const char *const own_modes[] = {"+i", "-i", "+T", "-T", "-o"};
    struct step step = {.kind = any_kind(random)};

    step.person = (int)(draw(random) % MODEL_PEOPLE);
    step.name = any_name(random, step.kind);
    if (step.kind == STEP_MODE) {
        step.mode = any_mode(random);
        step.other = any_argument(random, step.mode);
    } else if (step.kind == STEP_USER_MODE) {
        step.mode = own_modes[draw(random) % 5];
    } else if (step.kind == STEP_KICK || step.kind == STEP_INVITE || step.kind == STEP_KILL) {
        step.other = any_nick(random);
    } else if (step.kind == STEP_JOIN) {
        step.other = draw(random) % 2 ? any_key(random) : NULL;
    } else if (step.kind == STEP_SAY) {
        step.ctcp = draw(random) % 4 == 0;
        step.least = draw(random) % 4 ? 0 : draw(random) % 2 ? CHAT_VOICE : CHAT_OP;
    }
    if (has_text(random, step.kind))
        snprintf(step.text, sizeof step.text, "%d.%d", thread, number);
    return step;
}

static int make_mode(struct chat_world *world, struct chat_session *session,
                     const struct step *step)
{
    struct chat_change change = {
        .set = step->mode[0] == '+',
        .mode = (enum chat_mode)(strchr(people_letters, step->mode[1]) - people_letters),
        .argument = chat_text(step->other),
    };
    int rc = chat_channel_mode(world, session, chat_text(step->name), &change, 1);

    return rc != 0 ? rc : change.outcome;
}

static int make_user_mode(struct chat_world *world, struct chat_session *session,
                          const struct step *step)
{
    unsigned bit = step->mode[1] == 'i'   ? (unsigned)CHAT_USER_INVISIBLE
                   : step->mode[1] == 'T' ? (unsigned)CHAT_USER_NO_CTCP
                                          : (unsigned)CHAT_USER_OPERATOR;
    bool set = step->mode[0] == '+';

    return chat_user_modes(world, session, set ? bit : 0, set ? 0 : bit);
}

static int make_words(struct chat_world *world, struct chat_session *session,
                      const struct step *step)
{
    struct chat_words words = {
        .kind = CHAT_MESSAGE,
        .target = step->name ? chat_text(step->name) : CHAT_NO_TEXT,
        .least = step->least,
        .text = chat_text(step->text),
        .ctcp = step->ctcp,
    };

    return chat_speak(world, session, &words);
}

/* An event that nobody has asked the world for. */
static int crown_locked(struct chat_world *world, struct chat_session *session,
                        const struct step *step)
{
    struct chat_change change = {.set = true, .mode = CHAT_MODE_OWNER};
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, chat_text(step->name), &channel);
    if (rc != 0)
        return rc;
    change.user = session->user->id;
    change.argument = chat_name_text(session->user->name);
    event = chat_event_in(session, CHAT_MODE, channel);
    event.changes = &change;
    event.change_count = 1;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

static int make_crown(struct chat_world *world, struct chat_session *session,
                      const struct step *step)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = crown_locked(world, session, step);
    pli_write_unlock(&world->lock);
    return rc;
}

int step_make(struct chat_world *world, struct chat_session *session, const struct step *step)
{
    struct chat_text other = step->other ? chat_text(step->other) : CHAT_NO_TEXT;
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
        return chat_channel_enter(world, session, name, other);
    case STEP_PART:
        return chat_channel_part(world, session, name, text);
    case STEP_TOPIC:
        return chat_channel_topic(world, session, name, text);
    case STEP_FOCUS:
        return chat_channel_focus(world, session, name);
    case STEP_SAY:
        return make_words(world, session, step);
    case STEP_MODE:
        return make_mode(world, session, step);
    case STEP_KICK:
        return chat_channel_kick(world, session, name, other, CHAT_NO_TEXT);
    case STEP_INVITE:
        return chat_channel_invite(world, session, name, other);
    case STEP_QUIT:
        return chat_quit(world, session, text);
    case STEP_HOST:
        return chat_user_host(world, session, chat_text("user"), name);
    case STEP_OPER:
        return chat_user_oper(world, session, chat_text("class"));
    case STEP_USER_MODE:
        return make_user_mode(world, session, step);
    case STEP_KILL:
        return chat_kill(world, session, other, text, text);
    case STEP_CROWN:
        return make_crown(world, session, step);
    case STEP_KINDS:
        break;
    }
    return -1;
}
