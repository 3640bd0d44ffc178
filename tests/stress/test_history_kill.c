/* SPDX-License-Identifier: MIT */
/*
 * A process that keeps a history is killed, at any moment, a hundred times over. Whatever it knew to be
 * committed, without having asked for it, is there each time; what is there of a round is its lines from
 * the first one on, none left out and none changed; and the file is whole, as is the index of words. The
 * process tells through a pipe how many lines have been committed; how many are waited for before the kill
 * is drawn, and now and then it is killed while it opens the history.
 */
#include "config.h"

#include "store/history.h"
#include "tests/lib/expect.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
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
    ACKS_MAX = 500,   /* lines that are waited for before a kill */
    LINES_MAX = 5000, /* of a round */
    TARGETS = 3,
    REDACTED = 7, /* every so many-th line is redacted by the one after it */
};

static char *folder, *path;
static unsigned seed;
static unsigned committed[KILLS]; /* lines of each round, as far as is known */

static uint64_t id_of(unsigned round, unsigned number)
{
    return ((uint64_t)round + 1) << 32 | number;
}

static void describe(unsigned round, unsigned number, char text[static 40])
{
    snprintf(text, 40, "round %u word%u", round, number);
}

/* -- The process that is killed ------------------------------------------------------------------- */

static void keep(struct history *history, unsigned round, unsigned number)
{
    char text[40];
    struct history_line line = {
        .target = {.id = number % TARGETS + 1, .origin = 1},
        .id = id_of(round, number),
        .sender = {"ann", 3},
        .text = {text, 0},
        .body = {"body", 4},
    };
    int rc;

    describe(round, number, text);
    line.text.length = strlen(text);
    while ((rc = history_keep(history, &line)) == -EAGAIN)
        usleep(100);
    if (rc < 0)
        _exit(4);
    if (number % REDACTED != 1)
        return;
    line.target.id = (number - 1) % TARGETS + 1;
    if (history_redact(history, &line.target, id_of(round, number - 1)) < 0)
        _exit(5);
}

/* Lines are committed in the order in which they were given, so their number says which. */
static void tell(struct history *history, int fd)
{
    static unsigned told;
    struct history_stats stats;
    unsigned count;

    history_stats(history, &stats);
    count = (unsigned)stats.kept;
    if (count == told)
        return;
    told = count;
    if (write(fd, &count, sizeof(count)) != sizeof(count))
        _exit(3);
}

static _Noreturn void write_until_killed(unsigned round, int fd)
{
    struct history_options options = HISTORY_OPTIONS;
    struct history *history;
    char why[STORE_WHY];

    options.path = path;
    options.queue = 64;
    options.interval = 2;
    if (history_open(&options, &history, why) < 0)
        _exit(2);
    for (unsigned number = 0;; number++) {
        if (number < LINES_MAX)
            keep(history, round, number);
        else
            usleep(100);
        tell(history, fd);
    }
}

/* -- The one that kills --------------------------------------------------------------------------- */

/* Whether there was another number before the end. */
static bool next_count(int fd, uint64_t deadline, unsigned *count)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t got;

    EXPECT(poll(&wait, 1, expect_remaining(deadline)) == 1, "the process says nothing");
    got = read(fd, count, sizeof(*count));
    EXPECT(got == 0 || got == sizeof(*count), "%zd bytes", got);
    return got > 0;
}

static void kill_one(unsigned round)
{
    unsigned wanted = (unsigned)rand_r(&seed) % ACKS_MAX;
    uint64_t deadline = expect_deadline();
    int ends[2], status;
    pid_t pid;

    EXPECT_RESULT(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        write_until_killed(round, ends[1]);
    }
    EXPECT(pid > 0, "no process");
    close(ends[1]);
    if (round % 10 == 0) /* some time while it opens */
        usleep((unsigned)rand_r(&seed) % 3000);
    else
        while (committed[round] < wanted && next_count(ends[0], deadline, &committed[round]))
            ;
    EXPECT_RESULT(kill(pid, SIGKILL), 0);
    while (next_count(ends[0], deadline, &committed[round]))
        ;
    close(ends[0]);
    EXPECT_RESULT(waitpid(pid, &status, 0), pid);
    EXPECT(WIFSIGNALED(status), "round %u: the process has ended by itself, with %d", round,
           WEXITSTATUS(status));
}

/* -- What is left --------------------------------------------------------------------------------- */

static struct {
    bool there[LINES_MAX];
    unsigned count, last; /* of those that are there */
} found[KILLS];

