/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/reply.h"

#include "base/utf8.h"

#include <paceline/session.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/*
 * Only one batch of a client is open at any time, and one within it, so their names need not
 * change.
 */
#define BATCH  "1"
#define NESTED "2"

/* Sends a finished line with one tag more. */
static void send_tagged(struct irc_client *client, const char *key, struct chat_text value,
                        const struct irc_line *line)
{
    char text[IRC_TAGS_MAX + IRC_LINE_MAX];
    bool has_tags = line->tags > 0;
    int length = snprintf(text, sizeof text, "@%s=%.*s%c", key, (int)value.length, value.data,
                          has_tags ? ';' : ' ');
    size_t rest = line->length - (has_tags ? 1 : 0);

    if (length < 0 || (size_t)length + rest > sizeof text) {
        (void)pl_session_send(client->session, line->data, line->length);
        return;
    }
    memcpy(text + length, line->data + (has_tags ? 1 : 0), rest);
    (void)pl_session_send(client->session, text, (size_t)length + rest);
}

static struct chat_text label_of(const struct irc_answer *answer)
{
    return (struct chat_text){answer->label, answer->label_length};
}

static void open_batch(struct irc_client *client, struct irc_answer *answer)
{
    struct irc_line line;

    irc_begin(client, &line, "BATCH +" BATCH " labeled-response");
    irc_line_end(&line);
    send_tagged(client, "label", label_of(answer), &line);
    if (answer->state == IRC_HELD)
        send_tagged(client, "batch", chat_text(BATCH), &answer->held);
    answer->state = IRC_BATCH;
}

static void hold(struct irc_answer *answer, const struct irc_line *line)
{
    answer->held.tags = line->tags;
    answer->held.length = line->length;
    memcpy(answer->held.data, line->data, line->length);
    answer->state = IRC_HELD;
}

static void answer_with(struct irc_client *client, struct irc_answer *answer,
                        const struct irc_line *line)
{
    switch (answer->state) {
    case IRC_UNANSWERED:
        if (!answer->single) {
            hold(answer, line);
            break;
        }
        send_tagged(client, "label", label_of(answer), line);
        answer->state = IRC_ANSWERED;
        break;
    case IRC_HELD:
        open_batch(client, answer);
        send_tagged(client, "batch", chat_text(BATCH), line);
        break;
    case IRC_BATCH:
        send_tagged(client, "batch", chat_text(BATCH), line);
        break;
    case IRC_ANSWERED:
        (void)pl_session_send(client->session, line->data, line->length);
        break;
    }
}

void irc_emit(struct irc_client *client, struct irc_line *line)
{
    client->answers++;
    irc_line_end(line);
    if (client->nested)
        send_tagged(client, "batch", chat_text(NESTED), line);
    else if (client->answer)
        answer_with(client, client->answer, line);
    else
        (void)pl_session_send(client->session, line->data, line->length);
}

void irc_emit_in_order(struct irc_client *client, struct irc_line *line)
{
    struct irc_answer *answer = client->answer;

    if (answer &&
        (answer->state == IRC_HELD || (answer->state == IRC_UNANSWERED && !answer->single)))
        open_batch(client, answer);
    irc_emit(client, line);
}

void irc_emit_aside(struct irc_client *client, struct irc_line *line)
{
    irc_line_end(line);
    (void)pl_session_send(client->session, line->data, line->length);
}

void irc_batch_begin(struct irc_client *client, const char *type, struct chat_text parameter)
{
    struct irc_line line;

    irc_begin(client, &line, "BATCH +" NESTED " ");
    irc_line_puts(&line, type);
    if (parameter.data) {
        irc_line_puts(&line, " ");
        irc_line_middle(&line, parameter);
    }
    irc_emit_in_order(client, &line); /* the batch of an answer begins before it */
    client->nested = true;
}

void irc_batch_end(struct irc_client *client)
{
    struct irc_line line;

    client->nested = false;
    irc_begin(client, &line, "BATCH -" NESTED);
    irc_emit(client, &line);
}

void irc_batch_suspend(struct irc_client *client)
{
    client->nested = false;
}

void irc_batch_resume(struct irc_client *client)
{
    client->nested = true;
}

