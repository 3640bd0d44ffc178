/* SPDX-License-Identifier: MIT */
/*
 * The load login: people who speak IRC come, and then all log in at once, by SASL; or each registers an
 * account. The latency is of that alone, from when it is asked for until it is acknowledged. At most
 * so many are under way at a time (--at-a-time); with more than there are people, all at once.
 */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/process.h"
#include "tools/bench/progress.h"
#include "tools/bench/scram.h"
#include "tools/bench/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 64, ROOM = 4 * WIRE_RECORD };

enum way { PLAIN, SCRAM, REGISTER, WAYS };

static const char *const way_names[WAYS] = {"plain", "scram", "register"};

struct person {
    struct wire wire;
    uint64_t number;
    uint64_t asked; /* when; 0: not yet */
    bool through;
    size_t length; /* of what has come without a line's end */
    char text[ROOM];
    char expected[SCRAM_TEXT]; /* the server's last word, in SCRAM */
};

struct login {
    const struct bench_options *options;
    enum way way;
    struct scram_client client;
    struct progress progress;
    struct person **people;
    uint64_t asked, through;
    int epoll;
    struct hist hist;
};

static void say(const struct person *person, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct person *person, const char *format, ...)
{
    char line[SCRAM_TEXT + 128];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (wire_send(&person->wire, line, (size_t)length) != length)
        bench_die("person %" PRIu64 ", sending", person->number);
}

/* -- Asking ------------------------------------------------------------------------------------ */

static void ask(struct login *login)
{
    struct person *person = login->people[login->asked++];

    person->asked = pli_clock_now();
    if (login->way == REGISTER)
        say(person, "NICK b%dx%" PRIu64 "\r\nREGISTER * * %s\r\n", (int)getpid(), person->number,
            login->options->password);
    else
        say(person, "AUTHENTICATE %s\r\n", login->way == PLAIN ? "PLAIN" : "SCRAM-SHA-256");
}

static void finish(struct login *login, struct person *person)
{
    hist_add(&login->hist, pli_clock_now() - person->asked);
    person->through = true;
    login->through++;
    if (login->asked < login->options->connections)
        ask(login);
}

/* -- What the server says ------------------------------------------------------------------------ */

/* "+" is the beginning; then come what SCRAM starts from, and what it ends with. */
static void answer(struct login *login, struct person *person, const char *message)
{
    char text[SCRAM_TEXT] = "+";

    if (strcmp(message, "+") == 0 && login->way == PLAIN)
        scram_plain(&login->client, text);
    else if (strcmp(message, "+") == 0)
        scram_first(&login->client, person->number, text);
    else if (*person->expected && strcmp(message, person->expected) != 0)
        bench_fail("person %" PRIu64 ": the server does not know the password", person->number);
    else if (!*person->expected &&
             scram_final(&login->client, person->number, message, text, person->expected) < 0)
        bench_fail("person %" PRIu64 ": that is no SCRAM: %s", person->number, message);
    say(person, "AUTHENTICATE %s\r\n", text);
}

static void heed(struct login *login, struct person *person, const char *line)
{
    const char *space = strchr(line, ' ');
    const char *command = *line == ':' && space ? space + 1 : line;

    if (strncmp(command, "AUTHENTICATE ", 13) == 0)
        answer(login, person, command + 13);
    else if (strncmp(command, "903 ", 4) == 0 || strncmp(command, "REGISTER SUCCESS ", 17) == 0)
        finish(login, person);
    else if (strncmp(command, "PING ", 5) == 0)
        say(person, "PONG %s\r\n", command + 5);
    else if (strncmp(command, "ERROR", 5) == 0 || strncmp(command, "FAIL ", 5) == 0 ||
             (*command >= '4' && *command <= '9' && strncmp(command, "900 ", 4) != 0))
        bench_fail("person %" PRIu64 " is told: %s", person->number, line);
}