static int see(const struct history_line *line, void *argument)
{
    unsigned target = *(unsigned *)argument;
    unsigned round = (unsigned)(line->id >> 32) - 1;
    unsigned number = (unsigned)line->id;
    char text[40];

    EXPECT(round < KILLS && number < LINES_MAX, "an id of nobody: %llx",
           (unsigned long long)line->id);
    describe(round, number, text);
    EXPECT(line->text.length == strlen(text) &&
               memcmp(line->text.data, text, line->text.length) == 0 &&
               number % TARGETS + 1 == target,
           "line %u of round %u is another one", number, round);
    found[round].there[number] = true;
    found[round].count++;
    if (number > found[round].last)
        found[round].last = number;
    return 0;
}

static bool may_be_redacted(unsigned number)
{
    return number % REDACTED == 0;
}

static void check_round(unsigned round)
{
    unsigned end = found[round].count > 0 ? found[round].last + 1 : 0;

    EXPECT(end >= committed[round] || (end + 1 == committed[round] && may_be_redacted(end)),
           "round %u: %u lines were committed, and %u are there", round, committed[round], end);
    for (unsigned number = 0; number < end; number++) {
        if (!found[round].there[number] && !may_be_redacted(number))
            expect_fail(HERE, "round %u: line %u of %u is missing", round, number, end);
        if (found[round].there[number] && may_be_redacted(number) && number + 2 < committed[round])
            expect_fail(HERE, "round %u: line %u is back", round, number);
    }
}

static void look(unsigned rounds)
{
    struct history_options options = HISTORY_OPTIONS;
    struct history *history;
    char why[STORE_WHY];
    int rc;

    options.path = path;
    rc = history_open(&options, &history, why);
    EXPECT(rc == 0, "after %u kills: %s", rounds, why);
    memset(found, 0, sizeof(found));
    for (unsigned target = 1; target <= TARGETS; target++) {
        struct history_query query = {.target = {.id = target, .origin = 1}, .most = UINT32_MAX};

        EXPECT_RESULT(history_read(history, &query, see, &target), 0);
    }
    history_close(history);
    for (unsigned round = 0; round < rounds; round++)
        check_round(round);
}

static void check_file(void)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;

    EXPECT_RESULT(sqlite3_open(path, &db), SQLITE_OK);
    EXPECT_RESULT(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                  SQLITE_OK);
    EXPECT_RESULT(sqlite3_step(statement), SQLITE_ROW);
    EXPECT(strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0, "not whole: %s",
           (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    EXPECT(sqlite3_exec(db, "INSERT INTO words (words) VALUES ('integrity-check')", NULL, NULL,
                        NULL) == SQLITE_OK,
           "the words: %s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static unsigned hits;

static int hit(const struct history_line *line, void *argument)
{
    (void)line;
    (void)argument;
    hits++;
    return 0;
}

/* All lines that are there, and none that are not, are found by their words. */
static void search_all(void)
{
    struct history_target targets[TARGETS];
    unsigned prefixes[TARGETS] = {0};
    struct history_options options = HISTORY_OPTIONS;
    struct history_search search = {.targets = targets,
                                    .prefixes = prefixes,
                                    .count = TARGETS,
                                    .words = {"round", 5},
                                    .most = UINT32_MAX};
    struct history *history;
    char why[STORE_WHY];
    unsigned lines = 0;

    options.path = path;
    EXPECT_RESULT(history_open(&options, &history, why), 0);
    EXPECT_RESULT(history_settle(history, true, 60000), 0);
    for (unsigned i = 0; i < TARGETS; i++)
        targets[i] = (struct history_target){.id = i + 1, .origin = 1};
    EXPECT_RESULT(history_search(history, &search, hit, NULL), 0);
    for (unsigned round = 0; round < KILLS; round++)
        lines += found[round].count;
    EXPECT(hits == lines, "%u are found of %u", hits, lines);
    history_close(history);
}

static void what_was_committed_is_there_after_every_kill(void)
{
    unsigned sum = 0;

    seed = 61;
    folder = folder_new();
    path = folder_path(folder, "history.db");
    for (unsigned round = 0; round < KILLS; round++) {
        kill_one(round);
        look(round + 1);
        if (round % 10 == 9)
            check_file();
        sum += committed[round];
    }
    search_all();
    printf("(%u lines committed) ", sum);
    EXPECT(sum > KILLS * ACKS_MAX / 4, "only %u were committed", sum);
    free(path);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what was committed is there after every kill",
         what_was_committed_is_there_after_every_kill},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "history, killed", tests);
}
