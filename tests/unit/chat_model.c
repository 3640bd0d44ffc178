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

static int find_nick(const struct model *model, const char *nick)
{
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (model->people[i].registered && strcasecmp(model->people[i].nick, nick) == 0)
            return i;
    return -1;
}

static int find_channel(const struct model *model, const char *name)
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

static bool is_in(const struct model *model, int person, int channel)
{
    return position(model->channels[channel].members, model->channels[channel].member_count,
                    person) >= 0;
}

/* The channel that a step means, which its person is in, or the negated outcome. */
static int meant(const struct model *model, const struct step *step)
{
    int channel;

    if (!step->name)
        return model->people[step->person].focus >= 0 ? model->people[step->person].focus
                                                      : -CHAT_NO_FOCUS;
    channel = find_channel(model, step->name);
    if (channel < 0)
        return -CHAT_NO_SUCH_CHANNEL;
    return is_in(model, step->person, channel) ? channel : -CHAT_NOT_ON_CHANNEL;
}

static int nick_outcome(const struct model *model, const struct step *step)
{
    int rc = chat_nick_check(chat_text(step->name), model->settings.nick_length);
    int holder = find_nick(model, step->name);

    if (rc != 0)
        return rc;
    if (holder >= 0 && holder != step->person)
        return CHAT_NICK_TAKEN;
    if (holder >= 0 && strcmp(model->people[holder].nick, step->name) == 0)
        return CHAT_NICK_SAME;
    return 0;
}

static int find_ban(const struct model_channel *channel, const char *nick)
{
    for (int i = 0; i < MODEL_BANS; i++)
        if (strcasecmp(channel->bans[i], nick) == 0)
            return i;
    return -1;
}

static bool has_flag(const struct model_channel *channel, char letter)
{
    return letter == 'm'   ? channel->moderated
           : letter == 'i' ? channel->invite_only
                           : channel->topic_locked;
}

static void set_flag(struct model_channel *channel, char letter, bool set)
{
    if (letter == 'm')
        channel->moderated = set;
    else if (letter == 'i')
        channel->invite_only = set;
    else
        channel->topic_locked = set;
}

static unsigned prefix_of(char letter)
{
    return letter == 'o' ? CHAT_OP : CHAT_VOICE;
}

/* Why a person may not do something where they are, as operator. */
static int rank_outcome(const struct model *model, const struct step *step, int *channel)
{
    *channel = meant(model, step);
    if (*channel < 0)
        return -*channel;
    return model->channels[*channel].prefix[step->person] >= CHAT_OP ? 0 : CHAT_NOT_OPERATOR;
}

static int target_outcome(const struct model *model, const struct step *step, int channel)
{
    int target = find_nick(model, step->other);

    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    return is_in(model, target, channel) ? 0 : CHAT_NOT_THERE;
}

static int mode_outcome(const struct model *model, const struct step *step)
{
    const struct model_channel *where;
    bool set = step->mode[0] == '+';
    char letter = step->mode[1];
    int channel;
    int rc = rank_outcome(model, step, &channel);

    if (channel < 0)
        return rc;
    where = &model->channels[channel];
    if (strchr("ov", letter)) {
        int target = find_nick(model, step->other);

        if (rc != 0 && (set || target != step->person))
            return rc;
        rc = target_outcome(model, step, channel);
        if (rc != 0)
            return rc;
        return set == ((where->prefix[target] & prefix_of(letter)) != 0) ? CHAT_MODE_SAME : 0;
    }
    if (rc != 0)
        return rc;
    if (letter == 'b' && strchr(step->other, ' '))
        return CHAT_MASK_BAD;
    if (letter == 'b')
        return set == (find_ban(where, step->other) >= 0) ? CHAT_MODE_SAME : 0;
    return set == has_flag(where, letter) ? CHAT_MODE_SAME : 0;
}

static int kick_outcome(const struct model *model, const struct step *step)
{
    int channel;
    int rc = rank_outcome(model, step, &channel);

    return rc != 0 ? rc : target_outcome(model, step, channel);
}

static int invite_outcome(const struct model *model, const struct step *step)
{
    int target = find_nick(model, step->other);
    int channel;
    int rc = rank_outcome(model, step, &channel);

    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    if (channel < 0 || (rc != 0 && model->channels[channel].invite_only))
        return rc;
    return is_in(model, target, channel) ? CHAT_IS_THERE : 0;
}

static int say_outcome(const struct model *model, const struct step *step)
{
    int channel = meant(model, step);
    const struct model_channel *where = &model->channels[channel < 0 ? 0 : channel];

    if (channel < 0)
        return -channel;
    if (where->prefix[step->person])
        return 0;
    if (where->moderated)
        return CHAT_MODERATED;
    return find_ban(where, model->people[step->person].nick) >= 0 ? CHAT_MUTED : 0;
}

