/* SPDX-License-Identifier: MIT */
/*
 * The mode talk. Each speaker has so many messages under way. A message lets the speaker's next one
 * go as soon as one listener has it: the channel's first who only listens, or, if so wanted or there
 * is none, any recipient, chosen at random but the same in every run. This works alike with every
 * server, and is how people talk: nobody waits until the last one has it.
 *
 * A run is a warm-up, the window that counts, and an end in which nothing new is said and what is
 * under way is awaited. Every recipient has to hear every message once, whole, and each speaker's
 * messages in order; and all members of a channel who only listen the same messages in the same
 * order, whoever said them.
 */
#include "config.h"

#include "bench/chat.h"
#include "bench/process.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct talk {
    struct crowd crowd;
    uint64_t from, to;  /* the window */
    uint32_t *said;     /* messages of each speaker */
    uint64_t expected;  /* deliveries of all that was said */
    uint64_t delivered; /* of them have arrived, ... */
    uint64_t counted;   /* ... these within the window */
    bool opened, closed;
    uint64_t cpu[2], own_cpu[2];
};

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Whose hearing of that message lets the speaker go on. */
static uint32_t confirmer(const struct chat_options *options, uint32_t speaker, uint32_t number)
{
    uint32_t channel = chat_channel_of(options, speaker);
    uint32_t own = (uint32_t)(speaker / options->channels);
    uint32_t members = chat_members_of(options, channel);
    uint32_t member = chat_speakers_of(options, channel); /* the first who only listens */

    if (options->any_listener || member == members) {
        member = (uint32_t)(mix(((uint64_t)speaker << 32 | number) + 1) % (members - 1));
        member += member >= own;
    }
    return channel + (uint32_t)options->channels * member;
}

static void speak(struct talk *talk, uint32_t speaker)
{
    const struct chat_options *options = talk->crowd.options;
    uint32_t channel = chat_channel_of(options, speaker), number = talk->said[speaker]++;
    char line[64 + LINE_MAX];
    int head = snprintf(line, 64, "PRIVMSG #c%u :", channel);

    line_build(&options->shape, speaker, number, line + head);
    memcpy(line + head + options->shape.size - 1, "\r\n", 2);
    talk->expected += chat_members_of(options, channel) - 1;
    person_say(&talk->crowd.people[speaker], line, (size_t)head + options->shape.size + 1);
}

static void hear(void *heard_by, struct person *person, uint32_t speaker, const char *text,
                 size_t length)
{
    struct talk *talk = heard_by;
    const struct chat_options *options = talk->crowd.options;
    char line[LINE_MAX];
    uint32_t number;

    if (speaker >= options->speakers || speaker == person->id ||
        chat_channel_of(options, speaker) != chat_channel_of(options, person->id))
        errx(1, "person %u hears person %u, who did not speak to it", person->id, speaker);
    number = person->next[speaker / options->channels]++;
    line_build(&options->shape, speaker, number, line);
    if (number >= talk->said[speaker] || length != options->shape.size - 1 ||
        memcmp(line, text, length) != 0)
        errx(1, "person %u, message %u of person %u: what is heard is not what was said: %.*s",
             person->id, number, speaker, (int)length, text);
    person->order = mix(person->order + ((uint64_t)speaker << 32 | number) + 1);
    talk->delivered++;
    if (talk->crowd.now >= talk->from && talk->crowd.now < talk->to)
        talk->counted++;
    if (!talk->closed && confirmer(options, speaker, number) == person->id)
        speak(talk, speaker);
}

/* Tells perf, which counts when it is told to, and waits for its answer. */
static void tell_counter(const struct chat_options *options, const char *command)
{
    char answer[8];
    int to, from;

    if (options->count_to == NULL)
        return;
    to = open(options->count_to, O_WRONLY | O_CLOEXEC);
    from = open(options->count_from, O_RDONLY | O_CLOEXEC);
    if (to < 0 || from < 0 || write(to, command, strlen(command)) < 0 ||
        read(from, answer, sizeof answer) <= 0)
        err(1, "telling the counter");
    close(to);
    close(from);
}

