/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/chat_model.h"

#include "chat/name.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

void model_init(struct model *model, const struct chat_settings *settings)
{
    memset(model, 0, sizeof *model);
    model->settings = *settings;
    for (int i = 0; i < MODEL_PEOPLE; i++)
        model->people[i].focus = -1;
}

int model_find_nick(const struct model *model, const char *nick)
{
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (model->people[i].registered && strcasecmp(model->people[i].nick, nick) == 0)
            return i;
    return -1;
}

int model_find_channel(const struct model *model, const char *name)
{
    for (int i = 0; i < MODEL_CHANNELS; i++)
        if (model->channels[i].exists && strcasecmp(model->channels[i].name, name) == 0)
            return i;
    return -1;
}

static int position(const int *array, int count, int value)
{
    for (int i = 0; i < count; i++)
        if (array[i] == value)
            return i;
    return -1;
}

bool model_is_in(const struct model *model, int person, int channel)
{
    return position(model->channels[channel].members, model->channels[channel].member_count,
                    person) >= 0;
}

int model_meant(const struct model *model, const struct step *step)
{
    int channel;

    if (!step->name)
        return model->people[step->person].focus >= 0 ? model->people[step->person].focus
                                                      : -CHAT_NO_FOCUS;
    channel = model_find_channel(model, step->name);
    if (channel < 0)
        return -CHAT_NO_SUCH_CHANNEL;
    return model_is_in(model, step->person, channel) ? channel : -CHAT_NOT_ON_CHANNEL;
}

static int nick_outcome(const struct model *model, const struct step *step)
{
    int rc = chat_nick_check(chat_text(step->name), model->settings.nick_length);
    int holder = model_find_nick(model, step->name);

    if (rc != 0)
        return rc;
    if (holder >= 0 && holder != step->person)
        return CHAT_NICK_TAKEN;
    if (holder >= 0 && strcmp(model->people[holder].nick, step->name) == 0)
        return CHAT_NICK_SAME;
    return 0;
}

/* Why a person may not do something where they are, as half-operator. */
static int rank_outcome(const struct model *model, const struct step *step, int *channel)
{
    *channel = model_meant(model, step);
    if (*channel < 0)
        return -*channel;
    return model->channels[*channel].prefix[step->person] >= CHAT_HALFOP ? 0 : CHAT_NOT_OPERATOR;
}

static int target_outcome(const struct model *model, const struct step *step, int channel)
{
    int target = model_find_nick(model, step->other);

    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    return model_is_in(model, target, channel) ? 0 : CHAT_NOT_THERE;
}

/* The highest of several prefixes. */
static unsigned highest(unsigned prefix)
{
    unsigned bit = CHAT_OWNER;

    while (bit > prefix)
        bit >>= 1;
    return bit;
}

static int kick_outcome(const struct model *model, const struct step *step)
{
    const struct model_channel *where;
    unsigned own, others;
    int channel, target;
    int rc = rank_outcome(model, step, &channel);

    if (rc == 0)
        rc = target_outcome(model, step, channel);
    if (rc != 0)
        return rc;
    where = &model->channels[channel];
    target = model_find_nick(model, step->other);
    own = highest(where->prefix[step->person]);
    others = highest(where->prefix[target]);
    if (target == step->person)
        return 0;
    return others < own || (others == own && own > CHAT_HALFOP) ? 0 : CHAT_NOT_OPERATOR;
}

static int invite_outcome(const struct model *model, const struct step *step)
{
    int target = model_find_nick(model, step->other);
    int channel;
    int rc = rank_outcome(model, step, &channel);

    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    if (channel < 0 || (rc != 0 && model_has(&model->channels[channel], CHAT_MODE_INVITE_ONLY)))
        return rc;
    return model_is_in(model, target, channel) ? CHAT_IS_THERE : 0;
}

/* Why somebody may not speak in a channel, or 0. */
static int silenced(const struct model *model, const struct step *step, int channel)
{
    const struct model_channel *where = &model->channels[channel];

    if (where->prefix[step->person])
        return 0;
    if (model_has(where, CHAT_MODE_MODERATED))
        return CHAT_MODERATED;
    return model_is_banned(model, channel, step->person, true) ? CHAT_MUTED : 0;
}

