/* SPDX-License-Identifier: MIT */
/*
 * Everybody in a channel sees one order of its events, whatever thread they came through.
 *
 * Two witnesses stand in one channel each and see all that happens there, and all that is called.
 * Speakers of many kinds come and go, speak, are kicked, change names, topics and modes, all at
 * once. What each of them saw of a channel while they were in it must be what its witness saw,
 * but for what they are not told: their own words without echo-message, and who is away without
 * away-notify. People are told apart by their user names, which stay the same.
 */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/models.h"
#include "tests/stress/irc_house.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEAKERS  8
#define WITNESSES 2
#define LISTENERS 2
#define PEOPLE    (WITNESSES + SPEAKERS + LISTENERS)
#define FIRST     WITNESSES              /* speaker */
#define LISTENER  (WITNESSES + SPEAKERS) /* the first one: reads little by little, the other late */
#define STEPS     250
#define KEYED     4 /* speakers with a number below that change their names */

static const char *const channels[WITNESSES] = {"#lobby", "#side"};

/* A line that a user has caused: ":nick!~user@host COMMAND ..." */
struct seen {
    char *text;     /* without tags and host: "nick user COMMAND ..." */
    char msgid[40]; /* or empty */
    char user[20];  /* ~ and all */
    char nick[20];
    char command[12];
    char first[20]; /* parameter */
    char second[20];
};

struct person {
    struct peer *peer;
    const char *caps; /* NULL: none */
    char nick[20];    /* at the beginning */
    int error;
    struct seen *seen;
    size_t count;
    size_t room;
};

static struct person people[PEOPLE];

static bool knows(const struct person *person, const char *cap)
{
    return person->caps && strstr(person->caps, cap);
}

/* -- What people see -------------------------------------------------------------------------- */

static int keep(struct person *person, const char *tags, const char *line)
{
    const char *msgid = tags ? strstr(tags, "msgid=") : NULL;
    const char *rest = strchr(line, ' ');
    struct seen *seen;

    if (person->count == person->room) {
        size_t room = person->room ? 2 * person->room : 1024;

        seen = realloc(person->seen, room * sizeof *seen);
        if (!seen)
            return -ENOMEM;
        person->seen = seen;
        person->room = room;
    }
    seen = &person->seen[person->count++];
    *seen = (struct seen){.text = NULL};
    if (msgid)
        sscanf(msgid, "msgid=%39[0-9a-f]", seen->msgid);
    if (!rest || sscanf(line, ":%19[^!]!%19[^@]", seen->nick, seen->user) != 2 ||
        sscanf(rest, " %11s %19s %19s", seen->command, seen->first, seen->second) < 1)
        return -EPROTO;
    if (seen->first[0] == ':')
        memmove(seen->first, seen->first + 1, sizeof seen->first - 1);
    return asprintf(&seen->text, "%s %s%s", seen->nick, seen->user, rest) > 0 ? 0 : -ENOMEM;
}

/* Notes a line; what the server itself says is passed over. Returns 1 for the answer to PING end. */
static int note(struct person *person, const char *line)
{
    const char *tags = NULL;
    const char *source;

    if (line[0] == '@') {
        tags = line;
        line = strchr(line, ' ');
        if (!line)
            return -EPROTO;
        line++;
    }
    if (strcmp(line, ":test.example PONG test.example :end") == 0)
        return 1;
    source = line[0] == ':' ? strpbrk(line, "! ") : NULL;
    return source && *source == '!' ? keep(person, tags, line) : 0;
}

static int read_to_end(struct person *person)
{
    char *line;
    int rc = 0;

    while (rc == 0) {
        rc = peer_next_line(person->peer, &line);
        if (rc == 0)
            rc = note(person, line);
    }
    return rc < 0 ? rc : 0;
}

/* All that there is for somebody so far. */
static int catch_up(struct person *person)
{
    int rc = peer_send(person->peer, "PING end\r\n", strlen("PING end\r\n"));

    return rc == 0 ? read_to_end(person) : rc;
}

/* -- What speakers do ------------------------------------------------------------------------- */

/* Writes a command; the first speaker is operator of both channels, and never leaves. */
static int write_step(char *text, size_t size, int number, int step, uint64_t *row)
{
    const char *channel = channels[crowd_random(row) % WITNESSES];
    unsigned dice = crowd_random(row) % 100;
    int target = KEYED + (int)(crowd_random(row) % (SPEAKERS - KEYED));

    if (dice < 50)
        return snprintf(text, size, "PRIVMSG %s :%d.%d\r\n", channel, number, step);
    if (dice < 56)
        return snprintf(text, size, "NOTICE %s :%d.%d\r\n", channel, number, step);
    if (dice < 62)
        return snprintf(text, size, "TOPIC %s :%d.%d\r\n", channel, number, step);
    if (dice < 68)
        return snprintf(text, size, step % 2 ? "AWAY :%d.%d\r\n" : "AWAY\r\n", number, step);
    if (number == 0 && dice < 80)
        return snprintf(text, size, "KICK %s s%d :%d.%d\r\n", channel, target, number, step);
    if (number == 0)
        return snprintf(text, size, "MODE %s +b-l+v m:b%d!*@* s%d\r\n", channel, step, target);
    if (dice < 84)
        return snprintf(text, size, "JOIN #lobby,#side\r\n");
    if (dice < 92)
        return snprintf(text, size, "PART %s :%d.%d\r\n", channel, number, step);
    if (number < KEYED)
        return snprintf(text, size, "NICK s%dn%d\r\n", number, step);
    return snprintf(text, size, "@label=%d.%d JOIN %s\r\n", number, step, channel);
}

