/* SPDX-License-Identifier: MIT */
/*
 * The comparison. At each point the servers take turns, A B C A B C, each started afresh: what the
 * machine does meanwhile meets all of them alike. Ratios are formed within a round, and the medians
 * count. Who fails at a point has no more turns there, and the others go on.
 */
#include "config.h"

#include "tools/bench/compare.h"

#include "tools/bench/child.h"
#include "tools/bench/compare_report.h"
#include "tools/bench/connect.h"
#include "tools/bench/fail.h"
#include "tools/bench/measure.h"
#include "tools/bench/plot.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- The folder ------------------------------------------------------------------------------ */

static struct contest contest; /* the one that there is; as the program exits its folder goes */
static pid_t owner;

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(void)
{
    if (contest.folder[0] && getpid() == owner &&
        nftw(contest.folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0)
        bench_warn("%s is left: %m", contest.folder);
    contest.folder[0] = '\0';
}

/* Private, with a folder for the state of servers in it. */
static void make_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    char path[sizeof(contest.folder) - sizeof("/paceline.conf")], state[300];

    if (!temporary || !*temporary)
        temporary = "/tmp";
    if ((size_t)snprintf(path, sizeof(path), "%s/paceline-bench.XXXXXX", temporary) >= sizeof(path))
        bench_fail("TMPDIR is too long");
    if (!mkdtemp(path))
        bench_die("%s", path);
    snprintf(contest.folder, sizeof(contest.folder), "%s", path);
    owner = getpid();
    if (atexit(remove_folder) != 0)
        bench_die("atexit");
    snprintf(state, sizeof(state), "%s/state", contest.folder);
    if (mkdir(state, 0700) != 0)
        bench_die("%s", state);
}

/* -- In turns -------------------------------------------------------------------------------- */

static void show(unsigned number, unsigned round, const struct contestant *contestant)
{
    const struct point *point = &contest.points[number];

    progress_show(&contest.progress,
                  "%u of %u: %s, %ju connections, %ju threads, round %u of %ju: %s", number + 1,
                  contest.point_count, bench_cases[point->kind].name, (uintmax_t)point->connections,
                  (uintmax_t)point->threads, round + 1, (uintmax_t)contest.options->rounds,
                  contestant->label);
}

/* 0, or -EINTR. */
static int run_point(unsigned number)
{
    for (unsigned i = 0; i < contest.count; i++)
        contest.contestants[i].failed = false;
    for (unsigned round = 0; round < contest.options->rounds; round++) {
        for (unsigned i = 0; i < contest.count; i++) {
            struct contestant *contestant = &contest.contestants[i];
            int rc;

            if (contestant->left_out || contestant->failed)
                continue;
            show(number, round, contestant);
            rc = measure(&contest, contestant, &contest.points[number],
                         contest_result(&contest, number, i, round));
            if (rc < 0)
                return rc;
            contestant->failed = rc == 1;
            contest.failures += rc == 1 && !contestant->left_out;
        }
    }
    return 0;
}

static int run_points(void)
{
    int rc = 0;

    for (unsigned i = 0; i < contest.point_count && rc == 0; i++)
        rc = run_point(i);
    progress_end(&contest.progress);
    return rc;
}

int compare_run(const struct bench_options *options)
{
    int status = BENCH_WELL;

    contest_init(&contest, options, raise_descriptor_limit());
    if (options->plot)
        plot_check(options->plot);
    make_folder();
    children_init();
    if (run_points() < 0) {
        remove_folder();
        return 128 + children_signal();
    }
    if (contest_first(&contest) < 0)
        bench_fail("nothing could be measured");
    if (options->json)
        compare_json(&contest);
    else
        compare_table(&contest);
    if (options->plot && plot_all(&contest, options->plot) != 0)
        status = BENCH_WRONG;
    if (contest.failures > 0)
        status = BENCH_WRONG;
    if (children_signal())
        status = 128 + children_signal();
    remove_folder();
    contest_deinit(&contest);
    return status;
}
