/* SPDX-License-Identifier: MIT */
/* Messages on several lines, as they come in. */
#include "config.h"

#include "irc/multiline.h"

#include "base/clock.h"
#include "chat/colour.h"
#include "irc/cap.h"
#include "irc/say.h"
#include "irc/tags.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define NAME_MAX   64 /* bytes of a batch's name */
#define TARGET_MAX (CHAT_NAME_MAX + 8)

#define NS_PER_SECOND UINT64_C(1000000000)

struct irc_multiline {
    bool failed;         /* what comes of it is passed over, up to its end */
    enum chat_kind kind; /* 0: there is no line yet */
    uint64_t until;      /* pli_clock_now() when it has been open too long; 0: never */
    size_t name_length;
    size_t label_length; /* 0: what opened it had none, or it has been answered */
    size_t target_length;
    size_t count;
    size_t length; /* of the text */
    bool said;     /* not all lines are blank */
    struct {
        size_t at;
        size_t length;
        bool joined;
    } lines[IRC_MULTILINE_LINES];
    char name[NAME_MAX];
    char label[IRC_LABEL_MAX];
    char target[TARGET_MAX];
    char text[IRC_MULTILINE_BYTES];
    size_t tags_length;
    char tags[]; /* client-only ones of what opened it */
};

void irc_multiline_free(struct irc_multiline *batch)
{
    free(batch);
}

static struct chat_text name_of(const struct irc_multiline *batch)
{
    return (struct chat_text){batch->name, batch->name_length};
}

static struct chat_text target_of(const struct irc_multiline *batch)
{
    return (struct chat_text){batch->target, batch->target_length};
}

/* Whether the client may send such messages. */
static bool knows(const struct irc_client *client)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    return (caps & IRC_CAPS_MULTILINE) == IRC_CAPS_MULTILINE;
}

/*
 * What answers to the batch has the label of what opened it: the running command's answer is put
 * away and comes back.
 */
static struct irc_answer *begin_answer(struct irc_client *client, struct irc_multiline *batch,
                                       struct irc_answer *answer)
{
    struct irc_answer *running = client->answer;

    if (!batch || batch->label_length == 0)
        return running;
    client->answer = NULL;
    irc_answer_begin(client, answer, (struct chat_text){batch->label, batch->label_length});
    batch->label_length = 0;
    return running;
}

static void end_answer(struct irc_client *client, struct irc_answer *running)
{
    if (client->answer == running)
        return;
    irc_answer_end(client);
    client->answer = running;
}

/* Gives up the batch that is open, if one is, and says why. Of the contexts each may be none. */
static void fail(struct irc_client *client, const char *code, struct chat_text context,
                 struct chat_text more, const char *text)
{
    struct irc_multiline *batch = client->multiline;
    struct irc_answer answer;
    struct irc_answer *running = begin_answer(client, batch, &answer);

    irc_fail_on(client, "BATCH", code, text, context, more);
    end_answer(client, running);
    if (batch)
        batch->failed = true;
}

static void invalid(struct irc_client *client)
{
    fail(client, "MULTILINE_INVALID", CHAT_NO_TEXT, CHAT_NO_TEXT, "Invalid multiline batch");
}

void irc_multiline_spoil(struct irc_client *client)
{
    if (client->multiline && !client->multiline->failed)
        invalid(client);
}

void irc_multiline_expire(struct irc_client *client)
{
    struct irc_multiline *batch = client->multiline;

    if (!batch || batch->failed || batch->until == 0 || pli_clock_now() < batch->until)
        return;
    fail(client, "TIMEOUT", name_of(batch), CHAT_NO_TEXT, "Multiline batch was open for too long");
}

/* -- Lines ------------------------------------------------------------------------------------ */

static bool is_command(const struct irc_message *message, const char *name)
{
    return message->command.length == strlen(name) &&
           strncasecmp(message->command.data, name, message->command.length) == 0;
}

static enum chat_kind kind_of(const struct irc_message *message)
{
    return is_command(message, "PRIVMSG")  ? CHAT_MESSAGE
           : is_command(message, "NOTICE") ? CHAT_NOTICE
                                           : 0;
}

/* What does no harm to a batch that is open. */
static bool may_come_between(const struct irc_message *message)
{
    static const char *const commands[] = {"BATCH", "PING", "PONG", "QUIT"};

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (is_command(message, commands[i]))
            return true;
    return false;
}

/* A line names its batch, perhaps goes on with the line before it, and has no other tag. */
static bool read_tags(struct chat_text tags, bool *joined)
{
    struct irc_tag tag;

    *joined = false;
    while (irc_tag_next(&tags, &tag)) {
        if (chat_text_equal(tag.key, chat_text("draft/multiline-concat")))
            *joined = true;
        else if (!chat_text_equal(tag.key, chat_text("batch")))
            return false;
    }
    return true;
}

