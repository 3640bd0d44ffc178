/* SPDX-License-Identifier: MIT */
/*
 * IRC under load: when a PONG comes, all that was asked for before it has happened, for oneself and
 * for others; and who does not read, floods or vanishes costs nobody else anything.
 */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/models.h"
#include "tests/stress/irc_house.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- PONG ------------------------------------------------------------------------------------- */

#define PAIRS  4
#define ROUNDS 60

/* One who acts, and one who sees it; each pair has a channel of its own, and all share another. */
static struct pair {
    struct peer *actor;
    struct peer *audience;
    int error;
    char wanted[200];
    char heard[600];
} pairs[PAIRS];

/* Takes "!user@host" out of a line. */
static void shorten(char *line)
{
    char *mark = strchr(line, '!');
    char *space = strchr(line, ' ');

    if (line[0] == ':' && mark && space && mark < space)
        memmove(mark, space, strlen(space) + 1);
}

/* The next line, but for what is told of the channel that all share. */
static int next_line(struct peer *peer, char **line)
{
    int rc;

    do {
        rc = peer_next_line(peer, line);
        if (rc == 0)
            shorten(*line);
    } while (rc == 0 && strstr(*line, " #all"));
    return rc;
}

/* The next lines are those of TEXT. */
static int hear(struct pair *pair, struct peer *peer, const char *text)
{
    char *line;

    for (; *text; text += strcspn(text, "\n") + 1) {
        int rc = next_line(peer, &line);

        if (rc < 0)
            return rc;
        snprintf(pair->wanted, sizeof pair->wanted, "%.*s", (int)strcspn(text, "\n"), text);
        snprintf(pair->heard, sizeof pair->heard, "%s", line);
        if (strcmp(pair->wanted, pair->heard) != 0)
            return -EPROTO;
    }
    return 0;
}

static int ask(struct pair *pair, unsigned number, int round)
{
    char text[600];
    int length =
        snprintf(text, sizeof text,
                 "JOIN #x%u\r\nPRIVMSG #c%u :r%d\r\nPRIVMSG #all :r%d\r\n"
                 "TOPIC #c%u :t%d\r\nMODE #c%u +b-b m%d m%d\r\nPRIVMSG b%u :p%d\r\n"
                 "NICK a%u_%d\r\nPRIVMSG a%u_%d :self\r\nPART #x%u\r\nAWAY :w%d\r\nAWAY\r\n"
                 "PING %d\r\n",
                 number, number, round, round, number, round, number, round, round, number, round,
                 number, round, number, round, number, round, round);

    return peer_send(pair->actor, text, (size_t)length);
}

static int expect_own(struct pair *pair, unsigned number, int round)
{
    char text[900];

    snprintf(text, sizeof text,
             ":a%u_%d JOIN #x%u\n:test.example 353 a%u_%d = #x%u :@a%u_%d\n"
             ":test.example 366 a%u_%d #x%u :End of /NAMES list\n:a%u_%d TOPIC #c%u :t%d\n"
             ":a%u_%d MODE #c%u +b-b m%d!*@* m%d!*@*\n:a%u_%d NICK :a%u_%d\n"
             ":a%u_%d PRIVMSG a%u_%d :self\n:a%u_%d PART #x%u\n"
             ":test.example 306 a%u_%d :You have been marked as being away\n"
             ":test.example 305 a%u_%d :You are no longer marked as being away\n"
             ":test.example PONG test.example :%d\n",
             number, round - 1, number, number, round - 1, number, number, round - 1, number,
             round - 1, number, number, round - 1, number, round, number, round - 1, number, round,
             round, number, round - 1, number, round, number, round, number, round, number, round,
             number, number, round, number, round, round);
    return hear(pair, pair->actor, text);
}

