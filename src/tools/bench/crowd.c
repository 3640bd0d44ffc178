/* SPDX-License-Identifier: MIT */
/*
 * People who come, register and join. What servers differ in is kept small: a PING before the
 * registration (ngIRCd's and others' cookie) is answered like any other, the registration is
 * complete with the end of the MOTD or its absence, 376 or 422, and a JOIN with the end of the
 * names, 366. Any other numeric from 400 up, and ERROR, ends the program.
 *
 * How many register at a time is an option: InspIRCd completes registrations once in a second, so
 * that it should be many; ngIRCd listens with a backlog of 10, and who finds that full comes a
 * second later.
 */
#include "config.h"

#include "tools/bench/chat.h"

#include "base/clock.h"
#include "tools/bench/fail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256 };

void crowd_open(struct crowd *crowd, const struct bench_options *options,
                const struct target *target)
{
    crowd->options = options;
    crowd->target = target;
    progress_init(&crowd->progress, options);
    crowd->people = bench_alloc(options->people, sizeof *crowd->people);
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (crowd->epoll < 0)
        bench_die("epoll_create1");
    for (uint32_t i = 0; i < options->people; i++) {
        crowd->people[i].id = i;
        crowd->people[i].wire.fd = -1;
    }
}

void crowd_leave(struct crowd *crowd)
{
    for (uint64_t i = 0; i < crowd->options->people; i++) {
        struct person *person = &crowd->people[i];

        if (person->wire.fd >= 0)
            wire_close(&person->wire);
        person->stage = CHAT_ABSENT;
        person->rest = 0;
    }
    crowd->registered = 0;
}

void crowd_close(struct crowd *crowd)
{
    crowd_leave(crowd);
    for (uint64_t i = 0; i < crowd->options->people; i++) {
        free(crowd->people[i].view);
        free(crowd->people[i].next);
    }
    free(crowd->people);
    close(crowd->epoll);
}

void person_say(struct person *person, const char *line, size_t length)
{
    ssize_t sent = wire_send(&person->wire, line, length);

    if (sent < 0)
        bench_die("person %u, sending", person->id);
    if ((size_t)sent < length)
        bench_fail("person %u: the server takes no line", person->id);
}

/* -- What the server says ------------------------------------------------------ */

/* The number of a person from its nick or a prefix, pN. */
static uint32_t person_number(const char *text, const char *end)
{
    uint32_t number = 0;
    const char *at = text + 1;

    if (text >= end || *text != 'p' || at == end || *at < '0' || *at > '9')
        bench_fail("a stranger is there: %.*s", (int)(end - text), text);
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    return number;
}

static void see_join(struct crowd *crowd, struct person *person, uint32_t who)
{
    uint32_t channel = chat_channel_of(crowd->options, person->id);

    if (person->view == NULL || who >= crowd->options->people ||
        chat_channel_of(crowd->options, who) != channel)
        bench_fail("person %u sees %u join, who does not", person->id, who);
    if (person->seen == chat_members_of(crowd->options, channel))
        bench_fail("person %u sees more join than do", person->id);
    person->view[person->seen++] = who;
    crowd->joins++;
}

static void see_numeric(struct crowd *crowd, struct person *person, const char *line, int numeric)
{
    if ((numeric == 376 || numeric == 422) && person->stage == CHAT_REGISTERING) {
        person->stage = CHAT_REGISTERED;
        crowd->registered++;
    } else if (numeric == 366 && person->stage == CHAT_JOINING) {
        person->stage = CHAT_JOINED;
        crowd->joined++;
    } else if (numeric >= 400 && numeric != 422) {
        bench_fail("person %u is told: %s", person->id, line);
    }
}

static void answer_ping(struct person *person, const char *cookie)
{
    char text[CHAT_LINE];
    int length = snprintf(text, sizeof text, "PONG %s\r\n", cookie);

    person_say(person, text, (size_t)length);
}

static void see_message(struct crowd *crowd, struct person *person, const char *source,
                        const char *source_end, const char *rest, const char *end)
{
    const char *text = memchr(rest, ':', (size_t)(end - rest));

    if (text == NULL || crowd->heard == NULL)
        bench_fail("person %u hears what nobody said: %s", person->id, rest);
    crowd->heard(crowd->heard_by, person, person_number(source, source_end), text + 1,
                 (size_t)(end - text - 1));
}

/* One line, ended by a NUL byte where its end of line was. */
static void heed(struct crowd *crowd, struct person *person, const char *line, const char *end)
{
    const char *source = line + 1, *source_end = line, *command = line;

    if (*line == ':') {
        source_end = memchr(line, ' ', (size_t)(end - line));
        if (source_end == NULL)
            bench_fail("person %u receives no line of IRC: %s", person->id, line);
        command = source_end + 1;
    }
    if (strncmp(command, "PRIVMSG ", 8) == 0)
        see_message(crowd, person, source, source_end, command + 8, end);
    else if (strncmp(command, "JOIN ", 5) == 0)
        see_join(crowd, person, person_number(source, source_end));
    else if (command[0] >= '0' && command[0] <= '9')
        see_numeric(crowd, person, line, atoi(command));
    else if (strncmp(command, "PING ", 5) == 0)
        answer_ping(person, command + 5);
    else if (strncmp(command, "ERROR", 5) == 0)
        bench_fail("person %u is told: %s", person->id, line);
}