static int say_outcome(const struct model *model, const struct step *step)
{
    int channel = step->name ? model_find_channel(model, step->name) : model_meant(model, step);
    const struct model_channel *where = &model->channels[channel < 0 ? 0 : channel];
    int rc;

    if (channel < 0)
        return step->name ? CHAT_NO_SUCH_CHANNEL : -channel;
    if (!model_is_in(model, step->person, channel) &&
        (step->least > 0 || model_has(where, CHAT_MODE_NO_EXTERNAL)))
        return CHAT_NOT_ON_CHANNEL;
    if (step->ctcp && model_has(where, CHAT_MODE_NO_CTCP))
        return CHAT_CTCP_REFUSED;
    rc = silenced(model, step, channel);
    return model_has(where, CHAT_MODE_OP_MODERATED) ? 0 : rc;
}

static int say_to_user_outcome(const struct model *model, const struct step *step)
{
    int target = model_find_nick(model, step->name);

    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    return step->ctcp && model->people[target].modes & CHAT_USER_NO_CTCP && target != step->person
               ? CHAT_CTCP_REFUSED
               : 0;
}

static int topic_outcome(const struct model *model, const struct step *step)
{
    int channel;
    int rc = rank_outcome(model, step, &channel);

    return channel < 0 || model_has(&model->channels[channel], CHAT_MODE_TOPIC) ? rc : 0;
}

/* Why a channel's modes and masks do not let somebody in, or 0. */
static int refusal(const struct model *model, const struct step *step, int channel)
{
    const struct model_channel *where = &model->channels[channel];

    if (where->invited[step->person])
        return 0;
    if (model_is_banned(model, channel, step->person, false))
        return CHAT_BANNED;
    if (model_has(where, CHAT_MODE_INVITE_ONLY) && !model_is_expected(model, channel, step->person))
        return CHAT_INVITE_ONLY;
    if (where->key[0] && strcmp(where->key, step->other ? step->other : "") != 0)
        return CHAT_BAD_KEY;
    if (where->limit > 0 && where->member_count >= (int)where->limit)
        return CHAT_FULL;
    return where->throttle > 0 && where->joins >= where->throttle ? CHAT_THROTTLED : 0;
}

/* Where somebody goes who joins: the channel, another one, or -1: a new one. */
static int destination(const struct model *model, const struct step *step)
{
    int channel = model_find_channel(model, step->name);
    int other;

    if (channel < 0 || refusal(model, step, channel) == 0)
        return channel;
    other = model_find_channel(model, model->channels[channel].forward);
    return other >= 0 && !model_is_in(model, step->person, other) &&
                   refusal(model, step, other) == 0
               ? other
               : channel;
}

static int join_outcome(const struct model *model, const struct step *step)
{
    size_t most = model->settings.channels_per_user;
    int channel = model_find_channel(model, step->name);
    int rc;

    if (channel >= 0 && model_is_in(model, step->person, channel))
        return CHAT_ON_CHANNEL;
    rc = chat_channel_check(chat_text(step->name), model->settings.channel_length);
    if (rc != 0)
        return rc;
    if (most > 0 && (size_t)model->people[step->person].joined_count >= most)
        return CHAT_TOO_MANY_CHANNELS;
    if (channel < 0 || destination(model, step) != channel)
        return 0;
    return refusal(model, step, channel);
}

static int kill_outcome(const struct model *model, const struct step *step)
{
    if (!(model->people[step->person].modes & CHAT_USER_OPERATOR))
        return CHAT_NOT_OPERATOR;
    return model_find_nick(model, step->other) >= 0 ? 0 : CHAT_NO_SUCH_NICK;
}