/* Lines in chunks: some come alone, some many at once. */
static int act(struct person *person, int number)
{
    uint64_t row = 4711 + (uint64_t)number;
    char text[1000];
    size_t used = 0;
    int rc = 0;

    for (int step = 0; step < STEPS && rc == 0; step++) {
        used += (size_t)write_step(text + used, sizeof text - used, number, step, &row);
        if (step % 5 != 3 && used < sizeof text - 100 && step + 1 < STEPS)
            continue;
        rc = peer_send(person->peer, text, used);
        used = 0;
    }
    return rc;
}

/* Speakers and one of the listeners, each in a thread; the other one reads when all is over. */
static void live(unsigned number, void *argument)
{
    struct person *person = &people[FIRST + number];

    (void)argument;
    if (number < SPEAKERS)
        person->error = act(person, (int)number);
    for (size_t size = 1; number == SPEAKERS && person->error == 0 && size < 40000; size += 200)
        person->error = peer_receive(person->peer, size);
    if (person->error == 0 && number < SPEAKERS)
        person->error = catch_up(person);
}

/* -- Comparing -------------------------------------------------------------------------------- */

/* Where somebody is in what the witness of a channel saw; SIZE_MAX: not in the channel. */
struct track {
    size_t at[WITNESSES];
    size_t left[WITNESSES]; /* where they were when they left */
};

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static bool is_words(const struct seen *seen)
{
    return is(seen->command, "PRIVMSG") || is(seen->command, "NOTICE");
}

/* Whether somebody is not told of what a witness saw. */
static bool is_untold(const struct person *person, const char *user, const struct seen *seen)
{
    if (is(seen->command, "AWAY"))
        return is(seen->user, user) || !knows(person, "away-notify");
    return is_words(seen) && is(seen->user, user) && !knows(person, "echo-message");
}

static int channel_of(const struct seen *seen)
{
    for (int i = 0; i < WITNESSES; i++)
        if (is(seen->first, channels[i]))
            return i;
    return -1;
}

/* The next thing that the witness saw and the person is told of, or NULL. */
static const struct seen *next_of(const struct person *person, const char *user, int channel,
                                  size_t *at)
{
    const struct person *witness = &people[channel];

    while (*at < witness->count && is_untold(person, user, &witness->seen[*at]))
        ++*at;
    return *at < witness->count ? &witness->seen[*at] : NULL;
}

static bool is_same(const struct seen *one, const struct seen *other)
{
    if (!other || !is(one->text, other->text))
        return false;
    return !one->msgid[0] || !other->msgid[0] || is(one->msgid, other->msgid);
}

/* Comes in: the witness saw that, too. */
static void enter(const struct person *person, struct track *track, const struct seen *seen,
                  int channel)
{
    size_t at = track->left[channel];

    while (at < people[channel].count && !is_same(seen, &people[channel].seen[at]))
        at++;
    EXPECT(at < people[channel].count, "%s: \"%s\" is not what others saw", person->nick,
           seen->text);
    track->at[channel] = at + 1;
}

static void leave_if_own(const char *user, struct track *track, const struct seen *seen,
                         int channel, const char *nick)
{
    if ((is(seen->command, "PART") && is(seen->user, user)) ||
        (is(seen->command, "KICK") && is(seen->second, nick))) {
        track->left[channel] = track->at[channel];
        track->at[channel] = SIZE_MAX;
    }
}

static void compare_in_channel(const struct person *person, const char *user, struct track *track,
                               const struct seen *seen, const char *nick)
{
    int channel = channel_of(seen);
    const struct seen *other;

    if (is(seen->command, "JOIN") && is(seen->user, user)) {
        enter(person, track, seen, channel);
        return;
    }
    EXPECT(track->at[channel] != SIZE_MAX, "%s saw \"%s\" from without", person->nick, seen->text);
    other = next_of(person, user, channel, &track->at[channel]);
    EXPECT(is_same(seen, other), "%s saw \"%s\", the witness of %s \"%s\"", person->nick,
           seen->text, channels[channel], other ? other->text : "nothing more");
    track->at[channel]++;
    leave_if_own(user, track, seen, channel, nick);
}

/* What is about somebody, not a channel: it has its place in each that they share. */
static void compare_about_user(const struct person *person, const char *user, struct track *track,
                               const struct seen *seen)
{
    bool own = is(seen->user, user);
    bool found = own;

    for (int i = 0; i < WITNESSES; i++) {
        if (track->at[i] == SIZE_MAX || !is_same(seen, next_of(person, user, i, &track->at[i])))
            continue;
        track->at[i]++;
        found = true;
    }
    EXPECT(found, "%s saw \"%s\" out of its order", person->nick, seen->text);
}