static void receive(struct crowd *crowd, struct person *person)
{
    char *at = crowd->in, *stop, *newline;
    ssize_t got;

    memcpy(crowd->in, person->kept, person->rest);
    got = wire_receive(&person->wire, crowd->in + person->rest, CHAT_BUFFER);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        bench_die("person %u, receiving", person->id);
    if (got == 0)
        bench_fail("person %u was thrown out", person->id);
    crowd->now = pli_clock_now();
    stop = crowd->in + person->rest + got;
    while ((newline = memchr(at, '\n', (size_t)(stop - at))) != NULL) {
        char *end = newline > at && newline[-1] == '\r' ? newline - 1 : newline;

        *end = '\0';
        heed(crowd, person, at, end);
        at = newline + 1;
    }
    if (stop - at > CHAT_LINE)
        bench_fail("person %u receives a line without end", person->id);
    person->rest = (uint32_t)(stop - at);
    memcpy(person->kept, at, person->rest);
}

int crowd_wait(struct crowd *crowd, uint64_t until)
{
    uint64_t now = pli_clock_now(), left = until > now ? until - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
                               .tv_nsec = (long)(left % NS_PER_S)};
    struct epoll_event events[EVENTS];
    int n = epoll_pwait2(crowd->epoll, events, EVENTS, &timeout, NULL);

    if (n < 0 && errno != EINTR)
        bench_die("epoll_pwait2");
    crowd->now = pli_clock_now();
    for (int i = 0; i < n; i++)
        receive(crowd, events[i].data.ptr);
    return n < 0 ? 0 : n;
}

/* -- Coming --------------------------------------------------------------------- */

static void come(struct crowd *crowd, struct person *person)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = person};
    char text[128];
    int length = snprintf(text, sizeof text, "NICK p%u\r\nUSER p%u 0 * :p%u\r\n", person->id,
                          person->id, person->id);

    person->wire = wire_open(crowd->target, person->id);
    wire_unblock(&person->wire);
    if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, person->wire.fd, &event) != 0)
        bench_die("epoll_ctl");
    person->stage = CHAT_REGISTERING;
    person_say(person, text, (size_t)length);
}

void crowd_register(struct crowd *crowd, uint64_t count)
{
    uint64_t came = 0;

    crowd->registered = 0;
    while (crowd->registered < count) {
        while (came < count && came - crowd->registered < crowd->options->at_a_time)
            come(crowd, &crowd->people[came++]);
        if (progress_due(&crowd->progress, pli_clock_now()))
            progress_show(&crowd->progress, "%" PRIu64 " of %" PRIu64 " people have registered",
                          crowd->registered, count);
        if (crowd_wait(crowd, pli_clock_now() + crowd->options->patience) == 0)
            bench_fail("only %" PRIu64 " of %" PRIu64 " people could register", crowd->registered,
                       came);
    }
}

static void ask_to_join(const struct crowd *crowd, struct person *person)
{
    uint32_t channel = chat_channel_of(crowd->options, person->id);
    char text[64];
    int length = snprintf(text, sizeof text, "JOIN #c%u\r\n", channel);

    person->view = bench_alloc(chat_members_of(crowd->options, channel), sizeof *person->view);
    person->seen = 0;
    person->stage = CHAT_JOINING;
    person_say(person, text, (size_t)length);
}

/* Whoever came first saw them all; the others have seen the same from their own coming on. */
static void compare_views(const struct crowd *crowd, uint32_t channel)
{
    const struct bench_options *options = crowd->options;
    uint32_t members = chat_members_of(options, channel);
    const struct person *first = NULL;

    for (uint64_t i = channel; i < options->people; i += options->channels) {
        if (crowd->people[i].seen == members)
            first = &crowd->people[i];
    }
    if (first == NULL)
        bench_fail("nobody has seen all members of channel %u join", channel);
    for (uint64_t i = channel; i < options->people; i += options->channels) {
        const struct person *person = &crowd->people[i];
        uint32_t missed = members - person->seen;

        if (person->seen == 0 || person->view[0] != person->id ||
            memcmp(person->view, first->view + missed, person->seen * sizeof *person->view) != 0)
            bench_fail("person %u saw others join in another order than person %u", person->id,
                       first->id);
    }
}

void crowd_join(struct crowd *crowd)
{
    const struct bench_options *options = crowd->options;
    uint64_t expected = 0;

    for (uint32_t c = 0; c < options->channels; c++) {
        uint64_t members = chat_members_of(options, c);

        expected += members * (members + 1) / 2;
    }
    for (uint64_t i = 0; i < options->people; i++)
        ask_to_join(crowd, &crowd->people[i]);
    while (crowd->joined < options->people || crowd->joins < expected) {
        if (progress_due(&crowd->progress, pli_clock_now()))
            progress_show(&crowd->progress, "%" PRIu64 " of %" PRIu64 " joins have been seen",
                          crowd->joins, expected);
        if (crowd_wait(crowd, pli_clock_now() + crowd->options->patience) == 0)
            bench_fail("%" PRIu64 " people joined, and saw %" PRIu64 " of %" PRIu64 " join",
                       crowd->joined, crowd->joins, expected);
    }
    for (uint32_t c = 0; c < options->channels; c++)
        compare_views(crowd, c);
}