int model_outcome(const struct model *model, const struct step *step)
{
    bool registered = model->people[step->person].registered;
    int channel;

    if (step->kind == STEP_REGISTER)
        return registered ? CHAT_REGISTERED : nick_outcome(model, step);
    if (!registered)
        return CHAT_NOT_REGISTERED;
    if (step->kind == STEP_QUIT || step->kind == STEP_AWAY || step->kind == STEP_HOST ||
        step->kind == STEP_OPER || step->kind == STEP_USER_MODE)
        return 0;
    if (step->kind == STEP_KILL)
        return kill_outcome(model, step);
    if (step->kind == STEP_RENAME)
        return nick_outcome(model, step);
    if (step->kind == STEP_JOIN)
        return join_outcome(model, step);
    if (step->kind == STEP_SAY && step->name && step->name[0] != '#')
        return say_to_user_outcome(model, step);
    if (step->kind == STEP_SAY)
        return say_outcome(model, step);
    if (step->kind == STEP_TOPIC)
        return topic_outcome(model, step);
    if (step->kind == STEP_MODE)
        return model_mode_outcome(model, step);
    if (step->kind == STEP_KICK)
        return kick_outcome(model, step);
    if (step->kind == STEP_INVITE)
        return invite_outcome(model, step);
    channel = model_meant(model, step);
    return channel < 0 ? -channel : 0;
}

/* Who is told of a step, each once. */
struct audience {
    bool person[MODEL_PEOPLE];
};

/* Those members who have at least a prefix. */
static void add_some(const struct model *model, struct audience *audience, int channel,
                     unsigned least)
{
    const struct model_channel *where = &model->channels[channel];

    for (int i = 0; i < where->member_count; i++)
        if (where->prefix[where->members[i]] >= least)
            audience->person[where->members[i]] = true;
}

/* Those who may know of a member. */
static void add_knowing(const struct model *model, struct audience *audience, int channel,
                        int member)
{
    bool hidden = model_has(&model->channels[channel], CHAT_MODE_AUDITORIUM) &&
                  model->channels[channel].prefix[member] == 0;

    audience->person[member] = true;
    add_some(model, audience, channel, hidden ? CHAT_HALFOP : 0);
}

static void add_around(const struct model *model, struct audience *audience, int person)
{
    audience->person[person] = true;
    for (int i = 0; i < model->people[person].joined_count; i++)
        add_knowing(model, audience, model->people[person].joined[i], person);
}

static void take_out(int *array, int *count, int value)
{
    int at = position(array, *count, value);

    CU_ASSERT_FATAL(at >= 0);
    --*count;
    memmove(&array[at], &array[at + 1], (size_t)(*count - at) * sizeof array[0]);
}

static void leave(struct model *model, int person, int channel)
{
    struct model_person *who = &model->people[person];
    struct model_channel *where = &model->channels[channel];

    take_out(who->joined, &who->joined_count, channel);
    take_out(where->members, &where->member_count, person);
    where->prefix[person] = 0;
    if (who->focus == channel)
        who->focus = who->joined_count > 0 ? who->joined[who->joined_count - 1] : -1;
    if (where->member_count == 0)
        memset(where, 0, sizeof *where);
}

static int join(struct model *model, const struct step *step)
{
    struct model_person *who = &model->people[step->person];
    int channel = destination(model, step);
    struct model_channel *where;

    for (int i = 0; channel < 0; i++) {
        CU_ASSERT_FATAL(i < MODEL_CHANNELS);
        if (model->channels[i].exists)
            continue;
        channel = i;
        model->channels[i].exists = true;
        model->channels[i].flags = CHAT_DEFAULT_FLAGS;
        model->channels[i].prefix[step->person] = CHAT_OP;
        snprintf(model->channels[i].name, MODEL_NAME, "%s", step->name);
    }
    where = &model->channels[channel];
    where->invited[step->person] = false;
    where->joins++;
    who->joined[who->joined_count++] = channel;
    who->focus = channel;
    where->members[where->member_count++] = step->person;
    return channel;
}

static void quit(struct model *model, int person)
{
    struct model_person *who = &model->people[person];

    while (who->joined_count > 0)
        leave(model, person, who->joined[0]);
    for (int i = 0; i < MODEL_CHANNELS; i++)
        model->channels[i].invited[person] = false;
    who->registered = false;
    who->modes = 0;
    who->away[0] = '\0';
    who->focus = -1;
}

/* A line about a channel. */
static void write_line(const struct model *model, char *line, const char *word,
                       const struct step *step, int channel)
{
    snprintf(line, MODEL_LINE, "%s %s %s%s%s", word, model->people[step->person].nick,
             model->channels[channel].name, step->text[0] ? " " : "", step->text);
}

