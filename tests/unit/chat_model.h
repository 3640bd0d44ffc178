/* SPDX-License-Identifier: MIT */
/*
 * A model of the chat world, as simple as can be: arrays, searched from end to end, for one thread.
 * The world must do what it does. A step is what somebody asked the world for; each person has one
 * session.
 */
#ifndef TESTS_UNIT_CHAT_MODEL_H
#define TESTS_UNIT_CHAT_MODEL_H

#include "chat/chat.h"

#define MODEL_PEOPLE   12
#define MODEL_CHANNELS 8
#define MODEL_NAME     16
#define MODEL_LINE     100
#define MODEL_BANS     32

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
    STEP_KINDS,
};

struct step {
    enum step_kind kind;
    int person;
    const char *name;      /* nick, channel or whom one speaks to; NULL: the channel at hand */
    const char *other;     /* nick that is kicked, invited, or whom a mode is about */
    const char *mode;      /* + or - and a letter of mitovb */
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
        bool moderated, invite_only, topic_locked;
        char bans[MODEL_BANS][MODEL_NAME]; /* nicks, or empty */
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

/* What people_map() is to write. */
void model_map(const struct model *model, char *text, size_t size);

#endif