static int expect_seen(struct pair *pair, unsigned number, int round)
{
    char text[600];
    int length = snprintf(text, sizeof text, "PING s%d\r\n", round);
    int rc = peer_send(pair->audience, text, (size_t)length);

    snprintf(text, sizeof text,
             ":a%u_%d PRIVMSG #c%u :r%d\n:a%u_%d TOPIC #c%u :t%d\n"
             ":a%u_%d MODE #c%u +b-b m%d!*@* m%d!*@*\n:a%u_%d PRIVMSG b%u :p%d\n"
             ":a%u_%d NICK :a%u_%d\n:test.example PONG test.example :s%d\n",
             number, round - 1, number, round, number, round - 1, number, round, number, round - 1,
             number, round, round, number, round - 1, number, round, number, round - 1, number,
             round, round);
    return rc < 0 ? rc : hear(pair, pair->audience, text);
}

/* Nicks of others, who share #all, are none of the pair's business. */
static void act_and_see(unsigned number, void *argument)
{
    struct pair *pair = &pairs[number];

    (void)argument;
    for (int round = 1; round <= ROUNDS && pair->error == 0; round++) {
        pair->error = ask(pair, number, round);
        if (pair->error == 0)
            pair->error = expect_own(pair, number, round);
        if (pair->error == 0)
            pair->error = expect_seen(pair, number, round);
    }
}

static void what_was_asked_for_has_happened_when_the_pong_comes(void)
{
    struct peer *others;
    char nick[20];

    house_open(&(struct house_rules){0});
    others = house_irc("others", NULL);
    house_send(others, "JOIN #all");
    house_send(others, "MODE #all -n");
    house_sync(others, "there");
    for (int i = 0; i < PAIRS; i++) {
        pairs[i] = (struct pair){.error = 0};
        snprintf(nick, sizeof nick, "a%d_0", i);
        pairs[i].actor = house_irc(nick, NULL);
        house_send(pairs[i].actor, "JOIN #c%d", i);
        house_sync(pairs[i].actor, "operator");
        snprintf(nick, sizeof nick, "b%d", i);
        pairs[i].audience = house_irc(nick, NULL);
        house_send(pairs[i].audience, "JOIN #c%d,#all", i);
        house_sync(pairs[i].audience, "there");
        house_sync(pairs[i].actor, "there");
    }
    crowd_run(PAIRS, act_and_see, NULL);
    for (int i = 0; i < PAIRS; i++) {
        EXPECT(pairs[i].error == 0, "pair %d: %s: heard \"%s\", not \"%s\"", i,
               strerror(-pairs[i].error), pairs[i].heard, pairs[i].wanted);
        peer_close(pairs[i].actor);
        peer_close(pairs[i].audience);
    }
    house_sync(others, "over");
    peer_close(others);
    house_close();
}

/* -- Who does not behave ---------------------------------------------------------------------- */

/* Three who behave; each sends a number in each round, and hears all of the others' in order. */
#define HONEST 3

struct honest {
    struct peer *peer[HONEST];
    int round;
    bool gone;          /* they have been told that somebody has quit */
    const char *leaves; /* how that is told */
};

static void gather_honest(struct honest *honest, const char *leaves)
{
    char nick[20];

    *honest = (struct honest){.leaves = leaves};
    for (int i = 0; i < HONEST; i++) {
        snprintf(nick, sizeof nick, "honest%d", i);
        honest->peer[i] = house_irc(nick, NULL);
        house_send(honest->peer[i], "JOIN #room");
        house_sync(honest->peer[i], "there");
    }
    for (int i = 0; i < HONEST; i++)
        house_sync(honest->peer[i], "begun");
}

/* What others than the three say is passed over. */
static void hear_number(struct honest *honest, int who, int from)
{
    char wanted[60];
    char *line;

    snprintf(wanted, sizeof wanted, ":honest%d PRIVMSG #room :%d", from, honest->round);
    for (;;) {
        EXPECT_RESULT(peer_next_line(honest->peer[who], &line), 0);
        shorten(line);
        if (strcmp(line, honest->leaves) == 0)
            honest->gone = true;
        if (strncmp(line, ":honest", 7) == 0)
            break;
    }
    EXPECT(strncmp(line, wanted, strlen(wanted)) == 0, "\"%.60s\" comes, not \"%s\"", line, wanted);
}

