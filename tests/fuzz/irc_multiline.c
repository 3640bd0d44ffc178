/* SPDX-License-Identifier: MIT */
/*
 * Messages on several lines: whatever lines somebody sends in a batch, who knows batches gets these
 * very lines, with the same ones joined, who does not gets those that are not blank, and people in
 * talk see clean text; or the batch is none by its specification, and nobody gets anything of it
 * but one FAIL for who has sent it.
 *
 * The lines of an input, each ended by LF, are those of the batch. A first byte that is odd means
 * that the line goes on with the one before it.
 */
#include "config.h"

#include "base/utf8.h"
#include "irc/irc.h"
#include "irc/message.h"
#include "talk/talk.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/irc_said.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 380 /* so that nothing is cut */
#define LINES   40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct chat_world *world;
static struct talk *talk;
static struct irc *irc;

struct batch {
    size_t count;
    struct {
        struct chat_text text;
        bool joined;
    } lines[LINES];
};

static void must(bool holds, const char *otherwise)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", otherwise);
    abort();
}

static void says(struct pl_session *session, const char *text, size_t length)
{
    struct pl_line line = {.text = text, .length = length, .size = length + 2};

    irc_service.line(session, &line);
}

static struct pl_session *comes(const char *nick, const char *caps)
{
    struct pl_session *session = fake_new(irc);
    char line[200];

    must(irc_service.open(session, irc) == 0, "no session");
    snprintf(line, sizeof line, "CAP REQ :%s", caps);
    says(session, line, strlen(line));
    snprintf(line, sizeof line, "NICK %s", nick);
    says(session, line, strlen(line));
    says(session, "USER u 0 * :u", strlen("USER u 0 * :u"));
    says(session, "CAP END", strlen("CAP END"));
    says(session, "JOIN #r", strlen("JOIN #r"));
    return session;
}

static struct pl_session *talks(void)
{
    struct pl_session *session = fake_new(talk);
    struct pl_line line = {.text = "tom", .length = 3, .size = 4};

    must(talk_service.open(session, talk) == 0, "no session");
    talk_service.line(session, &line);
    return session;
}

/* False: an input for which the protocol has no lines. */
static bool read_batch(const char *data, size_t size, struct batch *batch)
{
    while (size > 0) {
        const char *end = memchr(data, '\n', size);
        size_t length = end ? (size_t)(end - data) : size;

        if (length == 0 || length > LONGEST || batch->count == LINES ||
            memchr(data, '\0', length) || memchr(data, '\r', length) ||
            !pli_utf8_is_valid(data + 1, length - 1))
            return false;
        batch->lines[batch->count].joined = data[0] & 1;
        batch->lines[batch->count++].text = (struct chat_text){data + 1, length - 1};
        data += length + (end ? 1 : 0);
        size -= length + (end ? 1 : 0);
    }
    return true;
}

/* An action comes in a frame, which is made anew. */
static bool is_action(const struct batch *batch)
{
    return batch->count > 0 && batch->lines[0].text.length >= 7 &&
           memcmp(batch->lines[0].text.data, "\001ACTION", 7) == 0;
}

static bool is_good(const struct batch *batch)
{
    size_t bytes = 0;
    bool said = false;

    for (size_t i = 0; i < batch->count; i++) {
        size_t length = batch->lines[i].text.length;

        if (batch->lines[i].joined && length == 0)
            return false;
        bytes += length + (i > 0 && !batch->lines[i].joined ? 1 : 0);
        said = said || length > 0;
    }
    return said && batch->count <= 32 && bytes <= 4096;
}

static void send_batch(struct pl_session *session, const struct batch *batch)
{
    const char *open = "BATCH +b draft/multiline #r";
    char line[512];

    says(session, open, strlen(open));
    for (size_t i = 0; i < batch->count; i++) {
        int length = snprintf(line, sizeof line, "@batch=b%s PRIVMSG #r :%.*s",
                              batch->lines[i].joined ? ";draft/multiline-concat" : "",
                              (int)batch->lines[i].text.length, batch->lines[i].text.data);

        says(session, line, (size_t)length);
    }
    says(session, "BATCH -b", strlen("BATCH -b"));
}

