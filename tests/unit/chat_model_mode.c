/* SPDX-License-Identifier: MIT */
/* Modes and masks of the model. */
#include "config.h"

#include "tests/unit/chat_model.h"

#include "chat/name.h"
#include "tests/unit/chat_people.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static enum chat_mode mode_of(const struct step *step)
{
    return (enum chat_mode)(strchr(people_letters, step->mode[1]) - people_letters);
}

static bool sets(const struct step *step)
{
    return step->mode[0] == '+';
}

/* -- Masks ------------------------------------------------------------------------------------ */

static bool mutes(const char *mask)
{
    return strncmp(mask, "m:", 2) == 0;
}

/* "ann" is "ann!*@*"; whatever has a ! is a whole mask already. */
static void normalise(const char *text, char out[MODEL_NAME])
{
    if (strchr(text, '!'))
        snprintf(out, MODEL_NAME, "%.19s", text);
    else
        snprintf(out, MODEL_NAME, "%.14s!*@*", text);
}

/* Masks here are "nick!*@*" or "*!*@host", perhaps with m: in front. */
static bool means(const char *mask, const struct model_person *person)
{
    size_t nick;

    if (mutes(mask))
        mask += 2;
    if (strncmp(mask, "*!*@", 4) == 0)
        return strcasecmp(mask + 4, person->host) == 0;
    nick = strcspn(mask, "!");
    return strlen(person->nick) == nick && strncasecmp(mask, person->nick, nick) == 0;
}

static bool has_match(const struct model *model, int channel, enum chat_mode list, int person,
                      bool with_mutes)
{
    for (int i = 0; i < MODEL_MASKS; i++) {
        const char *mask = model->channels[channel].masks[list - CHAT_MODE_BAN][i];

        if (*mask && (with_mutes || !mutes(mask)) && means(mask, &model->people[person]))
            return true;
    }
    return false;
}

bool model_is_banned(const struct model *model, int channel, int person, bool with_mutes)
{
    return has_match(model, channel, CHAT_MODE_BAN, person, with_mutes) &&
           !has_match(model, channel, CHAT_MODE_EXCEPTION, person, with_mutes);
}

bool model_is_expected(const struct model *model, int channel, int person)
{
    return has_match(model, channel, CHAT_MODE_INVITE_EXCEPTION, person, false);
}

/* The place of a mask in a list, or of a free one if it is empty; or -1. */
static int find_mask(const struct model_channel *channel, enum chat_mode list, const char *mask)
{
    for (int i = 0; i < MODEL_MASKS; i++)
        if (strcasecmp(channel->masks[list - CHAT_MODE_BAN][i], mask) == 0)
            return i;
    return -1;
}

/* -- What may be done ------------------------------------------------------------------------- */

static int prefix_outcome(const struct model *model, const struct step *step, int channel)
{
    static const unsigned needed[] = {CHAT_HALFOP, CHAT_OP, CHAT_OP, CHAT_OWNER, CHAT_OWNER};
    const struct model_channel *where = &model->channels[channel];
    unsigned bit = chat_mode_prefix(mode_of(step));
    int target = model_find_nick(model, step->other);

    if (where->prefix[step->person] < needed[mode_of(step) - CHAT_MODE_VOICE] &&
        (sets(step) || target != step->person))
        return CHAT_NOT_OPERATOR;
    if (target < 0)
        return CHAT_NO_SUCH_NICK;
    if (!model_is_in(model, target, channel))
        return CHAT_NOT_THERE;
    return sets(step) == ((where->prefix[target] & bit) != 0) ? CHAT_MODE_SAME : 0;
}

static int mask_outcome(const struct model_channel *where, const struct step *step)
{
    char mask[MODEL_NAME];

    normalise(step->other, mask);
    if (strchr(mask, ' ') || (mutes(mask) && mode_of(step) == CHAT_MODE_INVITE_EXCEPTION))
        return CHAT_MASK_BAD;
    return sets(step) == (find_mask(where, mode_of(step), mask) >= 0) ? CHAT_MODE_SAME : 0;
}

static int forward_outcome(const struct model *model, const struct step *step, int channel)
{
    int to = model_find_channel(model, step->other);

    if (chat_channel_check(chat_text(step->other), model->settings.channel_length) != 0)
        return CHAT_BAD_ARGUMENT;
    if (to < 0)
        return CHAT_NO_SUCH_CHANNEL;
    if (to == channel)
        return CHAT_BAD_ARGUMENT;
    return model->channels[to].prefix[step->person] >= CHAT_HALFOP ? 0 : CHAT_NOT_OPERATOR;
}

/* A throttle is known by its joins: here they all last as long. */
static bool is_same(const struct model_channel *where, enum chat_mode mode, const char *value)
{
    switch (mode) {
    case CHAT_MODE_KEY:
        return strcmp(where->key, value) == 0;
    case CHAT_MODE_FORWARD:
        return strcasecmp(where->forward, value) == 0;
    case CHAT_MODE_LIMIT:
        return where->limit == (unsigned)atoi(value);
    default:
        return where->throttle == (unsigned)atoi(value);
    }
}

