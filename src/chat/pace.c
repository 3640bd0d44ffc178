/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/pace.h"

#include "chat/outcome.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define WAYS          8
#define NS_PER_SECOND UINT64_C(1000000000)

/* -- Values --------------------------------------------------------------------------------------- */

/* Takes a number of at most DIGITS digits, which does not begin with 0, off TEXT; or returns 0. */
static unsigned take_number(struct chat_text *text, size_t digits)
{
    unsigned value = 0;

    if (text->length == 0 || text->data[0] == '0')
        return 0;
    while (text->length > 0 && *text->data >= '0' && *text->data <= '9') {
        if (digits-- == 0)
            return 0;
        value = value * 10 + (unsigned)(*text->data - '0');
        text->data++;
        text->length--;
    }
    return value;
}

static bool takes_action(enum chat_mode mode)
{
    return mode == CHAT_MODE_LINES || mode == CHAT_MODE_REPEATS;
}

/* Takes the sign off TEXT. */
static enum chat_rate_action take_action(struct chat_text *text)
{
    enum chat_rate_action action = CHAT_RATE_KICKS;

    if (text->length == 0 || (text->data[0] != '*' && text->data[0] != '~'))
        return action;
    action = text->data[0] == '*' ? CHAT_RATE_BANS : CHAT_RATE_REFUSES;
    text->data++;
    text->length--;
    return action;
}

bool chat_rate_parse(enum chat_mode mode, struct chat_text text, struct chat_rate *rate)
{
    *rate = (struct chat_rate){.count = 1, .action = CHAT_RATE_REFUSES};
    if (takes_action(mode))
        rate->action = take_action(&text);
    if (mode != CHAT_MODE_SLOW) {
        rate->count = take_number(&text, 4);
        if (rate->count == 0 || text.length == 0 || text.data[0] != ':')
            return false;
        text.data++;
        text.length--;
    }
    rate->seconds = take_number(&text, 5);
    return rate->seconds > 0 && text.length == 0;
}

struct chat_text chat_rate_text(enum chat_mode mode, const struct chat_rate *rate,
                                char text[static CHAT_RATE_TEXT])
{
    const char *sign = "";
    int length;

    if (takes_action(mode) && rate->action != CHAT_RATE_KICKS)
        sign = rate->action == CHAT_RATE_BANS ? "*" : "~";
    if (mode == CHAT_MODE_SLOW)
        length = snprintf(text, CHAT_RATE_TEXT, "%u", rate->seconds);
    else
        length = snprintf(text, CHAT_RATE_TEXT, "%s%u:%u", sign, rate->count, rate->seconds);
    return (struct chat_text){text, (size_t)length};
}

static struct chat_pace *make(void)
{
    struct chat_pace *pace = calloc(1, sizeof *pace);

    if (!pace)
        return NULL;
    pace->rows = 1;
    pace->speakers = calloc(WAYS, sizeof *pace->speakers);
    if (pace->speakers)
        return pace;
    free(pace);
    return NULL;
}

static bool has_any(const struct chat_pace *pace)
{
    for (size_t i = 0; i < CHAT_RATES; i++)
        if (pace->rates[i].count > 0)
            return true;
    return false;
}

int chat_pace_set(struct chat_pace **pace, enum chat_mode mode, const struct chat_rate *rate)
{
    if (!*pace && rate->count == 0)
        return 0;
    if (!*pace)
        *pace = make();
    if (!*pace)
        return -ENOMEM;
    (*pace)->rates[mode - CHAT_MODE_SLOW] = *rate;
    (*pace)->nicks = (struct chat_tally){0};
    memset((*pace)->speakers, 0, (*pace)->rows * WAYS * sizeof *(*pace)->speakers);
    if (has_any(*pace))
        return 0;
    chat_pace_free(*pace);
    *pace = NULL;
    return 0;
}

void chat_pace_free(struct chat_pace *pace)
{
    if (!pace)
        return;
    free(pace->speakers);
    free(pace);
}

static const struct chat_rate *rate_of(const struct chat_pace *pace, enum chat_mode mode)
{
    return &pace->rates[mode - CHAT_MODE_SLOW];
}

/* -- Counting ------------------------------------------------------------------------------------- */

static uint64_t length_of(const struct chat_rate *rate)
{
    return rate->seconds * NS_PER_SECOND;
}

static bool is_over(const struct chat_tally *tally, const struct chat_rate *rate, uint64_t now)
{
    return tally->count == 0 || now - tally->since >= length_of(rate);
}

/* One more; or how long it is until there may be. */
static uint64_t count(struct chat_tally *tally, const struct chat_rate *rate, uint64_t now)
{
    if (is_over(tally, rate, now))
        *tally = (struct chat_tally){.since = now};
    if (tally->count >= rate->count)
        return tally->since + length_of(rate) - now;
    tally->count++;
    return 0;
}

bool chat_pace_holds_nicks(const struct chat_pace *pace, uint64_t now)
{
    const struct chat_rate *rate = rate_of(pace, CHAT_MODE_NICKS);

    return rate->count > 0 && !is_over(&pace->nicks, rate, now) && pace->nicks.count >= rate->count;
}

void chat_pace_count_nick(struct chat_pace *pace, uint64_t now)
{
    const struct chat_rate *rate = rate_of(pace, CHAT_MODE_NICKS);

    if (rate->count > 0)
        (void)count(&pace->nicks, rate, now);
}

/* -- Who speaks ----------------------------------------------------------------------------------- */

