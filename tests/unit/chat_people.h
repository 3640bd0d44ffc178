/* SPDX-License-Identifier: MIT */
/*
 * People in a chat world, for tests: fake sessions with a face that writes each event as a line,
 *
 *     JOIN alice #room      PART alice #room why     TOPIC alice #room topic
 *     TAGS alice #room tags KILL alice bob why       WALLOPS alice text
 *     NICK alice bob        QUIT alice why           HELLO alice
 *     ONLINE alice bob      OFFLINE alice bob        (whom bob watches)
 *     AWAY alice why        REALNAME alice name      HOST alice username host
 *     ACCOUNT alice name
 *     MODE alice            (the user's own)
 *     MODE alice #room +o bob -m       KICK alice #room bob   INVITE alice #room bob
 *     KNOCK dave #room why  FORWARD dave #room #other
 *     REDACT alice #room bob why       (whose message it was)
 *     NAME alice #room #name why       REDIRECT dave #room #name
 *     SAY alice #room text  DO alice #room text      NOTE alice bob text
 *
 * with a + before what is about oneself. One is not told what one says on the same session, nor
 * that one has quit. Failures end the test.
 */
#ifndef TESTS_UNIT_CHAT_PEOPLE_H
#define TESTS_UNIT_CHAT_PEOPLE_H

#include "chat/chat.h"

struct person {
    struct chat_session chat;
    struct pl_session *session;
};

/* Of all worlds of the tests. */
extern const struct chat_settings people_settings;
extern const struct chat_face people_face;

/* Of the modes, in the order of enum chat_mode. */
extern const char people_letters[];

/* How often people_face has rendered something. */
extern atomic_uint people_renderings;

struct chat_world *people_world(void);

/* Makes somebody who takes no part yet; with a name, who is registered, and has nothing to read. */
void person_init(struct person *person);
void person_come(struct person *person, struct chat_world *world, const char *nick);

/* Quits, if still there, and frees the session. */
void person_go(struct person *person, struct chat_world *world);

/* Calls of the chat by a person, with strings; they return what the chat's do. */
int person_join(struct person *person, struct chat_world *world, const char *channel);
int person_part(struct person *person, struct chat_world *world, const char *channel);
int person_say(struct person *person, struct chat_world *world, const char *target,
               const char *text);
int person_rename(struct person *person, struct chat_world *world, const char *nick);
int person_name(struct person *person, struct chat_world *world, const char *channel,
                const char *name);
int person_topic(struct person *person, struct chat_world *world, const char *channel,
                 const char *topic);

/* Makes one change, "+o" or "-k", and returns its own outcome or that of the call. */
int person_change(struct person *person, struct chat_world *world, const char *channel,
                  const char *mode, const char *argument);
int person_kick(struct person *person, struct chat_world *world, const char *channel,
                const char *nick);
int person_invite(struct person *person, struct chat_world *world, const char *channel,
                  const char *nick);

/* What the person was told since the last call is exactly TEXT. */
#define PERSON_HEARS(person, text) person_hears(__LINE__, person, text)
void person_hears(unsigned line, struct person *person, const char *text);

/*
 * Writes who is where to TEXT: "#room: alice bob [topic]\n" for each channel, sorted by name,
 * members in the order of joining, and the topic if there is one.
 */
void people_map(struct chat_world *world, char *text, size_t size);

#endif