static void say(const struct model *model, const struct step *step, struct audience *audience,
                char *line)
{
    unsigned least = step->least;
    int target;

    audience->person[step->person] = true;
    if (!step->name || step->name[0] == '#') {
        target = step->name ? model_find_channel(model, step->name) : model_meant(model, step);
        if (model_has(&model->channels[target], CHAT_MODE_OP_MODERATED) &&
            !model->channels[target].prefix[step->person] && least < CHAT_OP)
            least = CHAT_OP;
        write_line(model, line, "SAY", step, target);
        add_some(model, audience, target, least);
        return;
    }
    target = model_find_nick(model, step->name);
    snprintf(line, MODEL_LINE, "SAY %s %s %s", model->people[step->person].nick,
             model->people[target].nick, step->text);
    audience->person[target] = true;
}

/* What people with a prefix do; the line tells it. */
static void govern(struct model *model, const struct step *step, struct audience *audience,
                   char *line)
{
    int channel = model_meant(model, step);
    const struct model_channel *where = &model->channels[channel];
    const char *nick = model->people[step->person].nick;
    char argument[2 * MODEL_NAME];
    int target = step->kind == STEP_MODE ? -1 : model_find_nick(model, step->other);

    if (step->kind == STEP_INVITE) {
        snprintf(line, MODEL_LINE, "INVITE %s %s %s", nick, where->name,
                 model->people[target].nick);
        audience->person[step->person] = true;
        audience->person[target] = true;
        add_some(model, audience, channel, CHAT_HALFOP);
        model->channels[channel].invited[target] = true;
    } else if (step->kind == STEP_KICK) {
        add_knowing(model, audience, channel, target);
        snprintf(line, MODEL_LINE, "KICK %s %s %s", nick, where->name, model->people[target].nick);
        if (model->people[target].focus == channel)
            model->people[target].focus = -1;
        leave(model, target, channel);
    } else {
        add_some(model, audience, channel, 0);
        model_mode_apply(model, step, channel, argument);
        snprintf(line, MODEL_LINE, "MODE %s %s %s%s", nick, where->name, step->mode, argument);
    }
}

/* Modes of one's own; no line if nothing changes. */
static void change_own(struct model_person *who, const struct step *step, char *line)
{
    unsigned bit = step->kind == STEP_OPER ? (unsigned)CHAT_USER_OPERATOR
                   : step->mode[1] == 'i'  ? (unsigned)CHAT_USER_INVISIBLE
                   : step->mode[1] == 'T'  ? (unsigned)CHAT_USER_NO_CTCP
                                           : (unsigned)CHAT_USER_OPERATOR;
    bool set = step->kind == STEP_OPER || step->mode[0] == '+';

    if (step->kind == STEP_OPER)
        snprintf(line, MODEL_LINE, "MODE %s class class", who->nick);
    else if (set != ((who->modes & bit) != 0))
        snprintf(line, MODEL_LINE, "MODE %s", who->nick);
    who->modes = set ? who->modes | bit : who->modes & ~bit;
}

/* One who is killed is told so, too: by the line before. */
static void end(struct model *model, int person, const struct step *step, struct audience *audience,
                char *line)
{
    snprintf(line, MODEL_LINE, "QUIT %s%s%s", model->people[person].nick, step->text[0] ? " " : "",
             step->text);
    add_around(model, audience, person);
    quit(model, person);
}

static void crown(struct model *model, const struct step *step, struct audience *audience,
                  char *line)
{
    int channel = model_meant(model, step);
    struct model_channel *where = &model->channels[channel];
    const char *nick = model->people[step->person].nick;

    where->prefix[step->person] |= CHAT_OWNER;
    snprintf(line, MODEL_LINE, "MODE %s %s +q %s", nick, where->name, nick);
    add_some(model, audience, channel, 0);
}

