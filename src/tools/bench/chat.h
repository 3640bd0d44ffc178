/* SPDX-License-Identifier: MIT */
/*
 * The chat load: people who speak IRC to any server. A crowd is all of them; one thread serves it.
 *
 * Of N people in M channels person i is in channel i modulo M, and there the member i / M. The
 * first S people speak: speaker k is the same as person k. All lines that people say are made by
 * line.c of speaker and number, so that nothing has to be kept to verify what arrives.
 */
#ifndef TOOLS_BENCH_CHAT_H
#define TOOLS_BENCH_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/bench/connect.h"
#include "tools/bench/metrics.h"
#include "tools/bench/progress.h"
#include "tools/bench/wire.h"

enum {
    CHAT_LINE = 1024,        /* the most that a server's line may have */
    CHAT_BUFFER = 64 * 1024, /* the most that is received at once */
};

enum chat_stage { CHAT_ABSENT, CHAT_REGISTERING, CHAT_REGISTERED, CHAT_JOINING, CHAT_JOINED };

struct person {
    struct wire wire;
    uint32_t id;
    enum chat_stage stage;
    uint32_t *view; /* whom it has seen join, itself first, in order */
    uint32_t seen;  /* how many */
    uint32_t *next; /* of each speaker of its channel: the number of the next message */
    uint64_t order; /* a digest of all messages heard, which tells their order */
    uint32_t rest;  /* bytes of a line that has not ended */
    char kept[CHAT_LINE];
};

struct crowd {
    const struct bench_options *options;
    const struct target *target;
    struct progress progress;
    struct person *people;
    int epoll;
    uint64_t registered, joined;
    uint64_t joins; /* seen by all people */
    uint64_t now;   /* as of the last event */
    void *heard_by; /* the first argument of heard */
    /* A message arrives: TEXT, said by SPEAKER. */
    void (*heard)(void *heard_by, struct person *person, uint32_t speaker, const char *text,
                  size_t length);
    char in[CHAT_LINE + CHAT_BUFFER];
};

/* Makes all people, none of whom is there yet. */
void crowd_open(struct crowd *crowd, const struct bench_options *options,
                const struct target *target);
void crowd_close(struct crowd *crowd);

/* Who of the channel, and how many. */
static inline uint32_t chat_channel_of(const struct bench_options *options, uint32_t person)
{
    return (uint32_t)(person % options->channels);
}

static inline uint32_t chat_members_of(const struct bench_options *options, uint32_t channel)
{
    return (uint32_t)((options->people - channel + options->channels - 1) / options->channels);
}

static inline uint32_t chat_speakers_of(const struct bench_options *options, uint32_t channel)
{
    if (channel >= options->speakers)
        return 0;
    return (uint32_t)((options->speakers - channel + options->channels - 1) / options->channels);
}

/* Connects and registers the first COUNT people, a few at a time; they stay in no channel. */
void crowd_register(struct crowd *crowd, uint64_t count);

/* They all leave without a word. */
void crowd_leave(struct crowd *crowd);

/*
 * All ask to join at once; returns when everybody has been told of everybody who came later, and
 * has verified that all members of a channel saw them come in the same order.
 */
void crowd_join(struct crowd *crowd);

/* Waits for events, up to that time, and handles them. Returns how many there were. */
int crowd_wait(struct crowd *crowd, uint64_t until);

/* Sends a line, which has to go at once. */
void person_say(struct person *person, const char *line, size_t length);

/* What load_chat() is made of: people who talk, who join and who do nothing. Each returns the exit
 * status. */
int chat_talk(const struct bench_options *options, const struct target *target,
              struct bench_result *result);
int chat_join(const struct bench_options *options, const struct target *target,
              struct bench_result *result);
int chat_idle(const struct bench_options *options, const struct target *target,
              struct bench_result *result);

#endif