static int topic_outcome(const struct model *model, const struct step *step)
{
    int channel;
    int rc = rank_outcome(model, step, &channel);

    return channel < 0 || model->channels[channel].topic_locked ? rc : 0;
}

static int join_outcome(const struct model *model, const struct step *step)
{
    size_t most = model->settings.channels_per_user;
    int channel = find_channel(model, step->name);
    int rc;

    if (channel >= 0 && is_in(model, step->person, channel))
        return CHAT_ON_CHANNEL;
    rc = chat_channel_check(chat_text(step->name), model->settings.channel_length);
    if (rc != 0)
        return rc;
    if (most > 0 && (size_t)model->people[step->person].joined_count >= most)
        return CHAT_TOO_MANY_CHANNELS;
    if (channel < 0 || model->channels[channel].invited[step->person])
        return 0;
    if (find_ban(&model->channels[channel], model->people[step->person].nick) >= 0)
        return CHAT_BANNED;
    return model->channels[channel].invite_only ? CHAT_INVITE_ONLY : 0;
}

int model_outcome(const struct model *model, const struct step *step)
{
    bool registered = model->people[step->person].registered;
    int channel;

    if (step->kind == STEP_REGISTER)
        return registered ? CHAT_REGISTERED : nick_outcome(model, step);
    if (!registered)
        return CHAT_NOT_REGISTERED;
    if (step->kind == STEP_QUIT || step->kind == STEP_AWAY)
        return 0;
    if (step->kind == STEP_RENAME)
        return nick_outcome(model, step);
    if (step->kind == STEP_JOIN)
        return join_outcome(model, step);
    if (step->kind == STEP_SAY && step->name && step->name[0] != '#')
        return find_nick(model, step->name) >= 0 ? 0 : CHAT_NO_SUCH_NICK;
    if (step->kind == STEP_SAY)
        return say_outcome(model, step);
    if (step->kind == STEP_TOPIC)
        return topic_outcome(model, step);
    if (step->kind == STEP_MODE)
        return mode_outcome(model, step);
    if (step->kind == STEP_KICK)
        return kick_outcome(model, step);
    if (step->kind == STEP_INVITE)
        return invite_outcome(model, step);
    channel = meant(model, step);
    return channel < 0 ? -channel : 0;
}

/* Who is told of a step, each once. */
struct audience {
    bool person[MODEL_PEOPLE];
};

static void add_channel(const struct model *model, struct audience *audience, int channel)
{
    for (int i = 0; i < model->channels[channel].member_count; i++)
        audience->person[model->channels[channel].members[i]] = true;
}

static void add_around(const struct model *model, struct audience *audience, int person)
{
    audience->person[person] = true;
    for (int i = 0; i < model->people[person].joined_count; i++)
        add_channel(model, audience, model->people[person].joined[i]);
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
    int channel = find_channel(model, step->name);

    for (int i = 0; channel < 0; i++) {
        CU_ASSERT_FATAL(i < MODEL_CHANNELS);
        if (model->channels[i].exists)
            continue;
        channel = i;
        model->channels[i].exists = true;
        model->channels[i].topic_locked = true;
        model->channels[i].prefix[step->person] = CHAT_OP;
        snprintf(model->channels[i].name, MODEL_NAME, "%s", step->name);
    }
    model->channels[channel].invited[step->person] = false;
    who->joined[who->joined_count++] = channel;
    who->focus = channel;
    model->channels[channel].members[model->channels[channel].member_count++] = step->person;
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
    who->away[0] = '\0';
    who->focus = -1;
}

/* A line about a channel: it goes to its members. */
static void on_channel(const struct model *model, struct audience *audience, char *line,
                       const char *word, const struct step *step, int channel)
{
    snprintf(line, MODEL_LINE, "%s %s %s%s%s", word, model->people[step->person].nick,
             model->channels[channel].name, step->text[0] ? " " : "", step->text);
    add_channel(model, audience, channel);
}

static void say(const struct model *model, const struct step *step, struct audience *audience,
                char *line)
{
    int target;

    if (!step->name || step->name[0] == '#') {
        on_channel(model, audience, line, "SAY", step, meant(model, step));
        return;
    }
    target = find_nick(model, step->name);
    snprintf(line, MODEL_LINE, "SAY %s %s %s", model->people[step->person].nick,
             model->people[target].nick, step->text);
    audience->person[step->person] = true;
    audience->person[target] = true;
}

/* " bob", or for a ban the mask, as it is in the list if it is there. */
static void change_mode(struct model *model, const struct step *step, struct model_channel *where,
                        char *argument)
{
    bool set = step->mode[0] == '+';
    char letter = step->mode[1];
    int target = strchr("ov", letter) ? find_nick(model, step->other) : -1;
    int ban;

    argument[0] = '\0';
    if (target >= 0) {
        where->prefix[target] ^= prefix_of(letter);
        snprintf(argument, 2 * MODEL_NAME, " %s", model->people[target].nick);
    } else if (letter == 'b') {
        ban = find_ban(where, set ? "" : step->other);
        CU_ASSERT_FATAL(ban >= 0);
        snprintf(argument, 2 * MODEL_NAME, " %s!*@*", set ? step->other : where->bans[ban]);
        snprintf(where->bans[ban], MODEL_NAME, "%s", set ? step->other : "");
    } else {
        set_flag(where, letter, set);
    }
}

