/* SPDX-License-Identifier: MIT */
/*
 * The history of the chat: what is said, and events in channels, as the store keeps them
 * (store/history.h). What is said between two people is kept if both are logged in, as the conversation
 * of their accounts; what is said in a channel belongs to that channel, and not to another one that is made
 * later under its name. It is kept unless the channel has the mode for that, or the account of who
 * says it, or to whom it is said, wants nothing kept.
 *
 * Reading takes two steps. First, with the world held, it is found out whether the session may read, and
 * what: a place. Then a thread that may wait reads there.
 */
#ifndef CHAT_HISTORY_H
#define CHAT_HISTORY_H

#include "chat/event.h"
#include "chat/mode.h"
#include "chat/name.h"
#include "store/history.h"

struct chat_session;
struct chat_world;

/* -- Whose it is ---------------------------------------------------------------------------------- */

/* What is to be known of an account. */
struct chat_account_facts {
    uint64_t created; /* milliseconds since 1970: who has had the name before is somebody else */
    bool unkept;      /* nothing of theirs is to be kept */
};

/* How accounts are asked; waits for nothing. False: there is no such account. */
struct chat_account_source {
    bool (*look)(void *context, struct chat_text account, struct chat_account_facts *facts);
    void *context;
};

/*
 * Has the history kept by HISTORY, whose latest id is NEWEST: ids go on from there. Before there are
 * sessions. EVENTS: also what happens in channels, as far as it is not said.
 */
void chat_world_put_history(struct chat_world *world, struct history *history, uint64_t newest,
                            const struct chat_account_source *accounts);
void chat_world_keep_events(struct chat_world *world, bool events);

/* NULL: nothing is kept. Const once there are sessions. */
struct history *chat_world_history(const struct chat_world *world);

/* The first word of the id that was given out last. */
uint64_t chat_world_last_id(const struct chat_world *world);

/* The account wants something else now, or is GONE, and with it its conversations. Any thread. */
void chat_history_review(struct chat_world *world, struct chat_text account, bool gone);

/* -- Places --------------------------------------------------------------------------------------- */

/* Where somebody may read. Texts stand in it, so it is not copied. */
struct chat_place {
    struct history_target target;
    char names[2][CHAT_NAME_MAX]; /* of the target */
    char name[CHAT_NAME_MAX];     /* as it is shown: of the channel, or as it was asked for */
    size_t name_length;
    unsigned prefix; /* that one has there */
    uint64_t since;  /* an id: what is not later is not theirs to read */
    bool is_channel;
};

/*
 * Finds the place of a channel that one is in, or of the conversation with who is called NAME, or with
 * the account of that name. Returns 0, CHAT_NOT_REGISTERED, CHAT_NO_SUCH_CHANNEL, CHAT_NOT_ON_CHANNEL,
 * CHAT_NO_FOCUS, CHAT_NO_SUCH_NICK (it is nobody with an account) or CHAT_NEED_ACCOUNT (one has none).
 */
int chat_place_find(struct chat_world *world, struct chat_session *session, struct chat_text name,
                    struct chat_place *place);

/*
 * All channels that one is in, MOST at most: PLACES has room for so many; and the account, folded, whose
 * conversations one may read, empty for none, and since when. Returns how many.
 */
size_t chat_places(struct chat_world *world, struct chat_session *session, size_t most,
                   struct chat_place *places, char account[static CHAT_NAME_MAX + 1],
                   uint64_t *since);

/* The place of a conversation of ACCOUNT, folded, with another one. */
void chat_place_between(struct chat_place *place, struct chat_text account, struct chat_text other,
                        uint64_t since);

/* -- Lines ---------------------------------------------------------------------------------------- */

#define CHAT_KEPT_LINES 64 /* of what is said on several; no more are taken by any face */

/* A line as it was kept: the event points into it and into DATA. */
struct chat_kept {
    struct chat_event event;
    struct chat_line lines[CHAT_KEPT_LINES];
    struct chat_change changes[CHAT_CHANGES_MAX];
};

/*
 * Makes the event of a line that was kept at a place. False: it is not one that is known here. It stands
 * as long as the line and the place.
 */
bool chat_kept_read(const struct history_line *line, const struct chat_place *place,
                    struct chat_kept *kept);

/* Lines that were read, in the order of time; each is to be freed with free(). */
struct chat_found {
    struct history_line line;
    size_t place; /* of those that were read */
    char data[];
};

struct chat_findings {
    struct chat_found **found;
    size_t count, room;
    size_t place; /* for those that come next */
};

void chat_findings_deinit(struct chat_findings *findings);

/* Adds a copy of a line: a history_visit. Returns 0 or -ENOMEM. */
int chat_findings_add(const struct history_line *line, void *findings);

/* Turns around those from the one of number FROM on, which came latest first. */
void chat_findings_turn(struct chat_findings *findings, size_t from);

/* Where to read: bounds exclude the ids that they name; BEFORE 0: there is none. */
struct chat_range {
    uint64_t after, before;
    bool newest; /* the latest ones, rather than the earliest */
    unsigned most;
    bool events;
};

/*
 * Reads at a place, after what was said before is written, and adds it in the order of time. Waits.
 * Returns 0 or a negative errno.
 */
int chat_history_read(struct history *history, const struct chat_place *place,
                      const struct chat_range *range, struct chat_findings *findings);

#endif
