/* SPDX-License-Identifier: MIT */
/*
 * What the history costs: lines written a second, with their words indexed and without waiting for that,
 * pages of 100 and searches of one word in one channel of all the lines, and what memory is used.
 *
 *     history [LINES [FOLDER]]        a million, in a folder of its own under /tmp or TMPDIR
 */
#include "config.h"

#include "base/clock.h"
#include "store/history.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANNELS 10 /* of which the first has nine lines of ten */
#define READS    2000
#define SEARCHES 200
#define WORDS    5000 /* that there are */

static struct history *history;
static char path[512];
static uint64_t seed = 88172645463325252u;

static unsigned draw(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % below;
}

static void die(const char *what, int rc)
{
    fprintf(stderr, "history: %s: %s\n", what, strerror(-rc));
    exit(1);
}

static long resident(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    if (file)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void open_history(void)
{
    struct history_options options = HISTORY_OPTIONS;
    char why[STORE_WHY];
    int rc;

    options.path = path;
    rc = history_open(&options, &history, why);
    if (rc < 0)
        die(why, rc);
}

static struct history_target channel(unsigned number)
{
    return (struct history_target){.id = number + 1, .origin = 1};
}

/* Words that are rare and words that are not. */
static size_t make_text(char *text, size_t size)
{
    size_t used = 0;
    unsigned count = 4 + draw(12);

    for (unsigned i = 0; i < count; i++) {
        unsigned word = draw(draw(WORDS) + 1);

        used += (size_t)snprintf(text + used, size - used, "%sword%u", i > 0 ? " " : "", word);
    }
    return used;
}

static void keep(uint64_t id)
{
    char text[400];
    char body[120];
    struct history_line line = {
        .target = channel(draw(10) > 0 ? 0 : 1 + draw(CHANNELS - 1)),
        .id = id,
        .origin = 1,
        .kind = 1,
        .sender = {"somebody", 8},
        .text = {text, 0},
        .body = {body, sizeof(body)},
    };
    int rc;

    memset(body, 'b', sizeof(body));
    line.text.length = make_text(text, sizeof(text));
    while ((rc = history_keep(history, &line)) == -EAGAIN)
        usleep(1000);
    if (rc < 0)
        die("a line is lost", rc);
}

static double seconds_since(uint64_t begin)
{
    return (double)(pli_clock_now() - begin) / 1e9;
}

static void settle(bool indexed)
{
    int rc;

    while ((rc = history_settle(history, indexed, 60000)) == -ETIMEDOUT)
        ;
    if (rc < 0)
        die("settling", rc);
}

static void write_lines(unsigned lines)
{
    uint64_t begin = pli_clock_now();
    double took;
    long before = resident(), most = before;

    for (unsigned i = 0; i < lines; i++) {
        keep(i + 1);
        if (i % 4096 == 0 && resident() > most)
            most = resident();
    }
    settle(false);
    took = seconds_since(begin);
    printf("written          %10.0f lines/s   (%u in %.2f s)\n", lines / took, lines, took);
    settle(true);
    took = seconds_since(begin);
    printf("and indexed      %10.0f lines/s   (%.2f s)\n", lines / took, took);
    printf("resident         %10ld KiB before, %ld at most while written, %ld after\n", before,
           most, resident());
}

static int count_line(const struct history_line *line, void *argument)
{
    unsigned *count = argument;

    (void)line;
    ++*count;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const double *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

static void report(const char *what, double *times, unsigned count, unsigned lines)
{
    qsort(times, count, sizeof(*times), compare);
    printf("%-16s %10.3f ms median, %.3f p99, %.3f at most   (%u of them, %u lines)\n", what,
           times[count / 2], times[count * 99 / 100], times[count - 1], count, lines);
}

static void read_pages(unsigned lines)
{
    static double times[READS];
    unsigned got = 0;

    for (unsigned i = 0; i < READS; i++) {
        struct history_query query = {
            .target = channel(0), .before = draw(lines) + 1, .newest = true, .most = 100};
        uint64_t begin = pli_clock_now();
        int rc = history_read(history, &query, count_line, &got);

        times[i] = seconds_since(begin) * 1e3;
        if (rc < 0)
            die("reading", rc);
    }
    report("page of 100", times, READS, got);
}

static void search_words(const char *what, unsigned least, unsigned most)
{
    static double times[SEARCHES];
    const struct history_target target = channel(0);
    const unsigned prefix = 0;
    unsigned got = 0;

    for (unsigned i = 0; i < SEARCHES; i++) {
        char word[20];
        struct history_search search = {.targets = &target,
                                        .prefixes = &prefix,
                                        .count = 1,
                                        .words = {word, 0},
                                        .newest = true,
                                        .most = 100};
        uint64_t begin;
        int rc;

        search.words.length =
            (size_t)snprintf(word, sizeof(word), "word%u", least + draw(most - least));
        begin = pli_clock_now();
        rc = history_search(history, &search, count_line, &got);
        times[i] = seconds_since(begin) * 1e3;
        if (rc < 0)
            die("searching", rc);
    }
    report(what, times, SEARCHES, got);
}

int main(int argc, char **argv)
{
    unsigned lines = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
    const char *where = getenv("TMPDIR");
    char folder[256];
    uint64_t begin;

    snprintf(folder, sizeof(folder), "%s/paceline-history-XXXXXX", where ? where : "/tmp");
    if (argc > 2)
        snprintf(folder, sizeof(folder), "%s", argv[2]);
    else if (!mkdtemp(folder))
        die(folder, -errno);
    snprintf(path, sizeof(path), "%s/history.db", folder);
    open_history();
    if (lines > 0)
        write_lines(lines);
    read_pages(lines > 0 ? lines : 1);
    search_words("a rare word", WORDS - 100, WORDS);
    search_words("a word", 100, WORDS - 100);
    search_words("a common word", 0, 10);
    history_close(history);
    begin = pli_clock_now();
    open_history();
    printf("opened again     %10.3f ms\n", seconds_since(begin) * 1e3);
    printf("resident         %10ld KiB\n", resident());
    history_close(history);
    if (argc > 2)
        return 0;
    for (size_t i = 0; i < 3; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        char name[600];

        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
    return 0;
}