static bool is_target(const struct irc_multiline *batch, struct chat_text target)
{
    return target.length == batch->target_length &&
           strncasecmp(target.data, batch->target, target.length) == 0;
}

static void keep_line(struct irc_client *client, struct chat_text text, bool joined)
{
    struct irc_multiline *batch = client->multiline;
    size_t between = batch->count > 0 && !joined ? 1 : 0;

    if (batch->count == IRC_MULTILINE_LINES) {
        fail(client, "MULTILINE_MAX_LINES", IRC_NUMBER(IRC_MULTILINE_LINES), CHAT_NO_TEXT,
             "Multiline batch max-lines exceeded");
        return;
    }
    if (between + text.length > IRC_MULTILINE_BYTES - batch->length) {
        fail(client, "MULTILINE_MAX_BYTES", IRC_NUMBER(IRC_MULTILINE_BYTES), CHAT_NO_TEXT,
             "Multiline batch max-bytes exceeded");
        return;
    }
    if (between > 0)
        batch->text[batch->length++] = '\n';
    batch->lines[batch->count].at = batch->length;
    batch->lines[batch->count].length = text.length;
    batch->lines[batch->count++].joined = joined;
    if (text.length > 0)
        memcpy(batch->text + batch->length, text.data, text.length);
    batch->length += text.length;
    batch->said = batch->said || text.length > 0;
}

/* The first line goes on with nothing, whatever it says. */
static void take_line(struct irc_client *client, const struct irc_message *message)
{
    struct irc_multiline *batch = client->multiline;
    struct chat_text target = irc_param(message, 0);
    struct chat_text text = irc_param(message, 1);
    enum chat_kind kind = kind_of(message);
    bool joined;

    if (kind == 0 || (batch->kind != 0 && batch->kind != kind) ||
        !read_tags(message->tags, &joined) || (joined && text.length == 0)) {
        invalid(client);
        return;
    }
    if (!is_target(batch, target)) {
        fail(client, "MULTILINE_INVALID_TARGET", target_of(batch), target,
             "Invalid multiline target");
        return;
    }
    batch->kind = kind;
    keep_line(client, text, joined && batch->count > 0);
}

bool irc_multiline_take(struct irc_client *client, const struct irc_message *message)
{
    struct irc_multiline *batch = client->multiline;
    struct irc_tag tag;

    if (!client->registered)
        return false;
    irc_multiline_expire(client);
    if ((batch || knows(client)) && irc_tag_find(message->tags, chat_text("batch"), &tag)) {
        if (!batch || !chat_text_equal(tag.value, name_of(batch)))
            invalid(client);
        else if (!batch->failed)
            take_line(client, message);
        return true;
    }
    if (batch && !batch->failed && !may_come_between(message))
        invalid(client);
    return false;
}

/* -- BATCH ------------------------------------------------------------------------------------ */

static bool is_name(struct chat_text name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9') || byte == '-'))
            return false;
    }
    return name.length > 0 && name.length <= NAME_MAX;
}

static bool can_be_target(struct chat_text target)
{
    return target.length > 0 && target.length <= TARGET_MAX &&
           !memchr(target.data, ',', target.length);
}

static struct irc_multiline *batch_new(const struct irc_client *client,
                                       const struct irc_message *message, struct chat_text name)
{
    char out[IRC_OWN_TAGS_MAX];
    struct chat_text tags = irc_client_tags(client, message, out);
    struct irc_multiline *batch = malloc(sizeof *batch + tags.length);

    if (!batch)
        return NULL;
    *batch = (struct irc_multiline){.name_length = name.length, .tags_length = tags.length};
    memcpy(batch->name, name.data, name.length);
    if (tags.length > 0)
        memcpy(batch->tags, tags.data, tags.length);
    return batch;
}

/* The label waits with the batch: what has opened it is answered at its end. */
static void keep_label(struct irc_client *client, struct irc_multiline *batch)
{
    struct irc_answer *answer = client->answer;

    if (!answer)
        return;
    batch->label_length = answer->label_length;
    memcpy(batch->label, answer->label, answer->label_length);
    answer->state = IRC_ANSWERED;
}

/* The session's timer is due then at the latest: where it finds nothing to do it is set again. */
static void limit_time(struct irc_client *client, struct irc_multiline *batch)
{
    uint64_t seconds = irc_settings_of(client)->batch_timeout;
    uint64_t interval = client->class->ping_interval;

    if (seconds == 0)
        return;
    batch->until = pli_clock_now() + seconds * NS_PER_SECOND;
    if (interval == 0 || seconds < interval)
        pl_session_set_timer(client->session, (unsigned)(seconds * 1000 + 1));
}