/* The next line of what a session was sent. */
static bool next(const char **text, size_t *length, struct irc_said *said)
{
    const char *end = *length > 0 ? memchr(*text, '\n', *length) : NULL;
    struct chat_text line;
    const char *wrong;

    if (!end)
        return false;
    line = (struct chat_text){*text, (size_t)(end - *text) - 1};
    wrong = irc_said_parse(line, said);
    must(!wrong, wrong);
    *length -= (size_t)(end - *text) + 1;
    *text = end + 1;
    return true;
}

static void check_batch(struct pl_session *session, const struct batch *batch, bool good)
{
    size_t length;
    const char *text = fake_take(session, &length);
    struct irc_said said;

    if (!good) {
        must(length == 0, "something of a bad batch");
        return;
    }
    must(next(&text, &length, &said) && irc_said_is(&said, "BATCH"), "no batch begins");
    for (size_t i = 0; i < batch->count; i++) {
        must(next(&text, &length, &said) && irc_said_is(&said, "PRIVMSG"), "a line is missing");
        must(chat_text_equal(said.params[1], batch->lines[i].text), "another text");
        must((irc_said_tag(&said, "draft/multiline-concat").data != NULL) ==
                 (batch->lines[i].joined && i > 0),
             "joined otherwise");
    }
    must(next(&text, &length, &said) && irc_said_is(&said, "BATCH"), "the batch stays open");
    must(length == 0, "more than the batch");
}

static void check_lines(struct pl_session *session, const struct batch *batch, bool good)
{
    size_t length;
    const char *text = fake_take(session, &length);
    struct irc_said said;

    for (size_t i = 0; good && i < batch->count; i++) {
        if (batch->lines[i].text.length == 0)
            continue;
        must(next(&text, &length, &said) && irc_said_is(&said, "PRIVMSG"), "a line is missing");
        must(chat_text_equal(said.params[1], batch->lines[i].text), "another text");
    }
    must(length == 0, "more than the lines");
}

static void check_sender(struct pl_session *session, bool good)
{
    size_t length;
    const char *text = fake_take(session, &length);
    struct irc_said said;

    must(good || (next(&text, &length, &said) && irc_said_is(&said, "FAIL")), "no failure");
    must(length == 0, "more than one failure, or an answer");
}

static void run(const struct batch *batch)
{
    struct pl_session *sender = comes("al", "batch draft/multiline");
    struct pl_session *knower = comes("bo", "batch draft/multiline");
    struct pl_session *other = comes("cy", "message-tags");
    struct pl_session *talker = talks();
    size_t length;
    const char *text;

    fake_take(sender, NULL);
    fake_take(knower, NULL);
    fake_take(other, NULL);
    send_batch(sender, batch);
    check_sender(sender, is_good(batch));
    check_batch(knower, batch, is_good(batch));
    check_lines(other, batch, is_good(batch));
    text = fake_take(talker, &length);
    must(text_is_clean(text, length), "talk sees what is not clean");
    talk_service.close(talker, PL_REASON_EOF);
    irc_service.close(other, PL_REASON_EOF);
    irc_service.close(knower, PL_REASON_EOF);
    irc_service.close(sender, PL_REASON_EOF);
    fake_free(talker);
    fake_free(other);
    fake_free(knower);
    fake_free(sender);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct chat_settings limits = {
        .nick_length = 9, .channel_length = 12, .topic_length = 390};
    static const struct talk_settings talk_settings = {
        .network = "Fuzz", .motd = "", .lobby = "#r"};
    static const struct irc_settings irc_settings = {.server = "fuzz.example",
                                                     .network = "Fuzz",
                                                     .description = "",
                                                     .contact = "",
                                                     .icon = "",
                                                     .password = "",
                                                     .motd = "",
                                                     .line = 512};
    static const struct chat_cloak_key key = {"the same key in every run"};
    struct batch batch = {.count = 0};

    if (!read_batch((const char *)data, size, &batch) || is_action(&batch))
        return 0;
    must(setlocale(LC_CTYPE, "C.UTF-8") && chat_world_new(&limits, 1, &world) == 0 &&
             talk_new(world, &talk_settings, &talk) == 0 &&
             irc_new(world, &irc_settings, &key, &irc) == 0,
         "nothing can be tried");
    run(&batch);
    talk_free(talk);
    irc_free(irc);
    chat_world_free(world);
    return 0;
}