/* One after the other, so that there is one order. PADDING makes the numbers long. */
static void go_round(struct honest *honest, const char *padding)
{
    honest->round++;
    for (int i = 0; i < HONEST; i++) {
        house_send(honest->peer[i], "PRIVMSG #room :%d %s", honest->round, padding);
        for (int k = 0; k < HONEST; k++)
            if (k != i)
                hear_number(honest, k, i);
    }
}

static void part_honest(struct honest *honest)
{
    EXPECT(honest->gone, "nobody was told \"%s\"", honest->leaves);
    go_round(honest, "still there");
    house_send(honest->peer[0], "NAMES #room");
    PEER_SKIP_TO(honest->peer[0], ":test\\.example 353 honest0 = #room "
                                  ":@honest0 honest1 honest2");
    for (int i = 0; i < HONEST; i++)
        peer_close(honest->peer[i]);
}

static struct peer *come_mute(const char *nick)
{
    struct peer *peer =
        PEER_OPEN(.port = house_irc_port(), .receive_buffer = PEER_SMALL_WINDOW, .mute = true);

    house_send(peer, "NICK %s", nick);
    house_send(peer, "USER %s 0 * :not honest", nick);
    house_send(peer, "JOIN #room");
    house_sync(peer, "there");
    return peer;
}

static void who_never_reads_ends_at_its_sendq_and_the_others_miss_nothing(void)
{
    struct honest honest;
    struct peer *deaf;
    char padding[401];

    memset(padding, 'x', 400);
    padding[400] = '\0';
    house_open(&(struct house_rules){.sendq = 65536});
    gather_honest(&honest, ":deaf QUIT :SendQ exceeded");
    deaf = come_mute("deaf");
    /* Sockets hold a few megabytes at most. */
    while (honest.round < 10000 && !honest.gone)
        go_round(&honest, padding);
    part_honest(&honest);
    PEER_DRAIN(deaf);
    peer_close(deaf);
    house_close();
}

/* Sends messages until it is ended, and reads nothing. */
static void *flood(void *argument)
{
    static const char line[] = "PRIVMSG #room :flooooooooooooooooooooooooooooooooooooood\r\n";
    struct peer *peer = argument;
    int rc = 0;

    while (rc == 0)
        rc = peer_send(peer, line, sizeof line - 1);
    return NULL;
}

static void who_floods_is_slowed_then_cut_off_and_the_others_miss_nothing(void)
{
    struct honest honest;
    struct peer *flooder;
    pthread_t thread;

    house_open(&(struct house_rules){.flood_rate = 1000, .flood_burst = 5, .recvq = 2048});
    gather_honest(&honest, ":flooder QUIT :Excess flood");
    flooder = come_mute("flooder");
    EXPECT_RESULT(pthread_create(&thread, NULL, flood, flooder), 0);
    while (honest.round < 10000 && !honest.gone)
        go_round(&honest, "");
    EXPECT_RESULT(pthread_join(thread, NULL), 0);
    part_honest(&honest);
    PEER_DRAIN(flooder);
    peer_close(flooder);
    house_close();
}

static void who_vanishes_is_gone_and_the_others_miss_nothing(void)
{
    struct honest honest;

    house_open(&(struct house_rules){0});
    gather_honest(&honest, ":ghost QUIT :Connection reset");
    for (int i = 0; i < 20; i++) {
        struct peer *ghost = come_mute("ghost");

        house_send(ghost, "PRIVMSG #room :going");
        house_send(ghost, "JOIN #elsewhere");
        honest.gone = false;
        peer_reset(ghost);
        for (int round = 0; round < 10000 && !honest.gone; round++)
            go_round(&honest, "");
    }
    part_honest(&honest);
    house_close();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what was asked for has happened when the PONG comes",
         what_was_asked_for_has_happened_when_the_pong_comes},
        {"who never reads ends at its sendq and the others miss nothing",
         who_never_reads_ends_at_its_sendq_and_the_others_miss_nothing},
        {"who floods is slowed, then cut off, and the others miss nothing",
         who_floods_is_slowed_then_cut_off_and_the_others_miss_nothing},
        {"who vanishes is gone and the others miss nothing",
         who_vanishes_is_gone_and_the_others_miss_nothing},
        {NULL, NULL},
    };

    return models_main(argc, argv, "IRC under load", tests);
}