/* What an operator does; the line tells it. */
static void govern(struct model *model, const struct step *step, struct audience *audience,
                   char *line)
{
    struct model_channel *where = &model->channels[meant(model, step)];
    const char *nick = model->people[step->person].nick;
    char argument[2 * MODEL_NAME];
    int target = find_nick(model, step->other ? step->other : "");

    if (step->kind == STEP_INVITE) {
        snprintf(line, MODEL_LINE, "INVITE %s %s %s", nick, where->name,
                 model->people[target].nick);
        audience->person[step->person] = true;
        audience->person[target] = true;
        for (int i = 0; i < where->member_count; i++)
            if (where->prefix[where->members[i]] >= CHAT_OP)
                audience->person[where->members[i]] = true;
        where->invited[target] = true;
        return;
    }
    add_channel(model, audience, (int)(where - model->channels));
    if (step->kind == STEP_KICK) {
        snprintf(line, MODEL_LINE, "KICK %s %s %s", nick, where->name, model->people[target].nick);
        if (model->people[target].focus == (int)(where - model->channels))
            model->people[target].focus = -1;
        leave(model, target, (int)(where - model->channels));
        return;
    }
    change_mode(model, step, where, argument);
    snprintf(line, MODEL_LINE, "MODE %s %s %s%s", nick, where->name, step->mode, argument);
}

static void change(struct model *model, const struct step *step, struct audience *audience,
                   char *line)
{
    struct model_person *who = &model->people[step->person];
    int channel;

    switch (step->kind) {
    case STEP_REGISTER:
        who->registered = true;
        snprintf(who->nick, MODEL_NAME, "%s", step->name);
        snprintf(line, MODEL_LINE, "HELLO %s", who->nick);
        audience->person[step->person] = true;
        break;
    case STEP_RENAME:
        snprintf(line, MODEL_LINE, "NICK %s %s", who->nick, step->name);
        snprintf(who->nick, MODEL_NAME, "%s", step->name);
        add_around(model, audience, step->person);
        break;
    case STEP_AWAY:
        snprintf(who->away, MODEL_NAME, "%s", step->text);
        snprintf(line, MODEL_LINE, "AWAY %s%s%s", who->nick, who->away[0] ? " " : "", who->away);
        add_around(model, audience, step->person);
        break;
    case STEP_JOIN:
        channel = join(model, step);
        on_channel(model, audience, line, "JOIN", step, channel);
        break;
    case STEP_PART:
        channel = meant(model, step);
        on_channel(model, audience, line, "PART", step, channel);
        leave(model, step->person, channel);
        break;
    case STEP_TOPIC:
        channel = meant(model, step);
        on_channel(model, audience, line, "TOPIC", step, channel);
        snprintf(model->channels[channel].topic, MODEL_NAME, "%s", step->text);
        break;
    case STEP_FOCUS:
        who->focus = meant(model, step);
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
        snprintf(line, MODEL_LINE, "QUIT %s %s", who->nick, step->text);
        add_around(model, audience, step->person);
        quit(model, step->person);
        break;
    case STEP_KINDS:
        abort();
    }
}

void model_apply(struct model *model, const struct step *step,
                 void (*tell)(int person, const struct step *step, const char *line,
                              void *argument),
                 void *argument)
{
    struct audience audience = {.person = {false}};
    char line[MODEL_LINE] = "";

    change(model, step, &audience, line);
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (audience.person[i])
            tell(i, step, line, argument);
}

static int by_name(const void *a, const void *b)
{
    const struct model_channel *const *one = a;
    const struct model_channel *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

void model_map(const struct model *model, char *text, size_t size)
{
    const struct model_channel *sorted[MODEL_CHANNELS] = {NULL};
    size_t count = 0;
    size_t used = 0;

    for (int i = 0; i < MODEL_CHANNELS; i++)
        if (model->channels[i].exists)
            sorted[count++] = &model->channels[i];
    qsort(sorted, count, sizeof sorted[0], by_name);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s:", sorted[i]->name);
        for (int k = 0; k < sorted[i]->member_count; k++)
            used += (size_t)snprintf(text + used, size - used, " %s",
                                     model->people[sorted[i]->members[k]].nick);
        if (sorted[i]->topic[0])
            used += (size_t)snprintf(text + used, size - used, " [%s]", sorted[i]->topic);
        used += (size_t)snprintf(text + used, size - used, "\n");
        CU_ASSERT_FATAL(used < size);
    }
}