void irc_answer_begin(struct irc_client *client, struct irc_answer *answer, struct chat_text label)
{
    answer->state = IRC_UNANSWERED;
    answer->single = false;
    answer->label_length = label.length;
    memcpy(answer->label, label.data, label.length);
    client->answer = answer;
}

void irc_answer_end(struct irc_client *client)
{
    struct irc_answer *answer = client->answer;
    struct irc_line line;

    if (!answer)
        return;
    client->answer = NULL;
    switch (answer->state) {
    case IRC_UNANSWERED:
        irc_begin(client, &line, "ACK");
        irc_line_end(&line);
        send_tagged(client, "label", label_of(answer), &line);
        break;
    case IRC_HELD:
        send_tagged(client, "label", label_of(answer), &answer->held);
        break;
    case IRC_BATCH:
        irc_begin(client, &line, "BATCH -" BATCH);
        irc_emit(client, &line);
        break;
    case IRC_ANSWERED:
        break;
    }
}

void irc_answer_suspend(struct irc_client *client)
{
    struct irc_answer *answer = client->answer;

    if (!answer)
        return;
    if (answer->state != IRC_BATCH)
        open_batch(client, answer);
    client->parts_batch = true;
    client->answer = NULL;
}

void irc_answer_resume(struct irc_client *client, struct irc_answer *answer)
{
    if (!client->parts_batch)
        return;
    client->parts_batch = false;
    answer->state = IRC_BATCH;
    answer->single = false;
    client->answer = answer;
}

void irc_answer_single(struct irc_client *client)
{
    if (client->answer)
        client->answer->single = true;
}

void irc_answer_several(struct irc_client *client)
{
    if (client->answer)
        client->answer->single = false;
}

void irc_begin(struct irc_client *client, struct irc_line *line, const char *command)
{
    irc_line_begin(line);
    irc_line_puts(line, ":");
    irc_line_puts(line, irc_settings_of(client)->server);
    irc_line_puts(line, " ");
    irc_line_puts(line, command);
}

void irc_notice(struct irc_client *client, struct chat_text text)
{
    struct irc_line line;

    irc_begin(client, &line, "NOTICE ");
    irc_line_puts(&line, client->nick);
    irc_line_puts(&line, " :");
    irc_line_put(&line, text);
    irc_emit(client, &line);
}

void irc_begin_numeric(struct irc_client *client, struct irc_line *line,
                       enum irc_numeric_index numeric)
{
    char number[8];

    snprintf(number, sizeof number, "%03u ", irc_numerics[numeric].number);
    irc_begin(client, line, number);
    irc_line_puts(line, client->nick ? client->nick : "*");
    irc_line_puts(line, " ");
}

/* A parameter that somebody has made long must leave room for what follows. */
#define MIDDLE_MAX 300

static void put_argument(struct irc_line *line, char kind, struct chat_text argument)
{
    if (kind == '&') {
        irc_line_put(line, argument);
        return;
    }
    if (argument.length > MIDDLE_MAX)
        argument.length = pli_utf8_cut(argument.data, argument.length, MIDDLE_MAX);
    irc_line_middle(line, argument);
}

void irc_reply_texts(struct irc_client *client, enum irc_numeric_index numeric,
                     const struct chat_text *arguments)
{
    const char *text = irc_numerics[numeric].text;
    struct irc_line line;

    irc_begin_numeric(client, &line, numeric);
    while (*text) {
        size_t plain = strcspn(text, "$&");

        irc_line_put(&line, (struct chat_text){text, plain});
        text += plain;
        if (*text)
            put_argument(&line, *text++, *++arguments);
    }
    irc_emit(client, &line);
}

struct chat_text irc_decimal(uint64_t number, char text[24])
{
    return (struct chat_text){text, (size_t)snprintf(text, 24, "%" PRIu64, number)};
}

void irc_standard(struct irc_client *client, const char *kind, struct chat_text command,
                  const char *code, const char *text, const struct chat_text *contexts)
{
    struct irc_line line;

    irc_begin(client, &line, kind);
    irc_line_puts(&line, " ");
    irc_line_middle(&line, command);
    irc_line_puts(&line, " ");
    irc_line_puts(&line, code);
    for (; contexts->data; contexts++) {
        irc_line_puts(&line, " ");
        put_argument(&line, '$', *contexts);
    }
    irc_line_puts(&line, " :");
    irc_line_puts(&line, text);
    irc_emit(client, &line);
}

