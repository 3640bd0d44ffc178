/* SPDX-License-Identifier: MIT */
/*
 * A model of the chat world, as simple as can be: arrays, searched from end to end, for one thread.
 * The world must do what it does. A step is what somebody asked the world for; each person has one
 * session.
 */
#ifndef TESTS_UNIT_CHAT_MODEL_H
#define TESTS_UNIT_CHAT_MODEL_H

#include "chat/chat.h"
#include "tests/unit/chat_check.h"

#define MODEL_PEOPLE   12
#define MODEL_CHANNELS 8
#define MODEL_NAME     20
#define MODEL_LINE     100
#define MODEL_MASKS    32

enum step_kind {
    STEP_REGISTER,
    STEP_RENAME,
    STEP_AWAY,
    STEP_JOIN,
    STEP_PART,
    STEP_TOPIC,
    STEP_FOCUS,
    STEP_SAY,
    STEP_MODE,
    STEP_KICK,
    STEP_INVITE,
    STEP_QUIT,
    STEP_HOST,
    STEP_OPER,
    STEP_USER_MODE,
    STEP_KILL,
    STEP_CROWN, /* becomes owner of a channel, as if the network had said so */
    STEP_KINDS,
};

struct step {
    enum step_kind kind;
    int person;
    const char *name;      /* nick, channel, whom one speaks to, host; NULL: the channel at hand */
    const char *other;     /* nick that is kicked, or invited; a mode's argument; a key */
    const char *mode;      /* + or - and a letter */
    unsigned least;        /* of a message */
    bool ctcp;             /* the same */
    char text[MODEL_NAME]; /* of a message, topic, or reason */
    int outcome;
    struct chat_id id; /* of its event, if it has one */
    uint64_t before;   /* times of ids that were drawn before it began and after it ended */
    uint64_t after;
};

struct model {
    struct chat_settings settings;
    struct model_person {
        bool registered;
        char nick[MODEL_NAME];
        char away[MODEL_NAME];
        char host[MODEL_NAME];
        unsigned modes;             /* enum chat_user_mode */
        int joined[MODEL_CHANNELS]; /* in that order */
        int joined_count;
        int focus; /* or -1 */
    } people[MODEL_PEOPLE];
    struct model_channel {
        bool exists;
        char name[MODEL_NAME];
        char topic[MODEL_NAME];
        int members[MODEL_PEOPLE]; /* in the order of joining */
        int member_count;
        unsigned prefix[MODEL_PEOPLE]; /* of people by number; 0 for who is not a member */
        bool invited[MODEL_PEOPLE];
        unsigned flags; /* of enum chat_mode */
        char key[MODEL_NAME];
        char forward[MODEL_NAME];
        unsigned limit;
        unsigned throttle; /* so many joins, for as long as the test lasts; 0: any number */
        unsigned joins;    /* since there is a throttle */
        char masks[CHAT_LISTS][MODEL_MASKS][MODEL_NAME]; /* normal ones, or empty */
    } channels[MODEL_CHANNELS];
};

void model_init(struct model *model, const struct chat_settings *settings);

/* What the step's outcome would be now. */
int model_outcome(const struct model *model, const struct step *step);

/*
 * Makes a step whose outcome is 0. TELL is called with the event's line (chat_people.h, without +)
 * for each person who is told, who asked for it among them, in any case.
 */
void model_apply(struct model *model, const struct step *step,
                 void (*tell)(int person, const struct step *step, const char *line,
                              void *argument),
                 void *argument);

/*
 * For the model's own files: who has a nick, which channel has a name, or -1; the channel that a
 * step means, which its person is in, or the negated outcome; whether masks keep somebody from
 * joining (or from speaking, if MUTES), or invite them; and what MODE does, whose line's argument,
 * with a space, is written to ARGUMENT.
 */
int model_find_nick(const struct model *model, const char *nick);
int model_find_channel(const struct model *model, const char *name);
bool model_is_in(const struct model *model, int person, int channel);
int model_meant(const struct model *model, const struct step *step);
bool model_is_banned(const struct model *model, int channel, int person, bool mutes);
bool model_is_expected(const struct model *model, int channel, int person);
int model_mode_outcome(const struct model *model, const struct step *step);
void model_mode_apply(struct model *model, const struct step *step, int channel,
                      char argument[2 * MODEL_NAME]);

static inline bool model_has(const struct model_channel *channel, enum chat_mode flag)
{
    return channel->flags & chat_mode_flag(flag);
}

/* What world_describe() is to say. */
void model_describe(const struct model *model, struct world_lines *lines);

#endif