/* What one does for oneself, in no channel or in all. */
static void change_self(struct model *model, const struct step *step, struct audience *audience,
                        char *line)
{
    struct model_person *who = &model->people[step->person];

    audience->person[step->person] = true;
    if (step->kind == STEP_REGISTER) {
        who->registered = true;
        strcpy(who->host, "unknown");
        snprintf(who->nick, MODEL_NAME, "%s", step->name);
        snprintf(line, MODEL_LINE, "HELLO %s", who->nick);
        return;
    }
    if (step->kind == STEP_OPER || step->kind == STEP_USER_MODE) {
        change_own(who, step, line);
        return;
    }
    add_around(model, audience, step->person);
    if (step->kind == STEP_RENAME) {
        snprintf(line, MODEL_LINE, "NICK %s %s", who->nick, step->name);
        snprintf(who->nick, MODEL_NAME, "%s", step->name);
    } else if (step->kind == STEP_AWAY && strcmp(who->away, step->text) != 0) {
        strcpy(who->away, step->text);
        snprintf(line, MODEL_LINE, "AWAY %s%s%s", who->nick, who->away[0] ? " " : "", who->away);
    } else if (step->kind == STEP_HOST) {
        snprintf(who->host, MODEL_NAME, "%s", step->name);
        snprintf(line, MODEL_LINE, "HOST %s user %s", who->nick, who->host);
    }
}

static void change(struct model *model, const struct step *step, struct audience *audience,
                   char *line)
{
    struct model_person *who = &model->people[step->person];
    int channel;

    switch (step->kind) {
    case STEP_REGISTER:
    case STEP_RENAME:
    case STEP_AWAY:
    case STEP_HOST:
    case STEP_OPER:
    case STEP_USER_MODE:
        change_self(model, step, audience, line);
        break;
    case STEP_JOIN:
        channel = join(model, step);
        write_line(model, line, "JOIN", step, channel);
        add_knowing(model, audience, channel, step->person);
        break;
    case STEP_PART:
        channel = model_meant(model, step);
        write_line(model, line, "PART", step, channel);
        add_knowing(model, audience, channel, step->person);
        leave(model, step->person, channel);
        break;
    case STEP_TOPIC:
        channel = model_meant(model, step);
        write_line(model, line, "TOPIC", step, channel);
        add_some(model, audience, channel, 0);
        snprintf(model->channels[channel].topic, MODEL_NAME, "%s", step->text);
        break;
    case STEP_FOCUS:
        who->focus = model_meant(model, step);
        break;
    case STEP_SAY:
        say(model, step, audience, line);
        break;
    case STEP_MODE:
    case STEP_KICK:
    case STEP_INVITE:
        govern(model, step, audience, line);
        break;
    case STEP_QUIT:
        end(model, step->person, step, audience, line);
        break;
    case STEP_KILL:
        end(model, model_find_nick(model, step->other), step, audience, line);
        break;
    case STEP_CROWN:
        crown(model, step, audience, line);
        break;
    case STEP_KINDS:
        abort();
    }
}

/* A line that one person is told before all others are told what a step does. */
static int first_told(const struct model *model, const struct step *step, char *line)
{
    const char *nick = model->people[step->person].nick;
    int asked, target;

    line[0] = '\0';
    if (step->kind == STEP_KILL) {
        target = model_find_nick(model, step->other);
        snprintf(line, MODEL_LINE, "KILL %s %s %s%s%s", nick, model->people[target].nick,
                 model->people[target].host, step->text[0] ? " " : "", step->text);
        return target;
    }
    asked = step->kind == STEP_JOIN ? model_find_channel(model, step->name) : -1;
    target = asked >= 0 ? destination(model, step) : asked;
    if (target == asked)
        return -1;
    snprintf(line, MODEL_LINE, "FORWARD %s %s %s", nick, model->channels[asked].name,
             model->channels[target].name);
    return step->person;
}

void model_apply(struct model *model, const struct step *step,
                 void (*tell)(int person, const struct step *step, const char *line,
                              void *argument),
                 void *argument)
{
    struct audience audience = {.person = {false}};
    char line[MODEL_LINE];
    int first = first_told(model, step, line);

    if (first >= 0)
        tell(first, step, line, argument);
    line[0] = '\0';
    change(model, step, &audience, line);
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (audience.person[i] && line[0])
            tell(i, step, line, argument);
}