/* Values that are none begin with a 0, or have a comma. */
static int value_outcome(const struct model *model, const struct step *step, int channel)
{
    const struct model_channel *where = &model->channels[channel];
    enum chat_mode mode = mode_of(step);
    int rc;
    bool there = mode == CHAT_MODE_KEY       ? where->key[0] != '\0'
                 : mode == CHAT_MODE_LIMIT   ? where->limit > 0
                 : mode == CHAT_MODE_FORWARD ? where->forward[0] != '\0'
                                             : where->throttle > 0;

    if (!sets(step))
        return there ? 0 : CHAT_MODE_SAME;
    if (mode == CHAT_MODE_FORWARD)
        rc = forward_outcome(model, step, channel);
    else
        rc = step->other[0] == '0' || strchr(step->other, ',') ? CHAT_BAD_ARGUMENT : 0;
    return rc == 0 && is_same(where, mode, step->other) ? CHAT_MODE_SAME : rc;
}

int model_mode_outcome(const struct model *model, const struct step *step)
{
    int channel = model_meant(model, step);
    enum chat_mode mode = mode_of(step);
    const struct model_channel *where;

    if (channel < 0)
        return -channel;
    where = &model->channels[channel];
    if (mode >= CHAT_MODE_VOICE)
        return prefix_outcome(model, step, channel);
    if (where->prefix[step->person] < CHAT_HALFOP)
        return CHAT_NOT_OPERATOR;
    if (mode >= CHAT_MODE_BAN)
        return mask_outcome(where, step);
    if (mode >= CHAT_MODE_FLAGS)
        return value_outcome(model, step, channel);
    return sets(step) == model_has(where, mode) ? CHAT_MODE_SAME : 0;
}

/* -- Doing it --------------------------------------------------------------------------------- */

static void apply_mask(struct model_channel *where, const struct step *step, char *argument)
{
    enum chat_mode list = mode_of(step);
    char mask[MODEL_NAME];
    char *place;
    int at;

    normalise(step->other, mask);
    at = find_mask(where, list, sets(step) ? "" : mask);
    CU_ASSERT_FATAL(at >= 0);
    place = where->masks[list - CHAT_MODE_BAN][at];
    snprintf(argument, 2 * MODEL_NAME, " %s", sets(step) ? mask : place);
    snprintf(place, MODEL_NAME, "%s", sets(step) ? mask : "");
}

static void apply_value(struct model_channel *where, const struct step *step, char *argument)
{
    enum chat_mode mode = mode_of(step);
    const char *value = sets(step) ? step->other : "";

    if (mode == CHAT_MODE_KEY)
        snprintf(where->key, MODEL_NAME, "%s", value);
    else if (mode == CHAT_MODE_FORWARD)
        snprintf(where->forward, MODEL_NAME, "%s", value);
    else if (mode == CHAT_MODE_LIMIT)
        where->limit = (unsigned)atoi(value);
    else
        where->throttle = (unsigned)atoi(value);
    if (mode == CHAT_MODE_THROTTLE)
        where->joins = 0;
    if (sets(step))
        snprintf(argument, 2 * MODEL_NAME, " %s", value);
    else if (mode == CHAT_MODE_KEY)
        snprintf(argument, 2 * MODEL_NAME, " *");
}

void model_mode_apply(struct model *model, const struct step *step, int channel,
                      char argument[2 * MODEL_NAME])
{
    struct model_channel *where = &model->channels[channel];
    enum chat_mode mode = mode_of(step);

    argument[0] = '\0';
    if (mode >= CHAT_MODE_VOICE) {
        int target = model_find_nick(model, step->other);

        where->prefix[target] ^= chat_mode_prefix(mode);
        snprintf(argument, 2 * MODEL_NAME, " %s", model->people[target].nick);
    } else if (mode >= CHAT_MODE_BAN) {
        apply_mask(where, step, argument);
    } else if (mode >= CHAT_MODE_FLAGS) {
        apply_value(where, step, argument);
    } else {
        where->flags ^= chat_mode_flag(mode);
    }
}

/* -- The state -------------------------------------------------------------------------------- */

static void describe_text(struct world_lines *lines, const struct model_channel *channel,
                          const char *word, const char *text)
{
    if (*text)
        WORLD_LINE(lines, "%s %s %s", channel->name, word, text);
}

static void describe_channel(const struct model *model, const struct model_channel *channel,
                             struct world_lines *lines)
{
    for (int i = 0; i < channel->member_count; i++) {
        int member = channel->members[i];

        WORLD_LINE(lines, "%s %d %s %u", channel->name, i, model->people[member].nick,
                   channel->prefix[member]);
    }
    WORLD_LINE(lines, "%s flags %u limit %u throttle %u after %u", channel->name, channel->flags,
               channel->limit, channel->throttle, channel->throttle ? channel->joins : 0);
    describe_text(lines, channel, "key", channel->key);
    describe_text(lines, channel, "forward", channel->forward);
    describe_text(lines, channel, "topic", channel->topic);
    for (unsigned i = 0; i < CHAT_LISTS; i++)
        for (int k = 0; k < MODEL_MASKS; k++)
            if (channel->masks[i][k][0])
                WORLD_LINE(lines, "%s mask %u %s", channel->name, i, channel->masks[i][k]);
    for (int i = 0; i < MODEL_PEOPLE; i++)
        if (channel->invited[i])
            describe_text(lines, channel, "invited", model->people[i].nick);
}

void model_describe(const struct model *model, struct world_lines *lines)
{
    lines->count = 0;
    for (int i = 0; i < MODEL_PEOPLE; i++) {
        const struct model_person *person = &model->people[i];

        if (person->registered)
            WORLD_LINE(lines, "%s %s modes %u away %s", person->nick, person->host, person->modes,
                       person->away);
    }
    for (int i = 0; i < MODEL_CHANNELS; i++)
        if (model->channels[i].exists)
            describe_channel(model, &model->channels[i], lines);
    world_lines_sort(lines);
}
