/* SPDX-License-Identifier: MIT */
/*
 * People who talk, for tests: fake sessions of the talk service, which is called as the library
 * would. Failures end the test.
 */
#ifndef TESTS_UNIT_TALK_PEOPLE_H
#define TESTS_UNIT_TALK_PEOPLE_H

#include "talk/talk.h"

/* The world and the service that all talk in; flood control is off. */
extern struct chat_world *talk_world;
extern struct talk *talk;
extern const struct talk_settings talk_test_settings;

/* Makes and frees them. */
void talk_begin(void);
void talk_end(void);

struct talker {
    struct pl_session *session;
    bool open;
};

/* Connects; with a nick, which must be good, everything up to the lobby is skipped. */
void talker_connect(struct talker *talker);
void talker_come(struct talker *talker, const char *nick);

/* Sends one line, "\n" added. Nothing happens if the session has been ended, as in the library. */
void talker_types(struct talker *talker, const char *line);

/* The same for any bytes with their line end, of which END (0 to 2) stand at their end. */
void talker_sends(struct talker *talker, const char *bytes, size_t size, size_t end);

/*
 * What has been sent to the session since the last call: lines as they are, with "\n" for their
 * CR LF and [HH:MM] for the time. Valid until the next call. A line end that is not CR LF fails.
 */
const char *talker_reads(struct talker *talker);

/* That it is exactly TEXT. */
#define TALKER_SEES(talker, text) talker_sees(__LINE__, talker, text)
void talker_sees(unsigned line, struct talker *talker, const char *text);

/* The library ends the session, with a farewell if FAREWELL, and frees it. */
void talker_ends(struct talker *talker, enum pl_reason reason, bool farewell);

/* Ends the session if it is open. */
void talker_goes(struct talker *talker);

#endif
