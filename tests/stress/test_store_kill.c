/* SPDX-License-Identifier: MIT */
/*
 * A process that writes to a store is killed, at any moment, a hundred times over. Whatever it has
 * acknowledged is there each time, and the file is whole. The process tells of each acknowledgement
 * through a pipe, before anything else; how many are waited for before the kill is drawn, and now
 * and then it is killed while it opens the store.
 */
#include "config.h"

#include "store/store.h"
#include "tests/lib/expect.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* With ThreadSanitizer each process takes more than a second to begin. */
#ifdef __SANITIZE_THREAD__
enum { KILLS = 30 };
#else
enum { KILLS = 100 };
#endif

enum {
    ACKS_MAX = 250, /* that are waited for before a kill */
    NUMBERS = 2000, /* of accounts, in a round; far more than are ever made */
    DROPPED = 3,    /* every so many-th account is dropped right after it was added */
};

static char *folder, *path;
static unsigned seed;

/* What the process tells: one write of a few bytes, which is whole or not there. */
struct ack {
    unsigned number;
    bool drop;
    int outcome;
};

/* What is known of a round's accounts. */
static struct {
    bool added, dropped;
} known[KILLS][NUMBERS];

/* -- The process that is killed ------------------------------------------------------------------ */

static int pipe_end;

static void tell(const struct store_change *change, int outcome, void *argument)
{
    struct ack ack = {.drop = change->operation == STORE_DROP, .outcome = outcome};

    (void)argument;
    ack.number = (unsigned)strtoul(strchr(change->record.account.folded, '-') + 1, NULL, 10);
    if (write(pipe_end, &ack, sizeof(ack)) != sizeof(ack))
        _exit(3);
}

static void submit(struct store *store, unsigned round, unsigned number, bool drop)
{
    char name[40];
    struct store_change change = {
        .operation = drop ? STORE_DROP : STORE_ADD,
        .record = {.kind = STORE_ACCOUNT,
                   .account = {.folded = name, .name = name, .keys = "k", .email = "", .code = ""}},
    };
    int rc;

    snprintf(name, sizeof(name), "%u-%u", round, number);
    while ((rc = store_submit(store, &change, tell, NULL)) == -EAGAIN)
        usleep(100);
    if (rc < 0)
        _exit(4);
}

static _Noreturn void write_until_killed(unsigned round)
{
    struct store_options options = STORE_OPTIONS;
    struct store *store;
    char why[STORE_WHY];

    options.path = path;
    options.queue = 16;
    if (store_open(&options, &store, why) < 0)
        _exit(2);
    for (unsigned number = 0; number < NUMBERS; number++) {
        submit(store, round, number, false);
        if (number % DROPPED == 0)
            submit(store, round, number, true);
    }
    for (;;)
        pause();
}

/* -- The one that kills -------------------------------------------------------------------------- */

static void note(unsigned round, const struct ack *ack)
{
    EXPECT(ack->number < NUMBERS, "number %u", ack->number);
    EXPECT(ack->outcome == 0, "round %u, account %u: outcome %d", round, ack->number, ack->outcome);
    if (ack->drop)
        known[round][ack->number].dropped = true;
    else
        known[round][ack->number].added = true;
}

/* Whether there was another one before the end. */
static bool next_ack(int fd, uint64_t deadline, struct ack *ack)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t got;

    EXPECT(poll(&wait, 1, expect_remaining(deadline)) == 1, "the process says nothing");
    got = read(fd, ack, sizeof(*ack));
    EXPECT(got == 0 || got == sizeof(*ack), "%zd bytes", got);
    return got > 0;
}

static void kill_one(unsigned round)
{
    unsigned wanted = (unsigned)rand_r(&seed) % ACKS_MAX;
    uint64_t deadline = expect_deadline();
    struct ack ack;
    int ends[2], status;
    pid_t pid;

    EXPECT_RESULT(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        pipe_end = ends[1];
        write_until_killed(round);
    }
    EXPECT(pid > 0, "no process");
    close(ends[1]);
    if (round % 10 == 0) /* some time while it opens */
        usleep((unsigned)rand_r(&seed) % 3000);
    else
        for (unsigned i = 0; i < wanted && next_ack(ends[0], deadline, &ack); i++)
            note(round, &ack);
    EXPECT_RESULT(kill(pid, SIGKILL), 0);
    while (next_ack(ends[0], deadline, &ack))
        note(round, &ack);
    close(ends[0]);
    EXPECT_RESULT(waitpid(pid, &status, 0), pid);
    EXPECT(WIFSIGNALED(status), "round %u: the process has ended by itself, with %d", round,
           WEXITSTATUS(status));
}

static int see(const struct store_record *record, void *argument)
{
    bool(*there)[NUMBERS] = argument;
    char *rest;
    unsigned long round = strtoul(record->account.folded, &rest, 10);

    there[round][strtoul(rest + 1, NULL, 10)] = true;
    return 0;
}

static void look(unsigned rounds)
{
    static bool there[KILLS][NUMBERS];
    struct store_options options = STORE_OPTIONS;
    struct store *store;
    char why[STORE_WHY];
    int rc;

    options.path = path;
    rc = store_open(&options, &store, why); /* checks that it is whole */
    EXPECT(rc == 0, "after %u kills: %s", rounds, why);
    memset(there, 0, sizeof(there));
    EXPECT_RESULT(store_read(store, STORE_ALL_ACCOUNTS, NULL, see, there), 0);
    store_close(store);
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned number = 0; number < NUMBERS; number++) {
            bool may_be_gone = number % DROPPED == 0;

            if (known[round][number].added && !there[round][number] && !may_be_gone)
                expect_fail(HERE, "after %u kills: %u-%u is lost", rounds, round, number);
            if (known[round][number].dropped && there[round][number])
                expect_fail(HERE, "after %u kills: %u-%u is back", rounds, round, number);
        }
}

static void what_was_acknowledged_is_there_after_every_kill(void)
{
    unsigned acked = 0;

    seed = 59;
    folder = folder_new();
    path = folder_path(folder, "test.db");
    for (unsigned round = 0; round < KILLS; round++) {
        kill_one(round);
        look(round + 1);
    }
    for (unsigned round = 0; round < KILLS; round++)
        for (unsigned number = 0; number < NUMBERS; number++)
            acked += known[round][number].added;
    printf("(%u accounts acknowledged) ", acked);
    EXPECT(acked > KILLS * ACKS_MAX / 4, "only %u were acknowledged", acked);
    free(path);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what was acknowledged is there after every kill",
         what_was_acknowledged_is_there_after_every_kill},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "store, killed", tests);
}
