/* SPDX-License-Identifier: MIT */
/*
 * The load chat: people who talk. Each speaker has so many messages under way. A message lets the
 * speaker's next one go as soon as one listener has it: the channel's first who only listens, or, if
 * so wanted or there is none, any recipient, chosen at random but the same in every run. This works
 * alike with every server, and is how people talk: nobody waits until the last one has it.
 *
 * With a rate, the speakers say so many messages a second, one after the other, whatever is heard;
 * a message is as old as the moment at which it was due, so that stalls count.
 *
 * A run is a warm-up, the window that counts, and an end in which nothing new is said and what is
 * under way is awaited. Every recipient has to hear every message once, whole, and each speaker's
 * messages in order; and all members of a channel who only listen the same messages in the same
 * order, whoever said them.
 */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/chat.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a speaker has said. A recipient may be far behind: all times are kept. */
struct speech {
    uint32_t count, room;
    uint64_t *at;
};

struct talk {
    struct crowd crowd;
    uint64_t begun;
    uint64_t from, to; /* the window */
    uint64_t due;      /* messages that were due, of those with a rate */
    struct speech *said;
    uint64_t expected;   /* deliveries of all that was said */
    uint64_t delivered;  /* of them have arrived, ... */
    uint64_t counted;    /* ... these within the window */
    struct hist latency; /* of those */
    bool opened, closed;
    struct watch watch;
};

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Whose hearing of that message lets the speaker go on. */
static uint32_t confirmer(const struct bench_options *options, uint32_t speaker, uint32_t number)
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

static uint32_t note_speech(struct speech *speech, uint64_t when)
{
    if (speech->count == speech->room) {
        speech->room = speech->room ? 2 * speech->room : 1024;
        speech->at = reallocarray(speech->at, speech->room, sizeof(*speech->at));
        if (!speech->at)
            bench_die("memory");
    }
    speech->at[speech->count] = when;
    return speech->count++;
}

/* WHEN: that it is said, or was due. */
static void speak(struct talk *talk, uint32_t speaker, uint64_t when)
{
    const struct bench_options *options = talk->crowd.options;
    uint32_t channel = chat_channel_of(options, speaker),
             number = note_speech(&talk->said[speaker], when);
    char line[64 + LINE_MAX];
    int head = snprintf(line, 64, "PRIVMSG #c%u :", channel);

    line_build(&options->shape, speaker, number, line + head);
    memcpy(line + head + options->shape.size - 1, "\r\n", 2);
    talk->expected += chat_members_of(options, channel) - 1;
    person_say(&talk->crowd.people[speaker], line, (size_t)head + options->shape.size + 1);
}

/* Of the message number i of those with a rate. */
static uint64_t scheduled(const struct talk *talk, uint64_t i)
{
    return talk->begun + i * NS_PER_S / talk->crowd.options->rate;
}

/* What is due by now is said; nothing is due once the window has closed. */
static void speak_in_time(struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;
    uint64_t when;

    while ((when = scheduled(talk, talk->due)) <= pli_clock_now() && when < talk->to)
        speak(talk, (uint32_t)(talk->due++ % options->speakers), when);
}

static void count(struct talk *talk, uint64_t said)
{
    uint64_t when = talk->crowd.options->rate ? said : talk->crowd.now;

    if (when < talk->from || when >= talk->to)
        return;
    talk->counted++;
    hist_add(&talk->latency, talk->crowd.now - said);
}

static void hear(void *heard_by, struct person *person, uint32_t speaker, const char *text,
                 size_t length)
{
    struct talk *talk = heard_by;
    const struct bench_options *options = talk->crowd.options;
    char line[LINE_MAX];
    uint32_t number;

    if (speaker >= options->speakers || speaker == person->id ||
        chat_channel_of(options, speaker) != chat_channel_of(options, person->id))
        bench_fail("person %u hears person %u, who did not speak to it", person->id, speaker);
    number = person->next[speaker / options->channels]++;
    line_build(&options->shape, speaker, number, line);
    if (number >= talk->said[speaker].count || length != options->shape.size - 1 ||
        memcmp(line, text, length) != 0)
        bench_fail("person %u, message %u of person %u: what is heard is not what was said: %.*s",
                   person->id, number, speaker, (int)length, text);
    person->order = mix(person->order + ((uint64_t)speaker << 32 | number) + 1);
    talk->delivered++;
    count(talk, talk->said[speaker].at[number]);
    if (!options->rate && !talk->closed && confirmer(options, speaker, number) == person->id)
        speak(talk, speaker, pli_clock_now());
}

static void note_window(struct talk *talk, uint64_t now)
{
    if (talk->closed || now < (talk->opened ? talk->to : talk->from))
        return;
    if (talk->opened)
        watch_end(&talk->watch);
    else
        watch_begin(&talk->watch);
    talk->closed = talk->opened;
    talk->opened = true;
}