static void note_window(struct talk *talk, uint64_t now)
{
    const struct chat_options *options = talk->crowd.options;
    unsigned side = talk->opened ? 1 : 0;

    if (talk->closed || now < (talk->opened ? talk->to : talk->from))
        return;
    tell_counter(options, talk->opened ? "disable\n" : "enable\n");
    talk->closed = talk->opened;
    talk->opened = true;
    talk->own_cpu[side] = process_cpu_ns(getpid());
    if (options->pid != 0)
        talk->cpu[side] = process_cpu_ns(options->pid);
}

/* All who only listen have heard the same in the same order. */
static void compare_orders(const struct talk *talk)
{
    const struct chat_options *options = talk->crowd.options;
    const struct person *people = talk->crowd.people;

    for (uint64_t i = options->speakers; i < options->people; i++) {
        uint64_t previous = i - options->channels;

        if (i >= options->speakers + options->channels && people[i].order != people[previous].order)
            errx(1, "person %ju heard the messages in another order than person %ju", (uintmax_t)i,
                 (uintmax_t)previous);
    }
}

static void run(struct talk *talk)
{
    const struct chat_options *options = talk->crowd.options;

    talk->from = now_ns() + options->warmup;
    talk->to = talk->from + options->window;
    for (uint64_t n = 0; n < options->flight; n++) {
        for (uint32_t s = 0; s < options->speakers; s++)
            speak(talk, s);
    }
    while (!talk->closed || talk->delivered < talk->expected) {
        uint64_t wake = !talk->opened ? talk->from : !talk->closed ? talk->to : now_ns() + PATIENCE;

        if (crowd_wait(&talk->crowd, wake) == 0 && talk->closed)
            errx(1, "%" PRIu64 " of %" PRIu64 " deliveries never came",
                 talk->expected - talk->delivered, talk->expected);
        note_window(talk, talk->crowd.now);
    }
    compare_orders(talk);
}

static double us_per(uint64_t ns, uint64_t count)
{
    return count == 0 ? 0 : (double)ns / 1000 / (double)count;
}

static void report(const struct talk *talk)
{
    const struct chat_options *options = talk->crowd.options;
    double seconds = (double)options->window / (double)NS_PER_S;
    uint64_t own = talk->own_cpu[1] - talk->own_cpu[0], server = talk->cpu[1] - talk->cpu[0];

    printf("mode=talk\npeople=%" PRIu64 "\nchannels=%" PRIu64 "\nspeakers=%" PRIu64
           "\nflight=%" PRIu64 "\nseconds=%.3f\n",
           options->people, options->channels, options->speakers, options->flight, seconds);
    printf("deliveries=%" PRIu64 "\ndeliveries_per_second=%.0f\ndeliveries_total=%" PRIu64 "\n",
           talk->counted, (double)talk->counted / seconds, talk->delivered);
    printf("load_cpu_us_per_delivery=%.4f\n", us_per(own, talk->counted));
    printf("load_cpu_share=%.3f\n", (double)own / (double)options->window);
    if (options->pid == 0)
        return;
    printf("server_cpu_us_per_delivery=%.4f\n", us_per(server, talk->counted));
    printf("server_cpu_share=%.3f\n", (double)server / (double)options->window);
}

int chat_talk(const struct chat_options *options)
{
    struct talk *talk = calloc(1, sizeof *talk);
    bool well;

    if (talk == NULL)
        err(1, "calloc");
    crowd_open(&talk->crowd, options);
    talk->crowd.heard = hear;
    talk->crowd.heard_by = talk;
    talk->said = calloc(options->speakers, sizeof *talk->said);
    if (talk->said == NULL)
        err(1, "calloc");
    for (uint32_t i = 0; i < options->people; i++) {
        uint32_t speakers = chat_speakers_of(options, chat_channel_of(options, i));

        talk->crowd.people[i].next = calloc(speakers + 1, sizeof(uint32_t));
        if (talk->crowd.people[i].next == NULL)
            err(1, "calloc");
    }
    crowd_register(&talk->crowd, options->people);
    crowd_join(&talk->crowd);
    run(talk);
    report(talk);
    well = talk->counted > 0;
    crowd_close(&talk->crowd);
    free(talk->said);
    free(talk);
    return well ? 0 : 1;
}