static void receive(struct login *login, struct person *person)
{
    char *at = person->text, *newline;
    ssize_t got =
        wire_receive(&person->wire, person->text + person->length, ROOM - 1 - person->length);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        bench_die("person %" PRIu64 ", receiving", person->number);
    if (got == 0)
        bench_fail("person %" PRIu64 " was thrown out", person->number);
    person->length += (size_t)got;
    person->text[person->length] = '\0';
    while ((newline = strchr(at, '\n')) != NULL) {
        newline[newline > at && newline[-1] == '\r' ? -1 : 0] = '\0';
        heed(login, person, at);
        at = newline + 1;
    }
    person->length -= (size_t)(at - person->text);
    memmove(person->text, at, person->length);
    if (person->length > ROOM / 2)
        bench_fail("person %" PRIu64 " receives a line without end", person->number);
}

/* -- The load --------------------------------------------------------------------------------------- */

static enum way way_of(const char *name)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (strcmp(name, way_names[i]) == 0)
            return i;
    bench_usage("--by: plain, scram or register expected, got %s", name);
}

static struct person *come(struct login *login, const struct target *target, uint64_t number)
{
    struct person *person = bench_alloc(1, sizeof(*person));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = person};

    person->number = number;
    person->wire = wire_open(target, number);
    wire_unblock(&person->wire);
    if (epoll_ctl(login->epoll, EPOLL_CTL_ADD, person->wire.fd, &event) != 0)
        bench_die("epoll_ctl");
    return person;
}

static void run(struct login *login)
{
    const struct bench_options *options = login->options;
    struct epoll_event events[EVENTS];

    while (login->asked < options->connections && login->asked < options->at_a_time)
        ask(login);
    while (login->through < options->connections) {
        int n = epoll_wait(login->epoll, events, EVENTS, (int)(options->patience / NS_PER_MS));

        if (n < 0 && errno != EINTR)
            bench_die("epoll_wait");
        if (n == 0)
            bench_fail("only %" PRIu64 " of %" PRIu64 " were acknowledged", login->through,
                       login->asked);
        for (int i = 0; i < n; i++)
            receive(login, events[i].data.ptr);
        if (progress_due(&login->progress, pli_clock_now()))
            progress_show(&login->progress, "%" PRIu64 " of %" PRIu64 " are through",
                          login->through, options->connections);
    }
}

static void report(const struct login *login, uint64_t time, uint64_t cpu,
                   struct bench_result *result)
{
    uint64_t count = login->options->connections;

    result_put(result, METRIC_CONNECTIONS, (double)count);
    result_put(result, METRIC_SECONDS, (double)time / (double)NS_PER_S);
    result_put(result, METRIC_LOGIN_RATE, (double)count * (double)NS_PER_S / (double)time);
    result_put_latency(result, METRIC_LATENCY, &login->hist);
    if (login->options->pid == 0)
        return;
    result_put(result, METRIC_SERVER_CPU, (double)cpu / (double)NS_PER_MS);
    result_put(result, METRIC_SERVER_CPU_PER_CONNECTION, us_each(cpu, count));
}

int load_login(const struct bench_options *options, const struct target *target,
               struct bench_result *result)
{
    struct login *login = bench_alloc(1, sizeof(*login));
    pid_t pid = (pid_t)options->pid;
    uint64_t begin, cpu = 0;

    login->options = options;
    login->way = way_of(options->by);
    login->client = (struct scram_client){.name = options->account, .password = options->password};
    login->people = bench_alloc(options->connections, sizeof(*login->people));
    login->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (login->epoll < 0)
        bench_die("epoll_create1");
    progress_init(&login->progress, options);
    for (uint64_t i = 0; i < options->connections; i++)
        login->people[i] = come(login, target, i);
    if (pid)
        cpu = process_cpu_ns(pid);
    begin = pli_clock_now();
    run(login);
    report(login, pli_clock_now() - begin, pid ? process_cpu_ns(pid) - cpu : 0, result);
    progress_end(&login->progress);
    for (uint64_t i = 0; i < options->connections; i++) {
        wire_close(&login->people[i]->wire);
        free(login->people[i]);
    }
    close(login->epoll);
    free(login->people);
    free(login);
    return BENCH_WELL;
}