void irc_fail(struct irc_client *client, struct chat_text command, const char *code,
              struct chat_text context, const char *text)
{
    irc_standard(client, "FAIL", command, code, text,
                 (const struct chat_text[]){context, CHAT_NO_TEXT});
}

/* Numerics that say all with the name alone. */
static const struct {
    int outcome;
    enum irc_numeric_index numeric;
} explanations[] = {
    {CHAT_NICK_BAD, IRC_ERR_ERRONEUSNICKNAME},
    {CHAT_NICK_LONG, IRC_ERR_ERRONEUSNICKNAME},
    {CHAT_NICK_TAKEN, IRC_ERR_NICKNAMEINUSE},
    {CHAT_CHANNEL_LONG, IRC_ERR_NOSUCHCHANNEL},
    {CHAT_NO_SUCH_NICK, IRC_ERR_NOSUCHNICK},
    {CHAT_NO_SUCH_CHANNEL, IRC_ERR_NOSUCHCHANNEL},
    {CHAT_NOT_OPERATOR, IRC_ERR_CHANOPRIVSNEEDED},
    {CHAT_NO_RIGHT, IRC_ERR_NOPRIVS},
    {CHAT_NO_ACCESS, IRC_ERR_CHANOPRIVSNEEDED},
    {CHAT_BANNED, IRC_ERR_BANNEDFROMCHAN},
    {CHAT_INVITE_ONLY, IRC_ERR_INVITEONLYCHAN},
    {CHAT_BAD_KEY, IRC_ERR_BADCHANNELKEY},
    {CHAT_FULL, IRC_ERR_CHANNELISFULL},
    {CHAT_THROTTLED, IRC_ERR_THROTTLE},
    {CHAT_NEED_ACCOUNT, IRC_ERR_NEEDREGGEDNICK},
    {CHAT_NEED_TLS, IRC_ERR_SECUREONLYCHAN},
    {CHAT_MODERATED, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_MUTED, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_TOO_SOON, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_TOO_MANY_LINES, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_REPEATED, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_TOO_MANY_NICKS, IRC_ERR_NICKTOOFAST},
    {CHAT_CTCP_REFUSED, IRC_ERR_CANNOTSENDTOCHAN},
    {CHAT_NOT_ON_CHANNEL, IRC_ERR_NOTONCHANNEL},
    {CHAT_TOO_MANY_CHANNELS, IRC_ERR_TOOMANYCHANNELS},
};

/* What the server itself lacks. */
static const char *trouble(int outcome)
{
    return outcome == -ENOMEM        ? "Out of memory"
           : outcome == -EAGAIN      ? "Too busy, try again later"
           : outcome == CHAT_SERVICE ? "That is a service of the server"
                                     : "That did not work";
}

void irc_explain(struct irc_client *client, int outcome, const char *command, struct chat_text name)
{
    chat_limit_hit_for(client->world, outcome);
    if (outcome == CHAT_FILTERED)
        irc_fail(client, chat_text(command), "FILTERED", CHAT_NO_TEXT,
                 chat_judged_reason(client->world));
    if (outcome == CHAT_LOCKED_DOWN)
        irc_fail(client, chat_text(command), "LOCKED_DOWN", CHAT_NO_TEXT,
                 "That is not possible while the server is locked down");
    if (outcome == CHAT_FILTERED || outcome == CHAT_LOCKED_DOWN ||
        outcome == CHAT_TAKEN_OUT) /* which has been told */
        return;
    for (size_t i = 0; i < sizeof explanations / sizeof explanations[0]; i++) {
        if (explanations[i].outcome == outcome) {
            irc_reply(client, explanations[i].numeric, name);
            return;
        }
    }
    if (outcome == CHAT_CHANNEL_BAD)
        irc_reply(client,
                  name.length > 0 && name.data[0] == '#' ? IRC_ERR_BADCHANMASK
                                                         : IRC_ERR_NOSUCHCHANNEL,
                  name);
    else
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text(command), chat_text(trouble(outcome)));
}