/* Whether what is known of a speaker, if anybody is there, still matters. */
static bool matters(const struct chat_pace *pace, const struct chat_speaker *speaker, uint64_t now)
{
    if (speaker->user.time == 0)
        return false;
    for (size_t i = 0; i < CHAT_RATES; i++)
        if (pace->rates[i].count > 0 && now - speaker->spoke < length_of(&pace->rates[i]))
            return true;
    return false;
}

static struct chat_speaker *row_of(const struct chat_pace *pace, struct chat_id user)
{
    uint64_t mixed = (user.time ^ user.origin) * UINT64_C(0x9e3779b97f4a7c15);

    return &pace->speakers[((mixed >> 32) & (pace->rows - 1)) * WAYS];
}

static struct chat_speaker *find(const struct chat_pace *pace, struct chat_id user)
{
    struct chat_speaker *row = row_of(pace, user);

    for (size_t i = 0; i < WAYS; i++)
        if (chat_id_equal(row[i].user, user))
            return &row[i];
    return NULL;
}

/* The place in a user's row of whom it is best to forget. */
static struct chat_speaker *least(const struct chat_pace *pace, struct chat_id user)
{
    struct chat_speaker *row = row_of(pace, user);
    struct chat_speaker *found = row;

    for (size_t i = 1; i < WAYS && found->user.time != 0; i++)
        if (row[i].user.time == 0 || row[i].spoke < found->spoke)
            found = &row[i];
    return found;
}

/* Twice as many rows, if there may be and there is memory. */
static void grow(struct chat_pace *pace, uint64_t now)
{
    struct chat_pace wider = {.rows = 2 * pace->rows};

    if (wider.rows * WAYS > CHAT_SPEAKERS_MAX)
        return;
    wider.speakers = calloc(wider.rows * WAYS, sizeof *wider.speakers);
    if (!wider.speakers)
        return;
    for (size_t i = 0; i < pace->rows * WAYS; i++)
        if (matters(pace, &pace->speakers[i], now))
            *least(&wider, pace->speakers[i].user) = pace->speakers[i];
    free(pace->speakers);
    pace->speakers = wider.speakers;
    pace->rows = wider.rows;
}

static struct chat_speaker *find_or_add(struct chat_pace *pace, struct chat_id user, uint64_t now)
{
    struct chat_speaker *speaker = find(pace, user);

    if (speaker)
        return speaker;
    speaker = least(pace, user);
    if (matters(pace, speaker, now)) {
        grow(pace, now);
        speaker = least(pace, user);
    }
    *speaker = (struct chat_speaker){.user = user};
    return speaker;
}

void chat_pace_forgive(struct chat_pace *pace, struct chat_id user)
{
    struct chat_speaker *speaker = find(pace, user);

    if (speaker)
        *speaker = (struct chat_speaker){.user = CHAT_NO_ID};
}

/* -- Lines ---------------------------------------------------------------------------------------- */

/* A hash (FNV-1a) of what counts of a text: neither case, nor spaces and control characters. */
static uint64_t hash_of(struct chat_text text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];

        if (byte <= ' ')
            continue;
        if (byte >= 'A' && byte <= 'Z')
            byte = (unsigned char)(byte - 'A' + 'a');
        hash = (hash ^ byte) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* The tally of a text; that of the oldest one is given up for a new one. */
static struct chat_tally *repeats_of(struct chat_speaker *speaker, uint64_t text)
{
    size_t oldest = 0;

    for (size_t i = 0; i < CHAT_REPEATS; i++) {
        if (speaker->repeats[i].said.count > 0 && speaker->repeats[i].text == text)
            return &speaker->repeats[i].said;
        if (speaker->repeats[i].said.since < speaker->repeats[oldest].said.since)
            oldest = i;
    }
    speaker->repeats[oldest].text = text;
    speaker->repeats[oldest].said = (struct chat_tally){0};
    return &speaker->repeats[oldest].said;
}

/* Counts each of the lines. Returns how long to wait until they may be said; 0: they may. */
static uint64_t count_lines(struct chat_speaker *speaker, const struct chat_rate *rate,
                            const struct chat_spoken *line)
{
    uint64_t wait = 0;

    for (size_t i = 0; i < (line->lines > 0 ? line->lines : 1) && wait == 0; i++)
        wait = count(&speaker->lines, rate, line->now);
    return wait;
}

struct chat_verdict_on_line chat_pace_take(struct chat_pace *pace, const struct chat_spoken *line)
{
    const struct chat_rate *slow = rate_of(pace, CHAT_MODE_SLOW);
    const struct chat_rate *lines = rate_of(pace, CHAT_MODE_LINES);
    const struct chat_rate *repeats = rate_of(pace, CHAT_MODE_REPEATS);
    struct chat_speaker *speaker = find_or_add(pace, line->user, line->now);
    struct chat_verdict_on_line verdict = {0, CHAT_MODE_SLOW, 0};

    if (slow->count > 0 && speaker->spoke > 0 && line->now - speaker->spoke < length_of(slow)) {
        verdict.wait = speaker->spoke + length_of(slow) - line->now;
        verdict.outcome = CHAT_TOO_SOON;
        return verdict;
    }
    verdict.mode = CHAT_MODE_LINES;
    if (lines->count > 0 && (verdict.wait = count_lines(speaker, lines, line)) > 0) {
        verdict.outcome = CHAT_TOO_MANY_LINES;
        return verdict;
    }
    verdict.mode = CHAT_MODE_REPEATS;
    if (repeats->count > 0 &&
        (verdict.wait = count(repeats_of(speaker, hash_of(line->text)), repeats, line->now)) > 0) {
        verdict.outcome = CHAT_REPEATED;
        return verdict;
    }
    speaker->spoke = line->now;
    return verdict;
}