/* One that is opened while another one is open makes both fail. */
static void begin(struct irc_client *client, const struct irc_message *message,
                  struct chat_text name)
{
    struct chat_text target = irc_param(message, 2);
    bool nested = client->multiline && !client->multiline->failed;
    struct irc_multiline *batch;

    if (nested || !is_name(name))
        invalid(client);
    if (!is_name(name))
        return;
    batch = batch_new(client, message, name);
    if (!batch) {
        irc_explain(client, -ENOMEM, "BATCH", name);
        return;
    }
    irc_multiline_free(client->multiline);
    client->multiline = batch;
    batch->failed = nested;
    if (nested)
        return;
    if (!chat_text_equal(irc_param(message, 1), chat_text("draft/multiline")) ||
        message->count != 3 || !can_be_target(target)) {
        invalid(client);
        return;
    }
    batch->target_length = target.length;
    memcpy(batch->target, target.data, target.length);
    limit_time(client, batch);
    keep_label(client, batch);
}

/* Takes the frame off an action, which may end with the last line. */
static void unwrap(struct chat_words *words, struct chat_line *lines)
{
    size_t begin = strlen(IRC_ACTION_BEGIN);
    struct chat_text *last = &lines[words->line_count - 1].text;

    if (lines[0].text.length <= begin || lines[0].text.data[begin - 1] != ' ')
        return;
    words->kind = CHAT_ACTION;
    lines[0].text.data += begin;
    lines[0].text.length -= begin;
    if (last->length > 0 && last->data[last->length - 1] == IRC_ACTION_END)
        last->length--;
    words->text.data = lines[0].text.data;
    words->text.length = (size_t)(last->data + last->length - words->text.data);
}

/* The lines without colours, and what they make together, which is put to OUT. */
static struct chat_text strip(const struct chat_words *words, struct chat_line *plain, char *out)
{
    size_t length = 0;
    size_t said = 0;

    for (size_t i = 0; i < words->line_count; i++) {
        const struct chat_line *line = &words->lines[i];

        if (i > 0 && !line->joined)
            out[length++] = '\n';
        plain[i].joined = line->joined;
        plain[i].text.data = out + length;
        plain[i].text.length = chat_colour_strip(line->text, out + length);
        length += plain[i].text.length;
        said += plain[i].text.length;
    }
    return (struct chat_text){out, said > 0 ? length : 0};
}

static bool any_is_ctcp(const struct chat_words *words)
{
    for (size_t i = 0; i < words->line_count; i++)
        if (irc_is_ctcp(words->lines[i].text))
            return true;
    return false;
}

static void say(struct irc_client *client, const struct irc_multiline *batch)
{
    bool quiet = batch->kind == CHAT_NOTICE;
    struct chat_line lines[IRC_MULTILINE_LINES];
    struct chat_line plain[IRC_MULTILINE_LINES];
    char stripped[IRC_MULTILINE_BYTES];
    struct chat_words words = {
        .kind = batch->kind,
        .text = {batch->text, batch->length},
        .tags = {batch->tags, batch->tags_length},
        .lines = lines,
        .line_count = batch->count,
    };

    for (size_t i = 0; i < batch->count; i++) {
        lines[i].text =
            (struct chat_text){batch->text + batch->lines[i].at, batch->lines[i].length};
        lines[i].joined = batch->lines[i].joined;
    }
    words.ctcp = any_is_ctcp(&words);
    if (batch->kind == CHAT_MESSAGE && irc_is_action(words.text))
        unwrap(&words, lines);
    if (chat_colour_is_in(words.text)) {
        words.plain = strip(&words, plain, stripped);
        words.plain_lines = plain;
    }
    irc_say_to(client, quiet ? "NOTICE" : "PRIVMSG", &words, target_of(batch), quiet);
}

static void finish(struct irc_client *client, struct chat_text name)
{
    struct irc_multiline *batch = client->multiline;
    struct irc_answer answer;
    struct irc_answer *running;

    if (!batch || !chat_text_equal(name, name_of(batch))) {
        invalid(client);
        return;
    }
    if (!batch->failed && !batch->said)
        invalid(client);
    client->multiline = NULL;
    if (!batch->failed) {
        running = begin_answer(client, batch, &answer);
        say(client, batch);
        end_answer(client, running);
    }
    irc_multiline_free(batch);
}

/* BATCH +name draft/multiline target | -name */
void irc_do_batch(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = message->params[0];
    char sign = name.length > 0 ? name.data[0] : '\0';

    if (!knows(client) && !client->multiline) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return;
    }
    if (sign != '+' && sign != '-') {
        invalid(client);
        return;
    }
    name = (struct chat_text){name.data + 1, name.length - 1};
    if (sign == '+')
        begin(client, message, name);
    else
        finish(client, name);
}