static void show_progress(struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;
    uint64_t now = talk->crowd.now, begin = talk->from - options->warmup;

    if (progress_due(&talk->crowd.progress, now))
        progress_show(&talk->crowd.progress, "%.1f of %.1f s: %" PRIu64 " messages delivered",
                      (double)(now - begin) / 1e9,
                      (double)(options->warmup + options->window) / 1e9, talk->delivered);
}

/* All who only listen have heard the same in the same order. */
static void compare_orders(const struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;
    const struct person *people = talk->crowd.people;

    for (uint64_t i = options->speakers; i < options->people; i++) {
        uint64_t previous = i - options->channels;

        if (i >= options->speakers + options->channels && people[i].order != people[previous].order)
            bench_fail("person %ju heard the messages in another order than person %ju",
                       (uintmax_t)i, (uintmax_t)previous);
    }
}

static uint64_t next_wake(const struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;
    uint64_t edge = talk->opened ? talk->to : talk->from;
    uint64_t due = options->rate ? scheduled(talk, talk->due) : edge;

    if (talk->closed)
        return pli_clock_now() + options->patience;
    return due < edge ? due : edge;
}

static void begin(struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;

    talk->begun = pli_clock_now();
    talk->from = talk->begun + options->warmup;
    talk->to = talk->from + options->window;
    for (uint64_t n = 0; n < options->flight && !options->rate; n++) {
        for (uint32_t s = 0; s < options->speakers; s++)
            speak(talk, s, pli_clock_now());
    }
}

static void run(struct talk *talk)
{
    const struct bench_options *options = talk->crowd.options;

    begin(talk);
    while (!talk->closed || talk->delivered < talk->expected) {
        if (crowd_wait(&talk->crowd, next_wake(talk)) == 0 && talk->closed)
            bench_fail("%" PRIu64 " of %" PRIu64 " deliveries never came",
                       talk->expected - talk->delivered, talk->expected);
        note_window(talk, talk->crowd.now);
        if (options->rate)
            speak_in_time(talk);
        show_progress(talk);
    }
    compare_orders(talk);
}

static void report(const struct talk *talk, struct bench_result *result)
{
    const struct bench_options *options = talk->crowd.options;
    double seconds = (double)options->window / (double)NS_PER_S;

    result_put(result, METRIC_SECONDS, seconds);
    result_put(result, METRIC_PEOPLE, (double)options->people);
    result_put(result, METRIC_CHANNELS, (double)options->channels);
    result_put(result, METRIC_SPEAKERS, (double)options->speakers);
    result_put(result, METRIC_DELIVERIES, (double)talk->counted);
    result_put(result, METRIC_DELIVERY_RATE, (double)talk->counted / seconds);
    result_put(result, METRIC_DELIVERIES_TOTAL, (double)talk->delivered);
    result_put_latency(result, METRIC_LATENCY, &talk->latency);
    watch_report(&talk->watch, result, talk->counted, options->window);
}

static struct talk *make(const struct bench_options *options, const struct target *target)
{
    struct talk *talk = bench_alloc(1, sizeof(*talk));

    crowd_open(&talk->crowd, options, target);
    talk->crowd.heard = hear;
    talk->crowd.heard_by = talk;
    talk->said = bench_alloc(options->speakers, sizeof(*talk->said));
    for (uint32_t i = 0; i < options->people; i++) {
        uint32_t speakers = chat_speakers_of(options, chat_channel_of(options, i));

        talk->crowd.people[i].next = bench_alloc(speakers + 1, sizeof(uint32_t));
    }
    watch_init(&talk->watch, options);
    return talk;
}

int chat_talk(const struct bench_options *options, const struct target *target,
              struct bench_result *result)
{
    struct talk *talk = make(options, target);
    bool well;

    crowd_register(&talk->crowd, options->people);
    crowd_join(&talk->crowd);
    run(talk);
    progress_end(&talk->crowd.progress);
    report(talk, result);
    well = talk->counted > 0;
    if (!well)
        bench_warn("no message was delivered in the time that counts");
    crowd_close(&talk->crowd);
    watch_deinit(&talk->watch);
    for (uint64_t i = 0; i < options->speakers; i++)
        free(talk->said[i].at);
    free(talk->said);
    free(talk);
    return well ? BENCH_WELL : BENCH_WRONG;
}

int load_chat(const struct bench_options *options, const struct target *target,
              struct bench_result *result)
{
    if (options->join_only)
        return chat_join(options, target, result);
    if (options->idle_only)
        return chat_idle(options, target, result);
    return chat_talk(options, target, result);
}