static void compare(const struct person *person)
{
    struct track track = {{SIZE_MAX, SIZE_MAX}, {0, 0}};
    char user[30];
    char nick[20];

    snprintf(user, sizeof user, "~%s", person->nick);
    strcpy(nick, person->nick);
    for (size_t i = 0; i < person->count; i++) {
        const struct seen *seen = &person->seen[i];

        if (channel_of(seen) >= 0)
            compare_in_channel(person, user, &track, seen, nick);
        else
            compare_about_user(person, user, &track, seen);
        if (is(seen->command, "NICK") && is(seen->user, user))
            strcpy(nick, seen->first);
    }
    for (int i = 0; i < WITNESSES; i++)
        EXPECT(track.at[i] == SIZE_MAX || !next_of(person, user, i, &track.at[i]),
               "%s has not seen \"%s\"", person->nick,
               next_of(person, user, i, &track.at[i])->text);
}

/* Who talks sees what is said in the lobby in the same order. */
static void compare_talk(struct peer *talker)
{
    const struct person *witness = &people[0];

    for (size_t i = 0; i < witness->count; i++) {
        const struct seen *seen = &witness->seen[i];
        char wanted[80], said[80] = "";
        char *line;

        if (!is(seen->command, "PRIVMSG"))
            continue;
        snprintf(wanted, sizeof wanted, "<%s> %s", seen->nick, seen->second + 1);
        do
            EXPECT_RESULT(peer_next_line(talker, &line), 0);
        while (sscanf(line, "[%*d:%*d] %79[^\r\n]", said) != 1 || said[0] != '<');
        EXPECT(is(said, wanted), "who talks saw \"%s\", not \"%s\"", said, wanted);
    }
}

/* -- The test --------------------------------------------------------------------------------- */

static void come(int number, const char *nick, const char *caps)
{
    people[number] = (struct person){.caps = caps};
    snprintf(people[number].nick, sizeof people[number].nick, "%s", nick);
    people[number].peer = house_irc(nick, caps);
}

/* These have a small window, so what they are told soon waits in the server. */
static void come_to_listen(int number)
{
    struct person *person = &people[number];

    *person = (struct person){.caps = NULL};
    snprintf(person->nick, sizeof person->nick, "l%d", number);
    person->peer =
        PEER_OPEN(.port = house_irc_port(), .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    house_send(person->peer, "NICK %s", person->nick);
    house_send(person->peer, "USER %s 0 * :listens", person->nick);
    house_send(person->peer, "JOIN #lobby,#side");
}

static void come_to_speak(void)
{
    static const char *const caps[SPEAKERS] = {
        NULL,
        "echo-message message-tags server-time",
        "server-time",
        "away-notify batch labeled-response echo-message",
        "message-tags away-notify",
        "batch labeled-response server-time message-tags",
        "echo-message",
        "away-notify server-time",
    };
    char nick[20];

    for (int i = 0; i < SPEAKERS; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        come(FIRST + i, nick, caps[i]);
    }
}

static void do_first(int number, const char *command)
{
    house_send(people[number].peer, "%s", command);
    EXPECT_RESULT(catch_up(&people[number]), 0);
}

/* The witnesses are first in their channels, and make the first speaker operator. */
static void gather(void)
{
    for (int i = 0; i < WITNESSES; i++) {
        come(i, i == 0 ? "w0" : "w1", "message-tags server-time away-notify");
        do_first(i, i == 0 ? "JOIN #lobby" : "JOIN #side");
        do_first(i, i == 0 ? "MODE #lobby -t" : "MODE #side -t");
    }
    come_to_speak();
    do_first(FIRST, "JOIN #lobby,#side");
    for (int i = 0; i < WITNESSES; i++)
        do_first(i, i == 0 ? "MODE #lobby +o s0" : "MODE #side +o s0");
    for (int i = 0; i < LISTENERS; i++)
        come_to_listen(LISTENER + i);
}

static void disperse(void)
{
    for (int i = 0; i < PEOPLE; i++) {
        for (size_t k = 0; k < people[i].count; k++)
            free(people[i].seen[k].text);
        free(people[i].seen);
        peer_close(people[i].peer);
    }
}

static void everybody_sees_one_order(void)
{
    struct peer *talker;

    house_open(&(struct house_rules){0});
    gather();
    talker = house_talk("tom");
    crowd_run(SPEAKERS + 1, live, NULL);
    for (int i = 0; i < PEOPLE; i++) {
        EXPECT_RESULT(people[i].error, 0);
        EXPECT_RESULT(catch_up(&people[i]), 0);
    }
    for (int i = FIRST; i < PEOPLE; i++)
        compare(&people[i]);
    compare_talk(talker);
    peer_close(talker);
    disperse();
    house_close();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"everybody sees one order", everybody_sees_one_order},
        {NULL, NULL},
    };

    return models_main(argc, argv, "order in IRC", tests);
}
